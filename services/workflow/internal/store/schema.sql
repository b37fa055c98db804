-- For sqlc alone: the installation makes the schema before migrations run.
CREATE SCHEMA workflow;

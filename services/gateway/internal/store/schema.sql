-- For sqlc only: in a database, the installation makes the schema before the migrations run.
CREATE SCHEMA gateway;

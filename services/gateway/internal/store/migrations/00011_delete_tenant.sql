-- +goose Up

-- Set once the tenant is ended; the row goes when everything else of it is gone.
ALTER TABLE gateway.tenants ADD COLUMN delete_time timestamptz;
CREATE INDEX tenants_deleted ON gateway.tenants (delete_time) WHERE delete_time IS NOT NULL;

-- +goose Up

-- Path of the folder that a file lies in, names with slashes between them; empty for none. In the order of bytes, so that all
-- folders below one are side by side.
ALTER TABLE storage.files ADD COLUMN folder text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE storage.uploads ADD COLUMN folder text NOT NULL DEFAULT '';
CREATE INDEX files_folder ON storage.files (tenant_id, folder, create_time DESC, id DESC);

-- name: HoldsOf :many
-- Those of the given entries that are kept; of all entries when none is given.
SELECT entry, run, run_component, workflow, hold_time FROM storage.holds
WHERE tenant_id = @tenant_id AND component_uid = @component_uid AND (cardinality(@entries::text[]) = 0 OR entry = ANY (@entries::text[]));

-- name: InsertHold :exec
INSERT INTO storage.holds (tenant_id, component_uid, entry, run, run_component, workflow, hold_time)
VALUES (@tenant_id, @component_uid, @entry, @run, @run_component, @workflow, @hold_time);

-- name: DeleteHold :exec
DELETE FROM storage.holds WHERE tenant_id = @tenant_id AND component_uid = @component_uid AND entry = @entry;

-- name: DeleteHoldsOf :exec
DELETE FROM storage.holds WHERE tenant_id = @tenant_id AND starts_with(component_uid, @prefix::text);

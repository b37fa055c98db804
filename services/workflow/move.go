package workflow

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/pkg/tenantdata"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
	"github.com/aqtra/aqtra/services/workflow/internal/store"
)

// moves are the runs r that travel: those that have ended or wait, of what is or was live. One that a process works on right now would
// go on here, and once more where it arrives.
const moves = "r.release_id !~ '^prv-' AND (r.state >= 3 OR r.state = 2 AND r.owner IS NULL)"

// TenantTables says how runs with their history and questions travel to another installation.
func TenantTables() []tenantdata.Table {
	table := func(name string, t tenantdata.Table) tenantdata.Table {
		t.Schema, t.Name = store.Schema, name
		return t
	}
	const of = "EXISTS (SELECT FROM workflow.runs r WHERE r.tenant_id = t.tenant_id AND r.id = t.run_id AND " + moves + ")"
	return []tenantdata.Table{
		table("runs", tenantdata.Table{
			Only:    "EXISTS (SELECT FROM (SELECT t.*) r WHERE " + moves + ")",
			Without: []string{"owner"}, People: []string{"subject"}, Arrive: person,
		}),
		table("inbox", tenantdata.Table{Only: of}),
		table("tasks", tenantdata.Table{Only: of, People: []string{"users", "answer_subject", "assignee"}}),
		table("requests", tenantdata.Table{Only: of}),
		table("payloads", tenantdata.Table{Only: of}),
		table("history", tenantdata.Table{Only: of}),
		table("notices", tenantdata.Table{Only: "t.preview = '' AND t.mail <> 1", People: []string{"user_id"}}),
		table("schedules", tenantdata.Table{People: []string{"subject"}}),
	}
}

// person gives the variable "user" of a run the id that the user has now, and refuses what is no variable.
func person(r *tenantdata.Row, people map[string]string) error {
	b, err := r.Bytes("person")
	if err != nil {
		return err
	}
	v, err := engine.Decode(b)
	if err != nil {
		return err
	}
	user, _ := v.(map[string]any)
	id, _ := user["id"].(string)
	now, changed := people[id]
	if !changed {
		return nil
	}
	user["id"] = now
	if b, err = engine.Encode(user); err != nil {
		return err
	}
	return r.SetBytes("person", b)
}

// Staying lists runs that do not travel because they are not at rest, at most limit of them.
func Staying(ctx context.Context, tx pgx.Tx, tenant string, limit int) ([]string, error) {
	rows, err := tx.Query(ctx, "SELECT r.id FROM workflow.runs r WHERE r.tenant_id = $1 AND r.release_id !~ '^prv-' AND NOT ("+moves+") ORDER BY r.id LIMIT $2", tenant, limit)
	if err != nil {
		return nil, fmt.Errorf("list running runs: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list running runs: %w", err)
	}
	return ids, nil
}

package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
)

// listQuery makes the statement for a filter. Each filter has one of its own, and says how many rows it wants: one statement for
// all, with conditions that hold when a parameter is empty, is planned for none of them and reads every run.
func listQuery(tenant string, f engine.RunFilter) (sql string, args []any) {
	var where strings.Builder
	and := func(condition string, arg any) {
		args = append(args, arg)
		fmt.Fprintf(&where, " AND "+condition, len(args))
	}
	args = append(args, tenant)
	if f.Component != "" {
		and("component = $%d", f.Component)
	}
	if f.Workflow != "" {
		and("workflow = $%d", f.Workflow)
	}
	if f.BusinessKey != "" {
		and("business_key = $%d AND business_key <> ''", f.BusinessKey)
	}
	switch f.State { // numbers, so that the indexes of few runs can serve
	case 0:
	case engine.Running, engine.Waiting:
		fmt.Fprintf(&where, " AND state = %d AND finish_time IS NULL", f.State)
	default:
		fmt.Fprintf(&where, " AND state = %d", f.State)
	}
	if f.Before != "" {
		and("id < $%d", f.Before)
	}
	if f.Preview == "" {
		where.WriteString(" AND NOT starts_with(release_id, 'prv-')")
	} else {
		and("starts_with(release_id, 'prv-') AND release_id = $%d", f.Preview)
	}
	return fmt.Sprintf("SELECT id, component, workflow, release_id, state, business_key, entry_id, error, subject, create_time, finish_time, position "+
		"FROM workflow.runs WHERE tenant_id = $1%s ORDER BY id DESC LIMIT %d", where.String(), f.Limit), args
}

// Runs implements engine.Store.
func (s *Store) Runs(ctx context.Context, tenant string, f engine.RunFilter) ([]engine.Run, error) {
	sql, args := listQuery(tenant, f)
	rows, err := postgres.Reach(s.db.Tenant(tenant)).Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (engine.Run, error) {
		r := engine.Run{Tenant: tenant}
		var state int16
		var problem []byte
		var finish *time.Time
		err := row.Scan(&r.ID, &r.Component, &r.Workflow, &r.Release, &state, &r.BusinessKey, &r.Entry, &problem, &r.Subject, &r.CreateTime, &finish, &r.Position)
		if err != nil {
			return r, err
		}
		r.State, r.FinishTime = engine.State(state), finish
		r.Error, err = decodeError(problem)
		return r, err
	})
}

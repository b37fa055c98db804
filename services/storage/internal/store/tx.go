package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/pkg/postgres"

	"github.com/aqtra/aqtra/services/storage/internal/engine"
	"github.com/aqtra/aqtra/services/storage/internal/query"
	"github.com/aqtra/aqtra/services/storage/internal/store/db"
)

// tx is one transaction. Statements over entries take the tenant's role for their round trip and give it back, because the
// control tables belong to the application's role.
type tx struct {
	tx    pgx.Tx
	place engine.Place
	q     *db.Queries
}

var _ engine.Tx = (*tx)(nil)

// asTenant runs a batch in the tenant's role.
func (t *tx) asTenant(ctx context.Context, queue func(*pgx.Batch)) error {
	batch := &pgx.Batch{}
	batch.Queue(setRole, t.place.Role)
	queue(batch)
	batch.Queue(resetRole)
	return t.tx.SendBatch(ctx, batch).Close()
}

// Entries implements engine.Tx.
func (t *tx) Entries(ctx context.Context, stmt query.Statement, cols query.Columns) ([]engine.Entry, error) {
	var entries []engine.Entry
	err := t.asTenant(ctx, func(b *pgx.Batch) {
		b.Queue(stmt.SQL, stmt.Args...).Query(func(rows pgx.Rows) error {
			var err error
			entries, err = readEntries(rows, cols, t.place.Key)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read entries: %w", err)
	}
	return entries, nil
}

// IDs implements engine.Tx.
func (t *tx) IDs(ctx context.Context, stmt query.Statement) ([]string, error) {
	var ids []string
	err := t.asTenant(ctx, func(b *pgx.Batch) {
		b.Queue(stmt.SQL, stmt.Args...).Query(func(rows pgx.Rows) error {
			var err error
			ids, err = pgx.CollectRows(rows, pgx.RowTo[string])
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read ids: %w", err)
	}
	return ids, nil
}

// Flags implements engine.Tx.
func (t *tx) Flags(ctx context.Context, stmt query.Statement) (map[string][]bool, error) {
	flags := map[string][]bool{}
	err := t.asTenant(ctx, func(b *pgx.Batch) {
		b.Queue(stmt.SQL, stmt.Args...).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				var id string
				answers := make([]bool, len(rows.FieldDescriptions())-1)
				dest := []any{&id}
				for i := range answers {
					dest = append(dest, &answers[i])
				}
				if err := rows.Scan(dest...); err != nil {
					return err
				}
				flags[id] = answers
			}
			return rows.Err()
		})
	})
	if err != nil {
		return nil, fmt.Errorf("check entries: %w", err)
	}
	return flags, nil
}

// Exec implements engine.Tx.
func (t *tx) Exec(ctx context.Context, stmts []query.Statement) ([]int64, error) {
	batch := &pgx.Batch{}
	batch.Queue(setRole, t.place.Role)
	for _, s := range stmts {
		batch.Queue(s.SQL, s.Args...)
	}
	batch.Queue(resetRole)
	results := t.tx.SendBatch(ctx, batch)
	defer func() { _ = results.Close() }() // its error is that of the statement
	if _, err := results.Exec(); err != nil {
		return nil, fmt.Errorf("take role: %w", err)
	}
	counts := make([]int64, len(stmts))
	for i := range stmts {
		tag, err := results.Exec()
		if name, ok := postgres.IsUnique(err); ok {
			return nil, &engine.Violation{Index: i, Constraint: name, Unique: true, Cause: err}
		}
		if name, ok := postgres.IsForeignKey(err); ok {
			return nil, &engine.Violation{Index: i, Constraint: name, Cause: err}
		}
		if err != nil {
			return nil, fmt.Errorf("change entries: %w", err)
		}
		counts[i] = tag.RowsAffected()
	}
	return counts, results.Close()
}

// Files implements engine.Tx.
func (t *tx) Files(ctx context.Context, ids []string) (map[string]engine.StoredFile, error) {
	rows, err := t.q.FilesForReference(ctx, db.FilesForReferenceParams{TenantID: t.place.Tenant, Ids: ids})
	if err != nil {
		return nil, fmt.Errorf("read files: %w", err)
	}
	files := make(map[string]engine.StoredFile, len(rows))
	for _, r := range rows {
		files[r.ID] = engine.StoredFile{ContentType: r.ContentType, Size: r.Size}
	}
	return files, nil
}

// Claim implements engine.Tx.
func (t *tx) Claim(ctx context.Context, requestID string, fingerprint []byte, now time.Time) (bool, []byte, []byte, error) {
	n, err := t.q.ClaimRequest(ctx, db.ClaimRequestParams{TenantID: t.place.Tenant, RequestID: t.place.Own(requestID), Fingerprint: fingerprint, CreateTime: now})
	if err != nil {
		return false, nil, nil, fmt.Errorf("claim request id: %w", err)
	}
	if n == 1 {
		return false, nil, nil, nil
	}
	row, err := t.q.RequestByID(ctx, db.RequestByIDParams{TenantID: t.place.Tenant, RequestID: t.place.Own(requestID)})
	if err != nil {
		return false, nil, nil, fmt.Errorf("read request id: %w", err)
	}
	return true, row.Fingerprint, row.Response, nil
}

// Finish implements engine.Tx.
func (t *tx) Finish(ctx context.Context, requestID string, response []byte) error {
	err := t.q.FinishRequest(ctx, db.FinishRequestParams{TenantID: t.place.Tenant, RequestID: t.place.Own(requestID), Response: response})
	if err != nil {
		return fmt.Errorf("store response: %w", err)
	}
	return nil
}

// Record implements engine.Tx.
func (t *tx) Record(ctx context.Context, about engine.Origin, changes []engine.Change, starts []engine.Start) error {
	p := db.InsertChangesParams{
		TenantID: t.place.Tenant, ComponentUid: t.place.Own(about.Component.UID), ChangeTime: about.Stamp.Time, Subject: about.Stamp.Subject, Release: about.Release,
	}
	for _, c := range changes {
		p.Entries, p.Operations = append(p.Entries, c.Entry), append(p.Operations, c.Operation)
		p.Befores, p.Afters = append(p.Befores, c.Before), append(p.Afters, c.After)
	}
	if len(changes) > 0 {
		if err := t.q.InsertChanges(ctx, p); err != nil {
			return fmt.Errorf("record changes: %w", err)
		}
	}
	if len(starts) == 0 {
		return nil
	}
	o := db.InsertOutboxParams{TenantID: t.place.Tenant, Component: about.Component.ID, Release: about.Release, Subject: about.Stamp.Subject, Now: about.Stamp.Time}
	for _, s := range starts {
		o.Ids, o.Entries = append(o.Ids, s.ID), append(o.Entries, s.Entry)
		o.Workflows, o.Inputs = append(o.Workflows, s.Workflow), append(o.Inputs, s.Input)
	}
	if err := t.q.InsertOutbox(ctx, o); err != nil {
		return fmt.Errorf("record starts: %w", err)
	}
	if err := t.q.NotifyOutbox(ctx); err != nil {
		return fmt.Errorf("notify relay: %w", err)
	}
	return nil
}

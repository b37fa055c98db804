package store

import (
	"bytes"
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/pkg/postgres"

	"github.com/aqtra/aqtra/services/storage/internal/engine"
	"github.com/aqtra/aqtra/services/storage/internal/query"
	"github.com/aqtra/aqtra/services/storage/internal/store/db"
)

// ClaimChunk implements engine.Tx.
func (t *tx) ClaimChunk(ctx context.Context, about engine.Origin, key engine.ChunkKey) (*engine.StoredChunk, error) {
	n, err := t.q.ClaimChunk(ctx, db.ClaimChunkParams{
		TenantID: t.place.Tenant, Job: t.place.Own(key.Job), Chunk: key.Number, ComponentUid: t.place.Own(about.Component.UID), Digest: key.Digest,
		Subject: about.Stamp.Subject, Release: about.Release, ChangeTime: about.Stamp.Time,
	})
	if err != nil {
		return nil, fmt.Errorf("claim chunk: %w", err)
	}
	if n == 1 {
		return nil, nil
	}
	row, err := t.q.ChunkByNumber(ctx, db.ChunkByNumberParams{TenantID: t.place.Tenant, Job: t.place.Own(key.Job), Chunk: key.Number})
	if err != nil {
		return nil, fmt.Errorf("read chunk: %w", err)
	}
	return &engine.StoredChunk{Digest: row.Digest, ChunkCounts: engine.ChunkCounts{Created: row.Created, Updated: row.Updated, Unchanged: row.Unchanged}}, nil
}

// Load implements engine.Tx. Nothing of it is prepared: the table is another one for every chunk. It belongs to the application,
// which lets the tenant's role read it: that role needs no right to make temporary tables, of which there would be one for each
// tenant in the database's own row of the catalogue.
func (t *tx) Load(ctx context.Context, chunk query.Chunk, lines []byte) error {
	for _, sql := range []string{chunk.Create, chunk.Grant(t.place.Role)} {
		if _, err := t.tx.Exec(ctx, sql, pgx.QueryExecModeExec); err != nil {
			return fmt.Errorf("make table of chunk: %w", err)
		}
	}
	if _, err := t.tx.Conn().PgConn().CopyFrom(ctx, bytes.NewReader(lines), chunk.Copy); err != nil {
		return fmt.Errorf("copy chunk: %w", err)
	}
	return nil
}

// Upsert implements engine.Tx.
func (t *tx) Upsert(ctx context.Context, stmt query.Statement) (engine.Upserted, error) {
	var out engine.Upserted
	if err := t.take(ctx, t.place.Role); err != nil {
		return out, err
	}
	err := t.tx.QueryRow(ctx, stmt.SQL, append([]any{pgx.QueryExecModeExec}, stmt.Args...)...).
		Scan(&out.Created, &out.Updated, &out.CreatedIDs, &out.UpdatedIDs)
	if name, ok := postgres.IsUnique(err); ok {
		return out, &engine.Violation{Constraint: name, Unique: true, Cause: err}
	}
	if name, ok := postgres.IsForeignKey(err); ok {
		return out, &engine.Violation{Constraint: name, Cause: err}
	}
	if err != nil {
		return out, fmt.Errorf("store chunk: %w", err)
	}
	return out, t.take(ctx, "none")
}

// FinishChunk implements engine.Tx.
func (t *tx) FinishChunk(ctx context.Context, key engine.ChunkKey, counts engine.ChunkCounts) error {
	err := t.q.FinishChunk(ctx, db.FinishChunkParams{
		TenantID: t.place.Tenant, Job: t.place.Own(key.Job), Chunk: key.Number, Created: counts.Created, Updated: counts.Updated, Unchanged: counts.Unchanged,
	})
	return wrap("record chunk", err)
}

// take changes the role of the transaction.
func (t *tx) take(ctx context.Context, role string) error {
	_, err := t.tx.Exec(ctx, setRole, role)
	return wrap("take role", err)
}

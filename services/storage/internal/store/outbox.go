package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"

	"github.com/aqtra/aqtra/services/storage/internal/engine"
	"github.com/aqtra/aqtra/services/storage/internal/outbox"
	"github.com/aqtra/aqtra/services/storage/internal/store/db"
)

// outboxChannel is notified when rows were added.
const outboxChannel = "aqtra_storage_outbox"

// Outbox is the part of the store that the relay works on, across tenants.
type Outbox struct{ *Store }

var _ outbox.Rows = Outbox{}

// Claim implements outbox.Rows.
func (o Outbox) Claim(ctx context.Context, owner string, now, leaseEnd time.Time, n int) ([]outbox.Row, error) {
	claimed, err := db.New(o.db.System()).ClaimOutbox(ctx, db.ClaimOutboxParams{Owner: owner, Now: now, LeaseEnd: leaseEnd, BatchSize: int32(n)})
	if err != nil {
		return nil, fmt.Errorf("claim outbox: %w", err)
	}
	rows := make([]outbox.Row, len(claimed))
	for i, c := range claimed {
		rows[i] = outbox.Row{Tenant: c.TenantID, ID: c.ID, Component: c.Component, Entry: c.Entry, Workflow: c.Workflow,
			Release: c.Release, Subject: c.Subject, Sealed: c.Input, Attempts: int(c.Attempts)}
	}
	return rows, nil
}

// Open implements outbox.Rows.
func (o Outbox) Open(ctx context.Context, r outbox.Row) (*typev1.Value, error) {
	p, err := o.Home(ctx, r.Tenant)
	if err != nil {
		return nil, err
	}
	data, err := p.Key.Open(r.Sealed, engine.InputContext(r.Entry))
	if err != nil {
		return nil, fmt.Errorf("decrypt input: %w", err)
	}
	v := new(typev1.Value)
	if err := proto.Unmarshal(data, v); err != nil {
		return nil, fmt.Errorf("decode input: %w", err)
	}
	return v, nil
}

// Done implements outbox.Rows.
func (o Outbox) Done(ctx context.Context, r outbox.Row) error {
	_, err := db.New(o.db.System()).DeleteOutbox(ctx, db.DeleteOutboxParams{TenantID: r.Tenant, ID: r.ID})
	return wrap("delete outbox row", err)
}

// Retry implements outbox.Rows.
func (o Outbox) Retry(ctx context.Context, r outbox.Row, owner string, at time.Time) error {
	_, err := db.New(o.db.System()).RetryOutbox(ctx, db.RetryOutboxParams{TenantID: r.Tenant, ID: r.ID, Owner: owner, DueTime: at})
	return wrap("put off outbox row", err)
}

// Fail implements outbox.Rows.
func (o Outbox) Fail(ctx context.Context, r outbox.Row, owner, why string) error {
	_, err := db.New(o.db.System()).FailOutbox(ctx, db.FailOutboxParams{TenantID: r.Tenant, ID: r.ID, Owner: owner, Failure: &why})
	return wrap("give up outbox row", err)
}

// Next implements outbox.Rows.
func (o Outbox) Next(ctx context.Context) (outbox.Backlog, error) {
	row, err := db.New(o.db.System()).NextOutbox(ctx)
	if errors.Is(err, pgx.ErrNoRows) {
		return outbox.Backlog{}, nil
	}
	return outbox.Backlog{Waiting: row.Waiting, Due: row.DueTime, Oldest: row.Oldest}, wrap("look at outbox", err)
}

// Listen implements outbox.Rows.
func (o Outbox) Listen(ctx context.Context, wake func()) error {
	conn, err := o.db.SystemPool().Acquire(ctx)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	// A connection that listens must not go back to the pool.
	raw := conn.Hijack()
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = raw.Close(ctx) // a lost connection is closed as well
	}()
	if _, err := raw.Exec(ctx, "LISTEN "+outboxChannel); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	wake() // what came before this is not announced
	for {
		if _, err := raw.WaitForNotification(ctx); err != nil {
			return fmt.Errorf("listen: %w", err)
		}
		wake()
	}
}

// SweepRequests removes stored answers that are older, a few thousand at a time, and returns how many.
func (s *Store) SweepRequests(ctx context.Context, before time.Time) (int64, error) {
	n, err := db.New(s.db.System()).SweepRequests(ctx, before)
	return n, wrap("sweep requests", err)
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

package storage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/services/storage/internal/keys"
	"github.com/aqtra/aqtra/services/storage/internal/store"
)

const (
	// keysEvery is how often the file with the key-encryption keys is looked at.
	keysEvery = 5 * time.Second
	// wrapEvery is how often data keys are looked for that another process, with an older file, has wrapped.
	wrapEvery = 10 * time.Minute
)

// rotation follows the file with the key-encryption keys, and wraps data keys with the primary one.
type rotation struct {
	ring   *keys.Keyring
	store  *store.Store
	clock  clock.Clock
	log    *slog.Logger
	known  prometheus.Gauge
	closed prometheus.Gauge
}

func newRotation(ring *keys.Keyring, s *store.Store, c clock.Clock, log *slog.Logger, metrics prometheus.Registerer) (*rotation, error) {
	r := &rotation{
		ring: ring, store: s, clock: c, log: log,
		known:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "aqtra_storage_key_encryption_keys", Help: "Key-encryption keys that the process knows."}),
		closed: prometheus.NewGauge(prometheus.GaugeOpts{Name: "aqtra_storage_data_keys_closed", Help: "Tenants whose data key none of the key-encryption keys opens."}),
	}
	r.known.Set(float64(ring.Len()))
	return r, errors.Join(metrics.Register(r.known), metrics.Register(r.closed))
}

// run ends with ctx. What fails is tried again.
func (r *rotation) run(ctx context.Context) {
	var next time.Time
	for {
		changed, err := r.ring.Refresh()
		if err != nil {
			r.log.WarnContext(ctx, "the key-encryption keys stay as they were", "error", err)
		}
		if changed {
			r.known.Set(float64(r.ring.Len()))
			r.log.InfoContext(ctx, "key-encryption keys have changed", "keys", r.ring.Len())
		}
		if now := r.clock.Now(); changed || !now.Before(next) {
			next = now.Add(wrapEvery)
			wrapped, closed, err := r.store.Rewrap(ctx)
			r.closed.Set(float64(closed))
			if wrapped > 0 {
				r.log.InfoContext(ctx, "data keys are wrapped with the primary key", "tenants", wrapped)
			}
			if err != nil && ctx.Err() == nil {
				r.log.ErrorContext(ctx, "data keys not all wrapped with the primary key", "closed", closed, "error", err)
				next = now.Add(keysEvery)
			}
		}
		if clock.Sleep(ctx, r.clock, keysEvery) != nil {
			return
		}
	}
}

// KeyFile is a file of key-encryption keys.
type KeyFile = keys.File

// Unused tells whether no data key is wrapped with a key, in the database that the connection is of.
func Unused(ctx context.Context, conn *pgx.Conn) func(keys.Key) (bool, error) {
	return func(k keys.Key) (bool, error) {
		// Rows that the role may not see would look like none.
		if _, err := conn.Exec(ctx, "SET row_security = off"); err != nil {
			return false, fmt.Errorf("look for data keys: %w", err)
		}
		var used bool
		if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM storage.tenants WHERE starts_with(encode(wrapped_key, 'hex'), encode($1::bytea, 'hex')))", k.Prefix()).Scan(&used); err != nil {
			return false, fmt.Errorf("look for data keys: %w", err)
		}
		return !used, nil
	}
}

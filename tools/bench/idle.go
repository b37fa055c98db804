package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

const (
	idleTenants = 100
	idleTimers  = 1000
	// settle is how long the installation is left alone before it counts as idle.
	settle     = 20 * time.Second
	idleTime   = time.Minute
	probeEvery = 10 * time.Second
	// side is how many requests prepare the idle installation at a time.
	side = 8
)

// idle is what an installation needs while nobody asks for anything.
type idle struct {
	memory       map[string]int64
	transactions float64 // per second, probes included
	cpu          usage
	took         time.Duration
}

// measureIdle makes tenants and waiting timers, lets the installation settle, and measures.
func measureIdle(ctx context.Context, s *stand.Stand, a *app) (idle, error) {
	if err := makeTenants(ctx, s); err != nil {
		return idle{}, fmt.Errorf("make tenants: %w", err)
	}
	if err := makeTimers(ctx, client{a.session}); err != nil {
		return idle{}, fmt.Errorf("start timers: %w", err)
	}
	db, err := connect(ctx, s.Data, "postgres")
	if err != nil {
		return idle{}, err
	}
	defer func() { _ = db.Close(context.WithoutCancel(ctx)) }() // it was only read from
	if err := probing(ctx, s, settle); err != nil {
		return idle{}, err
	}
	first, err := countTransactions(ctx, db)
	if err != nil {
		return idle{}, err
	}
	before, err := measure(s)
	if err != nil {
		return idle{}, err
	}
	start := time.Now()
	if err := probing(ctx, s, idleTime); err != nil {
		return idle{}, err
	}
	out := idle{took: time.Since(start)}
	now, err := measure(s)
	if err != nil {
		return idle{}, err
	}
	out.cpu = now.since(before)
	after, err := countTransactions(ctx, db)
	if err != nil {
		return idle{}, err
	}
	out.transactions = float64(after-first) / out.took.Seconds()
	out.memory, err = memory(s)
	return out, err
}

func makeTenants(ctx context.Context, s *stand.Stand) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(side)
	for n := range idleTenants - 1 { // the one of the benchmark is there
		group.Go(func() error {
			c, err := signUp(ctx, s, "tenant-"+strconv.Itoa(n))
			if err == nil {
				c.Close()
			}
			return err
		})
	}
	return group.Wait()
}

// makeTimers publishes a workflow that waits, starts it, and waits until all of its runs do.
func makeTimers(ctx context.Context, c client) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := c.call(ctx, http.MethodPost, "/v1/components", map[string]any{
		"id": "waiting", "displayName": "Waiting",
		"workflows": []any{map[string]any{"id": "hour", "title": "An hour", "document": map[string]any{
			"document": map[string]any{"dsl": "1.0.3", "namespace": "waiting", "name": "hour", "version": "1.0.0"},
			"evaluate": map[string]any{"language": "cel"},
			"do":       []any{map[string]any{"rest": map[string]any{"wait": map[string]any{"hours": 1}}}},
		}}},
	}, nil)
	if err != nil {
		return err
	}
	if err := c.publish(ctx); err != nil {
		return err
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(side)
	for n := range idleTimers {
		group.Go(func() error {
			return c.call(groupCtx, http.MethodPost, "/v1/components/waiting/workflows/hour:start", map[string]any{"businessKey": strconv.Itoa(n)}, nil)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for {
		n, err := c.waiting(ctx)
		if err != nil || n == idleTimers {
			return err
		}
		if err := pause(ctx, interval); err != nil {
			return fmt.Errorf("%d of %d runs wait: %w", n, idleTimers, err)
		}
	}
}

// waiting counts the runs that wait.
func (c client) waiting(ctx context.Context) (int, error) {
	n, token := 0, ""
	for {
		var page struct {
			Runs          []json.RawMessage
			NextPageToken string
		}
		query := url.Values{"component": {"waiting"}, "state": {"RUN_STATE_WAITING"}, "pageSize": {"200"}, "pageToken": {token}}
		if err := c.call(ctx, http.MethodGet, "/v1/runs?"+query.Encode(), nil, &page); err != nil {
			return 0, err
		}
		n += len(page.Runs)
		if token = page.NextPageToken; token == "" {
			return n, nil
		}
	}
}

// probing asks every process whether it is ready, as a cluster does, for that long.
func probing(ctx context.Context, s *stand.Stand, d time.Duration) error {
	internal := s.InternalHTTP()
	defer internal.CloseIdleConnections()
	for end := time.Now().Add(d); ; {
		for name, address := range s.Metrics() {
			if err := probe(ctx, internal, "https://"+address+"/readyz"); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		left := time.Until(end)
		if left <= 0 {
			return nil
		}
		if err := pause(ctx, min(left, probeEvery)); err != nil {
			return err
		}
	}
}

func probe(ctx context.Context, client *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }() // it was read to its end
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return errors.New(res.Status)
	}
	return nil
}

// connect opens a connection to a database of the installation's Postgres as its superuser.
func connect(ctx context.Context, data, database string) (*pgx.Conn, error) {
	address, err := stand.DatabaseURL(data, database)
	if err != nil {
		return nil, err
	}
	return pgx.Connect(ctx, address)
}

// countTransactions counts the transactions of all databases so far. Reading them is one.
func countTransactions(ctx context.Context, db *pgx.Conn) (int64, error) {
	var n int64
	err := db.QueryRow(ctx, "SELECT sum(xact_commit + xact_rollback)::bigint FROM pg_stat_database").Scan(&n)
	return n, err
}

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

// tenantsOnly names the measurement of many tenants on the command line. It takes half an hour, so it is not part of the rest.
const tenantsOnly = "tenants"

// Many small organizations on one Postgres, each with this many components of five fields.
const (
	componentsEach = 20
	readers        = 16
	readTime       = 10 * time.Second
	signIns        = 10
)

// tenantsAt are the numbers of tenants at which everything is measured.
func tenantsAt() []int { return []int{100, 300, 1000} }

// population is what an installation with so many tenants needs.
type population struct {
	tenants                    int
	relations, bytes           int64
	signUp, publish            [2]time.Duration // p50, p99 since the one before
	signIn                     time.Duration
	fewP50, fewP99             time.Duration // reads in ten tenants
	allP50, allP99             time.Duration // reads in all of them
	backends                   int
	backendsPSS, backendPSS    int64
	servicesPSS                map[string]int64
	fewPerSecond, allPerSecond float64
}

// tenant is an organization with its apps.
type tenant struct {
	session *stand.Client
	email   string
	entries []string // paths
}

func measureTenants(ctx context.Context, s *stand.Stand) ([]population, error) {
	var all []tenant
	defer func() {
		for _, t := range all {
			t.session.Close()
		}
	}()
	var out []population
	for _, n := range tenantsAt() {
		fmt.Fprintf(os.Stderr, "%s: %d tenants with %d components each\n", time.Now().Format(time.TimeOnly), n, componentsEach)
		var mu sync.Mutex
		var signUps, publishes []time.Duration
		group, gctx := errgroup.WithContext(ctx)
		group.SetLimit(4)
		for i := len(all); i < n; i++ {
			group.Go(func() error {
				t, signed, published, err := makeTenant(gctx, s, i)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					all, signUps, publishes = append(all, t), append(signUps, signed), append(publishes, published)
				}
				return err
			})
		}
		if err := group.Wait(); err != nil {
			return out, err
		}
		slices.Sort(signUps)
		slices.Sort(publishes)
		p := population{tenants: n, signUp: [2]time.Duration{percentile(signUps, 50), percentile(signUps, 99)},
			publish: [2]time.Duration{percentile(publishes, 50), percentile(publishes, 99)}}
		if err := p.look(ctx, s, all); err != nil {
			return out, err
		}
		out = append(out, p)
		fmt.Fprintln(os.Stderr, p)
	}
	return out, nil
}

// benchTenants measures many tenants over six processes and prints a line for each number of them.
func benchTenants(ctx context.Context) error {
	binaries := os.Getenv("AQTRA_BIN")
	if binaries == "" {
		binaries = filepath.Join("..", ".bin")
	}
	return within(ctx, binaries, stand.Six, func(s *stand.Stand) error {
		_, err := measureTenants(ctx, s)
		return err
	})
}

// makeTenant signs up, builds and publishes, and stores an entry in each component.
func makeTenant(ctx context.Context, s *stand.Stand, n int) (t tenant, signed, published time.Duration, err error) {
	name := "many-" + strconv.Itoa(n)
	start := time.Now()
	session, err := signUp(ctx, s, name)
	if err != nil {
		return t, 0, 0, err
	}
	signed = time.Since(start)
	t = tenant{session: session, email: name + "@example.com"}
	c := client{session}
	for i := range componentsEach {
		field := func(name, typ string) map[string]any {
			return map[string]any{"name": name, "title": name, "type": "FIELD_TYPE_" + typ, "query": true}
		}
		fields := []any{field("number", "STRING"), field("amount", "NUMBER"), field("due", "DATE"), field("state", "INTEGER"), field("done", "BOOLEAN")}
		fields[0].(map[string]any)["primaryKey"] = true
		err = c.call(ctx, http.MethodPost, "/v1/components", map[string]any{"id": "c" + strconv.Itoa(i), "displayName": "Component", "model": map[string]any{"fields": fields}}, nil)
		if err != nil {
			return t, 0, 0, err
		}
	}
	start = time.Now()
	if err = c.publish(ctx); err != nil {
		return t, 0, 0, err
	}
	published = time.Since(start)
	for i := range componentsEach {
		path := "/v1/components/c" + strconv.Itoa(i) + "/entries"
		var entry struct{ ID string }
		err = c.call(ctx, http.MethodPost, path, map[string]any{"fields": map[string]any{"number": name, "amount": "12.50", "due": "2026-12-01", "state": 1, "done": false}}, &entry)
		if err != nil {
			return t, 0, 0, err
		}
		t.entries = append(t.entries, path+"/"+entry.ID)
	}
	return t, signed, published, nil
}

// look measures what there is now.
func (p *population) look(ctx context.Context, s *stand.Stand, all []tenant) error {
	db, err := connect(ctx, s.Data, "aqtra")
	if err != nil {
		return err
	}
	err = db.QueryRow(ctx, "SELECT (SELECT count(*) FROM pg_class), pg_database_size('aqtra')").Scan(&p.relations, &p.bytes)
	if err := errors.Join(err, db.Close(ctx)); err != nil {
		return err
	}
	if p.fewP50, p.fewP99, p.fewPerSecond, err = reads(ctx, all[:min(10, len(all))]); err != nil {
		return err
	}
	if p.allP50, p.allP99, p.allPerSecond, err = reads(ctx, all); err != nil {
		return err
	}
	nobody, err := s.Client("")
	if err != nil {
		return err
	}
	defer nobody.Close()
	start := time.Now()
	for range signIns {
		if err := (client{nobody}).call(ctx, http.MethodPost, "/v1/sessions", map[string]any{"email": all[rand.IntN(len(all))].email, "password": "correct horse battery", "returnToken": true}, nil); err != nil {
			return err
		}
	}
	p.signIn = time.Since(start) / signIns
	return p.memory(s)
}

// reads reads random entries of random tenants, side by side.
func reads(ctx context.Context, among []tenant) (p50, p99 time.Duration, perSecond float64, err error) {
	var mu sync.Mutex
	var took []time.Duration
	group, ctx := errgroup.WithContext(ctx)
	begin := time.Now()
	for range readers {
		group.Go(func() error {
			var mine []time.Duration
			for time.Since(begin) < readTime {
				t := among[rand.IntN(len(among))]
				start := time.Now()
				if err := (client{t.session}).call(ctx, http.MethodGet, t.entries[rand.IntN(len(t.entries))], nil, nil); err != nil {
					return err
				}
				mine = append(mine, time.Since(start))
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, mine...)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return 0, 0, 0, err
	}
	slices.Sort(took)
	return percentile(took, 50), percentile(took, 99), float64(len(took)) / readTime.Seconds(), nil
}

// memory takes the memory of the services, and of Postgres' backends one by one: each keeps what it knows of every table that it
// ever touched.
func (p *population) memory(s *stand.Stand) error {
	var err error
	if p.servicesPSS, err = memory(s); err != nil {
		return err
	}
	pids, err := groups(s)
	if err != nil {
		return err
	}
	for _, pid := range pids[postgres] {
		command, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if err != nil || !strings.Contains(string(command), "aqtra_storage_app") {
			continue
		}
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if err != nil {
			continue // it ended
		}
		n, err := proportional(text)
		if err != nil {
			return err
		}
		p.backends++
		p.backendsPSS += n
		p.backendPSS = max(p.backendPSS, n)
	}
	return nil
}

func (p population) String() string {
	mb := func(n int64) int64 { return n >> 20 }
	return fmt.Sprintf("%d tenants | %d relations | %d MiB | sign up %v, %v | publish %v, %v | sign in %v | reads in 10: %v, %v, %.0f/s | reads in all: %v, %v, %.0f/s | %d backends %d MiB, largest %d | %v",
		p.tenants, p.relations, mb(p.bytes), p.signUp[0], p.signUp[1], p.publish[0], p.publish[1], p.signIn, p.fewP50, p.fewP99, p.fewPerSecond,
		p.allP50, p.allP99, p.allPerSecond, p.backends, mb(p.backendsPSS), mb(p.backendPSS), p.servicesPSS)
}

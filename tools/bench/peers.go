package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

// peersOnly names the comparison with other platforms on the command line. It installs them, so it is not part of the rest.
const peersOnly = "peers"

// Every platform stores the same entries and is asked for them by a signed-in user in the same way: HTTP/1.1, kept alive.
const (
	peerEntries     = 10_000
	peerStates      = 100 // so a filter by state finds 100 entries, of which 20 are listed
	peerConnections = 16
	peerTime        = 8 * time.Second
)

// peer is a platform that runs and has the entries' table.
type peer struct {
	name string
	// address begins every URL, auth is the Authorization header of a signed-in user.
	address, auth string
	tls           *tls.Config
	// pids are its processes, and those of its database.
	pids func() ([]int, error)
	// create, read and list give method, path and body of the requests. read gets an id of an entry, found in the answer to create.
	create func(n int) (path string, body any)
	read   func(id string) string
	list   func(state int) string
	// id reads the id of a created entry out of the answer, count how many entries a list has.
	id    func(answer []byte) (string, error)
	count func(answer []byte) (int, error)
	stop  func() error
}

// peerRow is what one operation cost one platform.
type peerRow struct {
	peer, operation string
	perSecond       float64
	p50, p99, cpu   time.Duration
}

// benchPeers measures the platforms one after the other and keeps a table of them.
func benchPeers(ctx context.Context, results string) error {
	binaries := os.Getenv("AQTRA_BIN")
	if binaries == "" {
		binaries = filepath.Join("..", ".bin")
	}
	var rows []peerRow
	var missing []string
	err := within(ctx, binaries, stand.One, func(s *stand.Stand) error {
		for _, start := range []func(context.Context, *stand.Stand) (*peer, error){startOurs, startPocketBase, startDirectus} {
			p, err := start(ctx, s)
			if unavailable := (*unavailableError)(nil); errors.As(err, &unavailable) {
				missing = append(missing, err.Error())
				fmt.Fprintln(os.Stderr, err)
				continue
			}
			if err != nil {
				return err
			}
			fmt.Fprintln(os.Stderr, "peers:", p.name)
			more, err := p.measure(ctx)
			if err := errors.Join(err, p.stop()); err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			rows = append(rows, more...)
		}
		return nil
	})
	if err != nil {
		return err
	}
	text := peerTable(rows, missing)
	fmt.Print(text)
	return os.WriteFile(results, []byte(text), 0o644)
}

// unavailableError says why a platform cannot be measured here.
type unavailableError struct {
	name  string
	cause error
}

func (e *unavailableError) Error() string { return e.name + " could not be had: " + e.cause.Error() }
func (e *unavailableError) Unwrap() error { return e.cause }

func peerTable(rows []peerRow, missing []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Beside other platforms\n\nWritten by `bench -only peers`. %d entries of four fields with an index on one, a signed-in user, HTTP/1.1 kept alive, "+
		"%d connections, %s for each operation, one platform after the other on the same machine; CPU is that of the platform and its database, per request.\n\n"+
		"| operation | platform | requests/s | p50 ms | p99 ms | CPU µs |\n|---|---|--:|--:|--:|--:|\n", peerEntries, peerConnections, peerTime)
	slices.SortStableFunc(rows, func(a, b peerRow) int { return strings.Compare(a.operation, b.operation) })
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s | %.0f | %.1f | %.1f | %d |\n", r.operation, r.peer, r.perSecond, r.p50.Seconds()*1000, r.p99.Seconds()*1000, r.cpu.Microseconds())
	}
	for _, m := range missing {
		fmt.Fprintf(&b, "\n%s\n", m)
	}
	return b.String()
}

func (p *peer) measure(ctx context.Context) ([]peerRow, error) {
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: p.tls, MaxIdleConnsPerHost: peerConnections}}
	defer client.CloseIdleConnections()
	ids := make([]string, peerEntries)
	if err := p.load(ctx, peerEntries, 0, func(ctx context.Context, n int) error {
		answer, err := p.created(ctx, client, n)
		if err == nil {
			ids[n], err = p.id(answer)
		}
		return err
	}, nil); err != nil {
		return nil, fmt.Errorf("fill: %w", err)
	}
	operations := []struct {
		name string
		do   func(ctx context.Context, n int) error
	}{
		{"read", func(ctx context.Context, n int) error {
			_, err := p.ask(ctx, client, http.MethodGet, p.read(ids[n*7919%len(ids)]), nil)
			return err
		}},
		{"list 20 by an indexed field", func(ctx context.Context, n int) error {
			answer, err := p.ask(ctx, client, http.MethodGet, p.list(n%peerStates), nil)
			if err != nil {
				return err
			}
			if found, err := p.count(answer); err != nil || found != 20 {
				return fmt.Errorf("%d entries: %w", found, err)
			}
			return nil
		}},
		{"create", func(ctx context.Context, n int) error {
			_, err := p.created(ctx, client, peerEntries+n)
			return err
		}},
	}
	rows := make([]peerRow, len(operations))
	for i, o := range operations {
		if err := p.load(ctx, 0, time.Second, func(ctx context.Context, n int) error { return o.do(ctx, n+1_000_000) }, nil); err != nil {
			return nil, fmt.Errorf("%s: %w", o.name, err)
		}
		rows[i] = peerRow{peer: p.name, operation: o.name}
		if err := p.load(ctx, 0, peerTime, o.do, &rows[i]); err != nil {
			return nil, fmt.Errorf("%s: %w", o.name, err)
		}
	}
	return rows, nil
}

// load does something so many times, or for so long, over all connections, and tells in row what it cost.
func (p *peer) load(ctx context.Context, times int, long time.Duration, do func(ctx context.Context, n int) error, row *peerRow) error {
	var next atomic.Int64
	var mu sync.Mutex
	var took []time.Duration
	before, err := p.cpu()
	if err != nil {
		return err
	}
	begin := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	for range peerConnections {
		group.Go(func() error {
			var mine []time.Duration
			for {
				n := int(next.Add(1) - 1)
				if times > 0 && n >= times || times == 0 && time.Since(begin) > long {
					break
				}
				start := time.Now()
				if err := do(ctx, n); err != nil {
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
	if err := group.Wait(); err != nil || row == nil {
		return err
	}
	passed := time.Since(begin)
	after, err := p.cpu()
	if err != nil {
		return err
	}
	slices.Sort(took)
	row.p50, row.p99, row.perSecond = percentile(took, 50), percentile(took, 99), float64(len(took))/passed.Seconds()
	row.cpu = (after - before) / time.Duration(len(took))
	return nil
}

func (p *peer) cpu() (time.Duration, error) {
	pids, err := p.pids()
	if err != nil {
		return 0, err
	}
	u, err := cpuTimes(map[string][]int{p.name: pids})
	return u.groups[p.name], err
}

func (p *peer) created(ctx context.Context, client *http.Client, n int) ([]byte, error) {
	path, body := p.create(n)
	return p.ask(ctx, client, http.MethodPost, path, body)
}

func (p *peer) ask(ctx context.Context, client *http.Client, method, path string, body any) ([]byte, error) {
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		reader = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, p.address+path, reader)
	if err != nil {
		return nil, err
	}
	if p.auth != "" {
		req.Header.Set("Authorization", p.auth)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err == nil && res.StatusCode >= 300 {
		err = fmt.Errorf("%s %s answered %d: %.500s", method, path, res.StatusCode, answer)
	}
	return answer, err
}

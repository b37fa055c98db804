package k8s_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

const password = "correct horse battery"

type body = map[string]any

// tenant is a tenant with the sample of invoices, and its administrator.
type tenant struct {
	stand  *stand.Stand
	client *stand.Client
}

// ask demands a success.
func ask(ctx context.Context, c *stand.Client, method, path string, in any) (body, error) {
	a, err := c.Do(ctx, method, path, in)
	if err != nil {
		return nil, err
	}
	if a.Code != http.StatusOK {
		return nil, fmt.Errorf("%s %s answered %d: %.300s", method, path, a.Code, a.Body)
	}
	out := body{}
	return out, json.Unmarshal(a.Body, &out)
}

func (s site) connect(t *testing.T) *stand.Stand {
	t.Helper()
	st, err := stand.Connect(s.address, s.name, s.ca)
	require.NoError(t, err)
	return st
}

// signUp makes a tenant with the invoice app, published.
func signUp(t *testing.T, st *stand.Stand, name string) *tenant {
	t.Helper()
	nobody, err := st.Client("")
	require.NoError(t, err)
	defer nobody.Close()
	session, err := ask(t.Context(), nobody, "POST", "/v1/tenants:signUp", body{
		"tenantName": name, "email": name + "@example.com", "password": password, "displayName": "Ada", "returnToken": true,
	})
	require.NoError(t, err)
	client, err := st.Client(session["token"].(string))
	require.NoError(t, err)
	t.Cleanup(client.Close)
	_, err = ask(t.Context(), client, "POST", "/v1/samples/invoice:install", body{})
	require.NoError(t, err)
	eventually(t, patience, "the sample is installed", func() bool {
		got, err := ask(t.Context(), client, "GET", "/v1/samples/invoice/installation", nil)
		require.NoError(t, err)
		require.NotEqual(t, "INSTALLATION_STATE_FAILED", got["state"], "%v", got)
		return got["state"] == "INSTALLATION_STATE_SUCCEEDED"
	})
	return &tenant{stand: st, client: client}
}

const entries = "/v1/components/invoice/entries"

func invoice(number string) body {
	return body{"InvoiceNumber": number, "InvoiceName": number, "InvoiceDueDate": "2026-12-01T00:00:00Z", "InvoiceTotalValue": "10", "InvoiceState": 0}
}

// load keeps a modest number of requests going: some on connections that stay, some on new ones. They create and read entries, run
// a dataflow, start workflows and run Python, so that every service has work.
type load struct {
	tenant *tenant
	cancel context.CancelFunc
	done   sync.WaitGroup

	mu       sync.Mutex
	requests int
	failures []string
	made     map[string]bool // numbers of invoices that were acknowledged
	runs     []string        // workflow runs that were acknowledged
}

// perSecond is the rate of all requests together.
const perSecond = 50

// start begins the load under names that begin with prefix.
func (n *tenant) start(t *testing.T, prefix string) *load {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	l := &load{tenant: n, cancel: cancel, made: map[string]bool{}}
	// A request may hang while its service is away; the others go on.
	work := make(chan int, 4*perSecond)
	l.done.Go(func() {
		defer close(work)
		ticker := time.NewTicker(time.Second / perSecond)
		defer ticker.Stop()
		for i := 0; ; i++ {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			select {
			case work <- i:
			default: // all wait for answers: no more until one comes
			}
		}
	})
	for range 16 {
		l.done.Go(func() {
			for i := range work {
				l.one(context.WithoutCancel(ctx), prefix, i)
			}
		})
	}
	t.Cleanup(l.stop)
	return l
}

// stop ends the load and waits for the answers that are due.
func (l *load) stop() {
	l.cancel()
	l.done.Wait()
}

func (l *load) one(ctx context.Context, prefix string, i int) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	client := l.tenant.client
	if i%5 == 0 {
		fresh, err := l.tenant.stand.Client(client.Token)
		if err != nil {
			l.told(err)
			return
		}
		defer fresh.Close()
		client = fresh
	}
	number := fmt.Sprintf("%s-%d", prefix, i)
	switch {
	case i%25 == 1:
		made, err := ask(ctx, client, "POST", entries, body{"fields": invoice(number)})
		if !l.told(err) {
			return
		}
		l.keep(number, "")
		run, err := ask(ctx, client, "POST", "/v1/components/invoice/workflows/approval:start",
			body{"input": body{"entry": made["id"]}, "entry": made["id"], "requestId": number})
		if l.told(err) {
			l.keep("", run["id"].(string))
		}
	case i%25 == 2:
		_, err := ask(ctx, client, "POST", "/v1/components/invoice/scripts/due_summary:run", body{"input": body{"due": "2020-01-01T00:00:00Z"}})
		l.told(err)
	case i%5 == 3:
		_, err := ask(ctx, client, "POST", "/v1/components/invoice/dataflows/save:run", body{"input": invoice(number), "requestId": number})
		if l.told(err) {
			l.keep(number, "")
		}
	case i%2 == 0:
		_, err := ask(ctx, client, "GET", entries+"?pageSize=5", nil)
		l.told(err)
	default:
		_, err := ask(ctx, client, "POST", entries, body{"fields": invoice(number)})
		if l.told(err) {
			l.keep(number, "")
		}
	}
}

// told counts a request and tells whether it was answered with success.
func (l *load) told(err error) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests++
	if err != nil {
		l.failures = append(l.failures, time.Now().Format("15:04:05.000 ")+err.Error())
	}
	return err == nil
}

func (l *load) keep(number, run string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if number != "" {
		l.made[number] = true
	}
	if run != "" {
		l.runs = append(l.runs, run)
	}
}

// count is how many requests were answered, and how many of them without success.
func (l *load) count() (requests, failed int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.requests, len(l.failures)
}

// flows waits for some more answers, so that what comes next happens under load.
func (l *load) flows(t *testing.T) {
	t.Helper()
	before, failedBefore := l.count()
	eventually(t, patience, "the load goes on", func() bool {
		now, failed := l.count()
		return (now-failed)-(before-failedBefore) >= perSecond
	})
}

// unharmed demands that every request succeeded.
func (l *load) unharmed(t *testing.T) {
	t.Helper()
	require.Positive(t, l.requests)
	require.Empty(t, l.failures, "%d of %d requests failed:\n%s", len(l.failures), l.requests, strings.Join(l.failures[:min(len(l.failures), 20)], "\n"))
}

// kept demands that everything that was acknowledged is there: every invoice once, every run of a workflow at its good end.
func (l *load) kept(t *testing.T) {
	t.Helper()
	require.NotEmpty(t, l.made)
	require.NotEmpty(t, l.runs)
	there := map[string]int{}
	token := ""
	for {
		page, err := ask(t.Context(), l.tenant.client, "GET", entries+"?pageSize=500&fields=InvoiceNumber&pageToken="+token, nil)
		require.NoError(t, err)
		for _, e := range page["entries"].([]any) {
			there[e.(body)["fields"].(body)["InvoiceNumber"].(string)]++
		}
		if token, _ = page["nextPageToken"].(string); token == "" {
			break
		}
	}
	for _, number := range slices.Sorted(maps.Keys(l.made)) {
		require.Equal(t, 1, there[number], "invoice %s was acknowledged", number)
	}
	for _, run := range l.runs {
		eventually(t, patience, "run "+run+" succeeds", func() bool {
			got, err := ask(t.Context(), l.tenant.client, "GET", "/v1/runs/"+run, nil)
			require.NoError(t, err)
			require.NotContains(t, []any{"RUN_STATE_FAILED", "RUN_STATE_CANCELED"}, got["state"], "%v", got)
			return got["state"] == "RUN_STATE_SUCCEEDED"
		})
	}
}

// answers waits until requests succeed one after another, and returns how long that took.
func (l *load) answers(ctx context.Context, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		_, err := ask(ctx, l.tenant.client, "GET", entries+"?pageSize=1", nil)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return errors.Join(ctx.Err(), err)
		}
	}
}

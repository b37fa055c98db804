package e2e_test

import (
	"context"
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

const (
	// refusedWithin bounds the answer while a service is away, recoveredWithin the way back once it is there.
	refusedWithin   = 2 * time.Second
	recoveredWithin = 10 * time.Second
	stoppedWithin   = 20 * time.Second
)

// operation is something that users do, with the services that it cannot do without, besides the gateway.
type operation struct {
	name  string
	needs []string
	do    func() answer
}

// operations are one or more for every service. Each may be done any number of times.
func operations(t *testing.T, u *user) []operation {
	t.Helper()
	entry := text(t, u.create(t, "invoice", invoice("INV-OUT", "10", 0)), "id")
	file := u.upload(t, "a.txt", "text/plain", []byte("content"))
	get := func(path string) func() answer { return func() answer { return u.call(t, "GET", path, nil) } }
	post := func(path string, body func() any) func() answer {
		return func() answer { return u.call(t, "POST", path, body()) }
	}
	fresh := func() object { return invoice("INV-"+random(), "200", 0) } // large enough for the trigger
	const app = "/v1/components/invoice"
	return []operation{
		{"list users", nil, get("/v1/users")},
		{"sign in", nil, func() answer {
			return u.site.nobody(t).call(t, "POST", "/v1/sessions", object{"email": u.email, "password": password})
		}},
		{"list samples", nil, get("/v1/samples")},
		{"list components", []string{"component-library"}, get("/v1/components")},
		{"check", []string{"component-library"}, post(app+":check", func() any { return object{} })},
		{"read a page", []string{"component-library"}, get("/v1/published" + app[len("/v1"):] + "/pages/all_invoices")},
		{"list entries", []string{"storage"}, get(entriesPath("invoice"))},
		{"create an entry", []string{"storage"}, post(entriesPath("invoice"), func() any { return object{"fields": fresh()} })},
		{"download", []string{"storage"}, get("/v1/files/" + file + ":download")},
		{"save by dataflow", []string{"dataflow", "storage"}, post(app+"/dataflows/save:run", func() any { return object{"input": fresh()} })},
		{"list steps", []string{"dataflow"}, get("/v1/stepTypes")},
		{"list runs", []string{"workflow"}, get("/v1/runs")},
		{"list tasks", []string{"workflow"}, get("/v1/tasks")},
		{"start a run", []string{"workflow"}, post(app+"/workflows/approval:start", func() any { return object{"input": object{"entry": entry}} })},
		{"run a script", []string{"python-runner"}, post(app+"/scripts/due_summary:run", func() any {
			return object{"input": object{"due": "2020-01-01T00:00:00Z"}}
		})},
	}
}

// TestOutage stops each service in turn, softly and hard: exactly the operations that need it are refused, in time and naming it;
// all else goes on; and everything comes back by itself.
func TestOutage(t *testing.T) {
	s := open(t, stand.Six)
	u := s.signUp(t)
	triggered(t, u)
	all := operations(t, u)
	for _, service := range stand.Services() {
		for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
			t.Run(fmt.Sprintf("%s %s", service, sig), func(t *testing.T) {
				for _, o := range all {
					require.Equal(t, 200, o.do().Code, o.name)
				}
				code := s.end(t, service, sig)
				if sig == syscall.SIGTERM {
					require.Equal(t, 0, code, "%s", s.Process(service).Log())
				}
				for _, o := range all {
					duringOutage(t, u, o, service)
				}
				s.startAgain(t, service)
				recovers(t, all)
			})
		}
	}
	var running list
	eventually(t, "every run that was started ends", func() bool {
		running = items(t, u.get(t, "/v1/runs?state=RUN_STATE_RUNNING"), "runs")
		return len(running) == 0
	})
	require.Empty(t, items(t, u.get(t, "/v1/runs?state=RUN_STATE_FAILED"), "runs"))
	large := u.count(t, "invoice", "InvoiceTotalValue == 200")
	require.Positive(t, large)
	eventually(t, "every large invoice was approved", func() bool {
		return u.count(t, "invoice", "InvoiceTotalValue == 200 && InvoiceState == 1") == large
	})
	runs := map[any]int{}
	for token := ""; ; {
		page := u.get(t, "/v1/runs"+query("pageSize", "200", "pageToken", token))
		for _, r := range items(t, page, "runs") {
			runs[at(t, r, "entry")]++
		}
		if token, _ = page["nextPageToken"].(string); token == "" {
			break
		}
	}
	delete(runs, "") // those that were started by hand
	require.Len(t, runs, large)
	for entry, n := range runs {
		require.Equal(t, 1, n, entry)
	}
}

// TestDatabaseOutage kills Postgres: whatever needs it is refused in time, as unavailable and not as broken, and all is well again
// once it is back, without a restart of anything else. What was acknowledged is there.
func TestDatabaseOutage(t *testing.T) {
	s := open(t, stand.Six)
	u := invoices(t, s)
	all := operations(t, u)
	for range 2 {
		number := "INV-" + random()
		u.create(t, "invoice", invoice(number, "10", 0))
		s.end(t, "infra", syscall.SIGKILL)
		for _, o := range all {
			a := o.do()
			require.Less(t, a.Took, refusedWithin, o.name)
			require.Equal(t, 503, a.Code, "%s: %s", o.name, a.Body)
			a.refusal()
		}
		require.Equal(t, 200, u.call(t, "GET", "/healthz", nil).Code)
		s.startAgain(t, "infra")
		recovers(t, all)
		require.Equal(t, 1, u.count(t, "invoice", "InvoiceNumber == '"+number+"'"))
	}
}

// end sends a process a signal and waits until it and all that it has started are gone. It returns the exit code. Should the test
// fail before it starts the process again, the end of the test does.
func (s *site) end(t *testing.T, process string, sig syscall.Signal) int {
	t.Helper()
	p := s.Process(process)
	children, err := p.Descendants()
	require.NoError(t, err)
	t.Cleanup(func() {
		if !p.Running() {
			s.startAgain(t, process)
		}
	})
	code, err := p.End(sig, stoppedWithin)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), stoppedWithin)
	defer cancel()
	for _, c := range children {
		require.NoError(t, c.Gone(ctx))
	}
	return code
}

// startAgain starts a process that has ended.
func (s *site) startAgain(t *testing.T, process string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
	defer cancel()
	require.NoError(t, s.StartProcess(ctx, process))
}

// recovers waits until everything works again; until then it may be unavailable, and nothing else.
func recovers(t *testing.T, all []operation) {
	t.Helper()
	start := time.Now()
	for _, o := range all {
		for a := o.do(); a.Code != 200; a = o.do() {
			require.Equal(t, 503, a.Code, "%s: %s", o.name, a.Body)
			require.Less(t, time.Since(start), recoveredWithin, "%s comes back", o.name)
		}
	}
}

func duringOutage(t *testing.T, u *user, o operation, away string) {
	t.Helper()
	if away == "gateway" {
		_, err := u.Do(t.Context(), "GET", "/healthz", nil)
		require.Error(t, err, "nobody answers")
		return
	}
	a := o.do()
	require.Less(t, a.Took, refusedWithin, o.name)
	if !slices.Contains(o.needs, away) {
		require.Equal(t, 200, a.Code, "%s goes on without %s: %s", o.name, away, a.Body)
		return
	}
	r := a.refused(503, "SERVICE_UNAVAILABLE")
	require.Contains(t, r.Message+r.Details["service"], away, o.name)
	require.NotEmpty(t, a.Header.Get("Retry-After"), o.name)
}

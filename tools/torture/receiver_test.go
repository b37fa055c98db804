package torture_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aqtra/aqtra/tools/torture/check"
)

// refusals is how often the step "shaky" is refused before it is taken.
const refusals = 2

// receiver notes the effects of runs.
type receiver struct {
	url string

	mu      sync.Mutex
	effects []check.Effect
	shaky   map[string]int // deliveries of the step "shaky", by run
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{shaky: map[string]int{}}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.url = server.URL + "/"
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	q := req.URL.Query()
	round, _ := strconv.Atoi(q.Get("round")) // absent: the first
	e := check.Effect{Run: q.Get("run"), Step: q.Get("step"), Round: round, Value: q.Get("value"), Key: req.Header.Get("Idempotency-Key"), Time: time.Now()}
	code := http.StatusNoContent
	r.mu.Lock()
	switch e.Step {
	case "shaky":
		if r.shaky[e.Run]++; r.shaky[e.Run] <= refusals {
			code = http.StatusServiceUnavailable
		}
	case "pay":
		code = http.StatusUnprocessableEntity
	}
	e.Refused = code != http.StatusNoContent
	r.effects = append(r.effects, e)
	r.mu.Unlock()
	w.WriteHeader(code)
}

func (r *receiver) all() []check.Effect {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.effects)
}

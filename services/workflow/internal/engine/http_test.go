package engine_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/egress"
	"github.com/aqtra/aqtra/pkg/value"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
	"github.com/aqtra/aqtra/services/workflow/internal/tasks"
)

// echo answers with what it got; its path says how.
func echo(t *testing.T) (url string, keys func() []string) {
	var mu sync.Mutex
	var seen []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		seen = append(seen, r.Header.Get("Idempotency-Key"))
		n := len(seen)
		mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/echo":
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			_ = json.NewEncoder(w).Encode(map[string]any{
				"method": r.Method, "query": r.URL.RawQuery, "body": string(body), "type": r.Header.Get("Content-Type"), "extra": r.Header.Get("X-Extra"), "price": json.Number("0.10"),
			})
		case "/text":
			w.Header().Set("X-Answer", "42")
			fmt.Fprint(w, "hello")
		case "/bytes":
			_, _ = w.Write([]byte{0xff, 0x00, 0x01})
		case "/missing":
			http.Error(w, "no such order", http.StatusNotFound)
		case "/moved":
			http.Redirect(w, r, "/text", http.StatusFound)
		case "/broken-json":
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, "{")
		case "/large":
			_, _ = w.Write([]byte(strings.Repeat("x", 1<<20+1)))
		case "/never":
			conn, _, _ := w.(http.Hijacker).Hijack()
			_ = conn.Close()
		case "/hangs-up":
			if n%2 == 1 {
				conn, _, _ := w.(http.Hijacker).Hijack()
				_ = conn.Close()
				return
			}
			fmt.Fprint(w, "second")
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, func() []string { mu.Lock(); defer mu.Unlock(); return seen }
}

// TestHTTP calls web addresses of this machine.
func TestHTTP(t *testing.T) {
	t.Parallel()
	url, keys := echo(t)
	s := newSite(t)
	e, _ := s.engine()
	run := func(t *testing.T, with string) engine.Run {
		name := strings.ReplaceAll(strings.ToLower(t.Name()), "/", "-")
		s.document(t, name, `{do: [{ask: {call: http, with: `+strings.ReplaceAll(with, "URL", url)+`}}]}`)
		return s.finish(e, start(t, e, name).ID)
	}
	for name, one := range map[string]struct {
		with string
		want any
	}{
		"json": {`{method: post, endpoint: "URL/echo?a=1", query: {b: 2}, headers: {X-Extra: yes it is}, body: {n: "${ 1 + 1 }"}}`, map[string]any{
			"method": "POST", "query": "a=1&b=2", "body": `{"n":2}`, "type": "application/json", "extra": "yes it is", "price": value.MustDecimal("0.10"),
		}},
		"form": {`{method: PUT, endpoint: {uri: "URL/echo"}, headers: {content-type: text/csv}, body: "a;b"}`, map[string]any{
			"method": "PUT", "query": "", "body": "a;b", "type": "text/csv", "extra": "", "price": value.MustDecimal("0.10"),
		}},
		"spaces": {`{method: GET, endpoint: "${ 'URL/echo?q=a b&r=é%20' }"}`, map[string]any{
			"method": "GET", "query": "q=a%20b&r=%C3%A9%20", "body": "", "type": "", "extra": "", "price": value.MustDecimal("0.10"),
		}},
		"text":  {`{method: GET, endpoint: "${ 'URL/' + 'text' }"}`, "hello"},
		"raw":   {`{method: GET, endpoint: "URL/bytes", output: raw}`, "/wAB"},
		"moved": {`{method: HEAD, endpoint: "URL/moved", redirect: true}`, nil},
		"again": {`{method: GET, endpoint: "URL/hangs-up"}`, "second"},
	} {
		t.Run(name, func(t *testing.T) {
			done := run(t, one.with)
			require.Equal(t, engine.Succeeded, done.State, "%v", done.Error)
			require.True(t, value.Equal(one.want, decode(t, done.Output)), "%v", decode(t, done.Output))
		})
	}
	for name, one := range map[string]struct {
		with   string
		status int
		detail string
	}{
		"missing":      {`{method: GET, endpoint: "URL/missing"}`, 404, "answered 404 Not Found: no such order"},
		"not followed": {`{method: GET, endpoint: "URL/moved"}`, 302, "answered 302 Found"},
		"broken json":  {`{method: GET, endpoint: "URL/broken-json"}`, 500, "is no JSON"},
		"bytes":        {`{method: GET, endpoint: "URL/bytes"}`, 500, "use the output raw"},
		"large":        {`{method: GET, endpoint: "URL/large"}`, 500, "is larger than"},
		"lost":         {`{method: POST, endpoint: "URL/never"}`, 500, "whether it was received is not known"},
		"header":       {`{method: GET, endpoint: "URL/text", headers: {"bad name": x}}`, 400, "a header has characters"},
		"no address":   {`{method: GET, endpoint: "${ 'file:///etc/passwd' }"}`, 400, "must begin with https://"},
		"password":     {`{method: GET, endpoint: "${ 'http://me:pw@' + 'example.com' }"}`, 400, "must not hold a user"},
		"no host":      {`{method: GET, endpoint: "http://no-such-host.invalid/"}`, 500, "no such host"},
	} {
		t.Run(name, func(t *testing.T) {
			done := run(t, one.with)
			require.Equal(t, engine.Failed, done.State)
			require.Contains(t, done.Error.Detail, one.detail)
			require.Equal(t, one.status, done.Error.Status)
		})
	}
	for _, key := range keys() {
		require.Contains(t, key, "/do/0/ask/0")
	}
	t.Run("inside", func(t *testing.T) {
		closed := newSite(t)
		closed.document(t, "w", `{do: [{ask: {call: http, with: {method: GET, endpoint: "`+url+`/text"}}}]}`)
		kinds, err := tasks.All(closed.world, egress.Config{Internet: true}.Client(), nil)
		require.NoError(t, err)
		e, _ := closed.engine(func(_ *engine.Config, d *engine.Deps) { d.Kinds = kinds })
		done := closed.finish(e, start(t, e, "w").ID)
		require.Equal(t, 403, done.Error.Status)
		require.Contains(t, done.Error.Detail, "not allowed")
	})
}

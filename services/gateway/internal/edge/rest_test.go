package edge_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

const entries = "/v1/components/invoice/entries"

func TestRESTReads(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.call("GET", entries+"/e1", "")
	require.Equal(t, map[string]any{"total": "12.5", "paid": true}, a.ok()["fields"])
	require.Equal(t, "HTTP/2.0", a.proto)
	for name, want := range map[string]string{
		"Content-Type": "application/json", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
		"Strict-Transport-Security": "max-age=31536000", "Referrer-Policy": "no-referrer",
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
	} {
		require.Equal(t, want, a.header.Get(name), name)
	}
	for name := range a.header {
		require.NotContains(t, strings.ToLower(name), "grpc", "no metadata of ours")
	}
	got := w.storage.last()
	require.Equal(t, "invoice", got.req.(*storagev1.GetEntryRequest).GetComponent())
	require.Equal(t, "acme", got.principal.Tenant)
	require.Equal(t, "r1", got.principal.Release)

	w.call("GET", entries+"?filter=total+%3E+1&pageSize=5&fields=a&fields=b&count=true&order_by=total+desc", "").ok()
	list := w.storage.last().req.(*storagev1.ListEntriesRequest)
	require.Equal(t, "total > 1", list.GetFilter())
	require.EqualValues(t, 5, list.GetPageSize())
	require.Equal(t, []string{"a", "b"}, list.GetFields())
	require.True(t, list.GetCount())
	require.Equal(t, "total desc", list.GetOrderBy())

	head := w.call("HEAD", entries+"/e1", "")
	require.Equal(t, 200, head.code)
	require.Empty(t, head.text)
	require.Equal(t, fmt.Sprint(len(a.text)), head.header.Get("Content-Length"))

	w.call("GET", entries+"/a%20b%3Ac", "").ok()
	require.Equal(t, "a b:c", w.storage.last().req.(*storagev1.GetEntryRequest).GetEntry())
}

func TestRESTWrites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.call("POST", entries+"?requestId=r-1", ` {"fields":{"total":12.50,"tags":["a",null]}}`+"\n").ok()
	create := w.storage.last().req.(*storagev1.CreateEntryRequest)
	require.Equal(t, "r-1", create.GetRequestId())
	require.Equal(t, "12.5", create.GetEntry().GetFields()["total"].GetDecimal())

	w.call("PATCH", entries+"/e9?updateMask=fields.total,fields.state", `{"fields":{"total":1},"etag":"7"}`).ok()
	update := w.storage.last().req.(*storagev1.UpdateEntryRequest)
	require.Equal(t, "e9", update.GetEntry().GetId())
	require.Equal(t, "7", update.GetEntry().GetEtag())
	require.Equal(t, []string{"fields.total", "fields.state"}, update.GetUpdateMask().GetPaths())

	w.call("POST", entries+"/e3:restore", "").ok() // an empty body is an empty message
	require.Equal(t, "e3", w.storage.last().req.(*storagev1.RestoreEntryRequest).GetEntry())
	w.call("POST", entries+"/e4:restore", "{}").ok()

	w.call("PATCH", entries+"/e5", `{"fields":{}}`).ok() // without a mask, none is made up
	require.Nil(t, w.storage.last().req.(*storagev1.UpdateEntryRequest).GetUpdateMask())
}

func TestRESTErrorsOfServices(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for entry, want := range map[string]struct {
		code   int
		reason string
		status string
	}{
		"missing":    {404, "ENTRY_NOT_FOUND", "NOT_FOUND"},
		"stale":      {409, "ETAG_MISMATCH", "ABORTED"},
		"there":      {409, "ENTRY_EXISTS", "ALREADY_EXISTS"},
		"referenced": {400, "ENTRY_REFERENCED", "FAILED_PRECONDITION"},
		"busy":       {503, "OVERLOADED", "UNAVAILABLE"},
		"broken":     {500, "INTERNAL", "INTERNAL"},
	} {
		a := w.call("GET", entries+"/"+entry, "")
		e := a.refused(want.code, want.reason)
		require.Equal(t, want.status, e.Status)
		switch entry {
		case "missing":
			require.Equal(t, map[string]string{"entry": "missing"}, e.Details)
		case "there":
			require.Equal(t, "fields.number", e.Violations[0].Field)
			require.Equal(t, "is taken", e.Violations[0].Description)
		case "busy":
			require.Equal(t, "3", a.header.Get("Retry-After"))
		case "broken":
			require.NotContains(t, a.text, "secret detail")
			require.Contains(t, w.log.String(), "request failed")
		}
	}
	w.call("GET", "/v1/runs/x", "").refused(503, "SERVICE_UNAVAILABLE") // nobody serves workflow here
}

func TestRESTRefusesWhatIsWrong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	long := strings.Repeat("x", 9<<10)
	for _, c := range []struct {
		method, path, body string
		header             []string
		code               int
		reason             string
		violations         map[string]string
	}{
		{"GET", "/v1/nothing", "", nil, 404, "UNKNOWN_METHOD", nil},
		{"POST", "/nothing", "{}", nil, 404, "UNKNOWN_METHOD", nil},
		{"GET", "/nothing.txt", "", nil, 404, "UNKNOWN_METHOD", nil},
		{"GET", "/v1", "", nil, 404, "UNKNOWN_METHOD", nil},
		{"GET", "/v1//components/invoice/entries", "", nil, 404, "UNKNOWN_METHOD", nil},
		{"GET", "/v1/components//entries/e1", "", nil, 404, "UNKNOWN_METHOD", nil},
		{"GET", entries + "/", "", nil, 404, "UNKNOWN_METHOD", nil},
		{"GET", "/v1/components/../components/invoice/entries/e1", "", nil, 404, "UNKNOWN_METHOD", nil},
		{"GET", "/v1/components/%2e%2e/invoice/entries", "", nil, 404, "UNKNOWN_METHOD", nil},
		{"GET", entries + "/%ff", "", nil, 404, "UNKNOWN_METHOD", nil},
		{"GET", entries + "?filter=" + long, "", nil, 414, "REQUEST_TOO_LARGE", nil},
		{"DELETE", entries, "", nil, 405, "METHOD_NOT_ALLOWED", nil},
		{"POST", entries, `{"fields":1}`, nil, 400, "INVALID_FIELDS", map[string]string{"fields": "expected an object"}},
		{"POST", entries, `{"feilds":{},"id":7}`, nil, 400, "INVALID_FIELDS", map[string]string{"feilds": "unknown field", "id": "expected text"}},
		{"POST", entries, `{"feilds":{}}`, nil, 400, "UNKNOWN_FIELD", map[string]string{"feilds": "unknown field"}},
		{"POST", entries, `{"fields":{}`, nil, 400, "MALFORMED_REQUEST", nil},
		{"POST", entries, "{}\n{}", nil, 400, "MALFORMED_REQUEST", nil},
		{"POST", entries, `{"id":"a","id":"b"}`, nil, 400, "INVALID_FIELDS", map[string]string{"id": "given more than once"}},
		{"POST", entries, strings.Repeat(`{"fields":`, 100_000), nil, 400, "REQUEST_TOO_DEEP", nil},
		{"POST", entries, `{"fields":{"a":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}}`, nil, 400, "REQUEST_TOO_DEEP", nil},
		{"POST", entries, `{}`, []string{"Content-Type", "text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE", nil},
		{"POST", entries, `{}`, []string{"Content-Type", ""}, 415, "UNSUPPORTED_MEDIA_TYPE", nil},
		{"POST", entries, `{}`, []string{"Content-Type", "application/json; charset=latin1"}, 415, "UNSUPPORTED_MEDIA_TYPE", nil},
		{"POST", entries, `{}`, []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "UNSUPPORTED_MEDIA_TYPE", nil},
		{"POST", entries, `{}`, []string{"Content-Encoding", "gzip"}, 415, "UNSUPPORTED_MEDIA_TYPE", nil},
		{"GET", entries, `{}`, nil, 400, "MALFORMED_REQUEST", nil},
		{"GET", entries + "?pagesize=1&nope=2", "", nil, 400, "UNKNOWN_FIELD", map[string]string{"nope": "unknown parameter", "pagesize": "unknown parameter"}},
		{"GET", entries + "?pageSize=many&count=perhaps", "", nil, 400, "INVALID_FIELDS",
			map[string]string{"pageSize": "expected a whole number in range", "count": "expected true or false"}},
		{"GET", entries + "?pageSize=1&pageSize=2", "", nil, 400, "INVALID_FIELDS", map[string]string{"pageSize": "given more than once"}},
		{"GET", entries + "?pageSize=1&page_size=2", "", nil, 400, "MALFORMED_REQUEST", nil},
		{"GET", entries + "?component=other", "", nil, 400, "INVALID_FIELDS", map[string]string{"component": "is given in the path"}},
		{"GET", entries + "?filter[a]=1", "", nil, 400, "UNKNOWN_FIELD", map[string]string{"filter[a]": "unknown parameter"}},
		{"GET", entries + "?a=%zz", "", nil, 400, "MALFORMED_REQUEST", nil},
		{"PATCH", entries + "/e1?entry.id=e2", `{}`, nil, 400, "UNKNOWN_FIELD", map[string]string{"entry.id": "unknown parameter"}},
		{"POST", entries + ":purge?component=other", `{}`, nil, 400, "UNKNOWN_FIELD", map[string]string{"component": "unknown parameter"}},
		{"POST", "/v1/components/c/revisions/one:restore", `{}`, nil, 400, "MALFORMED_REQUEST", nil},
		{"GET", "/v1/runs?state=RUN_STATE_HAPPY", "", nil, 400, "INVALID_FIELDS", map[string]string{
			"state": "expected one of RUN_STATE_UNSPECIFIED, RUN_STATE_RUNNING, RUN_STATE_WAITING, RUN_STATE_SUCCEEDED, RUN_STATE_FAILED, RUN_STATE_CANCELED",
		}},
	} {
		before := w.storage.count()
		e := w.call(c.method, c.path, c.body, c.header...).refused(c.code, c.reason)
		got := map[string]string{}
		for _, v := range e.Violations {
			got[v.Field] = v.Description
		}
		if c.violations != nil {
			require.Equal(t, c.violations, got, "%s %.100s", c.method, c.path)
		}
		require.Equal(t, before, w.storage.count(), "nothing reaches the service: %s %.100s", c.method, c.path)
	}
	require.Equal(t, "GET, HEAD, POST", w.call("DELETE", entries, "").header.Get("Allow"))
	require.Equal(t, "GET, HEAD", w.call("POST", "/v1/docs", "").header.Get("Allow"))
}

func TestRESTIgnoresMethodOverride(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.call("GET", entries+"/e1", "", "X-Http-Method-Override", "DELETE").ok()
	require.IsType(t, &storagev1.GetEntryRequest{}, w.storage.last().req)
	w.call("POST", entries+"/e1", "a=b", "Content-Type", "application/x-www-form-urlencoded", "X-Http-Method-Override", "GET").
		refused(405, "METHOD_NOT_ALLOWED")
}

func TestRESTBodyLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	huge := int64(100 << 20)
	for _, path := range []string{entries, entries + ":batchWrite"} {
		var sent counted
		req, err := http.NewRequestWithContext(t.Context(), "POST", "https://"+w.addr+path, io.LimitReader(&sent, huge))
		require.NoError(t, err)
		req.ContentLength = huge
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer alice")
		w.do(req).refused(413, "REQUEST_TOO_LARGE")
		require.Less(t, sent.Load(), huge/2, "refused by its length: what was sent fits the buffers on the way")
	}
	// Without a length, it is found out on the way.
	req, err := http.NewRequestWithContext(t.Context(), "POST", "https://"+w.addr+entries, io.MultiReader(io.LimitReader(spaces{}, 2<<20)))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer alice")
	w.do(req).refused(413, "REQUEST_TOO_LARGE")

	row := `{"action":"WRITE_ACTION_CREATE","entry":{"fields":{"text":"` + strings.Repeat("x", 1000) + `"}}},`
	many := `{"operations":[` + strings.TrimSuffix(strings.Repeat(row, 9000), ",") + `]}`
	require.Greater(t, len(many), 8<<20)
	require.Equal(t, "9000", w.call("POST", entries+":batchWrite", many).ok()["created"])
	w.call("POST", entries, `{"name":"`+strings.Repeat("x", 1<<20)+`"}`).refused(413, "REQUEST_TOO_LARGE")

	keys := new(bytes.Buffer)
	keys.WriteString(`{"fields":{`)
	for i := range 1_000_000 {
		fmt.Fprintf(keys, `"k%d":1,`, i)
	}
	keys.WriteString(`"z":1}}`)
	w.call("POST", entries, keys.String()).refused(413, "REQUEST_TOO_LARGE")
}

type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// counted is spaces that count themselves.
type counted struct{ atomic.Int64 }

func (c *counted) Read(p []byte) (int, error) {
	c.Add(int64(len(p)))
	return spaces{}.Read(p)
}

func TestRESTStream(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.call("GET", "/v1/publications/p1:watch", "")
	require.Equal(t, "application/x-ndjson", a.header.Get("Content-Type"))
	lines := strings.Split(strings.TrimSpace(a.text), "\n")
	require.Len(t, lines, 3)
	require.Contains(t, lines[2], `"progress":100`)

	a = w.call("GET", "/v1/publications/breaks:watch", "")
	lines = strings.Split(strings.TrimSpace(a.text), "\n")
	require.Len(t, lines, 4)
	require.JSONEq(t, `{"error":{"code":503,"status":"UNAVAILABLE","reason":"SERVICE_UNAVAILABLE","message":"storage is not available"}}`, lines[3])

	w.call("GET", "/v1/publications/none:watch", "").refused(404, "PUBLICATION_NOT_FOUND")
	w.call("GET", "/v1/publications/full:watch", "").refused(409, "PUBLICATION_IN_PROGRESS")
}

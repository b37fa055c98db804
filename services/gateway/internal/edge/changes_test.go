package edge_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/aqtra/aqtra/pkg/broadcast"
	changesv1 "github.com/aqtra/aqtra/proto/gen/aqtra/changes/v1"
	"github.com/aqtra/aqtra/services/gateway/internal/changes"
)

func entryChange() broadcast.Message {
	return broadcast.Message{Tenant: "acme", Kind: changesv1.Kind_KIND_ENTRY, Component: "invoice", ID: "e1"}
}

// watch opens a stream and returns its lines as they come.
func (w *world) watch(path, who, accept string) (*http.Response, <-chan string, context.CancelFunc) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	w.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+w.addr+path, nil)
	require.NoError(w.t, err)
	req.Header.Set("Cookie", "__Host-aqtra="+who)
	req.Header.Set("Accept", accept)
	res, err := w.client.Do(req)
	require.NoError(w.t, err)
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		defer res.Body.Close()
		for in := bufio.NewScanner(res.Body); in.Scan(); {
			lines <- in.Text()
		}
	}()
	return res, lines, cancel
}

func line(t *testing.T, lines <-chan string) string {
	t.Helper()
	select {
	case l, ok := <-lines:
		require.True(t, ok, "the stream ended")
		return l
	case <-time.After(10 * time.Second):
		require.FailNow(t, "no line")
		return ""
	}
}

func TestChangesAsEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	res, lines, _ := w.watch("/v1/changes:watch?kinds=KIND_ENTRY&component=invoice", "bob", "text/event-stream")
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Equal(t, "text/event-stream", res.Header.Get("Content-Type"))
	require.Equal(t, "no-store", res.Header.Get("Cache-Control"))
	require.Equal(t, "no", res.Header.Get("X-Accel-Buffering"))
	require.Equal(t, "retry: 3000", line(t, lines))
	require.Empty(t, line(t, lines))
	w.news <- entryChange()
	require.Equal(t, `data: {"kind":"KIND_ENTRY","component":"invoice","id":"e1"}`, line(t, lines))
	require.Empty(t, line(t, lines))
	w.clk.Advance(15 * time.Second)
	require.Equal(t, ": ping", line(t, lines))
	require.Empty(t, line(t, lines))

	w.people.revoke("bob")
	require.NoError(t, w.clk.WaitTimers(t.Context(), 1))
	w.clk.Advance(15 * time.Second)
	for l := line(t, lines); l != "event: end"; l = line(t, lines) {
		require.Contains(t, []string{": ping", ""}, l)
	}
	require.Contains(t, line(t, lines), `"reason":"UNAUTHENTICATED"`)
	res, _, _ = w.watch("/v1/changes:watch", "bob", "text/event-stream")
	require.Equal(t, http.StatusUnauthorized, res.StatusCode)
}

func TestChangesAsLines(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	res, lines, leave := w.watch("/v1/changes:watch", "alice", "*/*")
	require.Equal(t, "application/x-ndjson", res.Header.Get("Content-Type"))
	w.news <- entryChange()
	require.Equal(t, `{"result":{"kind":"KIND_ENTRY","component":"invoice","id":"e1"}}`, line(t, lines))
	leave()
	for range lines { // it ends
	}
}

func TestChangesRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.call("GET", "/v1/changes:watch", "", "Authorization", "").refused(401, "UNAUTHENTICATED")
	w.call("GET", "/v1/changes:watch?kinds=KIND_UNSPECIFIED", "", "Accept", "text/event-stream").refused(400, "INVALID_FIELDS")
	w.call("GET", "/v1/changes:watch?kinds=LOUD", "").refused(400, "INVALID_FIELDS")
	w.call("GET", "/v1/changes:watch?tenant=other", "").refused(400, "UNKNOWN_FIELD")
	w.call("POST", "/v1/changes:watch", "{}").refused(405, "METHOD_NOT_ALLOWED")
	head := w.call("HEAD", "/v1/changes:watch", "", "Accept", "text/event-stream")
	require.Equal(t, http.StatusOK, head.code)
	for range changes.MaxPerUser {
		res, _, _ := w.watch("/v1/changes:watch", "alice", "text/event-stream")
		require.Equal(t, http.StatusOK, res.StatusCode)
	}
	w.call("GET", "/v1/changes:watch", "").refused(429, "QUOTA_EXCEEDED")
}

func TestChangesOverGRPC(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := changesv1.NewChangesClient(w.dial())
	stranger, err := c.WatchChanges(as(t.Context(), "stranger"), &changesv1.WatchChangesRequest{})
	require.NoError(t, err)
	stream, err := c.WatchChanges(as(t.Context(), "alice"), &changesv1.WatchChangesRequest{})
	require.NoError(t, err)
	_, err = stranger.Header()
	require.NoError(t, err)
	_, err = stream.Header() // it listens
	require.NoError(t, err)
	w.news <- entryChange()
	got, err := stream.Recv()
	require.NoError(t, err)
	require.Equal(t, "e1", got.GetId())

	nobody, err := c.WatchChanges(t.Context(), &changesv1.WatchChangesRequest{})
	require.NoError(t, err)
	_, err = nobody.Recv()
	require.Equal(t, codes.Unauthenticated, status.Code(err))

	w.stop()
	for _, s := range []changesv1.Changes_WatchChangesClient{stream, stranger} {
		_, err = s.Recv()
		require.Equal(t, codes.Unavailable, status.Code(err), "a stream ends when the edge drains: %v", err)
	}
}

// TestDrainDoesNotWaitForStreams checks that the edge stops at once, however many listen.
func TestDrainDoesNotWaitForStreams(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, lines, _ := w.watch("/v1/changes:watch", "alice", "text/event-stream")
	require.True(t, strings.HasPrefix(line(t, lines), "retry"))
	start := time.Now()
	w.stop()
	require.NoError(t, <-w.done)
	require.Less(t, time.Since(start), 5*time.Second)
}

// TestReleaseIsForgotten checks that a request after the news of a release is pinned to it, though the old one is fresh.
func TestReleaseIsForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	read := func() string {
		w.call("GET", "/v1/components/invoice/entries/e1", "").ok()
		return w.storage.last().principal.Release
	}
	require.Equal(t, "r1", read())
	w.library.set("r2", false)
	require.Equal(t, "r1", read())
	w.news <- broadcast.Message{Tenant: "acme", Kind: changesv1.Kind_KIND_PUBLICATION}
	w.news <- broadcast.Message{Tenant: "other"} // the first was passed on by now
	require.Equal(t, "r2", read())
}

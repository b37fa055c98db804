package e2e_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	changesv1 "github.com/aqtra/aqtra/proto/gen/aqtra/changes/v1"
)

// heard is what a stream says.
type heard struct{ Kind, Component, ID string }

// events opens the stream of changes as a browser does. The channel closes when the stream ends.
func (u *user) events(t *testing.T) <-chan heard {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, u.site.URL+"/v1/changes:watch", nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+u.Token)
	req.Header.Set("Accept", "text/event-stream")
	transport := &http.Transport{TLSClientConfig: u.site.TLS(), ForceAttemptHTTP2: true}
	res, err := (&http.Client{Transport: transport}).Do(req)
	require.NoError(t, err)
	require.Equal(t, 200, res.StatusCode)
	require.Equal(t, "text/event-stream", res.Header.Get("Content-Type"))
	out := make(chan heard, 1000)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(out)
		ended := false
		for in := bufio.NewScanner(res.Body); in.Scan(); {
			ended = ended || in.Text() == "event: end"
			var c heard
			if data, ok := strings.CutPrefix(in.Text(), "data: "); ok && !ended && json.Unmarshal([]byte(data), &c) == nil {
				out <- c
			}
		}
	}()
	t.Cleanup(func() { _ = res.Body.Close(); <-done; transport.CloseIdleConnections() })
	return out
}

// stream opens the stream of changes over gRPC.
func (u *user) stream(t *testing.T) <-chan heard {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	stream, err := changesv1.NewChangesClient(u.GRPC()).WatchChanges(ctx, &changesv1.WatchChangesRequest{})
	require.NoError(t, err)
	_, err = stream.Header() // it listens
	require.NoError(t, err)
	out := make(chan heard, 1000)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(out)
		for {
			c, err := stream.Recv()
			if err != nil {
				return
			}
			out <- heard{c.GetKind().String(), c.GetComponent(), c.GetId()}
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	return out
}

// hears waits for a change, and returns all that came before it.
func hears(t *testing.T, from <-chan heard, want heard) (before []heard) {
	t.Helper()
	for timeout := time.After(patience); ; {
		select {
		case c, ok := <-from:
			require.True(t, ok, "the stream ended before %v", want)
			if c == want {
				return before
			}
			before = append(before, c)
		case <-timeout:
			require.FailNow(t, "not heard", "%v, but %v", want, before)
		}
	}
}

func TestChanges(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		ada := invoices(t, s)
		bob, member, stranger := ada.invite(t, "accountant"), ada.invite(t, "member"), s.signUp(t)
		toAda, toBob, toMember, toStranger := ada.stream(t), bob.events(t), member.stream(t), stranger.events(t)

		entry := text(t, ada.create(t, "invoice", invoice("INV-30", "5000", 0)), "id")
		hears(t, toBob, heard{"KIND_ENTRY", "invoice", entry})
		hears(t, toAda, heard{"KIND_ENTRY", "invoice", entry})

		run := text(t, ada.call(t, "POST", "/v1/components/invoice/workflows/approval:start",
			object{"input": object{"entry": entry}, "entry": entry}).ok(), "id")
		task := text(t, ada.task(t, run), "id")
		hears(t, toBob, heard{"KIND_TASK", "invoice", task})
		hears(t, toAda, heard{"KIND_RUN", "invoice", run})
		ada.call(t, "POST", "/v1/runs/"+run+":cancel", object{}).ok()
		hears(t, toBob, heard{"KIND_TASK", "invoice", task})

		made := ada.get(t, "/v1/components/invoice")
		ada.call(t, "PATCH", "/v1/components/invoice?updateMask=description", object{"etag": made["etag"], "description": "Changed."}).ok()
		hears(t, toAda, heard{"KIND_COMPONENT", "invoice", "invoice"})
		publication := text(t, ada.publish(t, "invoice"), "id")
		hears(t, toAda, heard{"KIND_PUBLICATION", "", publication})
		live := heard{Kind: "KIND_PUBLICATION"}
		for _, c := range hears(t, toBob, live) {
			require.NotContains(t, []string{"KIND_RUN", "KIND_COMPONENT", "KIND_PUBLICATION"}, c.Kind, "an accountant may not read it: %v", c)
		}
		require.Empty(t, hears(t, toMember, live), "what a member without rights hears")
		require.Empty(t, bob.get(t, "/v1/tasks")["tasks"])

		other := text(t, stranger.call(t, "POST", "/v1/components", object{"id": "elsewhere", "displayName": "Elsewhere"}).ok(), "id")
		require.Empty(t, hears(t, toStranger, heard{"KIND_COMPONENT", other, other}), "what another tenant hears")

		ada.call(t, "PATCH", "/v1/users/"+bob.id+"?updateMask=disabled", object{"disabled": true}).ok()
		eventually(t, "the stream of a disabled user ends", func() bool {
			for {
				select {
				case _, open := <-toBob:
					if !open {
						return true
					}
				default:
					return false
				}
			}
		})
		_, err := s.nobody(t).watchOnce(t)
		require.Equal(t, codes.Unauthenticated, status.Code(err))
	})
}

// watchOnce opens a stream and returns the first answer.
func (u *user) watchOnce(t *testing.T) (*changesv1.Change, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	stream, err := changesv1.NewChangesClient(u.GRPC()).WatchChanges(ctx, &changesv1.WatchChangesRequest{})
	require.NoError(t, err)
	return stream.Recv()
}

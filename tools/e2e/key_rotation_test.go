package e2e_test

import (
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// The key that data keys are wrapped with is replaced while sensitive values and files are read and written. No call fails, and the old
// key is gone at the end.
func TestKeyRotation(t *testing.T) {
	t.Parallel()
	s := alone(t)
	u := s.signUp(t)
	u.buildComponent(t, object{"id": "safe", "displayName": "Safe", "model": object{"fields": list{
		object{"name": "secret", "title": "Secret", "type": "FIELD_TYPE_STRING", "sensitive": true}}}})
	u.publish(t)
	kept := entriesPath("safe") + "/" + text(t, u.create(t, "safe", object{"secret": "kept"}), "id")
	file := u.upload(t, "a.txt", "text/plain", []byte("content"))
	key := func(step string) []string {
		t.Helper()
		said, err := program(t, s.Data, "key", step)
		require.NoError(t, err, said)
		return strings.Split(strings.TrimSpace(said), "\n")
	}
	first := key("list")
	require.Len(t, first, 1)
	require.Contains(t, first[0], "primary")

	// Errors of the calls beside are told at the end: only the test's own goroutine may fail it.
	stop, calls, wrong := make(chan struct{}), 0, []string(nil)
	var beside sync.WaitGroup
	reader := s.bearer(t, u.Token)
	beside.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			for _, c := range []struct {
				method, path, want string
				body               any
			}{
				{"GET", kept, `"kept"`, nil},
				{"POST", entriesPath("safe"), `"new"`, object{"fields": object{"secret": "new"}}},
				{"GET", "/v1/files/" + file + ":download", "content", nil},
			} {
				a, err := reader.Do(t.Context(), c.method, c.path, c.body)
				if err != nil || a.Code != 200 || !strings.Contains(string(a.Body), c.want) {
					wrong = append(wrong, c.method+" "+c.path+": "+string(a.Body))
				}
				calls++
			}
		}
	})
	require.Len(t, key("add")[:2], 2)
	key("promote")
	other := s.signUp(t) // a tenant whose key is wrapped with the new one
	eventually(t, "the old key is used no more", func() bool { return strings.Contains(key("prune")[1], "removed.") })
	close(stop)
	beside.Wait()
	require.Empty(t, wrong)
	require.Greater(t, calls, 10)
	now := key("list")
	require.Len(t, now, 1)
	require.NotEqual(t, first, now)

	s.end(t, "aqtra", syscall.SIGKILL)
	u.restart(t, "aqtra")
	require.Equal(t, "kept", at(t, u.get(t, kept), "fields", "secret"))
	require.Equal(t, "content", string(u.call(t, "GET", "/v1/files/"+file+":download", nil).Body))
	other.get(t, "/v1/sessions/current")
}

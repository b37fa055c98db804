package broadcast

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/clock"
	changesv1 "github.com/aqtra/aqtra/proto/gen/aqtra/changes/v1"
)

// drain takes all batches and returns their messages.
func drain(t *testing.T, p *pending) []Message {
	t.Helper()
	var out []Message
	for {
		batch, more := p.take()
		require.LessOrEqual(t, len(batch), maxBatch)
		if len(batch) > 0 {
			messages, err := decode(batch)
			require.NoError(t, err)
			out = append(out, messages...)
		}
		if !more {
			return out
		}
	}
}

func TestPending(t *testing.T) {
	t.Parallel()
	entry := func(id string) Message {
		return Message{Tenant: "a", Kind: changesv1.Kind_KIND_ENTRY, Component: "c", ID: id}
	}
	task := func(id string, users ...string) Message {
		return Message{Tenant: "a", Kind: changesv1.Kind_KIND_TASK, Component: "c", ID: id, Users: users}
	}
	many := make([]Message, maxIDs+1)
	for i := range many {
		many[i] = entry(fmt.Sprint(i))
	}
	crowd := make([]string, 1000)
	for i := range crowd {
		crowd[i] = fmt.Sprintf("user-%05d", i)
	}
	for name, c := range map[string]struct{ in, out []Message }{
		"nothing":                 {},
		"twice the same":          {[]Message{entry("1"), entry("1")}, []Message{entry("1")}},
		"few are told one by one": {many[:maxIDs], many[:maxIDs]},
		"many are told as one":    {many, []Message{entry("")}},
		"many again are one":      {append([]Message{entry("")}, many...), []Message{entry("")}},
		"order stays":             {[]Message{entry("1"), {Tenant: "b"}, entry("1")}, []Message{entry("1"), {Tenant: "b"}}},
		"tasks keep their people": {[]Message{task("1", "u"), task("2", "v")}, []Message{task("1", "u"), task("2", "v")}},
		"a task's people add up":  {[]Message{task("1", "u"), task("1", "v", "u")}, []Message{task("1", "u", "v")}},
		"other roles hear of others": {
			[]Message{entry("1"), {Tenant: "a", Kind: changesv1.Kind_KIND_ENTRY, Component: "c", Roles: []string{"r"}}},
			[]Message{entry("1"), {Tenant: "a", Kind: changesv1.Kind_KIND_ENTRY, Component: "c", Roles: []string{"r"}}},
		},
		"too many people for a note": {[]Message{task("1", crowd...)}, []Message{{Tenant: "a"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var p pending
			for _, m := range c.in {
				p.add(m)
			}
			require.Equal(t, c.out, drain(t, &p))
			require.Equal(t, pending{}, p)
		})
	}
}

func TestPendingIsBounded(t *testing.T) {
	t.Parallel()
	var p pending
	for i := range maxPending + 10 {
		p.add(Message{Tenant: "a", Kind: changesv1.Kind_KIND_TASK, ID: fmt.Sprint(i)})
	}
	require.Len(t, p.groups, maxPending+1)
	got := drain(t, &p)
	require.Equal(t, Message{Tenant: "a"}, got[len(got)-1], "what is left out is told as anything")

	for i := range 3 * maxPending {
		p.add(Message{Tenant: fmt.Sprint(i), Kind: changesv1.Kind_KIND_ENTRY, Component: strings.Repeat("c", 40), ID: "1"})
		require.LessOrEqual(t, len(p.groups), 2*maxPending)
	}
	require.Contains(t, drain(t, &p), Message{})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`[{"t":"a","k":1,"c":"c","i":["1"]}]`))
	f.Fuzz(func(t *testing.T, batch []byte) {
		messages, err := decode(batch)
		require.True(t, err == nil || messages == nil)
	})
}

// BenchmarkPublish is what a write of an entry pays.
func BenchmarkPublish(b *testing.B) {
	bus := New(Config{Clock: clock.Real(), Log: slog.New(slog.DiscardHandler)})
	ids := make([]string, 1024)
	for i := range ids {
		ids[i] = fmt.Sprint(i)
	}
	i := 0
	for b.Loop() {
		bus.Publish(Message{Tenant: "a", Kind: changesv1.Kind_KIND_ENTRY, Component: "c", ID: ids[i%len(ids)]})
		i++
	}
}

// A release comes at the same moment as the end of its publication, and is for more people.
func TestReleaseIsToldBesideItsPublication(t *testing.T) {
	t.Parallel()
	var p pending
	moved := Message{Tenant: "acme", Kind: changesv1.Kind_KIND_PUBLICATION, ID: "p1"}
	live := Message{Tenant: "acme", Kind: changesv1.Kind_KIND_PUBLICATION}
	p.add(moved)
	p.add(live)
	p.add(moved)
	batch, more := p.take()
	require.False(t, more)
	got, err := decode(batch)
	require.NoError(t, err)
	require.Equal(t, []Message{moved, live}, got)
}

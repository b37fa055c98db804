package engine

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/clock"
)

// picky is a store that cannot keep one run, as when a text of it has a zero byte.
type picky struct {
	Store
	bad    string
	stored []string
}

func (p *picky) Commit(_ context.Context, _ string, _ time.Time, commits []*Commit) ([]bool, error) {
	for _, c := range commits {
		if c.Run == p.bad {
			return nil, errors.New("invalid byte sequence")
		}
	}
	out := make([]bool, len(commits))
	for i, c := range commits {
		p.stored = append(p.stored, c.Run)
		out[i] = true
	}
	return out, nil
}

// TestOneBadCommit checks that a commit that cannot be stored fails alone, and not those that go with it.
func TestOneBadCommit(t *testing.T) {
	t.Parallel()
	fake := clock.NewFake(time.Now())
	store := &picky{bad: "b"}
	e := &Engine{Deps: Deps{Store: store, Clock: fake, Log: slog.New(slog.DiscardHandler), Failpoint: func(string) error { return nil }}}
	var group []*pendingCommit
	for _, run := range []string{"a", "b", "c"} {
		group = append(group, &pendingCommit{commit: &Commit{Run: run}, done: make(chan error, 1)})
	}
	finished, finish := context.WithCancel(t.Context())
	go func() {
		defer finish()
		e.commitGroup(t.Context(), group)
	}()
	for fake.WaitTimers(finished, 1) == nil {
		fake.Advance(time.Second) // its patience ends
	}
	require.NoError(t, <-group[0].done)
	require.ErrorContains(t, <-group[1].done, "invalid byte sequence")
	require.NoError(t, <-group[2].done)
	require.Equal(t, []string{"a", "c"}, store.stored)
}

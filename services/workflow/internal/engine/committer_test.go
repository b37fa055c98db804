package engine

import (
	"context"
	"fmt"
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
			return nil, fmt.Errorf("%w: invalid byte sequence", ErrUnstorable)
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
	store := &picky{bad: "b"}
	e := &Engine{Deps: Deps{Store: store, News: noNews{}, Clock: clock.NewFake(time.Now()), Log: slog.New(slog.DiscardHandler), Failpoint: func(string) error { return nil }}}
	var group []*pendingCommit
	for _, run := range []string{"a", "b", "c"} {
		group = append(group, &pendingCommit{commit: &Commit{Run: run}, done: make(chan error, 1)})
	}
	e.commitGroup(t.Context(), group)
	require.NoError(t, <-group[0].done)
	require.ErrorIs(t, <-group[1].done, ErrUnstorable)
	require.NoError(t, <-group[2].done)
	require.Equal(t, []string{"a", "c"}, store.stored)
}

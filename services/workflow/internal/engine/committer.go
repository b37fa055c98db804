package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aqtra/aqtra/pkg/clock"
)

const (
	// maxGroup is how many commits go in one statement.
	maxGroup = 256
	// commitPatience is how long a commit is repeated while the database is away.
	commitPatience = 20 * time.Second
)

// errFenced says that the run was taken away: another worker has it, or it was canceled.
var errFenced = errors.New("the run was taken away")

type pendingCommit struct {
	commit *Commit
	done   chan error
}

// commit stores one commit together with those of other runs, and returns when it is durable.
func (e *Engine) commit(c *Commit) error {
	p := &pendingCommit{commit: c, done: make(chan error, 1)}
	// Committers outlive the workers: it is stored, whatever becomes of the worker's context.
	e.commits <- p
	return <-p.done
}

// commitLoop stores whatever has gathered while the group before was under way, without waiting for more.
func (e *Engine) commitLoop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case first := <-e.commits:
			group := []*pendingCommit{first}
			for len(group) < maxGroup {
				select {
				case next := <-e.commits:
					group = append(group, next)
					continue
				default:
				}
				break
			}
			e.commitGroup(ctx, group)
		}
	}
}

func (e *Engine) commitGroup(ctx context.Context, group []*pendingCommit) {
	// One order for everybody keeps groups from waiting for each other in a circle.
	slices.SortFunc(group, func(a, b *pendingCommit) int {
		if c := strings.Compare(a.commit.Tenant, b.commit.Tenant); c != 0 {
			return c
		}
		return strings.Compare(a.commit.Run, b.commit.Run)
	})
	commits := make([]*Commit, len(group))
	for i, p := range group {
		commits[i] = p.commit
	}
	stored, err := e.commitPatiently(ctx, commits)
	if len(group) > 1 && errors.Is(err, ErrUnstorable) {
		// Because of one of them: the others must not suffer from it.
		for _, p := range group {
			e.commitGroup(ctx, []*pendingCommit{p})
		}
		return
	}
	if err == nil {
		err = e.point("group.after")
	}
	for i, p := range group {
		switch {
		case err != nil:
			p.done <- fmt.Errorf("commit: %w", err)
		case !stored[i]:
			p.done <- errFenced
		default:
			e.announce(p.commit) // before the run goes on and takes back what it asked
			p.done <- nil
		}
	}
}

func (e *Engine) commitPatiently(ctx context.Context, commits []*Commit) ([]bool, error) {
	limit := e.Clock.Now().Add(commitPatience)
	for delay := 20 * time.Millisecond; ; delay = min(2*delay, time.Second) {
		stored, err := e.Store.Commit(ctx, e.owner, e.Clock.Now(), commits)
		if err == nil || errors.Is(err, ErrUnstorable) || ctx.Err() != nil || e.crashed.Load() || e.Clock.Now().After(limit) {
			return stored, err
		}
		e.Log.WarnContext(ctx, "commit repeated", "runs", len(commits), "error", err)
		if clock.Sleep(ctx, e.Clock, delay) != nil {
			return nil, ctx.Err()
		}
	}
}

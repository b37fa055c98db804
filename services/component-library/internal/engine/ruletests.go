package engine

import (
	"context"
	"errors"
	"fmt"

	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/impact"
)

// sampledEntries is how many entries of a component the rules of a candidate are tried on.
const sampledEntries = 1_000

// testRules tries the rules of changed components on the entries that are there, as they are live and as they would be. A plan
// without the answer is still a plan: what could not be counted says so.
func (e *Engine) testRules(ctx context.Context, tenant string, cand candidate) []*libraryv1.RuleTest {
	tests := cand.change.Tests()
	if len(tests) == 0 {
		return nil
	}
	before := e.counted(ctx, tenant, cand.live, tests, func(t impact.Test) impact.Count { return t.Before })
	after := e.counted(ctx, tenant, cand.components, tests, func(t impact.Test) impact.Count { return t.After })
	out := make([]*libraryv1.RuleTest, len(tests))
	for i, t := range tests {
		r := &libraryv1.RuleTest{Component: t.Component, Role: t.Role, Operation: t.Operation, Note: t.Note}
		out[i] = r
		if r.Note != "" {
			continue
		}
		was, is := before(t.Before), after(t.After)
		if r.Note = was.Problem; r.GetNote() == "" {
			r.Note = is.Problem
		}
		if r.GetNote() == "" {
			r.Entries, r.Now, r.Next = is.Entries, was.Selected, is.Selected
		}
	}
	return out
}

// counted makes the counts of one side of the tests, each once, and returns how to find them.
func (e *Engine) counted(ctx context.Context, tenant string, components []*libraryv1.Component, tests []impact.Test, side func(impact.Test) impact.Count) func(impact.Count) Counted {
	// Without filters that look at the user, the role makes no difference.
	key := func(c impact.Count) string { return fmt.Sprintf("%s %q", c.Component, c.Filters) }
	index := map[string]int{}
	var counts []impact.Count
	for _, t := range tests {
		c := side(t)
		if _, there := index[key(c)]; t.Note == "" && !there {
			index[key(c)] = len(counts)
			counts = append(counts, c)
		}
	}
	var results []Counted
	if len(counts) > 0 {
		var err error
		if results, err = e.Schema.Count(ctx, tenant, components, counts, sampledEntries); err != nil && !errors.Is(err, context.Canceled) {
			e.Log.WarnContext(ctx, "row rules not tried", "error", err)
		}
	}
	return func(c impact.Count) Counted {
		i, there := index[key(c)]
		if !there || i >= len(results) {
			return Counted{Problem: "could not be counted"}
		}
		return results[i]
	}
}

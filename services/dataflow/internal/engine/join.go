package engine

import (
	"context"
	"slices"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/aggregate"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// joined is a step that groups the entries which another one reads, so that storage can do both.
type joined struct {
	reading  step.Reading
	grouping step.Grouping
	with     int // the place of the step that groups
}

// grouped is what storage made.
type grouped struct {
	items []step.Item
	read  int64
}

// join finds the steps that storage can do together: the second groups what the first reads, and nothing else needs that.
func (g *Graph) join() {
	for i, n := range g.nodes {
		groups, ok := n.runner.(step.Grouped)
		if !ok || len(n.sources) != 1 {
			continue
		}
		at := n.sources[0]
		reading, ok := g.nodes[at].runner.(step.Reading)
		if !ok || g.readers(at) != 1 {
			continue
		}
		if grouping, ok := groups.Grouping(); ok && groupable(reading, grouping) {
			g.nodes[at].joined = &joined{reading: reading, grouping: grouping, with: i}
		}
	}
}

// readers counts the steps that read from one.
func (g *Graph) readers(of int) int {
	count := 0
	for _, n := range g.nodes {
		for _, at := range n.sources {
			if at == of {
				count++
			}
		}
	}
	return count
}

func groupable(reading step.Reading, grouping step.Grouping) bool {
	if len(grouping.Keys) > maxKeys || len(grouping.Totals) > maxTotals {
		return false
	}
	for _, key := range grouping.Keys {
		if _, ok := reading.Groups(key.Field); !ok {
			return false
		}
	}
	return !slices.ContainsFunc(grouping.Totals, func(t step.GroupTotal) bool {
		of, ok := reading.Groups(t.Field)
		return t.Field != "" && (!ok || (t.Op == aggregate.Min || t.Op == aggregate.Max) && !ordered(of))
	})
}

// What storage takes, see AggregateEntriesRequest.
const (
	maxKeys   = 8
	maxTotals = 16
)

// ordered tells whether storage knows the least and the greatest of values.
func ordered(t value.Type) bool {
	switch t.Kind {
	case value.Int, value.DecimalKind, value.Text, value.DateKind, value.TimeKind, value.DatetimeKind:
		return true
	}
	return false
}

// run has storage do both steps. It gives nil when they are to be done here: because storage has no room, because there are
// several queries, or because a total is out of range, which the step that groups tells better.
func (j *joined) run(ctx context.Context, env *step.Env, in [][]step.Item) (*grouped, error) {
	grouper, ok := env.Entries.(step.Grouper)
	if !ok {
		return nil, nil
	}
	query, ok, err := j.reading.Query(ctx, env, in)
	if err != nil || !ok {
		return nil, err
	}
	items, read, err := grouper.Group(ctx, query, j.grouping)
	if fault.Has(err, faultv1.Reason_REASON_OVERLOADED) || fault.Has(err, faultv1.Reason_REASON_EXPRESSION_FAILED) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &grouped{items: items, read: read}, nil
}

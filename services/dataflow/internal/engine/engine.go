// Package engine compiles dataflows and runs them: interactive ones, item by item in memory. A query with a group-by directly
// behind it that storage can group goes there as one, and its entries never come here.
package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aqtra/aqtra/pkg/catalog"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// Bounds of one run.
const (
	// MaxBytes is how much memory, by estimate, the items may take that leave one step.
	MaxBytes = step.MaxBytes
	// MaxItems is how many items may leave one step.
	MaxItems = step.MaxItems
	// MaxSteps is how many steps a dataflow may have.
	MaxSteps = 500
	// MaxDepth is how deep dataflows may call dataflows.
	MaxDepth = 8
)

// Graph is a compiled dataflow. It never changes and is used by many runs at once.
type Graph struct {
	id    string
	roles []string
	nodes []node // in an order in which sources come first
}

type node struct {
	id, kind string
	sources  []int
	runner   step.Runner
	joined   *joined // nil unless storage may do the next step with this one
}

// Checked is what compiling a dataflow tells.
type Checked struct {
	// Graph is nil when there is any problem of severity error.
	Graph      *Graph
	Problems   []*catalogv1.Problem
	References []*catalogv1.Reference
	// Types are the types of the steps' items, by step id.
	Types map[string]value.Type
}

// Compile checks a dataflow and makes it ready to run.
func Compile(kinds *catalog.Registry[step.Kind], scope *step.Scope) Checked {
	flow := scope.Dataflow
	result := Checked{Types: map[string]value.Type{}}
	problem := func(path, reason, format string, args ...any) *catalogv1.Problem {
		p := &catalogv1.Problem{
			Severity: catalogv1.Severity_SEVERITY_ERROR, Reason: reason, Message: fmt.Sprintf(format, args...),
			Component: scope.Component.GetId(), Path: "dataflows/" + flow.GetId() + path,
		}
		result.Problems = append(result.Problems, p)
		return p
	}
	if len(flow.GetSteps()) == 0 {
		problem("", "no-steps", "the dataflow has no steps; begin with get-action-model")
		return result
	}
	if len(flow.GetSteps()) > MaxSteps {
		problem("", "too-many-steps", "a dataflow has at most %d steps, this one has %d", MaxSteps, len(flow.GetSteps()))
		return result
	}
	order := sortSteps(flow.GetSteps(), problem)
	graph := &Graph{id: flow.GetId(), roles: flow.GetRoles()}
	position := map[string]int{}
	for _, s := range order {
		kind, ok := kinds.Get(s.GetType())
		if !ok {
			p := problem("/steps/"+s.GetId()+"/type", "unknown-step-type", "there is no step type %q", s.GetType())
			step.Suggest(p, s.GetType(), kinds.Types())
			position[s.GetId()] = len(graph.nodes)
			graph.nodes = append(graph.nodes, node{id: s.GetId()})
			continue
		}
		spec := kind.Spec()
		n := node{id: s.GetId(), kind: s.GetType()}
		var sources []value.Type
		for _, id := range s.GetSources() {
			if at, ok := position[id]; ok {
				n.sources = append(n.sources, at)
				sources = append(sources, result.Types[id])
			}
		}
		c := step.NewCompiler(scope, s, spec, sources)
		if count := int32(len(s.GetSources())); count < spec.GetMinSources() || count > spec.GetMaxSources() {
			problem("/steps/"+s.GetId()+"/sources", "wrong-sources", "%s takes %s, this one has %d", s.GetType(), sourcesInWords(spec), count)
		} else if len(c.Problems) == 0 {
			n.runner = kind.Compile(c)
		}
		result.Problems = append(result.Problems, c.Problems...)
		result.References = append(result.References, c.References...)
		result.Types[s.GetId()] = c.OutputType()
		position[s.GetId()] = len(graph.nodes)
		graph.nodes = append(graph.nodes, n)
	}
	if !slices.ContainsFunc(result.Problems, func(p *catalogv1.Problem) bool {
		return p.GetSeverity() == catalogv1.Severity_SEVERITY_ERROR
	}) {
		graph.join()
		result.Graph = graph
	}
	return result
}

func sourcesInWords(spec *catalogv1.Spec) string {
	switch {
	case spec.GetMaxSources() == 0:
		return "no source step"
	case spec.GetMinSources() == spec.GetMaxSources() && spec.GetMinSources() == 1:
		return "one source step"
	case spec.GetMinSources() == spec.GetMaxSources():
		return fmt.Sprintf("%d source steps", spec.GetMinSources())
	default:
		return fmt.Sprintf("%d to %d source steps", spec.GetMinSources(), spec.GetMaxSources())
	}
}

// sortSteps puts sources before the steps that read them, otherwise keeping the order of the definition. Steps without an id,
// with a duplicate one, with a source that is not there, or in a circle are reported.
func sortSteps(steps []*libraryv1.Step, problem func(path, reason, format string, args ...any) *catalogv1.Problem) []*libraryv1.Step {
	byID := make(map[string]*libraryv1.Step, len(steps))
	var ids []string
	for i, s := range steps {
		switch {
		case s.GetId() == "":
			problem(fmt.Sprintf("/steps[%d]", i), "missing-id", "the step needs an id")
		case byID[s.GetId()] != nil:
			problem("/steps/"+s.GetId(), "duplicate-id", "two steps have the id %q", s.GetId())
		default:
			byID[s.GetId()] = s
			ids = append(ids, s.GetId())
		}
	}
	const visiting, done = 1, 2
	state := map[string]int{}
	var order []*libraryv1.Step
	var visit func(s *libraryv1.Step)
	visit = func(s *libraryv1.Step) {
		state[s.GetId()] = visiting
		for _, id := range s.GetSources() {
			source, ok := byID[id]
			switch {
			case !ok:
				p := problem("/steps/"+s.GetId()+"/sources", "unknown-source", "there is no step %q", id)
				step.Suggest(p, id, ids)
			case state[id] == visiting:
				problem("/steps/"+s.GetId()+"/sources", "circle", "%q reads from %q, which reads from it again", s.GetId(), id)
			case state[id] != done:
				visit(source)
			}
		}
		state[s.GetId()] = done
		order = append(order, s)
	}
	for _, id := range ids {
		if state[id] == 0 {
			visit(byID[id])
		}
	}
	return order
}

// MayRun reports whether p may run the dataflow directly.
func (g *Graph) MayRun(p principal.Principal) bool { return p.MayUse(g.roles) }

// Run runs the dataflow. The base environment says who calls, with what, and what is in reach; its Key, Report and Result are
// set here. Reports are returned with an error, too: they tell how far the run came.
func (g *Graph) Run(ctx context.Context, base step.Env, now func() time.Time) (*step.Result, []*step.Report, error) {
	reports := make([]*step.Report, 0, len(g.nodes))
	result, err := g.run(ctx, base, now, true, func(r *step.Report, _ []step.Item, _ error) { reports = append(reports, r) })
	return result, reports, err
}

// Follow is Run that shows every step as Trace does; of steps that storage does together it shows only what the last one gave.
func (g *Graph) Follow(ctx context.Context, base step.Env, now func() time.Time, seen func(*step.Report, []step.Item, error)) (*step.Result, error) {
	return g.run(ctx, base, now, true, seen)
}

// Trace is Run that shows every step when it has run: what it says, what it gave, and why it failed.
func (g *Graph) Trace(ctx context.Context, base step.Env, now func() time.Time, seen func(*step.Report, []step.Item, error)) (*step.Result, error) {
	return g.run(ctx, base, now, false, seen)
}

// run runs the steps one by one; with join set, storage does those that can be done together there, of which the items between
// them are never seen.
func (g *Graph) run(ctx context.Context, base step.Env, now func() time.Time, join bool, seen func(*step.Report, []step.Item, error)) (*step.Result, error) {
	if base.Depth > MaxDepth {
		return nil, fault.FailedPrecondition(faultv1.Reason_REASON_STEP_FAILED,
			fmt.Sprintf("dataflows call each other more than %d levels deep", MaxDepth))
	}
	result := &step.Result{}
	key := base.Key
	outputs := make([][]step.Item, len(g.nodes))
	done := map[int]*grouped{} // steps that were done with the one before, by their place
	for i, n := range g.nodes {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("dataflow %s, step %s: %w", g.id, n.id, err)
		}
		env := base
		env.Report = &step.Report{Step: n.id, Type: n.kind}
		env.Result = result
		if key != "" {
			env.Key = key + "/" + n.id
		}
		in := make([][]step.Item, len(n.sources))
		for j, at := range n.sources {
			in[j] = outputs[at]
			env.Report.RowsIn += int64(len(outputs[at]))
		}
		started := now()
		var items []step.Item
		var err error
		var group *grouped
		if join && n.joined != nil {
			if group, err = n.joined.run(ctx, &env, in); group != nil {
				done[n.joined.with] = group
			}
		}
		switch before := done[i]; {
		case before != nil:
			items, env.Report.RowsIn = before.items, before.read
		case err == nil && group == nil:
			items, err = n.runner.Run(ctx, &env, in)
		}
		env.Report.Duration = now().Sub(started)
		if env.Report.RowsOut = int64(len(items)); group != nil {
			env.Report.RowsOut = group.read
		}
		if err == nil {
			err = checkBounds(items)
		}
		if err != nil {
			err = atStep(n, err)
		}
		seen(env.Report, items, err)
		if err != nil {
			return nil, err
		}
		outputs[i] = items
	}
	return result, nil
}

func checkBounds(items []step.Item) error {
	if len(items) > MaxItems {
		return fault.FailedPrecondition(faultv1.Reason_REASON_STEP_FAILED,
			fmt.Sprintf("the step made %d items, a step may make %d", len(items), MaxItems))
	}
	size := int64(0)
	for _, item := range items {
		if size += step.Size(item.Fields); size > MaxBytes {
			return step.TooLarge()
		}
	}
	return nil
}

// atStep names the step in the fault of its cause.
func atStep(n node, err error) error {
	f, ok := fault.As(err)
	if !ok {
		return fmt.Errorf("step %s: %w", n.id, err)
	}
	named := *f
	named.Meta = map[string]string{}
	for k, v := range f.Meta {
		named.Meta[k] = v
	}
	if named.Meta["step"] == "" {
		named.Meta["step"] = n.id
		named.Message = fmt.Sprintf("step %q (%s): %s", n.id, n.kind, f.Message)
	}
	return &named
}

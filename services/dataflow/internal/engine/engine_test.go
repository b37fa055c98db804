package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/catalog"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/engine"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/all"
	"github.com/aqtra/aqtra/services/dataflow/internal/steptest"
)

// flow is a dataflow in short: "id type source source; ..".
func flow(text string) *libraryv1.Dataflow {
	d := &libraryv1.Dataflow{Id: "flow"}
	for _, part := range strings.Split(text, ";") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		s := &libraryv1.Step{Id: strings.Trim(words[0], "'"), Type: words[1], Sources: words[2:]}
		d.Steps = append(d.Steps, s)
	}
	return d
}

func TestCompileFindsProblems(t *testing.T) {
	t.Parallel()
	kinds, err := all.Registry()
	require.NoError(t, err)
	many := strings.Repeat("x get-raw-model;", engine.MaxSteps+1)
	for text, want := range map[string][]string{
		"":                                       {"no-steps dataflows/flow"},
		many:                                     {"too-many-steps dataflows/flow"},
		"a get-raw-modal":                        {"unknown-step-type dataflows/flow/steps/a/type get-raw-model"},
		"'' get-raw-model":                       {"missing-id dataflows/flow/steps[0]"},
		"a get-raw-model; a get-raw-model":       {"duplicate-id dataflows/flow/steps/a"},
		"read get-raw-model; b distinct raed":    {"unknown-source dataflows/flow/steps/b/sources read"},
		"a distinct b; b distinct a":             {"circle dataflows/flow/steps/b/sources"},
		"a distinct a":                           {"circle dataflows/flow/steps/a/sources"},
		"a get-raw-model; b get-raw-model a":     {"wrong-sources dataflows/flow/steps/b/sources"},
		"a write-response; b get-raw-model":      {"wrong-sources dataflows/flow/steps/a/sources"},
		"w write-response r; r get-raw-model":    nil,
		"r get-empty-model; w write-response r ": nil,
	} {
		scope := steptest.Scope()
		scope.Dataflow = flow(text)
		checked := engine.Compile(kinds, scope)
		var got []string
		for _, p := range checked.Problems {
			require.Equal(t, catalogv1.Severity_SEVERITY_ERROR, p.GetSeverity())
			require.Equal(t, "test", p.GetComponent())
			require.NotEmpty(t, p.GetMessage())
			got = append(got, strings.TrimSpace(p.GetReason()+" "+p.GetPath()+" "+p.GetSuggestion()))
		}
		for _, one := range want {
			require.Contains(t, got, one, "%.60s", text)
		}
		require.Equal(t, len(want) == 0, checked.Graph != nil, "%.60s: %v", text, got)
	}
}

// FuzzCompile: no definition makes it panic or run in circles.
func FuzzCompile(f *testing.F) {
	kinds, err := all.Registry()
	require.NoError(f, err)
	f.Add("a get-raw-model; b distinct a; c join-models a b")
	f.Add("a distinct b; b distinct c; c distinct a")
	f.Fuzz(func(t *testing.T, text string) {
		d := &libraryv1.Dataflow{Id: "flow"}
		for _, part := range strings.Split(text, ";") {
			if words := strings.Fields(part); len(words) > 1 {
				d.Steps = append(d.Steps, &libraryv1.Step{Id: words[0], Type: words[1], Sources: words[2:]})
			}
		}
		scope := steptest.Scope()
		scope.Dataflow = d
		checked := engine.Compile(kinds, scope)
		require.Equal(t, checked.Graph == nil, len(checked.Problems) > 0)
	})
}

// made is a step that gives what a function gives.
type made struct {
	name    string
	sources int32
	run     step.RunnerFunc
}

func (m made) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{Type: m.name, MinSources: m.sources, MaxSources: m.sources}
}
func (m made) Compile(*step.Compiler) step.Runner { return m.run }

func compile(t *testing.T, text string, kinds ...step.Kind) *engine.Graph {
	t.Helper()
	registry, err := catalog.New(kinds...)
	require.NoError(t, err)
	scope := steptest.Scope()
	scope.Dataflow = flow(text)
	checked := engine.Compile(registry, scope)
	require.Empty(t, checked.Problems)
	return checked.Graph
}

func gives(items ...step.Item) step.RunnerFunc {
	return func(context.Context, *step.Env, [][]step.Item) ([]step.Item, error) { return items, nil }
}

func TestRunGivesEachStepItsSources(t *testing.T) {
	t.Parallel()
	var seen []int
	var keys []string
	g := compile(t, "both both two one; one one; two two",
		made{"one", 0, gives(make([]step.Item, 1)...)}, made{"two", 0, gives(make([]step.Item, 2)...)},
		made{"both", 2, func(_ context.Context, env *step.Env, in [][]step.Item) ([]step.Item, error) {
			seen = append(seen, len(in[0]), len(in[1]))
			keys = append(keys, env.RequestID("0"))
			env.Report.Refuse(step.RowError{Line: 3, Message: "bad"})
			return nil, nil
		}})
	env := *steptest.Env()
	env.Key = "k"
	_, reports, err := g.Run(t.Context(), env, steptest.Now)
	require.NoError(t, err)
	require.Equal(t, []int{2, 1}, seen)
	require.Equal(t, []string{"k/both/0"}, keys)
	last := reports[2]
	require.Equal(t, []int64{3, 0, 1}, []int64{last.RowsIn, last.RowsOut, last.RowsFailed})
	require.Equal(t, "both", last.Step)
}

func TestRunKeepsItsBounds(t *testing.T) {
	t.Parallel()
	large := step.Item{Fields: map[string]any{"a": strings.Repeat("x", 1<<20)}}
	many := make([]step.Item, step.MaxItems+1)
	huge := make([]step.Item, 65)
	for i := range huge {
		huge[i] = large
	}
	for want, items := range map[string][]step.Item{"100001 items": many, "more than 64 MiB": huge} {
		g := compile(t, "one one", made{"one", 0, gives(items...)})
		_, reports, err := g.Run(t.Context(), *steptest.Env(), steptest.Now)
		require.True(t, fault.Has(err, faultv1.Reason_REASON_STEP_FAILED), "%v", err)
		require.ErrorContains(t, err, want)
		require.Len(t, reports, 1, "the report is there with an error, too")
	}
	env := *steptest.Env()
	env.Depth = engine.MaxDepth + 1
	_, _, err := compile(t, "one one", made{"one", 0, gives()}).Run(t.Context(), env, steptest.Now)
	require.ErrorContains(t, err, "8 levels deep")
}

func TestRunNamesTheStepThatFailed(t *testing.T) {
	t.Parallel()
	own := fault.Invalid(faultv1.Reason_REASON_VALUE_INVALID, "bad", fault.Meta("a", "b"), fault.Field("x", "y"))
	fails := func(err error) *engine.Graph {
		return compile(t, "one one", made{"one", 0, func(context.Context, *step.Env, [][]step.Item) ([]step.Item, error) {
			return nil, fmt.Errorf("wrapped: %w", err)
		}})
	}
	_, _, err := fails(own).Run(t.Context(), *steptest.Env(), steptest.Now)
	f, ok := fault.As(err)
	require.True(t, ok)
	require.Equal(t, map[string]string{"a": "b", "step": "one"}, f.Meta)
	require.Equal(t, `step "one" (one): bad`, f.Message)
	require.Equal(t, own.Violations, f.Violations)
	require.Equal(t, "bad", own.Message, "the fault itself is not changed")

	internal := errors.New("disk on fire")
	_, _, err = fails(internal).Run(t.Context(), *steptest.Env(), steptest.Now)
	require.ErrorIs(t, err, internal)
	_, ok = fault.As(err)
	require.False(t, ok, "what is not a fault does not become one")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err = fails(internal).Run(ctx, *steptest.Env(), steptest.Now)
	require.ErrorIs(t, err, context.Canceled)
}

type sources struct{ err error }

func (s sources) CheckSource(context.Context, string) ([]*catalogv1.Problem, error) {
	return nil, s.err
}

func TestScriptsThatCannotBeCheckedNowAreWarnings(t *testing.T) {
	t.Parallel()
	kinds, err := all.Registry()
	require.NoError(t, err)
	scope := steptest.Scope()
	scope.Dataflow = flow("read get-raw-model; code execute-script read; gone nothing")
	params, err := value.MapToProto(map[string]any{"source": "def main(item): pass"})
	require.NoError(t, err)
	scope.Dataflow.Steps[1].Params = params
	away := fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, "away")
	problems, err := engine.CheckSources(t.Context(), sources{away}, kinds, scope)
	require.NoError(t, err)
	require.Len(t, problems, 1)
	require.Equal(t, catalogv1.Severity_SEVERITY_WARNING, problems[0].GetSeverity())
	require.Equal(t, "dataflows/flow/steps/code/params/source", problems[0].GetPath())
	_, err = engine.CheckSources(t.Context(), sources{errors.New("broken")}, kinds, scope)
	require.ErrorContains(t, err, "broken")
}

package steptest

import (
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/value"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
	"github.com/stretchr/testify/require"
)

// Scope is one of a dataflow "flow" in the component "test" that has nothing.
func Scope() *step.Scope {
	component := &libraryv1.Component{Id: "test"}
	return &step.Scope{
		Component: component, Components: []*libraryv1.Component{component},
		Dataflow: &libraryv1.Dataflow{Id: "flow"}, Clock: clock.NewFake(Now()),
	}
}

// Compile makes a runner of a step, for tests of many values; settings that are wrong fail the test.
func Compile(t require.TestingT, kind step.Kind, params map[string]any, sources ...value.Type) step.Runner {
	settings, err := value.MapToProto(params)
	require.NoError(t, err)
	s := &libraryv1.Step{Id: "step", Type: kind.Spec().GetType(), Params: settings}
	c := step.NewCompiler(Scope(), s, kind.Spec(), sources)
	require.Empty(t, c.Problems)
	runner := kind.Compile(c)
	require.Empty(t, c.Problems)
	return runner
}

// Env is one in which nothing is in reach.
func Env() *step.Env {
	return &step.Env{User: map[string]any{"id": "u1"}, Now: Now(), Report: &step.Report{}, Result: &step.Result{}}
}

// Items makes items of these fields, numbered from 1.
func Items(fields ...map[string]any) []step.Item {
	items := make([]step.Item, len(fields))
	for i, f := range fields {
		items[i] = step.Item{Fields: f, Line: int64(i + 1)}
	}
	return items
}

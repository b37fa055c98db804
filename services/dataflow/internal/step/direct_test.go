package step

import (
	"testing"
	"time"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/stretchr/testify/require"
)

// What is looked up is what evaluating gives, for every kind and for values that are absent, null or ints among decimals.
func TestDirectIsEvaluation(t *testing.T) {
	t.Parallel()
	var fields []value.Field
	for k := value.Any; k <= value.Map; k++ {
		fields = append(fields, value.Field{Name: "f_" + k.String(), Type: value.Type{Kind: k}})
	}
	now := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	component := &libraryv1.Component{Id: "test"}
	scope := &Scope{
		Component: component, Components: []*libraryv1.Component{component}, Dataflow: &libraryv1.Dataflow{Id: "flow"}, Clock: clock.NewFake(now),
	}
	c := NewCompiler(scope, &libraryv1.Step{Id: "step"}, &catalogv1.Spec{}, []value.Type{value.MapOf(fields...)})
	values := map[value.Kind][]any{
		value.Any: {int64(3), "a", value.Ref("r"), []any{int64(1)}, map[string]any{"a": value.MustDecimal("1")}}, value.Bool: {true}, value.Int: {int64(3)}, value.DecimalKind: {int64(3), value.MustDecimal("1.5")}, value.Text: {"a", ""},
		value.DateKind: {value.DateOf(now)}, value.TimeKind: {value.TimeOf(now)}, value.DatetimeKind: {now}, value.FileKind: {value.File("f")},
		value.RefKind: {value.Ref("r")}, value.List: {[]any{int64(1)}}, value.Map: {map[string]any{"a": "b"}},
	}
	looked := 0
	for _, f := range fields {
		e := c.Compile("p", " item."+f.Name+" ", c.Vars())
		require.NotNil(t, e, "%v", c.Problems)
		records := []any{nil, map[string]any{}, map[string]any{f.Name: nil}}
		for _, v := range values[f.Type.Kind] {
			records = append(records, map[string]any{f.Name: v})
		}
		for _, record := range records {
			vars := (&Env{}).Vars(map[string]any{"item": record})
			got, err := e.Eval(t.Context(), &Env{}, vars)
			require.NoError(t, err, f.Name)
			want, err := e.program.EvalWith(t.Context(), vars, nil)
			require.NoError(t, err, f.Name)
			require.Equal(t, want, got, "%s of %v", f.Name, record)
		}
		if e.direct != nil {
			looked++
		}
	}
	require.Equal(t, 9, looked)
	for _, text := range []string{"item.f_int + 1", "item", "input.f_int", "-item.f_int", "has(item.f_int)", "item.f_text.size()"} {
		e := c.Compile("p", text, c.Vars())
		require.NotNil(t, e, "%s: %v", text, c.Problems)
		require.Nil(t, e.direct, text)
	}
}

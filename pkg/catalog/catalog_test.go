package catalog_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/catalog"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

type item struct{ spec *catalogv1.Spec }

func (i item) Spec() *catalogv1.Spec { return i.spec }

func TestNewRefusesDuplicates(t *testing.T) {
	t.Parallel()
	_, err := catalog.New(item{&catalogv1.Spec{Type: "a"}}, item{&catalogv1.Spec{Type: "a"}})
	require.EqualError(t, err, `catalog has two items of type "a"`)
	_, err = catalog.New(item{&catalogv1.Spec{}})
	require.Error(t, err)
	r, err := catalog.New(item{&catalogv1.Spec{Type: "b", Group: "2"}}, item{&catalogv1.Spec{Type: "c", Group: "1"}})
	require.NoError(t, err)
	require.Equal(t, []string{"b", "c"}, r.Types())
	require.Equal(t, "c", r.Specs()[0].GetType())
}

func TestCheckParams(t *testing.T) {
	t.Parallel()
	spec := &catalogv1.Spec{Type: "demo", Params: []*catalogv1.Param{
		{Name: "component", Kind: catalogv1.ParamKind_PARAM_KIND_COMPONENT, Required: true},
		{Name: "size", Kind: catalogv1.ParamKind_PARAM_KIND_INT},
		{Name: "mode", Kind: catalogv1.ParamKind_PARAM_KIND_ENUM, Options: []string{"x", "y"}},
		{Name: "fields", Kind: catalogv1.ParamKind_PARAM_KIND_MAPPING},
	}}
	text := func(s string) *typev1.Value { return &typev1.Value{Kind: &typev1.Value_Text{Text: s}} }
	cases := map[string]struct {
		params map[string]*typev1.Value
		want   []string // reasons by path
	}{
		"good":    {map[string]*typev1.Value{"component": text("c"), "mode": text("x")}, nil},
		"missing": {nil, []string{"missing-param at s/params/component"}},
		"unknown": {map[string]*typev1.Value{"component": text("c"), "colour": text("c")}, []string{"unknown-param at s/params/colour"}},
		"wrong form": {map[string]*typev1.Value{"component": text("c"), "size": text("1"), "mode": text("z"), "fields": text("q")},
			[]string{"invalid-param at s/params/size", "invalid-param at s/params/mode", "invalid-param at s/params/fields"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, p := range catalog.CheckParams(spec, c.params, "s") {
				got = append(got, p.GetReason()+" at "+p.GetPath())
			}
			require.Equal(t, c.want, got)
		})
	}
}

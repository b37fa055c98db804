package rpc

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/value"
)

func TestTypeText(t *testing.T) {
	t.Parallel()
	text := value.Type{Kind: value.Text}
	for want, typ := range map[string]value.Type{
		"any":           {},
		"decimal":       {Kind: value.DecimalKind},
		"ref(customer)": {Kind: value.RefKind, Component: "customer"},
		"ref":           {Kind: value.RefKind},
		"list(text)":    {Kind: value.List, Elem: &text},
		"map(text)":     {Kind: value.Map, Elem: &text},
		"object{id: int, `Due date`: list(object{a1: text})}": value.MapOf(
			value.Field{Name: "id", Type: value.Type{Kind: value.Int}},
			value.Field{Name: "Due date", Type: value.Type{Kind: value.List, Elem: &value.Type{Kind: value.Map, Fields: []value.Field{{Name: "a1", Type: text}}}}},
		),
	} {
		require.Equal(t, want, typeText(typ))
	}
}

package objectmodel_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/expr"
	"github.com/aqtra/aqtra/pkg/objectmodel"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/value"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

func TestEveryTypeOfFieldIsKnown(t *testing.T) {
	t.Parallel()
	for number, name := range libraryv1.FieldType_name {
		kind, ok := objectmodel.FieldType(&libraryv1.Field{Type: libraryv1.FieldType(number)})
		require.Equal(t, number != 0, ok, name)
		require.Equal(t, number != 0, kind.Kind != value.Type{}.Kind, name)
	}
}

func TestEntry(t *testing.T) {
	t.Parallel()
	order := &libraryv1.Component{Id: "order", Model: &libraryv1.ObjectModel{Fields: []*libraryv1.Field{
		{Id: "f1", Name: "state", Type: libraryv1.FieldType_FIELD_TYPE_INTEGER, Rules: &libraryv1.Field_Integer{Integer: &libraryv1.IntegerRules{
			Options: []*libraryv1.EnumOption{{Value: 1, Label: "open"}},
		}}},
		{Id: "f2", Name: "customer", Type: libraryv1.FieldType_FIELD_TYPE_CATALOG, Rules: &libraryv1.Field_Catalog{
			Catalog: &libraryv1.CatalogRules{Component: "customer"},
		}},
		{Id: "f3", Name: "unknown"},
	}}}
	entry := objectmodel.Entry(order)
	require.Len(t, entry.Fields, 2+len(objectmodel.SystemFields()))
	state, ok := entry.Field("state")
	require.True(t, ok)
	require.Equal(t, []value.Option{{Value: 1, Label: "open"}}, state.Type.Enum)
	customer, ok := entry.Field("customer")
	require.True(t, ok)
	require.Equal(t, value.RefOf("customer"), customer.Type)
	created, ok := objectmodel.SystemField("create_time")
	require.True(t, ok)
	require.Equal(t, value.DatetimeKind, created.Kind)
	_, ok = objectmodel.SystemField("state")
	require.False(t, ok)
}

func TestUserValueHasTheTypeOfUser(t *testing.T) {
	t.Parallel()
	env, err := expr.NewEnv(expr.Model{Variables: []expr.Field{{ID: "user", Name: "user", Type: objectmodel.User()}}})
	require.NoError(t, err)
	program, err := env.Compile(`user.id == "u1" && user.email == "a@b.c" && user.name == "Ada" && "clerk" in user.roles`)
	require.NoError(t, err)
	got, err := program.Eval(t.Context(), map[string]any{"user": objectmodel.UserValue(principal.Principal{
		Subject: "u1", Email: "a@b.c", DisplayName: "Ada", Roles: []string{"clerk"},
	})})
	require.NoError(t, err)
	require.Equal(t, true, got)
}

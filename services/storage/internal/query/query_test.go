package query_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"

	"github.com/aqtra/aqtra/services/storage/internal/model"
	"github.com/aqtra/aqtra/services/storage/internal/query"
)

func scope(t testing.TB) (query.Scope, *model.Component) {
	t.Helper()
	text := func(name string) *libraryv1.Field {
		return &libraryv1.Field{Id: "i_" + name, Name: name, Type: libraryv1.FieldType_FIELD_TYPE_STRING, Searchable: true}
	}
	parent := &libraryv1.Field{Id: "i_parent", Name: "parent", Type: libraryv1.FieldType_FIELD_TYPE_CATALOG,
		Rules: &libraryv1.Field_Catalog{Catalog: &libraryv1.CatalogRules{Component: "thing"}}}
	amount := &libraryv1.Field{Id: "i_amount", Name: "amount", Type: libraryv1.FieldType_FIELD_TYPE_INTEGER}
	due := &libraryv1.Field{Id: "i_due", Name: "due", Type: libraryv1.FieldType_FIELD_TYPE_DATE}
	r, err := model.Compile("r", []*libraryv1.Component{{Id: "thing", Uid: "u1", Model: &libraryv1.ObjectModel{Fields: []*libraryv1.Field{text("title"), parent, amount, due}}}}, clock.Real())
	require.NoError(t, err)
	c, _ := r.Component("thing")
	return query.Scope{Schema: "t_x", Release: r, Now: time.Unix(0, 0), Sight: func(*model.Component) query.Sight { return query.Sight{All: true} }}, c
}

// FuzzFilter holds that translation never panics, refuses with faults only, and puts no text of a filter into SQL.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		`title == "zzqq'; DROP TABLE x; --"`, `parent.parent.title.startsWith("zzqq")`, `amount in [1, 2, 3] || !(title in ["zzqq", null])`,
		`due.addDays(3) > date("2026-01-01")`, `(amount > 1 ? 2 : 3) + amount * 4 == 7`, `title + "$1" == "$2"`, `has(entry.parent) && entry.id != user.id`,
		`((((amount + 1) == 2) == true) == false) == true`,
	} {
		f.Add(seed)
	}
	s, c := scope(f)
	orders, err := query.ParseOrder(c, "title desc")
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, filter string) {
		stmt, _, err := s.Select(query.List{Component: c, Filter: filter, Sight: query.Sight{All: true}, Orders: orders, Limit: 1})
		if err != nil {
			_, ok := fault.As(err)
			require.True(t, ok, "%v", err)
			return
		}
		require.NotContains(t, stmt.SQL, "zzqq")
		require.NotContains(t, strings.ReplaceAll(strings.ReplaceAll(stmt.SQL, "'UTC'", ""), "'YYYY-MM-DD'", ""), "DROP")
		require.Less(t, len(stmt.SQL), 300<<10)
		require.LessOrEqual(t, strings.Count(stmt.SQL, ";"), 0)
	})
}

// FuzzAggregate holds that no name of a request is ever part of SQL, so that whatever is asked for has one of few shapes.
func FuzzAggregate(f *testing.F) {
	for _, seed := range [][5]string{
		{"title", "amount", "zzqq", "zzqq desc, title", "zzqq"}, {`parent.title`, `parent.parent.amount`, "", "sum_parent.parent.amount desc", "zzqq'; DROP TABLE x"},
		{`title" FROM zzqq; DROP TABLE x --`, "zzqq", `zzqq") x`, "1; DROP TABLE x", `\'zzqq`}, {"due", "amount", "a.zzqq", "a.zzqq, due.month", "$1 zzqq $2"},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[4], int32(2))
	}
	s, c := scope(f)
	names := regexp.MustCompile(`"[a-z_0-9]+"`)
	shape := regexp.MustCompile(`^[a-zA-Z0-9_.,()*=<>@:$| \[\]'-]*$`)
	f.Fuzz(func(t *testing.T, group, field, name, order, search string, kind int32) {
		stmt, _, err := s.Aggregate(query.Aggregate{
			List:     query.List{Component: c, Search: search, Sight: query.Sight{All: true}, Limit: 1},
			GroupBy:  []*storagev1.Grouping{{Field: group, Unit: storagev1.DateUnit(kind % 4)}},
			Measures: []*storagev1.Measure{{Function: storagev1.MeasureFunction(kind % 7), Field: field, Name: name}}, OrderBy: order,
		})
		if err != nil {
			_, ok := fault.As(err)
			require.True(t, ok, "%v", err)
			return
		}
		require.NotContains(t, stmt.SQL, "zzqq")
		require.NotContains(t, stmt.SQL, ";")
		require.NotContains(t, stmt.SQL, "--")
		require.Regexp(t, shape, names.ReplaceAllString(stmt.SQL, "n"))
	})
}

func TestExpressionsThatGrowAreRefused(t *testing.T) {
	t.Parallel()
	s, c := scope(t)
	filter := "amount + 1 == amount"
	for range 60 {
		filter = "(" + filter + ") == (amount == 2)"
	}
	start := time.Now()
	stmt, _, err := s.Select(query.List{Component: c, Filter: filter, Sight: query.Sight{All: true}, Limit: 1})
	if err == nil {
		require.Less(t, len(stmt.SQL), 64<<10)
	}
	require.Less(t, time.Since(start), 5*time.Second)
}

func TestNoSightSelectsNothing(t *testing.T) {
	t.Parallel()
	s, c := scope(t)
	stmt, _, err := s.Select(query.List{Component: c, Limit: 1})
	require.NoError(t, err)
	require.Contains(t, stmt.SQL, "AND false")
	require.Equal(t, query.Sight{}, query.SightOf(&model.Component{Access: []*libraryv1.AccessRule{{Role: "a"}}}, libraryv1.Operation_OPERATION_READ, principal.Principal{Roles: []string{"b"}}))
	require.Equal(t, query.Sight{All: true}, query.SightOf(&model.Component{Access: []*libraryv1.AccessRule{{Role: "a"}}}, libraryv1.Operation_OPERATION_READ, principal.Principal{Roles: []string{"admin"}}))
}

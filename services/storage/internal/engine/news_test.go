package engine

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/principal"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/storage/internal/model"
)

type told struct {
	times      int
	roles, ids []string
}

func (n *told) EntriesChanged(_, _ string, roles, ids []string) {
	n.times++
	n.roles, n.ids = roles, ids
}

// TestAnnounce checks who is told of changed entries, and of which.
func TestAnnounce(t *testing.T) {
	t.Parallel()
	rule := func(role, filter string, ops ...libraryv1.Operation) *libraryv1.AccessRule {
		return &libraryv1.AccessRule{Role: role, Filter: filter, Operations: ops}
	}
	const read, create = libraryv1.Operation_OPERATION_READ, libraryv1.Operation_OPERATION_CREATE
	done := func(ids ...string) (out []Result) {
		for _, id := range ids {
			out = append(out, Result{Entry: Entry{ID: id}, Done: Update})
		}
		return out
	}
	var many []string
	for i := range manyEntries + 1 {
		many = append(many, fmt.Sprint(i))
	}
	for name, c := range map[string]struct {
		access  []*libraryv1.AccessRule
		results []Result
		want    told
	}{
		"nothing":           {},
		"nothing had to be": {results: []Result{{Entry: Entry{ID: "1"}}}},
		"a refused row":     {results: []Result{{Refused: &RowError{}, Done: Create}}},
		"one":               {results: done("1"), want: told{1, nil, []string{"1"}}},
		"few":               {results: done(many[:manyEntries]...), want: told{1, nil, many[:manyEntries]}},
		"many":              {results: done(many...), want: told{1, nil, nil}},
		"for some roles": {
			[]*libraryv1.AccessRule{rule("clerk", "", read), rule("writer", "", create)}, done("1"),
			told{1, []string{principal.RoleAdmin, "clerk"}, []string{"1"}},
		},
		"not for every reader": {
			[]*libraryv1.AccessRule{rule("clerk", "", read), rule("guest", "entry.public", read, create)}, done("1"),
			told{1, []string{principal.RoleAdmin, "clerk", "guest"}, nil},
		},
		"for nobody but administrators": {[]*libraryv1.AccessRule{rule("writer", "", create)}, done("1"), told{1, []string{principal.RoleAdmin}, []string{"1"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var n told
			s := &session{Engine: &Engine{news: &n}, component: &model.Component{ID: "order", Access: c.access}}
			s.announce(c.results)
			require.Equal(t, c.want, n)
		})
	}
}

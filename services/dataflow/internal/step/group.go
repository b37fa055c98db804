package step

import (
	"context"

	"github.com/aqtra/aqtra/pkg/value"
	"github.com/aqtra/aqtra/services/dataflow/internal/aggregate"
)

// Reading is a Runner that reads entries of a component and gives them as its items, in the order in which they are found.
type Reading interface {
	// Query is the one query that Run would make; false when there are several or none.
	Query(ctx context.Context, env *Env, in [][]Item) (Query, bool, error)
	// Groups reports whether storage can make groups of a field of the entries, and its type.
	Groups(field string) (value.Type, bool)
}

// Grouped is a Runner that makes groups of items.
type Grouped interface {
	// Grouping says which groups; false when storage cannot make such.
	Grouping() (Grouping, bool)
}

// Grouper is Entries that group what a query finds.
type Grouper interface {
	// Group gives an item for each group, in the order of their first entries, whose lines they have, and how many entries there
	// were. The fault EXPRESSION_FAILED says that a total is out of range, OVERLOADED that it is to be done some other way.
	Group(ctx context.Context, q Query, g Grouping) (groups []Item, read int64, err error)
}

// Grouping is how entries are grouped. Without keys they make one group, even when there are none.
type Grouping struct {
	Keys   []GroupKey
	Totals []GroupTotal
}

// GroupKey is a field that the entries of a group have in common, under a name.
type GroupKey struct{ Name, Field string }

// GroupTotal is what is told of the entries of a group, under a name: an operation of package aggregate. A count without a field
// is that of the entries.
type GroupTotal struct {
	Name  string
	Op    aggregate.Op
	Field string
	Type  value.Type
}

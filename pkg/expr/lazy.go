package expr

import (
	"maps"
	"reflect"
	"slices"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// lazyList is a list during one evaluation; its items are converted when they are read.
type lazyList struct {
	run   *run
	items []any
	form  *form // of the items
}

var (
	_ traits.Lister   = (*lazyList)(nil)
	_ traits.Foldable = (*lazyList)(nil)
	_ traits.Mapper   = (*lazyMap)(nil)
)

func (l *lazyList) at(i int) ref.Val { return l.run.toCEL(l.items[i], l.form) }

// Get implements traits.Indexer.
func (l *lazyList) Get(index ref.Val) ref.Val {
	i, ok := index.(types.Int)
	if !ok {
		return noOperator("[]", l, index)
	}
	if i < 0 || int(i) >= len(l.items) {
		return types.NewErr("index out of bounds: %d", int64(i))
	}
	return l.at(int(i))
}

// Size implements traits.Sizer.
func (l *lazyList) Size() ref.Val { return types.Int(len(l.items)) }

// Contains implements traits.Container.
func (l *lazyList) Contains(item ref.Val) ref.Val { return in(item, l) }

// Add implements traits.Adder.
func (l *lazyList) Add(other ref.Val) ref.Val { return add(l, other) }

// Iterator implements traits.Iterable.
func (l *lazyList) Iterator() traits.Iterator { return &iterator{size: len(l.items), at: l.at} }

// Fold implements traits.Foldable, which loops are faster with.
func (l *lazyList) Fold(f traits.Folder) {
	for i := range l.items {
		if !f.FoldEntry(types.Int(i), l.at(i)) {
			return
		}
	}
}

// Type implements ref.Val.
func (l *lazyList) Type() ref.Type { return types.ListType }

// Value implements ref.Val.
func (l *lazyList) Value() any { return l.items }

// Equal implements ref.Val.
func (l *lazyList) Equal(other ref.Val) ref.Val { return types.Bool(equal(l, other)) }

// ConvertToNative implements ref.Val.
func (l *lazyList) ConvertToNative(reflect.Type) (any, error) { return nil, errNative }

// ConvertToType implements ref.Val; conversions are functions of this package.
func (l *lazyList) ConvertToType(ref.Type) ref.Val { return types.WrapErr(errNative) }

// lazyMap is a map without declared fields during one evaluation; its values are converted when they are read.
type lazyMap struct {
	run     *run
	entries map[string]any
	form    *form // of the values
}

// Find implements traits.Mapper.
func (d *lazyMap) Find(key ref.Val) (ref.Val, bool) {
	name, ok := key.(types.String)
	if !ok {
		return nil, false
	}
	v, ok := d.entries[string(name)]
	if !ok {
		return nil, false
	}
	return d.run.toCEL(v, d.form), true
}

// Get implements traits.Indexer.
func (d *lazyMap) Get(key ref.Val) ref.Val { return fieldOf(d, key) }

// Size implements traits.Sizer.
func (d *lazyMap) Size() ref.Val { return types.Int(len(d.entries)) }

// Contains implements traits.Container.
func (d *lazyMap) Contains(key ref.Val) ref.Val { return in(key, d) }

// Iterator implements traits.Iterable. The keys come in the order of their text, so that evaluations repeat.
func (d *lazyMap) Iterator() traits.Iterator {
	keys := slices.Sorted(maps.Keys(d.entries))
	return &iterator{size: len(keys), at: func(i int) ref.Val { return types.String(keys[i]) }}
}

// Type implements ref.Val.
func (d *lazyMap) Type() ref.Type { return types.MapType }

// Value implements ref.Val.
func (d *lazyMap) Value() any { return d.entries }

// Equal implements ref.Val.
func (d *lazyMap) Equal(other ref.Val) ref.Val { return types.Bool(equal(d, other)) }

// ConvertToNative implements ref.Val.
func (d *lazyMap) ConvertToNative(reflect.Type) (any, error) { return nil, errNative }

// ConvertToType implements ref.Val.
func (d *lazyMap) ConvertToType(ref.Type) ref.Val { return types.WrapErr(errNative) }

// iterator goes through a list or the keys of a map. CEL wants iterators to be values as well, which nothing uses.
type iterator struct {
	types.Null
	next, size int
	at         func(i int) ref.Val
}

// HasNext implements traits.Iterator.
func (it *iterator) HasNext() ref.Val { return types.Bool(it.next < it.size) }

// Next implements traits.Iterator. CEL asks HasNext before.
func (it *iterator) Next() ref.Val {
	it.next++
	return it.at(it.next - 1)
}

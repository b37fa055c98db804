package expr

import (
	"math"
	"strings"

	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// costs is the cost of calls: 1, and 1 more for each 10 bytes of text and each value of a list or map that goes in or comes
// out.
type costs struct {
	limit uint64
	one   *uint64 // of most calls, made once
}

func newCosts(limit uint64) costs {
	one := uint64(1)
	return costs{limit, &one}
}

// CallCost implements CEL's cost estimator.
func (c costs) CallCost(function, overload string, args []ref.Val, result ref.Val) *uint64 {
	room := int(min(c.limit, math.MaxInt/20)+1) * 10
	size := 0
	_, grows := result.(traits.MutableLister)
	switch {
	case grows && function == operators.Add:
		size = weight(args[1], room) // a loop adds to its result in place
	case function == overloads.Size && isContainer(args[0]): // it looks at none of the values
	case function == operators.In && isMap(args[1]):
		size = weight(args[0], room)
	default:
		size = weight(result, room)
		for _, arg := range args {
			size += weight(arg, room-size)
		}
	}
	cost := 1 + uint64(size)/10
	if types.IsError(result) && strings.HasSuffix(overload, zoneSuffix) {
		cost += 1000 // it was looked for in the file system
	}
	if cost == 1 {
		return c.one
	}
	return new(cost)
}

// weight is the number of bytes of a text, or ten times the number of values in a list or map and their own weights; it
// stops counting at a limit.
func weight(v ref.Val, limit int) int {
	if limit <= 0 {
		return 0
	}
	switch v := v.(type) {
	case types.String:
		return len(v)
	case types.Bytes:
		return len(v)
	case *lazyList:
		return plainWeight(v.items, v.form, limit)
	case *lazyMap:
		return plainWeight(v.entries, v.form, limit)
	case traits.Lister:
		total := 0
		for it := v.Iterator(); it.HasNext() == types.True && total < limit; {
			total += 10 + weight(it.Next(), limit-total)
		}
		return total
	case traits.Mapper:
		total := 0
		for it := v.Iterator(); it.HasNext() == types.True && total < limit; {
			key := it.Next()
			total += 10 + weight(key, limit-total) + weight(v.Get(key), limit-total)
		}
		return total
	}
	return 0
}

// isLight reports whether a value certainly has no weight.
func isLight(v ref.Val) bool {
	switch v.(type) {
	case types.Null, types.Bool, types.Int, scalar, types.Timestamp, types.Duration, *object:
		return true
	}
	return false
}

// plainWeight is the weight of what a list or map holds that is not converted yet, whose items have this form.
func plainWeight(v any, items *form, limit int) int {
	total := 0
	add := func(name string, item any) {
		total += 10 + len(name)
		switch item := item.(type) {
		case string:
			total += len(item)
		case []byte:
			total += len(item)
		case []any:
			total += plainWeight(item, items.items(), limit-total)
		case map[string]any:
			if items == nil || items.shape == nil {
				total += plainWeight(item, items.items(), limit-total)
			}
		}
	}
	switch v := v.(type) {
	case []any:
		for i := 0; i < len(v) && total < limit; i++ {
			add("", v[i])
		}
	case map[string]any:
		for name, item := range v {
			if total >= limit {
				break
			}
			add(name, item)
		}
	}
	return total
}

func isMap(v ref.Val) bool {
	_, ok := v.(traits.Mapper)
	return ok
}

func isContainer(v ref.Val) bool {
	_, ok := v.(traits.Lister)
	return ok || isMap(v)
}

// Package aggregate makes one value of many: count, sum, min, max and avg. Nulls are passed over, as in SQL: the sum of nothing
// is null and its count is 0.
package aggregate

import (
	"fmt"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/number"
)

// Op is an operation, as settings name it.
type Op string

// The operations.
const (
	Count Op = "count"
	Sum   Op = "sum"
	Min   Op = "min"
	Max   Op = "max"
	Avg   Op = "avg"
)

// Ops are the names of all operations.
func Ops() []string {
	return []string{string(Count), string(Sum), string(Min), string(Max), string(Avg)}
}

// Type is the type of the result over values of a type; the error is for the author.
func (op Op) Type(of value.Type) (value.Type, error) {
	switch op {
	case Count:
		return value.Type{Kind: value.Int}, nil
	case Sum, Avg:
		t, ok := number.Type(of, of)
		if !ok {
			return t, fmt.Errorf("%s needs numbers, this is %s", op, of)
		}
		if op == Avg {
			t = value.Type{Kind: value.DecimalKind}
		}
		return t, nil
	case Min, Max:
		switch of.Kind {
		case value.List, value.Map:
			return value.Type{}, fmt.Errorf("%s needs values with an order, this is %s", op, of)
		}
		return of, nil
	}
	return value.Type{}, fmt.Errorf("there is no operation %q", op)
}

// State is an aggregate on its way; the zero State with an Op is the beginning.
type State struct {
	Op Op

	count  int64
	result any
}

// Add takes one more value. It fails with the fault EXPRESSION_FAILED for values that the operation does not take.
func (s *State) Add(v any) error {
	if v == nil {
		return nil
	}
	s.count++
	switch {
	case s.Op == Count:
		return nil
	case s.Op == Min || s.Op == Max:
		if s.result == nil {
			s.result = v
		}
		c, err := value.Compare(v, s.result) // with itself the first time: lists have no order
		if err != nil {
			return failed(err)
		}
		if s.Op == Min && c < 0 || s.Op == Max && c > 0 {
			s.result = v
		}
		return nil
	}
	var sum any
	var err error
	switch {
	case s.result != nil:
		sum, err = number.Add(s.result, v)
	case s.Op == Avg:
		sum, err = number.Decimal(v)
	default:
		sum, err = number.Add(int64(0), v)
	}
	if err != nil {
		return failed(err)
	}
	s.result = sum
	return nil
}

// Result is the value of all that were added.
func (s *State) Result() (any, error) {
	switch {
	case s.Op == Count:
		return s.count, nil
	case s.Op != Avg || s.result == nil:
		return s.result, nil
	}
	average, err := number.Quo(s.result, s.count)
	if err != nil {
		return nil, failed(err)
	}
	return average, nil
}

func failed(err error) error {
	return fault.FailedPrecondition(faultv1.Reason_REASON_EXPRESSION_FAILED, err.Error())
}

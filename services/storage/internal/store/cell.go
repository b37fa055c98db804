package store

import (
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/aqtra/aqtra/pkg/value"
)

// cell reads the column of a field by the type that the column has.
type cell interface {
	// dest is what a row is scanned to.
	dest() any
	// value is what was scanned, in the form of package value.
	value() (any, error)
}

func newCell(oid uint32) cell {
	switch oid {
	case pgtype.TextOID, pgtype.VarcharOID:
		return new(textCell)
	case pgtype.BoolOID:
		return new(boolCell)
	case pgtype.Int8OID:
		return new(intCell)
	case pgtype.NumericOID:
		return new(numericCell)
	case pgtype.DateOID:
		return new(dateCell)
	case pgtype.TimeOID:
		return new(timeCell)
	case pgtype.TimestamptzOID:
		return new(datetimeCell)
	case pgtype.ByteaOID:
		return new(bytesCell)
	case pgtype.TextArrayOID:
		return new(refsCell)
	}
	return &unknownCell{oid: oid}
}

type (
	textCell     struct{ pgtype.Text }
	boolCell     struct{ pgtype.Bool }
	intCell      struct{ pgtype.Int8 }
	numericCell  struct{ pgtype.Numeric }
	dateCell     struct{ pgtype.Date }
	timeCell     struct{ pgtype.Time }
	datetimeCell struct{ pgtype.Timestamptz }
	bytesCell    struct{ b []byte }
	refsCell     struct{ ids []string }
	unknownCell  struct {
		v   any
		oid uint32
	}
)

func (c *textCell) dest() any     { return &c.Text }
func (c *boolCell) dest() any     { return &c.Bool }
func (c *intCell) dest() any      { return &c.Int8 }
func (c *numericCell) dest() any  { return &c.Numeric }
func (c *dateCell) dest() any     { return &c.Date }
func (c *timeCell) dest() any     { return &c.Time }
func (c *datetimeCell) dest() any { return &c.Timestamptz }
func (c *bytesCell) dest() any    { return &c.b }
func (c *refsCell) dest() any     { return &c.ids }
func (c *unknownCell) dest() any  { return &c.v }

func (c *textCell) value() (any, error) {
	if !c.Valid {
		return nil, nil
	}
	return c.String, nil
}

func (c *boolCell) value() (any, error) {
	if !c.Valid {
		return nil, nil
	}
	return c.Bool.Bool, nil
}

func (c *intCell) value() (any, error) {
	if !c.Valid {
		return nil, nil
	}
	return c.Int64, nil
}

func (c *numericCell) value() (any, error) {
	if !c.Valid {
		return nil, nil
	}
	if c.NaN || c.InfinityModifier != pgtype.Finite {
		return nil, fmt.Errorf("not a finite number")
	}
	return value.DecimalOf(c.Int, c.Exp)
}

func (c *dateCell) value() (any, error) {
	if !c.Valid {
		return nil, nil
	}
	return value.DateOf(c.Date.Time), nil
}

func (c *timeCell) value() (any, error) {
	if !c.Valid {
		return nil, nil
	}
	return value.NewTime(time.Duration(c.Microseconds) * time.Microsecond)
}

func (c *datetimeCell) value() (any, error) {
	if !c.Valid {
		return nil, nil
	}
	return value.Datetime(c.Timestamptz.Time)
}

func (c *bytesCell) value() (any, error) {
	if c.b == nil {
		return nil, nil
	}
	return c.b, nil
}

func (c *refsCell) value() (any, error) {
	if c.ids == nil {
		return nil, nil
	}
	items := make([]any, len(c.ids))
	for i, id := range c.ids {
		items[i] = value.Ref(id)
	}
	return items, nil
}

func (c *unknownCell) value() (any, error) {
	return nil, fmt.Errorf("unexpected type %d of a column", c.oid)
}

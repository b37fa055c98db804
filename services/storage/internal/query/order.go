package query

import (
	"fmt"
	"strings"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/objectmodel"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"

	"github.com/aqtra/aqtra/services/storage/internal/model"
)

// maxOrder is the most fields of an order.
const maxOrder = 8

// Order is one field to sort by. Empty values come last when ascending and first when descending.
type Order struct {
	Column string
	Kind   value.Kind
	Desc   bool
	// Required tells that the column is never null.
	Required bool
	// Name is the field's name in entries.
	Name   string
	System bool
}

// ParseOrder reads "field, other desc". The id always ends it, so that the order is total.
func ParseOrder(c *model.Component, text string) ([]Order, error) {
	var orders []Order
	seen := map[string]bool{}
	for part := range strings.SplitSeq(text, ",") {
		words := strings.Fields(part)
		if len(words) == 0 && strings.TrimSpace(text) == "" {
			break
		}
		if len(words) == 0 || len(words) > 2 || len(words) == 2 && !strings.EqualFold(words[1], "desc") && !strings.EqualFold(words[1], "asc") {
			return nil, badOrder(`expected fields separated by commas, each perhaps followed by "desc"`)
		}
		o, err := orderBy(c, words[0])
		if err != nil {
			return nil, err
		}
		if seen[o.Name] || len(orders) == maxOrder {
			return nil, badOrder(fmt.Sprintf("at most %d fields, each once", maxOrder))
		}
		seen[o.Name] = true
		o.Desc = len(words) == 2 && strings.EqualFold(words[1], "desc")
		orders = append(orders, o)
		if o.Name == model.ID {
			return orders, nil // what follows the id has no effect
		}
	}
	last := Order{Column: model.ID, Kind: value.Text, Required: true, Name: model.ID, System: true}
	if len(orders) > 0 {
		last.Desc = orders[len(orders)-1].Desc // so that an index read backwards gives both
	}
	return append(orders, last), nil
}

func orderBy(c *model.Component, name string) (Order, error) {
	if typ, ok := objectmodel.SystemField(name); ok {
		return Order{Column: name, Kind: typ.Kind, Required: true, Name: name, System: true}, nil
	}
	f, ok := c.Field(name)
	switch {
	case !ok:
		return Order{}, badOrder("there is no field " + quoteName(name))
	case f.Column == "" || f.GetSensitive():
		return Order{}, badOrder("the field " + quoteName(name) + " cannot be sorted by")
	}
	return Order{Column: f.Column, Kind: f.Value.Kind, Name: name}, nil
}

func quoteName(name string) string {
	if len(name) > 60 {
		name = name[:60]
	}
	return strings.ToValidUTF8(name, "?")
}

func badOrder(why string) error {
	return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the order is wrong", fault.Field("order_by", why))
}

// orderSQL is the ORDER BY of a list.
func orderSQL(orders []Order, alias string) string {
	parts := make([]string, len(orders))
	for i, o := range orders {
		parts[i] = alias + "." + quote(o.Column)
		if o.Desc {
			parts[i] += " DESC"
		}
	}
	return " ORDER BY " + strings.Join(parts, ", ")
}

// after gives, in order, the conditions whose rows follow a row with these values: equal in the first fields and further in
// the next one. Each is a range of an index over the fields, which one condition with OR would not be.
func (b *builder) after(orders []Order, last []any, alias string) []string {
	places := make([]string, len(orders)) // of the values, bound once
	for i, o := range orders {
		if last[i] != nil {
			places[i] = b.bind(Encode(last[i]), pgType(o.Kind))
		}
	}
	var branches []string
	for i := len(orders) - 1; i >= 0; i-- {
		equal := make([]string, i)
		for j := range i {
			col := alias + "." + quote(orders[j].Column)
			if equal[j] = col + " = " + places[j]; last[j] == nil {
				equal[j] = col + " IS NULL"
			}
		}
		col, o := alias+"."+quote(orders[i].Column), orders[i]
		var further []string
		switch {
		case last[i] != nil && o.Desc:
			further = []string{col + " < " + places[i]}
		case last[i] != nil && o.Required:
			further = []string{col + " > " + places[i]}
		case last[i] != nil:
			further = []string{col + " > " + places[i], col + " IS NULL"}
		case o.Desc:
			further = []string{col + " IS NOT NULL"}
		}
		for _, f := range further {
			branches = append(branches, strings.Join(append(equal[:i:i], f), " AND "))
		}
	}
	return branches
}

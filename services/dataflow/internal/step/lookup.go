package step

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/objectmodel"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// keysPerQuery is how many keys of one field one query asks for; the filter stays within the length of an expression.
const (
	keysPerQuery  = 100
	bytesPerQuery = 4 << 10
)

// Key finds entries of a component by the values of some of its fields.
type Key struct {
	component string
	fields    []value.Field
}

// NewKey is a key of fields that the component has.
func NewKey(of *libraryv1.Component, fields []*libraryv1.Field) *Key {
	k := &Key{component: of.GetId()}
	for _, f := range fields {
		t, _ := objectmodel.FieldType(f)
		k.fields = append(k.fields, value.Field{ID: f.GetId(), Name: f.GetName(), Type: t})
	}
	return k
}

// IsPrimary reports whether fields are exactly the primary key of the component.
func IsPrimary(of *libraryv1.Component, fields []*libraryv1.Field) bool {
	primary := 0
	for _, f := range of.GetModel().GetFields() {
		if f.GetPrimaryKey() {
			primary++
		}
	}
	for _, f := range fields {
		if !f.GetPrimaryKey() {
			return false
		}
	}
	return primary > 0 && primary == len(fields)
}

// Find gives for each row of values, by field name, the entry that has them, or nil when there is none. A row in which a value
// is null finds nothing. It asks for many keys at once, and for each key once.
func (k *Key) Find(ctx context.Context, entries Entries, rows []map[string]any) ([]*Entry, error) {
	found := map[string]*Entry{}
	wanted := map[string]map[string]any{}
	var order []string
	ids := make([]string, len(rows))
	for i, row := range rows {
		converted, complete, err := k.convert(row)
		if err != nil {
			return nil, err
		}
		if !complete {
			continue
		}
		id, err := KeyFilter(k.names(), converted)
		if err != nil {
			return nil, fault.Invalid(faultv1.Reason_REASON_INPUT_INVALID, err.Error())
		}
		ids[i] = id
		if wanted[id] == nil {
			wanted[id] = converted
			order = append(order, id)
		}
	}
	if err := k.load(ctx, entries, order, wanted, found); err != nil {
		return nil, err
	}
	out := make([]*Entry, len(rows))
	for i, id := range ids {
		out[i] = found[id]
	}
	return out, nil
}

// Check returns the fault of a row in which a value is none that its field can have.
func (k *Key) Check(row map[string]any) error {
	_, _, err := k.convert(row)
	return err
}

func (k *Key) names() []string {
	names := make([]string, len(k.fields))
	for i, f := range k.fields {
		names[i] = f.Name
	}
	return names
}

// convert gives the values the types of the fields; it reports false when one is absent or null.
func (k *Key) convert(row map[string]any) (map[string]any, bool, error) {
	converted := make(map[string]any, len(k.fields))
	for _, f := range k.fields {
		v, err := value.Convert(row[f.Name], f.Type)
		if err != nil {
			return nil, false, InField(f.Name, mismatch(err))
		}
		if v == nil {
			return nil, false, nil
		}
		converted[f.Name] = v
	}
	return converted, true, nil
}

func (k *Key) load(ctx context.Context, entries Entries, order []string, wanted map[string]map[string]any, found map[string]*Entry) error {
	for _, chunk := range Chunks(order, keysPerQuery, bytesPerQuery, func(id string) int64 { return int64(len(id)) + 6 }) {
		filter, err := k.filter(chunk, wanted)
		if err != nil {
			return err
		}
		list, err := entries.List(ctx, Query{Component: k.component, Filter: filter, Limit: MaxFound})
		if err != nil {
			return err
		}
		for i := range list {
			for _, id := range chunk {
				if found[id] == nil && k.has(list[i], wanted[id]) {
					found[id] = &list[i]
				}
			}
		}
	}
	return nil
}

// filter finds the entries of several keys. The ids of keys are filters themselves.
func (k *Key) filter(ids []string, wanted map[string]map[string]any) (string, error) {
	if len(ids) == 1 {
		return ids[0], nil
	}
	if len(k.fields) > 1 || k.fields[0].Type.Kind == value.RefKind {
		return "(" + strings.Join(ids, ") || (") + ")", nil
	}
	name := k.fields[0].Name
	values := make([]any, len(ids))
	for i, id := range ids {
		values[i] = wanted[id][name]
	}
	list, err := Literal(values)
	return name + " in " + list, err
}

func (k *Key) has(entry Entry, values map[string]any) bool {
	for _, f := range k.fields {
		if !value.Equal(entry.Fields[f.Name], values[f.Name]) {
			return false
		}
	}
	return true
}

// MaxFound is how many entries one query of a step returns at most.
const MaxFound = 10_000

// LoadAll gives the entries with these ids, by id, as far as they are there.
func LoadAll(ctx context.Context, entries Entries, component string, ids []string) (map[string]*Entry, error) {
	found := make(map[string]*Entry, len(ids))
	var order []string
	for _, id := range ids {
		if _, seen := found[id]; !seen && id != "" {
			found[id] = nil
			order = append(order, id)
		}
	}
	for _, chunk := range Chunks(order, keysPerQuery, bytesPerQuery, func(id string) int64 { return int64(len(id)) + 4 }) {
		if len(chunk) == 1 {
			entry, err := entries.Get(ctx, component, chunk[0])
			if fault.Has(err, faultv1.Reason_REASON_ENTRY_NOT_FOUND) {
				continue
			}
			if err != nil {
				return nil, err
			}
			found[chunk[0]] = &entry
			continue
		}
		values := make([]any, len(chunk))
		for i, id := range chunk {
			values[i] = id
		}
		filter, err := Literal(values)
		if err != nil {
			return nil, err
		}
		list, err := entries.List(ctx, Query{Component: component, Filter: "id in " + filter, Limit: len(chunk)})
		if err != nil {
			return nil, err
		}
		for i, entry := range list {
			found[entry.ID] = &list[i]
		}
	}
	return found, nil
}

// mismatch makes a fault of a value that has the wrong type.
func mismatch(err error) error {
	var m *value.MismatchError
	if errors.As(err, &m) {
		return fault.Invalid(faultv1.Reason_REASON_VALUE_INVALID, m.Error(), fault.Cause(err))
	}
	return err
}

// Convert is value.Convert with a fault that names the field.
func Convert(field string, v any, to value.Type) (any, error) {
	converted, err := value.Convert(v, to)
	if err != nil {
		return nil, InField(field, mismatch(err))
	}
	return converted, nil
}

// InField names the field in the fault, or around the error, that it caused.
func InField(field string, err error) error {
	f, ok := fault.As(err)
	if !ok {
		return fmt.Errorf("field %q: %w", field, err)
	}
	named := *f
	named.Meta = map[string]string{"field": field}
	for k, v := range f.Meta {
		named.Meta[k] = v
	}
	named.Message = fmt.Sprintf("field %q: %s", field, f.Message)
	return &named
}

// IDText is the id in a value that names an entry or file, "" for null. A value of another kind is a fault.
func IDText(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case value.Ref:
		return string(v), nil
	case value.File:
		return string(v), nil
	case string:
		return v, nil
	default:
		return "", fault.Invalid(faultv1.Reason_REASON_VALUE_INVALID, "the expression must give an id")
	}
}

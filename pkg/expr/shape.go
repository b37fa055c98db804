package expr

import (
	"encoding/json"
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"github.com/aqtra/aqtra/pkg/value"
)

// shape is the static form of values with named fields: the entries of a component, or records.
type shape struct {
	typ value.Type
	cel *cel.Type
	// object is the id of the component; empty for records.
	object string
	// known is false for entries of a component that the model does not have: only their id can be read.
	known  bool
	names  []string // in the order of declaration
	fields map[string]*field
}

// field is a declared field with what is worked out of its type once.
type field struct {
	Field
	cel  *cel.Type
	form *form
}

// form is how values of a declared type become CEL values. It is made once for a type, because every read of a field asks
// for it; nil is the form of types whose values tell everything themselves.
type form struct {
	decimal bool   // ints are decimals
	shape   *shape // of entries and records
	item    *form  // of the items of a list or the values of a map
}

// idField is the field that every object has.
const idField = "id"

// shapes knows the shapes of a model, and is the CEL type provider of its Env. It is not changed once the Env is built.
type shapes struct {
	*types.Registry // the types of plain CEL

	objects map[string]Object
	byName  map[string]*shape
}

func newShapes(m Model) (*shapes, error) {
	registry, err := types.NewRegistry()
	if err != nil {
		return nil, fmt.Errorf("make type registry: %w", err)
	}
	s := &shapes{Registry: registry, objects: make(map[string]Object, len(m.Objects)), byName: map[string]*shape{}}
	for _, o := range m.Objects {
		if _, twice := s.objects[o.ID]; twice || o.ID == "" {
			return nil, fmt.Errorf("object %q: the id is empty or given twice", o.ID)
		}
		s.objects[o.ID] = o
	}
	for _, o := range m.Objects {
		if err := s.declare(value.RefOf(o.ID)); err != nil {
			return nil, fmt.Errorf("object %s: %w", o.ID, err)
		}
	}
	for _, v := range m.Variables {
		if err := s.declare(v.Type); err != nil {
			return nil, fmt.Errorf("variable %s: %w", v.Name, err)
		}
	}
	return s, nil
}

// declare makes the shapes that a type needs, once.
func (s *shapes) declare(t value.Type) error {
	switch {
	case t.Elem != nil:
		return s.declare(*t.Elem)
	case t.Kind != value.RefKind && len(t.Fields) == 0:
		return nil
	}
	name := shapeName(t)
	if _, done := s.byName[name]; done {
		return nil
	}
	sh := &shape{typ: t, cel: cel.ObjectType(name), known: true, fields: map[string]*field{}}
	declared := t.Fields
	if t.Kind == value.RefKind {
		o, known := s.objects[t.Component]
		declared, sh.object, sh.known = o.Fields, t.Component, known
	}
	s.byName[name] = sh
	for _, f := range declared {
		if _, twice := sh.fields[f.Name]; twice || f.Name == "" {
			return fmt.Errorf("field %q: the name is empty or given twice", f.Name)
		}
		sh.names = append(sh.names, f.Name)
		sh.fields[f.Name] = &field{Field: f}
		if err := s.declare(f.Type); err != nil {
			return fmt.Errorf("field %s: %w", f.Name, err)
		}
		sh.fields[f.Name].cel, sh.fields[f.Name].form = s.celType(f.Type), s.form(f.Type)
	}
	if _, declared := sh.fields[idField]; !declared && t.Kind == value.RefKind {
		sh.names = append(sh.names, idField)
		sh.fields[idField] = &field{Field: Field{Name: idField, Type: value.Type{Kind: value.Text}}, cel: cel.StringType}
	}
	return nil
}

// shapeName is the CEL name of a type with fields; types that differ only in the ids of their fields have different ones.
func shapeName(t value.Type) string {
	if t.Kind == value.RefKind {
		return t.String()
	}
	name, err := json.Marshal(t)
	if err != nil {
		return t.String() // a value.Type always marshals
	}
	return string(name)
}

// of gives the shape of a declared type, or nil when it has no named fields. It is slow: evaluations ask forms.
func (s *shapes) of(t value.Type) *shape {
	if t.Kind == value.RefKind || t.Kind == value.Map && len(t.Fields) > 0 {
		return s.byName[shapeName(t)]
	}
	return nil
}

// form gives the form of a declared type.
func (s *shapes) form(t value.Type) *form {
	f := form{decimal: t.Kind == value.DecimalKind, shape: s.of(t)}
	if t.Elem != nil {
		f.item = s.form(*t.Elem)
	}
	if f == (form{}) {
		return nil
	}
	return &f
}

// celType is the CEL type of a declared one.
func (s *shapes) celType(t value.Type) *cel.Type {
	switch t.Kind {
	case value.Null:
		return cel.NullType
	case value.Bool:
		return cel.BoolType
	case value.Int:
		return cel.IntType
	case value.DecimalKind:
		return decimalType
	case value.Text:
		return cel.StringType
	case value.Bytes:
		return cel.BytesType
	case value.DateKind:
		return dateType
	case value.TimeKind:
		return timeType
	case value.DatetimeKind:
		return cel.TimestampType
	case value.FileKind:
		return fileType
	case value.List:
		return cel.ListType(s.celType(t.Item()))
	case value.Map, value.RefKind:
		if sh := s.of(t); sh != nil {
			return sh.cel
		}
		return cel.MapType(cel.StringType, s.celType(t.Item()))
	}
	return cel.DynType
}

// valueType is the declared type of a CEL one, and false for those that no value has (durations, types).
func (s *shapes) valueType(t *cel.Type) (value.Type, bool) {
	switch t.Kind() {
	case types.BoolKind:
		return value.Type{Kind: value.Bool}, true
	case types.IntKind:
		return value.Type{Kind: value.Int}, true
	case types.StringKind:
		return value.Type{Kind: value.Text}, true
	case types.BytesKind:
		return value.Type{Kind: value.Bytes}, true
	case types.TimestampKind:
		return value.Type{Kind: value.DatetimeKind}, true
	case types.NullTypeKind:
		return value.Type{Kind: value.Null}, true
	case types.DynKind, types.AnyKind, types.TypeParamKind:
		return value.Type{}, true
	case types.ListKind:
		elem, ok := s.valueType(t.Parameters()[0])
		return value.ListOf(elem), ok
	case types.MapKind:
		key, item := t.Parameters()[0].Kind(), t.Parameters()[1]
		elem, ok := s.valueType(item)
		return value.DictOf(elem), ok && (key == types.StringKind || key == types.DynKind || key == types.TypeParamKind)
	case types.StructKind:
		if sh, ok := s.byName[t.TypeName()]; ok {
			return sh.typ, true
		}
	case types.OpaqueKind:
		switch t.TypeName() {
		case decimalType.TypeName():
			return value.Type{Kind: value.DecimalKind}, true
		case dateType.TypeName():
			return value.Type{Kind: value.DateKind}, true
		case timeType.TypeName():
			return value.Type{Kind: value.TimeKind}, true
		case fileType.TypeName():
			return value.Type{Kind: value.FileKind}, true
		}
	}
	return value.Type{}, false
}

// FindStructType implements types.Provider.
func (s *shapes) FindStructType(name string) (*types.Type, bool) {
	if sh, ok := s.byName[name]; ok {
		return types.NewTypeTypeWithParam(sh.cel), true
	}
	return s.Registry.FindStructType(name)
}

// FindStructFieldNames implements types.Provider.
func (s *shapes) FindStructFieldNames(name string) ([]string, bool) {
	if sh, ok := s.byName[name]; ok {
		return sh.names, true
	}
	return s.Registry.FindStructFieldNames(name)
}

// FindStructFieldType implements types.Provider. A field that a shape does not have is of type any here, so that the checker
// goes on and finds what else is wrong; the walk over the checked expression reports it with a suggestion.
func (s *shapes) FindStructFieldType(typeName, name string) (*types.FieldType, bool) {
	sh, ok := s.byName[typeName]
	if !ok {
		return s.Registry.FindStructFieldType(typeName, name)
	}
	f, declared := sh.fields[name]
	if !declared {
		return &types.FieldType{Type: cel.DynType}, true
	}
	get := func(target any) ref.Val {
		o, ok := target.(*object)
		if !ok { // what an expression of a shaped type gives is an object or null, whose fields are null
			return types.NullValue
		}
		return o.field(f)
	}
	return &types.FieldType{
		Type:  f.cel,
		IsSet: func(target any) bool { return get(target) != types.NullValue },
		GetFrom: func(target any) (any, error) {
			v := get(target)
			if err, ok := v.(*types.Err); ok {
				return nil, err
			}
			return v, nil
		},
	}, true
}

package value

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Kind is the kind of a type; its text is what people and JSON see.
type Kind uint8

// The kinds. Those that share their word with a Go type of this package end in Kind.
const (
	// Any is a value of any kind, known only when it is there.
	Any Kind = iota
	// Null is the type of null alone.
	Null
	Bool
	Int
	DecimalKind
	Text
	Bytes
	DateKind
	TimeKind
	DatetimeKind
	RefKind
	FileKind
	List
	Map
)

// kindNames is indexed by Kind.
var kindNames = [...]string{
	"any", "null", "bool", "int", "decimal", "text", "bytes", "date", "time", "datetime", "ref", "file", "list", "map",
}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", k)
}

// MarshalText gives the word of the kind.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads the word of a kind.
func (k *Kind) UnmarshalText(text []byte) error {
	i := slices.Index(kindNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("unknown type %q", text)
	}
	*k = Kind(i)
	return nil
}

// Type describes the values that a field, a variable or an expression may have. Null belongs to every type. The zero Type
// is any.
type Type struct {
	Kind Kind `json:"kind"`
	// Component is the id of the component whose entries a reference names; empty is any component.
	Component string `json:"component,omitempty"`
	// Elem is the type of the items of a list, or of the values of a map without declared fields; nil is any.
	Elem *Type `json:"elem,omitempty"`
	// Fields are the fields of a map; a map without them has any keys.
	Fields []Field `json:"fields,omitempty"`
	// Enum limits an int to the listed numbers.
	Enum []Option `json:"enum,omitempty"`
}

// Field is a named field of a map or an object.
type Field struct {
	// ID is stable over renames; empty where fields have no identity, as in the output of a step.
	ID   string `json:"id,omitempty"`
	Name string `json:"name"`
	Type Type   `json:"type"`
}

// Option is one number of an enumeration with its label.
type Option struct {
	Value int64  `json:"value"`
	Label string `json:"label"`
}

// ListOf is the type of lists of elem.
func ListOf(elem Type) Type { return Type{Kind: List, Elem: &elem} }

// MapOf is the type of maps with exactly these fields, each of which may be absent.
func MapOf(fields ...Field) Type { return Type{Kind: Map, Fields: fields} }

// DictOf is the type of maps with any keys and values of elem.
func DictOf(elem Type) Type { return Type{Kind: Map, Elem: &elem} }

// RefOf is the type of references to entries of a component.
func RefOf(component string) Type { return Type{Kind: RefKind, Component: component} }

// EnumOf is the type of ints limited to these numbers.
func EnumOf(options ...Option) Type { return Type{Kind: Int, Enum: options} }

// Item is the type of the items of a list or of the values of a map without declared fields.
func (t Type) Item() Type {
	if t.Elem == nil {
		return Type{}
	}
	return *t.Elem
}

// Field finds a field of a map by name.
func (t Type) Field(name string) (Field, bool) {
	i := slices.IndexFunc(t.Fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return t.Fields[i], true
}

// String is the type as people read it: "list(ref(customer))", "map(name: text, age: int)".
func (t Type) String() string {
	switch {
	case t.Kind == RefKind && t.Component != "":
		return "ref(" + t.Component + ")"
	case t.Elem != nil:
		return t.Kind.String() + "(" + t.Elem.String() + ")"
	case t.Kind == Map && len(t.Fields) > 0:
		parts := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			parts[i] = f.Name + ": " + f.Type.String()
		}
		return "map(" + strings.Join(parts, ", ") + ")"
	}
	return t.Kind.String()
}

// Equal reports whether two types describe the same values; ids of fields and labels do not matter.
func (t Type) Equal(u Type) bool {
	return t.Kind == u.Kind && t.Component == u.Component && t.Item().equalItem(u.Item(), t.Elem, u.Elem) &&
		slices.EqualFunc(t.Fields, u.Fields, func(a, b Field) bool { return a.Name == b.Name && a.Type.Equal(b.Type) }) &&
		slices.EqualFunc(t.Enum, u.Enum, func(a, b Option) bool { return a.Value == b.Value })
}

// equalItem ends the recursion of Equal where neither side declares an element.
func (t Type) equalItem(u Type, te, ue *Type) bool { return te == nil && ue == nil || t.Equal(u) }

// Accepts reports whether a value of type from fits where t is declared: any fits anywhere and is checked when the value
// is there, null fits everywhere, int fits decimal, and a map fits when each of its fields is declared and fits.
func (t Type) Accepts(from Type) bool {
	switch {
	case t.Kind == Any || from.Kind == Any || from.Kind == Null:
		return true
	case t.Kind == DecimalKind && from.Kind == Int:
		return true
	case t.Kind != from.Kind:
		return false
	case t.Kind == RefKind:
		return t.Component == "" || from.Component == "" || t.Component == from.Component
	case t.Kind == List:
		return t.Item().Accepts(from.Item())
	case t.Kind == Map && len(t.Fields) > 0:
		return !slices.ContainsFunc(from.Fields, func(f Field) bool {
			declared, ok := t.Field(f.Name)
			return !ok || !declared.Type.Accepts(f.Type)
		})
	case t.Kind == Map:
		return t.Item().Accepts(from.Item()) &&
			!slices.ContainsFunc(from.Fields, func(f Field) bool { return !t.Item().Accepts(f.Type) })
	}
	return true
}

// MarshalJSON writes a type without parameters as its word ("text"), others as an object ({"kind": "list", ..}).
func (t Type) MarshalJSON() ([]byte, error) {
	if t.Component == "" && t.Elem == nil && t.Fields == nil && t.Enum == nil {
		return json.Marshal(t.Kind)
	}
	type plain Type // without this method
	return json.Marshal(plain(t))
}

// UnmarshalJSON reads both forms that MarshalJSON writes.
func (t *Type) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		var k Kind
		err := json.Unmarshal(data, &k)
		*t = Type{Kind: k}
		return err
	}
	type plain Type
	var p plain
	if err := json.Unmarshal(data, &p); err != nil {
		return fmt.Errorf("read type: %w", err)
	}
	*t = Type(p)
	return nil
}

package wirejson

import (
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// form says how a message type looks in JSON.
type form int

const (
	formObject form = iota
	formValue
	formListValue
	formMapValue
	formTimestamp
	formAny
	formWellKnown // left to protojson
)

// layout is what the codec needs to know of a message type, worked out once.
type layout struct {
	form     form
	want     string   // what is expected where a well-known type stands
	fields   []*field // in the order of declaration, which is the order written
	byName   map[string]*field
	byNumber []*field // those with small numbers
}

type field struct {
	desc      protoreflect.FieldDescriptor
	index     int
	key       []byte // `"name":`
	oneof     protoreflect.OneofDescriptor
	optional  bool // written only when set
	keepsNull bool // null is a value of it, not the lack of one
	elem      element
	mapKey    protoreflect.Kind // of maps
	shape     shape
	wire      protowire.Type // of a single value
}

// shape tells how many values a field has.
type shape int

const (
	shapeSingle shape = iota
	shapeList
	shapeMap
)

// maxByNumber is the highest number that layout.byNumber has.
const maxByNumber = 100

// numbered finds a field by its number, nil when there is none.
func (l *layout) numbered(n protowire.Number) *field {
	if int(n) < len(l.byNumber) {
		return l.byNumber[n]
	}
	if n <= maxByNumber {
		return nil
	}
	i := slices.IndexFunc(l.fields, func(f *field) bool { return f.desc.Number() == n })
	if i < 0 {
		return nil
	}
	return l.fields[i]
}

// element describes a single value: a field, an item of a list or a value of a map.
type element struct {
	kind protoreflect.Kind
	enum protoreflect.EnumDescriptor
	form form
}

func (c *Codec) layout(md protoreflect.MessageDescriptor) *layout {
	if l, ok := c.layouts.Load(md); ok {
		return l.(*layout)
	}
	l, _ := c.layouts.LoadOrStore(md, newLayout(md))
	return l.(*layout)
}

func newLayout(md protoreflect.MessageDescriptor) *layout {
	l := &layout{byName: map[string]*field{}}
	l.form, l.want = formOf(md)
	descs := md.Fields()
	for i := range descs.Len() {
		fd := descs.Get(i)
		f := &field{
			desc:     fd,
			index:    i,
			key:      append(appendText(nil, fd.JSONName()), ':'),
			optional: fd.HasPresence(),
			elem:     elementOf(fd),
		}
		if od := fd.ContainingOneof(); od != nil && !od.IsSynthetic() {
			f.oneof = od
		}
		if fd.IsMap() {
			f.mapKey = fd.MapKey().Kind()
			f.elem = elementOf(fd.MapValue())
			f.shape = shapeMap
		}
		if fd.IsList() {
			f.shape = shapeList
		}
		f.wire = kindType(fd.Kind()) // an entry of a map is a message
		if !fd.IsList() && !fd.IsMap() {
			f.keepsNull = takesNull(fd)
		}
		l.fields = append(l.fields, f)
		l.byName[fd.TextName()] = f
		if n := int(fd.Number()); n <= maxByNumber {
			l.byNumber = slices.Grow(l.byNumber, n+1)[:max(len(l.byNumber), n+1)]
			l.byNumber[n] = f
		}
	}
	for _, f := range l.fields { // last, so that a JSON name wins over another field's original name
		l.byName[f.desc.JSONName()] = f
	}
	return l
}

func elementOf(fd protoreflect.FieldDescriptor) element {
	e := element{kind: fd.Kind(), enum: fd.Enum()}
	if md := fd.Message(); md != nil {
		e.form, _ = formOf(md)
	}
	return e
}

// takesNull tells whether null is one of the field's values.
func takesNull(fd protoreflect.FieldDescriptor) bool {
	if md := fd.Message(); md != nil {
		return md.FullName() == "aqtra.type.v1.Value" || md.FullName() == "google.protobuf.Value"
	}
	return isNullEnum(fd.Enum())
}

func isNullEnum(ed protoreflect.EnumDescriptor) bool {
	return ed != nil && ed.FullName() == "google.protobuf.NullValue"
}

func formOf(md protoreflect.MessageDescriptor) (form, string) {
	switch md.FullName() {
	case "aqtra.type.v1.Value":
		return formValue, ""
	case "aqtra.type.v1.ListValue":
		return formListValue, ""
	case "aqtra.type.v1.MapValue":
		return formMapValue, ""
	case "google.protobuf.Any":
		return formAny, ""
	case "google.protobuf.Timestamp":
		return formTimestamp, `a date and time such as "2026-01-31T13:05:00Z"`
	case "google.protobuf.Duration":
		return formWellKnown, `a duration in seconds such as "1.5s"`
	case "google.protobuf.FieldMask":
		return formWellKnown, `names of fields such as "title,dueDate"`
	case "google.protobuf.Struct":
		return formWellKnown, "an object without repeated keys"
	case "google.protobuf.ListValue":
		return formWellKnown, "a list"
	case "google.protobuf.Value":
		return formWellKnown, "JSON without repeated keys"
	case "google.protobuf.BoolValue":
		return formWellKnown, wantBool
	case "google.protobuf.StringValue":
		return formWellKnown, wantText
	case "google.protobuf.BytesValue":
		return formWellKnown, wantBytes
	case "google.protobuf.Int32Value":
		return formWellKnown, wantInt32
	case "google.protobuf.Int64Value":
		return formWellKnown, wantInt64
	case "google.protobuf.UInt32Value":
		return formWellKnown, wantUint32
	case "google.protobuf.UInt64Value":
		return formWellKnown, wantUint64
	case "google.protobuf.FloatValue", "google.protobuf.DoubleValue":
		return formWellKnown, wantFloat
	}
	return formObject, ""
}

// What is expected, as a violation says it after "expected ".
const (
	wantBool   = "true or false"
	wantText   = "text"
	wantBytes  = "bytes in base64"
	wantInt32  = "a whole number between -2147483648 and 2147483647"
	wantInt64  = "a whole number between -9223372036854775808 and 9223372036854775807"
	wantUint32 = "a whole number between 0 and 4294967295"
	wantUint64 = "a whole number between 0 and 18446744073709551615"
	wantFloat  = "a number"
	wantObject = "an object"
	wantList   = "a list"
	wantNumber = "a number of at most 38 digits, 18 of them after the point"
)

package wirejson

import (
	"slices"
	"strconv"

	"google.golang.org/protobuf/reflect/protoreflect"

	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

// maxSafeInt is the last whole number up to which a reader that keeps numbers as doubles loses nothing.
const maxSafeInt = 1 << 53

// absent tells whether m, a Value, has no kind.
func absent(m protoreflect.Message) bool {
	if v, ok := m.Interface().(*typev1.Value); ok {
		return v.GetKind() == nil
	}
	return m.WhichOneof(m.Descriptor().Oneofs().Get(0)) == nil
}

func appendValue(b []byte, v *typev1.Value) ([]byte, error) {
	switch k := v.GetKind().(type) {
	case *typev1.Value_Bool:
		return strconv.AppendBool(b, k.Bool), nil
	case *typev1.Value_Int:
		return appendInt(b, k.Int), nil
	case *typev1.Value_Text:
		return appendString(b, k.Text)
	case *typev1.Value_Decimal:
		return appendString(b, k.Decimal)
	case *typev1.Value_Date:
		return appendString(b, k.Date)
	case *typev1.Value_Time:
		return appendString(b, k.Time)
	case *typev1.Value_Reference:
		return appendString(b, k.Reference)
	case *typev1.Value_File:
		return appendString(b, k.File)
	case *typev1.Value_Bytes:
		return appendBytes(b, k.Bytes), nil
	case *typev1.Value_Datetime:
		return appendTimestamp(b, k.Datetime.GetSeconds(), int64(k.Datetime.GetNanos()))
	case *typev1.Value_List:
		return appendListValue(b, k.List)
	case *typev1.Value_Map:
		return appendMapValue(b, k.Map)
	default: // null, or absent where something has to stand
		return append(b, "null"...), nil
	}
}

func appendInt(b []byte, n int64) []byte {
	if n > maxSafeInt || n < -maxSafeInt {
		return append(strconv.AppendInt(append(b, '"'), n, 10), '"')
	}
	return strconv.AppendInt(b, n, 10)
}

func appendListValue(b []byte, list *typev1.ListValue) ([]byte, error) {
	b = append(b, '[')
	var err error
	for i, item := range list.GetItems() {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendValue(b, item); err != nil {
			return b, err
		}
	}
	return append(b, ']'), nil
}

func appendMapValue(b []byte, m *typev1.MapValue) ([]byte, error) {
	return appendValues(b, m.GetFields())
}

// valueFields is a generated message with a field "fields" of named values, such as an entry. Reflection over such maps is
// most of the cost of a list.
type valueFields interface {
	GetFields() map[string]*typev1.Value
}

// valuesOf gives the map behind f of m, when it can be had without reflection.
func valuesOf(m protoreflect.Message, f *field) (map[string]*typev1.Value, bool) {
	if f.elem.form != formValue || f.desc.Name() != "fields" {
		return nil, false
	}
	direct, ok := m.Interface().(valueFields)
	if !ok {
		return nil, false
	}
	return direct.GetFields(), true
}

func appendValues(b []byte, fields map[string]*typev1.Value) ([]byte, error) {
	keys := make([]string, 0, len(fields))
	for k, v := range fields {
		if v.GetKind() != nil {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	b = append(b, '{')
	var err error
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendString(b, k); err != nil {
			return b, err
		}
		if b, err = appendValue(append(b, ':'), fields[k]); err != nil {
			return b, err
		}
	}
	return append(b, '}'), nil
}

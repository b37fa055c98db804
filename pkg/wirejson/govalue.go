package wirejson

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// grpc-gateway passes Go values that are not messages where a rule names a single field as the body of a request or of an
// answer, and wraps the answers of a stream in a map.

func (c *Codec) appendGo(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case proto.Message:
		return c.appendMessage(b, v.ProtoReflect())
	case protoreflect.Enum:
		return appendEnum(b, v.Descriptor(), v.Number()), nil
	case []byte:
		return appendBytes(b, v), nil
	}
	rv := reflect.ValueOf(v)
	switch rv.Kind() {
	case reflect.Pointer:
		if rv.IsNil() {
			return append(b, "null"...), nil
		}
		return c.appendGo(b, rv.Elem().Interface())
	case reflect.Slice:
		b = append(b, '[')
		for i := range rv.Len() {
			var err error
			if b, err = c.appendGo(appendComma(b), rv.Index(i).Interface()); err != nil {
				return b, err
			}
		}
		return append(b, ']'), nil
	case reflect.Map:
		return c.appendGoMap(b, rv)
	case reflect.String:
		return appendString(b, rv.String())
	case reflect.Bool:
		return strconv.AppendBool(b, rv.Bool()), nil
	case reflect.Int32:
		return strconv.AppendInt(b, rv.Int(), 10), nil
	case reflect.Uint32:
		return strconv.AppendUint(b, rv.Uint(), 10), nil
	case reflect.Int64:
		return append(strconv.AppendInt(append(b, '"'), rv.Int(), 10), '"'), nil
	case reflect.Uint64:
		return append(strconv.AppendUint(append(b, '"'), rv.Uint(), 10), '"'), nil
	case reflect.Float32:
		return appendFloat(b, rv.Float(), 32), nil
	case reflect.Float64:
		return appendFloat(b, rv.Float(), 64), nil
	}
	raw, err := json.Marshal(v)
	return append(b, raw...), err
}

func (c *Codec) appendGoMap(b []byte, rv reflect.Value) ([]byte, error) {
	type member struct {
		name  string
		value any
	}
	members := make([]member, 0, rv.Len())
	for it := rv.MapRange(); it.Next(); {
		members = append(members, member{name: fmt.Sprint(it.Key().Interface()), value: it.Value().Interface()})
	}
	slices.SortFunc(members, func(a, b member) int { return cmp.Compare(a.name, b.name) })
	b = append(b, '{')
	for _, m := range members {
		var err error
		if b, err = appendString(appendComma(b), m.name); err != nil {
			return b, err
		}
		if b, err = c.appendGo(append(b, ':'), m.value); err != nil {
			return b, err
		}
	}
	return append(b, '}'), nil
}

// target reads into v, a pointer to a field of a generated message.
func (d *decoder) target(v any) error {
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Pointer || rv.IsNil() {
		return fmt.Errorf("decode into %T: not a pointer", v)
	}
	if d.peek() == 'n' && rv.Elem().Kind() != reflect.Pointer {
		return d.word("null") // the field stays unset
	}
	return d.goValue(rv.Elem())
}

func (d *decoder) goValue(rv reflect.Value) error {
	if rv.Kind() == reflect.Pointer {
		if d.peek() == 'n' && !isValueType(rv) {
			return d.word("null")
		}
		rv.Set(reflect.New(rv.Type().Elem()))
		if m, ok := rv.Interface().(proto.Message); ok {
			return d.message(m.ProtoReflect())
		}
		return d.goValue(rv.Elem())
	}
	if e, ok := rv.Interface().(protoreflect.Enum); ok {
		v, ok, err := d.enum(e.Descriptor())
		if ok {
			rv.SetInt(int64(v.Enum()))
		}
		return err
	}
	kind, ok := kindOf(rv.Type())
	switch {
	case ok:
		v, ok, err := d.scalar(&element{kind: kind})
		if ok {
			rv.Set(reflect.ValueOf(v.Interface()).Convert(rv.Type()))
		}
		return err
	case rv.Kind() == reflect.Slice:
		return d.goSlice(rv)
	case rv.Kind() == reflect.Map:
		return d.goMap(rv)
	}
	return fmt.Errorf("decode into %s: not a type of a message's field", rv.Type())
}

func isValueType(rv reflect.Value) bool {
	m, ok := reflect.Zero(rv.Type()).Interface().(proto.Message)
	if !ok {
		return false
	}
	name := m.ProtoReflect().Descriptor().FullName()
	return name == "aqtra.type.v1.Value" || name == "google.protobuf.Value"
}

func (d *decoder) goSlice(rv reflect.Value) error {
	if d.peek() != '[' {
		return d.mismatch(wantList)
	}
	return d.array(func() error {
		item := reflect.New(rv.Type().Elem()).Elem()
		if d.peek() == 'n' && !isValueType(item) {
			return d.mismatch("a value")
		}
		if err := d.goValue(item); err != nil {
			return err
		}
		rv.Set(reflect.Append(rv, item))
		return nil
	})
}

func (d *decoder) goMap(rv reflect.Value) error {
	if d.peek() != '{' {
		return d.mismatch(wantObject)
	}
	kind, ok := kindOf(rv.Type().Key())
	if !ok {
		return fmt.Errorf("decode into %s: not a type of a message's field", rv.Type())
	}
	rv.Set(reflect.MakeMap(rv.Type()))
	return d.object(func(name []byte) error {
		key, ok := keyOf(name, kind)
		if !ok {
			d.refuse("the name is not " + wantOf(kind))
			return d.skip()
		}
		k := reflect.ValueOf(key.Interface()).Convert(rv.Type().Key())
		if rv.MapIndex(k).IsValid() {
			d.refuse(twice)
			return d.skip()
		}
		item := reflect.New(rv.Type().Elem()).Elem()
		if d.peek() == 'n' && !isValueType(item) {
			return d.mismatch("a value")
		}
		if err := d.goValue(item); err != nil {
			return err
		}
		rv.SetMapIndex(k, item)
		return nil
	})
}

// kindOf returns the kind of the scalar fields that have the Go type t.
func kindOf(t reflect.Type) (protoreflect.Kind, bool) {
	switch t.Kind() {
	case reflect.String:
		return protoreflect.StringKind, true
	case reflect.Bool:
		return protoreflect.BoolKind, true
	case reflect.Int32:
		return protoreflect.Int32Kind, true
	case reflect.Int64:
		return protoreflect.Int64Kind, true
	case reflect.Uint32:
		return protoreflect.Uint32Kind, true
	case reflect.Uint64:
		return protoreflect.Uint64Kind, true
	case reflect.Float32:
		return protoreflect.FloatKind, true
	case reflect.Float64:
		return protoreflect.DoubleKind, true
	case reflect.Slice:
		return protoreflect.BytesKind, t.Elem().Kind() == reflect.Uint8
	}
	return 0, false
}

package wirejson

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/anypb"

	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

func (c *Codec) appendMessage(b []byte, m protoreflect.Message) ([]byte, error) {
	l := c.layout(m.Descriptor())
	switch l.form {
	case formObject:
		b, err := c.appendFields(append(b, '{'), l, m)
		return append(b, '}'), err
	case formValue:
		v, err := generated(m, &typev1.Value{})
		if err != nil {
			return b, err
		}
		return appendValue(b, v)
	case formListValue:
		v, err := generated(m, &typev1.ListValue{})
		if err != nil {
			return b, err
		}
		return appendListValue(b, v)
	case formMapValue:
		v, err := generated(m, &typev1.MapValue{})
		if err != nil {
			return b, err
		}
		return appendMapValue(b, v)
	case formTimestamp:
		fields := m.Descriptor().Fields()
		return appendTimestamp(b, m.Get(fields.ByNumber(1)).Int(), m.Get(fields.ByNumber(2)).Int())
	case formAny:
		return c.appendAny(b, m)
	default:
		raw, err := protojson.Marshal(m.Interface())
		if err != nil {
			return b, err
		}
		out := bytes.NewBuffer(b)
		err = json.Compact(out, raw) // protojson varies its spaces on purpose
		return out.Bytes(), err
	}
}

// generated returns m as its generated type, by way of the binary form when m is a dynamic message.
func generated[T proto.Message](m protoreflect.Message, to T) (T, error) {
	if t, ok := m.Interface().(T); ok {
		return t, nil
	}
	raw, err := proto.Marshal(m.Interface())
	if err != nil {
		return to, err
	}
	return to, proto.Unmarshal(raw, to)
}

// appendFields writes the members of m; b ends with the brace that opens the object or with earlier members.
func (c *Codec) appendFields(b []byte, l *layout, m protoreflect.Message) ([]byte, error) {
	for _, f := range l.fields {
		if f.optional && !m.Has(f.desc) {
			continue
		}
		if f.desc.IsMap() {
			if values, ok := valuesOf(m, f); ok {
				var err error
				if b, err = appendValues(append(appendComma(b), f.key...), values); err != nil {
					return b, fmt.Errorf("%s: %w", f.desc.JSONName(), err)
				}
				continue
			}
		}
		v := m.Get(f.desc)
		if f.elem.form == formValue && f.optional && absent(v.Message()) {
			continue
		}
		b = append(appendComma(b), f.key...)
		var err error
		switch {
		case f.desc.IsList():
			b, err = c.appendList(b, f, v.List())
		case f.desc.IsMap():
			b, err = c.appendMap(b, f, v.Map())
		default:
			b, err = c.appendSingle(b, &f.elem, v)
		}
		if err != nil {
			return b, fmt.Errorf("%s: %w", f.desc.JSONName(), err)
		}
	}
	return b, nil
}

// appendComma sets the next item apart from one before it.
func appendComma(b []byte) []byte {
	if last := b[len(b)-1]; last != '{' && last != '[' {
		b = append(b, ',')
	}
	return b
}

func (c *Codec) appendList(b []byte, f *field, list protoreflect.List) ([]byte, error) {
	b = append(b, '[')
	var err error
	for i := range list.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = c.appendSingle(b, &f.elem, list.Get(i)); err != nil {
			return b, err
		}
	}
	return append(b, ']'), nil
}

func (c *Codec) appendMap(b []byte, f *field, m protoreflect.Map) ([]byte, error) {
	keys := make([]protoreflect.MapKey, 0, m.Len())
	m.Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
		if f.elem.form != formValue || !absent(v.Message()) {
			keys = append(keys, k)
		}
		return true
	})
	slices.SortFunc(keys, f.compareKeys)
	b = append(b, '{')
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		name := k.String()
		if !utf8.ValidString(name) {
			return b, errUTF8
		}
		b = append(appendText(b, name), ':')
		var err error
		if b, err = c.appendSingle(b, &f.elem, m.Get(k)); err != nil {
			return b, err
		}
	}
	return append(b, '}'), nil
}

// compareKeys orders map keys by value, so that the same message is always written alike.
func (f *field) compareKeys(a, b protoreflect.MapKey) int {
	switch f.mapKey {
	case protoreflect.StringKind:
		return cmp.Compare(a.String(), b.String())
	case protoreflect.BoolKind:
		return cmp.Compare(a.String(), b.String()) // "false" before "true"
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind, protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return cmp.Compare(a.Uint(), b.Uint())
	default:
		return cmp.Compare(a.Int(), b.Int())
	}
}

func (c *Codec) appendSingle(b []byte, e *element, v protoreflect.Value) ([]byte, error) {
	switch e.kind {
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return c.appendMessage(b, v.Message())
	case protoreflect.StringKind:
		return appendString(b, v.String())
	case protoreflect.BoolKind:
		return strconv.AppendBool(b, v.Bool()), nil
	case protoreflect.BytesKind:
		return appendBytes(b, v.Bytes()), nil
	case protoreflect.EnumKind:
		return appendEnum(b, e.enum, v.Enum()), nil
	case protoreflect.FloatKind:
		return appendFloat(b, v.Float(), 32), nil
	case protoreflect.DoubleKind:
		return appendFloat(b, v.Float(), 64), nil
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return strconv.AppendInt(b, v.Int(), 10), nil
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return strconv.AppendUint(b, v.Uint(), 10), nil
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return append(strconv.AppendUint(append(b, '"'), v.Uint(), 10), '"'), nil
	default: // the signed kinds of 64 bits
		return append(strconv.AppendInt(append(b, '"'), v.Int(), 10), '"'), nil
	}
}

func appendEnum(b []byte, ed protoreflect.EnumDescriptor, n protoreflect.EnumNumber) []byte {
	if isNullEnum(ed) {
		return append(b, "null"...)
	}
	if v := ed.Values().ByNumber(n); v != nil {
		return appendText(b, string(v.Name()))
	}
	return strconv.AppendInt(b, int64(n), 10)
}

func appendBytes(b, v []byte) []byte {
	return append(base64.StdEncoding.AppendEncode(append(b, '"'), v), '"')
}

// appendFloat writes the shortest text that reads back as f, in the notation that JavaScript would choose.
func appendFloat(b []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(b, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(b, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(b, `"-Infinity"`...)
	}
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(b, f, format, -1, bits)
}

// appendTimestamp writes RFC 3339 with "Z" and 0, 3, 6 or 9 digits of fraction.
func appendTimestamp(b []byte, seconds, nanos int64) ([]byte, error) {
	const first, last = -62135596800, 253402300799 // the years 1 and 9999
	if seconds < first || seconds > last || nanos < 0 || nanos >= 1e9 {
		return b, fmt.Errorf("timestamp out of range: %d s, %d ns", seconds, nanos)
	}
	b = time.Unix(seconds, 0).UTC().AppendFormat(append(b, '"'), time.RFC3339)
	if nanos == 0 {
		return append(b, '"'), nil
	}
	b[len(b)-1] = '.' // was "Z"
	digits := 9
	for digits > 3 && nanos%1000 == 0 {
		nanos, digits = nanos/1000, digits-3
	}
	for unit := pow10[digits-1]; unit > 0; unit /= 10 {
		b = append(b, '0'+byte(nanos/unit%10))
	}
	return append(b, 'Z', '"'), nil
}

// pow10 are the powers of ten.
var pow10 = [...]int64{1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8}

func (c *Codec) appendAny(b []byte, m protoreflect.Message) ([]byte, error) {
	boxed, err := generated(m, &anypb.Any{})
	if err != nil {
		return b, err
	}
	if boxed.GetTypeUrl() == "" && len(boxed.GetValue()) == 0 {
		return append(b, "{}"...), nil
	}
	mt, err := protoregistry.GlobalTypes.FindMessageByURL(boxed.GetTypeUrl())
	if err != nil {
		return b, fmt.Errorf("any of type %q: %w", boxed.GetTypeUrl(), err)
	}
	inner := mt.New()
	if err := proto.Unmarshal(boxed.GetValue(), inner.Interface()); err != nil {
		return b, fmt.Errorf("any of type %q: %w", boxed.GetTypeUrl(), err)
	}
	b, err = appendString(append(b, `{"@type":`...), boxed.GetTypeUrl())
	if err != nil {
		return b, err
	}
	if l := c.layout(inner.Descriptor()); l.form == formObject {
		b, err = c.appendFields(b, l, inner)
	} else {
		b, err = c.appendMessage(append(b, `,"value":`...), inner)
	}
	return append(b, '}'), err
}

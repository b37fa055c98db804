package wirejson

import (
	"encoding/base64"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/anypb"
)

// run reads the whole text into v.
func (d *decoder) run(v any) error {
	var err error
	if m, ok := v.(proto.Message); ok {
		proto.Reset(m)
		err = d.message(m.ProtoReflect())
	} else {
		err = d.target(v)
	}
	if err != nil {
		return err
	}
	if d.peek(); d.pos < len(d.in) {
		return d.malformed("text after the end")
	}
	return d.err()
}

// message reads a message into m, which is empty.
func (d *decoder) message(m protoreflect.Message) error {
	l := d.codec.layout(m.Descriptor())
	switch l.form {
	case formObject:
		return d.members(l, m, false)
	case formAny:
		return d.boxed(m)
	case formValue, formListValue, formMapValue:
		return d.typed(l.form, m)
	default:
		return d.wellKnown(l, m)
	}
}

// members reads an object whose members are fields of m. Inside an Any the member "@type" is passed over.
func (d *decoder) members(l *layout, m protoreflect.Message, boxed bool) error {
	if d.peek() != '{' {
		return d.mismatch(wantObject)
	}
	var few [2]uint64
	seen := few[:]
	if len(l.fields) > 64*len(few) {
		seen = make([]uint64, len(l.fields)/64+1)
	}
	return d.object(func(name []byte) error {
		f := l.byName[string(name)]
		if f == nil {
			if !boxed || string(name) != "@type" {
				d.note("unknown field")
			}
			return d.skip()
		}
		word, bit := &seen[f.index/64], uint64(1)<<(f.index%64)
		if *word&bit != 0 {
			d.refuse(twice)
			return d.skip()
		}
		*word |= bit
		if d.peek() == 'n' && !f.keepsNull {
			return d.word("null")
		}
		if f.oneof != nil && m.WhichOneof(f.oneof) != nil {
			d.refuse("excludes " + m.WhichOneof(f.oneof).JSONName() + ", which is given too")
			return d.skip()
		}
		return d.field(f, m)
	})
}

func (d *decoder) field(f *field, m protoreflect.Message) error {
	switch {
	case f.desc.IsList():
		if d.peek() != '[' {
			return d.mismatch(wantList)
		}
		list := m.Mutable(f.desc).List()
		return d.array(func() error {
			v, ok, err := d.single(&f.elem, list.NewElement)
			if ok {
				list.Append(v)
			}
			return err
		})
	case f.desc.IsMap():
		if d.peek() != '{' {
			return d.mismatch(wantObject)
		}
		entries := m.Mutable(f.desc).Map()
		return d.object(func(name []byte) error { return d.entry(f, entries, name) })
	default:
		v, ok, err := d.single(&f.elem, func() protoreflect.Value { return m.NewField(f.desc) })
		if ok {
			m.Set(f.desc, v)
		}
		return err
	}
}

func (d *decoder) entry(f *field, entries protoreflect.Map, name []byte) error {
	key, ok := keyOf(name, f.mapKey)
	switch {
	case !ok:
		d.refuse("the name is not " + wantOf(f.mapKey))
		return d.skip()
	case entries.Has(key):
		d.refuse(twice)
		return d.skip()
	}
	v, ok, err := d.single(&f.elem, entries.NewValue)
	if !ok && err == nil && f.elem.kind != protoreflect.MessageKind {
		// A value that was refused still takes its key, so that the second one is refused too.
		v, ok = entries.NewValue(), true
	}
	if ok {
		entries.Set(key, v)
	}
	return err
}

func keyOf(name []byte, kind protoreflect.Kind) (protoreflect.MapKey, bool) {
	switch kind {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(string(name)).MapKey(), true
	case protoreflect.BoolKind:
		truth := string(name) == "true"
		return protoreflect.ValueOfBool(truth).MapKey(), truth || string(name) == "false"
	}
	v, ok := wholeOf(name, kind)
	return v.MapKey(), ok
}

// single reads a field that is not repeated, an item of a list or a value of a map; message makes an empty one. It is not
// ok when the value was refused.
func (d *decoder) single(e *element, message func() protoreflect.Value) (v protoreflect.Value, ok bool, err error) {
	if e.kind == protoreflect.MessageKind || e.kind == protoreflect.GroupKind {
		v = message()
		return v, true, d.message(v.Message())
	}
	return d.scalar(e)
}

func (d *decoder) scalar(e *element) (v protoreflect.Value, ok bool, err error) {
	want := wantOf(e.kind)
	c := d.peek()
	number := c == '-' || c >= '0' && c <= '9'
	switch {
	case e.kind == protoreflect.EnumKind:
		return d.enum(e.enum)
	case e.kind == protoreflect.BoolKind && c == 't':
		return protoreflect.ValueOfBool(true), true, d.word("true")
	case e.kind == protoreflect.BoolKind && c == 'f':
		return protoreflect.ValueOfBool(false), true, d.word("false")
	case e.kind == protoreflect.BoolKind, c != '"' && !number:
		return v, false, d.mismatch(want)
	}
	if number {
		if e.kind == protoreflect.StringKind || e.kind == protoreflect.BytesKind {
			return v, false, d.mismatch(want)
		}
		raw, err := d.number()
		if err != nil {
			return v, false, err
		}
		v, ok = scalarOfNumber(raw, e.kind)
	} else {
		text, err := d.text()
		if err != nil {
			return v, false, err
		}
		v, ok = scalarOfText(text, e.kind)
	}
	if !ok {
		d.refuse("expected " + want)
	}
	return v, ok, nil
}

func scalarOfText(text []byte, kind protoreflect.Kind) (protoreflect.Value, bool) {
	switch kind {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(string(text)), true
	case protoreflect.BytesKind:
		b, err := fromBase64(string(text))
		return protoreflect.ValueOfBytes(b), err == nil
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		if f, ok := specialFloats(string(text)); ok {
			if kind == protoreflect.FloatKind {
				return protoreflect.ValueOfFloat32(float32(f)), true
			}
			return protoreflect.ValueOfFloat64(f), true
		}
	}
	if n := scanNumber(text); n == 0 || n != len(text) {
		return protoreflect.Value{}, false
	}
	return scalarOfNumber(text, kind)
}

// fromBase64 reads the standard and the URL alphabet, with padding or without.
func fromBase64(s string) ([]byte, error) {
	s = strings.TrimRight(s, "=")
	if strings.ContainsAny(s, "-_") {
		return base64.RawURLEncoding.DecodeString(s)
	}
	return base64.RawStdEncoding.DecodeString(s)
}

// enum reads the name or the number of an enum's value. Numbers without a name are kept, as everywhere in proto3.
func (d *decoder) enum(ed protoreflect.EnumDescriptor) (v protoreflect.Value, ok bool, err error) {
	switch c := d.peek(); {
	case c == 'n' && isNullEnum(ed):
		return protoreflect.ValueOfEnum(0), true, d.word("null")
	case c == '"':
		name, err := d.text()
		if err != nil {
			return v, false, err
		}
		if value := ed.Values().ByName(protoreflect.Name(name)); value != nil {
			return protoreflect.ValueOfEnum(value.Number()), true, nil
		}
		d.refuse("expected " + namesOf(ed))
		return v, false, nil
	case c == '-' || c >= '0' && c <= '9':
		raw, err := d.number()
		if err != nil {
			return v, false, err
		}
		if n, ok := scalarOfNumber(raw, protoreflect.Int32Kind); ok {
			return protoreflect.ValueOfEnum(protoreflect.EnumNumber(n.Int())), true, nil
		}
		d.refuse("expected " + namesOf(ed))
		return v, false, nil
	}
	return v, false, d.mismatch(namesOf(ed))
}

// namesOf lists the first values of an enum.
func namesOf(ed protoreflect.EnumDescriptor) string {
	const most = 12
	var names []string
	for i := range min(ed.Values().Len(), most) {
		names = append(names, string(ed.Values().Get(i).Name()))
	}
	if ed.Values().Len() > most {
		names = append(names, "…")
	}
	return "one of " + strings.Join(names, ", ")
}

// raw reads a value of any kind and returns its text.
func (d *decoder) raw() ([]byte, error) {
	d.peek()
	start := d.pos
	err := d.skip()
	return d.in[start:d.pos], err
}

func (d *decoder) wellKnown(l *layout, m protoreflect.Message) error {
	raw, err := d.raw()
	if err != nil {
		return err
	}
	if protojson.Unmarshal(raw, m.Interface()) != nil {
		d.refuse("expected " + l.want)
	}
	return nil
}

// boxed reads an Any: the member "@type" says what the others mean.
func (d *decoder) boxed(m protoreflect.Message) error {
	if d.peek() != '{' {
		return d.mismatch(wantObject)
	}
	start, empty, url := d.pos, true, ""
	err := d.object(func(name []byte) error {
		empty = false
		if string(name) != "@type" || d.peek() != '"' {
			return d.skip()
		}
		if url != "" {
			d.refuse(twice)
		}
		text, err := d.text()
		url = string(text)
		return err
	})
	if err != nil || empty {
		return err
	}
	mt, err := protoregistry.GlobalTypes.FindMessageByURL(url)
	if err != nil {
		d.refuse(`expected a known message type in "@type"`)
		return nil
	}
	inner, end := mt.New(), d.pos
	d.pos = start
	if l := d.codec.layout(inner.Descriptor()); l.form == formObject {
		err = d.members(l, inner, true)
	} else {
		given := false
		err = d.object(func(name []byte) error {
			switch {
			case string(name) == "@type":
				return d.skip()
			case string(name) != "value":
				d.note("unknown field")
				return d.skip()
			case given:
				d.refuse(twice)
				return d.skip()
			}
			given = true
			return d.message(inner)
		})
		if !given && err == nil {
			d.refuse(`expected a member "value"`)
		}
	}
	if err != nil {
		return err
	}
	d.pos = end
	value, err := proto.MarshalOptions{Deterministic: true}.Marshal(inner.Interface())
	if err != nil {
		return err
	}
	return assign(m, &anypb.Any{TypeUrl: url, Value: value})
}

// assign gives m the content of from, by way of the binary form when m is a dynamic message.
func assign(m protoreflect.Message, from proto.Message) error {
	if m.Descriptor() == from.ProtoReflect().Descriptor() {
		proto.Merge(m.Interface(), from)
		return nil
	}
	raw, err := proto.Marshal(from)
	if err != nil {
		return err
	}
	return proto.Unmarshal(raw, m.Interface())
}

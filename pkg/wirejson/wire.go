package wirejson

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"sync"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"
)

// AppendWire is Append for a message of type md in its binary form. It writes the same text without making the message, which
// for a page of entries is most of the work. What it does not read by itself, such as a message in two pieces, it decodes.
func (c *Codec) AppendWire(b []byte, md protoreflect.MessageDescriptor, raw []byte) ([]byte, error) {
	t := transcoders.Get().(*transcoder)
	defer t.free()
	t.codec = c
	return t.message(b, md, raw, 0)
}

// maxWireDepth bounds how deep messages nest that are written without being decoded.
const maxWireDepth = 200

// errUnusual says that a message has to be decoded: it is encoded in a way that our own encoders do not choose, or not at all.
var errUnusual = errors.New("unusual encoding")

// transcoder writes binary messages as JSON. parts and pairs are stacks: every message pushes its own, and takes them off when
// it is written.
type transcoder struct {
	codec *Codec
	parts []part
	pairs []pair
}

// part is one field of a message as it is on the wire: bytes, or a number.
type part struct {
	field *field
	bytes []byte
	n     uint64
}

// pair is an entry of a map from text.
type pair struct {
	key  []byte
	part part
}

var transcoders = sync.Pool{New: func() any { return new(transcoder) }}

// maxStack bounds what a transcoder keeps for the next message.
const maxStack = 1000

func (t *transcoder) free() {
	if cap(t.parts) > maxStack || cap(t.pairs) > maxStack {
		return
	}
	clear(t.parts[:cap(t.parts)]) // the messages are not kept
	clear(t.pairs[:cap(t.pairs)])
	transcoders.Put(t)
}

func (t *transcoder) message(b []byte, md protoreflect.MessageDescriptor, raw []byte, depth int) ([]byte, error) {
	if depth < maxWireDepth {
		out, err := t.known(b, t.codec.layout(md), raw, depth)
		if !errors.Is(err, errUnusual) {
			return out, err
		}
	}
	m := newMessage(md)
	if err := proto.Unmarshal(raw, m.Interface()); err != nil {
		return b, err
	}
	return t.codec.appendMessage(b, m)
}

func newMessage(md protoreflect.MessageDescriptor) protoreflect.Message {
	if mt, err := protoregistry.GlobalTypes.FindMessageByName(md.FullName()); err == nil && mt.Descriptor() == md {
		return mt.New()
	}
	return dynamicpb.NewMessage(md)
}

func (t *transcoder) known(b []byte, l *layout, raw []byte, depth int) ([]byte, error) {
	switch l.form {
	case formObject:
		return t.object(b, l, raw, depth)
	case formValue:
		return t.value(b, raw, depth)
	case formListValue:
		return t.listValue(b, raw, depth)
	case formMapValue:
		return t.mapValue(b, raw, depth)
	case formTimestamp:
		return appendWireTimestamp(b, raw)
	default:
		return b, errUnusual
	}
}

func (t *transcoder) object(b []byte, l *layout, raw []byte, depth int) ([]byte, error) {
	bottom := len(t.parts)
	defer func() { t.parts = t.parts[:bottom] }()
	if err := t.split(l, raw); err != nil {
		return b, err
	}
	parts := t.parts[bottom:]
	inOrder := func(a, b part) int { return cmp.Compare(a.field.index, b.field.index) }
	if !slices.IsSortedFunc(parts, inOrder) {
		slices.SortStableFunc(parts, inOrder)
	}
	b = append(b, '{')
	for _, f := range l.fields {
		n := 0
		for n < len(parts) && parts[n].field == f {
			n++
		}
		mine := parts[:n]
		parts = parts[n:]
		var err error
		switch f.shape {
		case shapeList:
			b, err = t.list(append(appendComma(b), f.key...), f, mine, depth)
		case shapeMap:
			b, err = t.textMap(append(appendComma(b), f.key...), f, mine, depth)
		default:
			if f.oneof != nil && n > 0 && slices.ContainsFunc(parts, func(p part) bool { return p.field.oneof == f.oneof }) {
				return b, errUnusual // the last member counts
			}
			b, err = t.singular(b, f, mine, depth)
		}
		if err != nil {
			return b, err
		}
	}
	return append(b, '}'), nil
}

// split pushes the fields of a message that l knows.
func (t *transcoder) split(l *layout, raw []byte) error {
	for len(raw) > 0 {
		num, typ, n := protowire.ConsumeTag(raw)
		if n < 0 {
			return errUnusual
		}
		raw = raw[n:]
		f := l.numbered(num)
		if f == nil {
			if n = protowire.ConsumeFieldValue(num, typ, raw); n < 0 {
				return errUnusual
			}
			raw = raw[n:]
			continue
		}
		p := part{field: f}
		if p.n, p.bytes, n = consume(typ, raw); n < 0 {
			return errUnusual
		}
		raw = raw[n:]
		switch want := f.wire; {
		case typ == want:
			t.parts = append(t.parts, p)
		case typ == protowire.BytesType && f.shape == shapeList:
			for packed := p.bytes; len(packed) > 0; packed = packed[n:] {
				if p.n, p.bytes, n = consume(want, packed); n < 0 {
					return errUnusual
				}
				t.parts = append(t.parts, p)
			}
		default:
			return errUnusual
		}
	}
	return nil
}

// consume reads the value of a field: its number or its bytes, and how long it is; a negative length is an error.
func consume(typ protowire.Type, raw []byte) (number uint64, content []byte, n int) {
	switch typ {
	case protowire.VarintType:
		number, n = protowire.ConsumeVarint(raw)
	case protowire.BytesType:
		content, n = protowire.ConsumeBytes(raw)
	case protowire.Fixed64Type:
		number, n = protowire.ConsumeFixed64(raw)
	case protowire.Fixed32Type:
		var short uint32
		short, n = protowire.ConsumeFixed32(raw)
		number = uint64(short)
	default:
		n = -1
	}
	return number, content, n
}

// kindType is how a single value is encoded.
func kindType(k protoreflect.Kind) protowire.Type {
	switch k {
	case protoreflect.StringKind, protoreflect.BytesKind, protoreflect.MessageKind:
		return protowire.BytesType
	case protoreflect.GroupKind:
		return protowire.StartGroupType
	case protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind, protoreflect.FloatKind:
		return protowire.Fixed32Type
	case protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind, protoreflect.DoubleKind:
		return protowire.Fixed64Type
	default:
		return protowire.VarintType
	}
}

func (t *transcoder) list(b []byte, f *field, parts []part, depth int) ([]byte, error) {
	b = append(b, '[')
	var err error
	for _, p := range parts {
		if b, err = t.single(appendComma(b), &f.elem, f.desc.Message(), p, depth); err != nil {
			return b, err
		}
	}
	return append(b, ']'), nil
}

// singular writes a field that is neither a list nor a map, with its name, unless it is optional and not there.
func (t *transcoder) singular(b []byte, f *field, parts []part, depth int) ([]byte, error) {
	if len(parts) == 0 {
		if f.optional {
			return b, nil
		}
		return t.codec.appendSingle(append(appendComma(b), f.key...), &f.elem, f.desc.Default())
	}
	if len(parts) > 1 && f.elem.kind == protoreflect.MessageKind {
		return b, errUnusual // its pieces are one message
	}
	found := parts[len(parts)-1]
	if f.elem.form == formValue && emptyValue(found.bytes) {
		return b, nil
	}
	return t.single(append(appendComma(b), f.key...), &f.elem, f.desc.Message(), found, depth)
}

// single writes one value of a field, an item of a list or a value of a map; md is its type if it is a message.
func (t *transcoder) single(b []byte, e *element, md protoreflect.MessageDescriptor, p part, depth int) ([]byte, error) {
	switch e.kind {
	case protoreflect.MessageKind:
		switch e.form {
		case formValue:
			return t.value(b, p.bytes, depth+1)
		case formTimestamp:
			return appendWireTimestamp(b, p.bytes)
		}
		return t.message(b, md, p.bytes, depth+1)
	case protoreflect.StringKind:
		return appendString(b, p.bytes)
	case protoreflect.BytesKind:
		return appendBytes(b, p.bytes), nil
	default:
		return t.codec.appendSingle(b, e, number(e.kind, p.n))
	}
}

// number is a value that is encoded as n.
func number(kind protoreflect.Kind, n uint64) protoreflect.Value {
	switch kind {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(protowire.DecodeBool(n))
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(int32(n)))
	case protoreflect.FloatKind:
		return protoreflect.ValueOfFloat32(math.Float32frombits(uint32(n)))
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(math.Float64frombits(n))
	case protoreflect.Int32Kind, protoreflect.Sfixed32Kind:
		return protoreflect.ValueOfInt32(int32(n))
	case protoreflect.Sint32Kind:
		return protoreflect.ValueOfInt32(int32(protowire.DecodeZigZag(n & math.MaxUint32)))
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return protoreflect.ValueOfUint32(uint32(n))
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return protoreflect.ValueOfUint64(n)
	case protoreflect.Sint64Kind:
		return protoreflect.ValueOfInt64(protowire.DecodeZigZag(n))
	default:
		return protoreflect.ValueOfInt64(int64(n))
	}
}

func appendWireTimestamp(b, raw []byte) ([]byte, error) {
	var seconds, nanos int64
	for len(raw) > 0 {
		num, typ, n := protowire.ConsumeTag(raw)
		if n < 0 || typ != protowire.VarintType {
			return b, errUnusual
		}
		v, m := protowire.ConsumeVarint(raw[n:])
		if m < 0 {
			return b, errUnusual
		}
		switch raw = raw[n+m:]; num {
		case 1:
			seconds = int64(v)
		case 2:
			nanos = int64(int32(v))
		}
	}
	return appendTimestamp(b, seconds, nanos)
}

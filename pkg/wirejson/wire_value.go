package wirejson

import (
	"bytes"
	"slices"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Numbers of the kinds of a Value, see aqtra/type/v1/value.proto.
const (
	kindNull = 1 + iota
	kindBool
	kindInt
	kindDecimal
	kindText
	kindBytes
	kindDate
	kindTime
	kindDatetime
	kindReference
	kindFile
	kindList
	kindMap
)

// kindOnWire finds the kind of an encoded Value, 0 when it has none.
func kindOnWire(raw []byte) (kind protowire.Number, n uint64, content []byte, err error) {
	for len(raw) > 0 {
		num, typ, size := protowire.ConsumeTag(raw)
		if size < 0 {
			return 0, 0, nil, errUnusual
		}
		want := protowire.BytesType
		if num <= kindInt {
			want = protowire.VarintType
		}
		raw = raw[size:]
		number, inner, size := consume(typ, raw)
		if size < 0 || num > kindMap || kind != 0 || typ != want {
			return 0, 0, nil, errUnusual
		}
		raw = raw[size:]
		kind, n, content = num, number, inner
	}
	return kind, n, content, nil
}

// emptyValue tells whether an encoded Value surely has no kind.
func emptyValue(raw []byte) bool { return len(raw) == 0 }

func (t *transcoder) value(b, raw []byte, depth int) ([]byte, error) {
	if depth > maxWireDepth {
		return b, errUnusual
	}
	kind, n, content, err := kindOnWire(raw)
	if err != nil {
		return b, err
	}
	switch kind {
	case kindBool:
		return strconv.AppendBool(b, protowire.DecodeBool(n)), nil
	case kindInt:
		return appendInt(b, int64(n)), nil
	case kindDecimal, kindText, kindDate, kindTime, kindReference, kindFile:
		return appendString(b, content)
	case kindBytes:
		return appendBytes(b, content), nil
	case kindDatetime:
		return appendWireTimestamp(b, content)
	case kindList:
		return t.listValue(b, content, depth+1)
	case kindMap:
		return t.mapValue(b, content, depth+1)
	default: // null, or absent where something has to stand
		return append(b, "null"...), nil
	}
}

func (t *transcoder) listValue(b, raw []byte, depth int) ([]byte, error) {
	b = append(b, '[')
	for len(raw) > 0 {
		num, typ, n := protowire.ConsumeTag(raw)
		if n < 0 || num != 1 || typ != protowire.BytesType {
			return b, errUnusual
		}
		item, m := protowire.ConsumeBytes(raw[n:])
		if m < 0 {
			return b, errUnusual
		}
		raw = raw[n+m:]
		var err error
		if b, err = t.value(appendComma(b), item, depth); err != nil {
			return b, err
		}
	}
	return append(b, ']'), nil
}

func (t *transcoder) mapValue(b, raw []byte, depth int) ([]byte, error) {
	bottom := len(t.pairs)
	defer func() { t.pairs = t.pairs[:bottom] }()
	for len(raw) > 0 {
		num, typ, n := protowire.ConsumeTag(raw)
		if n < 0 || num != 1 || typ != protowire.BytesType {
			return b, errUnusual
		}
		entry, m := protowire.ConsumeBytes(raw[n:])
		if m < 0 {
			return b, errUnusual
		}
		raw = raw[n+m:]
		if err := t.pair(entry, &valueElement); err != nil {
			return b, err
		}
	}
	return t.appendPairs(b, bottom, &valueElement, nil, depth)
}

// valueElement is a Value as an item or as the value of a map.
var valueElement = element{kind: protoreflect.MessageKind, form: formValue}

// textMap writes a map field.
func (t *transcoder) textMap(b []byte, f *field, parts []part, depth int) ([]byte, error) {
	bottom := len(t.pairs)
	defer func() { t.pairs = t.pairs[:bottom] }()
	for _, p := range parts {
		if f.mapKey != protoreflect.StringKind {
			return b, errUnusual
		}
		if err := t.pair(p.bytes, &f.elem); err != nil {
			return b, err
		}
	}
	return t.appendPairs(b, bottom, &f.elem, f.desc.MapValue().Message(), depth)
}

// pair pushes an entry of a map. A Value without a kind is left out, as everywhere.
func (t *transcoder) pair(raw []byte, e *element) error {
	var p pair
	for len(raw) > 0 {
		num, typ, n := protowire.ConsumeTag(raw)
		if n < 0 {
			return errUnusual
		}
		number, content, m := consume(typ, raw[n:])
		if m < 0 {
			return errUnusual
		}
		raw = raw[n+m:]
		switch {
		case num == 1 && typ == protowire.BytesType:
			p.key = content
		case num == 2 && typ == kindType(e.kind) && p.part.bytes == nil:
			p.part = part{bytes: content, n: number}
		default:
			return errUnusual
		}
	}
	if e.form != formValue || !emptyValue(p.part.bytes) {
		t.pairs = append(t.pairs, p)
	}
	return nil
}

// appendPairs writes the pairs above bottom in the order of their keys.
func (t *transcoder) appendPairs(b []byte, bottom int, e *element, md protoreflect.MessageDescriptor, depth int) ([]byte, error) {
	pairs := t.pairs[bottom:]
	byKey := func(a, b pair) int { return bytes.Compare(a.key, b.key) }
	if !slices.IsSortedFunc(pairs, byKey) {
		slices.SortFunc(pairs, byKey)
	}
	b = append(b, '{')
	var err error
	for i, p := range pairs {
		if i > 0 {
			if bytes.Equal(p.key, pairs[i-1].key) {
				return b, errUnusual // the last one counts
			}
			b = append(b, ',')
		}
		if b, err = appendString(b, p.key); err != nil {
			return b, err
		}
		if b, err = t.single(append(b, ':'), e, md, p.part, depth); err != nil {
			return b, err
		}
	}
	return append(b, '}'), nil
}

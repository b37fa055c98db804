package wirejson

import (
	"bytes"
	"math"
	"strconv"

	"google.golang.org/protobuf/reflect/protoreflect"

	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

// The range of a decimal, see the table in aqtra/type/v1/value.proto.
const (
	maxDigits = 38
	maxScale  = 18
)

// scanNumber returns the length of the JSON number at the start of in, or 0.
func scanNumber(in []byte) int {
	i := 0
	digits := func() bool {
		start := i
		for i < len(in) && in[i] >= '0' && in[i] <= '9' {
			i++
		}
		return i > start
	}
	if i < len(in) && in[i] == '-' {
		i++
	}
	if i < len(in) && in[i] == '0' {
		i++
	} else if !digits() {
		return 0
	}
	if i < len(in) && in[i] == '.' {
		i++
		if !digits() {
			return 0
		}
	}
	if i < len(in) && (in[i] == 'e' || in[i] == 'E') {
		i++
		if i < len(in) && (in[i] == '+' || in[i] == '-') {
			i++
		}
		if !digits() {
			return 0
		}
	}
	return i
}

// plain returns a JSON number in canonical text: no exponent, no zeros that say nothing, no "-0". It is not ok when the
// number is outside the range of a decimal; no digit is ever rounded away.
func plain(raw []byte) (text []byte, ok bool) {
	mantissa, exponent := raw, 0
	if i := bytes.IndexAny(raw, "eE"); i >= 0 {
		mantissa = raw[:i]
		n, err := strconv.Atoi(string(raw[i+1:]))
		if err != nil || n > 1<<20 || n < -1<<20 {
			n = 1 << 20 // out of range, unless the number is zero
		}
		exponent = n
	}
	mantissa, negative := bytes.CutPrefix(mantissa, []byte{'-'})
	whole, fraction, _ := bytes.Cut(mantissa, []byte{'.'})
	digits := append(append(make([]byte, 0, len(mantissa)), whole...), fraction...)
	exponent -= len(fraction)

	digits = bytes.TrimLeft(digits, "0")
	for len(digits) > 0 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
		exponent++
	}
	if len(digits) == 0 {
		return []byte{'0'}, true
	}
	if len(digits)+max(exponent, 0) > maxDigits || -exponent > maxScale {
		return nil, false
	}

	if negative {
		text = append(text, '-')
	}
	if exponent >= 0 {
		return append(append(text, digits...), bytes.Repeat([]byte{'0'}, exponent)...), true
	}
	point := len(digits) + exponent // where the point goes
	if point <= 0 {
		text = append(text, '0', '.')
		text = append(text, bytes.Repeat([]byte{'0'}, -point)...)
		return append(text, digits...), true
	}
	text = append(append(text, digits[:point]...), '.')
	return append(text, digits[point:]...), true
}

// valueOfNumber makes raw an int, or a decimal when it is written with a point or an exponent or does not fit an int.
func valueOfNumber(raw []byte, v *typev1.Value) bool {
	if !bytes.ContainsAny(raw, ".eE") {
		if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
			v.Kind = &typev1.Value_Int{Int: n}
			return true
		}
	}
	text, ok := plain(raw)
	if ok {
		v.Kind = &typev1.Value_Decimal{Decimal: string(text)}
	}
	return ok
}

// scalarOfNumber makes raw a number of the given kind; 1e2 and 1.0 are whole numbers too.
func scalarOfNumber(raw []byte, kind protoreflect.Kind) (protoreflect.Value, bool) {
	switch kind {
	case protoreflect.FloatKind:
		f, err := strconv.ParseFloat(string(raw), 32)
		return protoreflect.ValueOfFloat32(float32(f)), err == nil
	case protoreflect.DoubleKind:
		f, err := strconv.ParseFloat(string(raw), 64)
		return protoreflect.ValueOfFloat64(f), err == nil
	}
	if bytes.ContainsAny(raw, ".eE") || bytes.Equal(raw, []byte("-0")) {
		text, ok := plain(raw)
		if !ok {
			return protoreflect.Value{}, false
		}
		raw = text
	}
	return wholeOf(raw, kind)
}

// wholeOf makes digits with an optional sign a whole number of the given kind.
func wholeOf(raw []byte, kind protoreflect.Kind) (protoreflect.Value, bool) {
	switch kind {
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		n, err := strconv.ParseInt(string(raw), 10, 32)
		return protoreflect.ValueOfInt32(int32(n)), err == nil
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		n, err := strconv.ParseUint(string(raw), 10, 32)
		return protoreflect.ValueOfUint32(uint32(n)), err == nil
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		n, err := strconv.ParseUint(string(raw), 10, 64)
		return protoreflect.ValueOfUint64(n), err == nil
	default:
		n, err := strconv.ParseInt(string(raw), 10, 64)
		return protoreflect.ValueOfInt64(n), err == nil
	}
}

// wantOf says what is expected of a scalar kind.
func wantOf(kind protoreflect.Kind) string {
	switch kind {
	case protoreflect.BoolKind:
		return wantBool
	case protoreflect.StringKind:
		return wantText
	case protoreflect.BytesKind:
		return wantBytes
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		return wantFloat
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return wantInt32
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return wantUint32
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return wantUint64
	default:
		return wantInt64
	}
}

// specialFloats reads what JSON has no numbers for.
func specialFloats(text string) (float64, bool) {
	switch text {
	case "NaN":
		return math.NaN(), true
	case "Infinity":
		return math.Inf(1), true
	case "-Infinity":
		return math.Inf(-1), true
	}
	return 0, false
}

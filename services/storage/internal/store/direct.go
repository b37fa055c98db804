package store

import (
	"encoding/binary"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/aqtra/aqtra/pkg/value"

	"github.com/aqtra/aqtra/services/storage/internal/model"
)

// appender writes a column that is not null as an encoded type.v1.Value. False means that the column holds something out of the
// ordinary, which takes the long way or fails there.
type appender func(b, raw []byte) ([]byte, bool)

// Numbers of the kinds of a Value, see aqtra/type/v1/value.proto.
const (
	kindBool      protowire.Number = 2
	kindInt       protowire.Number = 3
	kindDecimal   protowire.Number = 4
	kindText      protowire.Number = 5
	kindDate      protowire.Number = 7
	kindTime      protowire.Number = 8
	kindDatetime  protowire.Number = 9
	kindReference protowire.Number = 10
	kindFile      protowire.Number = 11
)

// directly finds the appender of a field whose column has the type that belongs to it; nil when there is none.
func directly(oid uint32, format int16, f *model.Field) appender {
	if f.GetSensitive() || f.IsArray() {
		return nil
	}
	binaryForm := format == pgx.BinaryFormatCode
	switch kind := f.Value.Kind; {
	case oid == pgtype.TextOID && kind == value.Text:
		return textAppender(kindText)
	case oid == pgtype.TextOID && kind == value.RefKind:
		return textAppender(kindReference)
	case oid == pgtype.TextOID && kind == value.FileKind:
		return textAppender(kindFile)
	case !binaryForm:
		return nil
	case oid == pgtype.BoolOID && kind == value.Bool:
		return appendBool
	case oid == pgtype.Int8OID && kind == value.Int:
		return intAppender(f.Value.Enum)
	case oid == pgtype.NumericOID && kind == value.DecimalKind:
		return appendNumeric
	case oid == pgtype.DateOID && kind == value.DateKind:
		return appendDate
	case oid == pgtype.TimeOID && kind == value.TimeKind:
		return appendTime
	case oid == pgtype.TimestamptzOID && kind == value.DatetimeKind:
		return appendDatetime
	}
	return nil
}

func textAppender(kind protowire.Number) appender {
	return func(b, raw []byte) ([]byte, bool) { return appendBytes(b, kind, raw), true }
}

func appendBool(b, raw []byte) ([]byte, bool) {
	if len(raw) != 1 || raw[0] > 1 {
		return b, false
	}
	return append(b, byte(kindBool<<3), raw[0]), true
}

func intAppender(options []value.Option) appender {
	return func(b, raw []byte) ([]byte, bool) {
		n, ok := int64Of(raw)
		if !ok || len(options) > 0 && !slices.ContainsFunc(options, func(o value.Option) bool { return o.Value == n }) {
			return b, false
		}
		return protowire.AppendVarint(append(b, byte(kindInt<<3)), uint64(n)), true
	}
}

func int64Of(raw []byte) (int64, bool) {
	if len(raw) != 8 {
		return 0, false
	}
	return int64(binary.BigEndian.Uint64(raw)), true
}

// The form of numeric: groups of four digits; the first stands for 10000^weight.
const (
	numericHeader   = 8 // bytes: groups, weight, sign, digits after the point, two bytes each
	numericNegative = 0x4000
	maxGroups       = 16
)

// appendNumeric writes a number in canonical text, see value.Decimal.
func appendNumeric(b, raw []byte) ([]byte, bool) {
	if len(raw) < numericHeader {
		return b, false
	}
	groups, weight, sign := int(binary.BigEndian.Uint16(raw)), int(int16(binary.BigEndian.Uint16(raw[2:]))), binary.BigEndian.Uint16(raw[4:])
	if groups > maxGroups || len(raw) != numericHeader+2*groups || weight >= maxGroups || weight < -maxGroups || sign&^numericNegative != 0 {
		return b, false
	}
	raw = raw[numericHeader:]
	for groups > 0 && raw[0] == 0 && raw[1] == 0 { // Postgres sends none, but may
		raw, groups, weight = raw[2:], groups-1, weight-1
	}
	if groups == 0 {
		return appendBytes(b, kindDecimal, "0"), true
	}
	group := func(i int) int {
		if i < 0 || i >= groups {
			return 0
		}
		return int(binary.BigEndian.Uint16(raw[2*i:]))
	}
	var room [4 * 3 * maxGroups]byte
	text := room[:0]
	if sign == numericNegative {
		text = append(text, '-')
	}
	others := len(text)                                              // characters that are no digits
	text = strconv.AppendInt(text, int64(group(min(0, weight))), 10) // "0" below one
	for i := 1; i <= weight; i++ {
		text = appendGroup(text, group(i))
	}
	if weight < groups-1 {
		point := len(text)
		others++
		text = append(text, '.')
		for i := weight + 1; i < groups; i++ {
			text = appendGroup(text, group(i))
		}
		for text[len(text)-1] == '0' {
			text = text[:len(text)-1]
		}
		if len(text) == point+1 {
			text = text[:point]
		}
		if len(text)-point-1 > value.Scale {
			return b, false
		}
	}
	if len(text)-others > value.Precision {
		return b, false
	}
	return appendBytes(b, kindDecimal, text), true
}

func appendGroup(b []byte, g int) []byte {
	return append(b, '0'+byte(g/1000%10), '0'+byte(g/100%10), '0'+byte(g/10%10), '0'+byte(g%10))
}

// Postgres counts from the beginning of 2000.
const (
	epochSeconds = 946684800
	epochDays    = epochSeconds / 86400

	firstSecond = -62135596800 // year 1
	lastSecond  = 253402300799 // year 9999
)

func appendDate(b, raw []byte) ([]byte, bool) {
	if len(raw) != 4 {
		return b, false
	}
	seconds := (int64(int32(binary.BigEndian.Uint32(raw))) + epochDays) * 86400
	if seconds < firstSecond || seconds > lastSecond {
		return b, false
	}
	b = protowire.AppendVarint(append(b, byte(kindDate<<3|2)), uint64(len(time.DateOnly)))
	return time.Unix(seconds, 0).UTC().AppendFormat(b, time.DateOnly), true
}

func appendTime(b, raw []byte) ([]byte, bool) {
	n, ok := int64Of(raw)
	if !ok {
		return b, false
	}
	t, err := value.NewTime(time.Duration(n) * time.Microsecond)
	if err != nil {
		return b, false
	}
	return appendBytes(b, kindTime, t.String()), true
}

func appendDatetime(b, raw []byte) ([]byte, bool) {
	seconds, nanos, ok := instant(raw)
	if !ok {
		return b, false
	}
	return appendTimestamp(b, kindDatetime, seconds, nanos), true
}

// instant reads a timestamp within the years 1 to 9999.
func instant(raw []byte) (seconds, nanos int64, ok bool) {
	n, ok := int64Of(raw)
	if !ok {
		return 0, 0, false
	}
	seconds, micros := n/1e6, n%1e6
	if micros < 0 {
		seconds, micros = seconds-1, micros+1e6
	}
	seconds += epochSeconds
	return seconds, micros * 1000, seconds >= firstSecond && seconds <= lastSecond
}

package value

import (
	"errors"
	"fmt"
	"time"

	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// ErrDepth says that lists and maps are nested deeper than MaxDepth.
var ErrDepth = errors.New("lists and maps are nested deeper than 64 levels")

// FromProto reads a value from the wire. It reports false when p is absent (nil or without a kind), and an error a person
// understands when p holds what no value can be: a malformed decimal, date or time, an absent item of a list, or nesting
// deeper than MaxDepth. Absent fields of maps are left out.
func FromProto(p *typev1.Value) (v any, present bool, err error) { return fromProto(p, 0) }

func fromProto(p *typev1.Value, depth int) (any, bool, error) {
	v, err := fromKind(p, depth)
	if errors.Is(err, errAbsent) {
		return nil, false, nil
	}
	return v, err == nil, err
}

// errAbsent is how fromKind says that there is no value; it never leaves this file.
var errAbsent = errors.New("absent")

func fromKind(p *typev1.Value, depth int) (any, error) {
	if depth > MaxDepth {
		return nil, ErrDepth
	}
	switch k := p.GetKind().(type) {
	case *typev1.Value_Null:
		return nil, nil
	case *typev1.Value_Bool:
		return k.Bool, nil
	case *typev1.Value_Int:
		return k.Int, nil
	case *typev1.Value_Decimal:
		return wrap(ParseDecimal(k.Decimal))
	case *typev1.Value_Text:
		return k.Text, nil
	case *typev1.Value_Bytes:
		if k.Bytes == nil {
			return []byte{}, nil
		}
		return k.Bytes, nil
	case *typev1.Value_Date:
		return wrap(ParseDate(k.Date))
	case *typev1.Value_Time:
		return wrap(ParseTime(k.Time))
	case *typev1.Value_Datetime:
		if !k.Datetime.IsValid() {
			return nil, ErrDatetime
		}
		return wrap(Datetime(k.Datetime.AsTime()))
	case *typev1.Value_Reference:
		return Ref(k.Reference), nil
	case *typev1.Value_File:
		return File(k.File), nil
	case *typev1.Value_List:
		items := make([]any, len(k.List.GetItems()))
		for i, item := range k.List.GetItems() {
			v, present, err := fromProto(item, depth+1)
			if err != nil {
				return nil, err
			}
			if !present {
				return nil, fmt.Errorf("item %d of a list has no value", i)
			}
			items[i] = v
		}
		return items, nil
	case *typev1.Value_Map:
		return mapFromProto(k.Map.GetFields(), depth+1)
	}
	return nil, errAbsent
}

// wrap turns a typed result into a value; on error there is none.
func wrap[T any](v T, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}

// MapFromProto reads named values as FromProto does; absent ones are left out. An error names the field.
func MapFromProto(fields map[string]*typev1.Value) (map[string]any, error) {
	return mapFromProto(fields, 0)
}

func mapFromProto(fields map[string]*typev1.Value, depth int) (map[string]any, error) {
	m := make(map[string]any, len(fields))
	for name, p := range fields {
		v, present, err := fromProto(p, depth)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if present {
			m[name] = v
		}
	}
	return m, nil
}

// ToProto writes a value for the wire. It fails when v, or a value within, has a type outside the closed set, or is
// nested deeper than MaxDepth.
func ToProto(v any) (*typev1.Value, error) { return toProto(v, 0) }

func toProto(v any, depth int) (*typev1.Value, error) {
	if depth > MaxDepth {
		return nil, ErrDepth
	}
	p := new(typev1.Value)
	switch v := v.(type) {
	case nil:
		p.Kind = &typev1.Value_Null{Null: structpb.NullValue_NULL_VALUE}
	case bool:
		p.Kind = &typev1.Value_Bool{Bool: v}
	case int64:
		p.Kind = &typev1.Value_Int{Int: v}
	case Decimal:
		p.Kind = &typev1.Value_Decimal{Decimal: v.String()}
	case string:
		p.Kind = &typev1.Value_Text{Text: v}
	case []byte:
		p.Kind = &typev1.Value_Bytes{Bytes: v}
	case Date:
		p.Kind = &typev1.Value_Date{Date: v.String()}
	case Time:
		p.Kind = &typev1.Value_Time{Time: v.String()}
	case time.Time:
		t, err := Datetime(v)
		if err != nil {
			return nil, err
		}
		p.Kind = &typev1.Value_Datetime{Datetime: timestamppb.New(t)}
	case Ref:
		p.Kind = &typev1.Value_Reference{Reference: string(v)}
	case File:
		p.Kind = &typev1.Value_File{File: string(v)}
	case []any:
		items := make([]*typev1.Value, len(v))
		for i, item := range v {
			var err error
			if items[i], err = toProto(item, depth+1); err != nil {
				return nil, err
			}
		}
		p.Kind = &typev1.Value_List{List: &typev1.ListValue{Items: items}}
	case map[string]any:
		fields, err := mapToProto(v, depth+1)
		if err != nil {
			return nil, err
		}
		p.Kind = &typev1.Value_Map{Map: &typev1.MapValue{Fields: fields}}
	default:
		return nil, fmt.Errorf("%T is not a value", v)
	}
	return p, nil
}

// MapToProto writes named values as ToProto does. An error names the field.
func MapToProto(m map[string]any) (map[string]*typev1.Value, error) { return mapToProto(m, 0) }

func mapToProto(m map[string]any, depth int) (map[string]*typev1.Value, error) {
	fields := make(map[string]*typev1.Value, len(m))
	for name, v := range m {
		p, err := toProto(v, depth)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		fields[name] = p
	}
	return fields, nil
}

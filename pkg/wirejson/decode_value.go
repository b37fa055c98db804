package wirejson

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/structpb"

	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

// typed reads a Value, ListValue or MapValue into m.
func (d *decoder) typed(form form, m protoreflect.Message) error {
	switch v := m.Interface().(type) {
	case *typev1.Value:
		return d.value(v)
	case *typev1.ListValue:
		return d.listValue(v)
	case *typev1.MapValue:
		return d.mapValue(v)
	}
	// A dynamic message takes over what the generated one has read.
	var copied proto.Message
	var err error
	switch form {
	case formValue:
		v := &typev1.Value{}
		copied, err = v, d.value(v)
	case formListValue:
		v := &typev1.ListValue{}
		copied, err = v, d.listValue(v)
	default:
		v := &typev1.MapValue{}
		copied, err = v, d.mapValue(v)
	}
	if err != nil {
		return err
	}
	return assign(m, copied)
}

func (d *decoder) value(v *typev1.Value) error {
	switch d.peek() {
	case '{':
		m := &typev1.MapValue{}
		v.Kind = &typev1.Value_Map{Map: m}
		return d.mapValue(m)
	case '[':
		list := &typev1.ListValue{}
		v.Kind = &typev1.Value_List{List: list}
		return d.listValue(list)
	case '"':
		text, err := d.text()
		v.Kind = &typev1.Value_Text{Text: string(text)}
		return err
	case 't':
		v.Kind = &typev1.Value_Bool{Bool: true}
		return d.word("true")
	case 'f':
		v.Kind = &typev1.Value_Bool{}
		return d.word("false")
	case 'n':
		v.Kind = &typev1.Value_Null{Null: structpb.NullValue_NULL_VALUE}
		return d.word("null")
	}
	raw, err := d.number()
	if err == nil && !valueOfNumber(raw, v) {
		d.refuse("expected " + wantNumber)
	}
	return err
}

func (d *decoder) listValue(list *typev1.ListValue) error {
	if d.peek() != '[' {
		return d.mismatch(wantList)
	}
	return d.array(func() error {
		item := &typev1.Value{}
		list.Items = append(list.Items, item)
		return d.value(item)
	})
}

func (d *decoder) mapValue(m *typev1.MapValue) error {
	if d.peek() != '{' {
		return d.mismatch(wantObject)
	}
	m.Fields = map[string]*typev1.Value{}
	return d.object(func(name []byte) error {
		if _, ok := m.Fields[string(name)]; ok {
			d.refuse(twice)
			return d.skip()
		}
		v := &typev1.Value{}
		m.Fields[string(name)] = v
		return d.value(v)
	})
}

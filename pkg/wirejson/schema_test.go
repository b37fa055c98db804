package wirejson_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	// Types that the schema and the tests name.
	_ "google.golang.org/protobuf/types/known/anypb"
	_ "google.golang.org/protobuf/types/known/durationpb"
	_ "google.golang.org/protobuf/types/known/emptypb"
	_ "google.golang.org/protobuf/types/known/fieldmaskpb"
	_ "google.golang.org/protobuf/types/known/wrapperspb"

	_ "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

// everything is a message with fields of all kinds, one a line: label or map key, type, name. Numbers follow the order.
const everything = `
one  bool     flag
one  int32    small_int
one  int64    big_int
one  uint32   small_uint
one  uint64   big_uint
one  sint32   small_zigzag
one  sint64   big_zigzag
one  fixed32  small_fixed
one  fixed64  big_fixed
one  sfixed32 small_sfixed
one  sfixed64 big_sfixed
one  float    ratio
one  double   measure
one  string   title
one  bytes    blob
one  .test.Color color
one  .test.Everything child
opt  int32    maybe_int
opt  string   maybe_text
many int64    numbers
many string   names
many bytes    blobs
many .test.Color colors
many .test.Everything children
pick string   by_name
pick int64    by_number
pick .test.Everything by_child
pick .google.protobuf.NullValue by_null
map:string string  labels
map:string .test.Everything tree
map:string .test.Color      shades
map:int32  string  by_int32
map:int64  bool    by_int64
map:uint64 double  by_uint64
map:bool   int32   by_bool
one  .google.protobuf.Timestamp   at
one  .google.protobuf.Duration    lasts
one  .google.protobuf.FieldMask   mask
one  .google.protobuf.Struct      struct
one  .google.protobuf.Value       json
one  .google.protobuf.ListValue   json_list
one  .google.protobuf.NullValue   nothing
one  .google.protobuf.Any         any
one  .google.protobuf.Empty       empty
one  .google.protobuf.BoolValue   bool_box
one  .google.protobuf.Int32Value  int32_box
one  .google.protobuf.Int64Value  int64_box
one  .google.protobuf.UInt32Value uint32_box
one  .google.protobuf.UInt64Value uint64_box
one  .google.protobuf.FloatValue  float_box
one  .google.protobuf.DoubleValue double_box
one  .google.protobuf.StringValue string_box
one  .google.protobuf.BytesValue  bytes_box
many .google.protobuf.Timestamp   times
many .google.protobuf.Value       jsons
many .google.protobuf.Int32Value  boxes
map:string .google.protobuf.Duration spans
`

// entry is a message as the API has them, with typed values.
const entry = `
one  string title
map:string .aqtra.type.v1.Value fields
one  .aqtra.type.v1.Value     single
many .aqtra.type.v1.Value     items
one  .aqtra.type.v1.ListValue list
one  .aqtra.type.v1.MapValue  map
pick .aqtra.type.v1.Value     chosen
pick string chosen_name
one  .google.protobuf.Any any
`

// schema builds the messages test.Everything and test.Entry.
func schema(t testing.TB) protoreflect.FileDescriptor {
	t.Helper()
	file := &descriptorpb.FileDescriptorProto{
		Name: proto.String("test.proto"), Package: proto.String("test"), Syntax: proto.String("proto3"),
		Dependency: []string{
			"google/protobuf/timestamp.proto", "google/protobuf/duration.proto", "google/protobuf/field_mask.proto",
			"google/protobuf/struct.proto", "google/protobuf/any.proto", "google/protobuf/empty.proto",
			"google/protobuf/wrappers.proto", "aqtra/type/v1/value.proto",
		},
		EnumType: []*descriptorpb.EnumDescriptorProto{{
			Name: proto.String("Color"),
			Value: []*descriptorpb.EnumValueDescriptorProto{
				{Name: proto.String("COLOR_UNSPECIFIED"), Number: proto.Int32(0)},
				{Name: proto.String("COLOR_RED"), Number: proto.Int32(1)},
				{Name: proto.String("COLOR_BLUE"), Number: proto.Int32(2)},
			},
		}},
		MessageType: []*descriptorpb.DescriptorProto{message("Everything", everything), message("Entry", entry)},
	}
	fd, err := protodesc.NewFile(file, protoregistry.GlobalFiles)
	require.NoError(t, err)
	return fd
}

func message(name, lines string) *descriptorpb.DescriptorProto {
	m := &descriptorpb.DescriptorProto{
		Name:      proto.String(name),
		OneofDecl: []*descriptorpb.OneofDescriptorProto{{Name: proto.String("choice")}},
	}
	for i, line := range strings.Split(strings.TrimSpace(lines), "\n") {
		words := strings.Fields(line)
		label, key, _ := strings.Cut(words[0], ":")
		f := fieldOf(words[2], words[1], int32(i+1))
		switch label {
		case "many":
			f.Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()
		case "opt":
			f.Proto3Optional = proto.Bool(true)
			f.OneofIndex = proto.Int32(int32(len(m.OneofDecl)))
			m.OneofDecl = append(m.OneofDecl, &descriptorpb.OneofDescriptorProto{Name: proto.String("_" + words[2])})
		case "pick":
			f.OneofIndex = proto.Int32(0)
		case "map":
			item := ""
			for _, part := range strings.Split(words[2], "_") {
				item += strings.ToUpper(part[:1]) + part[1:]
			}
			m.NestedType = append(m.NestedType, &descriptorpb.DescriptorProto{
				Name:    proto.String(item + "Entry"),
				Field:   []*descriptorpb.FieldDescriptorProto{fieldOf("key", key, 1), fieldOf("value", words[1], 2)},
				Options: &descriptorpb.MessageOptions{MapEntry: proto.Bool(true)},
			})
			f = fieldOf(words[2], ".test."+name+"."+item+"Entry", int32(i+1))
			f.Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()
		}
		m.Field = append(m.Field, f)
	}
	return m
}

func fieldOf(name, kind string, number int32) *descriptorpb.FieldDescriptorProto {
	f := &descriptorpb.FieldDescriptorProto{
		Name: proto.String(name), Number: proto.Int32(number),
		Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
	}
	switch {
	case kind == ".test.Color" || kind == ".google.protobuf.NullValue":
		f.Type, f.TypeName = descriptorpb.FieldDescriptorProto_TYPE_ENUM.Enum(), proto.String(kind)
	case kind[0] == '.':
		f.Type, f.TypeName = descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum(), proto.String(kind)
	default:
		n := descriptorpb.FieldDescriptorProto_Type_value["TYPE_"+strings.ToUpper(kind)]
		f.Type = descriptorpb.FieldDescriptorProto_Type(n).Enum()
	}
	return f
}

// empty returns an empty message of the schema.
func empty(t testing.TB, name protoreflect.Name) *dynamicpb.Message {
	t.Helper()
	return dynamicpb.NewMessage(schema(t).Messages().ByName(name))
}

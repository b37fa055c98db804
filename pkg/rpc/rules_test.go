package rpc

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"

	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

func TestComponentField(t *testing.T) {
	t.Parallel()
	file := &descriptorpb.FileDescriptorProto{
		Package: proto.String("invoice"), Options: &descriptorpb.FileOptions{JavaPackage: proto.String("order")}, Dependency: []string{"x"},
	}
	for path, want := range map[string]string{"package": "invoice", "options.java_package": "order", "syntax": "", "": ""} {
		require.Equal(t, want, componentOf(file, path), path)
	}
	require.Empty(t, componentOf(&descriptorpb.FileDescriptorProto{}, "options.java_package"), "unset message on the way")
	require.Empty(t, componentOf("no message", "package"))

	for path, want := range map[string]string{
		"nothing": "has no single field", "dependency": "has no single field", "options": "is not a string", "package.x": "is not a message",
		"options.deprecated": "is not a string", "options.": "has no single field", "message_type.name": "has no single field",
	} {
		_, err := resolve(file.ProtoReflect().Descriptor(), path)
		require.ErrorContains(t, err, want, path)
		require.Empty(t, componentOf(file, path), path)
	}
	_, err := resolve((&typev1.MapValue{}).ProtoReflect().Descriptor(), "fields.x")
	require.ErrorContains(t, err, "has no single field")
}

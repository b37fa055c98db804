package rpc_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/rpc"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

// An answer that a handler encoded itself is read by callers like any other, over a connection and through the door.
func TestEncoded(t *testing.T) {
	t.Parallel()
	raw, err := proto.Marshal(textValue("hello"))
	require.NoError(t, err)
	h := serve(t, func(h *harness) {
		h.unary = func(context.Context, *typev1.Value) (*typev1.Value, error) {
			out := new(typev1.Value)
			rpc.SetEncoded(out, raw)
			return out, nil
		}
	})
	_, wire := h.dialWire("gateway")
	for _, conn := range []grpc.ClientConnInterface{wire, h.dial("gateway")} {
		text, err := call(t.Context(), conn, "Public", "")
		require.NoError(t, err)
		require.Equal(t, "hello", text)

		out := new(typev1.Value)
		require.NoError(t, conn.Invoke(t.Context(), "/"+echo+"/Public", textValue(""), out, rpc.GiveAway()))
		left, ok := rpc.Encoded(out)
		require.True(t, ok)
		require.Equal(t, raw, left)
	}
	_, ok := rpc.Encoded(new(typev1.Value))
	require.False(t, ok)
	mixed := textValue("x")
	mixed.ProtoReflect().SetUnknown([]byte{0xf8, 0xff, 0xff, 0xff, 0x0f, 1})
	_, ok = rpc.Encoded(mixed)
	require.False(t, ok, "a message with fields that are not known")
}

package rpc

import (
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// A message may carry its content encoded: everything is in its unknown fields. Encoding such a message is a copy, and whoever
// decodes that gets the fields as ever. A service answers so where making a message of what it read would cost more than all
// else; the edge leaves answers so that it only turns into JSON.

// SetEncoded gives m, which is empty, its content in encoded form. raw must not be changed any more.
func SetEncoded(m proto.Message, raw []byte) { m.ProtoReflect().SetUnknown(raw) }

// Encoded returns the content of a message that carries it encoded. Anything else, such as fields that a newer service sent
// along with others, is none.
func Encoded(m proto.Message) ([]byte, bool) {
	r := m.ProtoReflect()
	raw := r.GetUnknown()
	if len(raw) == 0 {
		return nil, false
	}
	has := false
	r.Range(func(protoreflect.FieldDescriptor, protoreflect.Value) bool {
		has = true
		return false
	})
	return raw, !has
}

// leavingCodec leaves what it receives encoded.
type leavingCodec struct{ encoding.CodecV2 }

func newLeavingCodec() leavingCodec { return leavingCodec{encoding.GetCodecV2("proto")} }

// Unmarshal implements encoding.CodecV2.
func (leavingCodec) Unmarshal(data mem.BufferSlice, v any) error {
	m, ok := v.(proto.Message)
	if !ok {
		return fmt.Errorf("%T is no message", v)
	}
	SetEncoded(m, data.Materialize())
	return nil
}

// giveAway is also the codec of calls that go over a connection.
type giveAway struct{ grpc.ForceCodecV2CallOption }

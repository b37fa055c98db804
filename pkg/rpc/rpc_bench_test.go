package rpc_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
)

// BenchmarkCall is the cost of a call between services of one process, over a connection in memory and through the door.
func BenchmarkCall(b *testing.B) {
	for _, way := range []string{"wire", "door"} {
		b.Run(way, func(b *testing.B) {
			h := serve(b)
			clients, wire := h.dialWire("gateway")
			conn := grpc.ClientConnInterface(wire)
			if way == "door" {
				conn = clients.Join("gateway", "storage", h.door, wire)
			}
			b.ReportAllocs()
			for b.Loop() {
				_, err := call(b.Context(), conn, "Public", "hello")
				require.NoError(b, err)
			}
		})
	}
}

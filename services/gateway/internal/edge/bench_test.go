package edge_test

import (
	"io"
	"net/http"
	"testing"

	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

// Both measure the whole way: TLS, edge, gRPC to the service behind and back, on one machine.
func BenchmarkEdge(b *testing.B) {
	b.Run("rest", func(b *testing.B) {
		w := newWorld(b)
		for b.Loop() {
			req, err := http.NewRequestWithContext(b.Context(), "GET", "https://"+w.addr+entries+"/e1", nil)
			if err != nil {
				b.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer alice")
			res, err := w.client.Do(req)
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
			if res.StatusCode != 200 {
				b.Fatal(res.Status)
			}
		}
	})
	b.Run("grpc", func(b *testing.B) {
		w := newWorld(b)
		c := storagev1.NewEntriesClient(w.dial())
		ctx := as(b.Context(), "alice")
		for b.Loop() {
			if _, err := c.GetEntry(ctx, &storagev1.GetEntryRequest{Component: "invoice", Entry: "e1"}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

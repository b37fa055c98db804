package edge_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/aqtra/aqtra/services/gateway/internal/edge"
)

func TestTLS13Only(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := w.clientTLS()
	old.MinVersion, old.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
	_, err := tls.Dial("tcp", w.addr, old)
	require.ErrorContains(t, err, "protocol version")

	c, err := net.Dial("tcp", w.addr)
	require.NoError(t, err)
	defer c.Close()
	_, err = fmt.Fprint(c, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	text, _ := io.ReadAll(c) // the connection may be reset after the answer
	require.NotContains(t, string(text), "200")
}

// http1 sends raw text over TLS with HTTP/1.1.
func (w *world) http1(text string) (*tls.Conn, error) {
	cfg := w.clientTLS()
	cfg.NextProtos = []string{"http/1.1"}
	c, err := tls.Dial("tcp", w.addr, cfg)
	if err != nil {
		return nil, err
	}
	_, err = io.WriteString(c, text)
	return c, err
}

func TestHTTP1(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for request, want := range map[string]string{
		"GET /v1/components/invoice/entries/e1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer alice\r\nConnection: close\r\n\r\n":                             "HTTP/1.1 200 OK",
		"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("y", 40<<10) + "\r\n\r\n":                                                                "HTTP/1.1 431",
		"POST /aqtra.storage.v1.Entries/GetEntry HTTP/1.1\r\nHost: x\r\nContent-Type: application/grpc\r\nContent-Length: 0\r\nConnection: close\r\n\r\n":   "HTTP/1.1 404",
		"GET aqtra:v1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n":                                                                                     "HTTP/1.1 400",
		"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n":                    "HTTP/1.1 4",
		"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\nConnection: close\r\n\r\n{}   ":                                 "HTTP/1.1 400",
		"POST /v1/components/a/entries HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer alice\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{}": "",
	} {
		c, err := w.http1(request)
		require.NoError(t, err)
		if want == "" { // the rest of the body never comes
			require.NoError(t, c.CloseWrite())
			want = "HTTP/1.1 400"
		}
		line := make([]byte, len(want))
		_, err = io.ReadFull(c, line)
		require.NoError(t, err, request)
		require.Equal(t, want, string(line), "%.100s", request)
		require.NoError(t, c.Close())
	}
}

func TestSlowConnectionsHinderNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const many = 500
	for i := range many {
		c, err := net.Dial("tcp", w.addr)
		require.NoError(t, err)
		t.Cleanup(func() { _ = c.Close() })
		if i%2 == 0 { // the rest does not even shake hands
			continue
		}
		_, err = c.Write([]byte{22, 3, 1, 0, 200})
		require.NoError(t, err)
	}
	for range 20 {
		c, err := w.http1("GET /healthz HTTP/1.1\r\nHost:")
		require.NoError(t, err)
		t.Cleanup(func() { _ = c.Close() })
	}
	start := time.Now()
	for range 20 {
		w.call("GET", entries+"/e1", "").ok()
	}
	require.Less(t, time.Since(start), 4*time.Second)
}

func TestRapidReset(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := heap()
	cfg := w.clientTLS()
	cfg.NextProtos = []string{"h2"}
	c, err := tls.Dial("tcp", w.addr, cfg)
	require.NoError(t, err)
	defer c.Close()
	go func() { _, _ = io.Copy(io.Discard, c) }()
	_, err = io.WriteString(c, http2.ClientPreface)
	require.NoError(t, err)
	fr := http2.NewFramer(c, nil)
	require.NoError(t, fr.WriteSettings())
	var block bytes.Buffer
	enc := hpack.NewEncoder(&block)
	for _, f := range [][2]string{{":method", "GET"}, {":scheme", "https"}, {":authority", "x"}, {":path", entries + "/slow"}, {"authorization", "Bearer alice"}} {
		require.NoError(t, enc.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]}))
	}
	for i := range uint32(20_000) {
		id := 2*i + 1
		err = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: block.Bytes(), EndStream: true, EndHeaders: true})
		if err == nil {
			err = fr.WriteRSTStream(id, http2.ErrCodeCancel)
		}
		if err != nil {
			break // it was thrown out, which is fine
		}
	}
	w.call("GET", entries+"/e1", "").ok()
	require.Less(t, heap(), before+64<<20)
	close(w.storage.hold)
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestDrain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := make(chan int, 1)
	go func() { got <- w.call("GET", entries+"/slow", "").code }()
	<-w.storage.held
	require.Equal(t, 200, w.call("GET", "/readyz", "").code)
	w.edge.Withdraw()
	w.call("GET", "/readyz", "").refused(503, "SERVICE_UNAVAILABLE")
	require.Equal(t, 200, w.call("GET", "/healthz", "").code)
	w.call("GET", entries+"/e1", "").ok() // it still serves
	w.stop()
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", w.addr)
		if err == nil {
			_ = c.Close()
		}
		return err != nil
	}, 5*time.Second, 5*time.Millisecond, "no new connections")
	close(w.storage.hold)
	require.Equal(t, 200, <-got, "what runs is finished")
	require.NoError(t, <-w.done)
}

func TestDrainCutsWhatDoesNotEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *edge.Config, _ *edge.Deps) { c.DrainTimeout = 50 * time.Millisecond })
	go func() {
		req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), "GET", "https://"+w.addr+entries+"/slow", nil)
		if err == nil {
			req.Header.Set("Authorization", "Bearer alice")
			if res, err := w.client.Do(req); err == nil {
				_ = res.Body.Close()
			}
		}
	}()
	<-w.storage.held
	w.stop()
	select {
	case err := <-w.done:
		require.NoError(t, err)
	case <-time.After(5 * time.Second):
		require.Fail(t, "still serving")
	}
	close(w.storage.hold)
}

func TestPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	nobody := []string{"Authorization", ""}
	for _, path := range []string{"/", "/studio/invoice"} {
		a := w.call("GET", path, "", nobody...)
		require.Equal(t, 200, a.code)
		require.Equal(t, "the web UI", a.text)
		require.Contains(t, a.header.Get("Content-Security-Policy"), "'nonce-")
		require.NotEmpty(t, a.header.Get("Strict-Transport-Security"))
	}
	a := w.call("GET", "/docs", "", nobody...)
	require.Equal(t, 302, a.code)
	require.Equal(t, "/v1/docs", a.header.Get("Location"))
	a = w.call("GET", "/v1/docs", "", nobody...)
	require.Equal(t, 200, a.code)
	require.Equal(t, "text/html; charset=utf-8", a.header.Get("Content-Type"))
	require.NotContains(t, a.header.Get("Content-Security-Policy"), "unsafe")
	for _, inline := range []string{"<script>", " style=", " onclick", "<style", "http://", "https://"} {
		require.NotContains(t, a.text, inline)
	}
	require.Contains(t, w.call("GET", "/v1/docs/docs.js", "", nobody...).header.Get("Content-Type"), "text/javascript")
	require.Contains(t, w.call("GET", "/v1/docs/docs.css", "", nobody...).header.Get("Content-Type"), "text/css")
	w.call("GET", "/v1/docs/nope", "", nobody...).refused(404, "UNKNOWN_METHOD")
	w.call("GET", "/v1/docs/../openapi.json", "", nobody...).refused(404, "UNKNOWN_METHOD")

	small := w.call("GET", "/v1/openapi.json", "", "Accept-Encoding", "br, gzip;q=0.5")
	require.Equal(t, "gzip", small.header.Get("Content-Encoding"))
	zr, err := gzip.NewReader(strings.NewReader(small.text))
	require.NoError(t, err)
	content, err := io.ReadAll(zr)
	require.NoError(t, err)
	plain := w.call("GET", "/v1/openapi.json", "", "Accept-Encoding", "identity")
	require.Equal(t, plain.text, string(content))
	require.Equal(t, 304, w.call("GET", "/v1/openapi.json", "", "If-None-Match", plain.header.Get("ETag")).code)
	require.True(t, json.Valid(content))
}

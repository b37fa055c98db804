package edge_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

const text20 = "0123456789abcdefghij"

func (w *world) upload() {
	w.t.Helper()
	f := w.call("POST", "/v1/files:upload?name=r%C3%A9sum%C3%A9+%22x%22.txt", text20, "Content-Type", "text/plain; charset=utf-8").ok()
	require.Equal(w.t, "20", f["size"])
	require.Equal(w.t, `résumé "x".txt`, f["name"])
}

func TestUpload(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.upload()
	h := w.storage.last().req.(*storagev1.UploadFileRequest).GetHeader()
	require.EqualValues(t, 20, h.GetSize())
	require.Equal(t, "text/plain; charset=utf-8", h.GetContentType())

	req, err := http.NewRequestWithContext(t.Context(), "POST", "https://"+w.addr+"/v1/files:upload?name=big", io.MultiReader(io.LimitReader(spaces{}, 40<<20+5)))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer alice")
	require.Equal(t, fmt.Sprint(40<<20+5), w.do(req).ok()["size"], "of unknown length, in chunks")

	req, err = http.NewRequestWithContext(t.Context(), "POST", "https://"+w.addr+"/v1/files:upload?name=huge", io.LimitReader(spaces{}, 1<<40))
	require.NoError(t, err)
	req.ContentLength = 1 << 40
	req.Header.Set("Authorization", "Bearer alice")
	w.do(req).refused(413, "FILE_TOO_LARGE")

	for _, c := range []struct {
		path, kind, auth string
		code             int
		reason           string
	}{
		{"/v1/files:upload", "text/plain", "Bearer alice", 400, "INVALID_FIELDS"},
		{"/v1/files:upload?name=", "text/plain", "Bearer alice", 400, "INVALID_FIELDS"},
		{"/v1/files:upload?name=a&name=b", "text/plain", "Bearer alice", 400, "INVALID_FIELDS"},
		{"/v1/files:upload?name=a&size=3", "text/plain", "Bearer alice", 400, "UNKNOWN_FIELD"},
		{"/v1/files:upload?name=a", "multipart/form-data; boundary=x", "Bearer alice", 415, "UNSUPPORTED_MEDIA_TYPE"},
		{"/v1/files:upload?name=a", "text/plain", "", 401, "UNAUTHENTICATED"},
		{"/v1/files:upload?name=a", "text/plain", "Bearer bob", 403, "PERMISSION_DENIED"},
	} {
		w.call("POST", c.path, "x", "Content-Type", c.kind, "Authorization", c.auth).refused(c.code, c.reason)
	}
	w.call("POST", "/v1/files:upload?name=a", "x", "Authorization", "", "Cookie", "__Host-aqtra=alice", "Sec-Fetch-Site", "cross-site").
		refused(403, "CROSS_ORIGIN")
	w.call("GET", "/v1/files:upload", "").refused(405, "METHOD_NOT_ALLOWED")
}

func TestUploadThatBreaksOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, length := range []string{"Content-Length: 100", "Transfer-Encoding: chunked"} {
		before := w.storage.count()
		c, err := tls.Dial("tcp", w.addr, w.clientTLS())
		require.NoError(t, err)
		_, err = fmt.Fprintf(c, "POST /v1/files:upload?name=a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer alice\r\n%s\r\n\r\n5\r\nhello\r\n", length)
		require.NoError(t, err)
		require.Eventually(t, func() bool { return w.storage.count() == before+1 }, 5*time.Second, time.Millisecond, "it has begun")
		require.NoError(t, c.Close())
		require.Eventually(t, func() bool { return w.storage.count() == before+2 }, 5*time.Second, time.Millisecond)
		require.Equal(t, "upload cut", w.storage.last().req, "storage hears that it is not complete")
	}
	w.storage.mu.Lock()
	defer w.storage.mu.Unlock()
	require.Empty(t, w.storage.files)
}

func TestDownload(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.upload()
	const path = "/v1/files/f1:download"
	a := w.call("GET", path, "")
	require.Equal(t, 200, a.code)
	require.Equal(t, text20, a.text)
	tag := a.header.Get("ETag")
	for name, want := range map[string]string{
		"Content-Type": "text/plain; charset=utf-8", "Content-Length": "20", "Accept-Ranges": "bytes", "X-Content-Type-Options": "nosniff",
		"Content-Disposition":     `attachment; filename*=utf-8''r%C3%A9sum%C3%A9%20%22x%22.txt`,
		"Content-Security-Policy": "sandbox; default-src 'none'", "Cache-Control": "private, no-cache",
	} {
		require.Equal(t, want, a.header.Get(name), name)
	}
	require.Len(t, tag, 66)

	for _, c := range []struct {
		header      []string
		code        int
		text, bytes string
	}{
		{[]string{"Range", "bytes=0-3"}, 206, "0123", "bytes 0-3/20"},
		{[]string{"Range", "bytes=5-"}, 206, text20[5:], "bytes 5-19/20"},
		{[]string{"Range", "bytes=-4"}, 206, "ghij", "bytes 16-19/20"},
		{[]string{"Range", "bytes=-100"}, 206, text20, "bytes 0-19/20"},
		{[]string{"Range", "bytes=18-100"}, 206, "ij", "bytes 18-19/20"},
		{[]string{"Range", "bytes=0-0"}, 206, "0", "bytes 0-0/20"},
		{[]string{"Range", "bytes=0-1,3-4"}, 200, text20, ""},
		{[]string{"Range", "bytes=5-2"}, 200, text20, ""},
		{[]string{"Range", "pages=1-2"}, 200, text20, ""},
		{[]string{"Range", "bytes=a-b"}, 200, text20, ""},
		{[]string{"Range", "bytes=0-3", "If-Range", tag}, 206, "0123", "bytes 0-3/20"},
		{[]string{"Range", "bytes=0-3", "If-Range", `"other"`}, 200, text20, ""},
		{[]string{"If-None-Match", tag}, 304, "", ""},
		{[]string{"If-None-Match", `"x", W/` + tag}, 304, "", ""},
		{[]string{"If-None-Match", `"x"`}, 200, text20, ""},
	} {
		a := w.call("GET", path, "", c.header...)
		require.Equal(t, c.code, a.code, c.header)
		require.Equal(t, c.text, a.text, c.header)
		require.Equal(t, c.bytes, a.header.Get("Content-Range"), c.header)
	}
	for _, outside := range []string{"bytes=20-", "bytes=99-100", "bytes=-0"} {
		a := w.call("GET", path, "", "Range", outside)
		a.refused(416, "FILE_RANGE_INVALID")
		require.Equal(t, "bytes */20", a.header.Get("Content-Range"))
	}
	head := w.call("HEAD", path, "", "Range", "bytes=0-3")
	require.Equal(t, 206, head.code)
	require.Equal(t, "4", head.header.Get("Content-Length"))
	require.Empty(t, head.text)

	w.call("GET", "/v1/files/nope:download", "").refused(404, "FILE_NOT_FOUND")
	w.call("GET", path+"?x=1", "").refused(400, "UNKNOWN_FIELD")
	w.call("GET", path, "", "Authorization", "").refused(401, "UNAUTHENTICATED")
	w.call("GET", path, "", "Authorization", "Bearer bob").refused(403, "PERMISSION_DENIED")
}

func TestDownloadThatBreaksOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.upload()
	w.storage.mu.Lock()
	w.storage.files["breaks"] = w.storage.files["f1"]
	w.storage.mu.Unlock()
	req, err := http.NewRequestWithContext(t.Context(), "GET", "https://"+w.addr+"/v1/files/breaks:download", strings.NewReader(""))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer alice")
	res, err := w.client.Do(req)
	if err == nil { // otherwise it broke before the headers were sent
		defer res.Body.Close()
		_, err = io.ReadAll(res.Body)
	}
	require.Error(t, err, "half a file must not look whole")
}

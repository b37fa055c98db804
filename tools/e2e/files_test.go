package e2e_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	"image/png"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

func TestFiles(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u := s.signUp(t)
		content := make([]byte, 5<<20+123)
		_, _ = rand.Read(content) // never fails
		sum := sha256.Sum256(content)
		info := u.call(t, "POST", "/v1/files:upload"+query("name", "größe \"x\".bin"), content, "Content-Type", "application/octet-stream").ok()
		require.Equal(t, "größe \"x\".bin", info["name"])
		require.Equal(t, hex.EncodeToString(sum[:]), info["sha256"])
		require.Equal(t, len(content), wholeNumber(t, info["size"]))
		path := "/v1/files/" + text(t, info, "id")
		require.Equal(t, info, u.get(t, path))
		require.Contains(t, column(t, items(t, u.get(t, "/v1/files"), "files"), "id"), info["id"])

		whole := u.call(t, "GET", path+":download", nil)
		require.Equal(t, 200, whole.Code)
		require.True(t, bytes.Equal(content, whole.Body))
		require.Equal(t, "nosniff", whole.Header.Get("X-Content-Type-Options"))
		require.Contains(t, whole.Header.Get("Content-Disposition"), "attachment")
		part := u.call(t, "GET", path+":download", nil, "Range", "bytes=1048570-2097999")
		require.Equal(t, 206, part.Code)
		require.Equal(t, "bytes 1048570-2097999/5243003", part.Header.Get("Content-Range"))
		require.True(t, bytes.Equal(content[1048570:2098000], part.Body))
		require.Equal(t, content[len(content)-10:], u.call(t, "GET", path+":download", nil, "Range", "bytes=-10").Body)
		u.call(t, "GET", path+":download", nil, "Range", "bytes=9999999-").refused(416, "FILE_RANGE_INVALID")
		require.Equal(t, 304, u.call(t, "GET", path+":download", nil, "If-None-Match", whole.Header.Get("ETag")).Code)

		stream, err := storagev1.NewFilesClient(u.GRPC()).DownloadFile(t.Context(),
			&storagev1.DownloadFileRequest{File: text(t, info, "id"), Offset: 100, Limit: 3 << 20})
		require.NoError(t, err)
		var got []byte
		for {
			chunk, err := stream.Recv()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			got = append(got, chunk.GetChunk()...)
		}
		require.True(t, bytes.Equal(content[100:100+3<<20], got))

		u.call(t, "POST", "/v1/files:upload"+query("name", "picture.png"), "<html><script>alert(1)</script></html>", "Content-Type", "image/png").
			refused(400, "FILE_TYPE_REFUSED")
		u.call(t, "POST", "/v1/files:upload", "x", "Content-Type", "text/plain").refused(400, "INVALID_FIELDS")
		stranger := s.signUp(t)
		missing := stranger.call(t, "GET", "/v1/files/"+random(), nil).refused(404, "FILE_NOT_FOUND")
		require.Equal(t, missing, stranger.call(t, "GET", path, nil).refused(404, "FILE_NOT_FOUND"))
		stranger.call(t, "GET", path+":download", nil).refused(404, "FILE_NOT_FOUND")
		stranger.call(t, "DELETE", path, nil).refused(404, "FILE_NOT_FOUND")
		u.call(t, "DELETE", path, nil).ok()
		u.call(t, "GET", path+":download", nil).refused(404, "FILE_NOT_FOUND")
	})
}

// Files lie in folders, and move with them.
func TestFolders(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u := s.signUp(t)
		info := u.call(t, "POST", "/v1/files:upload"+query("name", "a.txt", "folder", "reports/2026"), []byte("a"), "Content-Type", "text/plain").ok()
		require.Equal(t, "reports/2026", info["folder"])
		loose := u.upload(t, "b.txt", "text/plain", []byte("b"))
		names := func(path string) []any { return column(t, items(t, u.get(t, path), "files"), "name") }
		require.Equal(t, []any{"b.txt", "a.txt"}, names("/v1/files"))
		require.Equal(t, []any{"b.txt"}, names("/v1/files?folder=%2F"))
		require.Equal(t, []any{"a.txt"}, names("/v1/files?folder=reports%2F2026"))
		u.call(t, "PATCH", "/v1/files/"+loose, object{"folder": "reports", "name": "c.txt"}).ok()
		require.Equal(t, []any{object{"path": "reports", "files": "2"}}, []any(items(t, u.get(t, "/v1/folders"), "folders")))
		require.Equal(t, "2", u.call(t, "POST", "/v1/folders:move", object{"from": "reports", "to": "archive"}).ok()["files"])
		require.Equal(t, []any{"c.txt"}, names("/v1/files?folder=archive"))
		require.Equal(t, []string{"folder"}, u.call(t, "PATCH", "/v1/files/"+loose, object{"folder": "../x"}).refused(400, "INVALID_FIELDS").fields())
		s.signUp(t).call(t, "POST", "/v1/folders:move", object{"from": "archive", "to": "x"}).refused(404, "FILE_NOT_FOUND")
		u.invite(t, "member").call(t, "PATCH", "/v1/files/"+loose, object{"name": "d.txt"}).refused(403, "PERMISSION_DENIED")
	})
}

func TestThumbnail(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u := s.signUp(t)
		var picture bytes.Buffer
		require.NoError(t, png.Encode(&picture, image.NewNRGBA(image.Rect(0, 0, 400, 100))))
		path := "/v1/files/" + u.upload(t, "wide.png", "image/png", picture.Bytes()) + ":thumbnail"
		small := u.call(t, "GET", path+"?size=64", nil)
		require.Equal(t, []any{200, "image/png"}, []any{small.Code, small.Header.Get("Content-Type")})
		config, err := png.DecodeConfig(bytes.NewReader(small.Body))
		require.NoError(t, err)
		require.Equal(t, []int{64, 16}, []int{config.Width, config.Height})
		require.Equal(t, 304, u.call(t, "GET", path+"?size=64", nil, "If-None-Match", small.Header.Get("ETag")).Code)
		u.call(t, "GET", path, nil).refused(400, "INVALID_FIELDS")
		u.call(t, "GET", path+"?size=100", nil).refused(400, "INVALID_FIELDS")
		u.call(t, "GET", path+"?size=64&x=1", nil).refused(400, "UNKNOWN_FIELD")
		u.invite(t, "member").call(t, "GET", path+"?size=64", nil).refused(403, "PERMISSION_DENIED")
	})
}

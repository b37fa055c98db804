package storage_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/pgtest"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	"github.com/aqtra/aqtra/services/storage"
	"github.com/aqtra/aqtra/services/storage/internal/store"
)

func pngBytes() []byte { return []byte("\x89PNG\r\n\x1a\n" + strings.Repeat("x", 100)) }

func (w *world) tryUpload(ctx context.Context, h *storagev1.UploadHeader, content []byte) (*storagev1.File, error) {
	stream, err := w.files.UploadFile(ctx)
	require.NoError(w.t, err)
	err = stream.Send(&storagev1.UploadFileRequest{Part: &storagev1.UploadFileRequest_Header{Header: h}})
	for err == nil && len(content) > 0 {
		n := min(len(content), 100_000)
		err = stream.Send(&storagev1.UploadFileRequest{Part: &storagev1.UploadFileRequest_Chunk{Chunk: content[:n]}})
		content = content[n:]
	}
	return stream.CloseAndRecv()
}

func (w *world) upload(ctx context.Context, name, contentType string, content []byte) *storagev1.File {
	w.t.Helper()
	f, err := w.tryUpload(ctx, &storagev1.UploadHeader{Name: name, ContentType: contentType, Size: int64(len(content))}, content)
	require.NoError(w.t, err)
	return f
}

func (w *world) download(ctx context.Context, id string, offset, limit int64) ([]byte, error) {
	stream, err := w.files.DownloadFile(ctx, &storagev1.DownloadFileRequest{File: id, Offset: offset, Limit: limit})
	require.NoError(w.t, err)
	var content []byte
	for {
		m, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return content, nil
		}
		if err != nil {
			return content, err
		}
		content = append(content, m.GetChunk()...)
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := w.admin()
	content := make([]byte, 300_000)
	for i := range content {
		content[i] = byte(rand.IntN(256))
	}
	copy(content[100_000:], "the plain words of a secret document")
	f := w.upload(ctx, "data.bin", "application/octet-stream", content)
	require.Equal(t, int64(len(content)), f.GetSize())
	require.Len(t, f.GetSha256(), 64)

	const first, segment = 65480, 65520
	for _, r := range [][2]int64{
		{0, 0}, {0, 1}, {1, 5}, {first - 1, 1}, {first - 1, 2}, {first, 1}, {first + segment - 1, 2}, {first, segment}, {99_999, 200}, {299_999, 1}, {299_990, 1000},
		{300_000, 0}, {150_000, 0}, {0, 300_000},
	} {
		got, err := w.download(ctx, f.GetId(), r[0], r[1])
		require.NoError(t, err, "%v", r)
		end := int64(len(content))
		if r[1] > 0 {
			end = min(end, r[0]+r[1])
		}
		require.True(t, bytes.Equal(content[r[0]:end], got), "%v", r)
	}
	_, err := w.download(ctx, f.GetId(), 300_001, 0)
	refused(t, err, faultv1.Reason_REASON_FILE_RANGE_INVALID)
	_, err = w.download(ctx, f.GetId(), -1, 0)
	refused(t, err, faultv1.Reason_REASON_FILE_RANGE_INVALID)

	empty := w.upload(ctx, "empty", "", nil)
	got, err := w.download(ctx, empty.GetId(), 0, 0)
	require.NoError(t, err)
	require.Empty(t, got)

	list, err := w.files.ListFiles(ctx, &storagev1.ListFilesRequest{PageSize: 1})
	require.NoError(t, err)
	require.Equal(t, empty.GetId(), list.GetFiles()[0].GetId())
	list, err = w.files.ListFiles(ctx, &storagev1.ListFilesRequest{PageSize: 1, PageToken: list.GetNextPageToken()})
	require.NoError(t, err)
	require.Equal(t, f.GetId(), list.GetFiles()[0].GetId())
	require.Empty(t, list.GetNextPageToken())

	// Nothing of it can be read on the disk, and every change of it is noticed.
	path := w.blob(f.GetId())
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NotContains(t, string(raw), "plain words")
	for name, damage := range map[string]func([]byte) []byte{
		"flip in the header": func(b []byte) []byte { b[5] ^= 1; return b },
		"flip at the start":  func(b []byte) []byte { b[50] ^= 1; return b },
		"flip in the middle": func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"flip at the end":    func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"last segment gone":  func(b []byte) []byte { return b[:4*65536] },
		"shorter":            func(b []byte) []byte { return b[:len(b)-1] },
		"segments swapped": func(b []byte) []byte {
			return append(append(append(bytes.Clone(b[:65536]), b[2*65536:3*65536]...), b[65536:2*65536]...), b[3*65536:]...)
		},
		"nothing left": func([]byte) []byte { return nil },
	} {
		require.NoError(t, os.WriteFile(path, damage(bytes.Clone(raw)), 0o600))
		_, err := w.download(ctx, f.GetId(), 0, 0)
		require.Error(t, err, name)
	}
	require.NoError(t, os.WriteFile(path, raw, 0o600))
	_, err = w.download(ctx, f.GetId(), 0, 0)
	require.NoError(t, err)
	// The bytes of one file in the place of another are noticed too.
	other := w.upload(ctx, "data.bin", "application/octet-stream", content)
	require.NoError(t, os.WriteFile(w.blob(other.GetId()), raw, 0o600))
	_, err = w.download(ctx, other.GetId(), 0, 0)
	require.Error(t, err)

	_, err = w.files.DeleteFile(ctx, &storagev1.DeleteFileRequest{File: f.GetId()})
	require.NoError(t, err)
	require.NoFileExists(t, path)
	_, err = w.files.DeleteFile(ctx, &storagev1.DeleteFileRequest{File: f.GetId()})
	refused(t, err, faultv1.Reason_REASON_FILE_NOT_FOUND)
}

// blob finds the stored bytes of a file.
func (w *world) blob(id string) string {
	var found string
	root := strings.TrimPrefix(w.cfg.FilesURL, "file://")
	require.NoError(w.t, filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Base(path) == id {
			found = path
		}
		return err
	}))
	require.NotEmpty(w.t, found)
	return found
}

func TestRefusedUploads(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := w.admin()
	for name, c := range map[string]struct {
		header  *storagev1.UploadHeader
		content []byte
		reason  faultv1.Reason
	}{
		"no header":        {nil, []byte("x"), faultv1.Reason_REASON_INVALID_FIELDS},
		"no name":          {&storagev1.UploadHeader{}, []byte("x"), faultv1.Reason_REASON_INVALID_FIELDS},
		"line in name":     {&storagev1.UploadHeader{Name: "a\nb"}, []byte("x"), faultv1.Reason_REASON_INVALID_FIELDS},
		"tab in name":      {&storagev1.UploadHeader{Name: "a\tb"}, []byte("x"), faultv1.Reason_REASON_INVALID_FIELDS},
		"turned name":      {&storagev1.UploadHeader{Name: "invoice\u202efdp.exe"}, []byte("x"), faultv1.Reason_REASON_INVALID_FIELDS},
		"isolated name":    {&storagev1.UploadHeader{Name: "a\u2066b"}, []byte("x"), faultv1.Reason_REASON_INVALID_FIELDS},
		"marked name":      {&storagev1.UploadHeader{Name: "a\u200fb"}, []byte("x"), faultv1.Reason_REASON_INVALID_FIELDS},
		"path as name":     {&storagev1.UploadHeader{Name: "../x"}, []byte("x"), faultv1.Reason_REASON_INVALID_FIELDS},
		"shorter":          {&storagev1.UploadHeader{Name: "x", Size: 9}, []byte("x"), faultv1.Reason_REASON_FILE_INCOMPLETE},
		"longer":           {&storagev1.UploadHeader{Name: "x", Size: 1}, []byte("xx"), faultv1.Reason_REASON_FILE_INCOMPLETE},
		"said too large":   {&storagev1.UploadHeader{Name: "x", Size: 9 << 20}, []byte("x"), faultv1.Reason_REASON_FILE_TOO_LARGE},
		"too large":        {&storagev1.UploadHeader{Name: "x"}, make([]byte, 9<<20), faultv1.Reason_REASON_FILE_TOO_LARGE},
		"page as picture":  {&storagev1.UploadHeader{Name: "x.png", ContentType: "image/png"}, []byte("<html><script>"), faultv1.Reason_REASON_FILE_TYPE_REFUSED},
		"page as text":     {&storagev1.UploadHeader{Name: "x.txt", ContentType: "text/plain"}, []byte("<!DOCTYPE html><html>"), faultv1.Reason_REASON_FILE_TYPE_REFUSED},
		"picture as sheet": {&storagev1.UploadHeader{Name: "x.csv", ContentType: "text/csv"}, pngBytes(), faultv1.Reason_REASON_FILE_TYPE_REFUSED},
		"not a media type": {&storagev1.UploadHeader{Name: "x", ContentType: "png\r\nx: y/z"}, pngBytes(), faultv1.Reason_REASON_INVALID_FIELDS},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.tryUpload(ctx, c.header, c.content)
			refused(t, err, c.reason)
		})
	}
	list, err := w.files.ListFiles(ctx, &storagev1.ListFilesRequest{})
	require.NoError(t, err)
	require.Empty(t, list.GetFiles())
	// Nothing is left of them on the disk.
	left := 0
	require.NoError(t, filepath.WalkDir(strings.TrimPrefix(w.cfg.FilesURL, "file://"), func(_ string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			left++
		}
		return err
	}))
	require.Zero(t, left)
}

func TestReferencedFileStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(order()...)
	ctx := w.admin()
	f := w.upload(ctx, "scan.png", "image/png", pngBytes())
	e := w.create(ctx, "order", values{"number": "A-1", "scan": value.File(f.GetId())})
	_, err := w.files.DeleteFile(ctx, &storagev1.DeleteFileRequest{File: f.GetId()})
	refused(t, err, faultv1.Reason_REASON_ENTRY_REFERENCED)
	_, err = w.update(ctx, "order", e.GetId(), values{"scan": nil})
	require.NoError(t, err)
	_, err = w.files.DeleteFile(ctx, &storagev1.DeleteFileRequest{File: f.GetId()})
	require.NoError(t, err)
}

// A tenant's files take no more than its quota, also when several come at once; what is deleted makes room.
func TestQuotaOfFiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cfg.Quota = 1000
	w.files = storagev1.NewFilesClient(serve(t, "storage", w.replica().Register)("gateway"))
	ctx := w.admin()
	content := pngBytes()
	content = append(content, make([]byte, 300-len(content))...)
	first := w.upload(ctx, "a.png", "image/png", content)
	errs := make(chan error, 6)
	for range cap(errs) {
		go func() {
			_, err := w.tryUpload(ctx, &storagev1.UploadHeader{Name: "b.png", ContentType: "image/png"}, content)
			errs <- err
		}()
	}
	stored := 1
	for range cap(errs) {
		if err := <-errs; err != nil {
			require.Regexp(t, "take (600|900) of 1000 bytes", refused(t, err, faultv1.Reason_REASON_QUOTA_EXCEEDED).Message)
		} else {
			stored++
		}
	}
	require.Equal(t, 3, stored)
	_, err := w.tryUpload(ctx, &storagev1.UploadHeader{Name: "c.png", ContentType: "image/png", Size: 300}, nil)
	refused(t, err, faultv1.Reason_REASON_QUOTA_EXCEEDED)
	w.upload(ctx, "d.png", "image/png", pngBytes()[:50])
	_, err = w.files.DeleteFile(ctx, &storagev1.DeleteFileRequest{File: first.GetId()})
	require.NoError(t, err)
	w.upload(ctx, "e.png", "image/png", content)
	other := newTenant()
	w.provision(other)
	w.tenant = other
	w.upload(w.admin(), "f.png", "image/png", content)
}

func (w *world) part(ctx context.Context, upload string, offset int64, content []byte) (*storagev1.Upload, error) {
	stream, err := w.files.UploadPart(ctx)
	require.NoError(w.t, err)
	err = stream.Send(&storagev1.UploadPartRequest{Part: &storagev1.UploadPartRequest_Place{Place: &storagev1.UploadPlace{Upload: upload, Offset: offset}}})
	for err == nil && len(content) > 0 {
		n := min(len(content), 1<<20)
		err = stream.Send(&storagev1.UploadPartRequest{Part: &storagev1.UploadPartRequest_Chunk{Chunk: content[:n]}})
		content = content[n:]
	}
	return stream.CloseAndRecv()
}

// A file that arrives in parts is one like others, also for the quota; parts that are not what they should be change nothing.
func TestUploadInParts(t *testing.T) {
	t.Parallel()
	w := newWorldOn(t, pgtest.Database(t, store.Schema, store.Migrations), func(c *storage.Config) { c.MaxFile, c.Quota = 32<<20, 40<<20 })
	ctx := w.admin()
	content := bytes.Repeat([]byte("0123456789abcdef"), 17<<16)
	size := int64(len(content))
	begin := func(name, kind string, size int64) (*storagev1.Upload, error) {
		return w.files.CreateUpload(ctx, &storagev1.CreateUploadRequest{Name: name, ContentType: kind, Size: size})
	}
	for name, c := range map[string]struct {
		name, kind string
		size       int64
		reason     faultv1.Reason
	}{
		"no name":    {"", "", 1, faultv1.Reason_REASON_INVALID_FIELDS},
		"no size":    {"a", "", 0, faultv1.Reason_REASON_INVALID_FIELDS},
		"bad type":   {"a", "x", 1, faultv1.Reason_REASON_INVALID_FIELDS},
		"too large":  {"a", "", 33 << 20, faultv1.Reason_REASON_FILE_TOO_LARGE},
		"turned":     {"a\u202eb", "", 1, faultv1.Reason_REASON_INVALID_FIELDS},
		"below zero": {"a", "", -1, faultv1.Reason_REASON_INVALID_FIELDS},
	} {
		_, err := begin(c.name, c.kind, c.size)
		require.Error(t, err, name)
		refused(t, err, c.reason)
	}
	u, err := begin("a.bin", "application/octet-stream", size)
	require.NoError(t, err)
	_, err = begin("b.bin", "", 30<<20)
	refused(t, err, faultv1.Reason_REASON_QUOTA_EXCEEDED)
	step := u.GetPartSize()
	for name, p := range map[string]struct {
		offset  int64
		content []byte
		reason  faultv1.Reason
	}{
		"short":        {0, content[:step-1], faultv1.Reason_REASON_FILE_INCOMPLETE},
		"long":         {0, content[:step+1], faultv1.Reason_REASON_FILE_INCOMPLETE},
		"elsewhere":    {step, content[step : 2*step], faultv1.Reason_REASON_FILE_INCOMPLETE},
		"before":       {-1, content[:step], faultv1.Reason_REASON_FILE_INCOMPLETE},
		"nothing sent": {0, nil, faultv1.Reason_REASON_FILE_INCOMPLETE},
	} {
		_, err := w.part(ctx, u.GetId(), p.offset, p.content)
		require.Error(t, err, name)
		refused(t, err, p.reason)
	}
	_, err = w.part(ctx, "missing", 0, content[:step])
	refused(t, err, faultv1.Reason_REASON_FILE_NOT_FOUND)
	for at := int64(0); at < size; at += step {
		u, err = w.part(ctx, u.GetId(), at, content[at:min(at+step, size)])
		require.NoError(t, err)
		require.Equal(t, min(at+step, size), u.GetReceived())
	}
	_, err = w.part(ctx, u.GetId(), size, nil)
	refused(t, err, faultv1.Reason_REASON_FILE_INCOMPLETE)
	f, err := w.files.FinishUpload(ctx, &storagev1.FinishUploadRequest{Upload: u.GetId()})
	require.NoError(t, err)
	whole := w.upload(ctx, "same.bin", "application/octet-stream", content)
	require.Equal(t, whole.GetSha256(), f.GetSha256())
	for _, r := range [][2]int64{{0, 0}, {0, 1}, {step - 1, 2}, {step, 1}, {2*step - 3, 10}, {size - 1, 1}, {size, 0}, {5, size}, {step - 10, step + 20}} {
		got, err := w.download(ctx, f.GetId(), r[0], r[1])
		require.NoError(t, err)
		end := size
		if r[1] > 0 {
			end = min(end, r[0]+r[1])
		}
		require.True(t, bytes.Equal(content[r[0]:end], got), "%v", r)
	}
	// A part in the place of another one is noticed.
	first, err := os.ReadFile(w.blob(f.GetId() + ".0"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(w.blob(f.GetId()+".1"), first, 0o600))
	_, err = w.download(ctx, f.GetId(), step, 1)
	require.Error(t, err)

	picture, err := begin("x.png", "image/png", 20)
	require.NoError(t, err)
	_, err = w.part(ctx, picture.GetId(), 0, []byte("<html><script></scri"))
	refused(t, err, faultv1.Reason_REASON_FILE_TYPE_REFUSED)
	_, err = w.files.DeleteUpload(ctx, &storagev1.DeleteUploadRequest{Upload: picture.GetId()})
	require.NoError(t, err)
	_, err = w.files.GetUpload(ctx, &storagev1.GetUploadRequest{Upload: picture.GetId()})
	refused(t, err, faultv1.Reason_REASON_FILE_NOT_FOUND)
}

package storage_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

// photo is a picture that is red on the left and blue on the right.
func photo(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{R: 255, A: 255}
			if x >= w/2 {
				c = color.NRGBA{B: 255, A: 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

func encoded(t *testing.T, encode func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, encode(&b))
	return b.Bytes()
}

// turned adds to a JPEG that the camera was turned: orientation 6, by a quarter clockwise.
func turned(photo []byte) []byte {
	tiff := []byte{'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0}
	about := append([]byte("Exif\x00\x00"), tiff...)
	segment := append([]byte{0xff, 0xe1, 0, byte(len(about) + 2)}, about...)
	return append(append(bytes.Clone(photo[:2]), segment...), photo[2:]...)
}

// bomb is a PNG of a few bytes that says that it has 100,000 by 100,000 pixels.
func bomb() []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), 100_000), 100_000)
	head = append(head, 8, 6, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	return binary.BigEndian.AppendUint32(append(out, head...), crc32.ChecksumIEEE(head))
}

func (w *world) thumbnail(ctx context.Context, id string, size int32) (image.Image, string, error) {
	got, err := w.files.GetThumbnail(ctx, &storagev1.GetThumbnailRequest{File: id, Size: size})
	if err != nil {
		return nil, "", err
	}
	img, kind, err := image.Decode(bytes.NewReader(got.GetContent()))
	require.NoError(w.t, err)
	require.Equal(w.t, "image/"+kind, got.GetContentType())
	return img, kind, nil
}

func TestThumbnails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := w.admin()
	clear := photo(300, 200)
	for i := range 50 * 50 {
		clear.SetNRGBA(i%50, i/50, color.NRGBA{})
	}
	for name, c := range map[string]struct {
		kind          string
		content       []byte
		size          int32
		width, height int
		as            string
	}{
		"png":     {"image/png", encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, photo(1000, 500)) }), 256, 256, 128, "jpeg"},
		"clear":   {"image/png", encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, clear) }), 64, 64, 42, "png"},
		"jpeg":    {"image/jpeg", encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, photo(600, 600), nil) }), 512, 512, 512, "jpeg"},
		"gif":     {"image/gif", encoded(t, func(b *bytes.Buffer) error { return gif.Encode(b, photo(10, 700), nil) }), 64, 1, 64, "jpeg"},
		"smaller": {"image/png", encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, photo(20, 10)) }), 64, 20, 10, "jpeg"},
	} {
		f := w.upload(ctx, name, c.kind, c.content)
		for range 2 { // made, and then kept
			img, as, err := w.thumbnail(ctx, f.GetId(), c.size)
			require.NoError(t, err, name)
			require.Equal(t, []any{c.width, c.height, c.as}, []any{img.Bounds().Dx(), img.Bounds().Dy(), as}, name)
		}
	}

	// How the camera was held counts: red was on the left, and is above now.
	f := w.upload(ctx, "turned.jpg", "image/jpeg", turned(encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, photo(400, 200), nil) })))
	img, _, err := w.thumbnail(ctx, f.GetId(), 64)
	require.NoError(t, err)
	require.Equal(t, image.Rect(0, 0, 32, 64), img.Bounds())
	red, _, blue, _ := img.At(16, 5).RGBA()
	require.Greater(t, red, blue)
	red, _, blue, _ = img.At(16, 60).RGBA()
	require.Greater(t, blue, red)

	stored := w.blob(f.GetId() + ".t64")
	raw, err := os.ReadFile(stored)
	require.NoError(t, err)
	require.NotContains(t, string(raw), "JFIF", "it is encrypted as well")
	_, err = w.files.DeleteFile(ctx, &storagev1.DeleteFileRequest{File: f.GetId()})
	require.NoError(t, err)
	left, err := filepath.Glob(stored)
	require.NoError(t, err)
	require.Empty(t, left)
	_, _, err = w.thumbnail(ctx, f.GetId(), 64)
	refused(t, err, faultv1.Reason_REASON_FILE_NOT_FOUND)
}

func TestNoThumbnails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := w.admin()
	whole := encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, photo(500, 500)) })
	for name, c := range map[string]struct {
		kind    string
		content []byte
		size    int32
		reason  faultv1.Reason
	}{
		"size":   {"image/png", whole, 100, faultv1.Reason_REASON_INVALID_FIELDS},
		"bomb":   {"image/png", bomb(), 64, faultv1.Reason_REASON_FILE_TOO_LARGE},
		"cut":    {"image/png", whole[:len(whole)/2], 64, faultv1.Reason_REASON_FILE_TYPE_REFUSED},
		"header": {"image/png", whole[:20], 64, faultv1.Reason_REASON_FILE_TYPE_REFUSED},
		"text":   {"text/plain", []byte("words"), 64, faultv1.Reason_REASON_FILE_TYPE_REFUSED},
		"svg":    {"image/svg+xml", []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), 64, faultv1.Reason_REASON_FILE_TYPE_REFUSED},
	} {
		f := w.upload(ctx, name, c.kind, c.content)
		_, _, err := w.thumbnail(ctx, f.GetId(), c.size)
		require.Error(t, err, name)
		refused(t, err, c.reason)
	}
}

package files

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"github.com/rwcarlsen/goexif/exif" // BSD-2-Clause; reads how a camera was held, which Go's own decoder does not
	"gocloud.dev/gcerrors"
	"golang.org/x/image/draw"
	"golang.org/x/image/webp"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

const (
	// maxSource is the largest image, in bytes, that a thumbnail is made of.
	maxSource = 32 << 20
	// maxDecoded is how many bytes an image may take while it is decoded. One is decoded at a time.
	maxDecoded = 200 << 20
	// quality is JPEG's.
	quality = 85
)

// ThumbnailSizes are how many pixels the longer side of a thumbnail may have.
func ThumbnailSizes() []int { return []int{64, 256, 512} }

// decoder decodes one kind of image.
type decoder struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	// extra is how many bytes a pixel takes besides its colour, at worst: a progressive JPEG is kept as coefficients.
	extra int64
}

func decoderOf(contentType string) (decoder, bool) {
	d, ok := map[string]decoder{
		"image/png":  {png.DecodeConfig, png.Decode, 0},
		"image/jpeg": {jpeg.DecodeConfig, jpeg.Decode, 12},
		"image/jpg":  {jpeg.DecodeConfig, jpeg.Decode, 12},
		"image/gif":  {gif.DecodeConfig, gif.Decode, 0},
		"image/webp": {webp.DecodeConfig, webp.Decode, 4},
	}[media(contentType)]
	return d, ok
}

// Thumbnail returns a small picture of an image, PNG or JPEG, made when it is first asked for. It lies beside the file, and is removed
// with it.
func (s *Store) Thumbnail(ctx context.Context, p Place, id string, size int) (content []byte, f File, err error) {
	known := false
	for _, one := range ThumbnailSizes() {
		known = known || one == size
	}
	if !known {
		return nil, f, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the size is wrong", fault.Field("size", fmt.Sprintf("expected one of %v", ThumbnailSizes())))
	}
	if f, err = s.records.Get(ctx, p.Tenant, id); err != nil {
		return nil, f, err
	}
	d, ok := decoderOf(f.ContentType)
	if !ok {
		return nil, f, fault.Invalid(faultv1.Reason_REASON_FILE_TYPE_REFUSED, "there are thumbnails of PNG, JPEG, GIF and WebP images only")
	}
	if f.Size > maxSource {
		return nil, f, fault.Invalid(faultv1.Reason_REASON_FILE_TOO_LARGE, "the image is too large for a thumbnail", fault.Meta("limit", fmt.Sprint(maxSource)))
	}
	name := thumbnailOf(id, size)
	if content, err = s.whole(ctx, p, name); err == nil || gcerrors.Code(err) != gcerrors.NotFound {
		return content, f, away(err)
	}
	select {
	case s.decoding <- struct{}{}:
	case <-ctx.Done():
		return nil, f, ctx.Err()
	}
	defer func() { <-s.decoding }()
	source := bytes.NewBuffer(make([]byte, 0, f.Size))
	if err := s.read(ctx, p, f, 0, f.Size, func(b []byte) error {
		source.Write(b)
		return nil
	}); err != nil {
		return nil, f, err
	}
	if content, err = shrink(source.Bytes(), d, size); err != nil {
		return nil, f, err
	}
	left := content
	in := &intake{limit: maxSource, digest: sha256.New(), next: func() ([]byte, error) {
		chunk := left[:min(len(left), Chunk)]
		if left = left[len(chunk):]; len(chunk) == 0 {
			return nil, io.EOF
		}
		return chunk, nil
	}}
	if err := s.write(ctx, p, name, in); err != nil { // it is made again the next time
		s.log.WarnContext(ctx, "thumbnail not kept", "error", err)
	}
	return content, f, nil
}

// whole reads a small object.
func (s *Store) whole(ctx context.Context, p Place, name string) ([]byte, error) {
	at := key(p.Folder, name)
	about, err := s.bucket.Attributes(ctx, at)
	if err != nil {
		return nil, err
	}
	segments := (about.Size + segmentSize - 1) / segmentSize
	size := about.Size - headerSize - segments*tagSize
	if size < 0 || size > maxSource {
		return nil, errDamaged
	}
	content := make([]byte, 0, size)
	open := func(ctx context.Context, offset, length int64) (io.ReadCloser, error) {
		return s.bucket.NewRangeReader(ctx, at, offset, length, nil)
	}
	err = decrypt(ctx, open, p.Key, p.Tenant+"/"+name, size, 0, size, func(b []byte) error {
		content = append(content, b...)
		return nil
	})
	return content, err
}

func thumbnailOf(id string, size int) string { return fmt.Sprintf("%s.t%d", id, size) }

var errNoImage = errors.New("it cannot be decoded")

// shrink makes a picture whose longer side has at most size pixels. What an image would take is known before it is decoded.
func shrink(source []byte, d decoder, size int) ([]byte, error) {
	config, err := d.config(bytes.NewReader(source))
	if err != nil || config.Width <= 0 || config.Height <= 0 {
		return nil, fault.Invalid(faultv1.Reason_REASON_FILE_TYPE_REFUSED, "the image is damaged", fault.Cause(errors.Join(errNoImage, err)))
	}
	if pixels := int64(config.Width) * int64(config.Height); pixels > maxDecoded/(colourBytes(config.ColorModel)+d.extra) {
		return nil, fault.Invalid(faultv1.Reason_REASON_FILE_TOO_LARGE, "the image has too many pixels for a thumbnail",
			fault.Meta("pixels", fmt.Sprint(pixels)))
	}
	img, err := d.decode(bytes.NewReader(source))
	if err != nil {
		return nil, fault.Invalid(faultv1.Reason_REASON_FILE_TYPE_REFUSED, "the image is damaged", fault.Cause(errors.Join(errNoImage, err)))
	}
	bounds := img.Bounds()
	longer := max(bounds.Dx(), bounds.Dy())
	size = min(size, longer)
	small := image.NewNRGBA(image.Rect(0, 0, max(bounds.Dx()*size/longer, 1), max(bounds.Dy()*size/longer, 1)))
	draw.BiLinear.Scale(small, small.Bounds(), img, bounds, draw.Src, nil)
	small = upright(small, orientation(source))
	var out bytes.Buffer
	if small.Opaque() {
		err = jpeg.Encode(&out, small, &jpeg.Options{Quality: quality})
	} else {
		err = png.Encode(&out, small)
	}
	return out.Bytes(), err
}

// colourBytes is how many bytes a pixel takes in memory.
func colourBytes(m color.Model) int64 {
	switch m {
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	case color.GrayModel:
		return 1
	case color.Gray16Model:
		return 2
	}
	return 4
}

// orientation is what EXIF says about how the camera was held, 1 to 8; 1 when it says nothing.
func orientation(source []byte) int {
	about, err := exif.Decode(bytes.NewReader(source))
	if err != nil {
		return 1
	}
	tag, err := about.Get(exif.Orientation)
	if err != nil {
		return 1
	}
	n, err := tag.Int(0)
	if err != nil || n < 1 || n > 8 {
		return 1
	}
	return n
}

// upright turns and mirrors a picture as EXIF's orientation says.
func upright(img *image.NRGBA, orientation int) *image.NRGBA {
	if orientation == 1 {
		return img
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	if orientation > 4 { // it lies on its side
		out = image.NewNRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			to := [9][2]int{
				2: {w - 1 - x, y}, 3: {w - 1 - x, h - 1 - y}, 4: {x, h - 1 - y},
				5: {y, x}, 6: {h - 1 - y, x}, 7: {h - 1 - y, w - 1 - x}, 8: {y, w - 1 - x},
			}[orientation]
			out.SetNRGBA(to[0], to[1], img.NRGBAAt(x, y))
		}
	}
	return out
}

// Package files keeps files in a bucket, each encrypted with the key of its tenant. The bucket holds bytes under
// "<tenant's schema>/<file id>"; what is known about them lies in Postgres. A file exists once its record does.
package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

// Chunk is the most bytes of one message of an upload or download.
const Chunk = 1 << 20

// File describes a stored file.
type File struct {
	ID             string
	Name           string
	ContentType    string
	Size           int64
	SHA256         string
	CreatorSubject string
	CreateTime     time.Time
	// PartSize is how many bytes each of its objects has but the last; 0 when the file is one object.
	PartSize int64
	// Folder is the path of its folder, empty for none.
	Folder string
}

// Place is where and how the files of a tenant are kept.
type Place struct {
	Tenant string
	// Folder is the tenant's part of the bucket.
	Folder string
	// Key is the tenant's key material for files.
	Key []byte
}

// Records keeps the descriptions of files.
type Records interface {
	// Insert makes a file exist, unless the tenant's files would then take more bytes than quota; it returns what they take.
	Insert(ctx context.Context, tenant string, f File, quota int64) (used int64, fits bool, err error)
	// Used tells how many bytes the tenant's files take.
	Used(ctx context.Context, tenant string) (int64, error)
	// Get returns fault FILE_NOT_FOUND when there is none.
	Get(ctx context.Context, tenant, id string) (File, error)
	// Known returns which of the ids have a record.
	Known(ctx context.Context, tenant string, ids []string) (map[string]bool, error)
}

// Store keeps files.
type Store struct {
	bucket  *blob.Bucket
	records Records
	uploads Uploads
	clock   clock.Clock
	log     *slog.Logger
	limit   int64
	quota   int64
	// decoding holds whoever decodes an image.
	decoding chan struct{}
}

// New makes a store on a bucket, which it does not close. limit is the most bytes of one file, quota of all files of a tenant.
func New(bucket *blob.Bucket, records Records, uploads Uploads, c clock.Clock, log *slog.Logger, limit, quota int64) *Store {
	return &Store{bucket: bucket, records: records, uploads: uploads, clock: c, log: log, limit: limit, quota: quota, decoding: make(chan struct{}, 1)}
}

// Header is what is said about a file before its bytes.
type Header struct {
	Name        string
	ContentType string
	// Size is how many bytes follow, 0 if unknown.
	Size int64
	// Folder is the path of the folder that it goes into, empty for none.
	Folder string
}

// Put stores a file. next gives the chunks and io.EOF at the end. Memory does not grow with the file.
func (s *Store) Put(ctx context.Context, p Place, subject string, h Header, next func() ([]byte, error)) (File, error) {
	if err := s.checkHeader(h); err != nil {
		return File{}, err
	}
	// Looked at before the bytes come and, when they are there, once more beside other uploads.
	used, err := s.records.Used(ctx, p.Tenant)
	if err != nil {
		return File{}, err
	}
	if used >= s.quota || used+h.Size > s.quota {
		return File{}, s.full(used)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return File{}, fmt.Errorf("make id: %w", err)
	}
	f := File{ID: id.String(), Name: h.Name, Folder: h.Folder, CreatorSubject: subject, CreateTime: s.clock.Now().UTC().Truncate(time.Microsecond)}
	in := &intake{next: next, limit: s.limit, want: h.Size, digest: sha256.New()}
	head, err := in.sniff()
	if err != nil {
		return File{}, err
	}
	if f.ContentType, err = contentType(h.ContentType, head); err != nil {
		return File{}, err
	}
	if err := s.write(ctx, p, f.ID, in); err != nil {
		return File{}, err
	}
	f.Size, f.SHA256 = in.size, hex.EncodeToString(in.digest.Sum(nil))
	used, fits, err := s.records.Insert(ctx, p.Tenant, f, s.quota)
	if err == nil && !fits {
		err = s.full(used)
	}
	if err != nil {
		s.discard(ctx, key(p.Folder, f.ID))
		return File{}, err
	}
	return f, nil
}

func (s *Store) full(used int64) error {
	return fault.Exhausted(faultv1.Reason_REASON_QUOTA_EXCEEDED,
		fmt.Sprintf("the files of the organization take %d of %d bytes; delete some that are not needed", used, s.quota),
		fault.Meta("used", fmt.Sprint(used)), fault.Meta("limit", fmt.Sprint(s.quota)))
}

func (s *Store) checkHeader(h Header) error {
	if err := CheckName("name", h.Name); err != nil {
		return err
	}
	if err := CheckFolder("folder", h.Folder); err != nil {
		return err
	}
	switch {
	case h.Size < 0:
		return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the size is wrong", fault.Field("size", "expected 0 or more"))
	case h.Size > s.limit:
		return tooLarge(s.limit)
	}
	return nil
}

func tooLarge(limit int64) error {
	return fault.New(fault.KindInvalid, faultv1.Reason_REASON_FILE_TOO_LARGE, fmt.Sprintf("the file has more than %d bytes", limit),
		fault.Meta("limit", fmt.Sprint(limit)))
}

// write encrypts what comes in. The blob becomes visible only when all of it is there.
func (s *Store) write(ctx context.Context, p Place, id string, in *intake) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // before Close, this discards what was written
	w, err := s.bucket.NewWriter(ctx, key(p.Folder, id), &blob.WriterOptions{
		ContentType: "application/octet-stream", DisableContentTypeDetection: true, MaxConcurrency: 2, // of parts that are in memory, 5 MiB each
	})
	if err != nil {
		return away(fmt.Errorf("open blob: %w", err))
	}
	abort := func(err error) error {
		cancel()
		_ = w.Close() // reports the cancellation
		return err
	}
	enc, err := encrypt(w, p.Key, p.Tenant+"/"+id)
	if err != nil {
		return abort(fmt.Errorf("encrypt: %w", err))
	}
	for {
		chunk, err := in.read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return abort(err)
		}
		if _, err := enc.Write(chunk); err != nil {
			return abort(away(fmt.Errorf("write blob: %w", err)))
		}
	}
	if err := enc.Close(); err != nil {
		return abort(away(fmt.Errorf("write blob: %w", err)))
	}
	if err := w.Close(); err != nil {
		return away(fmt.Errorf("write blob: %w", err))
	}
	return nil
}

// away makes a fault of an error that says that the store cannot be reached.
func away(err error) error {
	if _, ok := errors.AsType[net.Error](err); ok && !errors.Is(err, context.Canceled) {
		return fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, "the store of files cannot be reached", fault.Cause(err), fault.Retry(5*time.Second))
	}
	return err
}

// discard removes a blob that has no record; what it cannot remove, Sweep will.
func (s *Store) discard(ctx context.Context, key string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := s.bucket.Delete(ctx, key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		s.log.WarnContext(ctx, "blob not removed", "error", err)
	}
}

// Get reads a range of a file: limit bytes from offset on, all that follow when limit is 0. begin is called once before the
// first bytes. Bytes are passed on as soon as their segment proved to be genuine.
func (s *Store) Get(ctx context.Context, p Place, id string, offset, limit int64, begin func(File) error, emit func([]byte) error) error {
	f, err := s.records.Get(ctx, p.Tenant, id)
	if err != nil {
		return err
	}
	if offset < 0 || limit < 0 || offset > f.Size {
		return fault.Invalid(faultv1.Reason_REASON_FILE_RANGE_INVALID, "the range is not within the file", fault.Meta("size", fmt.Sprint(f.Size)))
	}
	if limit == 0 || limit > f.Size-offset {
		limit = f.Size - offset
	}
	if err := begin(f); err != nil {
		return err
	}
	return s.read(ctx, p, f, offset, limit, emit)
}

// Remove deletes the bytes of a file whose record is gone.
func (s *Store) Remove(ctx context.Context, p Place, f File) {
	for _, o := range f.objects(0, f.Size) {
		s.discard(ctx, key(p.Folder, o.name))
	}
	if _, ok := decoderOf(f.ContentType); ok {
		for _, size := range ThumbnailSizes() {
			s.discard(ctx, key(p.Folder, thumbnailOf(f.ID, size)))
		}
	}
}

// Sweep removes blobs of a tenant that have no record and are older than age: those of uploads and removals that were cut
// off. It returns how many it removed.
func (s *Store) Sweep(ctx context.Context, p Place, age time.Duration) (int, error) {
	it := s.bucket.List(&blob.ListOptions{Prefix: p.Folder + "/"})
	removed := 0
	for {
		var ids, names []string
		for len(ids) < 500 {
			obj, err := it.Next(ctx)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return removed, fmt.Errorf("list blobs: %w", err)
			}
			if s.clock.Now().Sub(obj.ModTime) > age {
				name := strings.TrimPrefix(obj.Key, p.Folder+"/")
				ids, names = append(ids, fileOf(name)), append(names, name)
			}
		}
		if len(ids) == 0 {
			return removed, nil
		}
		known, err := s.records.Known(ctx, p.Tenant, ids)
		if err != nil {
			return removed, err
		}
		for i, id := range ids {
			if !known[id] {
				s.discard(ctx, key(p.Folder, names[i]))
				removed++
			}
		}
	}
}

// fileOf is the file that an object is, or a part or a thumbnail of. Others, such as what a write that was cut off left, belong to none.
func fileOf(name string) string {
	id, number, _ := strings.Cut(name, ".")
	if _, err := strconv.ParseUint(strings.TrimPrefix(number, "t"), 10, 32); err != nil {
		return name
	}
	return id
}

func key(folder, id string) string { return folder + "/" + id }

// intake reads an upload, counting and digesting it.
type intake struct {
	next   func() ([]byte, error)
	held   []byte // read for sniffing, not yet given out
	ended  bool
	limit  int64
	want   int64
	size   int64
	digest hash.Hash
}

// sniff returns the beginning of the content, at most 512 bytes.
func (in *intake) sniff() ([]byte, error) {
	for len(in.held) < 512 && !in.ended {
		chunk, err := in.take()
		if errors.Is(err, io.EOF) {
			in.ended = true
			break
		}
		if err != nil {
			return nil, err
		}
		in.held = append(in.held, chunk...)
	}
	return in.held[:min(len(in.held), 512)], nil
}

func (in *intake) read() ([]byte, error) {
	if len(in.held) > 0 {
		chunk := in.held
		in.held = nil
		return chunk, nil
	}
	if in.ended {
		return nil, io.EOF
	}
	chunk, err := in.take()
	if errors.Is(err, io.EOF) {
		in.ended = true
	}
	return chunk, err
}

func (in *intake) take() ([]byte, error) {
	chunk, err := in.next()
	if errors.Is(err, io.EOF) {
		if in.want > 0 && in.size != in.want {
			return nil, fault.Invalid(faultv1.Reason_REASON_FILE_INCOMPLETE, fmt.Sprintf("%d bytes were announced and %d came", in.want, in.size))
		}
		return nil, io.EOF
	}
	if err != nil {
		return nil, err
	}
	in.size += int64(len(chunk))
	switch {
	case len(chunk) > Chunk:
		return nil, fault.Invalid(faultv1.Reason_REASON_REQUEST_TOO_LARGE, fmt.Sprintf("a chunk may have %d bytes at most", Chunk))
	case in.size > in.limit:
		return nil, tooLarge(in.limit)
	case in.want > 0 && in.size > in.want:
		return nil, fault.Invalid(faultv1.Reason_REASON_FILE_INCOMPLETE, fmt.Sprintf("%d bytes were announced and more came", in.want))
	}
	in.digest.Write(chunk)
	return chunk, nil
}

// contentType settles the media type. A browser believes what it is told about images and pages, so for those the content
// must be what was declared.
func contentType(declared string, head []byte) (string, error) {
	detected := http.DetectContentType(head)
	if declared == "" {
		return detected, nil
	}
	if err := checkMediaType(declared); err != nil {
		return "", err
	}
	want, got := media(declared), media(detected)
	var matches bool
	switch {
	case want == "image/svg+xml":
		matches = strings.HasPrefix(got, "text/") && got != "text/html"
	case want == "image/vnd.microsoft.icon":
		matches = got == "image/x-icon"
	case strings.HasPrefix(want, "image/"):
		// Kinds of image that cannot be recognised come as plain bytes.
		matches = want == got || got == "application/octet-stream" && !recognised(want) || want == "image/jpg" && got == "image/jpeg"
	case want == "text/html":
		matches = strings.HasPrefix(got, "text/")
	case want == "application/octet-stream":
		matches = true
	case got == "text/html" || strings.HasPrefix(got, "image/"):
		matches = false
	default:
		matches = true
	}
	if !matches {
		return "", fault.Invalid(faultv1.Reason_REASON_FILE_TYPE_REFUSED, fmt.Sprintf("the content is not %s but %s", want, got),
			fault.Field("header.content_type", "the content looks like "+got))
	}
	return declared, nil
}

func checkMediaType(declared string) error {
	if len(declared) > 255 || strings.ContainsFunc(declared, func(r rune) bool { return r < 0x20 || r > 0x7e }) || !strings.Contains(declared, "/") {
		return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the content type is wrong",
			fault.Field("header.content_type", "expected a media type like image/png"))
	}
	return nil
}

func media(contentType string) string {
	m, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.TrimSpace(m))
}

func recognised(image string) bool {
	switch image {
	case "image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp", "image/bmp", "image/x-icon":
		return true
	}
	return false
}

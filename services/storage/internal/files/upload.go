package files

import (
	"context"
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

const (
	// PartSize is how many bytes each part of an upload has but the last.
	PartSize = 8 << 20
	// UploadLife is how long an upload may take.
	UploadLife = 24 * time.Hour
	// maxUploads is how many uploads of a tenant may be open.
	maxUploads = 200
)

// Upload is a file that arrives in parts, each of which is an object of its own.
type Upload struct {
	ID          string
	Name        string
	ContentType string
	Size        int64
	Received    int64
	PartSize    int64
	// Digest is the state of SHA-256 over what has arrived.
	Digest     []byte
	Subject    string
	CreateTime time.Time
	// Folder is where the file goes, empty for none.
	Folder string
}

// Uploads keeps what is known of uploads.
type Uploads interface {
	// Begin makes an upload, unless the tenant would then take more bytes than quota or have more than most uploads open.
	Begin(ctx context.Context, tenant string, u Upload, quota, most int64) (used int64, fits bool, err error)
	// Upload returns fault FILE_NOT_FOUND when the subject has none with the id that was begun after a time.
	Upload(ctx context.Context, tenant, subject, id string, after time.Time) (Upload, error)
	// Advance notes that more has arrived, unless something else than was had arrived.
	Advance(ctx context.Context, tenant string, u Upload, was int64) (bool, error)
	// Finish makes a file of an upload, in one transaction; false when the upload is gone.
	Finish(ctx context.Context, tenant string, f File) (bool, error)
	GiveUp(ctx context.Context, tenant, id string) error
}

// Begin begins an upload.
func (s *Store) Begin(ctx context.Context, p Place, subject string, h Header) (Upload, error) {
	if err := s.checkHeader(h); err != nil {
		return Upload{}, err
	}
	if h.Size == 0 {
		return Upload{}, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the size is wrong", fault.Field("size", "expected at least 1"))
	}
	if h.ContentType != "" {
		if err := checkMediaType(h.ContentType); err != nil {
			return Upload{}, err
		}
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Upload{}, fmt.Errorf("make id: %w", err)
	}
	u := Upload{
		ID: id.String(), Name: h.Name, ContentType: h.ContentType, Size: h.Size, PartSize: PartSize, Subject: subject, Folder: h.Folder,
		CreateTime: s.clock.Now().UTC().Truncate(time.Microsecond),
	}
	if u.Digest, err = sha256.New().(encoding.BinaryMarshaler).MarshalBinary(); err != nil {
		return Upload{}, fmt.Errorf("begin digest: %w", err)
	}
	used, fits, err := s.uploads.Begin(ctx, p.Tenant, u, s.quota, maxUploads)
	if err == nil && !fits {
		err = s.full(used)
	}
	return u, err
}

// Upload returns an upload of a subject.
func (s *Store) Upload(ctx context.Context, p Place, subject, id string) (Upload, error) {
	return s.uploads.Upload(ctx, p.Tenant, subject, id, s.clock.Now().Add(-UploadLife))
}

// Part stores the next part of an upload, which next gives in chunks.
func (s *Store) Part(ctx context.Context, p Place, subject, id string, offset int64, next func() ([]byte, error)) (Upload, error) {
	u, err := s.Upload(ctx, p, subject, id)
	if err != nil {
		return Upload{}, err
	}
	if offset != u.Received || u.Received == u.Size {
		return Upload{}, misplaced(u.Received)
	}
	digest := sha256.New()
	if err := digest.(encoding.BinaryUnmarshaler).UnmarshalBinary(u.Digest); err != nil {
		return Upload{}, fmt.Errorf("read digest: %w", err)
	}
	want := min(u.PartSize, u.Size-u.Received)
	in := &intake{next: next, limit: s.limit, want: want, digest: digest}
	if u.Received == 0 {
		head, err := in.sniff()
		if err != nil {
			return Upload{}, err
		}
		if u.ContentType, err = contentType(u.ContentType, head); err != nil {
			return Upload{}, err
		}
	}
	if err := s.write(ctx, p, partOf(u.ID, u.Received/u.PartSize), in); err != nil {
		return Upload{}, err
	}
	was := u.Received
	u.Received += in.size
	if u.Digest, err = digest.(encoding.BinaryMarshaler).MarshalBinary(); err != nil {
		return Upload{}, fmt.Errorf("keep digest: %w", err)
	}
	ok, err := s.uploads.Advance(ctx, p.Tenant, u, was)
	if err == nil && !ok { // the same part came twice at once
		err = misplaced(u.Received)
	}
	return u, err
}

func misplaced(received int64) error {
	return fault.FailedPrecondition(faultv1.Reason_REASON_FILE_INCOMPLETE, fmt.Sprintf("%d bytes have arrived: the next part begins there", received),
		fault.Meta("received", fmt.Sprint(received)))
}

// Finish makes a file of an upload that has arrived in full.
func (s *Store) Finish(ctx context.Context, p Place, subject, id string) (File, error) {
	u, err := s.Upload(ctx, p, subject, id)
	if f, ok := fault.As(err); ok && f.Kind == fault.KindNotFound { // it may have been finished before
		if done, derr := s.records.Get(ctx, p.Tenant, id); derr == nil && done.CreatorSubject == subject {
			return done, nil
		}
	}
	if err != nil {
		return File{}, err
	}
	if u.Received != u.Size {
		return File{}, misplaced(u.Received)
	}
	digest := sha256.New()
	if err := digest.(encoding.BinaryUnmarshaler).UnmarshalBinary(u.Digest); err != nil {
		return File{}, fmt.Errorf("read digest: %w", err)
	}
	f := File{
		ID: u.ID, Name: u.Name, Folder: u.Folder, ContentType: u.ContentType, Size: u.Size, SHA256: hex.EncodeToString(digest.Sum(nil)), PartSize: u.PartSize,
		CreatorSubject: subject, CreateTime: s.clock.Now().UTC().Truncate(time.Microsecond),
	}
	ok, err := s.uploads.Finish(ctx, p.Tenant, f)
	if err == nil && !ok { // somebody was faster
		return s.records.Get(ctx, p.Tenant, id)
	}
	return f, err
}

// GiveUp removes an upload of a subject, with what has arrived.
func (s *Store) GiveUp(ctx context.Context, p Place, subject, id string) error {
	u, err := s.Upload(ctx, p, subject, id)
	if err != nil {
		return err
	}
	if err := s.uploads.GiveUp(ctx, p.Tenant, id); err != nil {
		return err
	}
	s.Remove(ctx, p, File{ID: u.ID, Size: u.Size, PartSize: u.PartSize})
	return nil
}

// partOf names a part as an object.
func partOf(id string, n int64) string { return fmt.Sprintf("%s.%d", id, n) }

// object is a stored piece of a file: all of it, or a part.
type object struct {
	name        string
	start, size int64
}

// objects are the pieces of a file that hold a range of it.
func (f File) objects(offset, limit int64) []object {
	if f.PartSize == 0 {
		return []object{{name: f.ID, size: f.Size}}
	}
	var out []object
	for n := offset / f.PartSize; n*f.PartSize < f.Size && (n == offset/f.PartSize || n*f.PartSize < offset+limit); n++ {
		start := n * f.PartSize
		out = append(out, object{name: partOf(f.ID, n), start: start, size: min(f.PartSize, f.Size-start)})
	}
	return out
}

// read passes a range of a file on.
func (s *Store) read(ctx context.Context, p Place, f File, offset, limit int64, emit func([]byte) error) error {
	for _, o := range f.objects(offset, limit) {
		open := func(ctx context.Context, offset, length int64) (io.ReadCloser, error) {
			return s.bucket.NewRangeReader(ctx, key(p.Folder, o.name), offset, length, nil)
		}
		from := max(offset-o.start, 0)
		to := min(offset+limit, o.start+o.size) - o.start
		if err := decrypt(ctx, open, p.Key, p.Tenant+"/"+o.name, o.size, from, max(to-from, 0), emit); err != nil {
			return away(err)
		}
	}
	return nil
}

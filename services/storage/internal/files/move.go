package files

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
)

// Has tells whether the bytes of a file are there.
func (s *Store) Has(ctx context.Context, p Place, id string) (bool, error) {
	return s.bucket.Exists(ctx, key(p.Folder, id))
}

// Content passes the bytes of a file on, whose record the caller has.
func (s *Store) Content(ctx context.Context, p Place, id string, size int64, emit func([]byte) error) error {
	open := func(ctx context.Context, offset, length int64) (io.ReadCloser, error) {
		return s.bucket.NewRangeReader(ctx, key(p.Folder, id), offset, length, nil)
	}
	return decrypt(ctx, open, p.Key, p.Tenant+"/"+id, size, 0, size, emit)
}

// Keep stores the bytes of a file under the id that it has already. The caller has its record.
func (s *Store) Keep(ctx context.Context, p Place, id string, size int64, content io.Reader) error {
	if size > s.limit {
		return tooLarge(s.limit)
	}
	buffer := make([]byte, Chunk)
	return s.write(ctx, p, id, &intake{limit: size, want: size, digest: sha256.New(), next: func() ([]byte, error) {
		n, err := io.ReadFull(content, buffer)
		if n > 0 && errors.Is(err, io.ErrUnexpectedEOF) {
			err = nil
		}
		return buffer[:n], err
	}})
}

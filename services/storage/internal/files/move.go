package files

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
)

// Has tells whether the bytes of a file are there.
func (s *Store) Has(ctx context.Context, p Place, f File) (bool, error) {
	for _, o := range f.objects(0, f.Size) {
		if there, err := s.bucket.Exists(ctx, key(p.Folder, o.name)); err != nil || !there {
			return false, err
		}
	}
	return true, nil
}

// Content passes the bytes of a file on, whose record the caller has.
func (s *Store) Content(ctx context.Context, p Place, f File, emit func([]byte) error) error {
	return s.read(ctx, p, f, 0, f.Size, emit)
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

package files

import (
	"context"
	"errors"
	"fmt"
	"io"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// RemoveAll removes every object in a folder of the bucket, also those that no record knows. It may be repeated.
func (s *Store) RemoveAll(ctx context.Context, folder string) error {
	it := s.bucket.List(&blob.ListOptions{Prefix: folder + "/"})
	for {
		object, err := it.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("list files: %w", err)
		}
		if err := s.bucket.Delete(ctx, object.Key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
			return fmt.Errorf("remove file: %w", err)
		}
	}
}

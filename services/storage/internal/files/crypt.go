package files

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/tink-crypto/tink-go/v2/streamingaead/subtle"
)

// The format of a stored file is Tink's AES-GCM-HKDF streaming AEAD: a header (its length, salt, nonce prefix), then segments
// of 64 KiB, each with a tag, numbered in its nonce, the last one marked.
const (
	segmentSize = 64 << 10
	keySize     = 32
	prefixSize  = subtle.AESGCMHKDFNoncePrefixSizeInBytes
	headerSize  = 1 + keySize + prefixSize
	tagSize     = subtle.AESGCMHKDFTagSizeInBytes
	firstPlain  = segmentSize - headerSize - tagSize
	plainSize   = segmentSize - tagSize
)

var errDamaged = errors.New("the stored bytes are not what was written")

// encrypt gives a writer that encrypts to w. It must be closed.
func encrypt(w io.Writer, key []byte, context string) (io.WriteCloser, error) {
	stream, err := subtle.NewAESGCMHKDF(key, "SHA256", keySize, segmentSize, 0)
	if err != nil {
		return nil, err
	}
	return stream.NewEncryptingWriter(w, []byte(context))
}

// openRange opens so many bytes of the ciphertext from an offset on.
type openRange func(ctx context.Context, offset, length int64) (io.ReadCloser, error)

// decrypt writes the plaintext from offset to offset+limit to w. Tink's own reader can only start at the beginning; this one
// reads just the segments that are needed, so a range costs what it is long. size is the length of the whole plaintext: it
// says which segment must be the last, so a shortened file is noticed.
func decrypt(ctx context.Context, open openRange, key []byte, context string, size, offset, limit int64, emit func([]byte) error) error {
	gcm, prefix, err := openHeader(ctx, open, key, context)
	if err != nil {
		return err
	}
	if limit == 0 && size > 0 {
		return nil
	}
	first, last := segmentOf(offset), segmentOf(max(offset+limit-1, 0))
	final := segmentOf(max(size-1, 0))
	r, err := open(ctx, cipherStart(first), -1)
	if err != nil {
		return fmt.Errorf("open file: %w", err)
	}
	defer r.Close()
	sealed, plain := make([]byte, segmentSize), make([]byte, 0, segmentSize)
	nonce := make([]byte, subtle.AESGCMHKDFNonceSizeInBytes)
	copy(nonce, prefix)
	for i := first; i <= last; i++ {
		start, end := plainStart(i), min(plainStart(i+1), size)
		chunk := sealed[:end-start+tagSize]
		if _, err := io.ReadFull(r, chunk); err != nil {
			return fmt.Errorf("read segment %d: %w", i, errors.Join(err, errDamaged))
		}
		binary.BigEndian.PutUint32(nonce[prefixSize:], uint32(i))
		nonce[len(nonce)-1] = 0
		if i == final {
			nonce[len(nonce)-1] = 1
		}
		plain, err = gcm.Open(plain[:0], nonce, chunk, nil)
		if err != nil {
			return fmt.Errorf("segment %d: %w", i, errDamaged)
		}
		from, to := max(offset-start, 0), min(offset+limit, end)-start
		if from >= to {
			continue
		}
		if err := emit(plain[from:to]); err != nil {
			return err
		}
	}
	return nil
}

func openHeader(ctx context.Context, open openRange, key []byte, context string) (cipher.AEAD, []byte, error) {
	r, err := open(ctx, 0, headerSize)
	if err != nil {
		return nil, nil, fmt.Errorf("open file: %w", err)
	}
	defer r.Close()
	header := make([]byte, headerSize)
	if _, err := io.ReadFull(r, header); err != nil || header[0] != headerSize {
		return nil, nil, fmt.Errorf("read header: %w", errors.Join(err, errDamaged))
	}
	derived, err := hkdf.Key(sha256.New, key, header[1:1+keySize], context, keySize)
	if err != nil {
		return nil, nil, err
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, nil, err
	}
	gcm, err := cipher.NewGCM(block)
	return gcm, header[1+keySize:], err
}

// segmentOf is the number of the segment that holds the byte of the plaintext.
func segmentOf(offset int64) int64 {
	if offset < firstPlain {
		return 0
	}
	return 1 + (offset-firstPlain)/plainSize
}

// plainStart is where a segment starts in the plaintext.
func plainStart(segment int64) int64 {
	if segment == 0 {
		return 0
	}
	return firstPlain + (segment-1)*plainSize
}

// cipherStart is where a segment starts in the ciphertext.
func cipherStart(segment int64) int64 {
	if segment == 0 {
		return headerSize
	}
	return segment * segmentSize
}

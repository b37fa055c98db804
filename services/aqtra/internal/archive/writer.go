package archive

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"filippo.io/age"
)

// Writer makes an archive. Parts come one after another.
type Writer struct {
	tar     *tar.Writer
	closers []io.Closer
	time    time.Time
	sums    []Sum
	files   *total
}

// NewWriter begins an archive for whoever holds the keys of the recipients. Close it.
func NewWriter(w io.Writer, recipients []age.Recipient, m Manifest) (*Writer, error) {
	sealed, err := age.Encrypt(w, recipients...)
	if err != nil {
		return nil, fmt.Errorf("encrypt: %w", err)
	}
	packed, err := gzip.NewWriterLevel(sealed, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	out := &Writer{tar: tar.NewWriter(packed), time: m.Time, files: newTotal(string(File))}
	out.closers = []io.Closer{out.tar, packed, sealed}
	m.Format = Format
	return out, out.json(manifestName, m)
}

func (w *Writer) json(name string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	return w.member(name, text)
}

func (w *Writer) begin(name string, size int64) error {
	err := w.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o600, Size: size, ModTime: w.time})
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

func (w *Writer) member(name string, content []byte) error {
	if err := w.begin(name, int64(len(content))); err != nil {
		return err
	}
	if _, err := w.tar.Write(content); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// Document adds a document as JSON. count is how many things it is about.
func (w *Writer) Document(name string, v any, count int) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	if len(text) > maxDocument {
		return fmt.Errorf("%s has %d bytes, more than %d", name, len(text), maxDocument)
	}
	t := newTotal(name)
	t.add(text)
	t.Count = int64(count)
	w.sums = append(w.sums, t.sum())
	return w.member(string(Document)+"/"+name, text)
}

// RowsWriter takes the rows of one table.
type RowsWriter struct {
	w      *Writer
	total  *total
	head   string
	chunk  []byte
	number int
}

// Rows begins the rows of a table. Close what it returns before the next part.
func (w *Writer) Rows(name string, columns []string) *RowsWriter {
	r := &RowsWriter{w: w, total: newTotal(name), head: strings.Join(columns, "\t") + "\n"}
	r.total.add([]byte(r.head))
	r.chunk = append(r.chunk, r.head...)
	return r
}

// Row adds a line with its end.
func (r *RowsWriter) Row(line []byte) error {
	if len(r.chunk) > len(r.head) && len(r.chunk)+len(line) > chunk {
		if err := r.flush(); err != nil {
			return err
		}
	}
	r.chunk = append(r.chunk, line...)
	r.total.add(line)
	r.total.Count++
	return nil
}

func (r *RowsWriter) flush() error {
	err := r.w.member(fmt.Sprintf("%s/%s/%08d", Rows, r.total.Name, r.number), r.chunk)
	r.number++
	if cap(r.chunk) > 2*chunk { // a row that was alone
		r.chunk = nil
	}
	r.chunk = append(r.chunk[:0], r.head...)
	return err
}

// Close writes what is left.
func (r *RowsWriter) Close() error {
	r.w.sums = append(r.w.sums, r.total.sum())
	if r.number > 0 && len(r.chunk) == len(r.head) {
		return nil
	}
	return r.flush()
}

// File adds a file of so many bytes, which content writes.
func (w *Writer) File(id string, size int64, content func(io.Writer) error) error {
	if err := w.begin(string(File)+"/"+id, size); err != nil {
		return err
	}
	digest := sha256.New()
	if err := content(io.MultiWriter(w.tar, digest)); err != nil {
		return err
	}
	w.files.add(fileLine(id, digest))
	w.files.Count++
	return nil
}

// Close ends the archive with its sums and returns them. An archive that was not closed is refused by its reader.
func (w *Writer) Close() ([]Sum, error) {
	w.sums = append(w.sums, w.files.sum())
	errs := []error{w.json(sumsName, w.sums)}
	for _, c := range w.closers {
		errs = append(errs, c.Close())
	}
	return w.sums, errors.Join(errs...)
}

package archive

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"

	"filippo.io/age"

	"github.com/aqtra/aqtra/pkg/tenantdata"
)

// Reader reads an archive from its beginning to its end.
type Reader struct {
	Manifest Manifest

	gzip    *gzip.Reader
	opened  io.Reader
	tar     *tar.Reader
	pending *tar.Header
	part    *Part
	seen    map[string]bool
	sums    []Sum
	files   *total
}

// Part is what Next found. It must be read to its end before the next one, which Next does when it was not.
type Part struct {
	Kind Kind
	// Name is of a table or a document, or the id of a file.
	Name string
	// Columns are those of the rows.
	Columns []string
	// Size is the number of bytes of a file or a document.
	Size int64

	r     *Reader
	head  string
	lines *bufio.Reader
	chunk int
	total *total
	file  hash.Hash
	long  []byte
	done  bool
}

// NewReader opens an archive and reads its manifest. Errors are ErrKey, ErrDamaged, or say which version is needed.
func NewReader(r io.Reader, identities ...age.Identity) (*Reader, error) {
	opened, err := age.Decrypt(r, identities...)
	if err != nil {
		var none *age.NoIdentityMatchError
		if errors.As(err, &none) {
			return nil, ErrKey
		}
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	a := &Reader{opened: opened, seen: map[string]bool{}, files: newTotal(string(File))}
	if a.gzip, err = gzip.NewReader(opened); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	a.gzip.Multistream(false)
	a.tar = tar.NewReader(a.gzip)
	h, err := a.header()
	if err != nil {
		return nil, err
	}
	if h == nil || h.Name != manifestName {
		return nil, fmt.Errorf("%w: it does not begin with its manifest", ErrDamaged)
	}
	if err := a.json(h, maxManifest, &a.Manifest); err != nil {
		return nil, err
	}
	if a.Manifest.Format != Format {
		return nil, fmt.Errorf("the archive has format %d, this program knows %d: use the program of version %.40q", a.Manifest.Format, Format, a.Manifest.Version)
	}
	return a, nil
}

// header returns the next member, which must be a plain file, and nil at the end.
func (a *Reader) header() (*tar.Header, error) {
	if h := a.pending; h != nil {
		a.pending = nil
		return h, nil
	}
	h, err := a.tar.Next()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	for key := range h.PAXRecords { // others could make a file longer than what is there
		if key != "path" && key != "size" {
			return nil, fmt.Errorf("%w: %.80q is written in another way", ErrDamaged, h.Name)
		}
	}
	if h.Typeflag != tar.TypeReg || h.Size < 0 {
		return nil, fmt.Errorf("%w: %.80q is no plain file", ErrDamaged, h.Name)
	}
	return h, nil
}

func (a *Reader) json(h *tar.Header, most int64, to any) error {
	if h.Size > most {
		return fmt.Errorf("%w: %.80q has %d bytes, more than %d", ErrDamaged, h.Name, h.Size, most)
	}
	text, err := io.ReadAll(a.tar)
	if err == nil {
		err = json.Unmarshal(text, to)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return nil
}

// Next returns the next part, and io.EOF when all was read and is what it was when it was written.
func (a *Reader) Next() (*Part, error) {
	if a.part != nil {
		if err := a.part.finish(); err != nil {
			return nil, err
		}
		a.part = nil
	}
	h, err := a.header()
	if err != nil {
		return nil, err
	}
	if h == nil {
		return nil, fmt.Errorf("%w: its sums are missing", ErrDamaged)
	}
	if h.Name == sumsName {
		return nil, a.end(h)
	}
	kind, name, _ := strings.Cut(h.Name, "/")
	p := &Part{Kind: Kind(kind), Name: name, Size: h.Size, r: a}
	switch p.Kind {
	case Rows:
		err = p.beginRows(h)
	case Document:
		if h.Size > maxDocument {
			err = fmt.Errorf("a document of %d bytes", h.Size)
		}
		p.total = newTotal(name)
	case File:
		if !fileName.MatchString(name) || a.files.Count >= maxFiles {
			err = fmt.Errorf("the file %.80q", name)
		}
		p.file = sha256.New()
	default:
		err = fmt.Errorf("a part %.80q", h.Name)
	}
	if err == nil && p.Kind != File && (!partName.MatchString(p.Name) || a.seen[p.Name] || len(a.seen) >= maxParts) {
		err = fmt.Errorf("a part %.80q", h.Name)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if p.Kind != File {
		a.seen[p.Name] = true
	}
	a.part = p
	return p, nil
}

// end compares what was read with the sums, and looks that nothing follows.
func (a *Reader) end(h *tar.Header) error {
	var want []Sum
	if err := a.json(h, maxDocument, &want); err != nil {
		return err
	}
	if !slices.Equal(a.Sums(), want) {
		return fmt.Errorf("%w: it is not what its sums say", ErrDamaged)
	}
	if _, err := a.tar.Next(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: something follows its sums", ErrDamaged)
	}
	// To its very end: the last piece of what is encrypted is marked as such.
	n, err := io.Copy(io.Discard, io.LimitReader(a.gzip, 1<<20))
	if err == nil {
		var more int64
		more, err = io.Copy(io.Discard, io.LimitReader(a.opened, 1))
		n += more
	}
	if err != nil || n > 64<<10 {
		return fmt.Errorf("%w: %w", ErrDamaged, errors.Join(err, errors.New("it does not end where it should")))
	}
	return io.EOF
}

// Sums are those of the parts that were read so far.
func (a *Reader) Sums() []Sum { return append(slices.Clone(a.sums), a.files.sum()) }

// beginRows opens the first chunk of a table.
func (p *Part) beginRows(h *tar.Header) error {
	name, number, _ := strings.Cut(p.Name, "/")
	if number != "00000000" {
		return fmt.Errorf("rows %.80q out of order", p.Name)
	}
	p.Name, p.total, p.Size = name, newTotal(name), 0
	if err := p.open(h); err != nil {
		return err
	}
	p.total.add([]byte(p.head))
	p.Columns = strings.Split(strings.TrimSuffix(p.head, "\n"), "\t")
	if len(p.Columns) > maxColumns {
		return fmt.Errorf("%d columns", len(p.Columns))
	}
	for _, c := range p.Columns {
		if !columnName.MatchString(c) {
			return fmt.Errorf("a column %.80q", c)
		}
	}
	return nil
}

// open begins a chunk, which repeats the names of the columns.
func (p *Part) open(h *tar.Header) error {
	if h.Size > tenantdata.MaxRow+chunk {
		return fmt.Errorf("%.80q has %d bytes", h.Name, h.Size)
	}
	if p.lines == nil {
		p.lines = bufio.NewReaderSize(p.r.tar, 256<<10)
	} else {
		p.lines.Reset(p.r.tar)
	}
	head, err := p.line()
	if err != nil {
		return err
	}
	if p.head != "" && p.head != string(head) {
		return fmt.Errorf("%.80q has other columns", h.Name)
	}
	p.head = string(head)
	return nil
}

// line reads a line with its end; the bytes are good until the next call.
func (p *Part) line() ([]byte, error) {
	line, err := p.lines.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		if errors.Is(err, io.EOF) && len(line) > 0 {
			err = io.ErrUnexpectedEOF
		}
		return line, err
	}
	p.long = append(p.long[:0], line...)
	for errors.Is(err, bufio.ErrBufferFull) {
		if len(p.long) > tenantdata.MaxRow {
			return nil, errors.New("a row that is too long")
		}
		line, err = p.lines.ReadSlice('\n')
		p.long = append(p.long, line...)
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return p.long, err
}

// Row returns the next row as a line with its end, and io.EOF after the last.
func (p *Part) Row() ([]byte, error) {
	for !p.done {
		line, err := p.line()
		if err == nil {
			p.total.add(line)
			p.total.Count++
			return line, nil
		}
		if errors.Is(err, io.EOF) {
			err = p.next()
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	}
	return nil, io.EOF
}

// next goes on with the next chunk of the same table, or ends the part.
func (p *Part) next() error {
	h, err := p.r.header()
	if err != nil {
		return err
	}
	p.chunk++
	if h != nil && h.Name == fmt.Sprintf("%s/%s/%08d", Rows, p.Name, p.chunk) {
		return p.open(h)
	}
	p.r.pending, p.done = h, true
	p.r.sums = append(p.r.sums, p.total.sum())
	return nil
}

// JSON reads a document. count says how many things it is about, once it is read.
func (p *Part) JSON(to any, count func() int) error {
	text, err := io.ReadAll(p.r.tar)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrDamaged, p.Name, err)
	}
	p.total.add(text)
	p.total.Count = int64(count())
	p.r.sums = append(p.r.sums, p.total.sum())
	p.done = true
	return nil
}

// Read reads a file.
func (p *Part) Read(b []byte) (int, error) {
	n, err := p.r.tar.Read(b)
	p.file.Write(b[:n])
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return n, err
}

// finish reads what is left of a part.
func (p *Part) finish() error {
	switch {
	case p.Kind == File:
		if _, err := io.Copy(io.Discard, p); err != nil {
			return err
		}
		p.r.files.add(fileLine(p.Name, p.file))
		p.r.files.Count++
	case p.Kind == Rows:
		for {
			if _, err := p.Row(); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
		}
	case !p.done:
		return fmt.Errorf("the document %s was not read", p.Name)
	}
	return nil
}

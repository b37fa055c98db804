package wirejson

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

// firstRead is how much of a request is read at first, in bytes; the buffer doubles from there.
const firstRead = 4 << 10

// stream cuts what r gives into JSON texts. A text ends at the first newline that is outside its brackets and quotes.
type stream struct {
	codec *Codec
	r     io.Reader
	buf   []byte // read and not yet decoded
	err   error  // what r ended with
}

// decode reads the next text into v. It returns io.EOF when there is none.
func (s *stream) decode(v any) error {
	for {
		text, err := s.next()
		if err != nil {
			return err
		}
		if !blank(text) {
			return s.codec.Unmarshal(text, v)
		}
	}
}

// next returns the text up to and without the newline that ends it.
func (s *stream) next() ([]byte, error) {
	depth, quoted, escaped := 0, false, false
	for i := 0; ; i++ {
		for i == len(s.buf) {
			if s.err == nil {
				s.read()
				continue
			}
			if !errors.Is(s.err, io.EOF) {
				return nil, readFault(s.err)
			}
			if len(s.buf) == 0 {
				return nil, io.EOF
			}
			text := s.buf
			s.buf = nil
			return text, nil
		}
		switch c := s.buf[i]; {
		case escaped:
			escaped = false
		case quoted && c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		case c == '\n' && depth <= 0:
			text := s.buf[:i:i]
			s.buf = s.buf[i+1:]
			return text, nil
		}
	}
}

func (s *stream) read() {
	if len(s.buf) == cap(s.buf) {
		s.buf = append(make([]byte, 0, max(firstRead, 2*len(s.buf))), s.buf...)
	}
	n, err := s.r.Read(s.buf[len(s.buf):cap(s.buf)])
	s.buf, s.err = s.buf[:len(s.buf)+n], err
}

func blank(text []byte) bool {
	for _, c := range text {
		if c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return false
		}
	}
	return true
}

func readFault(err error) error {
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.Invalid(faultv1.Reason_REASON_REQUEST_TOO_LARGE,
			fmt.Sprintf("the request is larger than %d bytes", tooLarge.Limit), fault.Cause(err))
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fault.Invalid(faultv1.Reason_REASON_MALFORMED_REQUEST, "the request ended early", fault.Cause(err))
	}
	return fmt.Errorf("read request: %w", err)
}

// Body is a request body that keeps the error its decoder ended with. The handlers that grpc-gateway generates turn that
// error into text; the gateway reads it here instead, violations and all. Set it as the Body of the http.Request.
type Body struct {
	io.ReadCloser

	mu  sync.Mutex
	err error
}

// NewBody wraps the body of a request.
func NewBody(r io.ReadCloser) *Body { return &Body{ReadCloser: r} }

// Err returns the first error of decoding, or nil; the end of the body is none.
func (b *Body) Err() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

func (b *Body) keep(err error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil && err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return err
}

package wirejson

import (
	"io"
	"sync"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/proto"
)

// MaxDepth is how deep objects and lists may nest in what is read.
const MaxDepth = 64

// MaxNames is how many names one object may have in what is read, as many as an entry may have fields.
const MaxNames = 10_000

// Codec reads and writes the JSON of the edge. It remembers the layout of each message type it meets, so it is meant for
// types known when the program is built. It may be used by many goroutines at once.
type Codec struct {
	layouts sync.Map // protoreflect.MessageDescriptor -> *layout
}

var (
	_ runtime.Marshaler         = (*Codec)(nil)
	_ runtime.Delimited         = (*Codec)(nil)
	_ runtime.StreamContentType = (*Codec)(nil)
)

// New returns a codec that has met no type yet.
func New() *Codec { return &Codec{} }

// Marshal writes v: a message, or what grpc-gateway makes of one for an answer (a field of it, a map or a list of messages).
func (c *Codec) Marshal(v any) ([]byte, error) { return c.Append(nil, v) }

// Append is Marshal that appends to b.
func (c *Codec) Append(b []byte, v any) ([]byte, error) {
	if m, ok := v.(proto.Message); ok {
		return c.appendMessage(b, m.ProtoReflect())
	}
	return c.appendGo(b, v)
}

// Unmarshal reads data, one JSON text, into v: a message, which is reset first, or a pointer to a field of one. Text that is
// not JSON, nests too deep or does not fit v is refused with a fault; v is then in no particular state.
func (c *Codec) Unmarshal(data []byte, v any) error {
	d := decoder{codec: c, in: data}
	return d.run(v)
}

// NewDecoder returns a decoder that reads JSON texts from r, each ended by a newline or by the end of r. The caller bounds
// the size of r; a *http.MaxBytesError becomes a fault. If r is a *Body, errors are also left there.
func (c *Codec) NewDecoder(r io.Reader) runtime.Decoder {
	s := &stream{codec: c, r: r}
	if body, ok := r.(*Body); ok {
		return runtime.DecoderFunc(func(v any) error { return body.keep(s.decode(v)) })
	}
	return runtime.DecoderFunc(s.decode)
}

// NewEncoder returns an encoder that writes to w, a newline after each text.
func (c *Codec) NewEncoder(w io.Writer) runtime.Encoder {
	return runtime.EncoderFunc(func(v any) error {
		b, err := c.Marshal(v)
		if err != nil {
			return err
		}
		_, err = w.Write(append(b, '\n'))
		return err
	})
}

// ContentType is the media type of a single answer.
func (*Codec) ContentType(any) string { return "application/json" }

// StreamContentType is the media type of a stream of answers.
func (*Codec) StreamContentType(any) string { return "application/x-ndjson" }

// Delimiter ends each text of a stream.
func (*Codec) Delimiter() []byte { return []byte{'\n'} }

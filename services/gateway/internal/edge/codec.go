package edge

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/rpc"
	"github.com/aqtra/aqtra/pkg/wirejson"
)

// body is the whole JSON of a request, read and bounded before grpc-gateway decodes it. The generated handlers turn an error of
// decoding into text; it is kept here for the answer, violations and all.
type body struct {
	*bytes.Reader
	text []byte
	err  error
}

func newBody(text []byte) *body { return &body{Reader: bytes.NewReader(text), text: text} }

func (*body) Close() error { return nil }

// answerSize is room for most answers, in bytes, so that they need not move while they grow.
const answerSize = 4 << 10

// codec is wirejson, fitted to how grpc-gateway uses it here.
type codec struct{ *wirejson.Codec }

var (
	_ runtime.Marshaler         = codec{}
	_ runtime.Delimited         = codec{}
	_ runtime.StreamContentType = codec{}
)

// NewDecoder returns a decoder of one request: a second text after the first is refused.
func (c codec) NewDecoder(r io.Reader) runtime.Decoder {
	return runtime.DecoderFunc(func(v any) error {
		b, ok := r.(*body)
		if !ok || len(bytes.TrimSpace(b.text)) == 0 {
			return io.EOF // no body, which the handlers take for an empty message
		}
		b.err = c.Unmarshal(b.text, v)
		return b.err
	})
}

// Marshal writes the error that ends a stream as any other error.
func (c codec) Marshal(v any) ([]byte, error) {
	if chunk, ok := v.(map[string]proto.Message); ok && len(chunk) == 1 {
		if st, ok := chunk["error"].(*spb.Status); ok {
			text, _ := describe(&statusError{status.FromProto(st)})
			return json.Marshal(text)
		}
	}
	if m, ok := v.(proto.Message); ok {
		if raw, ok := rpc.Encoded(m); ok {
			return c.AppendWire(make([]byte, 0, max(answerSize, 2*len(raw))), m.ProtoReflect().Descriptor(), raw)
		}
	}
	return c.Append(make([]byte, 0, answerSize), v)
}

// statusError is a status on its way through grpc-gateway.
type statusError struct{ st *status.Status }

func (e *statusError) Error() string              { return e.st.Message() }
func (e *statusError) GRPCStatus() *status.Status { return e.st }

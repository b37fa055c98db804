package wirejson_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/wirejson"
	authzv1 "github.com/aqtra/aqtra/proto/gen/aqtra/authz/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

func TestDecoderCutsAtNewlines(t *testing.T) {
	t.Parallel()
	const in = "\n {\"a\":\n[1, \"}\\\"\\n\"]}\r\n\n7\n\"x\"\n\n[\n]"
	want := []*typev1.Value{
		object(map[string]*typev1.Value{"a": list(number(1), text("}\"\n"))}), number(7), text("x"), list(),
	}
	for name, r := range map[string]io.Reader{
		"whole":         strings.NewReader(in),
		"byte by byte":  iotest.OneByteReader(strings.NewReader(in)),
		"eof with data": iotest.DataErrReader(strings.NewReader(in)),
	} {
		d := wirejson.New().NewDecoder(r)
		for _, w := range want {
			got := &typev1.Value{}
			require.NoError(t, d.Decode(got), name)
			require.True(t, proto.Equal(w, got), "%s: %v", name, got)
		}
		require.Equal(t, io.EOF, d.Decode(&typev1.Value{}), name)
	}
}

// TestDecoderDoesNotReadAhead shows that a text is handed out before the next one is there.
func TestDecoderDoesNotReadAhead(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	d := wirejson.New().NewDecoder(r)
	for i := range int64(3) {
		sent := make(chan error, 1)
		go func() { _, err := w.Write([]byte("1\n")); sent <- err }()
		got := &typev1.Value{}
		require.NoError(t, d.Decode(got), i)
		require.NoError(t, <-sent)
	}
}

func TestDecoderLongText(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 100_000)
	d := wirejson.New().NewDecoder(strings.NewReader(`"` + long + `"` + "\n1"))
	got := &typev1.Value{}
	require.NoError(t, d.Decode(got))
	require.Equal(t, long, got.GetText())
	require.NoError(t, d.Decode(got))
	require.Equal(t, int64(1), got.GetInt())
}

func TestDecoderRefuses(t *testing.T) {
	t.Parallel()
	for in, reason := range map[string]faultv1.Reason{
		`{"services":[]} x`: faultv1.Reason_REASON_MALFORMED_REQUEST,
		`{"services":[]}}`:  faultv1.Reason_REASON_MALFORMED_REQUEST,
		`{"services":[`:     faultv1.Reason_REASON_MALFORMED_REQUEST,
		`"`:                 faultv1.Reason_REASON_MALFORMED_REQUEST,
		`{"no":1}`:          faultv1.Reason_REASON_UNKNOWN_FIELD,
	} {
		f := refused(t, wirejson.New().NewDecoder(strings.NewReader(in)).Decode(&authzv1.Peers{}))
		require.Equal(t, reason, f.Reason, in)
	}

	large := http.MaxBytesReader(nil, io.NopCloser(strings.NewReader(`{"services":["a long name"]}`)), 10)
	f := refused(t, wirejson.New().NewDecoder(large).Decode(&authzv1.Peers{}))
	require.Equal(t, faultv1.Reason_REASON_REQUEST_TOO_LARGE, f.Reason)
	require.Equal(t, "the request is larger than 10 bytes", f.Message)

	cut := io.MultiReader(strings.NewReader(`{"services":`), iotest.ErrReader(io.ErrUnexpectedEOF))
	f = refused(t, wirejson.New().NewDecoder(cut).Decode(&authzv1.Peers{}))
	require.Equal(t, faultv1.Reason_REASON_MALFORMED_REQUEST, f.Reason)

	broken := errors.New("broken")
	require.ErrorIs(t, wirejson.New().NewDecoder(iotest.ErrReader(broken)).Decode(&authzv1.Peers{}), broken)
}

func TestBodyKeepsTheFirstError(t *testing.T) {
	t.Parallel()
	body := wirejson.NewBody(io.NopCloser(strings.NewReader("{}\n{\"no\":1}\n1")))
	d := wirejson.New().NewDecoder(body)
	require.NoError(t, d.Decode(&authzv1.Peers{}))
	require.NoError(t, body.Err())
	first := d.Decode(&authzv1.Peers{})
	require.Equal(t, faultv1.Reason_REASON_UNKNOWN_FIELD, refused(t, first).Reason)
	require.Error(t, d.Decode(&authzv1.Peers{}))
	require.Equal(t, first, body.Err())

	none := wirejson.NewBody(io.NopCloser(strings.NewReader("")))
	require.Equal(t, io.EOF, wirejson.New().NewDecoder(none).Decode(&authzv1.Peers{}))
	require.NoError(t, none.Err())
}

func TestEncoder(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	e := wirejson.New().NewEncoder(&out)
	require.NoError(t, e.Encode(number(1)))
	require.NoError(t, e.Encode(list(null())))
	require.Error(t, e.Encode(text("\xff")))
	require.Equal(t, "1\n[null]\n", out.String())
}

// TestInGateway runs the codec inside grpc-gateway, for a single answer and for a stream of them.
func TestInGateway(t *testing.T) {
	t.Parallel()
	codec := wirejson.New()
	mux := runtime.NewServeMux(runtime.WithMarshalerOption(runtime.MIMEWildcard, codec))
	handle := func(path string, answer func(http.ResponseWriter, *http.Request, runtime.Marshaler, *typev1.Value)) {
		require.NoError(t, mux.HandlePath(http.MethodPost, path, func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
			in, out := runtime.MarshalerForRequest(mux, r)
			v := &typev1.Value{}
			require.NoError(t, in.NewDecoder(r.Body).Decode(v))
			answer(w, r, out, v)
		}))
	}
	handle("/one", func(w http.ResponseWriter, r *http.Request, m runtime.Marshaler, v *typev1.Value) {
		runtime.ForwardResponseMessage(r.Context(), mux, m, w, r, v)
	})
	handle("/many", func(w http.ResponseWriter, r *http.Request, m runtime.Marshaler, v *typev1.Value) {
		items := v.GetList().GetItems()
		runtime.ForwardResponseStream(runtime.NewServerMetadataContext(r.Context(), runtime.ServerMetadata{}), mux, m, w, r, func() (proto.Message, error) {
			if len(items) == 0 {
				return nil, io.EOF
			}
			next := items[0]
			items = items[1:]
			return next, nil
		})
	})
	for _, c := range []struct{ path, in, contentType, want string }{
		{"/one", `{"a":1.50}`, "application/json", `{"a":"1.5"}`},
		{"/many", `[1,{"a":null}]`, "application/x-ndjson", "{\"result\":1}\n{\"result\":{\"a\":null}}\n"},
	} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodPost, c.path, strings.NewReader(c.in)))
		require.Equal(t, http.StatusOK, w.Code)
		require.Equal(t, c.contentType, w.Header().Get("Content-Type"))
		require.Equal(t, c.want, w.Body.String())
	}
}

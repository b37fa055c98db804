package edge

import (
	"context"
	"net/http"
	"net/netip"
)

type (
	stateKey struct{}
	peerKey  struct{}
)

// state is what one REST request gathers on its way, for metrics, log and answer.
type state struct {
	method *method
	head   bool // the request was HEAD
	code   int  // status of a stream that failed before it began; 0 otherwise
}

func withState(ctx context.Context, s *state) context.Context {
	return context.WithValue(ctx, stateKey{}, s)
}

func stateFrom(ctx context.Context) *state {
	s, _ := ctx.Value(stateKey{}).(*state)
	return s
}

func withAddress(ctx context.Context, a netip.Addr) context.Context {
	return context.WithValue(ctx, peerKey{}, a)
}

func addressFrom(ctx context.Context) netip.Addr {
	a, _ := ctx.Value(peerKey{}).(netip.Addr)
	return a
}

// recorder notes the status of an answer.
type recorder struct {
	http.ResponseWriter
	state  *state
	status int
}

func (w *recorder) WriteHeader(code int) {
	if w.state.code != 0 { // grpc-gateway knows only the standard mapping for streams
		code = w.state.code
	}
	if w.status == 0 {
		w.status = code
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap gives http.ResponseController what it needs.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

package edge

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/aqtra/aqtra/pkg/rpc"
)

const (
	maxHeader = 32 << 10 // bytes of all headers
	maxURL    = 8 << 10  // bytes
	// requestIDHeader ties an answer to our log lines; a caller may choose the id.
	requestIDHeader = "X-Request-Id"
)

// ServeHTTP is the front of everything.
func (e *Edge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.flying.Inc()
	defer e.flying.Dec()
	growStack()
	address := clientAddress(r, e.cfg.TrustedProxies)
	id := r.Header.Get(requestIDHeader)
	if !rpc.ValidRequestID(id) {
		id = uuid.NewString()
	}
	scrub(r.Header)
	ctx := rpc.WithRequestID(withAddress(r.Context(), address), id)
	if r.ProtoMajor == 2 && strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc") {
		r.Header.Set(rpc.RequestIDKey, id)
		e.grpc.ServeHTTP(w, r.WithContext(ctx))
		return
	}
	s := &state{}
	rec := &recorder{ResponseWriter: w, state: s}
	start := e.clk.Now()
	verb := r.Method
	r = r.WithContext(withState(ctx, s))
	defer func() {
		if p := recover(); p != nil {
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			err := fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			if rec.status != 0 {
				e.log.ErrorContext(ctx, "request failed", "error", err, "request_id", id)
				panic(http.ErrAbortHandler) // half an answer must not look whole
			}
			e.writeFault(rec, r, err)
		}
		e.observe(r, s, verb, rec.status, start)
	}()
	maps.Copy(w.Header(), e.security) // whoever overrides one replaces its values and does not change them
	w.Header().Set(requestIDHeader, id)
	// A deadline set for an earlier request of the connection must not hold for this one. Long answers set their own.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(e.cfg.Timeout + e.cfg.BodyTimeout))
	e.serveHTTP(rec, r)
}

// growStack makes the goroutine's stack large enough for the request at once, while there is little on it to move. Every
// request has a goroutine of its own; growing step by step took 4 % of the CPU of a list.
//
//go:noinline
func growStack() byte {
	var room [12 << 10]byte
	return room[len(os.Args)&1]
}

func (e *Edge) serveHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	switch {
	case len(r.RequestURI) > maxURL:
		err := errTooLarge(maxURL)
		body, _ := describe(err)
		body.Error.Code, body.Error.Message = http.StatusRequestURITooLong, "the address is too long"
		e.writeError(w, r, err, body, 0)
	case r.Method == http.MethodConnect || !strings.HasPrefix(path, "/"):
		e.writeFault(w, r, invalid("the path is not valid"))
	case isPage(path):
		e.pages.ServeHTTP(w, r)
	case strings.HasPrefix(path, "/v1/"):
		e.serveREST(w, r)
	case path == "/v1" || r.Method != http.MethodGet && r.Method != http.MethodHead || !e.web.Serve(w, r):
		e.notFound(w, r)
	}
}

// scrub drops headers by which somebody outside could speak as one of us.
func scrub(h http.Header) {
	for name := range h {
		if hasPrefixFold(name, "Aqtra-") && !strings.EqualFold(name, previewHeader) || hasPrefixFold(name, "Grpc-Metadata-") || hasPrefixFold(name, "Grpcgateway-") ||
			strings.EqualFold(name, "X-Http-Method-Override") {
			delete(h, name)
		}
	}
	// A REST caller's patience is its own business; gRPC sends it too, but there it is part of the protocol.
	if !strings.HasPrefix(h.Get("Content-Type"), "application/grpc") {
		h.Del("Grpc-Timeout")
	}
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// securityHeaders hold for every REST answer; pages and files override what they must.
func securityHeaders() http.Header {
	h := http.Header{}
	h.Set("Strict-Transport-Security", "max-age=31536000")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	return h
}

// observe counts and logs a REST request: its method, never its path, which may hold the data of users.
func (e *Edge) observe(r *http.Request, s *state, verb string, code int, start time.Time) {
	took := e.clk.Now().Sub(start)
	name := "none"
	if s.method != nil {
		name = s.method.name
	}
	e.seconds.WithLabelValues(name, strconv.Itoa(code)).Observe(took.Seconds())
	e.log.LogAttrs(r.Context(), slog.LevelDebug, "request served",
		slog.String("verb", clip(verb)), slog.String("method", name), slog.Int("code", code), slog.Duration("took", took),
		slog.String("request_id", rpc.RequestID(r.Context())), slog.String("protocol", r.Proto))
}

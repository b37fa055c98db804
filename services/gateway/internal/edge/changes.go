package edge

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/rpc"
	changesv1 "github.com/aqtra/aqtra/proto/gen/aqtra/changes/v1"
	"github.com/aqtra/aqtra/services/gateway/internal/changes"
)

// Changes are the streams of live changes; changes.Hub is.
type Changes interface {
	// Watch sends changes to a reader until it ends.
	Watch(ctx context.Context, req *changesv1.WatchChangesRequest, r changes.Reader) error
	// Drain ends all streams.
	Drain()
	// OnRelease has f called when another release may be live in a tenant, every one for an empty tenant.
	OnRelease(f func(tenant string))
}

const (
	// eventWrite is how long a reader may take to accept an event; who is slower is cut off.
	eventWrite = 30 * time.Second
	// eventRetry tells browsers how soon to connect again, in milliseconds.
	eventRetry = 3000
	// renewTimeout bounds the look at the credential of a stream.
	renewTimeout = 5 * time.Second
)

// placeChanges adds the stream of changes, which is served here and not by a service behind.
func (e *Edge) placeChanges(mux *runtime.ServeMux) error {
	return mux.HandlePath(http.MethodGet, "/v1/changes:watch", e.watchChanges)
}

// renewer looks at the credential of a stream again.
func (e *Edge) renewer(c caller) func(context.Context) (principal.Principal, error) {
	return func(ctx context.Context) (principal.Principal, error) {
		ctx, cancel := context.WithTimeout(ctx, renewTimeout)
		defer cancel()
		p, _, err := e.gate.auth.Authenticate(ctx, c.credential)
		return p, err
	}
}

func (e *Edge) watchChanges(w http.ResponseWriter, r *http.Request, _ map[string]string) {
	ctx := r.Context()
	req := &changesv1.WatchChangesRequest{}
	if err := runtime.PopulateQueryParameters(req, r.URL.Query(), utilities.NewDoubleArray(nil)); err != nil {
		e.restError(ctx, nil, e.codec, w, r, status.Error(codes.InvalidArgument, err.Error())) // as generated handlers do
		return
	}
	c, err := restCaller(r, addressFrom(ctx), &e.origins)
	if err != nil {
		e.writeFault(w, r, err)
		return
	}
	p, _ := principal.From(ctx)
	out := &changeWriter{w: w, control: http.NewResponseController(w), codec: e.codec, events: wantsEvents(r)}
	if s := stateFrom(ctx); s != nil && s.head {
		out.header()
		return
	}
	err = e.changes.Watch(ctx, req, changes.Reader{Principal: p, Renew: e.renewer(c), Begin: out.begin, Send: out.send, Idle: out.idle})
	switch {
	case !out.begun:
		e.writeFault(w, r, err)
	case ctx.Err() == nil && out.err == nil && !changes.Ended(err):
		body, _ := describe(err)
		if body.Error.Code == http.StatusInternalServerError {
			e.log.ErrorContext(ctx, "stream failed", "error", err, "request_id", rpc.RequestID(ctx))
		}
		out.end(body)
	}
}

// wantsEvents reports whether a caller asks for server-sent events; others get a JSON text per line, as of every stream.
func wantsEvents(r *http.Request) bool {
	for _, accept := range strings.Split(r.Header.Get("Accept"), ",") {
		if kind, _, err := mime.ParseMediaType(accept); err == nil && kind == eventStream {
			return true
		}
	}
	return false
}

const eventStream = "text/event-stream"

// changeWriter writes changes as they come.
type changeWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	codec   codec
	events  bool
	begun   bool
	err     error // of writing: nobody is left to read
}

func (c *changeWriter) header() {
	h := c.w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // proxies must not gather what should be heard now
	if c.events {
		h.Set("Content-Type", eventStream)
	} else {
		h.Set("Content-Type", c.codec.StreamContentType(nil))
	}
	c.w.WriteHeader(http.StatusOK)
}

func (c *changeWriter) begin() error {
	c.begun = true
	c.header()
	if c.events {
		return c.write(fmt.Appendf(nil, "retry: %d\n\n", eventRetry))
	}
	return c.write(nil)
}

func (c *changeWriter) send(change *changesv1.Change) error {
	if !c.events {
		text, err := c.codec.Marshal(map[string]any{"result": change})
		if err != nil {
			return err
		}
		return c.write(append(text, '\n'))
	}
	text, err := c.codec.Marshal(change)
	if err != nil {
		return err
	}
	return c.write(fmt.Appendf(nil, "data: %s\n\n", bytes.TrimSpace(text)))
}

func (c *changeWriter) idle() error {
	if !c.events {
		return nil
	}
	return c.write([]byte(": ping\n\n"))
}

// end says why the stream ends.
func (c *changeWriter) end(body errorBody) {
	text, err := json.Marshal(body)
	if err != nil { // strings and numbers only: it cannot fail
		return
	}
	if c.events {
		text = fmt.Appendf(nil, "event: end\ndata: %s\n", text)
	}
	_ = c.write(append(text, '\n')) // it ends either way
}

// write has the text leave at once. Between events there is no deadline; whoever is slow to take one is cut off.
func (c *changeWriter) write(text []byte) error {
	_ = c.control.SetWriteDeadline(time.Now().Add(eventWrite)) // every connection that we serve can
	if _, err := c.w.Write(text); err != nil {
		c.err = err
		return err
	}
	if err := c.control.Flush(); err != nil {
		c.err = err
		return err
	}
	_ = c.control.SetWriteDeadline(time.Time{})
	return nil
}

// watchChangesRPC is the same over gRPC. The context is that of an admitted call.
func (e *Edge) watchChangesRPC(ctx context.Context, ss grpc.ServerStream, c caller) error {
	req := &changesv1.WatchChangesRequest{}
	if err := ss.RecvMsg(req); err != nil {
		return invalid("the message cannot be decoded, or nests too deep")
	}
	p, _ := principal.From(ctx)
	return e.changes.Watch(ctx, req, changes.Reader{
		Principal: p, Renew: e.renewer(c), Begin: func() error { return ss.SendHeader(nil) },
		Send: func(change *changesv1.Change) error { return ss.SendMsg(change) },
	})
}

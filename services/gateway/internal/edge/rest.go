package edge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/rpc"
	"github.com/aqtra/aqtra/pkg/wirejson"
	auditv1 "github.com/aqtra/aqtra/proto/gen/aqtra/audit/v1"
	dataflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/dataflow/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	notifyv1 "github.com/aqtra/aqtra/proto/gen/aqtra/notify/v1"
	pythonv1 "github.com/aqtra/aqtra/proto/gen/aqtra/python/v1"
	samplesv1 "github.com/aqtra/aqtra/proto/gen/aqtra/samples/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	workflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/workflow/v1"
)

// newREST returns the handler of everything under /v1 that has a method behind it.
func (e *Edge) newREST(ctx context.Context) (http.Handler, error) {
	mux := runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, codec{wirejson.New()}),
		runtime.WithDisablePathLengthFallback(),
		runtime.WithDisableHTTPMethodOverride(),
		runtime.WithUnescapingMode(runtime.UnescapingModeAllExceptSlash),
		runtime.WithIncomingHeaderMatcher(dropHeader),
		runtime.WithOutgoingHeaderMatcher(dropHeader),
		runtime.WithOutgoingTrailerMatcher(dropHeader),
		runtime.WithWriteContentLength(),
		runtime.WithMiddlewares(e.prepare),
		runtime.WithForwardResponseOption(e.moveSession),
		runtime.WithErrorHandler(e.restError),
		runtime.WithStreamErrorHandler(e.streamError),
		runtime.WithRoutingErrorHandler(e.routingError),
	)
	to := func(pkg string) conn { return conn{edge: e, backend: pkg, forward: true} }
	gateway, library, storage, workflow := to("gateway"), to("component-library"), to("storage"), to("workflow")
	dataflow, python := to("dataflow"), to("python-runner")
	for _, err := range []error{
		identityv1.RegisterAccountsHandlerClient(ctx, mux, identityv1.NewAccountsClient(gateway)),
		identityv1.RegisterUsersHandlerClient(ctx, mux, identityv1.NewUsersClient(gateway)),
		identityv1.RegisterTenantsHandlerClient(ctx, mux, identityv1.NewTenantsClient(gateway)),
		auditv1.RegisterAuditHandlerClient(ctx, mux, auditv1.NewAuditClient(gateway)),
		samplesv1.RegisterSamplesHandlerClient(ctx, mux, samplesv1.NewSamplesClient(gateway)),
		libraryv1.RegisterComponentsHandlerClient(ctx, mux, libraryv1.NewComponentsClient(library)),
		libraryv1.RegisterPublicationsHandlerClient(ctx, mux, libraryv1.NewPublicationsClient(library)),
		libraryv1.RegisterPreviewsHandlerClient(ctx, mux, libraryv1.NewPreviewsClient(library)),
		libraryv1.RegisterPublishedHandlerClient(ctx, mux, libraryv1.NewPublishedClient(library)),
		storagev1.RegisterEntriesHandlerClient(ctx, mux, storagev1.NewEntriesClient(storage)),
		storagev1.RegisterHoldsHandlerClient(ctx, mux, storagev1.NewHoldsClient(storage)),
		storagev1.RegisterFilesHandlerClient(ctx, mux, storagev1.NewFilesClient(storage)),
		workflowv1.RegisterRunsHandlerClient(ctx, mux, workflowv1.NewRunsClient(workflow)),
		workflowv1.RegisterTasksHandlerClient(ctx, mux, workflowv1.NewTasksClient(workflow)),
		workflowv1.RegisterSchedulesHandlerClient(ctx, mux, workflowv1.NewSchedulesClient(workflow)),
		notifyv1.RegisterNoticesHandlerClient(ctx, mux, notifyv1.NewNoticesClient(workflow)),
		workflowv1.RegisterCatalogHandlerClient(ctx, mux, workflowv1.NewCatalogClient(workflow)),
		dataflowv1.RegisterDataflowsHandlerClient(ctx, mux, dataflowv1.NewDataflowsClient(dataflow)),
		dataflowv1.RegisterCatalogHandlerClient(ctx, mux, dataflowv1.NewCatalogClient(dataflow)),
		pythonv1.RegisterScriptsHandlerClient(ctx, mux, pythonv1.NewScriptsClient(python)),
		// After the generated ones: the mux tries the last first, and "/v1/files/{file}" would match these, too.
		e.placeFiles(mux),
		e.placeChanges(mux),
		e.placeExport(mux),
		e.placeDocument(mux),
	} {
		if err != nil {
			return nil, fmt.Errorf("register rest handlers: %w", err)
		}
	}
	return mux, nil
}

func dropHeader(string) (string, bool) { return "", false }

// prepare stands between the match of a path and the code that grpc-gateway generated for it: it checks all that can be
// checked without decoding, admits the request and reads its body.
func (e *Edge) prepare(next runtime.HandlerFunc) runtime.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
		pattern, _ := runtime.HTTPPattern(r.Context())
		m := e.table.at(r.Method, pattern.String())
		if m == nil { // a path that we made ourselves and forgot to place
			e.writeFault(w, r, fmt.Errorf("no method at %s %s", r.Method, pattern))
			return
		}
		if s := stateFrom(r.Context()); s != nil {
			s.method = m
		}
		raw := m.route.body == rawBody
		limit, err := e.checkBody(r, m)
		if err != nil {
			e.writeFault(w, r, err)
			return
		}
		c, err := restCaller(r, addressFrom(r.Context()), &e.origins)
		if err != nil {
			e.writeFault(w, r, err)
			return
		}
		ctx, err := e.gate.admit(r.Context(), m, c)
		if err == nil {
			err = checkQuery(r, m)
		}
		if err == nil && !raw {
			err = e.readBody(w, r, m, limit)
		}
		if err != nil {
			e.writeFault(w, r, err)
			return
		}
		if !m.stream {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, e.cfg.Timeout)
			defer cancel()
		}
		if m.noted() {
			end, err := e.gate.note(ctx, m, c, r.URL.Path)
			if err != nil {
				e.writeFault(w, r, err)
				return
			}
			rec := &recorder{ResponseWriter: w, state: &state{}}
			w = rec
			defer func() { end(rec.status) }()
		}
		next(w, r.WithContext(withAdmitted(ctx)), params)
	}
}

// rawBody marks methods whose REST form takes bytes and not JSON.
const rawBody = "bytes"

// checkBody refuses by its headers alone a body that is too large or of the wrong kind.
func (e *Edge) checkBody(r *http.Request, m *method) (limit int64, err error) {
	if m.route.body == rawBody {
		return 0, nil
	}
	limit = int64(e.cfg.MaxBody)
	if strings.HasSuffix(m.route.template, ":batchWrite") {
		limit = int64(e.cfg.MaxBatchBody)
	}
	switch {
	case r.ContentLength == 0:
		return limit, nil
	case m.route.body == "":
		return 0, invalid("this request takes no body")
	case r.ContentLength > limit:
		return 0, errTooLarge(limit)
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" || params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8") {
		return 0, fault.Invalid(faultv1.Reason_REASON_UNSUPPORTED_MEDIA_TYPE, "the body must be application/json in UTF-8")
	}
	if enc := r.Header.Get("Content-Encoding"); enc != "" && !strings.EqualFold(enc, "identity") {
		return 0, fault.Invalid(faultv1.Reason_REASON_UNSUPPORTED_MEDIA_TYPE, "the body must not be compressed")
	}
	return limit, nil
}

// readBody reads the whole body before anything is decoded, so that a slow sender holds nothing but its connection.
func (e *Edge) readBody(w http.ResponseWriter, r *http.Request, m *method, limit int64) error {
	if m.route.body == "" || r.ContentLength == 0 {
		r.Body = newBody(nil)
		return nil
	}
	rc := http.NewResponseController(w)
	_ = rc.SetReadDeadline(time.Now().Add(e.cfg.BodyTimeout)) // every connection that we serve can
	text, err := readAll(http.MaxBytesReader(w, r.Body, limit), r.ContentLength)
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return errTooLarge(limit)
		}
		return invalid("the body did not arrive", fault.Cause(err))
	}
	_ = rc.SetReadDeadline(time.Time{})
	r.Body = newBody(text)
	return nil
}

// readAll is io.ReadAll for a length that is mostly known.
func readAll(r io.Reader, length int64) ([]byte, error) {
	if length <= 0 {
		return io.ReadAll(r)
	}
	text := make([]byte, length)
	n, err := io.ReadFull(r, text)
	return text[:n], err
}

// moveSession turns what identity says about the session into the cookie.
func (e *Edge) moveSession(ctx context.Context, w http.ResponseWriter, _ proto.Message) error {
	md, _ := runtime.ServerMetadataFromContext(ctx)
	if c := sessionCookie(md.HeaderMD); c != nil {
		http.SetCookie(w, c)
	}
	return nil
}

func (e *Edge) restError(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
	if b, ok := r.Body.(*body); ok && b.err != nil {
		e.writeFault(w, r, b.err)
		return
	}
	s := stateFrom(r.Context())
	if s != nil && s.method != nil && isGenerated(err) {
		if better := fitsQuery(r.URL.Query(), s.method); better != nil {
			err = better
		}
	}
	described, retry := describe(err)
	if s != nil && s.method != nil {
		for i, v := range described.Error.Violations {
			described.Error.Violations[i].Field = s.method.restField(v.Field)
		}
	}
	e.writeError(w, r, err, described, retry)
}

// streamError names the end of a stream that has begun, or tells the status of one that has not.
func (e *Edge) streamError(ctx context.Context, err error) *status.Status {
	described, _ := describe(err)
	if s := stateFrom(ctx); s != nil {
		s.code = described.Error.Code
	}
	if described.Error.Code == http.StatusInternalServerError {
		e.log.ErrorContext(ctx, "stream failed", "error", err, "request_id", rpc.RequestID(ctx))
	}
	return rpc.Status(err)
}

func (e *Edge) routingError(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, code int) {
	switch code {
	case http.StatusMethodNotAllowed:
		e.methodNotAllowed(w, r, e.table.allowed(r.URL.Path))
	case http.StatusNotFound:
		e.notFound(w, r)
	default:
		e.writeFault(w, r, invalid("the path is not valid"))
	}
}

func (e *Edge) notFound(w http.ResponseWriter, r *http.Request) {
	e.writeFault(w, r, fault.NotFound(faultv1.Reason_REASON_UNKNOWN_METHOD, "there is nothing at this path"))
}

func (e *Edge) methodNotAllowed(w http.ResponseWriter, r *http.Request, allowed []string) {
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	e.writeFault(w, r, fault.Unimplemented(faultv1.Reason_REASON_METHOD_NOT_ALLOWED, "this path does not take "+clip(r.Method)))
}

func clip(s string) string {
	if len(s) > 20 {
		return "that method"
	}
	return s
}

// serveREST refuses paths that proxies and servers could read in different ways, and lets HEAD be GET without the answer.
func (e *Edge) serveREST(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	if !utf8.ValidString(path) || slices.ContainsFunc(strings.Split(path[1:], "/"), func(s string) bool { return s == "" || s == "." || s == ".." }) {
		e.notFound(w, r)
		return
	}
	if r.Method == http.MethodHead {
		r.Method = http.MethodGet
		if s := stateFrom(r.Context()); s != nil {
			s.head = true
		}
	}
	e.rest.ServeHTTP(w, r)
}

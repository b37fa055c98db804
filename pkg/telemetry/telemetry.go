// Package telemetry makes the logger, the tracer and the metrics registry of a process. All three are handed on, none is global.
package telemetry

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	"golang.org/x/term"
	"google.golang.org/grpc/credentials"
)

// Config says how much is told, and to whom.
type Config struct {
	LogLevel     slog.Level `env:"AQTRA_LOG_LEVEL" default:"info" doc:"least level that is logged: debug, info, warn or error"`
	LogFormat    string     `env:"AQTRA_LOG_FORMAT" default:"auto" doc:"json, text, or auto: text on a terminal, else json"`
	OTLPEndpoint string     `env:"AQTRA_OTLP_ENDPOINT" doc:"host:port of the collector for traces (OTLP over gRPC, TLS 1.3); empty for none"`
	OTLPCAFile   string     `env:"AQTRA_OTLP_CA_FILE" doc:"authorities to trust for the collector (PEM); the system's when empty"`
	TraceRatio   float64    `env:"AQTRA_TRACE_RATIO" default:"0.05" doc:"share of requests that are traced, 0 to 1"`
}

// Validate reports every bad field at once.
func (c Config) Validate() error {
	var errs []error
	if c.LogFormat != "auto" && c.LogFormat != "json" && c.LogFormat != "text" {
		errs = append(errs, fmt.Errorf("AQTRA_LOG_FORMAT: %q is not json, text or auto", c.LogFormat))
	}
	if !(c.TraceRatio >= 0 && c.TraceRatio <= 1) {
		errs = append(errs, errors.New("AQTRA_TRACE_RATIO: must be between 0 and 1"))
	}
	return errors.Join(errs...)
}

// Logger returns a logger that writes to w and adds trace ids to what is logged within a trace.
func (c Config) Logger(w io.Writer) *slog.Logger {
	opts := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "text" || c.LogFormat == "auto" && isTerminal(w) {
		return slog.New(traceHandler{slog.NewTextHandler(w, opts)})
	}
	return slog.New(traceHandler{slog.NewJSONHandler(w, opts)})
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Tracing returns the tracer provider of a service and the function that sends what is left and ends it. Without an endpoint
// nothing is recorded; trace ids of callers are passed on all the same.
func (c Config) Tracing(ctx context.Context, service string) (trace.TracerProvider, func(context.Context) error, error) {
	if c.OTLPEndpoint == "" {
		return noop.NewTracerProvider(), func(context.Context) error { return nil }, nil
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS13}
	if c.OTLPCAFile != "" {
		text, err := os.ReadFile(c.OTLPCAFile)
		if err != nil {
			return nil, nil, fmt.Errorf("read authorities of the collector: %w", err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(text) {
			return nil, nil, errors.New("read authorities of the collector: no certificate in the file")
		}
	}
	exporter, err := otlptracegrpc.New(ctx,
		otlptracegrpc.WithEndpoint(c.OTLPEndpoint), otlptracegrpc.WithTLSCredentials(credentials.NewTLS(cfg)))
	if err != nil {
		return nil, nil, fmt.Errorf("open exporter of traces: %w", err)
	}
	tp := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(exporter),
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", service))),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(c.TraceRatio))),
	)
	return tp, tp.Shutdown, nil
}

// NewRegistry returns a registry that holds the metrics of the process and of Go.
func NewRegistry() *prometheus.Registry {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return reg
}

type traceHandler struct{ slog.Handler }

func (h traceHandler) Handle(ctx context.Context, r slog.Record) error {
	if sc := trace.SpanContextFromContext(ctx); sc.IsValid() {
		r = r.Clone()
		r.AddAttrs(slog.String("trace_id", sc.TraceID().String()), slog.String("span_id", sc.SpanID().String()))
	}
	return h.Handler.Handle(ctx, r)
}

func (h traceHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return traceHandler{h.Handler.WithAttrs(attrs)}
}

func (h traceHandler) WithGroup(name string) slog.Handler {
	return traceHandler{h.Handler.WithGroup(name)}
}

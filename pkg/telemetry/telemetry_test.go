package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"
	collectorv1 "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/telemetry"
)

func load(t *testing.T, vars map[string]string) (telemetry.Config, error) {
	t.Helper()
	var c telemetry.Config
	err := config.Load("AQTRA_TEST", &c, config.Map(vars))
	return c, err
}

func TestLoggerAddsTraceIDs(t *testing.T) {
	t.Parallel()
	c, err := load(t, map[string]string{"AQTRA_LOG_LEVEL": "warn"})
	require.NoError(t, err)
	var out bytes.Buffer
	log := c.Logger(&out).With("service", "storage").WithGroup("g")
	sc := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}})
	ctx := trace.ContextWithSpanContext(t.Context(), sc)
	log.InfoContext(ctx, "too quiet")
	log.WarnContext(ctx, "lease lost", "run_id", "r1")

	var line struct {
		Msg     string
		Service string
		G       map[string]string
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &line), "one line of JSON")
	require.Equal(t, "lease lost", line.Msg)
	require.Equal(t, "storage", line.Service)
	require.Equal(t, map[string]string{"run_id": "r1", "trace_id": sc.TraceID().String(), "span_id": sc.SpanID().String()}, line.G)

	out.Reset()
	log.Error("no trace")
	require.NotContains(t, out.String(), "trace_id")
}

func TestLogFormats(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	telemetry.Config{LogFormat: "text", LogLevel: slog.LevelInfo}.Logger(&out).Info("hello", "a", 1)
	require.Contains(t, out.String(), "msg=hello a=1")

	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	defer f.Close()
	telemetry.Config{LogFormat: "auto"}.Logger(f).Info("hello")
	text, err := os.ReadFile(f.Name())
	require.NoError(t, err)
	require.True(t, json.Valid(text), "a file is no terminal")
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	_, err := load(t, map[string]string{"AQTRA_LOG_FORMAT": "xml", "AQTRA_TRACE_RATIO": "NaN"})
	require.ErrorContains(t, err, "AQTRA_LOG_FORMAT")
	require.ErrorContains(t, err, "AQTRA_TRACE_RATIO")
}

func TestTracing(t *testing.T) {
	t.Parallel()
	tp, flush, err := telemetry.Config{}.Tracing(t.Context(), "storage")
	require.NoError(t, err)
	_, span := tp.Tracer("t").Start(t.Context(), "x")
	require.False(t, span.IsRecording())
	require.NoError(t, flush(t.Context()))

	bad := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(bad, []byte("x"), 0o600))
	_, _, err = telemetry.Config{OTLPEndpoint: "localhost:1", OTLPCAFile: bad}.Tracing(t.Context(), "storage")
	require.ErrorContains(t, err, "no certificate in the file")

	tp, flush, err = telemetry.Config{OTLPEndpoint: "localhost:1", TraceRatio: 1}.Tracing(t.Context(), "storage")
	require.NoError(t, err, "a collector that is away stops nobody")
	_, span = tp.Tracer("t").Start(t.Context(), "x")
	require.True(t, span.IsRecording())
	require.NoError(t, flush(t.Context()), "nothing has ended, nothing is sent")
}

type collector struct {
	collectorv1.UnimplementedTraceServiceServer
	spans chan string
}

func (c *collector) Export(_ context.Context, req *collectorv1.ExportTraceServiceRequest) (*collectorv1.ExportTraceServiceResponse, error) {
	for _, rs := range req.GetResourceSpans() {
		for _, ss := range rs.GetScopeSpans() {
			for _, s := range ss.GetSpans() {
				c.spans <- rs.GetResource().GetAttributes()[0].GetValue().GetStringValue() + "/" + s.GetName()
			}
		}
	}
	return &collectorv1.ExportTraceServiceResponse{}, nil
}

func TestSpansReachACollector(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, err := certs.OpenAuthority(dir, clock.Real())
	require.NoError(t, err)
	edge, err := a.Edge()
	require.NoError(t, err)
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	srv := grpc.NewServer(grpc.Creds(credentials.NewTLS(edge.ServerTLS(false))))
	c := &collector{spans: make(chan string, 1)}
	collectorv1.RegisterTraceServiceServer(srv, c)
	go func() { _ = srv.Serve(lis) }()
	t.Cleanup(srv.Stop)

	tp, flush, err := telemetry.Config{
		OTLPEndpoint: lis.Addr().String(), OTLPCAFile: filepath.Join(dir, certs.RootFile), TraceRatio: 1,
	}.Tracing(t.Context(), "storage")
	require.NoError(t, err)
	_, span := tp.Tracer("t").Start(t.Context(), "read entry")
	span.End()
	require.NoError(t, flush(t.Context()))
	require.Equal(t, "storage/read entry", <-c.spans)
}

func TestRegistry(t *testing.T) {
	t.Parallel()
	families, err := telemetry.NewRegistry().Gather()
	require.NoError(t, err)
	names := make([]string, 0, len(families))
	for _, f := range families {
		names = append(names, f.GetName())
	}
	require.Contains(t, names, "go_goroutines")
	require.Contains(t, names, "process_resident_memory_bytes")
}

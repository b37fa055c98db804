package edge_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"

	dataflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/dataflow/v1"
	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	workflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/workflow/v1"
	"github.com/aqtra/aqtra/services/gateway/internal/edge"
	"github.com/aqtra/aqtra/services/gateway/internal/identity"
)

func TestGRPCUnary(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := storagev1.NewEntriesClient(w.dial())
	ctx := as(t.Context(), "alice")
	e, err := c.GetEntry(ctx, &storagev1.GetEntryRequest{Component: "invoice", Entry: "e1"})
	require.NoError(t, err)
	require.Equal(t, "12.5", e.GetFields()["total"].GetDecimal())
	require.Equal(t, "r1", w.storage.last().principal.Release)

	_, err = c.GetEntry(ctx, &storagev1.GetEntryRequest{Component: "invoice", Entry: "there"})
	st := status.Convert(err)
	require.Equal(t, codes.AlreadyExists, st.Code())
	require.Equal(t, "it exists", st.Message())
	require.Len(t, st.Details(), 2)
	require.Equal(t, "ENTRY_EXISTS", st.Details()[0].(*errdetails.ErrorInfo).GetReason())
	require.Equal(t, "fields.number", st.Details()[1].(*errdetails.BadRequest).GetFieldViolations()[0].GetField())

	_, err = c.GetEntry(ctx, &storagev1.GetEntryRequest{Component: "invoice", Entry: "broken"})
	require.Equal(t, codes.Internal, status.Code(err))
	require.NotContains(t, err.Error(), "secret detail")

	_, err = c.GetEntry(t.Context(), &storagev1.GetEntryRequest{Component: "invoice", Entry: "e1"})
	require.Equal(t, codes.Unauthenticated, status.Code(err))
	_, err = c.GetEntry(as(t.Context(), "eve"), &storagev1.GetEntryRequest{Component: "invoice", Entry: "e1"})
	require.Equal(t, codes.Unauthenticated, status.Code(err))
	_, err = c.GetEntry(metadata.AppendToOutgoingContext(t.Context(), "cookie", "__Host-aqtra=alice"), &storagev1.GetEntryRequest{})
	require.Equal(t, codes.Unauthenticated, status.Code(err), "cookies are for browsers")
	_, err = c.CreateEntry(as(t.Context(), "bob"), &storagev1.CreateEntryRequest{Component: "invoice"})
	require.Equal(t, codes.PermissionDenied, status.Code(err))

	_, err = workflowv1.NewRunsClient(w.dial()).GetRun(ctx, &workflowv1.GetRunRequest{Run: "x"})
	require.Equal(t, codes.Unavailable, status.Code(err))
}

func TestGRPCStreams(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn, ctx := w.dial(), as(t.Context(), "alice")
	watch, err := libraryv1.NewPublicationsClient(conn).WatchPublication(ctx, &libraryv1.GetPublicationRequest{Publication: "breaks"})
	require.NoError(t, err)
	for range 3 {
		_, err = watch.Recv()
		require.NoError(t, err)
	}
	_, err = watch.Recv()
	require.Equal(t, codes.Unavailable, status.Code(err))

	files := storagev1.NewFilesClient(conn)
	up, err := files.UploadFile(ctx)
	require.NoError(t, err)
	require.NoError(t, up.Send(&storagev1.UploadFileRequest{Part: &storagev1.UploadFileRequest_Header{Header: &storagev1.UploadHeader{Name: "a.txt"}}}))
	for range 10 {
		require.NoError(t, up.Send(&storagev1.UploadFileRequest{Part: &storagev1.UploadFileRequest_Chunk{Chunk: []byte("0123456789")}}))
	}
	file, err := up.CloseAndRecv()
	require.NoError(t, err)
	require.EqualValues(t, 100, file.GetSize())

	down, err := files.DownloadFile(ctx, &storagev1.DownloadFileRequest{File: "f1", Offset: 5, Limit: 10})
	require.NoError(t, err)
	var got []byte
	for {
		m, err := down.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		got = append(got, m.GetChunk()...)
	}
	require.Equal(t, "5678901234", string(got))
}

func TestGRPCHidesWhatIsForPeers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn, ctx := w.dial(), as(t.Context(), "alice")
	var texts []string
	for _, method := range []string{
		storagev1.Tenants_ProvisionTenant_FullMethodName, libraryv1.Releases_GetActiveRelease_FullMethodName,
		identityv1.Delegation_Delegate_FullMethodName, workflowv1.Triggers_StartTriggered_FullMethodName,
		dataflowv1.Definitions_Describe_FullMethodName, "/aqtra.storage.v1.Entries/DropTables", "/no.such.Service/Method",
		"/aqtra.storage.v1.Entries/", "/aqtra.storage.v1.Tenants/provisionTenant",
	} {
		err := conn.Invoke(ctx, method, &identityv1.DelegateRequest{Tenant: "acme"}, &identityv1.DelegateResponse{})
		require.Equal(t, codes.Unimplemented, status.Code(err), method)
		texts = append(texts, status.Convert(err).Message())
	}
	for _, text := range texts {
		require.Equal(t, texts[0], text, "an existing method looks like a missing one")
	}
}

func TestGRPCMetadataCannotSpeakForUs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := metadata.AppendToOutgoingContext(as(t.Context(), "alice"), "aqtra-token-bin", "forged", "aqtra-session", "session-of-root",
		"aqtra-client-address", "6.6.6.6", "aqtra-transport", "browser", "x-tenant", "other", "aqtra-request-id", "chosen")
	_, err := identityv1.NewAccountsClient(w.dial()).GetCurrentSession(ctx, &identityv1.GetCurrentSessionRequest{})
	require.NoError(t, err)
	md := w.people.metadata()
	require.Equal(t, []string{"session-of-alice"}, md.Get(identity.MetadataSession))
	require.Equal(t, []string{"127.0.0.1"}, md.Get(identity.MetadataClientAddress))
	require.Equal(t, []string{identity.TransportGRPC}, md.Get(identity.MetadataTransport))
	require.NotEqual(t, []string{"chosen"}, md.Get("aqtra-request-id"))
	require.Empty(t, md.Get("x-tenant"))
	require.Empty(t, md.Get("authorization"))

	_, err = identityv1.NewAccountsClient(w.dial()).GetCurrentSession(
		metadata.AppendToOutgoingContext(t.Context(), "aqtra-token-bin", "forged"), &identityv1.GetCurrentSessionRequest{})
	require.Equal(t, codes.Unauthenticated, status.Code(err))

	var header metadata.MD
	res, err := identityv1.NewAccountsClient(w.dial()).SignIn(t.Context(), &identityv1.SignInRequest{Password: "right"}, grpc.Header(&header))
	require.NoError(t, err)
	require.NotNil(t, res.GetSession())
	require.Empty(t, header.Get(identity.HeaderSessionToken), "headers between us stay between us")
}

func TestGRPCLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := storagev1.NewEntriesClient(w.dial(grpc.WithDefaultCallOptions(grpc.MaxCallSendMsgSize(64 << 20))))
	ctx := as(t.Context(), "alice")
	_, err := c.CreateEntry(ctx, &storagev1.CreateEntryRequest{Component: "invoice", RequestId: strings.Repeat("x", 8<<20)})
	require.NoError(t, err)
	_, err = c.CreateEntry(ctx, &storagev1.CreateEntryRequest{Component: "invoice", RequestId: strings.Repeat("x", 17<<20)})
	require.Equal(t, codes.ResourceExhausted, status.Code(err), "as every gRPC server says it")

	ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	_, err = c.GetEntry(ctx, &storagev1.GetEntryRequest{Component: "invoice", Entry: "slow"})
	require.Equal(t, codes.DeadlineExceeded, status.Code(err))
	close(w.storage.hold)
}

func TestGRPCReflectionAndHealth(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.dial()
	res, err := grpc_health_v1.NewHealthClient(conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	require.NoError(t, err)
	require.Equal(t, grpc_health_v1.HealthCheckResponse_SERVING, res.GetStatus())

	s, err := reflectionv1.NewServerReflectionClient(conn).ServerReflectionInfo(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.Send(&reflectionv1.ServerReflectionRequest{MessageRequest: &reflectionv1.ServerReflectionRequest_ListServices{}}))
	m, err := s.Recv()
	require.NoError(t, err)
	var names []string
	for _, svc := range m.GetListServicesResponse().GetService() {
		names = append(names, svc.GetName())
	}
	require.Contains(t, names, "aqtra.storage.v1.Entries")
	require.Contains(t, names, "grpc.health.v1.Health")
	require.NotContains(t, names, "aqtra.storage.v1.Tenants")
	require.NotContains(t, names, "aqtra.library.v1.Releases")
	require.NoError(t, s.Send(&reflectionv1.ServerReflectionRequest{
		MessageRequest: &reflectionv1.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: "aqtra.storage.v1.Entries"},
	}))
	m, err = s.Recv()
	require.NoError(t, err)
	require.NotEmpty(t, m.GetFileDescriptorResponse().GetFileDescriptorProto())
}

func TestGRPCCountsWhatDoesNotExistAsOne(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewRegistry()
	w := newWorld(t, func(_ *edge.Config, d *edge.Deps) { d.Metrics = reg })
	conn := w.dial()
	for _, method := range []string{"/no.such.Service/A", "/no.such.Service/B", "/aqtra.storage.v1.Entries/DropTables", "/aqtra.storage.v1.Entry/A"} {
		require.Equal(t, codes.Unimplemented, status.Code(conn.Invoke(t.Context(), method, &identityv1.DelegateRequest{}, &identityv1.DelegateResponse{})))
	}
	require.Eventually(t, func() bool { // the caller has its answer before it is counted
		families, err := reg.Gather()
		require.NoError(t, err)
		for _, f := range families {
			if f.GetName() != "aqtra_rpc_server_seconds" {
				continue
			}
			require.Len(t, f.GetMetric(), 1, "a stranger must not make series")
			for _, l := range f.GetMetric()[0].GetLabel() {
				require.False(t, l.GetName() == "method" && l.GetValue() != "unknown", l.GetValue())
			}
			return f.GetMetric()[0].GetHistogram().GetSampleCount() == 4
		}
		return false
	}, 10*time.Second, 5*time.Millisecond)
}

package componentlibrary_test

import (
	"context"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/pgtest"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/rpc"
	"github.com/aqtra/aqtra/pkg/service"
	"github.com/aqtra/aqtra/pkg/token"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	workflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/workflow/v1"
	componentlibrary "github.com/aqtra/aqtra/services/component-library"
)

// neighbour is another service of the process: what it registers, and its base for calls to the library.
type neighbour struct {
	name     string
	register func(grpc.ServiceRegistrar)
	base     chan service.Base
}

func (n *neighbour) unit() service.Unit {
	return service.Unit{Name: n.name, New: func(_ context.Context, b service.Base) (service.Service, error) {
		n.base <- b
		return n, nil
	}}
}

func (n *neighbour) Register(r grpc.ServiceRegistrar) {
	if n.register != nil {
		n.register(r)
	}
}
func (n *neighbour) Ready(context.Context) error { return nil }
func (n *neighbour) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

type schema struct {
	storagev1.UnimplementedSchemaServer
}

func (schema) PlanSchema(_ context.Context, req *storagev1.PlanSchemaRequest) (*storagev1.PlanSchemaResponse, error) {
	res := &storagev1.PlanSchemaResponse{}
	for _, c := range req.GetComponents() {
		res.Changes = append(res.Changes, &libraryv1.SchemaChange{Component: c.GetId(), Statement: "CREATE TABLE ..", Phase: libraryv1.SchemaPhase_SCHEMA_PHASE_EXPAND})
	}
	return res, nil
}

func (schema) ExpandSchema(_ *storagev1.ExpandSchemaRequest, s grpc.ServerStreamingServer[storagev1.SchemaProgress]) error {
	return s.Send(&storagev1.SchemaProgress{Done: 1, Total: 2, Message: "made a table"})
}

func (schema) ContractSchema(*storagev1.ContractSchemaRequest, grpc.ServerStreamingServer[storagev1.SchemaProgress]) error {
	return nil
}

type definitions struct {
	workflowv1.UnimplementedDefinitionsServer
}

type schedules struct {
	workflowv1.UnimplementedScheduleSyncServer
}

func (schedules) SyncSchedules(context.Context, *workflowv1.SyncSchedulesRequest) (*workflowv1.SyncSchedulesResponse, error) {
	return &workflowv1.SyncSchedulesResponse{}, nil
}

func (definitions) ListPinnedReleases(context.Context, *workflowv1.ListPinnedReleasesRequest) (*workflowv1.ListPinnedReleasesResponse, error) {
	return &workflowv1.ListPinnedReleasesResponse{}, nil
}

type world struct {
	gateway service.Base
	minter  *token.Minter
}

// as calls with the identity of a user of a tenant.
func (w world) as(ctx context.Context, t *testing.T, p principal.Principal) context.Context {
	t.Helper()
	p.Kind, p.Subject = principal.KindUser, "u-"+p.Tenant
	tok, err := w.minter.Mint(p, "component-library", "storage", "workflow", "dataflow", "python-runner")
	require.NoError(t, err)
	return rpc.WithToken(ctx, tok)
}

func start(t *testing.T) world {
	t.Helper()
	cfg := pgtest.Database(t, "library", nil) // the service migrates
	authority, err := certs.OpenAuthority(t.TempDir(), clock.Real())
	require.NoError(t, err)
	admin, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	gateway := &neighbour{name: "gateway", base: make(chan service.Base, 1)}
	storage := &neighbour{name: "storage", base: make(chan service.Base, 1), register: func(r grpc.ServiceRegistrar) { storagev1.RegisterSchemaServer(r, schema{}) }}
	flows := &neighbour{name: "workflow", base: make(chan service.Base, 1), register: func(r grpc.ServiceRegistrar) {
		workflowv1.RegisterDefinitionsServer(r, definitions{})
		workflowv1.RegisterScheduleSyncServer(r, schedules{})
	}}
	done := make(chan error, 1)
	go func() {
		done <- service.Local(ctx, service.Options{
			Log: slog.New(slog.DiscardHandler), Authority: authority, Admin: admin,
			Lookup: config.Map(map[string]string{
				"AQTRA_COMPONENT_LIBRARY_DATABASE_URL":       cfg.URL,
				"AQTRA_COMPONENT_LIBRARY_DATABASE_OWNER_URL": cfg.OwnerURL,
			}),
		}, componentlibrary.Unit(), gateway.unit(), storage.unit(), flows.unit())
	}()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
	select {
	case b := <-gateway.base:
		return world{gateway: b, minter: token.NewMinter(b.Certs, clock.Real(), time.Minute)}
	case err := <-done:
		t.Fatalf("not started: %v", err)
	}
	return world{}
}

func requireReason(t *testing.T, err error, reason faultv1.Reason) {
	t.Helper()
	require.True(t, fault.Has(err, reason), "want %s, got %v", reason, err)
}

// An author makes a component, publishes it and a user opens its page: over the real interceptors, with tokens.
func TestThroughTheHouse(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	conn := w.gateway.Peers.Conn("component-library")
	components, publications := libraryv1.NewComponentsClient(conn), libraryv1.NewPublicationsClient(conn)
	published, releases := libraryv1.NewPublishedClient(conn), libraryv1.NewReleasesClient(conn)
	admin := principal.Principal{Tenant: "t1", Roles: []string{"admin"}, Grants: []principal.Grant{{Permission: "*"}}}
	author := w.as(ctx, t, admin)

	for _, id := range []string{"a", "b", "c"} {
		_, err := components.CreateComponent(author, &libraryv1.CreateComponentRequest{Component: &libraryv1.Component{Id: id, Pages: []*libraryv1.Page{{Id: "p"}}}})
		require.NoError(t, err)
	}
	_, err := components.CreateComponent(author, &libraryv1.CreateComponentRequest{Component: &libraryv1.Component{Id: "A"}})
	requireReason(t, err, faultv1.Reason_REASON_DEFINITION_INVALID)
	_, err = components.CreateComponent(w.as(ctx, t, principal.Principal{Tenant: "t1"}), &libraryv1.CreateComponentRequest{})
	requireReason(t, err, faultv1.Reason_REASON_PERMISSION_DENIED)

	// Page by page; a token of one list is worth nothing in another, or in another tenant.
	var ids []string
	var tokens []string
	for next := ""; ; {
		res, err := components.ListComponents(author, &libraryv1.ListComponentsRequest{PageSize: 2, PageToken: next})
		require.NoError(t, err)
		for _, c := range res.GetComponents() {
			ids = append(ids, c.GetId())
		}
		if next = res.GetNextPageToken(); next == "" {
			break
		}
		tokens = append(tokens, next)
	}
	require.Equal(t, []string{"a", "b", "c"}, ids)
	other := admin
	other.Tenant = "t2"
	_, err = components.ListComponents(w.as(ctx, t, other), &libraryv1.ListComponentsRequest{PageToken: tokens[0]})
	requireReason(t, err, faultv1.Reason_REASON_PAGE_TOKEN_INVALID)
	_, err = components.ListRevisions(author, &libraryv1.ListRevisionsRequest{Component: "a", PageToken: tokens[0]})
	requireReason(t, err, faultv1.Reason_REASON_PAGE_TOKEN_INVALID)
	_, err = components.ListComponents(author, &libraryv1.ListComponentsRequest{PageToken: "%%"})
	requireReason(t, err, faultv1.Reason_REASON_PAGE_TOKEN_INVALID)
	_, err = components.ListComponents(author, &libraryv1.ListComponentsRequest{PageSize: -1})
	requireReason(t, err, faultv1.Reason_REASON_INVALID_FIELDS)

	// What differs between revisions. Nothing is live yet, so that all is new.
	a, err := components.GetComponent(author, &libraryv1.GetComponentRequest{Component: "a"})
	require.NoError(t, err)
	_, err = components.SavePart(author, &libraryv1.SavePartRequest{Component: "a", Etag: a.GetEtag(), Part: &libraryv1.SavePartRequest_Page{Page: &libraryv1.Page{Id: "p", Title: "First"}}})
	require.NoError(t, err)
	differ, err := components.DiffRevisions(author, &libraryv1.DiffRevisionsRequest{Component: "a", From: 1})
	require.NoError(t, err)
	require.EqualValues(t, 2, differ.GetTo())
	require.Equal(t, `page "First": title set to "First"`, differ.GetDifferences()[0].GetText())
	require.Len(t, differ.GetDifferences(), 1)
	differ, err = components.DiffRevisions(author, &libraryv1.DiffRevisionsRequest{Component: "a"})
	require.NoError(t, err)
	require.Equal(t, `page "First" added`, differ.GetDifferences()[0].GetText())
	_, err = components.DiffRevisions(author, &libraryv1.DiffRevisionsRequest{Component: "a", From: 7})
	requireReason(t, err, faultv1.Reason_REASON_REVISION_NOT_FOUND)
	_, err = components.DiffRevisions(w.as(ctx, t, other), &libraryv1.DiffRevisionsRequest{Component: "a", From: 1})
	requireReason(t, err, faultv1.Reason_REASON_COMPONENT_NOT_FOUND)

	// Empty pages are problems, and block.
	check, err := components.CheckComponent(author, &libraryv1.CheckComponentRequest{Component: "a"})
	require.NoError(t, err)
	require.Equal(t, "empty-page", check.GetProblems()[0].GetReason())
	_, err = publications.CreatePublication(author, &libraryv1.CreatePublicationRequest{})
	requireReason(t, err, faultv1.Reason_REASON_PUBLICATION_HAS_PROBLEMS)
	for _, id := range ids {
		c, err := components.GetComponent(author, &libraryv1.GetComponentRequest{Component: id})
		require.NoError(t, err)
		c.Pages = nil
		_, err = components.UpdateComponent(author, &libraryv1.UpdateComponentRequest{Component: c, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"pages"}}})
		require.NoError(t, err)
	}
	active, err := releases.GetActiveRelease(ctx, &libraryv1.GetActiveReleaseRequest{Tenant: "t1"})
	require.NoError(t, err)
	require.Empty(t, active.GetRelease())
	_, err = published.GetPublishedPage(author, &libraryv1.GetPublishedPageRequest{Component: "a", Page: "p"})
	requireReason(t, err, faultv1.Reason_REASON_NOTHING_PUBLISHED)

	plan, err := publications.PlanPublication(author, &libraryv1.PlanPublicationRequest{})
	require.NoError(t, err)
	require.Len(t, plan.GetChanges(), 3)
	p, err := publications.CreatePublication(author, &libraryv1.CreatePublicationRequest{RequestId: "first"})
	require.NoError(t, err)
	watch, err := publications.WatchPublication(author, &libraryv1.GetPublicationRequest{Publication: p.GetId()})
	require.NoError(t, err)
	var states []libraryv1.PublicationState
	for {
		m, err := watch.Recv()
		if err != nil {
			break
		}
		states = append(states, m.GetState())
		p = m
	}
	require.Equal(t, libraryv1.PublicationState_PUBLICATION_STATE_SUCCEEDED, p.GetState(), p.GetMessage())
	require.IsNonDecreasing(t, states)

	active, err = releases.GetActiveRelease(ctx, &libraryv1.GetActiveReleaseRequest{Tenant: "t1"})
	require.NoError(t, err)
	require.Equal(t, p.GetRelease(), active.GetRelease())
	r, err := releases.GetRelease(ctx, &libraryv1.GetReleaseRequest{Tenant: "t1", Release: p.GetRelease()})
	require.NoError(t, err)
	require.Len(t, r.GetComponents(), 3)
	_, err = releases.GetRelease(ctx, &libraryv1.GetReleaseRequest{Tenant: "t2", Release: p.GetRelease()})
	requireReason(t, err, faultv1.Reason_REASON_RELEASE_NOT_FOUND)

	user := principal.Principal{Tenant: "t1", Roles: []string{"member"}, Release: p.GetRelease()}
	list, err := published.ListPublishedComponents(w.as(ctx, t, user), &libraryv1.ListPublishedComponentsRequest{})
	require.NoError(t, err)
	require.Len(t, list.GetComponents(), 3)

	pubs, err := publications.ListPublications(author, &libraryv1.ListPublicationsRequest{PageSize: 1})
	require.NoError(t, err)
	require.Len(t, pubs.GetPublications(), 1)
	rels, err := publications.ListReleases(author, &libraryv1.ListReleasesRequest{})
	require.NoError(t, err)
	require.True(t, rels.GetReleases()[0].GetActive())
}

func TestConfig(t *testing.T) {
	t.Parallel()
	var cfg componentlibrary.Config
	err := config.Load("X", &cfg, config.Map(map[string]string{
		"X_DATABASE_URL": "postgres:///x?host=/tmp", "X_PUBLICATION_LEASE": "-1s", "X_PUBLICATION_PARALLEL": "1000",
	}))
	require.ErrorContains(t, err, "Lease")
	require.ErrorContains(t, err, "Parallel")
}

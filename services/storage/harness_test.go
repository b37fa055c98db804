package storage_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"crypto/rand"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/pgtest"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/rpc"
	"github.com/aqtra/aqtra/pkg/service"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	tenantsv1 "github.com/aqtra/aqtra/proto/gen/aqtra/tenants/v1"
	workflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/workflow/v1"

	"github.com/aqtra/aqtra/services/storage"
	"github.com/aqtra/aqtra/services/storage/internal/store"
)

// world is a storage service on a real Postgres, behind real interceptors, between small peers.
type world struct {
	t            testing.TB
	svc          *storage.Service
	peers        peers
	cfg          storage.Config
	library      *library
	workflow     *workflow
	bulk         storagev1.BulkClient // as the dataflow service
	bulkAs       func(peer string) storagev1.BulkClient
	recordingsAs func(peer string) storagev1.RecordingsClient
	entries      storagev1.EntriesClient
	holds        storagev1.HoldsClient
	files        storagev1.FilesClient
	schema       storagev1.SchemaClient
	tenants      storagev1.TenantsClient
	tenant       string
	release      string
	data         tenantsv1.TenantDataClient
}

// library hands out releases.
type library struct {
	libraryv1.UnimplementedReleasesServer

	mu       sync.Mutex
	releases map[string]*libraryv1.Release
}

func (l *library) GetRelease(_ context.Context, r *libraryv1.GetReleaseRequest) (*libraryv1.Release, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	got, ok := l.releases[r.GetTenant()+"/"+r.GetRelease()]
	if !ok {
		return nil, fault.NotFound(faultv1.Reason_REASON_RELEASE_NOT_FOUND, "there is no such release")
	}
	return got, nil
}

// workflow records starts; fail may refuse one before it is recorded, lose one after.
type workflow struct {
	workflowv1.UnimplementedTriggersServer

	mu     sync.Mutex
	fail   func(*workflowv1.StartTriggeredRequest) error
	lose   func(*workflowv1.StartTriggeredRequest) error
	calls  int
	starts []*workflowv1.StartTriggeredRequest
	seen   map[string]bool
	change chan struct{}
}

func (w *workflow) StartTriggered(_ context.Context, r *workflowv1.StartTriggeredRequest) (*workflowv1.StartTriggeredResponse, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	if w.fail != nil {
		if err := w.fail(r); err != nil {
			return nil, err
		}
	}
	if key := r.GetTenant() + r.GetRequestId(); !w.seen[key] {
		w.seen[key] = true
		w.starts = append(w.starts, r)
		select {
		case w.change <- struct{}{}:
		default:
		}
	}
	if w.lose != nil {
		if err := w.lose(r); err != nil {
			return nil, err
		}
	}
	return &workflowv1.StartTriggeredResponse{Run: "run-" + r.GetRequestId()}, nil
}

// peers reach the small servers over memory.
type peers map[string]grpc.ClientConnInterface

func (p peers) Conn(name string) grpc.ClientConnInterface { return p[name] }

// serve starts a server and returns a dialler that connects in the name of a service.
func serve(t testing.TB, name string, register func(grpc.ServiceRegistrar)) func(as string) *grpc.ClientConn {
	t.Helper()
	lis := bufconn.Listen(1 << 20)
	server, err := rpc.NewServer(rpc.ServerConfig{
		Service: name, Log: slog.New(slog.NewTextHandler(testLog{t}, nil)), Metrics: prometheus.NewRegistry(), Clock: clock.Real(), MaxMessage: 64 << 20,
		Authenticate: func(_ context.Context, _ string, md metadata.MD) (principal.Principal, error) {
			var p principal.Principal
			for _, text := range md.Get(rpc.TokenKey) {
				return p, json.Unmarshal([]byte(text), &p)
			}
			return p, fault.Unauthenticated(faultv1.Reason_REASON_UNAUTHENTICATED, "no token")
		},
	}, rpc.LocalCredentials(name))
	require.NoError(t, err)
	register(server)
	require.NoError(t, rpc.CheckRules(server, rpc.RegistryRules()))
	done := make(chan error, 1)
	go func() { done <- server.Serve(lis) }()
	t.Cleanup(func() {
		server.Stop()
		require.NoError(t, <-done)
	})
	return func(as string) *grpc.ClientConn {
		clients, err := rpc.NewClients(rpc.ClientConfig{Metrics: prometheus.NewRegistry(), Clock: clock.Real(), Deadline: time.Minute, MaxMessage: 64 << 20})
		require.NoError(t, err)
		conn, err := clients.Dial(name, "passthrough:///"+name, rpc.LocalCredentials(as),
			grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return lis.DialContext(ctx) }))
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, conn.Close()) })
		return conn
	}
}

// testLog writes the service's log to the test's, unless the test is over.
type testLog struct{ t testing.TB }

func (l testLog) Write(p []byte) (int, error) {
	if l.t.Context().Err() == nil {
		l.t.Logf("%s", p)
	}
	return len(p), nil
}

func newWorld(t testing.TB) *world {
	t.Helper()
	return newWorldOn(t, pgtest.Database(t, store.Schema, store.Migrations))
}

func newWorldOn(t testing.TB, pg postgres.Config, change ...func(*storage.Config)) *world {
	t.Helper()
	dir := t.TempDir()
	w := &world{
		t: t, library: &library{releases: map[string]*libraryv1.Release{}},
		workflow: &workflow{seen: map[string]bool{}, change: make(chan struct{}, 1)},
		cfg: storage.Config{
			Database: pg, KeyFile: filepath.Join(dir, "key.json"), CreateKey: true, FilesURL: "file://" + filepath.Join(dir, "files"),
			MaxFile: 8 << 20, Quota: 64 << 20, Releases: 8, RequestAge: time.Hour,
		},
		tenant: newTenant(),
	}
	for _, c := range change {
		c(&w.cfg)
	}
	lib := serve(t, "component-library", func(r grpc.ServiceRegistrar) { libraryv1.RegisterReleasesServer(r, w.library) })
	flow := serve(t, "workflow", func(r grpc.ServiceRegistrar) { workflowv1.RegisterTriggersServer(r, w.workflow) })
	w.peers = peers{"component-library": lib("storage"), "workflow": flow("storage")}
	w.svc = w.replica()
	dial := serve(t, "storage", w.svc.Register)
	w.bulkAs = func(peer string) storagev1.BulkClient { return storagev1.NewBulkClient(dial(peer)) }
	w.bulk = w.bulkAs("dataflow")
	w.recordingsAs = func(peer string) storagev1.RecordingsClient { return storagev1.NewRecordingsClient(dial(peer)) }
	gateway, publisher := dial("gateway"), dial("component-library")
	w.holds = storagev1.NewHoldsClient(gateway)
	w.entries, w.files, w.tenants = storagev1.NewEntriesClient(gateway), storagev1.NewFilesClient(gateway), storagev1.NewTenantsClient(gateway)
	w.schema = storagev1.NewSchemaClient(publisher)
	w.data = tenantsv1.NewTenantDataClient(gateway)
	w.provision(w.tenant)
	return w
}

// replica makes a service over the same database and files.
func (w *world) replica() *storage.Service {
	w.t.Helper()
	svc, err := storage.New(w.t.Context(), w.cfg, service.Base{
		Name: storage.Name, Log: slog.New(slog.NewTextHandler(testLog{w.t}, nil)), Metrics: prometheus.NewRegistry(), Clock: clock.Real(), Peers: w.peers,
	})
	require.NoError(w.t, err)
	w.t.Cleanup(func() { require.NoError(w.t, svc.Close()) })
	return svc
}

func newTenant() string {
	b := make([]byte, 6)
	_, _ = rand.Read(b)
	return "x" + hex.EncodeToString(b)
}

func (w *world) provision(tenant string) {
	w.t.Helper()
	_, err := w.tenants.ProvisionTenant(w.t.Context(), &storagev1.ProvisionTenantRequest{Tenant: tenant})
	require.NoError(w.t, err)
}

// run runs the background work of a service until the test ends.
func (w *world) run(svc *storage.Service) {
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan error, 1)
	go func() { done <- svc.Run(ctx) }()
	w.t.Cleanup(func() {
		cancel()
		require.NoError(w.t, <-done)
	})
}

// publish expands the tables and makes a new release live.
func (w *world) publish(components ...*libraryv1.Component) {
	w.t.Helper()
	require.NoError(w.t, w.expand(w.tenant, components...))
	w.flip(w.tenant, components...)
}

func (w *world) flip(tenant string, components ...*libraryv1.Component) {
	w.library.mu.Lock()
	defer w.library.mu.Unlock()
	w.release = fmt.Sprintf("r%d", len(w.library.releases)+1)
	w.library.releases[tenant+"/"+w.release] = &libraryv1.Release{Id: w.release, Tenant: tenant, Components: components}
}

type progress interface {
	Recv() (*storagev1.SchemaProgress, error)
}

func drain(stream progress, err error) error {
	for err == nil {
		_, err = stream.Recv()
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func (w *world) expand(tenant string, components ...*libraryv1.Component) error {
	return drain(w.schema.ExpandSchema(w.t.Context(), &storagev1.ExpandSchemaRequest{Tenant: tenant, Release: "next", Components: components}))
}

func (w *world) contract(confirmed []string, components ...*libraryv1.Component) error {
	return drain(w.schema.ContractSchema(w.t.Context(), &storagev1.ContractSchemaRequest{Tenant: w.tenant, Release: "next", Components: components, ConfirmedLosses: confirmed}))
}

func (w *world) plan(components ...*libraryv1.Component) *storagev1.PlanSchemaResponse {
	w.t.Helper()
	plan, err := w.schema.PlanSchema(w.t.Context(), &storagev1.PlanSchemaRequest{Tenant: w.tenant, Components: components})
	require.NoError(w.t, err)
	return plan
}

// as is a context in which somebody calls.
func (w *world) as(p principal.Principal) context.Context {
	if p.Tenant == "" {
		p.Tenant = w.tenant
	}
	if p.Subject == "" {
		p.Subject = "u1"
	}
	if p.Kind == "" {
		p.Kind = principal.KindUser
	}
	p.Release = w.release
	token, err := json.Marshal(p)
	require.NoError(w.t, err)
	return rpc.WithToken(w.t.Context(), token)
}

func (w *world) admin() context.Context {
	return w.as(principal.Principal{Roles: []string{"admin"}, Grants: []principal.Grant{{Permission: "*"}}})
}

// holder is somebody with custom roles and all permissions for entries and files.
func (w *world) holder(subject string, roles ...string) context.Context {
	return w.as(principal.Principal{Subject: subject, Email: subject + "@example.com", Roles: roles,
		Grants: []principal.Grant{{Permission: "entries.*"}, {Permission: "files.*"}}})
}

type values = map[string]any

func entry(t testing.TB, fields values) *storagev1.Entry {
	t.Helper()
	p, err := value.MapToProto(fields)
	require.NoError(t, err)
	return &storagev1.Entry{Fields: p}
}

func (w *world) create(ctx context.Context, component string, fields values) *storagev1.Entry {
	w.t.Helper()
	e, err := w.entries.CreateEntry(ctx, &storagev1.CreateEntryRequest{Component: component, Entry: entry(w.t, fields)})
	require.NoError(w.t, err)
	return e
}

func (w *world) update(ctx context.Context, component, id string, fields values) (*storagev1.Entry, error) {
	e := entry(w.t, fields)
	e.Id = id
	return w.entries.UpdateEntry(ctx, &storagev1.UpdateEntryRequest{Component: component, Entry: e})
}

func fieldsOf(t testing.TB, e *storagev1.Entry) values {
	t.Helper()
	m, err := value.MapFromProto(e.GetFields())
	require.NoError(t, err)
	return m
}

// refused checks the reason of an error and which fields it names.
func refused(t testing.TB, err error, reason faultv1.Reason, fields ...string) *fault.Error {
	t.Helper()
	require.Error(t, err)
	f, ok := fault.As(err)
	require.True(t, ok, "%v", err)
	require.Equal(t, reason, f.Reason, "%s: %v", f.Message, f.Violations)
	if len(fields) > 0 {
		var got []string
		for _, v := range f.Violations {
			got = append(got, v.Field)
		}
		require.ElementsMatch(t, fields, got, "%v", f.Violations)
	}
	return f
}

package engine_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/pgtest"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/pkg/principal"
	platform "github.com/aqtra/aqtra/pkg/rpc"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	dataflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/dataflow/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	pythonv1 "github.com/aqtra/aqtra/proto/gen/aqtra/python/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	workflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/workflow/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/check"
	"github.com/aqtra/aqtra/services/component-library/internal/engine"
	"github.com/aqtra/aqtra/services/component-library/internal/rpc"
	"github.com/aqtra/aqtra/services/component-library/internal/store"
)

// house is the library's engine among in-test servers of the services that it calls, on a real Postgres.
type house struct {
	t     *testing.T
	cfg   postgres.Config
	store *store.Store
	peers *rpc.Peers
	*engine.Engine
	storage *schemaServer
	owners  *ownerServer
}

var alice = engine.Caller{Tenant: "t1", Subject: "alice"}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, cfg: pgtest.Database(t, store.Schema, store.Migrations()), storage: &schemaServer{}, owners: &ownerServer{}}
	db, err := postgres.Open(t.Context(), h.cfg, postgres.Options{Schema: store.Schema})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	h.store = store.New(db)
	clients, err := platform.NewClients(platform.ClientConfig{Metrics: prometheus.NewRegistry(), Clock: clock.Real()})
	require.NoError(t, err)
	h.peers = rpc.NewPeers(func(service string) grpc.ClientConnInterface {
		lis := bufconn.Listen(256 << 10)
		srv, err := platform.NewServer(platform.ServerConfig{
			Service: service, Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(), Clock: clock.Real(),
			Authenticate: func(context.Context, string, metadata.MD) (principal.Principal, error) {
				return principal.Principal{}, nil
			},
		}, platform.LocalCredentials(service))
		require.NoError(t, err)
		switch service {
		case "storage":
			storagev1.RegisterSchemaServer(srv, h.storage)
		case "workflow":
			workflowv1.RegisterDefinitionsServer(srv, workflowOwner{ownerServer: h.owners})
			workflowv1.RegisterScheduleSyncServer(srv, scheduleSync{ownerServer: h.owners})
		case "dataflow":
			dataflowv1.RegisterDefinitionsServer(srv, dataflowOwner{ownerServer: h.owners})
		case "python-runner":
			pythonv1.RegisterRunnerServer(srv, pythonOwner{ownerServer: h.owners})
		}
		go func() { _ = srv.Serve(lis) }()
		t.Cleanup(srv.Stop)
		conn, err := clients.Dial(service, "passthrough:///"+service, platform.LocalCredentials("component-library"), grpc.WithContextDialer(
			func(ctx context.Context, _ string) (net.Conn, error) { return lis.DialContext(ctx) }))
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	})
	h.Engine = h.engine(h.store)
	return h
}

// engine makes another engine on the same store, as another process would be.
func (h *house) engine(leases engine.Leases) *engine.Engine {
	log := slog.New(slog.DiscardHandler)
	return engine.New(engine.Deps{
		Components: h.store, Index: h.store, Releases: h.store, Publications: h.store, Leases: leases,
		Checker: check.New(h.peers, log), Schema: h.peers, Runs: h.peers, Clock: clock.Real(), Log: log,
		Tuning: engine.Tuning{
			Lease: 600 * time.Millisecond, Poll: time.Second, Settle: time.Millisecond, Patience: 700 * time.Millisecond,
			SchemaTimeout: 20 * time.Second, Parallel: 4,
		},
	})
}

// start runs a worker; the function it returns stops it and waits.
func (h *house) start(e *engine.Engine) (stop func()) {
	ctx, cancel := context.WithCancel(h.t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = e.Run(ctx) })
	stop = func() {
		cancel()
		wg.Wait()
	}
	h.t.Cleanup(stop)
	return stop
}

// finish waits until a publication is done.
func (h *house) finish(id string) *libraryv1.Publication {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 30*time.Second)
	defer cancel()
	var last *libraryv1.Publication
	require.NoError(h.t, h.WatchPublication(ctx, alice.Tenant, id, func(p *libraryv1.Publication) error {
		last = p
		return nil
	}))
	return last
}

// create keeps a component with one field.
func (h *house) create(id string, fields ...string) *libraryv1.Component {
	h.t.Helper()
	c := &libraryv1.Component{Id: id, DisplayName: id, Model: &libraryv1.ObjectModel{}}
	for _, f := range fields {
		c.Model.Fields = append(c.Model.Fields, &libraryv1.Field{Name: f, Type: libraryv1.FieldType_FIELD_TYPE_STRING})
	}
	c, err := h.CreateComponent(h.t.Context(), alice, c)
	require.NoError(h.t, err)
	return c
}

// publish publishes all that changed and waits for the end.
func (h *house) publish(req *libraryv1.CreatePublicationRequest) *libraryv1.Publication {
	h.t.Helper()
	p, err := h.CreatePublication(h.t.Context(), alice, req)
	require.NoError(h.t, err)
	return h.finish(p.GetId())
}

func (h *house) active() string {
	h.t.Helper()
	id, err := h.ActiveRelease(h.t.Context(), alice.Tenant)
	require.NoError(h.t, err)
	return id
}

func document(t testing.TB, v map[string]any) *typev1.Value {
	t.Helper()
	p, err := value.ToProto(v)
	require.NoError(t, err)
	return p
}

// schemaServer is storage as the library sees it: it records calls and answers as a test wants.
type schemaServer struct {
	storagev1.UnimplementedSchemaServer
	mu    sync.Mutex
	calls []string
	// plan is the answer to PlanSchema; expand and contract may refuse or wait.
	plan             *storagev1.PlanSchemaResponse
	refuse           error
	asked            *storagev1.PlanSchemaRequest
	count            func(*storagev1.CountEntriesRequest) (*storagev1.CountEntriesResponse, error)
	expand, contract func(ctx context.Context) error
	confirmed        []string
}

func (s *schemaServer) record(call string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, call)
}

func (s *schemaServer) seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.calls...)
}

func (s *schemaServer) set(change func(*schemaServer)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

func (s *schemaServer) CountEntries(ctx context.Context, req *storagev1.CountEntriesRequest) (*storagev1.CountEntriesResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.count == nil {
		return s.UnimplementedSchemaServer.CountEntries(ctx, req)
	}
	return s.count(req)
}

func (s *schemaServer) PlanSchema(_ context.Context, req *storagev1.PlanSchemaRequest) (*storagev1.PlanSchemaResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked = req; s.refuse != nil {
		return nil, s.refuse
	}
	if s.plan == nil {
		return &storagev1.PlanSchemaResponse{}, nil
	}
	return s.plan, nil
}

func (s *schemaServer) ExpandSchema(req *storagev1.ExpandSchemaRequest, stream grpc.ServerStreamingServer[storagev1.SchemaProgress]) error {
	s.record("expand " + req.GetRelease())
	s.mu.Lock()
	f := s.expand
	s.mu.Unlock()
	return progress(f, stream)
}

func (s *schemaServer) ContractSchema(req *storagev1.ContractSchemaRequest, stream grpc.ServerStreamingServer[storagev1.SchemaProgress]) error {
	s.record("contract " + req.GetRelease())
	s.mu.Lock()
	f := s.contract
	s.confirmed = req.GetConfirmedLosses()
	s.mu.Unlock()
	return progress(f, stream)
}

func progress(f func(context.Context) error, stream grpc.ServerStreamingServer[storagev1.SchemaProgress]) error {
	for i := range int32(3) {
		if err := stream.Send(&storagev1.SchemaProgress{Done: i, Total: 3, Message: "a statement"}); err != nil {
			return err
		}
	}
	if f != nil {
		return f(stream.Context())
	}
	return nil
}

// ownerServer is workflow, dataflow and python-runner as the library sees them.
type ownerServer struct {
	mu     sync.Mutex
	err    error
	pinned []string
	// scheduled is the release whose workflows start by the clock, and the user for whom.
	scheduled string
	problems  []*catalogv1.Problem
	asked     int
}

func (o *ownerServer) set(change func(*ownerServer)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change(o)
}

func (o *ownerServer) answer() ([]*catalogv1.Problem, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked++
	return o.problems, o.err
}

func (o *ownerServer) questions() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.asked
}

type workflowOwner struct {
	workflowv1.UnimplementedDefinitionsServer
	*ownerServer
}

func (o workflowOwner) CheckWorkflow(context.Context, *workflowv1.CheckWorkflowRequest) (*workflowv1.CheckWorkflowResponse, error) {
	p, err := o.answer()
	return &workflowv1.CheckWorkflowResponse{Problems: p}, err
}

type scheduleSync struct {
	workflowv1.UnimplementedScheduleSyncServer
	*ownerServer
}

func (o scheduleSync) SyncSchedules(_ context.Context, req *workflowv1.SyncSchedulesRequest) (*workflowv1.SyncSchedulesResponse, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.scheduled = req.GetRelease() + " " + req.GetSubject()
	return &workflowv1.SyncSchedulesResponse{}, nil
}

func (o workflowOwner) ListPinnedReleases(context.Context, *workflowv1.ListPinnedReleasesRequest) (*workflowv1.ListPinnedReleasesResponse, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return &workflowv1.ListPinnedReleasesResponse{Releases: o.pinned}, nil
}

// ReplayRuns has a run of every workflow that ends otherwise, and one that goes as before.
func (o workflowOwner) ReplayRuns(_ context.Context, req *workflowv1.ReplayRunsRequest) (*workflowv1.ReplayRunsResponse, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return nil, o.err
	}
	return &workflowv1.ReplayRunsResponse{Runs: []*libraryv1.ReplayedRun{
		{Run: "1", Outcome: libraryv1.ReplayOutcome_REPLAY_OUTCOME_DIFFERENT, Step: "book", Text: req.GetRelease() + " " + req.GetComponent()},
		{Run: "2", Outcome: libraryv1.ReplayOutcome_REPLAY_OUTCOME_SAME},
	}}, nil
}

type dataflowOwner struct {
	dataflowv1.UnimplementedDefinitionsServer
	*ownerServer
}

func (o dataflowOwner) CheckDataflow(_ context.Context, req *dataflowv1.CheckDataflowRequest) (*dataflowv1.CheckDataflowResponse, error) {
	p, err := o.answer()
	return &dataflowv1.CheckDataflowResponse{Problems: p, References: []*catalogv1.Reference{{
		Path: "dataflows/" + req.GetDataflow() + "/steps/a", Kind: "component", TargetComponent: "customer",
	}}}, err
}

type pythonOwner struct {
	pythonv1.UnimplementedRunnerServer
	*ownerServer
}

func (o pythonOwner) CheckSource(context.Context, *pythonv1.CheckSourceRequest) (*pythonv1.CheckSourceResponse, error) {
	p, err := o.answer()
	return &pythonv1.CheckSourceResponse{Problems: p}, err
}

// mortal is a worker's access to the store that ends, as with kill -9: nothing gets through any more.
type mortal struct {
	engine.Leases
	mu   sync.Mutex
	dead bool
}

var errDead = errors.New("the process is dead")

func (m *mortal) kill() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dead = true
}

func (m *mortal) alive() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dead {
		return errDead
	}
	return nil
}

func (m *mortal) Claim(ctx context.Context, owner string, now, until time.Time, n int) ([]engine.Lease, error) {
	if err := m.alive(); err != nil {
		return nil, err
	}
	return m.Leases.Claim(ctx, owner, now, until, n)
}

func (m *mortal) Extend(ctx context.Context, l engine.Lease, until time.Time) error {
	if err := m.alive(); err != nil {
		return err
	}
	return m.Leases.Extend(ctx, l, until)
}

func (m *mortal) Move(ctx context.Context, l engine.Lease, s libraryv1.PublicationState, progress int, message string) error {
	if err := m.alive(); err != nil {
		return err
	}
	return m.Leases.Move(ctx, l, s, progress, message)
}

func (m *mortal) Flip(ctx context.Context, l engine.Lease, progress int, message string, now time.Time) error {
	if err := m.alive(); err != nil {
		return err
	}
	return m.Leases.Flip(ctx, l, progress, message, now)
}

func (m *mortal) Finish(ctx context.Context, l engine.Lease, s libraryv1.PublicationState, message string, now time.Time) error {
	if err := m.alive(); err != nil {
		return err
	}
	return m.Leases.Finish(ctx, l, s, message, now)
}

package engine_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"gopkg.in/yaml.v3"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/egress"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/pgtest"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/value"
	dataflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/dataflow/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	pythonv1 "github.com/aqtra/aqtra/proto/gen/aqtra/python/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
	"github.com/aqtra/aqtra/services/workflow/internal/notify"
	"github.com/aqtra/aqtra/services/workflow/internal/store"
	"github.com/aqtra/aqtra/services/workflow/internal/tasks"
)

// world is what lies around an engine: the other services, in memory, and what was asked of them.
type world struct {
	mu        sync.Mutex
	conns     map[string]*conn
	workflows map[string]any // documents by id
	roles     []string       // of every workflow
	entries   map[string]map[string]any
	held      []string // what was held and released, in order
	calls     []call
	results   map[string]any // of dataflows, by key: a repeated write is done once
	flow      func(c call) (any, error)
	refuse    error // of identity
	// together holds scripts back until as many as it has room for run, and before is over.
	together chan struct{}
	before   <-chan struct{}
}

type call struct {
	Name, Key string
	Input     any
	// Repeated is set when the key was seen before.
	Repeated bool
}

// conn calls servers of this process through the interfaces of the generated clients.
type conn struct {
	methods map[string]func(ctx context.Context, in proto.Message) (proto.Message, error)
}

func (c *conn) RegisterService(d *grpc.ServiceDesc, impl any) {
	for _, m := range d.Methods {
		c.methods["/"+d.ServiceName+"/"+m.MethodName] = func(ctx context.Context, in proto.Message) (proto.Message, error) {
			out, err := m.Handler(impl, ctx, func(req any) error { proto.Merge(req.(proto.Message), in); return nil }, nil)
			if err != nil {
				return nil, err
			}
			return out.(proto.Message), nil
		}
	}
}

func (c *conn) Invoke(ctx context.Context, method string, args, reply any, _ ...grpc.CallOption) error {
	m, ok := c.methods[method]
	if !ok {
		return errors.New("no method " + method)
	}
	out, err := m(ctx, args.(proto.Message))
	if err == nil {
		proto.Merge(reply.(proto.Message), out)
	}
	return err
}

func (c *conn) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, errors.New("no streams")
}

func (w *world) Conn(service string) grpc.ClientConnInterface { return w.conns[service] }

func newWorld() *world {
	w := &world{conns: map[string]*conn{}, workflows: map[string]any{}, entries: map[string]map[string]any{}, results: map[string]any{}}
	for _, name := range []string{"dataflow", "python-runner", "storage"} {
		w.conns[name] = &conn{methods: map[string]func(context.Context, proto.Message) (proto.Message, error){}}
	}
	dataflowv1.RegisterDataflowsServer(w.conns["dataflow"], dataflows{w: w})
	pythonv1.RegisterRunnerServer(w.conns["python-runner"], runner{w: w})
	storagev1.RegisterEntriesServer(w.conns["storage"], entries{w: w})
	storagev1.RegisterHoldsServer(w.conns["storage"], holds{w: w})
	return w
}

type dataflows struct {
	dataflowv1.UnimplementedDataflowsServer
	w *world
}

// RunDataflow keeps results by request id, as the real one does.
func (s dataflows) RunDataflow(_ context.Context, req *dataflowv1.RunDataflowRequest) (*dataflowv1.RunDataflowResponse, error) {
	in, _, err := value.FromProto(req.GetInput())
	if err != nil {
		return nil, err
	}
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	out, before := s.w.results[req.GetRequestId()]
	c := call{Name: req.GetDataflow(), Key: req.GetRequestId(), Input: in, Repeated: before}
	s.w.calls = append(s.w.calls, c)
	if !before {
		out = map[string]any{"echo": in}
		if s.w.flow != nil {
			if out, err = s.w.flow(c); err != nil {
				return nil, err
			}
		}
		s.w.results[req.GetRequestId()] = out
	}
	p, err := value.ToProto(out)
	return &dataflowv1.RunDataflowResponse{Output: p}, err
}

type runner struct {
	pythonv1.UnimplementedRunnerServer
	w *world
}

func (s runner) Execute(ctx context.Context, req *pythonv1.ExecuteRequest) (*pythonv1.ExecuteResponse, error) {
	if req.GetSource() == "raise" {
		return &pythonv1.ExecuteResponse{Outcomes: []*pythonv1.Outcome{{Error: &pythonv1.ScriptError{Message: "ValueError: no", Line: 3}}}}, nil
	}
	if s.w.together != nil {
		s.w.together <- struct{}{}
		for len(s.w.together) < cap(s.w.together) {
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(time.Millisecond):
			}
		}
		<-s.w.before
	}
	return &pythonv1.ExecuteResponse{Outcomes: []*pythonv1.Outcome{{Value: req.GetItems()[0]}}}, nil
}

type entries struct {
	storagev1.UnimplementedEntriesServer
	w *world
}

func (s entries) entry(id string) (*storagev1.Entry, error) {
	fields, ok := s.w.entries[id]
	if !ok {
		return nil, fault.NotFound(faultv1.Reason_REASON_ENTRY_NOT_FOUND, "entry not found")
	}
	p, err := value.MapToProto(fields)
	return &storagev1.Entry{Id: id, Name: "entry " + id, Fields: p}, err
}

func (s entries) GetEntry(_ context.Context, req *storagev1.GetEntryRequest) (*storagev1.Entry, error) {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	return s.entry(req.GetEntry())
}

func (s entries) UpdateEntry(_ context.Context, req *storagev1.UpdateEntryRequest) (*storagev1.Entry, error) {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	changed, err := value.MapFromProto(req.GetEntry().GetFields())
	if err != nil {
		return nil, err
	}
	s.w.calls = append(s.w.calls, call{Name: "update", Key: req.GetRequestId(), Input: changed})
	if s.w.entries[req.GetEntry().GetId()] != nil {
		maps.Copy(s.w.entries[req.GetEntry().GetId()], changed)
	}
	return s.entry(req.GetEntry().GetId())
}

type holds struct {
	storagev1.UnimplementedHoldsServer
	w *world
}

func (s holds) HoldEntry(_ context.Context, req *storagev1.HoldEntryRequest) (*storagev1.Hold, error) {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	s.w.held = append(s.w.held, req.GetWorkflow()+" holds "+req.GetEntry())
	return &storagev1.Hold{Run: req.GetRun()}, nil
}

func (s holds) ReleaseEntry(_ context.Context, req *storagev1.ReleaseEntryRequest) (*storagev1.Hold, error) {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	s.w.held = append(s.w.held, "released "+req.GetEntry())
	return &storagev1.Hold{}, nil
}

// Release implements engine.Releases.
func (w *world) Release(_ context.Context, tenant, id string) (*libraryv1.Release, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := component()
	for name, doc := range w.workflows {
		p, err := value.ToProto(doc)
		if err != nil {
			return nil, err
		}
		c.Workflows = append(c.Workflows, &libraryv1.Workflow{Id: name, Document: p, Roles: w.roles})
	}
	return &libraryv1.Release{Id: id, Tenant: tenant, Components: []*libraryv1.Component{c}}, nil
}

func component() *libraryv1.Component {
	return &libraryv1.Component{
		Id: "invoice",
		Model: &libraryv1.ObjectModel{Fields: []*libraryv1.Field{
			{Id: "f1", Name: "total", Type: libraryv1.FieldType_FIELD_TYPE_NUMBER},
			{Id: "f2", Name: "state", Type: libraryv1.FieldType_FIELD_TYPE_INTEGER, Rules: &libraryv1.Field_Integer{Integer: &libraryv1.IntegerRules{
				Options: []*libraryv1.EnumOption{{Value: 1, Label: "Paid"}, {Value: 2, Label: "Refused"}},
			}}},
		}},
		Pages:     []*libraryv1.Page{{Id: "form"}},
		Dataflows: []*libraryv1.Dataflow{{Id: "noop"}, {Id: "other"}},
		Scripts:   []*libraryv1.Script{{Id: "echo", Source: "echo"}, {Id: "raise", Source: "raise"}},
	}
}

// Act implements engine.Identity.
func (w *world) Act(ctx context.Context, _ engine.Run, _ []string) (context.Context, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return ctx, w.refuse
}

// Person implements engine.Identity.
func (w *world) Person(_ context.Context, _, subject string) (map[string]any, error) {
	return map[string]any{"id": subject, "email": "", "name": "", "roles": []any{}}, nil
}

func (w *world) callsOf(name string) []call {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []call
	for _, c := range w.calls {
		if c.Name == name {
			out = append(out, c)
		}
	}
	return out
}

// Find implements engine.Identity.
func (w *world) Find(_ context.Context, _, user string) (id, name string, err error) {
	id, ok := map[string]string{"eve": "eve", "eve@example.com": "eve"}[user]
	if !ok {
		return "", "", nil
	}
	return id, "Eve", nil
}

// Members implements notify.People.
func (w *world) Members(ctx context.Context, tenant string, users, roles []string) (out []notify.Person, err error) {
	for _, user := range users {
		if id, _, _ := w.Find(ctx, tenant, user); id != "" {
			out = append(out, notify.Person{ID: id, Email: "eve@example.com"})
		}
	}
	for _, role := range roles {
		if role == "clerk" {
			out = append(out, notify.Person{ID: "carl", Email: "carl@example.com"})
		}
	}
	return out, nil
}

// NoticeChanged implements notify.News.
func (*world) NoticeChanged(string, string, string) {}

// document adds a workflow from YAML; the head is written for it.
func (w *world) document(t testing.TB, name, text string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.workflows[name] = parse(t, text)
}

func parse(t testing.TB, text string) map[string]any {
	t.Helper()
	var doc map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(text), &doc))
	doc = plain(doc).(map[string]any)
	if doc["document"] == nil {
		doc["document"] = map[string]any{"dsl": "1.0.3", "namespace": "test", "name": "test", "version": "1.0.0"}
	}
	return doc
}

// plain gives what YAML read the types that values have.
func plain(v any) any {
	switch v := v.(type) {
	case int:
		return int64(v)
	case float64:
		return value.MustDecimal(fmt.Sprint(v))
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
		return v
	case map[string]any:
		for k := range v {
			v[k] = plain(v[k])
		}
		return v
	default:
		return v
	}
}

// site is a world with a database.
type site struct {
	*world
	t     testing.TB
	store *store.Store
	db    *postgres.DB
	clock clock.Clock
	desk  *notify.Desk
}

func newSite(t testing.TB) *site {
	t.Helper()
	cfg := pgtest.Database(t, store.Schema, store.Migrations())
	db, err := postgres.Open(context.WithoutCancel(t.Context()), cfg, postgres.Options{Schema: store.Schema})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	return newSiteOn(t, db)
}

func newSiteOn(t testing.TB, db *postgres.DB) *site {
	s := &site{world: newWorld(), t: t, store: store.New(db), db: db, clock: clock.Real()}
	s.desk = notify.NewDesk(s.store, s.world, s.world, s.clock, slog.New(slog.DiscardHandler), notify.Config{PerHour: 10})
	return s
}

// client makes an engine that never runs: it only starts, answers and reads.
func (s *site) client() *engine.Engine {
	s.t.Helper()
	kinds, err := tasks.All(s.world, local.Client(), s.desk)
	require.NoError(s.t, err)
	e, err := engine.New(engine.Config{Workers: 1, Committers: 1, Lease: time.Minute, Poll: time.Minute, CallTimeout: time.Minute, Programs: 9},
		engine.Deps{Store: s.store, Kinds: kinds, Releases: s.world, Identity: s.world, Clock: s.clock, Log: slog.New(slog.DiscardHandler)})
	require.NoError(s.t, err)
	return e
}

// engine makes an engine and runs it until the test ends or stop is called.
func (s *site) engine(change ...func(*engine.Config, *engine.Deps)) (e *engine.Engine, stop func()) {
	s.t.Helper()
	e, run := s.build(change...)
	return e, run()
}

// build makes an engine; run begins to advance runs, until the test ends or stop is called.
func (s *site) build(change ...func(*engine.Config, *engine.Deps)) (e *engine.Engine, run func() (stop func())) {
	s.t.Helper()
	kinds, err := tasks.All(s.world, local.Client(), s.desk)
	require.NoError(s.t, err)
	cfg := engine.Config{
		Workers: 64, Committers: 2, Lease: 500 * time.Millisecond, Poll: 200 * time.Millisecond, CallTimeout: 10 * time.Second, Programs: 64,
	}
	deps := engine.Deps{
		Store: s.store, Kinds: kinds, Releases: s.world, Identity: s.world, Clock: s.clock, Log: slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&cfg, &deps)
	}
	e, err = engine.New(cfg, deps)
	require.NoError(s.t, err)
	return e, func() func() {
		ctx, cancel := context.WithCancel(context.WithoutCancel(s.t.Context()))
		done := make(chan error, 1)
		go func() { done <- e.Run(ctx) }()
		var once sync.Once
		stop := func() {
			once.Do(func() {
				cancel()
				require.NoError(s.t, <-done)
			})
		}
		s.t.Cleanup(stop)
		return stop
	}
}

// local lets runs call servers of the test.
var local = egress.Config{Allow: []string{"127.0.0.0/8"}}

var ada = principal.Principal{
	Tenant: "t1", Subject: "ada", DisplayName: "Ada", Email: "ada@example.com", Roles: []string{"clerk"}, Release: "r1",
}

// finish waits until a run is finished.
func (s *site) finish(e *engine.Engine, id string) engine.Run {
	s.t.Helper()
	return s.until(e, id, func(r engine.Run) bool { return r.State.Finished() })
}

func (s *site) until(e *engine.Engine, id string, ok func(engine.Run) bool) engine.Run {
	s.t.Helper()
	var r engine.Run
	require.Eventually(s.t, func() bool {
		var err error
		r, err = e.Get(s.t.Context(), ada.Tenant, id)
		require.NoError(s.t, err)
		return ok(r)
	}, 2*time.Minute, 5*time.Millisecond, "run %s", id)
	return r
}

func decode(t testing.TB, b []byte) any {
	t.Helper()
	v, err := engine.Decode(b)
	require.NoError(t, err)
	return v
}

func (s *site) types(e *engine.Engine, id string) []string {
	s.t.Helper()
	events, more, err := e.History(s.t.Context(), ada.Tenant, id, 0, 500)
	require.NoError(s.t, err)
	require.False(s.t, more)
	out := make([]string, len(events))
	for i, event := range events {
		require.Equal(s.t, int64(i+1), event.Seq)
		out[i] = event.Type + " " + event.Task
	}
	return out
}

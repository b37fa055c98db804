package workflow_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"
	"gopkg.in/yaml.v3"

	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/pgtest"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/rpc"
	"github.com/aqtra/aqtra/pkg/service"
	"github.com/aqtra/aqtra/pkg/token"
	"github.com/aqtra/aqtra/pkg/value"
	"github.com/aqtra/aqtra/pkg/wirejson"
	dataflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/dataflow/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	workflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/workflow/v1"
	"github.com/aqtra/aqtra/services/workflow"
	"github.com/aqtra/aqtra/services/workflow/internal/store"
)

// world is the workflow service between small servers, all of them behind the real interceptors.
type world struct {
	identityv1.UnimplementedDelegationServer
	libraryv1.UnimplementedReleasesServer
	storagev1.UnimplementedEntriesServer
	dataflowv1.UnimplementedDataflowsServer

	t          *testing.T
	minter     *token.Minter
	components []*libraryv1.Component
	runs       workflowv1.RunsClient
	tasks      workflowv1.TasksClient
	catalog    workflowv1.CatalogClient
	checks     workflowv1.DefinitionsClient // as the component library
	foreign    workflowv1.DefinitionsClient // as the gateway, which may not
	triggers   workflowv1.TriggersClient    // as storage

	mu       sync.Mutex
	entries  map[string]map[string]any
	asked    []*dataflowv1.RunDataflowRequest
	subjects []string // whom calls were made for
}

// neighbour is a service of the test.
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

func (n *neighbour) Register(r grpc.ServiceRegistrar) { n.register(r) }

func (n *neighbour) Ready(context.Context) error { return nil }

func (n *neighbour) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

func start(t *testing.T, components ...*libraryv1.Component) *world {
	t.Helper()
	authority, err := certs.OpenAuthority(t.TempDir(), clock.Real())
	require.NoError(t, err)
	admin, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w := &world{t: t, components: components, entries: map[string]map[string]any{}}
	neighbours := map[string]func(grpc.ServiceRegistrar){
		"gateway":           func(r grpc.ServiceRegistrar) { identityv1.RegisterDelegationServer(r, w) },
		"component-library": func(r grpc.ServiceRegistrar) { libraryv1.RegisterReleasesServer(r, w) },
		"storage":           func(r grpc.ServiceRegistrar) { storagev1.RegisterEntriesServer(r, w) },
		"dataflow":          func(r grpc.ServiceRegistrar) { dataflowv1.RegisterDataflowsServer(r, w) },
		"python-runner":     func(grpc.ServiceRegistrar) {},
	}
	units := []service.Unit{workflow.Unit()}
	bases := map[string]chan service.Base{}
	for name, register := range neighbours {
		n := &neighbour{name: name, register: register, base: make(chan service.Base, 1)}
		units, bases[name] = append(units, n.unit()), n.base
	}
	database := pgtest.Database(t, store.Schema, nil)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	settings := config.Map(map[string]string{"AQTRA_WORKFLOW_DATABASE_URL": database.URL, "AQTRA_WORKFLOW_DATABASE_OWNER_URL": database.OwnerURL})
	go func() {
		done <- service.Local(ctx, service.Options{Log: slog.New(slog.DiscardHandler), Authority: authority, Admin: admin, Lookup: settings}, units...)
	}()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
	conns := map[string]grpc.ClientConnInterface{}
	for name, base := range bases {
		select {
		case b := <-base:
			conns[name] = b.Peers.Conn("workflow")
			if name == "gateway" {
				w.minter = token.NewMinter(b.Certs, clock.Real(), time.Minute)
			}
		case err := <-done:
			done <- nil
			t.Fatalf("not started: %v", err)
		}
	}
	w.runs, w.tasks = workflowv1.NewRunsClient(conns["gateway"]), workflowv1.NewTasksClient(conns["gateway"])
	w.catalog, w.foreign = workflowv1.NewCatalogClient(conns["gateway"]), workflowv1.NewDefinitionsClient(conns["gateway"])
	w.checks, w.triggers = workflowv1.NewDefinitionsClient(conns["component-library"]), workflowv1.NewTriggersClient(conns["storage"])
	return w
}

// user is somebody of the tenant t1 whose requests are pinned to the release r1.
func user(subject string, roles []string, grants ...string) principal.Principal {
	p := principal.Principal{
		Tenant: "t1", Subject: subject, Kind: principal.KindUser, DisplayName: subject, Email: subject + "@example.com", Release: "r1", Roles: roles,
	}
	for _, g := range grants {
		p.Grants = append(p.Grants, principal.Grant{Permission: g})
	}
	return p
}

func admin() principal.Principal { return user("root", []string{"admin"}, "*") }

func (w *world) as(p principal.Principal) context.Context {
	w.t.Helper()
	tok, err := w.minter.Mint(p, "workflow")
	require.NoError(w.t, err)
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	w.t.Cleanup(cancel)
	return rpc.WithToken(ctx, tok)
}

// Delegate makes a token for the subject of a run.
func (w *world) Delegate(_ context.Context, req *identityv1.DelegateRequest) (*identityv1.DelegateResponse, error) {
	if req.GetSubject() == "gone" {
		return nil, fault.NotFound(faultv1.Reason_REASON_USER_NOT_FOUND, "user not found")
	}
	p := user(req.GetSubject(), []string{"admin"}, "*")
	p.Release = req.GetRelease()
	tok, err := w.minter.Mint(p, req.GetAudience()...)
	return &identityv1.DelegateResponse{Token: tok, ExpireTime: timestamppb.New(time.Now().Add(time.Minute))}, err
}

// FindUsers knows everybody.
func (w *world) FindUsers(_ context.Context, req *identityv1.FindUsersRequest) (*identityv1.ListUsersResponse, error) {
	return &identityv1.ListUsersResponse{Users: []*identityv1.User{{Id: req.GetUsers()[0], Email: req.GetUsers()[0] + "@example.com", Roles: []string{"member"}}}}, nil
}

// GetRelease returns the components of the test.
func (w *world) GetRelease(_ context.Context, req *libraryv1.GetReleaseRequest) (*libraryv1.Release, error) {
	return &libraryv1.Release{Id: req.GetRelease(), Tenant: req.GetTenant(), Components: w.components}, nil
}

func (w *world) note(ctx context.Context) {
	p, _ := principal.From(ctx)
	w.subjects = append(w.subjects, p.Subject)
}

// GetEntry returns an entry.
func (w *world) GetEntry(ctx context.Context, req *storagev1.GetEntryRequest) (*storagev1.Entry, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note(ctx)
	return w.entry(req.GetEntry())
}

func (w *world) entry(id string) (*storagev1.Entry, error) {
	fields, ok := w.entries[id]
	if !ok {
		return nil, fault.NotFound(faultv1.Reason_REASON_ENTRY_NOT_FOUND, "entry not found")
	}
	p, err := value.MapToProto(fields)
	return &storagev1.Entry{Id: id, Fields: p, CreateTime: timestamppb.Now()}, err
}

// UpdateEntry changes fields.
func (w *world) UpdateEntry(ctx context.Context, req *storagev1.UpdateEntryRequest) (*storagev1.Entry, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note(ctx)
	changed, err := value.MapFromProto(req.GetEntry().GetFields())
	if err != nil {
		return nil, err
	}
	for name, v := range changed {
		w.entries[req.GetEntry().GetId()][name] = v
	}
	return w.entry(req.GetEntry().GetId())
}

// RunDataflow notes what was asked.
func (w *world) RunDataflow(ctx context.Context, req *dataflowv1.RunDataflowRequest) (*dataflowv1.RunDataflowResponse, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note(ctx)
	w.asked = append(w.asked, req)
	return &dataflowv1.RunDataflowResponse{Output: req.GetInput()}, nil
}

// until reads a run until it stands where it should.
func (w *world) until(id string, state workflowv1.RunState) *workflowv1.Run {
	w.t.Helper()
	var run *workflowv1.Run
	require.Eventually(w.t, func() bool {
		var err error
		run, err = w.runs.GetRun(w.as(admin()), &workflowv1.GetRunRequest{Run: id})
		require.NoError(w.t, err)
		return run.GetState() == state || run.GetFinishTime() != nil
	}, 20*time.Second, 5*time.Millisecond)
	require.Equal(w.t, state, run.GetState(), "%v", run.GetError())
	return run
}

// readSample reads the components of a sample of the gateway as they stand there.
func readSample(t *testing.T, name string) []*libraryv1.Component {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "gateway", "internal", "samples", "data", name, "sample.yaml"))
	require.NoError(t, err)
	var sample struct{ Components []map[string]any }
	require.NoError(t, yaml.Unmarshal(text, &sample))
	var components []*libraryv1.Component
	for _, plain := range sample.Components {
		text, err := json.Marshal(plain)
		require.NoError(t, err)
		c := &libraryv1.Component{}
		require.NoError(t, wirejson.New().Unmarshal(text, c))
		components = append(components, c)
	}
	return components
}

package dataflow_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"gopkg.in/yaml.v3"

	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/rpc"
	"github.com/aqtra/aqtra/pkg/service"
	"github.com/aqtra/aqtra/pkg/token"
	"github.com/aqtra/aqtra/pkg/value"
	"github.com/aqtra/aqtra/pkg/wirejson"
	dataflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/dataflow/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	pythonv1 "github.com/aqtra/aqtra/proto/gen/aqtra/python/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	workflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/workflow/v1"
	"github.com/aqtra/aqtra/services/dataflow"
)

// neighbour is a service of the test: it registers small servers and hands out its connections.
type neighbour struct {
	name     string
	register func(grpc.ServiceRegistrar)
	base     chan service.Base
}

func newNeighbour(name string, register func(grpc.ServiceRegistrar)) *neighbour {
	return &neighbour{name: name, register: register, base: make(chan service.Base, 1)}
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

// world is the dataflow service between small servers, all of them behind the real interceptors.
type world struct {
	t        *testing.T
	minter   *token.Minter
	runs     dataflowv1.DataflowsClient
	catalog  dataflowv1.CatalogClient
	checks   dataflowv1.DefinitionsClient // as the component library
	foreign  dataflowv1.DefinitionsClient // as the gateway, which may not
	storage  *storage
	files    *files
	python   *python
	library  *library
	workflow *workflow
	recorded *recordings
}

func start(t *testing.T, settings map[string]string, components ...*libraryv1.Component) *world {
	t.Helper()
	authority, err := certs.OpenAuthority(t.TempDir(), clock.Real())
	require.NoError(t, err)
	admin, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w := &world{t: t, storage: newStorage(components), files: newFiles(), python: &python{started: make(chan struct{}, 1)}, library: newLibrary(components), workflow: &workflow{}, recorded: &recordings{}}
	gateway := newNeighbour("gateway", func(grpc.ServiceRegistrar) {})
	lib := newNeighbour("component-library", func(r grpc.ServiceRegistrar) { libraryv1.RegisterReleasesServer(r, w.library) })
	units := []service.Unit{dataflow.Unit(), gateway.unit(), lib.unit()}
	for name, register := range map[string]func(grpc.ServiceRegistrar){
		"storage": func(r grpc.ServiceRegistrar) {
			storagev1.RegisterEntriesServer(r, w.storage)
			storagev1.RegisterFilesServer(r, w.files)
			storagev1.RegisterRecordingsServer(r, w.recorded)
		},
		"python-runner": func(r grpc.ServiceRegistrar) { pythonv1.RegisterRunnerServer(r, w.python) },
		"workflow":      func(r grpc.ServiceRegistrar) { workflowv1.RegisterRunsServer(r, w.workflow) },
	} {
		units = append(units, newNeighbour(name, register).unit())
	}
	if _, ok := settings["AQTRA_DATAFLOW_RECORD_EVERY"]; !ok {
		settings = maps.Clone(settings)
		if settings == nil {
			settings = map[string]string{}
		}
		settings["AQTRA_DATAFLOW_RECORD_EVERY"] = "1ns"
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- service.Local(ctx, service.Options{
			Log: slog.New(slog.DiscardHandler), Authority: authority, Admin: admin, Lookup: config.Map(settings),
		}, units...)
	}()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
	bases := make([]service.Base, 2)
	for i, n := range []*neighbour{gateway, lib} {
		select {
		case bases[i] = <-n.base:
		case err := <-done:
			t.Fatalf("not started: %v", err)
		}
	}
	w.minter = token.NewMinter(bases[0].Certs, clock.Real(), time.Minute)
	conn := bases[0].Peers.Conn("dataflow")
	w.runs, w.catalog, w.foreign = dataflowv1.NewDataflowsClient(conn), dataflowv1.NewCatalogClient(conn), dataflowv1.NewDefinitionsClient(conn)
	w.checks = dataflowv1.NewDefinitionsClient(bases[1].Peers.Conn("dataflow"))
	return w
}

// user is somebody of the tenant t1 whose requests are pinned to the release r1.
func user(roles []string, grants ...string) principal.Principal {
	p := principal.Principal{
		Tenant: "t1", Subject: "u1", Kind: principal.KindUser, DisplayName: "Ada", Email: "ada@example.com", Release: "r1", Roles: roles,
	}
	for _, g := range grants {
		p.Grants = append(p.Grants, principal.Grant{Permission: g})
	}
	return p
}

func admin() principal.Principal { return user([]string{"admin"}, "*") }

func (w *world) as(p principal.Principal) context.Context {
	w.t.Helper()
	tok, err := w.minter.Mint(p, "dataflow", "storage", "python-runner", "workflow", "component-library")
	require.NoError(w.t, err)
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	w.t.Cleanup(cancel)
	return rpc.WithToken(ctx, tok)
}

// run runs a dataflow; the output is a Go value.
func (w *world) run(p principal.Principal, component, flow string, input any, change ...func(*dataflowv1.RunDataflowRequest)) (any, *dataflowv1.RunDataflowResponse, error) {
	w.t.Helper()
	in, err := value.ToProto(input)
	require.NoError(w.t, err)
	req := &dataflowv1.RunDataflowRequest{Component: component, Dataflow: flow, Input: in}
	for _, f := range change {
		f(req)
	}
	resp, err := w.runs.RunDataflow(w.as(p), req)
	if err != nil {
		return nil, nil, err
	}
	out, _, err := value.FromProto(resp.GetOutput())
	require.NoError(w.t, err)
	return out, resp, nil
}

func requireFault(t *testing.T, err error, reason faultv1.Reason) *fault.Error {
	t.Helper()
	f, ok := fault.As(err)
	require.True(t, ok, "want %s, got %v", reason, err)
	require.Equal(t, reason, f.Reason, f.Message)
	return f
}

// readSample reads the components of a sample of the gateway as they stand there.
func readSample(t *testing.T, name string) []*libraryv1.Component {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "gateway", "internal", "samples", "data", name, "sample.yaml"))
	require.NoError(t, err)
	var sample struct{ Components []map[string]any }
	require.NoError(t, yaml.Unmarshal(text, &sample))
	var components []*libraryv1.Component
	for _, c := range sample.Components {
		components = append(components, component(t, c))
	}
	return components
}

// component makes a component of its plain form, and gives its fields ids.
func component(t *testing.T, plain any) *libraryv1.Component {
	t.Helper()
	text, err := json.Marshal(plain)
	require.NoError(t, err)
	c := &libraryv1.Component{}
	require.NoError(t, wirejson.New().Unmarshal(text, c))
	for _, f := range c.GetModel().GetFields() {
		f.Id = c.GetId() + "_" + f.GetName()
	}
	return c
}

// yamlComponent is component for one that stands in a test.
func yamlComponent(t *testing.T, text string) *libraryv1.Component {
	t.Helper()
	var plain map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(text), &plain))
	return component(t, plain)
}

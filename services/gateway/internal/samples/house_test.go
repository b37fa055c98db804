package samples

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/rpc"
	"github.com/aqtra/aqtra/pkg/value"
	dataflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/dataflow/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	workflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/workflow/v1"
)

// house plays the peers for one tenant, behind the real interceptors, and keeps what they promise: what is there is there
// once, and a request id belongs to one content.
type house struct {
	tenant string
	conn   *grpc.ClientConn

	mu         sync.Mutex
	calls      []string       // every call as "subject@release Method details", in order
	effects    map[string]int // how often a call changed something
	requests   map[string]string
	roles      map[string]bool
	components map[string]*libraryv1.Component
	uploads    int
	uploaded   []byte
	release    string
	delegated  []*identityv1.DelegateRequest
	unable     error // of Delegate
	// before may refuse a call; after sees one whose effect is there while the answer is not.
	before func(call string) error
	after  func(call string)
	// failing is what publications fail with.
	failing string
}

func newHouse(t *testing.T, tenant string) *house {
	t.Helper()
	h := &house{
		tenant: tenant, effects: map[string]int{}, requests: map[string]string{}, roles: map[string]bool{},
		components: map[string]*libraryv1.Component{},
	}
	reg := prometheus.NewRegistry()
	server, err := rpc.NewServer(rpc.ServerConfig{
		Service: "component-library", Log: slog.New(slog.DiscardHandler), Metrics: reg, Clock: clock.Real(), Authenticate: h.authenticate,
	}, rpc.LocalCredentials("component-library"))
	require.NoError(t, err)
	identityv1.RegisterUsersServer(server, users{house: h})
	libraryv1.RegisterComponentsServer(server, components{house: h})
	libraryv1.RegisterPublicationsServer(server, publications{house: h})
	libraryv1.RegisterReleasesServer(server, releases{house: h})
	dataflowv1.RegisterDataflowsServer(server, dataflows{house: h})
	workflowv1.RegisterRunsServer(server, runs{house: h})
	storagev1.RegisterFilesServer(server, files{house: h})
	storagev1.RegisterEntriesServer(server, entries{house: h})
	lis := bufconn.Listen(1 << 20)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		_ = server.Serve(lis) // ends with Stop
	}()
	clients, err := rpc.NewClients(rpc.ClientConfig{Metrics: reg, Clock: clock.Real()})
	require.NoError(t, err)
	h.conn, err = clients.Dial("component-library", "passthrough:///house", rpc.LocalCredentials("gateway"), grpc.WithContextDialer(
		func(ctx context.Context, _ string) (net.Conn, error) { return lis.DialContext(ctx) }))
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = h.conn.Close()
		server.Stop()
		<-stopped
	})
	return h
}

// Conn implements service.Peers: all peers live in one house.
func (h *house) Conn(string) grpc.ClientConnInterface { return h.conn }

// delegate makes a token that says in plain text whom it is for.
func (h *house) delegate(_ context.Context, req *identityv1.DelegateRequest) (*identityv1.DelegateResponse, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.delegated = append(h.delegated, proto.CloneOf(req))
	return &identityv1.DelegateResponse{Token: []byte(req.GetTenant() + "|" + req.GetSubject() + "|" + req.GetRelease())}, h.unable
}

func (h *house) authenticate(_ context.Context, _ string, md metadata.MD) (principal.Principal, error) {
	tokens := md.Get(rpc.TokenKey)
	if len(tokens) != 1 {
		return principal.Principal{}, fault.Unauthenticated(faultv1.Reason_REASON_UNAUTHENTICATED, "nobody")
	}
	parts := strings.Split(tokens[0], "|")
	return principal.Principal{
		Tenant: parts[0], Subject: parts[1], Release: parts[2], Kind: principal.KindRun, Grants: []principal.Grant{{Permission: "*"}},
	}, nil
}

// call notes a call and, unless it is refused, does it.
func (h *house) call(ctx context.Context, call string, do func() error) error {
	p, _ := principal.From(ctx)
	h.mu.Lock()
	h.calls = append(h.calls, fmt.Sprintf("%s@%s %s", p.Subject, p.Release, call))
	before, after := h.before, h.after
	h.mu.Unlock()
	if p.Tenant != h.tenant {
		return errors.New("called for another tenant")
	}
	if before != nil {
		if err := before(call); err != nil {
			return err
		}
	}
	h.mu.Lock()
	err := do()
	h.mu.Unlock()
	if err == nil && after != nil {
		after(call)
	}
	return err
}

// once does what a request id stands for, the first time.
func (h *house) once(id, content string) (first bool, err error) {
	was, seen := h.requests[id]
	if seen && was != content {
		return false, fault.Conflict(faultv1.Reason_REASON_REQUEST_ID_REUSED, "the request id was used for another request")
	}
	h.requests[id] = content
	if !seen {
		h.effects[content]++
	}
	return !seen, nil
}

// took returns the calls since the last time.
func (h *house) took() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	calls := h.calls
	h.calls = nil
	return calls
}

// hooks sets what happens around calls.
func (h *house) hooks(before func(string) error, after func(string)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.before, h.after = before, after
}

// text is a value as JSON in which files and references can be told from texts.
func text(v *typev1.Value) string {
	plain, _, err := value.FromProto(v)
	if err != nil {
		return err.Error()
	}
	out, err := value.ToJSON(marked(plain))
	if err != nil {
		return err.Error()
	}
	return string(out)
}

func marked(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for k, item := range v {
			m[k] = marked(item)
		}
		return m
	case value.File:
		return map[string]any{"$file": string(v)}
	case value.Ref:
		return map[string]any{"$ref": string(v)}
	default:
		return v
	}
}

type users struct {
	identityv1.UnimplementedUsersServer
	*house
}

func (s users) CreateRole(ctx context.Context, req *identityv1.CreateRoleRequest) (*identityv1.Role, error) {
	call := "CreateRole " + req.GetRole().GetId()
	return req.GetRole(), s.call(ctx, call, func() error {
		if s.roles[req.GetRole().GetId()] {
			return fault.AlreadyExists(faultv1.Reason_REASON_ROLE_EXISTS, "there is a role with this id")
		}
		s.roles[req.GetRole().GetId()] = true
		s.effects[call]++
		return nil
	})
}

type components struct {
	libraryv1.UnimplementedComponentsServer
	*house
}

func (s components) CreateComponent(ctx context.Context, req *libraryv1.CreateComponentRequest) (*libraryv1.Component, error) {
	c := proto.CloneOf(req.GetComponent())
	call := "CreateComponent " + c.GetId()
	return c, s.call(ctx, call, func() error {
		if s.components[c.GetId()] != nil {
			return fault.AlreadyExists(faultv1.Reason_REASON_COMPONENT_EXISTS, "a component is there already")
		}
		c.Uid, c.Revision, c.Etag = "uid"+c.GetId(), 1, "e1"
		for i, f := range c.GetModel().GetFields() {
			f.Id = fmt.Sprintf("field%05d", i)
		}
		s.components[c.GetId()] = c
		s.effects[call]++
		return nil
	})
}

func (s components) GetComponent(ctx context.Context, req *libraryv1.GetComponentRequest) (*libraryv1.Component, error) {
	var c *libraryv1.Component
	err := s.call(ctx, fmt.Sprintf("GetComponent %s %d", req.GetComponent(), req.GetRevision()), func() error {
		c = s.components[req.GetComponent()]
		return nil
	})
	return c, err
}

type publications struct {
	libraryv1.UnimplementedPublicationsServer
	*house
}

func (s publications) CreatePublication(ctx context.Context, req *libraryv1.CreatePublicationRequest) (*libraryv1.Publication, error) {
	call := fmt.Sprintf("CreatePublication %s %s", strings.Join(req.GetComponents(), ","), req.GetRequestId())
	return &libraryv1.Publication{Id: "pub"}, s.call(ctx, call, func() error {
		if first, err := s.once(req.GetRequestId(), call); err != nil || !first {
			return err
		}
		if s.failing == "" {
			s.release = "rel-" + req.GetRequestId()[strings.LastIndex(req.GetRequestId(), "/")+1:]
		}
		return nil
	})
}

func (s publications) WatchPublication(req *libraryv1.GetPublicationRequest, stream grpc.ServerStreamingServer[libraryv1.Publication]) error {
	p := &libraryv1.Publication{Id: req.GetPublication(), State: libraryv1.PublicationState_PUBLICATION_STATE_EXPANDING}
	if err := stream.Send(p); err != nil {
		return err
	}
	return s.call(stream.Context(), "WatchPublication "+req.GetPublication(), func() error {
		p.State = libraryv1.PublicationState_PUBLICATION_STATE_SUCCEEDED
		if s.failing != "" {
			p.State, p.Message = libraryv1.PublicationState_PUBLICATION_STATE_FAILED, s.failing
		}
		return stream.Send(p)
	})
}

type releases struct {
	libraryv1.UnimplementedReleasesServer
	*house
}

func (s releases) GetActiveRelease(_ context.Context, req *libraryv1.GetActiveReleaseRequest) (*libraryv1.ActiveRelease, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if req.GetTenant() != s.tenant {
		return nil, errors.New("asked for another tenant")
	}
	return &libraryv1.ActiveRelease{Release: s.release}, nil
}

type dataflows struct {
	dataflowv1.UnimplementedDataflowsServer
	*house
}

func (s dataflows) RunDataflow(ctx context.Context, req *dataflowv1.RunDataflowRequest) (*dataflowv1.RunDataflowResponse, error) {
	call := fmt.Sprintf("RunDataflow %s/%s %s %s", req.GetComponent(), req.GetDataflow(), req.GetRequestId(), text(req.GetInput()))
	return &dataflowv1.RunDataflowResponse{}, s.call(ctx, call, func() error {
		_, err := s.once(req.GetRequestId(), call)
		return err
	})
}

type runs struct {
	workflowv1.UnimplementedRunsServer
	*house
}

func (s runs) StartRun(ctx context.Context, req *workflowv1.StartRunRequest) (*workflowv1.Run, error) {
	call := fmt.Sprintf("StartRun %s/%s %s %s entry=%s key=%s",
		req.GetComponent(), req.GetWorkflow(), req.GetRequestId(), text(req.GetInput()), req.GetEntry(), req.GetBusinessKey())
	return &workflowv1.Run{}, s.call(ctx, call, func() error {
		_, err := s.once(req.GetRequestId(), call)
		return err
	})
}

type entries struct {
	storagev1.UnimplementedEntriesServer
	*house
}

func (s entries) ListEntries(ctx context.Context, req *storagev1.ListEntriesRequest) (*storagev1.ListEntriesResponse, error) {
	resp := &storagev1.ListEntriesResponse{}
	return resp, s.call(ctx, fmt.Sprintf("ListEntries %s %s", req.GetComponent(), req.GetFilter()), func() error {
		if s.uploads > 0 { // the entries come from the file
			resp.Entries = append(resp.Entries, &storagev1.Entry{Id: "entry-7"})
		}
		return nil
	})
}

type files struct {
	storagev1.UnimplementedFilesServer
	*house
}

func (s files) UploadFile(stream grpc.ClientStreamingServer[storagev1.UploadFileRequest, storagev1.File]) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	header := first.GetHeader()
	call := fmt.Sprintf("UploadFile %s %s", header.GetName(), header.GetContentType())
	var content []byte
	for {
		part, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		content = append(content, part.GetChunk()...)
	}
	if int64(len(content)) != header.GetSize() {
		return fmt.Errorf("%d bytes came, %d were announced", len(content), header.GetSize())
	}
	file := &storagev1.File{Name: header.GetName()}
	err = s.call(stream.Context(), call, func() error {
		s.uploads++
		s.uploaded = content
		s.effects[call]++
		file.Id = fmt.Sprintf("file-%d", s.uploads)
		return nil
	})
	if err != nil {
		return err
	}
	return stream.SendAndClose(file)
}

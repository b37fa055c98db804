package edge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/reflection"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"

	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/rpc"
	authzv1 "github.com/aqtra/aqtra/proto/gen/aqtra/authz/v1"
	changesv1 "github.com/aqtra/aqtra/proto/gen/aqtra/changes/v1"
)

// newGRPC returns the server of the public gRPC API: health and reflection, and a proxy for all else.
func (e *Edge) newGRPC(d Deps) (*grpc.Server, error) {
	s, err := rpc.NewServer(rpc.ServerConfig{
		Service: "gateway", Edge: true, Log: d.Log, Metrics: d.Metrics, Tracing: d.Tracing, Clock: d.Clock,
		MaxMessage: int(e.cfg.MaxMessage),
		// The proxy admits by itself, because what it learns there must reach the outgoing call; here all come in as nobody.
		Authenticate: func(context.Context, string, metadata.MD) (principal.Principal, error) {
			return principal.Principal{}, errUnauthenticated()
		},
		Rules: func(string) *authzv1.Rule { return &authzv1.Rule{Access: &authzv1.Rule_Public{Public: true}} },
	}, nil, grpc.UnknownServiceHandler(e.proxy), grpc.ForceServerCodecV2(rawCodec{encoding.GetCodecV2("proto")}))
	if err != nil {
		return nil, err
	}
	grpc_health_v1.RegisterHealthServer(s, &healthServer{ready: e.ready})
	reflectionv1.RegisterServerReflectionServer(s, reflection.NewServerV1(reflection.ServerOptions{Services: listed(e.table.services)}))
	return s, nil
}

// proxy passes a call on to the service that owns the method, and its answer back, without decoding either.
func (e *Edge) proxy(_ any, ss grpc.ServerStream) (err error) {
	name, _ := grpc.MethodFromServerStream(ss)
	m := e.table.byName[name]
	if m == nil {
		return errUnknownMethod()
	}
	ctx := ss.Context()
	in, _ := metadata.FromIncomingContext(ctx)
	c := caller{address: addressFrom(ctx), grpc: true}
	if headers := in.Get("authorization"); len(headers) > 0 {
		c.credential = bearer(headers)
	}
	if previews := in.Get(previewHeader); len(previews) > 0 {
		c.preview = previews[0]
	}
	ctx, err = e.gate.admit(ctx, m, c)
	if err != nil {
		return err
	}
	recv := ss.RecvMsg
	if m.noted() {
		first, end, failed := e.begin(ctx, ss, m, c)
		if failed != nil {
			return failed
		}
		defer func() { end(runtime.HTTPStatusFromCode(rpc.Status(err).Code())) }()
		recv = first.then(recv)
	}
	var cancel context.CancelFunc
	if m.stream {
		ctx, cancel = context.WithCancel(ctx)
	} else {
		ctx, cancel = context.WithTimeout(ctx, e.cfg.Timeout)
	}
	defer cancel()
	if m.name == changesv1.Changes_WatchChanges_FullMethodName {
		return e.watchChangesRPC(ctx, ss, c)
	}
	out, err := e.peers.Conn(m.backend).NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, m.name,
		append(e.callOptions(), grpc.ForceCodecV2(rawCodec{}))...)
	if err != nil {
		return err
	}
	failed := make(chan error, 1)
	// It ends at the latest when this handler has returned, which ends the stream that it reads.
	go func() {
		if err := forward(recv, out.SendMsg); err != nil {
			failed <- err
			cancel()
			return
		}
		_ = out.CloseSend() // what is wrong with the stream, the other direction hears
	}()
	err = forward(out.RecvMsg, ss.SendMsg)
	select {
	case cause := <-failed: // the answer says no more than that we gave up
		return cause
	default:
	}
	if errors.Is(err, rpc.ErrUnreadable) { // nobody but the caller encoded it
		return invalid("the message cannot be decoded, or nests too deep")
	}
	return err
}

// begin notes a call. It returns the first message, which says what the call is about.
func (e *Edge) begin(ctx context.Context, ss grpc.ServerStream, m *method, c caller) (*opening, func(int), error) {
	o := &opening{}
	if o.err = ss.RecvMsg(&o.frame); o.err != nil && !errors.Is(o.err, io.EOF) {
		return nil, nil, o.err
	}
	end, err := e.gate.note(ctx, m, c, m.target(o.frame.data))
	return o, end, err
}

// opening is the first message of a call, or why there is none.
type opening struct {
	frame frame
	err   error
	given bool
}

// then receives the message again, and those after it.
func (o *opening) then(next func(any) error) func(any) error {
	return func(v any) error {
		if o.given {
			return next(v)
		}
		o.given = true
		if f, ok := v.(*frame); ok {
			*f = o.frame
		}
		return o.err
	}
}

// forward passes messages on until there are no more. A receiver that wants no more is no error here: it says why elsewhere.
func forward(recv, send func(any) error) error {
	for {
		f := &frame{}
		if err := recv(f); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if err := send(f); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}

// frame is a message in its encoded form.
type frame struct{ data []byte }

// rawCodec leaves frames as they are, and everything else to proto.
type rawCodec struct{ proto encoding.CodecV2 }

func (c rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	if f, ok := v.(*frame); ok {
		return mem.BufferSlice{mem.SliceBuffer(f.data)}, nil
	}
	if c.proto == nil {
		return nil, fmt.Errorf("cannot encode %T", v)
	}
	return c.proto.Marshal(v)
}

func (c rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	if f, ok := v.(*frame); ok {
		f.data = data.Materialize()
		return nil
	}
	if c.proto == nil {
		return fmt.Errorf("cannot decode %T", v)
	}
	return c.proto.Unmarshal(data, v)
}

func (rawCodec) Name() string { return "proto" }

// listed are the services that reflection names. Their descriptors are found in the binary.
type listed []string

func (l listed) GetServiceInfo() map[string]grpc.ServiceInfo {
	out := make(map[string]grpc.ServiceInfo, len(l)+1)
	for _, name := range append(slices.Clone(l), grpc_health_v1.Health_ServiceDesc.ServiceName) {
		out[name] = grpc.ServiceInfo{}
	}
	return out
}

type healthServer struct {
	grpc_health_v1.UnimplementedHealthServer
	ready func(context.Context) error
}

func (h *healthServer) Check(ctx context.Context, _ *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	if h.ready(ctx) != nil {
		return &grpc_health_v1.HealthCheckResponse{Status: grpc_health_v1.HealthCheckResponse_NOT_SERVING}, nil
	}
	return &grpc_health_v1.HealthCheckResponse{Status: grpc_health_v1.HealthCheckResponse_SERVING}, nil
}

// callOptions hold for every call to a service.
func (e *Edge) callOptions() []grpc.CallOption {
	return []grpc.CallOption{grpc.MaxCallSendMsgSize(int(e.cfg.MaxMessage)), grpc.MaxCallRecvMsgSize(int(e.cfg.MaxMessage))}
}

// conn is a service as the code generated by grpc-gateway sees it. It passes on only what admit put into the context.
type conn struct {
	edge    *Edge
	backend string
	// forward is set where replies are only turned into JSON, which codec does without decoding them.
	forward bool
}

var _ grpc.ClientConnInterface = conn{}

func (c conn) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	options := c.edge.callOptions()
	if c.forward { // the request was decoded for this call alone
		options = append(options, rpc.GiveAway())
	}
	return c.edge.peers.Conn(c.backend).Invoke(admitted(ctx), method, args, reply, append(options, opts...)...)
}

func (c conn) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	return c.edge.peers.Conn(c.backend).NewStream(admitted(ctx), desc, method, append(c.edge.callOptions(), opts...)...)
}

type admittedKey struct{}

// withAdmitted remembers the metadata of an admitted request where grpc-gateway, which adds the request's headers to it, does
// not reach.
func withAdmitted(ctx context.Context) context.Context {
	md, _ := metadata.FromOutgoingContext(ctx)
	return context.WithValue(ctx, admittedKey{}, md)
}

func admitted(ctx context.Context) context.Context {
	md, _ := ctx.Value(admittedKey{}).(metadata.MD)
	return metadata.NewOutgoingContext(ctx, md)
}

package rpc

import (
	"context"
	"net"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// Join returns a connection of the service "as" to a service in the same process: unary calls go through its door, streams over
// wire, a connection to the same server.
func (c *Clients) Join(as, service string, door *Door, wire grpc.ClientConnInterface) grpc.ClientConnInterface {
	j := &joined{
		peer: &peerClient{Clients: c, service: service}, as: newLocalInfo(as), door: door, wire: wire, slots: make(chan struct{}, maxCalls),
	}
	j.invoker = j.invoke
	return j
}

// GiveAway is for calls whose caller uses its request no more, whatever comes of the call, and changes nothing in the reply. In
// the same process the messages then pass as they are, of any size; over a connection the reply carries its content encoded,
// and so may any reply, see Encoded. The reply may share what the handler keeps, so handlers must not change what they have
// returned, as gRPC demands of them anyway.
func GiveAway() grpc.CallOption {
	return giveAway{grpc.ForceCodecV2CallOption{CodecV2: newLeavingCodec()}}
}

type joined struct {
	peer    *peerClient
	as      localInfo
	door    *Door
	wire    grpc.ClientConnInterface
	slots   chan struct{} // taken by calls whose handlers run
	invoker grpc.UnaryInvoker
}

// NewStream implements grpc.ClientConnInterface.
func (j *joined) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	return j.wire.NewStream(ctx, desc, method, opts...)
}

// Invoke implements grpc.ClientConnInterface. A call with an option that has a meaning on the wire alone goes there.
func (j *joined) Invoke(ctx context.Context, method string, req, reply any, opts ...grpc.CallOption) error {
	for _, o := range opts {
		switch o.(type) {
		case grpc.HeaderCallOption, grpc.TrailerCallOption, grpc.MaxSendMsgSizeCallOption, grpc.MaxRecvMsgSizeCallOption,
			grpc.EmptyCallOption, grpc.StaticMethodCallOption, giveAway:
		default:
			return j.wire.Invoke(ctx, method, req, reply, opts...)
		}
	}
	return j.peer.unary(ctx, method, req, reply, nil, j.invoker, opts...)
}

// invoke is what a connection does after the interceptors. Its context ends when the call does, see peerClient.unary.
func (j *joined) invoke(ctx context.Context, method string, req, reply any, _ *grpc.ClientConn, opts ...grpc.CallOption) (err error) {
	if h := j.peer.stats; h != nil {
		ctx = begin(ctx, h, &stats.RPCTagInfo{FullMethodName: method, FailFast: true}, true)
		defer func() { end(ctx, h, err, true) }()
	}
	send, receive := j.peer.cfg.MaxMessage, j.peer.cfg.MaxMessage
	var given proto.Message
	for _, o := range opts {
		switch o := o.(type) {
		case grpc.MaxSendMsgSizeCallOption:
			send = o.MaxSendMsgSize
		case grpc.MaxRecvMsgSizeCallOption:
			receive = o.MaxRecvMsgSize
		case giveAway:
			given, _ = req.(proto.Message)
		}
	}
	md, err := carried(ctx)
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return status.FromContextError(ctx.Err()).Err()
	}
	var request *[]byte
	if given == nil {
		if request, err = encodeMessage(req, send); err != nil {
			return err
		}
	}
	if err := j.door.enter(ctx); err != nil {
		return err
	}
	m, ok := j.door.methods[method]
	if !ok {
		j.door.calls.Done()
		return status.Errorf(codes.Unimplemented, "unknown method %s", method)
	}
	select {
	case j.slots <- struct{}{}:
	case <-ctx.Done():
		j.door.calls.Done()
		return status.FromContextError(ctx.Err()).Err()
	}
	c := &doorCall{
		door: j.door, method: m, info: stats.RPCTagInfo{FullMethodName: method}, caller: callerContext{ctx},
		peer: peer.Peer{Addr: doorAddr{}, LocalAddr: doorAddr{}, AuthInfo: j.as}, md: md, stream: doorStream{method: method},
		request: request, given: given, done: make(chan struct{}), slots: j.slots,
	}
	select {
	case j.door.next <- c:
	default:
		go j.door.work(c)
	}
	select {
	case <-c.done:
	case <-ctx.Done():
		return status.FromContextError(ctx.Err()).Err()
	case <-j.door.cut:
		select {
		case <-c.done: // it was the last call that the door waited for
		default:
			return errStopped()
		}
	}
	return c.take(reply, receive, opts)
}

// take gives the caller what came of a call that is done.
func (c *doorCall) take(reply any, most int, opts []grpc.CallOption) error {
	header, trailer := c.stream.said()
	for _, o := range opts {
		switch o := o.(type) {
		case grpc.HeaderCallOption:
			*o.HeaderAddr = header.Copy()
		case grpc.TrailerCallOption:
			*o.TrailerAddr = trailer.Copy()
		}
	}
	if c.err != nil {
		// As the wire does: whatever is no status has become one, and only the status arrives.
		st, ok := status.FromError(c.err)
		if !ok {
			st = status.FromContextError(c.err)
		}
		return status.FromProto(st.Proto()).Err()
	}
	if c.taken != nil {
		return hand(c.taken, reply)
	}
	defer mem.DefaultBufferPool().Put(c.response)
	if n := len(*c.response); n > most {
		return status.Errorf(codes.ResourceExhausted, "grpc: received message larger than max (%d vs. %d)", n, most)
	}
	return decodeMessage(*c.response, reply)
}

// carried is the metadata of the outgoing call as it arrives: without what belongs to the protocol, and only what a header can
// hold.
func carried(ctx context.Context) (metadata.MD, error) {
	md, _ := metadata.FromOutgoingContext(ctx) // a copy
	size := 0
	for key, values := range md {
		if reserved(key) {
			delete(md, key)
			continue
		}
		for _, v := range values {
			size += len(key) + len(v) + 32 // as HTTP/2 counts
			if !strings.HasSuffix(key, "-bin") && strings.ContainsFunc(v, func(r rune) bool { return r < 0x20 || r > 0x7e }) {
				return nil, status.Errorf(codes.Internal, "header key %q contains value with non-printable ASCII characters", key)
			}
		}
	}
	if size > maxHeaderList {
		return nil, status.Errorf(codes.Internal, "header list size to send violates the maximum size (%d bytes)", maxHeaderList)
	}
	return md, nil
}

// reserved reports whether a key is the protocol's own, which gRPC drops, too.
func reserved(key string) bool {
	switch key {
	case "content-type", "user-agent", "te", "grpc-message-type", "grpc-encoding", "grpc-message", "grpc-status", "grpc-timeout":
		return true
	}
	return strings.HasPrefix(key, ":")
}

// doorAddr is the address of both ends.
type doorAddr struct{}

var _ net.Addr = doorAddr{}

func (doorAddr) Network() string { return "memory" }
func (doorAddr) String() string  { return "memory" }

// begin and end tell a handler of statistics, which makes the spans, of a call.
func begin(ctx context.Context, h stats.Handler, info *stats.RPCTagInfo, client bool) context.Context {
	ctx = h.TagRPC(ctx, info)
	h.HandleRPC(ctx, &stats.Begin{Client: client, BeginTime: time.Now(), FailFast: info.FailFast})
	return ctx
}

func end(ctx context.Context, h stats.Handler, err error, client bool) {
	h.HandleRPC(ctx, &stats.End{Client: client, EndTime: time.Now(), Error: err})
}

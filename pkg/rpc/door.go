package rpc

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const (
	maxHeaderList = 64 << 10 // bytes of a call's metadata
	maxCalls      = 1000     // at a time, per connection
	// spareWorkers is how many goroutines stay for the next call. A fresh one would grow its stack first.
	spareWorkers = 16
)

// Door is how callers in the same process reach a server: unary calls pass it from goroutine to goroutine, without a
// connection. They meet the same interceptors on both sides and end in the same statuses. Messages and metadata are copied,
// unless the caller gives them away, and of the caller's context the handler sees the deadline and the end, no values.
type Door struct {
	unary   grpc.UnaryServerInterceptor
	stats   stats.Handler // nil for none
	max     int           // bytes of a message
	methods map[string]doorMethod

	opening sync.Once
	opened  chan struct{} // closed when calls are answered, be it with a refusal
	cutting sync.Once
	cut     chan struct{}  // closed when nobody waits for answers any more
	next    chan *doorCall // to workers that wait
	spare   atomic.Int32   // workers that wait

	mu     sync.RWMutex
	closed bool
	calls  sync.WaitGroup
}

type doorMethod struct {
	impl   any
	handle grpc.MethodHandler
}

// NewDoor returns a closed door, for ServerConfig.
func NewDoor() *Door {
	return &Door{
		methods: make(map[string]doorMethod), opened: make(chan struct{}), cut: make(chan struct{}),
		next: make(chan *doorCall),
	}
}

// Registrar passes services on to the server of this door, and notes their methods.
func (d *Door) Registrar(s grpc.ServiceRegistrar) grpc.ServiceRegistrar { return doorRegistrar{d, s} }

type doorRegistrar struct {
	door *Door
	grpc.ServiceRegistrar
}

func (r doorRegistrar) RegisterService(desc *grpc.ServiceDesc, impl any) {
	r.ServiceRegistrar.RegisterService(desc, impl)
	for _, m := range desc.Methods {
		r.door.methods["/"+desc.ServiceName+"/"+m.MethodName] = doorMethod{impl, m.Handler}
	}
}

// Open lets calls in, also those that wait already. Nothing may be registered afterwards.
func (d *Door) Open() { d.opening.Do(func() { close(d.opened) }) }

// Drain refuses further calls and returns when none runs.
func (d *Door) Drain() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.Open()
	d.calls.Wait()
	d.Cut()
}

// Cut ends all calls: their callers get an error, which ends the handlers' contexts.
func (d *Door) Cut() { d.cutting.Do(func() { close(d.cut) }) }

// enter counts a call, once it may begin; calls.Done takes it back.
func (d *Door) enter(ctx context.Context) error {
	select {
	case <-d.opened:
	case <-ctx.Done():
		return status.FromContextError(ctx.Err()).Err()
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.closed {
		return errStopped()
	}
	d.calls.Add(1)
	return nil
}

func errStopped() error { return status.Error(codes.Unavailable, "the server is stopping") }

// work handles calls, the first and then whatever comes.
func (d *Door) work(c *doorCall) {
	for {
		c.serve()
		if d.spare.Add(1) > spareWorkers {
			d.spare.Add(-1)
			return
		}
		select {
		case c = <-d.next:
			d.spare.Add(-1)
		case <-d.cut:
			return
		}
	}
}

// doorCall is one call on the server's side.
type doorCall struct {
	door     *Door
	method   doorMethod
	info     stats.RPCTagInfo
	caller   callerContext
	peer     peer.Peer
	md       metadata.MD
	stream   doorStream
	request  *[]byte
	response *[]byte
	// given and taken stand for request and response of a call that gives its messages away.
	given proto.Message
	taken proto.Message
	err   error
	done  chan struct{} // closed when response, taken and err are set
	slots chan struct{} // of the connection; the call has one
}

// callerContext is what of its caller's context a handler gets: the deadline and the end.
type callerContext struct{ context.Context }

func (c *callerContext) Value(any) any { return nil }

// AfterFunc lets contexts made of this one follow the caller's without a goroutine each.
func (c *callerContext) AfterFunc(f func()) (stop func() bool) {
	return context.AfterFunc(c.Context, f)
}

func (c *doorCall) serve() {
	defer func() {
		if c.request != nil {
			mem.DefaultBufferPool().Put(c.request)
		}
		close(c.done)
		<-c.slots
		c.door.calls.Done()
	}()
	c.err = status.Error(codes.Internal, "the handler did not return")
	ctx, cancel := context.WithCancel(&c.caller)
	defer cancel()
	ctx = metadata.NewIncomingContext(peer.NewContext(ctx, &c.peer), c.md)
	if h := c.door.stats; h != nil {
		ctx = begin(ctx, h, &c.info, false)
		defer func() { end(ctx, h, c.err, false) }()
	}
	ctx = grpc.NewContextWithServerTransportStream(ctx, &c.stream)
	resp, err := c.method.handle(c.method.impl, ctx, c.decode, c.door.unary)
	switch p, ok := resp.(proto.Message); {
	case err != nil:
	case c.given != nil && ok:
		c.taken = p
	default:
		c.response, err = encodeMessage(resp, c.door.max)
	}
	c.err = err
}

// decode gives the handler its request; it is asked once.
func (c *doorCall) decode(into any) error {
	if c.given != nil {
		return hand(c.given, into)
	}
	if n := len(*c.request); n > c.door.max {
		return status.Errorf(codes.ResourceExhausted, "grpc: received message larger than max (%d vs. %d)", n, c.door.max)
	}
	return decodeMessage(*c.request, into)
}

// encodeMessage returns a message in a buffer of the pool.
func encodeMessage(m any, most int) (*[]byte, error) {
	p, ok := m.(proto.Message)
	if !ok {
		return nil, status.Errorf(codes.Internal, "grpc: error while marshaling: %T is no message", m)
	}
	size := proto.Size(p)
	if size > most {
		return nil, status.Errorf(codes.ResourceExhausted, "trying to send message larger than max (%d vs. %d)", size, most)
	}
	buf := mem.DefaultBufferPool().Get(size)
	out, err := proto.MarshalOptions{UseCachedSize: true}.MarshalAppend((*buf)[:0], p)
	if err != nil {
		mem.DefaultBufferPool().Put(buf)
		return nil, status.Errorf(codes.Internal, "grpc: error while marshaling: %v", err)
	}
	*buf = out
	return buf, nil
}

func decodeMessage(data []byte, into any) error {
	p, ok := into.(proto.Message)
	if !ok {
		return status.Errorf(codes.Internal, "grpc: failed to unmarshal the received message: %T is no message", into)
	}
	if err := proto.Unmarshal(data, p); err != nil {
		return status.Errorf(codes.Internal, "grpc: failed to unmarshal the received message: %v", err)
	}
	return nil
}

// hand makes into the message that is given, sharing all that it holds.
func hand(given proto.Message, into any) error {
	p, ok := into.(proto.Message)
	if !ok || p.ProtoReflect().Descriptor() != given.ProtoReflect().Descriptor() {
		return status.Errorf(codes.Internal, "grpc: %T cannot be taken as %T", given, into)
	}
	m := p.ProtoReflect()
	given.ProtoReflect().Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		m.Set(f, v)
		return true
	})
	m.SetUnknown(given.ProtoReflect().GetUnknown())
	return nil
}

// doorStream takes what a handler says besides its answer.
type doorStream struct {
	method string

	mu              sync.Mutex
	sent            bool
	header, trailer metadata.MD
}

var _ grpc.ServerTransportStream = (*doorStream)(nil)

func (s *doorStream) Method() string { return s.method }

func (s *doorStream) SetHeader(md metadata.MD) error { return s.addHeader(md, false) }

func (s *doorStream) SendHeader(md metadata.MD) error { return s.addHeader(md, true) }

func (s *doorStream) addHeader(md metadata.MD, send bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sent {
		return fmt.Errorf("the header of %s was already sent", s.method)
	}
	s.sent = send
	s.header = metadata.Join(s.header, md)
	return nil
}

func (s *doorStream) SetTrailer(md metadata.MD) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trailer = metadata.Join(s.trailer, md)
	return nil
}

// said returns what was said until now. Whatever a handler's left-over goroutine adds goes nowhere.
func (s *doorStream) said() (header, trailer metadata.MD) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.header, s.trailer
}

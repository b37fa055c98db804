package recording

import (
	"errors"
	"slices"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	dataflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/dataflow/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// MaxBytes is how large a recording may become; a run that reads or writes more is not recorded.
const MaxBytes = 256 << 10

// Run is what a run was given.
type Run struct {
	Input any
	Entry string
	User  map[string]any
	Time  time.Time
}

// Recorder records one run, of which several steps may ask at once.
type Recorder struct {
	mu   sync.Mutex
	rec  *dataflowv1.RecordedRun
	size int64
	// over is set when it cannot be recorded: it is too large, or something went wrong that no answer tells.
	over bool
}

// NewRecorder records a run that is given r.
func NewRecorder(r Run) *Recorder {
	c := &Recorder{rec: &dataflowv1.RecordedRun{Entry: r.Entry, Time: timestamppb.New(r.Time)}}
	c.rec.Input, c.rec.User = c.encode(r.Input), c.encode(r.User)
	return c
}

// encode turns a value into its message, unless the recording is too large with it.
func (c *Recorder) encode(v any) *typev1.Value {
	if c.size += step.Size(v); c.size > 2*MaxBytes { // in memory it takes about twice as much
		c.over = true
	}
	if c.over {
		return nil
	}
	p, err := value.ToProto(v)
	if err != nil {
		c.over = true
	}
	return p
}

// Reach is what the run reaches while it is recorded.
func (c *Recorder) Reach(real Reach) Reach {
	return over(func(operation string, arguments []any, ask func() (any, error)) (any, error) {
		v, err := ask()
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.over {
			return v, err
		}
		call := &dataflowv1.RecordedCall{Operation: operation, Arguments: c.encode(arguments)}
		if f, ok := fault.As(err); ok {
			call.ErrorKind, call.ErrorReason, call.ErrorMessage = int32(f.Kind), int32(f.Reason), f.Message
		} else if err != nil {
			c.over = true
		} else {
			call.Result = c.encode(v)
		}
		if c.over {
			c.rec.Calls = nil
			return v, err
		}
		c.rec.Calls = append(c.rec.Calls, call)
		return v, err
	}, real)
}

// Content is the recording as bytes; nil when the run could not be recorded.
func (c *Recorder) Content() []byte {
	if c.over {
		return nil
	}
	b, err := proto.Marshal(c.rec)
	if err != nil || len(b) > MaxBytes {
		return nil
	}
	return b
}

// Player plays a recording. Every answer is given once. Several steps may ask at once; what it has come to is for those who know
// that none does.
type Player struct {
	Run     Run
	mu      sync.Mutex
	answers map[string][]*dataflowv1.RecordedCall
	// rest are all answers, in order; loose says that a question may differ from the recorded one in what depends on the time.
	rest  []*dataflowv1.RecordedCall
	loose bool
	used  map[*dataflowv1.RecordedCall]bool
	asked []*dataflowv1.RecordedCall
	// Effects are the calls so far that would have changed something, encoded.
	Effects []string
	// Unknown is set when something was asked for that was not recorded.
	Unknown bool
}

// errUnknown says that something was asked for that was not recorded.
var errUnknown = errors.New("not recorded")

// NewPlayer reads what a Recorder gave, to play the definition that was recorded. What that asks for differs from the recording
// where it depends on the time; it is answered all the same.
func NewPlayer(content []byte) (*Player, error) {
	rec := &dataflowv1.RecordedRun{}
	if err := proto.Unmarshal(content, rec); err != nil {
		return nil, errMalformed()
	}
	run := Run{Entry: rec.GetEntry(), Time: rec.GetTime().AsTime()}
	var err error
	if run.Input, _, err = value.FromProto(rec.GetInput()); err != nil {
		return nil, err
	}
	user, _, err := value.FromProto(rec.GetUser())
	if err != nil {
		return nil, err
	}
	run.User, _ = user.(map[string]any)
	p, err := newPlayer(run, rec.GetCalls())
	if p != nil {
		p.loose = true
	}
	return p, err
}

// Again plays the same run with another definition, with the answers to the questions that this one asked.
func (p *Player) Again() (*Player, error) { return newPlayer(p.Run, p.asked) }

func newPlayer(r Run, calls []*dataflowv1.RecordedCall) (*Player, error) {
	p := &Player{Run: r, answers: map[string][]*dataflowv1.RecordedCall{}, rest: calls, used: map[*dataflowv1.RecordedCall]bool{}}
	for _, c := range calls {
		k, err := key(c.GetOperation(), c.GetArguments())
		if err != nil {
			return nil, err
		}
		p.answers[k] = append(p.answers[k], c)
	}
	return p, nil
}

func key(operation string, arguments *typev1.Value) (string, error) {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(arguments)
	return operation + "\x00" + string(b), err
}

// find returns the answer to a question: the recorded one, else, if the time may have changed the question, the next one to one
// of its kind about the same thing.
func (p *Player) find(k, operation string, arguments *typev1.Value) *dataflowv1.RecordedCall {
	for _, c := range p.answers[k] {
		if !p.used[c] {
			return c
		}
	}
	if !effect(operation) && (!p.loose || operation == opGet || operation == opInfo || operation == opRead) {
		return nil
	}
	list, same := arguments.GetList().GetItems(), 1
	if operation == opWrite {
		same = 2 // how rows are refused as well: the answer depends on it
	}
	for _, c := range p.rest {
		other := c.GetArguments().GetList().GetItems()
		if !p.used[c] && c.GetOperation() == operation && len(other) == len(list) && slices.EqualFunc(other[:same], list[:same], equal) {
			return c
		}
	}
	return nil
}

func equal(a, b *typev1.Value) bool { return proto.Equal(a, b) }

// Reach answers as was recorded. What would change something counts as an effect, answered or not.
func (p *Player) Reach() Reach {
	return over(func(operation string, arguments []any, _ func() (any, error)) (any, error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		args, err := value.ToProto(arguments)
		if err != nil {
			return nil, err
		}
		k, err := key(operation, args)
		if err != nil {
			return nil, err
		}
		if effect(operation) {
			p.Effects = append(p.Effects, k)
		}
		c := p.find(k, operation, args)
		if c == nil {
			p.Unknown = true
			return nil, errUnknown
		}
		p.used[c] = true
		p.asked = append(p.asked, &dataflowv1.RecordedCall{
			Operation: operation, Arguments: args, Result: c.GetResult(),
			ErrorKind: c.GetErrorKind(), ErrorReason: c.GetErrorReason(), ErrorMessage: c.GetErrorMessage(),
		})
		if c.GetErrorKind() != 0 {
			return nil, fault.New(fault.Kind(c.GetErrorKind()), faultv1.Reason(c.GetErrorReason()), c.GetErrorMessage())
		}
		v, _, err := value.FromProto(c.GetResult())
		return v, err
	}, Reach{})
}

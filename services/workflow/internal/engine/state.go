package engine

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/value"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

const (
	// MaxState is how large the stored state of a run may become, without large values.
	MaxState = 1 << 20
	// inlineLimit is how large a value may be within a state or an event; larger ones are kept apart and stored once.
	inlineLimit = 32 << 10
	// stateFormat is the version of the encoding of states.
	stateFormat = 1
)

// Encode writes a value as bytes.
func Encode(v any) ([]byte, error) {
	p, err := value.ToProto(v)
	if err != nil {
		return nil, err
	}
	return proto.MarshalOptions{Deterministic: true}.Marshal(p)
}

// Decode reads what Encode wrote; no bytes are null.
func Decode(b []byte) (any, error) {
	if len(b) == 0 {
		return nil, nil
	}
	p := &typev1.Value{}
	if err := proto.Unmarshal(b, p); err != nil {
		return nil, fmt.Errorf("decode value: %w", err)
	}
	v, _, err := value.FromProto(p)
	return v, err
}

// packer keeps large values apart.
type packer struct {
	known    map[string]bool
	payloads []Payload
}

// pack gives what stands for a value: {0, value} or {1, digest}.
func (p *packer) pack(v any) ([]any, error) {
	if task.Measure(v) <= inlineLimit {
		return []any{int64(0), v}, nil
	}
	data, err := Encode(v)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	if !p.known[string(sum[:])] {
		p.known[string(sum[:])] = true
		p.payloads = append(p.payloads, Payload{Digest: sum[:], Data: data})
	}
	return []any{int64(1), sum[:]}, nil
}

// encode packs a value into bytes; null is no bytes.
func (p *packer) encode(v any) ([]byte, error) {
	if v == nil {
		return nil, nil
	}
	packed, err := p.pack(v)
	if err != nil {
		return nil, err
	}
	return Encode(packed)
}

// fetcher returns large values by digest.
type fetcher func(ctx context.Context, digests [][]byte) (map[string][]byte, error)

var errState = errors.New("the stored state is malformed")

// unpack gives back packed values.
func unpack(ctx context.Context, fetch fetcher, packed []any) ([]any, error) {
	var digests [][]byte
	for _, v := range packed {
		if pair, ok := v.([]any); ok && len(pair) == 2 && pair[0] == int64(1) {
			if d, ok := pair[1].([]byte); ok {
				digests = append(digests, d)
			}
		}
	}
	var large map[string][]byte
	if len(digests) > 0 {
		var err error
		if large, err = fetch(ctx, digests); err != nil {
			return nil, err
		}
	}
	out := make([]any, len(packed))
	for i, v := range packed {
		pair, ok := v.([]any)
		if !ok || len(pair) != 2 {
			return nil, errState
		}
		if out[i] = pair[1]; pair[0] == int64(1) {
			digest, _ := pair[1].([]byte)
			data, ok := large[string(digest)]
			if !ok {
				return nil, errState
			}
			var err error
			if out[i], err = Decode(data); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// unpackBytes is unpack for one encoded value.
func unpackBytes(ctx context.Context, fetch fetcher, b []byte) (any, error) {
	if len(b) == 0 {
		return nil, nil
	}
	v, err := Decode(b)
	if err != nil {
		return nil, err
	}
	out, err := unpack(ctx, fetch, []any{v})
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// state is the position of a run and its data.
type state struct {
	context any
	frames  []*task.Frame
	// pending is what the task within has given to the top frame.
	pending *delivery
	// generation is that of the run when the state was stored.
	generation int64
}

type delivery struct {
	then   string
	output any
}

// packedPerFrame is how many packed values a frame has.
const packedPerFrame = 4

func (s *state) encode(p *packer) ([]byte, error) {
	values := make([]any, 0, 2+packedPerFrame*len(s.frames))
	add := func(vs ...any) error {
		for _, v := range vs {
			packed, err := p.pack(v)
			if err != nil {
				return err
			}
			values = append(values, packed)
		}
		return nil
	}
	var then, output any
	if s.pending != nil {
		then, output = s.pending.then, s.pending.output
	}
	if err := add(s.context, output); err != nil {
		return nil, err
	}
	frames := make([]any, len(s.frames))
	for i, f := range s.frames {
		var locals any
		if f.Locals != nil {
			locals = f.Locals
		}
		if err := add(f.In, f.Input, locals, f.Data); err != nil {
			return nil, err
		}
		frames[i] = []any{
			int64(f.Task), f.Entered, f.Step, f.OwnInput, f.Iter, f.Attempt, moment(f.Since), moment(f.Deadline), int64(f.Wait), moment(f.Until), f.Topic,
		}
	}
	return Encode([]any{int64(stateFormat), s.generation, then, frames, values})
}

func moment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Truncate(time.Microsecond)
}

func decodeState(ctx context.Context, b []byte, fetch fetcher) (*state, error) {
	v, err := Decode(b)
	if err != nil {
		return nil, err
	}
	parts, ok := v.([]any)
	if !ok || len(parts) != 5 || parts[0] != int64(stateFormat) {
		return nil, errState
	}
	frames, _ := parts[3].([]any)
	packed, _ := parts[4].([]any)
	if len(frames) == 0 || len(packed) != 2+packedPerFrame*len(frames) {
		return nil, errState
	}
	values, err := unpack(ctx, fetch, packed)
	if err != nil {
		return nil, err
	}
	s := &state{context: values[0]}
	s.generation, _ = parts[1].(int64)
	if then, ok := parts[2].(string); ok {
		s.pending = &delivery{then: then, output: values[1]}
	}
	for i, item := range frames {
		p, ok := item.([]any)
		if !ok || len(p) != 11 {
			return nil, errState
		}
		own := values[2+packedPerFrame*i:]
		f := &task.Frame{In: own[0], Input: own[1], Data: own[3]}
		f.Locals, _ = own[2].(map[string]any)
		number, _ := p[0].(int64)
		f.Task = int(number)
		f.Entered, _ = p[1].(bool)
		f.Step, _ = p[2].(int64)
		f.OwnInput, _ = p[3].(bool)
		f.Iter, _ = p[4].(int64)
		f.Attempt, _ = p[5].(int64)
		f.Since, _ = p[6].(time.Time)
		f.Deadline, _ = p[7].(time.Time)
		wait, _ := p[8].(int64)
		f.Wait = task.Wait(wait)
		f.Until, _ = p[9].(time.Time)
		f.Topic, _ = p[10].(string)
		s.frames = append(s.frames, f)
	}
	return s, nil
}

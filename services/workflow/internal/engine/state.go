package engine

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
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
	stateFormat = 2
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
	// strands are what goes on at once; the first one is the run's own. None are left once it has succeeded.
	strands []*strand
	// undo are the tasks that were done and can be undone, in the order of their ends; done counts all that there ever were.
	undo []undoable
	done int64
	// generation is that of the run when the state was stored.
	generation int64
}

// packedPerFrame is how many packed values a frame has.
const packedPerFrame = 4

func (s *state) encode(p *packer) ([]byte, error) {
	var values []any
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
	if err := add(s.context); err != nil {
		return nil, err
	}
	strands := make([]any, len(s.strands))
	for i, one := range s.strands {
		var then, output any
		branch := int64(0)
		if one.pending != nil {
			then, output, branch = one.pending.then, one.pending.output, int64(one.pending.branch)
		}
		if err := add(output); err != nil {
			return nil, err
		}
		frames := make([]any, len(one.frames))
		for j, f := range one.frames {
			var locals any
			if f.Locals != nil {
				locals = f.Locals
			}
			if err := add(f.In, f.Input, locals, f.Data); err != nil {
				return nil, err
			}
			frames[j] = []any{
				int64(f.Task), f.Entered, f.Step, f.OwnInput, f.Iter, f.Attempt, moment(f.Since), moment(f.Deadline), int64(f.Wait), moment(f.Until), f.Topic, f.Mark,
			}
		}
		strands[i] = []any{int64(slices.Index(s.strands, one.parent)), int64(one.branch), then, branch, frames}
	}
	undo := make([]any, len(s.undo))
	for i, u := range s.undo {
		var locals any
		if u.locals != nil {
			locals = u.locals
		}
		if err := add(u.output, locals); err != nil {
			return nil, err
		}
		undo[i] = []any{int64(u.task), u.mark}
	}
	return Encode([]any{int64(stateFormat), s.generation, strands, values, undo, s.done})
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
	if !ok || len(parts) != 6 || parts[0] != int64(stateFormat) {
		return nil, errState
	}
	strands, _ := parts[2].([]any)
	packed, _ := parts[3].([]any)
	values, err := unpack(ctx, fetch, packed)
	if err != nil {
		return nil, err
	}
	if len(strands) == 0 || len(values) == 0 {
		return nil, errState
	}
	s := &state{context: values[0]}
	s.generation, _ = parts[1].(int64)
	values = values[1:]
	for _, item := range strands {
		one, used, err := s.decodeStrand(item, values)
		if err != nil {
			return nil, err
		}
		s.strands, values = append(s.strands, one), values[used:]
	}
	undo, _ := parts[4].([]any)
	s.done, _ = parts[5].(int64)
	if len(values) != 2*len(undo) {
		return nil, errState
	}
	for i, item := range undo {
		p, ok := item.([]any)
		if !ok || len(p) != 2 {
			return nil, errState
		}
		number, _ := p[0].(int64)
		u := undoable{task: int(number), output: values[2*i]}
		u.mark, _ = p[1].(int64)
		u.locals, _ = values[2*i+1].(map[string]any)
		s.undo = append(s.undo, u)
	}
	return s, nil
}

// decodeStrand reads a strand after those that it may come from, and tells how many of the values are its own.
func (s *state) decodeStrand(v any, values []any) (one *strand, used int, err error) {
	p, ok := v.([]any)
	if !ok || len(p) != 5 {
		return nil, 0, errState
	}
	frames, _ := p[4].([]any)
	parent, _ := p[0].(int64)
	branch, _ := p[1].(int64)
	if used = 1 + packedPerFrame*len(frames); len(frames) == 0 || len(values) < used || parent >= int64(len(s.strands)) || (parent < 0) != (len(s.strands) == 0) {
		return nil, 0, errState
	}
	one = &strand{branch: int(branch)}
	if parent >= 0 {
		one.parent = s.strands[parent]
	}
	if then, ok := p[2].(string); ok {
		from, _ := p[3].(int64)
		one.pending = &delivery{then: then, output: values[0], branch: int(from)}
	}
	for i, item := range frames {
		f, err := decodeFrame(item, values[1+packedPerFrame*i:])
		if err != nil {
			return nil, 0, err
		}
		one.frames = append(one.frames, f)
	}
	return one, used, nil
}

func decodeFrame(v any, own []any) (*task.Frame, error) {
	p, ok := v.([]any)
	if !ok || len(p) != 12 {
		return nil, errState
	}
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
	f.Mark, _ = p[11].(int64)
	return f, nil
}

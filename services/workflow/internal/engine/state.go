package engine

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/value"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/dsl"
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
	undo []dsl.Compensation
	done int64
	// generation is that of the run when the state was stored.
	generation int64
}

func (s *state) encode(p *packer) ([]byte, error) {
	values := make([]any, 0, 16)
	// add keeps what is there, and gives the bits that say what was.
	add := func(vs ...any) (byte, error) {
		there := byte(0)
		for i, v := range vs {
			if v == nil {
				continue
			}
			packed, err := p.pack(v)
			if err != nil {
				return 0, err
			}
			there |= 1 << i
			values = append(values, packed)
		}
		return there, nil
	}
	there, err := add(s.context)
	if err != nil {
		return nil, err
	}
	b := make([]byte, 0, 64*len(s.strands))
	b = append(b, stateFormat, there)
	b = binary.AppendVarint(b, s.generation)
	b = binary.AppendVarint(b, s.done)
	b = binary.AppendVarint(b, int64(len(s.strands)))
	for _, one := range s.strands {
		if b, err = s.appendStrand(b, one, add); err != nil {
			return nil, err
		}
	}
	b = binary.AppendVarint(b, int64(len(s.undo)))
	for _, u := range s.undo {
		if there, err = add(u.Output, object(u.Locals)); err != nil {
			return nil, err
		}
		b = binary.AppendVarint(binary.AppendVarint(append(b, there), int64(u.Task)), u.Mark)
	}
	return Encode([]any{b, values})
}

func (s *state) appendStrand(b []byte, one *strand, add func(...any) (byte, error)) ([]byte, error) {
	came := delivery{}
	if one.pending != nil {
		came = *one.pending
	}
	there, err := add(came.output)
	if err != nil {
		return nil, err
	}
	b = append(b, there, bit(one.pending != nil))
	b = binary.AppendVarint(b, int64(came.branch))
	b = appendText(b, came.then)
	b = binary.AppendVarint(b, int64(slices.Index(s.strands, one.parent)))
	b = binary.AppendVarint(b, int64(one.branch))
	b = binary.AppendVarint(b, int64(len(one.frames)))
	for _, f := range one.frames {
		if there, err = add(f.In, f.Input, object(f.Locals), f.Data); err != nil {
			return nil, err
		}
		b = append(b, there, bit(f.Entered), bit(f.OwnInput))
		for _, n := range []int64{int64(f.Task), f.Step, f.Iter, f.Attempt, micros(f.Since), micros(f.Deadline), int64(f.Wait), micros(f.Until), f.Mark} {
			b = binary.AppendVarint(b, n)
		}
		b = appendText(b, f.Topic)
	}
	return b, nil
}

// object makes no map nothing.
func object(m map[string]any) any {
	if m == nil {
		return nil
	}
	return m
}

func bit(set bool) byte {
	if set {
		return 1
	}
	return 0
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendVarint(b, int64(len(text))), text...)
}

// micros is a time in microseconds since 1970; 0 for none.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func moment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Truncate(time.Microsecond)
}

// reader reads what encode wrote. After the first mistake it gives zeros.
type reader struct {
	b      []byte
	values []any
	bad    bool
}

func (r *reader) byte() byte {
	if len(r.b) == 0 {
		r.bad = true
		return 0
	}
	v := r.b[0]
	r.b = r.b[1:]
	return v
}

func (r *reader) number() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

// count reads a number of things that each take a byte at least.
func (r *reader) count() int {
	n := r.number()
	if n < 0 || n > int64(len(r.b)) {
		r.bad = true
		return 0
	}
	return int(n)
}

func (r *reader) text() string {
	n := r.count()
	v := string(r.b[:n])
	r.b = r.b[n:]
	return v
}

func (r *reader) time() time.Time {
	if n := r.number(); n != 0 {
		return time.UnixMicro(n).UTC()
	}
	return time.Time{}
}

// take gives the values that a byte says are there, nil for the others.
func (r *reader) take(there byte, n int) []any {
	out := make([]any, n)
	for i := range out {
		if there&(1<<i) == 0 {
			continue
		}
		if len(r.values) == 0 {
			r.bad = true
			break
		}
		out[i], r.values = r.values[0], r.values[1:]
	}
	return out
}

func decodeState(ctx context.Context, b []byte, fetch fetcher) (*state, error) {
	v, err := Decode(b)
	if err != nil {
		return nil, err
	}
	parts, ok := v.([]any)
	if !ok || len(parts) != 2 {
		return nil, errState
	}
	r := &reader{}
	r.b, _ = parts[0].([]byte)
	packed, _ := parts[1].([]any)
	if r.values, err = unpack(ctx, fetch, packed); err != nil {
		return nil, err
	}
	if r.byte() != stateFormat {
		return nil, errState
	}
	s := &state{context: r.take(r.byte(), 1)[0], generation: r.number(), done: r.number()}
	for range r.count() {
		s.strands = append(s.strands, r.strand(s.strands))
	}
	for range r.count() {
		own := r.take(r.byte(), 2)
		u := dsl.Compensation{Task: int(r.number()), Mark: r.number(), Output: own[0]}
		u.Locals, _ = own[1].(map[string]any)
		s.undo = append(s.undo, u)
	}
	if r.bad || len(s.strands) == 0 || len(r.b) > 0 || len(r.values) > 0 {
		return nil, errState
	}
	return s, nil
}

// strand reads one after those that it may come from.
func (r *reader) strand(before []*strand) *strand {
	output, pending := r.take(r.byte(), 1)[0], r.byte() == 1
	came := &delivery{output: output, branch: int(r.number()), then: r.text()}
	parent := r.number()
	one := &strand{branch: int(r.number())}
	if pending {
		one.pending = came
	}
	switch {
	case parent >= int64(len(before)) || (parent < 0) != (len(before) == 0):
		r.bad = true
	case parent >= 0:
		one.parent = before[parent]
	}
	for range r.count() {
		own := r.take(r.byte(), 4)
		f := &task.Frame{In: own[0], Input: own[1], Data: own[3], Entered: r.byte() == 1, OwnInput: r.byte() == 1}
		f.Locals, _ = own[2].(map[string]any)
		f.Task, f.Step, f.Iter, f.Attempt = int(r.number()), r.number(), r.number(), r.number()
		f.Since, f.Deadline, f.Wait, f.Until, f.Mark = r.time(), r.time(), task.Wait(r.number()), r.time(), r.number()
		f.Topic = r.text()
		one.frames = append(one.frames, f)
	}
	r.bad = r.bad || len(one.frames) == 0
	return one
}

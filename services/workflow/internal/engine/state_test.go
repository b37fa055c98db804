package engine

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/aqtra/aqtra/services/workflow/internal/dsl"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

func anyState(t *rapid.T) *state {
	text, number := rapid.StringN(0, 5, 20), rapid.Int64()
	values := rapid.SampledFrom([]any{nil, "x", int64(-3), true, []any{nil, "y"}, map[string]any{"a": []any{}}, map[string]any{}, []any{}})
	value := func(name string) any { return values.Draw(t, name) }
	locals := func() map[string]any {
		return rapid.SampledFrom([]map[string]any{nil, {}, {"item": int64(1)}}).Draw(t, "locals")
	}
	moment := func() time.Time {
		if us := rapid.Int64Range(0, 4e15).Draw(t, "time"); us > 0 {
			return time.UnixMicro(us).UTC()
		}
		return time.Time{}
	}
	s := &state{context: value("context"), generation: number.Draw(t, "generation"), done: number.Draw(t, "done")}
	for i := range rapid.IntRange(1, 4).Draw(t, "strands") {
		one := &strand{branch: rapid.IntRange(0, 9).Draw(t, "branch")}
		if i > 0 {
			one.parent = s.strands[rapid.IntRange(0, i-1).Draw(t, "parent")]
		}
		if rapid.Bool().Draw(t, "pending") {
			one.pending = &delivery{then: text.Draw(t, "then"), output: value("output"), branch: rapid.IntRange(0, 9).Draw(t, "from")}
		}
		for range rapid.IntRange(1, 3).Draw(t, "frames") {
			one.frames = append(one.frames, &task.Frame{
				Task: rapid.IntRange(0, 1000).Draw(t, "task"), Entered: rapid.Bool().Draw(t, "entered"), Step: number.Draw(t, "step"), In: value("in"),
				Input: value("input"), OwnInput: rapid.Bool().Draw(t, "own"), Locals: locals(), Iter: number.Draw(t, "iter"), Data: value("data"),
				Attempt: number.Draw(t, "attempt"), Since: moment(), Deadline: moment(), Wait: task.Wait(rapid.IntRange(0, 6).Draw(t, "wait")), Until: moment(),
				Topic: text.Draw(t, "topic"), Mark: number.Draw(t, "mark"),
			})
		}
		s.strands = append(s.strands, one)
	}
	for range rapid.IntRange(0, 2).Draw(t, "undo") {
		s.undo = append(s.undo, dsl.Compensation{Task: rapid.IntRange(0, 1000).Draw(t, "undone"), Mark: number.Draw(t, "mark"), Output: value("gave"), Locals: locals()})
	}
	return s
}

// TestStateThereAndBack stores any state and reads it; what is cut or changed is refused or is another state, and never ends the process.
func TestStateThereAndBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := anyState(t)
		b, err := want.encode(&packer{known: map[string]bool{}})
		require.NoError(t, err)
		got, err := decodeState(context.Background(), b, nil)
		require.NoError(t, err)
		require.Equal(t, want, got)

		cut := b[:rapid.IntRange(1, len(b)-1).Draw(t, "cut")]
		_, err = decodeState(context.Background(), cut, nil)
		require.Error(t, err)
		flipped := append([]byte{}, b...)
		flipped[rapid.IntRange(0, len(b)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		_, _ = decodeState(context.Background(), flipped, func(context.Context, [][]byte) (map[string][]byte, error) { return nil, nil })
	})
}

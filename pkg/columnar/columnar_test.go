package columnar_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/aqtra/aqtra/pkg/columnar"
	"github.com/aqtra/aqtra/pkg/value"
)

func columns() []columnar.Column {
	return []columnar.Column{
		{Name: "bool", Kind: value.Bool}, {Name: "int", Kind: value.Int}, {Name: "decimal", Kind: value.DecimalKind},
		{Name: "text", Kind: value.Text}, {Name: "ref", Kind: value.RefKind}, {Name: "file", Kind: value.FileKind},
		{Name: "bytes", Kind: value.Bytes}, {Name: "date", Kind: value.DateKind}, {Name: "time", Kind: value.TimeKind},
		{Name: "datetime", Kind: value.DatetimeKind}, {Name: "list", Kind: value.List},
	}
}

func rows() *rapid.Generator[[]any] {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "ä\u202e🙂", "'; --"}))
	return rapid.Custom(func(t *rapid.T) []any {
		decimal := value.MustDecimal(rapid.OneOf(rapid.StringMatching(`-?[0-9]{1,38}`), rapid.StringMatching(`-?[0-9]{1,20}\.[0-9]{1,18}`)).Draw(t, "decimal"))
		at := time.UnixMicro(rapid.Int64Range(-62135596800000000, 253402300799999999).Draw(t, "at")).UTC()
		clock, err := value.NewTime(time.Duration(rapid.Int64Range(0, 86_399_999_999).Draw(t, "time")) * time.Microsecond)
		require.NoError(t, err)
		list := []any{}
		for _, id := range rapid.SliceOfN(text, 0, 3).Draw(t, "list") {
			list = append(list, value.Ref(id))
		}
		row := []any{
			rapid.Bool().Draw(t, "bool"), rapid.Int64().Draw(t, "int"), decimal, text.Draw(t, "text"), value.Ref(text.Draw(t, "ref")),
			value.File(text.Draw(t, "file")), rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"), value.DateOf(at), clock, at, list,
		}
		for i := range row {
			if rapid.IntRange(0, 4).Draw(t, "null") == 0 {
				row[i] = nil
			}
		}
		return row
	})
}

func write(t require.TestingT, rows [][]any) []byte {
	var to bytes.Buffer
	w, err := columnar.NewWriter(&to, columns())
	require.NoError(t, err)
	for _, row := range rows {
		require.NoError(t, w.Append(row))
	}
	require.NoError(t, w.Close())
	return to.Bytes()
}

func read(from io.Reader) ([][]any, error) {
	r, err := columnar.NewReader(from)
	if err != nil {
		return nil, err
	}
	var out [][]any
	err = r.Each(func(row []any) error {
		out = append(out, append([]any{}, row...))
		return nil
	})
	return out, err
}

func TestRowsComeAsTheyWent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		want := rapid.SliceOfN(rows(), 0, 20).Draw(rt, "rows")
		r, err := columnar.NewReader(iotest.OneByteReader(bytes.NewReader(write(rt, want))))
		require.NoError(rt, err)
		require.Equal(rt, columns(), r.Columns())
		n := 0
		require.NoError(rt, r.Each(func(row []any) error {
			for i := range row {
				require.True(rt, value.Equal(want[n][i], row[i]), "%s: %v, %v", columns()[i].Name, want[n][i], row[i])
				require.IsType(rt, want[n][i], row[i])
			}
			n++
			return nil
		}))
		require.Len(rt, want, n)
	})
}

func TestManyRowsMakeManyBatches(t *testing.T) {
	t.Parallel()
	var to counting
	w, err := columnar.NewWriter(&to, []columnar.Column{{Name: "n", Kind: value.Int}, {Name: "text", Kind: value.Text}})
	require.NoError(t, err)
	for i := range 10_000 {
		require.NoError(t, w.Append([]any{int64(i), fmt.Sprint(i)}))
	}
	require.Greater(t, to.n, 4, "batches leave before the end")
	require.NoError(t, w.Append([]any{int64(1), string(make([]byte, 1<<20))}))
	require.NoError(t, w.Close())
}

type counting struct{ n int }

func (c *counting) Write(p []byte) (int, error) {
	c.n++
	return len(p), nil
}

func TestRefusedColumnsAndValues(t *testing.T) {
	t.Parallel()
	for _, kind := range []value.Kind{value.Map, value.Any, value.Null} {
		_, err := columnar.NewWriter(io.Discard, []columnar.Column{{Name: "c", Kind: kind}})
		require.Error(t, err)
	}
	values := []any{true, int64(1), value.NewDecimal(1), "a", value.Ref("a"), value.File("a"), []byte("a"), value.DateOf(time.Unix(0, 0)), value.Time{}, time.Unix(0, 0).UTC(), []any{value.Ref("a")}}
	for i, c := range columns() {
		for j, v := range values {
			w, err := columnar.NewWriter(io.Discard, []columnar.Column{c})
			require.NoError(t, err)
			require.Equal(t, i == j, w.Append([]any{v}) == nil, "%s: %T", c.Name, v)
		}
	}
	w, err := columnar.NewWriter(io.Discard, []columnar.Column{{Name: "c", Kind: value.List}})
	require.NoError(t, err)
	require.Error(t, w.Append([]any{[]any{"no reference"}}))
}

// A stream that is cut is never taken for a whole one with fewer rows, unless it is cut between two batches: there the sender's
// word is needed, which ends gRPC's stream.
func TestBrokenStreams(t *testing.T) {
	t.Parallel()
	all := rapid.SliceOfN(rows(), 50, 50).Example(1)
	whole := write(t, all)
	cause := errors.New("broken")
	for cut := 0; cut < len(whole)-16; cut += 97 {
		_, err := read(io.MultiReader(bytes.NewReader(whole[:cut]), iotest.ErrReader(cause)))
		require.ErrorIs(t, err, cause)
	}
	got, err := read(bytes.NewReader(whole))
	require.NoError(t, err)
	require.NotNil(t, got)
}

package expr_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/expr"
)

func TestSpans(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want []string // offset and what stands there
	}{
		{"order.amount", []string{"0 order", "6 amount"}},
		{"  note", []string{"2 note"}},
		{"'äöü😀' + note", []string{"9 note"}},
		{"'a\\'note\\u00e4' + note", []string{"18 note"}},
		{"'''note\n''' + note", []string{"14 note"}},
		{"has(order.amount)", []string{"4 order", "10 amount"}},
		{"has( order . customer . name )", []string{"5 order", "13 customer", "24 name"}},
		{"order.`amount` > 1", []string{"0 order", "6 `amount`"}},
		{"order.customer.name == order.customer.name", []string{"0 order", "6 customer", "15 name", "23 order", "29 customer", "38 name"}},
		{"order.lines.exists(note, note.qty > 1)", []string{"0 order", "6 lines", "30 qty"}},
		{"order.lines.all(l, l.qty > 1) && note == 'note'", []string{"0 order", "6 lines", "21 qty", "33 note"}},
		{"order.lines.filter(l, has(l.qty)).map(l, l.qty)", []string{"0 order", "6 lines", "28 qty", "43 qty"}},
		{"order.lines[0].qty", []string{"0 order", "6 lines", "15 qty"}},
		{"{'note': note}['note']", []string{"9 note"}},
		{"// note\nnote", []string{"8 note"}},
		{"order. // amount ä\n amount", []string{"0 order", "20 amount"}},
	}
	for _, tt := range tests {
		checked, problems := newEnv(t).Check(tt.text)
		require.Empty(t, problems, tt.text)
		require.Equal(t, tt.want, standing(checked, tt.text), tt.text)
	}
}

func standing(c *expr.Checked, text string) []string {
	var got []string
	for _, r := range c.Refs {
		offset, length := r.Span()
		got = append(got, fmt.Sprintf("%d %s", offset, string([]rune(text)[offset:offset+length])))
	}
	return got
}

// FuzzSpans: with a name that nothing else has put where a variable or field stands, an expression refers to the same things.
func FuzzSpans(f *testing.F) {
	for _, text := range []string{
		"order.amount > 1", "'ä' + order.customer.name + note", "has(order.`amount`) ? order.amount : 0", "order.lines.map(note, note.qty)",
		"order.lines.exists(l, has(l.qty) && l.qty > 1) && note != ''", "[note, note].exists(order, order == note)", "order. // it\n amount",
		"{'note': note, 'x': [order.lines]}", "note + '''\n''' + r'\\' + note", "order.lines.filter(l, l.qty > 0).map(l, l.qty)[0]",
	} {
		f.Add(text)
	}
	env := newEnv(f)
	f.Fuzz(func(t *testing.T, text string) {
		checked, problems := env.Check(text)
		if len(problems) > 0 {
			return
		}
		runes := []rune(text)
		for _, r := range checked.Refs {
			offset, length := r.Span()
			require.LessOrEqual(t, offset+length, len(runes))
			name := r.Path[strings.LastIndexByte(r.Path, '.')+1:]
			require.Equal(t, name, strings.Trim(string(runes[offset:offset+length]), "`"), "%q in %q", r.Path, text)
			other := string(runes[:offset]) + "zzz_" + name + string(runes[offset+length:])
			_, wrong := env.Check(other)
			require.NotEmpty(t, wrong, "the name stands elsewhere than at %d of %q", offset, text)
		}
	})
}

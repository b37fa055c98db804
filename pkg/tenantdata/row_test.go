package tenantdata

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestRowKeepsAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[^\x00]*`).Draw(t, "text")
		row := Row{columns: []string{"a", "b", "c"}}
		require.NoError(t, row.set([]byte(`x	\N	y`)))
		require.NoError(t, row.SetText("b", text))
		line := row.appendTo(nil)
		require.Equal(t, 1, bytes.Count(line, []byte("\n")))
		again := Row{columns: row.columns}
		require.NoError(t, again.set(line[:len(line)-1]))
		got, ok, err := again.Text("b")
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, text, got)
	})
}

func TestRowRefuses(t *testing.T) {
	for name, line := range map[string]string{
		"too few cells": "a", "too many cells": "a\tb\tc", "an end of data": "\\.\tb", "a half escape": "a\tb\\", "a line break": "a\r\tb", "zero": "a\x00\tb",
	} {
		row := Row{columns: []string{"a", "b"}}
		require.Error(t, row.set([]byte(line)), name)
	}
}

func TestRename(t *testing.T) {
	names := map[string]string{"u1": "u2", "a b": `"c",d`}
	for given, want := range map[string]string{
		"u1": "u2", "other": "other", "{u1,other}": "{u2,other}", `{"a b"}`: `{"\\"c\\",d"}`, "{}": "{}", `\N`: `\N`,
	} {
		row := Row{columns: []string{"a"}}
		require.NoError(t, row.set([]byte(given)))
		require.NoError(t, row.rename("a", names))
		require.Equal(t, want+"\n", string(row.appendTo(nil)), given)
	}
	row := Row{columns: []string{"a"}}
	require.NoError(t, row.set([]byte(`{"u1`)))
	require.ErrorIs(t, row.rename("a", names), errCell)
}

package exporttofile

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/aqtra/aqtra/pkg/value"
)

func TestXLSX(t *testing.T) {
	t.Parallel()
	content, err := writeXLSX([]string{"text", "number", "long", "yes", "none"}, []map[string]any{
		{"text": "=cmd()", "number": value.MustDecimal("1.25"), "long": value.MustDecimal("1234567890123456.78"), "yes": true},
		{"text": "b", "number": int64(5), "long": int64(1) << 60},
	}, "Data")
	require.NoError(t, err)
	book, err := excelize.OpenReader(bytes.NewReader(content))
	require.NoError(t, err)
	rows, err := book.GetRows("Data")
	require.NoError(t, err)
	require.Equal(t, [][]string{
		{"text", "number", "long", "yes", "none"},
		{"=cmd()", "1.25", "1234567890123456.78", "TRUE"},
		{"b", "5", "1152921504606846976"},
	}, rows)
	formula, err := book.GetCellFormula("Data", "A2")
	require.NoError(t, err)
	require.Empty(t, formula, "text is never a formula")
	kind, err := book.GetCellType("Data", "B2")
	require.NoError(t, err)
	require.NotEqual(t, excelize.CellTypeInlineString, kind, "numbers are numbers")
}

func TestXLSXRefusesLongCells(t *testing.T) {
	t.Parallel()
	_, err := writeXLSX([]string{"a"}, []map[string]any{{"a": strings.Repeat("x", maxCell+1)}}, "Data")
	require.ErrorContains(t, err, "a cell of a worksheet holds")
}

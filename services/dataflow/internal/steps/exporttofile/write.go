package exporttofile

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/aqtra/aqtra/pkg/value"
)

// maxCell is how many characters a cell of a spreadsheet holds.
const maxCell = 32_767

func writeCSV(columns []string, rows []map[string]any, separator rune) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = separator
	line := make([]string, len(columns))
	for i, name := range columns {
		line[i] = guard(name)
	}
	if err := w.Write(line); err != nil {
		return nil, fmt.Errorf("write csv: %w", err)
	}
	for _, row := range rows {
		for i, name := range columns {
			text, isText, err := cell(row[name])
			if err != nil {
				return nil, err
			}
			if line[i] = text; isText {
				line[i] = guard(text)
			}
		}
		if err := w.Write(line); err != nil {
			return nil, fmt.Errorf("write csv: %w", err)
		}
		if b.Len() > maxFile {
			break // Run refuses it
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// guard keeps a spreadsheet from taking text for a formula, which could send data away or run programs.
func guard(text string) string {
	if text != "" && strings.ContainsAny(text[:1], "=+-@\t\r\n") || strings.HasPrefix(text, "＝") {
		return "'" + text
	}
	return text
}

// cell is a value as text; it reports whether the text is what somebody wrote, and not a number, a date or the like.
func cell(v any) (string, bool, error) {
	switch v := v.(type) {
	case nil:
		return "", false, nil
	case string:
		return v, true, nil
	case value.Ref:
		return string(v), true, nil
	case value.File:
		return string(v), true, nil
	case bool, int64, value.Decimal, value.Date, value.Time:
		return fmt.Sprint(v), false, nil
	case time.Time:
		return value.FormatDatetime(v), false, nil
	default:
		text, err := value.ToJSON(v)
		if err != nil {
			return "", false, fmt.Errorf("write cell: %w", err)
		}
		return string(text), true, nil
	}
}

func writeJSON(rows []map[string]any) ([]byte, error) {
	out := []byte("[")
	for i, row := range rows {
		if i > 0 {
			out = append(out, ",\n "...)
		}
		var err error
		if out, err = value.AppendJSON(out, row); err != nil {
			return nil, fmt.Errorf("write json: %w", err)
		}
		if len(out) > maxFile {
			break // Run refuses it
		}
	}
	return append(out, "]\n"...), nil
}

// writeXLSX writes typed cells: a text is never a formula there.
func writeXLSX(columns []string, rows []map[string]any, worksheet string) ([]byte, error) {
	book := excelize.NewFile()
	defer func() { _ = book.Close() }()
	if err := book.SetSheetName("Sheet1", worksheet); err != nil {
		return nil, fmt.Errorf("name worksheet: %w", err)
	}
	w, err := book.NewStreamWriter(worksheet)
	if err != nil {
		return nil, fmt.Errorf("write worksheet: %w", err)
	}
	line := make([]any, len(columns))
	for i, name := range columns {
		line[i] = name
	}
	for n := 0; ; n++ {
		at, err := excelize.CoordinatesToCellName(1, n+1)
		if err != nil {
			return nil, fmt.Errorf("write worksheet: %w", err)
		}
		if err := w.SetRow(at, line); err != nil {
			return nil, fmt.Errorf("write worksheet: %w", err)
		}
		if n == len(rows) {
			break
		}
		for i, name := range columns {
			if line[i], err = typedCell(rows[n][name]); err != nil {
				return nil, err
			}
		}
	}
	if err := w.Flush(); err != nil {
		return nil, fmt.Errorf("write worksheet: %w", err)
	}
	b, err := book.WriteToBuffer()
	if err != nil {
		return nil, fmt.Errorf("write workbook: %w", err)
	}
	return b.Bytes(), nil
}

// typedCell keeps numbers numbers where a spreadsheet's floating point holds them exactly enough to show: 15 digits.
func typedCell(v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case bool:
		return v, nil
	case int64:
		if v < 1e15 && v > -1e15 {
			return v, nil
		}
	case value.Decimal:
		text := v.String()
		if number, err := strconv.ParseFloat(text, 64); err == nil && len(text) <= 15 {
			return number, nil
		}
	}
	text, _, err := cell(v)
	if err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(text) > maxCell {
		return nil, failed(fmt.Sprintf("a cell of a worksheet holds %d characters at most", maxCell))
	}
	return text, nil
}

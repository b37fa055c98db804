package tenantdata

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5/pgtype"
)

// Row is a row in the text form of COPY. What is not looked at passes through as it is.
type Row struct {
	columns []string
	cells   [][]byte
}

var (
	errCells = errors.New("a row does not have the cells that it should have")
	errCell  = errors.New("a cell is not written as COPY writes it")
	null     = []byte(`\N`)
)

// set reads a line without its end. The row refers to the line.
func (r *Row) set(line []byte) error {
	r.cells = r.cells[:0]
	for cell := range bytes.SplitSeq(line, []byte{'\t'}) {
		if !wellWritten(cell) {
			return errCell
		}
		r.cells = append(r.cells, cell)
	}
	if len(r.cells) != len(r.columns) {
		return errCells
	}
	return nil
}

// wellWritten tells whether COPY could have written the cell: it ends rows by itself, and escapes a few bytes only.
func wellWritten(cell []byte) bool {
	if bytes.Equal(cell, null) {
		return true
	}
	for i := 0; i < len(cell); i++ {
		switch cell[i] {
		case '\n', '\r', 0:
			return false
		case '\\':
			if i++; i == len(cell) || unescape(cell[i]) == 0 {
				return false
			}
		}
	}
	return true
}

func unescape(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'v':
		return '\v'
	case '\\':
		return '\\'
	}
	return 0
}

// appendTo writes the row as a line, with its end.
func (r *Row) appendTo(line []byte) []byte {
	for i, cell := range r.cells {
		if i > 0 {
			line = append(line, '\t')
		}
		line = append(line, cell...)
	}
	return append(line, '\n')
}

func (r *Row) at(column string) (int, error) {
	i := slices.Index(r.columns, column)
	if i < 0 {
		return 0, fmt.Errorf("there is no column %s", column)
	}
	return i, nil
}

// Text returns a cell as text; ok is false when it is null.
func (r *Row) Text(column string) (text string, ok bool, err error) {
	i, err := r.at(column)
	if err != nil || bytes.Equal(r.cells[i], null) {
		return "", false, err
	}
	out := make([]byte, 0, len(r.cells[i]))
	for cell := r.cells[i]; len(cell) > 0; cell = cell[1:] {
		c := cell[0]
		if c == '\\' {
			cell = cell[1:]
			c = unescape(cell[0])
		}
		out = append(out, c)
	}
	return string(out), true, nil
}

// SetText replaces a cell.
func (r *Row) SetText(column, text string) error {
	i, err := r.at(column)
	if err != nil {
		return err
	}
	out := make([]byte, 0, len(text))
	for j := range len(text) {
		switch text[j] {
		case '\b':
			out = append(out, `\b`...)
		case '\f':
			out = append(out, `\f`...)
		case '\n':
			out = append(out, `\n`...)
		case '\r':
			out = append(out, `\r`...)
		case '\t':
			out = append(out, `\t`...)
		case '\v':
			out = append(out, `\v`...)
		case '\\':
			out = append(out, `\\`...)
		default:
			out = append(out, text[j])
		}
	}
	r.cells[i] = out
	return nil
}

// Bytes returns a cell of type bytea; nil when it is null.
func (r *Row) Bytes(column string) ([]byte, error) {
	text, ok, err := r.Text(column)
	if err != nil || !ok {
		return nil, err
	}
	digits, ok := bytes.CutPrefix([]byte(text), []byte(`\x`))
	if !ok {
		return nil, errCell
	}
	out := make([]byte, hex.DecodedLen(len(digits)))
	if _, err := hex.Decode(out, digits); err != nil {
		return nil, errCell
	}
	return out, nil
}

// SetBytes replaces a cell of type bytea.
func (r *Row) SetBytes(column string, b []byte) error {
	return r.SetText(column, `\x`+hex.EncodeToString(b))
}

// rename replaces the names in a cell, which is one or a list of them, by those that names has for them.
func (r *Row) rename(column string, names map[string]string) error {
	text, ok, err := r.Text(column)
	if err != nil || !ok {
		return err
	}
	if name, ok := names[text]; ok {
		return r.SetText(column, name)
	}
	if len(text) < 2 || text[0] != '{' {
		return nil
	}
	m := pgtype.NewMap()
	var list []string
	if err := m.Scan(pgtype.TextArrayOID, pgtype.TextFormatCode, []byte(text), &list); err != nil {
		return errCell
	}
	changed := false
	for i, was := range list {
		if name, ok := names[was]; ok {
			list[i], changed = name, true
		}
	}
	if !changed {
		return nil
	}
	out, err := m.Encode(pgtype.TextArrayOID, pgtype.TextFormatCode, list, nil)
	if err != nil {
		return err
	}
	return r.SetText(column, string(out))
}

package importfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/aqtra/aqtra/pkg/value"
)

// readCSV reads a CSV file whose first line after the skipped ones has the names of the columns.
func readCSV(content []byte, separator rune, skip int) ([]record, error) {
	content = bytes.TrimPrefix(content, []byte("\uFEFF"))
	if !utf8.Valid(content) {
		return nil, failed("the file is not UTF-8 text")
	}
	for range skip {
		_, rest, found := bytes.Cut(content, []byte("\n"))
		if !found {
			return nil, failed("the file has no line after the skipped ones")
		}
		content = rest
	}
	r := csv.NewReader(bytes.NewReader(content))
	r.Comma = separator
	r.FieldsPerRecord = -1
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, failed("the file has no line with the names of the columns")
	}
	if err != nil {
		return nil, failed("the line with the names of the columns cannot be read: " + csvMessage(err))
	}
	names, err := columnNames(header)
	if err != nil {
		return nil, err
	}
	var records []record
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return records, nil
		}
		if len(records) == maxRows {
			return nil, tooManyRows()
		}
		if err != nil {
			line := int64(skip)
			var parse *csv.ParseError
			if errors.As(err, &parse) {
				line += int64(parse.StartLine)
			}
			records = append(records, record{line: line, broken: csvMessage(err)})
			continue
		}
		line, _ := r.FieldPos(0)
		records = append(records, newRecord(int64(line+skip), names, cells))
	}
}

func csvMessage(err error) string {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return parse.Err.Error()
	}
	return err.Error()
}

// columnNames are the trimmed names; a column without one is not read.
func columnNames(header []string) ([]string, error) {
	names, seen := make([]string, len(header)), map[string]bool{}
	some := false
	for i, cell := range header {
		name := strings.TrimSpace(cell)
		if name != "" && seen[name] {
			return nil, failed(fmt.Sprintf("two columns have the name %q", name))
		}
		names[i], seen[name], some = name, true, some || name != ""
	}
	if !some {
		return nil, failed("the line with the names of the columns is empty")
	}
	return names, nil
}

// newRecord gives the cells their names. A row that is shorter lacks the last columns, a longer one is broken.
func newRecord(line int64, names, cells []string) record {
	fields := make(map[string]any, len(names))
	for i, cell := range cells {
		switch {
		case i < len(names) && names[i] != "":
			fields[names[i]] = cell
		case i >= len(names) && cell != "":
			return record{line: line, broken: fmt.Sprintf("the row has %d cells, there are %d columns", len(cells), len(names))}
		}
	}
	for _, name := range names[min(len(cells), len(names)):] {
		if name != "" {
			fields[name] = ""
		}
	}
	return record{line: line, fields: fields}
}

// readJSON reads a list of objects, or a single object. Lines are the numbers of the elements.
func readJSON(content []byte) ([]record, error) {
	v, err := value.FromJSON(bytes.TrimPrefix(content, []byte("\uFEFF")))
	if err != nil {
		return nil, failed("the file is not JSON: " + err.Error())
	}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	if len(list) > maxRows {
		return nil, tooManyRows()
	}
	records := make([]record, len(list))
	for i, element := range list {
		records[i].line = int64(i) + 1
		fields, ok := element.(map[string]any)
		if !ok {
			records[i].broken = "the element is not an object"
			continue
		}
		records[i].fields = fields
	}
	return records, nil
}

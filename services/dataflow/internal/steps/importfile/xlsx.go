package importfile

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/aqtra/aqtra/pkg/value"
)

// maxUnzipped bounds what a workbook unpacks to, in bytes: archives can be small and their content huge.
const maxUnzipped = 128 << 20

// readXLSX reads a worksheet whose first line after the skipped ones has the names of the columns. Cells are text: numbers as
// they are stored, not as they are shown, dates like 2026-01-31 or 2026-01-31T13:05:00Z, true and false.
func readXLSX(content []byte, worksheet string, skip int) ([]record, error) {
	book, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxUnzipped, RawCellValue: true})
	if err != nil {
		return nil, failed("the file is not an XLSX workbook, or too large")
	}
	defer func() { _ = book.Close() }() // nothing was written
	if worksheet == "" {
		worksheet = book.GetSheetName(0)
	}
	if i, err := book.GetSheetIndex(worksheet); err != nil || i < 0 {
		return nil, failed(fmt.Sprintf("the workbook has no worksheet %q", worksheet))
	}
	s := &sheet{book: book, name: worksheet, dates: map[int]bool{}}
	if props, err := book.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		s.date1904 = *props.Date1904
	}
	rows, err := book.Rows(worksheet)
	if err != nil {
		return nil, failed("the worksheet cannot be read")
	}
	defer func() { _ = rows.Close() }()
	var names []string
	var records []record
	for line := 1; rows.Next(); line++ {
		cells, err := rows.Columns()
		if err != nil {
			return nil, failed("the worksheet cannot be read")
		}
		switch {
		case line <= skip:
		case names == nil:
			if names, err = columnNames(cells); err != nil {
				return nil, err
			}
		case strings.Join(cells, "") == "": // empty rows at the end are what spreadsheets leave behind
		case len(records) == maxRows:
			return nil, tooManyRows()
		default:
			records = append(records, newRecord(int64(line), names, s.texts(line, cells)))
		}
	}
	if names == nil {
		return nil, failed("the worksheet has no line with the names of the columns")
	}
	return records, nil
}

type sheet struct {
	book     *excelize.File
	name     string
	date1904 bool
	dates    map[int]bool // by style
}

// texts makes dates and truth values of the numbers that stand for them.
func (s *sheet) texts(line int, cells []string) []string {
	out := make([]string, len(cells))
	for i, cell := range cells {
		out[i] = cell
		number, err := strconv.ParseFloat(cell, 64)
		if err != nil {
			continue
		}
		name, err := excelize.CoordinatesToCellName(i+1, line)
		if err != nil {
			continue
		}
		kind, err := s.book.GetCellType(s.name, name)
		switch {
		case err != nil || kind == excelize.CellTypeInlineString || kind == excelize.CellTypeSharedString:
		case kind == excelize.CellTypeBool:
			out[i] = strconv.FormatBool(number != 0)
		case s.isDate(name):
			out[i] = s.date(number, cell)
		}
	}
	return out
}

func (s *sheet) date(number float64, cell string) string {
	t, err := excelize.ExcelDateToTime(number, s.date1904)
	if err != nil {
		return cell
	}
	if t = t.Round(time.Second).UTC(); number == float64(int64(number)) {
		return value.DateOf(t).String()
	}
	return value.FormatDatetime(t)
}

func (s *sheet) isDate(cell string) bool {
	id, err := s.book.GetCellStyle(s.name, cell)
	if err != nil {
		return false
	}
	known, ok := s.dates[id]
	if !ok {
		style, err := s.book.GetStyle(id)
		known = err == nil && isDateFormat(style)
		s.dates[id] = known
	}
	return known
}

// isDateFormat goes by the numbers of the standard's own formats, and by the letters of others outside of quoted text.
func isDateFormat(style *excelize.Style) bool {
	if style.CustomNumFmt != nil {
		plain := regexp.MustCompile(`"[^"]*"|\\.|\[[^\]]*\]`).ReplaceAllString(*style.CustomNumFmt, "")
		return strings.ContainsAny(strings.ToLower(plain), "ymdhs") && !strings.Contains(strings.ToLower(plain), "general")
	}
	n := style.NumFmt
	return n >= 14 && n <= 22 || n >= 27 && n <= 36 || n >= 45 && n <= 47 || n >= 50 && n <= 58
}

package importfile

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

func workbook(t *testing.T, fill func(*excelize.File)) []byte {
	t.Helper()
	book := excelize.NewFile()
	fill(book)
	b, err := book.WriteToBuffer()
	require.NoError(t, err)
	require.NoError(t, book.Close())
	return b.Bytes()
}

func TestXLSX(t *testing.T) {
	t.Parallel()
	content := workbook(t, func(b *excelize.File) {
		day, err := b.NewStyle(&excelize.Style{NumFmt: 14})
		require.NoError(t, err)
		own := `dd/mm/yyyy hh:mm "Uhr"`
		moment, err := b.NewStyle(&excelize.Style{CustomNumFmt: &own})
		require.NoError(t, err)
		money := `#,##0.00 "days"`
		price, err := b.NewStyle(&excelize.Style{CustomNumFmt: &money})
		require.NoError(t, err)
		_, err = b.NewSheet("Data")
		require.NoError(t, err)
		for cell, v := range map[string]any{
			"A1": "a report", "A2": "number", "B2": "total", "C2": "day", "D2": "at", "E2": "paid", "F2": "code",
			"A3": "A1", "B3": 1234.5, "C3": 46053, "D3": time.Date(2026, 1, 31, 13, 5, 0, 0, time.UTC), "E3": true, "F3": "007",
			"A5": "A2", "G5": "too much",
		} {
			require.NoError(t, b.SetCellValue("Data", cell, v))
		}
		require.NoError(t, b.SetCellStyle("Data", "B3", "B3", price))
		require.NoError(t, b.SetCellStyle("Data", "C3", "C3", day))
		require.NoError(t, b.SetCellStyle("Data", "D3", "D3", moment))
	})
	records, err := readXLSX(content, "Data", 1)
	require.NoError(t, err)
	require.Equal(t, []record{
		{line: 3, fields: map[string]any{
			"number": "A1", "total": "1234.5", "day": "2026-01-31", "at": "2026-01-31T13:05:00Z", "paid": "true", "code": "007",
		}},
		{line: 5, broken: "the row has 7 cells, there are 6 columns"},
	}, records)

	_, err = readXLSX(content, "Dates", 0)
	require.ErrorContains(t, err, `no worksheet "Dates"`)
	_, err = readXLSX(content, "Data", 9)
	require.ErrorContains(t, err, "no line with the names")
}

// TestXLSXBomb: a few kilobytes must not become gigabytes.
func TestXLSXBomb(t *testing.T) {
	t.Parallel()
	content := workbook(t, func(b *excelize.File) { require.NoError(t, b.SetCellValue("Sheet1", "A1", "a")) })
	in, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	require.NoError(t, err)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	w.RegisterCompressor(zip.Deflate, func(to io.Writer) (io.WriteCloser, error) { return flate.NewWriter(to, flate.BestSpeed) })
	for _, f := range in.File {
		if f.Name != "xl/worksheets/sheet1.xml" {
			require.NoError(t, w.Copy(f))
		}
	}
	sheet, err := w.Create("xl/worksheets/sheet1.xml")
	require.NoError(t, err)
	line := []byte(strings.Repeat(" ", 1<<20))
	for range maxUnzipped>>20 + 1 {
		_, err := sheet.Write(line)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.Less(t, out.Len(), 1<<20)
	_, err = readXLSX(out.Bytes(), "", 0)
	require.ErrorContains(t, err, "not an XLSX workbook, or too large")
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("a;b\n1;2\n"), 0)
	f.Add([]byte("\uFEFFa\n\"x\ny\"\n"), 1)
	f.Fuzz(func(t *testing.T, content []byte, skip int) {
		records, err := readCSV(content, ';', min(max(skip, 0), maxSkip))
		if err != nil {
			return
		}
		lines := int64(bytes.Count(content, []byte("\n")) + 1)
		for _, r := range records {
			require.Positive(t, r.line)
			require.LessOrEqual(t, r.line, lines)
			require.NotEqual(t, r.fields == nil, r.broken == "", "a row is read or broken")
		}
	})
}

// TestXLSXDamaged: bits that flipped are a fault or other rows, never a panic.
func TestXLSXDamaged(t *testing.T) {
	t.Parallel()
	content := workbook(t, func(b *excelize.File) { require.NoError(t, b.SetCellValue("Sheet1", "A1", "a")) })
	rapid.Check(t, func(t *rapid.T) {
		damaged := bytes.Clone(content)
		for _, at := range rapid.SliceOfN(rapid.IntRange(0, len(damaged)*8-1), 1, 8).Draw(t, "bits") {
			damaged[at/8] ^= 1 << (at % 8)
		}
		_, err := readXLSX(damaged, "", 0)
		if err != nil {
			require.True(t, fault.Has(err, faultv1.Reason_REASON_IMPORT_FAILED), "%v", err)
		}
	})
}

// Package columnar moves rows of values between services as record batches in Arrow's IPC format, whose memory at both ends is
// that of one batch. A Reader believes the lengths that it reads, so it is for what a Writer wrote and nobody else.
package columnar

import (
	"fmt"
	"io"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/aqtra/aqtra/pkg/value"
)

const (
	// batchRows and batchBytes bound a batch, beyond which only its last row may go.
	batchRows  = 2048
	batchBytes = 256 << 10
	// kindKey is the metadata of a column that tells the kind of its values.
	kindKey = "kind"
)

// Column is one column. Lists are lists of references; there are no maps and no values of any kind.
type Column struct {
	Name string
	Kind value.Kind
}

var types = map[value.Kind]arrow.DataType{
	value.Bool:         arrow.FixedWidthTypes.Boolean,
	value.Int:          arrow.PrimitiveTypes.Int64,
	value.DecimalKind:  arrow.BinaryTypes.String, // no width of Arrow's decimals has room for 38 digits wherever the point is
	value.Text:         arrow.BinaryTypes.String,
	value.RefKind:      arrow.BinaryTypes.String,
	value.FileKind:     arrow.BinaryTypes.String,
	value.Bytes:        arrow.BinaryTypes.Binary,
	value.DateKind:     arrow.FixedWidthTypes.Date32,
	value.TimeKind:     arrow.FixedWidthTypes.Time64us,
	value.DatetimeKind: arrow.FixedWidthTypes.Timestamp_us,
	value.List:         arrow.ListOf(arrow.BinaryTypes.String),
}

// Writer writes rows.
type Writer struct {
	columns []Column
	batch   *array.RecordBuilder
	to      *ipc.Writer
	rows    int
	bytes   int
}

// NewWriter begins a stream. Nothing is written before the first batch is full, or Close.
func NewWriter(to io.Writer, columns []Column) (*Writer, error) {
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		typ, ok := types[c.Kind]
		if !ok {
			return nil, fmt.Errorf("column %s: %s has no form in columns", c.Name, value.Type{Kind: c.Kind})
		}
		fields[i] = arrow.Field{Name: c.Name, Type: typ, Nullable: true, Metadata: arrow.NewMetadata([]string{kindKey}, []string{strconv.Itoa(int(c.Kind))})}
	}
	schema := arrow.NewSchema(fields, nil)
	return &Writer{
		columns: columns, batch: array.NewRecordBuilder(memory.DefaultAllocator, schema),
		to: ipc.NewWriter(to, ipc.WithSchema(schema)),
	}, nil
}

// Append adds a row, which has a value or nil for each column and is not kept.
func (w *Writer) Append(row []any) error {
	for i, v := range row {
		n, ok := appendValue(w.batch.Field(i), w.columns[i].Kind, v)
		if !ok {
			return fmt.Errorf("column %s: a value is %T, not %s", w.columns[i].Name, v, value.Type{Kind: w.columns[i].Kind})
		}
		w.bytes += n
	}
	w.rows++
	if w.rows < batchRows && w.bytes < batchBytes {
		return nil
	}
	return w.flush()
}

func (w *Writer) flush() error {
	batch := w.batch.NewRecordBatch()
	defer batch.Release()
	w.rows, w.bytes = 0, 0
	if err := w.to.Write(batch); err != nil {
		return fmt.Errorf("write batch: %w", err)
	}
	return nil
}

// Close writes what is left, and the end.
func (w *Writer) Close() error {
	if w.rows > 0 {
		if err := w.flush(); err != nil {
			return err
		}
	}
	w.batch.Release()
	if err := w.to.Close(); err != nil {
		return fmt.Errorf("write end: %w", err)
	}
	return nil
}

// appendValue adds a value to a column and gives about how many bytes it takes; false when it is of another kind.
func appendValue(to array.Builder, kind value.Kind, v any) (int, bool) {
	const fixed = 8
	if v == nil {
		to.AppendNull()
		return fixed, true
	}
	switch v := v.(type) {
	case bool:
		b, ok := to.(*array.BooleanBuilder)
		if ok {
			b.Append(v)
		}
		return fixed, ok
	case int64:
		b, ok := to.(*array.Int64Builder)
		if ok {
			b.Append(v)
		}
		return fixed, ok
	case value.Decimal:
		return appendText(to, kind == value.DecimalKind, v.String())
	case string:
		return appendText(to, kind == value.Text, v)
	case value.Ref:
		return appendText(to, kind == value.RefKind, string(v))
	case value.File:
		return appendText(to, kind == value.FileKind, string(v))
	case []byte:
		b, ok := to.(*array.BinaryBuilder)
		if ok {
			b.Append(v)
		}
		return fixed + len(v), ok
	case value.Date:
		b, ok := to.(*array.Date32Builder)
		if ok {
			b.Append(arrow.Date32(v.Start().Unix() / secondsOfDay))
		}
		return fixed, ok
	default:
		return appendOther(to, v)
	}
}

func appendText(to array.Builder, ok bool, text string) (int, bool) {
	if ok {
		to.(*array.StringBuilder).Append(text)
	}
	return 8 + len(text), ok
}

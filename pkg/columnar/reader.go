package columnar

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"github.com/aqtra/aqtra/pkg/value"
)

const secondsOfDay = 24 * 60 * 60

func appendOther(to array.Builder, v any) (int, bool) {
	switch v := v.(type) {
	case value.Time:
		b, ok := to.(*array.Time64Builder)
		if ok {
			b.Append(arrow.Time64(v.SinceMidnight().Microseconds()))
		}
		return 8, ok
	case time.Time:
		b, ok := to.(*array.TimestampBuilder)
		if ok {
			b.Append(arrow.Timestamp(v.UnixMicro()))
		}
		return 8, ok
	case []any:
		b, ok := to.(*array.ListBuilder)
		if !ok {
			return 0, false
		}
		b.Append(true)
		size := 8
		for _, item := range v {
			ref, isRef := item.(value.Ref)
			n, _ := appendText(b.ValueBuilder(), isRef, string(ref))
			if size += n; !isRef {
				return 0, false
			}
		}
		return size, true
	}
	return 0, false
}

// Reader reads what a Writer wrote.
type Reader struct {
	columns []Column
	from    *ipc.Reader
	source  *source
}

// source remembers why reading failed: Arrow takes some failures for the end.
type source struct {
	io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// NewReader reads the columns.
func NewReader(from io.Reader) (*Reader, error) {
	r := &Reader{source: &source{Reader: from}}
	var err error
	if r.from, err = ipc.NewReader(r.source); err != nil {
		return nil, r.failed(err)
	}
	for i, f := range r.from.Schema().Fields() {
		text, _ := f.Metadata.GetValue(kindKey)
		n, err := strconv.Atoi(text)
		kind := value.Kind(n)
		if typ, ok := types[kind]; err != nil || !ok || !arrow.TypeEqual(typ, f.Type) {
			r.from.Release()
			return nil, fmt.Errorf("column %d: a column of %s has the kind %q", i, f.Type, text)
		}
		r.columns = append(r.columns, Column{Name: f.Name, Kind: kind})
	}
	return r, nil
}

// Columns are the columns of the rows.
func (r *Reader) Columns() []Column { return r.columns }

// Each calls f for each row. The row is used again for the next one, its values are not. An error of f ends it.
func (r *Reader) Each(f func(row []any) error) error {
	defer r.from.Release()
	row := make([]any, len(r.columns))
	for r.from.Next() {
		batch := r.from.RecordBatch()
		for n := range int(batch.NumRows()) {
			for i, c := range r.columns {
				var err error
				if row[i], err = valueAt(batch.Column(i), c.Kind, n); err != nil {
					return fmt.Errorf("column %s: %w", c.Name, err)
				}
			}
			if err := f(row); err != nil {
				return err
			}
		}
	}
	return r.failed(r.from.Err())
}

func (r *Reader) failed(err error) error {
	if r.source.err != nil {
		return r.source.err
	}
	if err != nil {
		return fmt.Errorf("read batch: %w", err)
	}
	return nil
}

// valueAt is a value on its own: it keeps no batch in memory.
func valueAt(column arrow.Array, kind value.Kind, n int) (any, error) {
	if column.IsNull(n) {
		return nil, nil
	}
	switch c := column.(type) {
	case *array.Boolean:
		return c.Value(n), nil
	case *array.Int64:
		return c.Value(n), nil
	case *array.String:
		return textAs(kind, c.Value(n))
	case *array.Binary:
		return append([]byte{}, c.Value(n)...), nil
	case *array.Date32:
		return value.DateOf(time.Unix(int64(c.Value(n))*secondsOfDay, 0).UTC()), nil
	case *array.Time64:
		return value.NewTime(time.Duration(c.Value(n)) * time.Microsecond)
	case *array.Timestamp:
		return value.Datetime(time.UnixMicro(int64(c.Value(n))).UTC())
	case *array.List:
		ids, ok := c.ListValues().(*array.String)
		if !ok {
			break
		}
		start, end := c.ValueOffsets(n)
		items := make([]any, 0, end-start)
		for i := start; i < end; i++ {
			items = append(items, value.Ref(strings.Clone(ids.Value(int(i)))))
		}
		return items, nil
	}
	return nil, fmt.Errorf("unexpected type %s", column.DataType())
}

func textAs(kind value.Kind, text string) (any, error) {
	switch kind {
	case value.DecimalKind:
		return value.ParseDecimal(text)
	case value.RefKind:
		return value.Ref(strings.Clone(text)), nil
	case value.FileKind:
		return value.File(strings.Clone(text)), nil
	}
	return strings.Clone(text), nil
}

package rpc

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"time"

	"github.com/aqtra/aqtra/pkg/value"
	"github.com/aqtra/aqtra/pkg/wirejson"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"

	"github.com/aqtra/aqtra/services/storage/internal/engine"
	"github.com/aqtra/aqtra/services/storage/internal/model"
)

// exportChunk is how much text is gathered before it is sent.
const exportChunk = 64 << 10

// ExportEntries implements the service.
func (s *Entries) ExportEntries(r *storagev1.ExportEntriesRequest, stream storagev1.Entries_ExportEntriesServer) error {
	var text bytes.Buffer
	send := func() error {
		if text.Len() == 0 {
			return nil
		}
		err := stream.Send(&storagev1.ExportEntriesResponse{Chunk: text.Bytes()})
		text.Reset()
		return err
	}
	err := s.engine.Export(stream.Context(), engine.ExportRequest{
		Component: r.GetComponent(), Filter: strings.TrimSpace(r.GetFilter()), Search: strings.TrimSpace(r.GetSearch()),
		OrderBy: r.GetOrderBy(), Fields: r.GetFields(), ShowDeleted: r.GetShowDeleted(),
	}, func(fields []*model.Field) (func(engine.Entry) error, error) {
		write, err := lines(r.GetFormat(), &text, fields)
		if err != nil {
			return nil, err
		}
		return func(e engine.Entry) error {
			if err := write(e); err != nil || text.Len() < exportChunk {
				return err
			}
			return send()
		}, nil
	})
	if err != nil {
		return err
	}
	return send()
}

// lines returns what writes an entry in a format, after it has written what comes before the first.
func lines(format storagev1.ExportFormat, to *bytes.Buffer, fields []*model.Field) (func(engine.Entry) error, error) {
	if format == storagev1.ExportFormat_EXPORT_FORMAT_CSV {
		return csvLines(to, fields)
	}
	codec := wirejson.New()
	return func(e engine.Entry) error {
		p, err := entryToProto(e)
		if err != nil {
			return err
		}
		line, err := codec.Append(to.AvailableBuffer(), p)
		if err != nil {
			return fmt.Errorf("write entry: %w", err)
		}
		to.Write(append(line, '\n'))
		return nil
	}, nil
}

func csvLines(to *bytes.Buffer, fields []*model.Field) (func(engine.Entry) error, error) {
	w := csv.NewWriter(to)
	line := []string{model.ID}
	for _, f := range fields {
		line = append(line, f.GetName())
	}
	line = append(line, model.CreateTime, model.UpdateTime)
	flush := func() error {
		if err := w.Write(line); err != nil {
			return fmt.Errorf("write csv: %w", err)
		}
		w.Flush()
		return w.Error()
	}
	return func(e engine.Entry) error {
		line = append(line[:0], e.ID)
		for _, f := range fields {
			text, err := csvCell(e.Fields[f.GetName()])
			if err != nil {
				return err
			}
			line = append(line, text)
		}
		line = append(line, value.FormatDatetime(e.CreateTime), value.FormatDatetime(e.UpdateTime))
		return flush()
	}, flush()
}

// csvCell is a value as text. Only text that somebody wrote can be taken for a formula, which could send data away.
func csvCell(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		if v != "" && strings.ContainsAny(v[:1], "=+-@\t\r\n") || strings.HasPrefix(v, "＝") {
			return "'" + v, nil
		}
		return v, nil
	case bool, int64, value.Decimal, value.Date, value.Time, value.Ref, value.File:
		return fmt.Sprint(v), nil
	case time.Time:
		return value.FormatDatetime(v), nil
	}
	text, err := value.ToJSON(v)
	if err != nil {
		return "", fmt.Errorf("write cell: %w", err)
	}
	return string(text), nil
}

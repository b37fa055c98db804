// Package recording records what a run of a dataflow asks other services for, and plays it again without them.
package recording

import (
	"context"
	"errors"
	"time"

	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// Reach is what steps reach of other services.
type Reach struct {
	Entries   step.Entries
	Files     step.Files
	Scripts   step.Scripts
	Workflows step.Workflows
}

// through is where every call goes through: ask makes it, arguments and the result are values.
type through func(operation string, arguments []any, ask func() (any, error)) (any, error)

// over is a reach of which every call goes through.
func over(t through, real Reach) Reach {
	return Reach{Entries: entries{t, real.Entries}, Files: files{t, real.Files}, Scripts: scripts{t, real.Scripts}, Workflows: workflows{t, real.Workflows}}
}

// The operations. Those that change something are told apart by effect.
const (
	opGet, opList, opGroup, opWrite, opChunk = "get", "list", "group", "write", "writeChunk"
	opInfo, opRead, opStore                  = "fileInfo", "readFile", "storeFile"
	opExecute, opStart                       = "execute", "start"
)

func effect(operation string) bool {
	return operation == opWrite || operation == opChunk || operation == opStore || operation == opStart
}

type entries struct {
	through
	real step.Entries
}

var _ step.Grouper = entries{}

// Get implements step.Entries.
func (e entries) Get(ctx context.Context, component, id string) (step.Entry, error) {
	v, err := e.through(opGet, []any{component, id}, func() (any, error) {
		got, err := e.real.Get(ctx, component, id)
		return []any{got.ID, got.Fields}, err
	})
	if err != nil {
		return step.Entry{}, err
	}
	var got step.Entry
	err = read(v, &got.ID, &got.Fields)
	return got, err
}

func ofQuery(q step.Query) []any {
	return []any{q.Component, q.Filter, q.OrderBy, int64(q.Limit), q.Snapshot}
}

// List implements step.Entries.
func (e entries) List(ctx context.Context, q step.Query) ([]step.Entry, error) {
	v, err := e.through(opList, ofQuery(q), func() (any, error) {
		got, err := e.real.List(ctx, q)
		list := make([]any, len(got))
		for i, entry := range got {
			list[i] = []any{entry.ID, entry.Fields}
		}
		return list, err
	})
	if err != nil {
		return nil, err
	}
	list, _ := v.([]any)
	out := make([]step.Entry, len(list))
	for i, item := range list {
		if err := read(item, &out[i].ID, &out[i].Fields); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Group implements step.Grouper.
func (e entries) Group(ctx context.Context, q step.Query, g step.Grouping) ([]step.Item, int64, error) {
	args := ofQuery(q)
	for _, k := range g.Keys {
		args = append(args, k.Name, k.Field)
	}
	for _, t := range g.Totals {
		args = append(args, t.Name, string(t.Op), t.Field)
	}
	v, err := e.through(opGroup, args, func() (any, error) {
		items, n, err := e.real.(step.Grouper).Group(ctx, q, g)
		out := []any{n}
		for _, item := range items {
			out = append(out, []any{item.Fields, item.Line})
		}
		return out, err
	})
	if err != nil {
		return nil, 0, err
	}
	list, _ := v.([]any)
	if len(list) == 0 {
		return nil, 0, errMalformed()
	}
	n, _ := list[0].(int64)
	items := make([]step.Item, len(list)-1)
	for i, item := range list[1:] {
		if err := read(item, &items[i].Fields, &items[i].Line); err != nil {
			return nil, 0, err
		}
	}
	return items, n, nil
}

// Write implements step.Entries. The request id is no argument: it follows from the step's name.
func (e entries) Write(ctx context.Context, component string, writes []step.Write, perRow bool, requestID string) ([]step.Written, step.Counts, error) {
	args := []any{component, perRow}
	for _, w := range writes {
		args = append(args, []any{int64(w.Mode), w.ID, w.Fields})
	}
	v, err := e.through(opWrite, args, func() (any, error) {
		written, counts, err := e.real.Write(ctx, component, writes, perRow, requestID)
		out := []any{ofCounts(counts)}
		for _, w := range written {
			row := []any{w.ID, nil, "", ""}
			if w.Error != nil {
				row = []any{w.ID, w.Error.Line, w.Error.Field, w.Error.Message}
			}
			out = append(out, row)
		}
		return out, err
	})
	if err != nil {
		return nil, step.Counts{}, err
	}
	list, _ := v.([]any)
	if len(list) == 0 {
		return nil, step.Counts{}, errMalformed()
	}
	counts, err := toCounts(list[0])
	if err != nil {
		return nil, step.Counts{}, err
	}
	written := make([]step.Written, len(list)-1)
	for i, item := range list[1:] {
		var line any
		var refused step.RowError
		if err := read(item, &written[i].ID, &line, &refused.Field, &refused.Message); err != nil {
			return nil, step.Counts{}, err
		}
		if n, ok := line.(int64); ok {
			refused.Line = n
			written[i].Error = &refused
		}
	}
	return written, counts, nil
}

// WriteChunk implements step.Entries.
func (e entries) WriteChunk(ctx context.Context, c step.Chunk) (step.Counts, error) {
	fields := make([]any, len(c.Fields))
	for i, f := range c.Fields {
		fields[i] = f
	}
	args := []any{c.Component, c.Number, fields}
	for _, row := range c.Rows {
		args = append(args, row)
	}
	v, err := e.through(opChunk, args, func() (any, error) {
		counts, err := e.real.WriteChunk(ctx, c)
		return ofCounts(counts), err
	})
	if err != nil {
		return step.Counts{}, err
	}
	return toCounts(v)
}

func ofCounts(c step.Counts) any {
	return []any{c.Created, c.Updated, c.Unchanged, c.Deleted, c.Failed}
}

func toCounts(v any) (c step.Counts, err error) {
	err = read(v, &c.Created, &c.Updated, &c.Unchanged, &c.Deleted, &c.Failed)
	return c, err
}

type files struct {
	through
	real step.Files
}

func ofInfo(f step.FileInfo) any {
	return []any{f.ID, f.Name, f.ContentType, f.Size, f.CreateTime, f.CreatorSubject}
}

func toInfo(v any) (f step.FileInfo, err error) {
	err = read(v, &f.ID, &f.Name, &f.ContentType, &f.Size, &f.CreateTime, &f.CreatorSubject)
	return f, err
}

// Info implements step.Files.
func (f files) Info(ctx context.Context, id string) (step.FileInfo, error) {
	v, err := f.through(opInfo, []any{id}, func() (any, error) {
		info, err := f.real.Info(ctx, id)
		return ofInfo(info), err
	})
	if err != nil {
		return step.FileInfo{}, err
	}
	return toInfo(v)
}

// Read implements step.Files.
func (f files) Read(ctx context.Context, id string, limit int64) ([]byte, step.FileInfo, error) {
	v, err := f.through(opRead, []any{id, limit}, func() (any, error) {
		content, info, err := f.real.Read(ctx, id, limit)
		return []any{content, ofInfo(info)}, err
	})
	if err != nil {
		return nil, step.FileInfo{}, err
	}
	var content []byte
	var rest any
	if err := read(v, &content, &rest); err != nil {
		return nil, step.FileInfo{}, err
	}
	info, err := toInfo(rest)
	return content, info, err
}

// Store implements step.Files.
func (f files) Store(ctx context.Context, name, contentType string, content []byte) (step.FileInfo, error) {
	v, err := f.through(opStore, []any{name, contentType, content}, func() (any, error) {
		info, err := f.real.Store(ctx, name, contentType, content)
		return ofInfo(info), err
	})
	if err != nil {
		return step.FileInfo{}, err
	}
	return toInfo(v)
}

type scripts struct {
	through
	real step.Scripts
}

// Execute implements step.Scripts.
func (s scripts) Execute(ctx context.Context, source string, items []any) ([]step.Outcome, error) {
	v, err := s.through(opExecute, append([]any{source}, items...), func() (any, error) {
		got, err := s.real.Execute(ctx, source, items)
		list := make([]any, len(got))
		for i, o := range got {
			list[i] = []any{o.Value, o.Error, int64(o.Line)}
		}
		return list, err
	})
	if err != nil {
		return nil, err
	}
	list, _ := v.([]any)
	out := make([]step.Outcome, len(list))
	for i, item := range list {
		var line int64
		if err := read(item, &out[i].Value, &out[i].Error, &line); err != nil {
			return nil, err
		}
		out[i].Line = int(line)
	}
	return out, nil
}

type workflows struct {
	through
	real step.Workflows
}

// Start implements step.Workflows.
func (w workflows) Start(ctx context.Context, component, workflow, entry string, input any, requestID string) (string, error) {
	v, err := w.through(opStart, []any{component, workflow, entry, input}, func() (any, error) {
		return w.real.Start(ctx, component, workflow, entry, input, requestID)
	})
	run, _ := v.(string)
	return run, err
}

func errMalformed() error { return errors.New("the recording is malformed") }

// read takes a list apart. A null leaves what it is read into empty.
func read(v any, into ...any) error {
	list, ok := v.([]any)
	if !ok || len(list) != len(into) {
		return errMalformed()
	}
	for i, item := range list {
		ok := true
		switch p := into[i].(type) {
		case *any:
			*p = item
		case *string:
			*p, ok = item.(string)
		case *int64:
			*p, ok = item.(int64)
		case *[]byte:
			*p, ok = item.([]byte)
		case *time.Time:
			*p, ok = item.(time.Time)
		case *map[string]any:
			*p, ok = item.(map[string]any)
		}
		if !ok && item != nil {
			return errMalformed()
		}
	}
	return nil
}

package steptest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/expr"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/objectmodel"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// Entries keeps entries in memory, by the rules of storage that steps can see: values have the types of the model, required
// fields are there, the primary key is unique, a repeated request id does nothing again.
type Entries struct {
	components []*libraryv1.Component
	rows       map[string][]map[string]any
	touched    map[string]bool
	answers    map[string]answer
	next       int
}

type answer struct {
	written []step.Written
	counts  step.Counts
}

var _ step.Entries = (*Entries)(nil)

// NewEntries has no entries.
func NewEntries(components []*libraryv1.Component) *Entries {
	return &Entries{
		components: components, rows: map[string][]map[string]any{}, touched: map[string]bool{}, answers: map[string]answer{},
	}
}

// Put adds an entry, whose id is among the fields.
func (e *Entries) Put(component string, fields map[string]any) error {
	row, err := e.convert(component, fields)
	if err != nil {
		return err
	}
	e.rows[component] = append(e.rows[component], row)
	return nil
}

// Get returns an entry.
func (e *Entries) Get(_ context.Context, component, id string) (step.Entry, error) {
	for _, row := range e.rows[component] {
		if row["id"] == id {
			return entry(row), nil
		}
	}
	return step.Entry{}, notFound(component, id)
}

// List returns the entries for which the filter is true, in the order asked for.
func (e *Entries) List(ctx context.Context, q step.Query) ([]step.Entry, error) {
	rows := slices.Clone(e.rows[q.Component])
	if q.Filter != "" {
		env, err := expr.NewEnv(e.model(q.Component), expr.WithClock(clock.NewFake(Now())))
		if err != nil {
			return nil, fmt.Errorf("model of %s: %w", q.Component, err)
		}
		filter, err := env.Compile(q.Filter)
		if err != nil {
			return nil, err
		}
		kept := rows[:0]
		for _, row := range rows {
			v, err := filter.Eval(ctx, row)
			if err != nil && !fault.Has(err, faultv1.Reason_REASON_EXPRESSION_FAILED) { // a null operand gives null there
				return nil, err
			}
			if v == true {
				kept = append(kept, row)
			}
		}
		rows = kept
	}
	slices.SortStableFunc(rows, func(a, b map[string]any) int { return order(q.OrderBy, a, b) })
	entries := []step.Entry{}
	for _, row := range rows[:min(len(rows), q.Limit)] {
		entries = append(entries, entry(row))
	}
	return entries, nil
}

func entry(row map[string]any) step.Entry {
	return step.Entry{ID: row["id"].(string), Fields: maps.Clone(row)}
}

// order compares by "field, field desc".
func order(by string, a, b map[string]any) int {
	for _, part := range strings.Split(by, ",") {
		name, direction, _ := strings.Cut(strings.TrimSpace(part), " ")
		c, err := value.Compare(a[name], b[name])
		if err == nil && c != 0 {
			if direction == "desc" {
				return -c
			}
			return c
		}
	}
	return 0
}

// Write stores writes, all or none of them unless per row.
func (e *Entries) Write(
	_ context.Context, component string, writes []step.Write, perRow bool, requestID string,
) ([]step.Written, step.Counts, error) {
	if len(writes) > 10_000 {
		return nil, step.Counts{}, fault.Invalid(faultv1.Reason_REASON_REQUEST_TOO_LARGE, "there are more than 10000 writes")
	}
	if done, ok := e.answers[requestID]; ok && requestID != "" {
		return done.written, done.counts, nil
	}
	before := slices.Clone(e.rows[component])
	var counts step.Counts
	written := make([]step.Written, 0, len(writes))
	for i, w := range writes {
		id, err := e.write(component, w, &counts)
		if err != nil && !perRow {
			e.rows[component] = before
			return nil, step.Counts{}, fmt.Errorf("write %d: %w", i+1, err)
		}
		result := step.Written{ID: id}
		if f, refused := fault.As(err); refused {
			result.Error = &step.RowError{Message: f.Message}
			if len(f.Violations) > 0 {
				result.Error.Field, result.Error.Message = f.Violations[0].Field, f.Violations[0].Description
			}
			counts.Failed++
		}
		written = append(written, result)
	}
	e.touched[component] = true
	e.answers[requestID] = answer{written, counts}
	return written, counts, nil
}

// WriteChunk stores a chunk, once.
func (e *Entries) WriteChunk(_ context.Context, c step.Chunk) (step.Counts, error) {
	key := fmt.Sprint("chunk ", c.Number, " of ", c.Job)
	if done, ok := e.answers[key]; ok {
		return done.counts, nil
	}
	before := slices.Clone(e.rows[c.Component])
	var counts step.Counts
	for _, row := range c.Rows {
		fields := map[string]any{}
		for i, name := range c.Fields {
			fields[name] = row[i]
		}
		if _, err := e.write(c.Component, step.Write{Mode: step.Upsert, Fields: fields}, &counts); err != nil {
			e.rows[c.Component] = before
			return step.Counts{}, fmt.Errorf("write chunk: %w", err)
		}
	}
	e.touched[c.Component] = true
	e.answers[key] = answer{counts: counts}
	return counts, nil
}

func (e *Entries) write(component string, w step.Write, counts *step.Counts) (string, error) {
	fields, err := e.convert(component, w.Fields)
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(e.rows[component], func(row map[string]any) bool {
		if w.ID != "" {
			return row["id"] == w.ID
		}
		return e.sameKey(component, row, fields)
	})
	switch {
	case w.Mode == step.Create && at >= 0:
		return "", fault.AlreadyExists(faultv1.Reason_REASON_ENTRY_EXISTS, "an entry with this key is there already")
	case at < 0 && (w.Mode == step.Update || w.Mode == step.Delete || w.ID != "" && w.Mode != step.Create):
		return "", notFound(component, w.ID)
	case w.Mode == step.Delete:
		id := e.rows[component][at]["id"].(string)
		e.rows[component] = slices.Delete(slices.Clone(e.rows[component]), at, at+1)
		counts.Deleted++
		return id, nil
	case at < 0:
		if err := e.required(component, fields); err != nil {
			return "", err
		}
		if fields["id"] = w.ID; w.ID == "" {
			e.next++
			fields["id"] = fmt.Sprintf("new-%d", e.next)
		}
		e.rows[component] = append(e.rows[component], fields)
		counts.Created++
		return fields["id"].(string), nil
	}
	merged := maps.Clone(e.rows[component][at])
	maps.Copy(merged, fields)
	if err := e.required(component, merged); err != nil {
		return "", err
	}
	if value.Equal(merged, e.rows[component][at]) {
		counts.Unchanged++
	} else {
		counts.Updated++
	}
	e.rows[component] = slices.Clone(e.rows[component])
	e.rows[component][at] = merged
	return merged["id"].(string), nil
}

// sameKey compares by the primary key; a component without one has no equal entries.
func (e *Entries) sameKey(component string, a, b map[string]any) bool {
	keys := 0
	for _, f := range e.fields(component) {
		if f.GetPrimaryKey() {
			keys++
			if a[f.GetName()] == nil || !value.Equal(a[f.GetName()], b[f.GetName()]) {
				return false
			}
		}
	}
	return keys > 0
}

func (e *Entries) required(component string, row map[string]any) error {
	for _, f := range e.fields(component) {
		if f.GetRequired() && row[f.GetName()] == nil {
			return invalid(f.GetName(), "is required")
		}
	}
	return nil
}

// convert gives the fields the types of the model, when the component has one.
func (e *Entries) convert(component string, fields map[string]any) (map[string]any, error) {
	if len(e.fields(component)) == 0 {
		return maps.Clone(fields), nil
	}
	typ := value.MapOf(e.model(component).Variables...)
	row := make(map[string]any, len(fields))
	for name, v := range fields {
		f, ok := typ.Field(name)
		if !ok {
			return nil, invalid(name, "there is no such field")
		}
		converted, err := value.Convert(v, f.Type)
		if mismatch := (*value.MismatchError)(nil); errors.As(err, &mismatch) {
			return nil, invalid(name, mismatch.Message)
		} else if err != nil {
			return nil, err
		}
		row[name] = converted
	}
	return row, nil
}

// model is what filters of a component may name.
func (e *Entries) model(component string) expr.Model {
	m := expr.Model{Objects: objectmodel.Objects(e.components)}
	for _, c := range e.components {
		if c.GetId() == component {
			m.Variables = objectmodel.Entry(c).Fields
		}
	}
	return m
}

func (e *Entries) fields(component string) []*libraryv1.Field {
	for _, c := range e.components {
		if c.GetId() == component {
			return c.GetModel().GetFields()
		}
	}
	return nil
}

func (e *Entries) changed() map[string]any {
	changed := map[string]any{}
	for component := range e.touched {
		rows := []any{}
		for _, row := range e.rows[component] {
			rows = append(rows, row)
		}
		changed[component] = rows
	}
	return changed
}

func notFound(component, id string) error {
	return fault.NotFound(faultv1.Reason_REASON_ENTRY_NOT_FOUND, fmt.Sprintf("%s has no entry %q", component, id))
}

func invalid(field, message string) error {
	return fault.Invalid(faultv1.Reason_REASON_VALUE_INVALID, "the values do not fit the model", fault.Field(field, message))
}

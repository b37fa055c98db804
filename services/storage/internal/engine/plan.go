package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"

	"github.com/aqtra/aqtra/services/storage/internal/model"
	"github.com/aqtra/aqtra/services/storage/internal/query"
)

// step is one row of a batch with what it meets.
type step struct {
	refused *RowError
	// done is what will be done; zero when nothing changes.
	done Action
	// before is the entry as it is; nil for a new one.
	before *Entry
	// after is the entry as it will be.
	after Entry
	// changed are the fields whose values change.
	changed map[string]any
}

// Positions of the flags of loaded entries.
const (
	mayRead = iota
	mayUpdate
	mayDelete
)

// plan loads what the rows meet and settles what each does.
func (w *writer) plan(ctx context.Context, tx Tx) ([]*step, error) {
	byID, byKey, err := w.load(ctx, tx)
	if err != nil {
		return nil, err
	}
	steps := make([]*step, len(w.batch.Ops))
	seen := map[string]bool{}
	for i, op := range w.batch.Ops {
		st := &step{refused: w.refused[i]}
		steps[i] = st
		if st.refused != nil {
			continue
		}
		if err := w.settle(st, op, w.values[i], byID, byKey); err != nil {
			return nil, err
		}
		if st.refused != nil {
			continue
		}
		// Two rows about one entry would each see it as it was before.
		marks := []string{"id " + st.after.ID}
		if key, whole := w.key(st.after.Fields); whole && st.done != Delete {
			marks = append(marks, "key "+key)
		}
		for _, m := range marks {
			if seen[m] {
				st.refused = &RowError{fault.KindAlreadyExists, w.keyErrors("the batch has another row for this entry")}
			}
			seen[m] = true
		}
	}
	return steps, w.checkTargets(ctx, tx, steps)
}

// load reads the entries that rows name by id or by key, and locks them.
func (w *writer) load(ctx context.Context, tx Tx) (byID, byKey map[string]*Entry, err error) {
	var ids []string
	var keys [][]any
	for i, op := range w.batch.Ops {
		switch {
		case w.refused[i] != nil:
		case op.ID != "":
			ids = append(ids, op.ID)
		case op.Action == Upsert || len(w.component.Key) > 0 && len(w.batch.Ops) > 1:
			key := make([]any, len(w.component.Key))
			for k, f := range w.component.Key {
				key[k] = w.values[i][f.GetName()]
			}
			keys = append(keys, key)
		}
	}
	byID, byKey = map[string]*Entry{}, map[string]*Entry{}
	fields := query.StoredFields(w.component)
	sights := []query.Sight{
		w.sight(libraryv1.Operation_OPERATION_READ), w.sight(libraryv1.Operation_OPERATION_UPDATE), w.sight(libraryv1.Operation_OPERATION_DELETE),
	}
	read := func(stmt query.Statement, cols query.Columns, err error) error {
		if err != nil {
			return err
		}
		entries, err := tx.Entries(ctx, stmt, cols)
		for i := range entries {
			byID[entries[i].ID] = &entries[i]
			if key, whole := w.key(entries[i].Fields); whole && entries[i].DeleteTime == nil {
				byKey[key] = &entries[i]
			}
		}
		return err
	}
	if len(ids) > 0 {
		if err := read(w.scope.ByID(w.component, ids, fields, true, sights...)); err != nil {
			return nil, nil, err
		}
	}
	if len(keys) > 0 {
		if err := read(w.scope.ByKey(w.component, keys, fields, true, sights...)); err != nil {
			return nil, nil, err
		}
	}
	return byID, byKey, nil
}

// key gives the primary key of an entry as one text, and false when a part is missing.
func (s *session) key(fields map[string]any) (string, bool) {
	if len(s.component.Key) == 0 {
		return "", false
	}
	parts := make([]any, len(s.component.Key))
	for i, f := range s.component.Key {
		if parts[i] = fields[f.GetName()]; parts[i] == nil {
			return "", false
		}
	}
	text, err := value.ToJSON(parts)
	return string(text), err == nil
}

// keyErrors puts a message on the fields of the primary key, or on the entry when there is none.
func (s *session) keyErrors(message string) []model.FieldError {
	errs := make([]model.FieldError, 0, 1)
	for _, f := range s.component.Key {
		errs = append(errs, model.FieldError{Reason: faultv1.Reason_REASON_ENTRY_EXISTS, Field: f.GetName(), Message: message})
	}
	if len(errs) == 0 {
		errs = append(errs, model.FieldError{Reason: faultv1.Reason_REASON_ENTRY_EXISTS, Message: message})
	}
	return errs
}

const taken = "another entry has this value already"

// settle decides what one row does.
func (w *writer) settle(st *step, op Op, values map[string]any, byID, byKey map[string]*Entry) error {
	key, _ := w.key(values)
	switch op.Action {
	case Create:
		if existing := byKey[key]; existing != nil && key != "" {
			st.refused = &RowError{fault.KindAlreadyExists, w.keyErrors(taken)}
			return nil
		}
		return w.settleCreate(st, values)
	case Upsert:
		existing := byKey[key]
		if existing == nil {
			if !w.caller.Can("entries.create", w.component.ID) {
				st.refused = forbidden()
				return nil
			}
			if _, errs := w.component.Validate(values, true); len(errs) > 0 {
				st.refused = invalid(errs)
				return nil
			}
			return w.settleCreate(st, values)
		}
		if !w.caller.Can("entries.update", w.component.ID) {
			st.refused = forbidden()
			return nil
		}
		if !existing.Flags[mayRead] { // the key is taken, and that is all that may be known
			st.refused = &RowError{fault.KindAlreadyExists, w.keyErrors(taken)}
			return nil
		}
		st.before = existing
		w.settleUpdate(st, op, values)
		return nil
	}
	st.before = byID[op.ID]
	if st.before == nil || !st.before.Flags[mayRead] || (op.Action == Restore) != (st.before.DeleteTime != nil) {
		st.refused = missingEntry()
		return nil
	}
	switch op.Action {
	case Update:
		w.settleUpdate(st, op, values)
	default:
		w.settleMark(st, op)
	}
	return nil
}

func (w *writer) settleCreate(st *step, values map[string]any) error {
	id, err := newID()
	if err != nil {
		return err
	}
	st.done, st.changed = Create, values
	st.after = Entry{ID: id, CreatorSubject: w.at.Subject, UpdateSubject: w.at.Subject, CreateTime: w.at.Time, UpdateTime: w.at.Time, Version: 1, Fields: map[string]any{}}
	for _, f := range query.StoredFields(w.component) {
		st.after.Fields[f.GetName()] = nil
		if f.IsArray() {
			st.after.Fields[f.GetName()] = []any{}
		}
	}
	for name, v := range values {
		if f, _ := w.component.Field(name); f.IsArray() && v == nil {
			v = []any{}
		}
		st.after.Fields[name] = v
	}
	st.after.Name = w.name(st.after.Fields)
	return nil
}

func (w *writer) settleUpdate(st *step, op Op, values map[string]any) {
	if st.refused = w.checkEtag(st, op); st.refused != nil {
		return
	}
	if !st.before.Flags[mayUpdate] {
		st.refused = forbidden()
		return
	}
	st.after = *st.before
	st.after.Fields = maps.Clone(st.before.Fields)
	st.changed = map[string]any{}
	for name, v := range values {
		if f, _ := w.component.Field(name); f.IsArray() && v == nil {
			v = []any{}
		}
		if !value.Equal(st.before.Fields[name], v) {
			st.changed[name], st.after.Fields[name] = v, v
		}
	}
	if len(st.changed) == 0 {
		return
	}
	st.done = Update
	st.after.Name = w.name(st.after.Fields)
	st.after.Version++
	st.after.UpdateSubject, st.after.UpdateTime = w.at.Subject, w.at.Time
}

func (w *writer) settleMark(st *step, op Op) {
	if st.refused = w.checkEtag(st, op); st.refused != nil {
		return
	}
	if !st.before.Flags[mayDelete] {
		st.refused = forbidden()
		return
	}
	st.done = op.Action
	st.after = *st.before
	st.after.Version++
	st.after.UpdateSubject, st.after.UpdateTime = w.at.Subject, w.at.Time
	st.after.DeleteTime = nil
	if op.Action == Delete {
		st.after.DeleteTime = &w.at.Time
	}
}

func (w *writer) checkEtag(st *step, op Op) *RowError {
	if op.Etag == "" || op.Etag == st.before.Etag() {
		return nil
	}
	return refuse(fault.KindConflict, faultv1.Reason_REASON_ETAG_MISMATCH, "somebody else has changed the entry; read it again")
}

// name is the system field that a field of the model fills.
func (w *writer) name(fields map[string]any) string {
	if w.component.NameFrom == nil {
		return ""
	}
	return nameOf(fields[w.component.NameFrom.GetName()])
}

// nameOf is a value as the name of an entry.
func nameOf(v any) string {
	switch v := v.(type) {
	case nil, []any:
		return ""
	case string:
		return v
	case value.Ref:
		return string(v)
	case value.File:
		return string(v)
	default:
		text, err := value.ToJSON(v)
		if err != nil {
			return ""
		}
		return strings.Trim(string(text), `"`)
	}
}

// checkTargets looks for the entries and files that changed fields refer to. What the caller may not see is missing.
func (w *writer) checkTargets(ctx context.Context, tx Tx, steps []*step) error {
	entries, files := map[string]map[string]bool{}, map[string]bool{}
	w.eachTarget(steps, func(_ *step, f *model.Field, ids []string) {
		for _, id := range ids {
			if f.Value.Kind == value.FileKind {
				files[id] = true
				continue
			}
			if entries[f.Target] == nil {
				entries[f.Target] = map[string]bool{}
			}
			entries[f.Target][id] = true
		}
	})
	found := map[string]map[string]bool{}
	for _, target := range slices.Sorted(maps.Keys(entries)) {
		c, ok := w.release.Component(target)
		if !ok {
			continue
		}
		stmt, err := w.scope.Visible(c, slices.Sorted(maps.Keys(entries[target])), w.readable(c))
		if err != nil {
			return err
		}
		ids, err := tx.IDs(ctx, stmt)
		if err != nil {
			return err
		}
		found[target] = make(map[string]bool, len(ids))
		for _, id := range ids {
			found[target][id] = true
		}
	}
	var stored map[string]StoredFile
	if len(files) > 0 {
		var err error
		if stored, err = tx.Files(ctx, slices.Sorted(maps.Keys(files))); err != nil {
			return err
		}
	}
	w.eachTarget(steps, func(st *step, f *model.Field, ids []string) {
		if e := missing(f, ids, found[f.Target], stored); e != nil {
			if st.refused == nil {
				st.refused = &RowError{kind: fault.KindInvalid}
			}
			st.refused.Errors = append(st.refused.Errors, *e)
		}
	})
	return nil
}

// missing tells what is wrong with the targets of one field.
func missing(f *model.Field, ids []string, found map[string]bool, stored map[string]StoredFile) *model.FieldError {
	if f.Value.Kind == value.FileKind {
		file, ok := stored[ids[0]]
		if !ok {
			return &model.FieldError{Reason: faultv1.Reason_REASON_FILE_NOT_FOUND, Field: f.GetName(), Message: fmt.Sprintf("there is no such file: %s", ids[0])}
		}
		if err := f.CheckFile(file.ContentType, file.Size); err != nil {
			return &model.FieldError{Reason: faultv1.Reason_REASON_VALUE_INVALID, Field: f.GetName(), Message: err.Error()}
		}
		return nil
	}
	gone := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return found[id] })
	if len(gone) == 0 {
		return nil
	}
	e := f.CheckReference(gone)
	return &e
}

// eachTarget calls visit for each changed field of the good steps that refers to something, in the order of the model.
func (w *writer) eachTarget(steps []*step, visit func(*step, *model.Field, []string)) {
	for _, st := range steps {
		if st.refused != nil && len(st.refused.Errors) > 0 && st.done == 0 {
			continue
		}
		for _, f := range w.component.Fields {
			var ids []string
			switch v := st.changed[f.GetName()].(type) {
			case value.Ref:
				ids = []string{string(v)}
			case value.File:
				ids = []string{string(v)}
			case []any:
				for _, item := range v {
					if id, ok := item.(value.Ref); ok {
						ids = append(ids, string(id))
					}
				}
			}
			if len(ids) > 0 {
				visit(st, f, ids)
			}
		}
	}
}

package engine

import (
	"context"
	"errors"
	"maps"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"

	"github.com/aqtra/aqtra/services/storage/internal/model"
	"github.com/aqtra/aqtra/services/storage/internal/query"
)

// execute runs the statements of all good steps in one round trip.
func (w *writer) execute(ctx context.Context, tx Tx, steps []*step) error {
	var stmts []query.Statement
	var rows []int // the step of each statement
	var firsts []int
	for i, st := range steps {
		if st.refused != nil || st.done == 0 {
			continue
		}
		more, err := w.statements(st)
		if err != nil {
			return err
		}
		firsts = append(firsts, len(stmts))
		for range more {
			rows = append(rows, i)
		}
		stmts = append(stmts, more...)
	}
	if len(stmts) == 0 {
		return nil
	}
	counts, err := tx.Exec(ctx, stmts)
	var v *Violation
	if errors.As(err, &v) {
		i := rows[v.Index]
		return &blocked{map[int]*RowError{i: w.explain(v, steps[i])}}
	}
	if err != nil {
		return err
	}
	for _, first := range firsts {
		if counts[first] != 1 { // the row is locked, so this cannot happen
			return fault.Conflict(faultv1.Reason_REASON_ETAG_MISMATCH, "somebody else has changed the entry; read it again")
		}
	}
	return nil
}

func (w *writer) statements(st *step) ([]query.Statement, error) {
	if st.done == Delete || st.done == Restore {
		stmt, err := w.scope.Mark(w.component, st.after.ID, st.before.Version, st.done == Delete, w.at)
		return []query.Statement{stmt}, err
	}
	values := maps.Clone(st.changed)
	for name, v := range values {
		if f, _ := w.component.Field(name); f.GetSensitive() && v != nil {
			sealed, err := w.seal(f, st.after.ID, v)
			if err != nil {
				return nil, err
			}
			values[name] = sealed
		}
	}
	if st.done == Create {
		return w.scope.Insert(w.component, st.after.ID, st.after.Name, values, w.at)
	}
	return w.scope.Update(w.component, st.after.ID, st.after.Name, st.before.Version, values, w.at)
}

// explain says which field a violated constraint is about.
func (w *writer) explain(v *Violation, st *step) *RowError {
	if v.Constraint == w.component.KeyIndex() && len(w.component.Key) > 0 {
		return &RowError{fault.KindAlreadyExists, w.keyErrors(taken)}
	}
	for _, f := range w.component.Fields {
		switch v.Constraint {
		case w.component.UniqueIndex(f):
			return &RowError{fault.KindAlreadyExists, []model.FieldError{{Reason: faultv1.Reason_REASON_ENTRY_EXISTS, Field: f.GetName(), Message: "another entry refers to this one already"}}}
		case w.component.ForeignKey(f):
			return &RowError{fault.KindInvalid, []model.FieldError{f.CheckReference(nil)}}
		}
	}
	if v.Unique {
		return &RowError{fault.KindAlreadyExists, []model.FieldError{{Reason: faultv1.Reason_REASON_ENTRY_EXISTS, Message: "another entry is in the way"}}}
	}
	return &RowError{fault.KindInvalid, []model.FieldError{{Reason: faultv1.Reason_REASON_REFERENCE_NOT_FOUND, Message: "something that the entry refers to is not there"}}}
}

// firing is a trigger that holds for a step.
type firing struct {
	step    *step
	trigger *libraryv1.Trigger
}

// operationOf is the operation that rules and triggers name; restoring fires nothing.
func operationOf(a Action) libraryv1.Operation {
	switch a {
	case Create:
		return libraryv1.Operation_OPERATION_CREATE
	case Update, Restore:
		return libraryv1.Operation_OPERATION_UPDATE
	case Delete:
		return libraryv1.Operation_OPERATION_DELETE
	}
	return libraryv1.Operation_OPERATION_UNSPECIFIED
}

// confirm looks at the entries as they are now: access rules must hold after the change as well, and conditions of triggers
// are about the changed entry.
func (w *writer) confirm(ctx context.Context, tx Tx, steps []*step) ([]firing, error) {
	conditions, ask := w.conditions()
	var ids []string
	for _, st := range steps {
		if st.refused == nil && st.done != 0 {
			ids = append(ids, st.after.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	flags := map[string][]bool{}
	if ask {
		stmt, err := w.scope.Check(w.component, ids, conditions)
		if err != nil {
			return nil, err
		}
		if flags, err = tx.Flags(ctx, stmt); err != nil {
			return nil, err
		}
	}
	late := map[int]*RowError{}
	var fired []firing
	for i, st := range steps {
		if st.refused != nil || st.done == 0 {
			continue
		}
		holds := func(n int) bool { return conditions[n].All || flags[st.after.ID] != nil && flags[st.after.ID][n] }
		if st.done == Create && !holds(0) || st.done == Update && !holds(1) {
			late[i] = forbidden()
			continue
		}
		for n, t := range w.component.Triggers {
			if st.done != Restore && t.GetOperation() == operationOf(st.done) && holds(2+n) {
				fired = append(fired, firing{st, t})
			}
		}
	}
	if len(late) > 0 {
		return nil, &blocked{late}
	}
	return fired, nil
}

// conditions are what must hold for an entry to be created and to be updated, then those of the triggers. Ask tells that not all
// of them hold anyway.
func (s *session) conditions() (conditions []query.Sight, ask bool) {
	conditions = []query.Sight{s.sight(libraryv1.Operation_OPERATION_CREATE), s.sight(libraryv1.Operation_OPERATION_UPDATE)}
	for _, t := range s.component.Triggers {
		c := query.Sight{All: t.GetCondition() == ""}
		if !c.All {
			c.Filters = []string{t.GetCondition()}
		}
		conditions = append(conditions, c)
	}
	return conditions, slices.ContainsFunc(conditions, func(c query.Sight) bool { return !c.All })
}

// record stores the history and the starts of workflows.
func (w *writer) record(ctx context.Context, tx Tx, steps []*step, fired []firing) error {
	var changes []Change
	for _, st := range steps {
		if st.refused != nil || st.done == 0 {
			continue
		}
		ch, err := w.change(st)
		if err != nil {
			return err
		}
		changes = append(changes, ch)
	}
	starts, err := w.starts(fired)
	if err != nil {
		return err
	}
	return tx.Record(ctx, Origin{Component: w.component, Release: w.caller.Release, Stamp: w.at}, changes, starts)
}

func (w *writer) starts(fired []firing) ([]Start, error) {
	starts := make([]Start, 0, len(fired))
	for _, f := range fired {
		id, err := newID()
		if err != nil {
			return nil, err
		}
		input, err := w.input(f)
		if err != nil {
			return nil, err
		}
		starts = append(starts, Start{ID: id, Entry: f.step.after.ID, Workflow: f.trigger.GetWorkflow(), Input: input})
	}
	return starts, nil
}

// input is what a started workflow gets: the fields of the entry and its system fields, the entry's id once more as "entry",
// and the operation. It is sealed, because it may hold sensitive values.
func (w *writer) input(f firing) ([]byte, error) {
	e := f.step.after
	in := maps.Clone(e.Fields)
	for _, name := range []string{model.ID, model.Name, model.CreatorSubject, model.UpdateSubject, model.CreateTime, model.UpdateTime} {
		in[name] = e.system(name)
	}
	in["entry"] = e.ID
	in["operation"] = map[Action]string{Create: "create", Update: "update", Delete: "delete"}[f.step.done]
	p, err := value.ToProto(in)
	if err != nil {
		return nil, err
	}
	data, err := proto.Marshal(p)
	if err != nil {
		return nil, err
	}
	return w.place.Key.Seal(data, InputContext(e.ID))
}

// InputContext ties the sealed input of a start to the entry.
func InputContext(entry string) string { return "input/" + entry }

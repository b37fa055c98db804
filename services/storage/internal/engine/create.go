package engine

import (
	"context"
	"errors"
	"slices"

	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// alone reports whether the request creates one entry and the database has nothing to be asked for it: it refers to nothing, no
// rule is about its values, nothing starts by it, and no request id has to be remembered. Most entries are made so.
func (w *writer) alone() bool {
	if !w.batch.Single || len(w.batch.Ops) != 1 || w.batch.Ops[0].Action != Create || w.refused[0] != nil || w.batch.RequestID != "" || w.batch.ValidateOnly {
		return false
	}
	for name, v := range w.values[0] {
		if f, _ := w.component.Field(name); v != nil && refersTo(f) {
			return false
		}
	}
	return w.sight(libraryv1.Operation_OPERATION_CREATE).All &&
		!slices.ContainsFunc(w.component.Triggers, func(t *libraryv1.Trigger) bool { return t.GetOperation() == libraryv1.Operation_OPERATION_CREATE })
}

// createAlone stores the entry and its history in one round trip.
func (w *writer) createAlone(ctx context.Context) ([]Result, error) {
	st := &step{}
	if err := w.settleCreate(st, w.values[0]); err != nil {
		return nil, err
	}
	stmts, err := w.statements(st)
	if err != nil {
		return nil, err
	}
	change, err := w.change(st)
	if err != nil {
		return nil, err
	}
	err = w.store.Create(ctx, w.place, stmts, Origin{Component: w.component, Release: w.caller.Release, Stamp: w.at}, change)
	if v, ok := errors.AsType[*Violation](err); ok {
		return nil, w.refusal([]*RowError{w.explain(v, st)})
	}
	if err != nil {
		return nil, err
	}
	results := []Result{{Entry: st.after, Done: Create}}
	w.announce(results)
	return results, nil
}

// change is what the history keeps of a step.
func (w *writer) change(st *step) (Change, error) {
	ch := Change{Entry: st.after.ID, Operation: int32(operationOf(st.done))}
	before, after := map[string]any{}, map[string]any{}
	for name, v := range st.changed {
		if after[name] = v; st.before != nil {
			before[name] = st.before.Fields[name]
		}
	}
	var err error
	if ch.Before, err = w.writeValues(before, st.after.ID); err != nil {
		return ch, err
	}
	ch.After, err = w.writeValues(after, st.after.ID)
	return ch, err
}

package engine

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// Hold says which run of a workflow keeps an entry: until it is released only workflows change it.
type Hold struct {
	Run, Component, Workflow string
	Time                     time.Time
}

func (h Hold) refusal() *RowError {
	return refuse(fault.KindFailedPrecondition, faultv1.Reason_REASON_ENTRY_HELD, fmt.Sprintf(
		"the workflow %s works on this entry since %s; it can be changed when that is done (run %s)", h.Workflow, h.Time.UTC().Format("2006-01-02 15:04 MST"), h.Run))
}

// Hold keeps an entry for a run. Only a run may.
func (e *Engine) Hold(ctx context.Context, component, entry string, h Hold) (Hold, error) {
	s, err := e.open(ctx, component)
	if err != nil {
		return Hold{}, err
	}
	if s.caller.Kind != principal.KindRun {
		return Hold{}, fault.PermissionDenied(faultv1.Reason_REASON_PERMISSION_DENIED, "only workflows keep entries")
	}
	for field, text := range map[string]string{"run": h.Run, "run_component": h.Component, "workflow": h.Workflow} {
		if text == "" || len(text) > MaxRequestID || !utf8.ValidString(text) {
			return Hold{}, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the hold is wrong", fault.Field(field, fmt.Sprintf("expected 1 to %d bytes", MaxRequestID)))
		}
	}
	h.Time = e.clock.Now().UTC().Truncate(time.Microsecond)
	err = s.locked(ctx, entry, libraryv1.Operation_OPERATION_UPDATE, func(tx Tx, now Hold) error {
		switch now.Run {
		case h.Run:
			h = now
			return nil
		case "":
			return tx.Hold(ctx, s.component, entry, h)
		}
		r := now.refusal()
		return fault.New(r.kind, r.Errors[0].Reason, r.Errors[0].Message)
	})
	return h, err
}

// Release gives an entry back: a run its own, and whoever may manage runs any.
func (e *Engine) Release(ctx context.Context, component, entry, run string) error {
	s, err := e.open(ctx, component)
	if err != nil {
		return err
	}
	// A run may have changed the entry so that its user cannot change it any more.
	return s.locked(ctx, entry, libraryv1.Operation_OPERATION_READ, func(tx Tx, now Hold) error {
		switch {
		case now.Run == "":
			return nil
		case s.caller.Kind == principal.KindRun && now.Run == run, s.caller.Kind != principal.KindRun && s.caller.Can("runs.manage", ""):
			return tx.Release(ctx, s.component, entry)
		case s.caller.Kind == principal.KindRun:
			return nil // it is another's
		}
		return fault.PermissionDenied(faultv1.Reason_REASON_PERMISSION_DENIED, "only who may manage runs takes an entry from a workflow")
	})
}

// HoldOf tells which run keeps an entry, if any.
func (e *Engine) HoldOf(ctx context.Context, component, entry string) (h Hold, err error) {
	s, err := e.open(ctx, component)
	if err != nil {
		return Hold{}, err
	}
	err = s.locked(ctx, entry, libraryv1.Operation_OPERATION_READ, func(_ Tx, now Hold) error {
		h = now
		return nil
	})
	return h, err
}

// locked calls f with the hold of an entry that stays as it is meanwhile, if the caller may do op with it.
func (s *session) locked(ctx context.Context, entry string, op libraryv1.Operation, f func(Tx, Hold) error) error {
	if !plausible(entry) {
		return notFound()
	}
	stmt, cols, err := s.scope.ByID(s.component, []string{entry}, nil, op != libraryv1.Operation_OPERATION_READ, s.sight(libraryv1.Operation_OPERATION_READ), s.sight(op))
	if err != nil {
		return err
	}
	return s.store.Write(ctx, s.place, func(tx Tx) error {
		found, err := tx.Entries(ctx, stmt, cols)
		if err != nil {
			return err
		}
		if len(found) == 0 || !found[0].Flags[0] || found[0].DeleteTime != nil {
			return notFound()
		}
		if !found[0].Flags[1] {
			return fault.PermissionDenied(faultv1.Reason_REASON_PERMISSION_DENIED, "you may not do this with this entry")
		}
		holds, err := tx.Holds(ctx, s.component, []string{entry})
		if err != nil {
			return err
		}
		return f(tx, holds[entry])
	})
}

// heldBack finds the steps whose entries are kept by a run, which only runs may change. The entries are locked, so none will be
// until the transaction ends.
func (w *writer) heldBack(ctx context.Context, tx Tx, steps []*step) error {
	var entries []string
	for _, st := range steps {
		if st.refused == nil && st.before != nil && st.done != 0 {
			entries = append(entries, st.before.ID)
		}
	}
	if len(entries) == 0 || w.caller.Kind == principal.KindRun {
		return nil
	}
	holds, err := tx.Holds(ctx, w.component, entries)
	if err != nil {
		return err
	}
	for _, st := range steps {
		if st.before == nil {
			continue
		}
		if h, held := holds[st.before.ID]; held && st.refused == nil {
			st.refused = h.refusal()
		}
	}
	return nil
}

// heldChunk is heldBack for a chunk. It is asked before and after the entries were changed: those that are kept in between are
// found the second time.
func (c *chunk) heldChunk(ctx context.Context, tx Tx) (map[string]Hold, error) {
	if c.caller.Kind == principal.KindRun {
		return nil, nil
	}
	return tx.Holds(ctx, c.component, nil)
}

// refuseHeld refuses a chunk that has changed entries that are kept.
func refuseHeld(holds map[string]Hold, done Upserted, asked bool) error {
	if len(holds) == 0 {
		return nil
	}
	if !asked {
		return fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, "a workflow begins to work on entries; try again", fault.Retry(time.Second))
	}
	for _, id := range done.UpdatedIDs {
		if h, held := holds[id]; held {
			r := h.refusal()
			return fault.New(r.kind, r.Errors[0].Reason, "entry "+id+": "+r.Errors[0].Message)
		}
	}
	return nil
}

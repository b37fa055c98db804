package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"

	"github.com/aqtra/aqtra/services/storage/internal/model"
	"github.com/aqtra/aqtra/services/storage/internal/query"
)

const (
	// MaxBatch is the most rows of one batch.
	MaxBatch = 10_000
	// MaxRequestID is the most characters of a request id.
	MaxRequestID = 100

	// reportedRows is how many bad rows of a batch are named when all are refused.
	reportedRows = 100
	// rounds is how often a batch is tried again without the rows that the database refused.
	rounds = 50
	// races is how often a batch is tried again because somebody else stored the same key at the same time.
	races = 3
)

// Action is what a row of a batch does.
type Action int

// The actions.
const (
	Create Action = iota + 1
	Update
	Upsert
	Delete
	Restore
)

// Op is one row of a batch.
type Op struct {
	Action Action
	// ID names the entry to update, delete or restore; Etag, unless empty, is the one that was read.
	ID, Etag string
	Fields   map[string]any
}

// Result is what became of one row.
type Result struct {
	Entry Entry
	// Done is Create, Update or Delete; zero when nothing had to be changed.
	Done Action
	// Refused is set instead of all other fields when the row was refused.
	Refused *RowError
}

// RowError says why a row was refused.
type RowError struct {
	kind   fault.Kind
	Errors []model.FieldError
}

// Batch is a request that writes.
type Batch struct {
	Component string
	Ops       []Op
	// PerRow stores the good rows and reports the bad ones; otherwise it is all or nothing.
	PerRow bool
	// Single says that the request is about one entry, so violations need no row number.
	Single bool
	// RequestID makes the request safe to repeat; empty is no protection. Fingerprint is a digest of the whole request.
	RequestID   string
	Fingerprint []byte
	// Encode makes the response that a repeated request gets.
	Encode func([]Result) ([]byte, error)
	// ValidateOnly has everything done and taken back; the request id does not count then.
	ValidateOnly bool
}

// errTakenBack rolls a transaction back that was only to be tried.
var errTakenBack = errors.New("taken back")

// Write changes entries. When the request was answered before, it returns that answer instead of results.
func (e *Engine) Write(ctx context.Context, b Batch) (results []Result, replay []byte, err error) {
	s, err := e.open(ctx, b.Component)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case len(b.Ops) == 0 || len(b.Ops) > MaxBatch:
		return nil, nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the batch is empty or too long",
			fault.Field("operations", fmt.Sprintf("expected 1 to %d rows", MaxBatch)))
	case utf8.RuneCountInString(b.RequestID) > MaxRequestID || strings.ContainsRune(b.RequestID, 0) || !utf8.ValidString(b.RequestID):
		return nil, nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the request id is wrong",
			fault.Field("request_id", fmt.Sprintf("expected at most %d characters", MaxRequestID)))
	}
	if b.ValidateOnly {
		b.RequestID = ""
	}
	w := &writer{session: s, batch: b, at: query.Stamp{Subject: s.caller.Subject, Time: e.clock.Now().UTC().Truncate(time.Microsecond)}}
	w.refused = make([]*RowError, len(b.Ops))
	w.values = make([]map[string]any, len(b.Ops))
	for i, op := range b.Ops {
		w.refused[i] = w.precheck(i, op)
	}
	if w.alone() {
		results, err = w.createAlone(ctx)
		return results, nil, err
	}
	for round := 1; ; round++ {
		err := s.store.Write(ctx, s.place, func(tx Tx) error {
			// A transaction may run again: nothing of an earlier attempt may be left.
			results, replay = nil, nil
			err := w.attempt(ctx, tx, &results, &replay)
			if err == nil && b.ValidateOnly {
				err = errTakenBack
			}
			return err
		})
		if errors.Is(err, errTakenBack) {
			return results, nil, nil
		}
		again, err := w.absorb(err, round)
		if err != nil {
			return nil, nil, err
		}
		if !again {
			s.announce(results)
			return results, replay, nil
		}
	}
}

// writer is one batch on its way.
type writer struct {
	*session
	batch Batch
	chunk bool // the rows are of a chunk
	at    query.Stamp
	// refused are the rows refused by themselves, and those that the database refused in an earlier round.
	refused []*RowError
	values  []map[string]any
	raced   int
}

// blocked is returned from a transaction to roll it back when rows turned out to be bad only after they were written.
type blocked struct{ rows map[int]*RowError }

func (b *blocked) Error() string {
	return fmt.Sprintf("%d rows refused after they were written", len(b.rows))
}

// absorb decides what a failed attempt means: another round without the bad rows, or the end.
func (w *writer) absorb(err error, round int) (again bool, _ error) {
	var late *blocked
	if !errors.As(err, &late) {
		return false, err
	}
	for i, e := range late.rows {
		if e.kind == fault.KindAlreadyExists && w.raced < races && w.batch.Ops[i].Action == Upsert {
			w.raced++ // the entry is there now, so the next round updates it
			continue
		}
		w.refused[i] = e
	}
	if !w.batch.PerRow && slices.ContainsFunc(w.refused, func(e *RowError) bool { return e != nil }) {
		return false, w.refusal(w.refused)
	}
	if round == rounds {
		return false, fault.Conflict(faultv1.Reason_REASON_VALUE_INVALID, "too many rows of the batch do not fit together")
	}
	return true, nil
}

// rows is what the request calls its rows.
func (w *writer) rows() string {
	if w.chunk {
		return "rows"
	}
	return "operations"
}

// refusal is the error of a request that is refused as a whole.
func (w *writer) refusal(refused []*RowError) error {
	var opts []fault.Option
	var first *RowError
	rows := 0
	for i, e := range refused {
		if e == nil {
			continue
		}
		if rows++; first == nil {
			first = e
		}
		if rows > reportedRows {
			continue
		}
		for _, f := range e.Errors {
			path := "fields." + f.Field
			switch {
			case w.batch.Single && f.Field == "":
				continue
			case !w.batch.Single && f.Field == "":
				path = fmt.Sprintf("%s[%d]", w.rows(), i)
			case w.chunk:
				path = fmt.Sprintf("rows[%d].%s", i, f.Field)
			case !w.batch.Single:
				path = fmt.Sprintf("operations[%d].entry.fields.%s", i, f.Field)
			}
			opts = append(opts, fault.Field(path, f.Message))
		}
	}
	message := first.Errors[0].Message
	if !w.batch.Single {
		message = fmt.Sprintf("%d of %d rows were refused, nothing was stored", rows, len(refused))
	} else if n := len(first.Errors); first.Errors[0].Field != "" {
		message = first.Errors[0].Field + ": " + message
		if n > 1 {
			message = fmt.Sprintf("%d fields of the entry are not right; %s", n, message)
		}
	}
	reason := first.Errors[0].Reason
	if len(first.Errors) > 1 && slices.ContainsFunc(first.Errors, func(f model.FieldError) bool { return f.Reason != reason }) {
		reason = faultv1.Reason_REASON_VALUE_INVALID
	}
	return fault.New(first.kind, reason, message, opts...)
}

func refuse(kind fault.Kind, reason faultv1.Reason, message string) *RowError {
	return &RowError{kind, []model.FieldError{{Reason: reason, Message: message}}}
}

func missingEntry() *RowError {
	return refuse(fault.KindNotFound, faultv1.Reason_REASON_ENTRY_NOT_FOUND, "there is no such entry")
}

func forbidden() *RowError {
	return refuse(fault.KindPermissionDenied, faultv1.Reason_REASON_PERMISSION_DENIED, "you may not do this with this entry")
}

func invalid(errs []model.FieldError) *RowError {
	if len(errs) == 0 {
		return nil
	}
	return &RowError{fault.KindInvalid, errs}
}

// precheck looks at a row without the database.
func (w *writer) precheck(i int, op Op) *RowError {
	permission := map[Action]string{Create: "entries.create", Update: "entries.update", Delete: "entries.delete", Restore: "entries.delete"}[op.Action]
	if permission != "" && !w.caller.Can(permission, w.component.ID) {
		return forbidden()
	}
	switch op.Action {
	case Create, Upsert:
		if op.ID != "" {
			return refuse(fault.KindInvalid, faultv1.Reason_REASON_INVALID_FIELDS, "the id of a new entry is given by the server")
		}
		if op.Action == Upsert && len(w.component.Key) == 0 {
			return refuse(fault.KindInvalid, faultv1.Reason_REASON_INVALID_FIELDS, "the component has no primary key to look for")
		}
	case Update, Delete, Restore:
		if !plausible(op.ID) {
			return missingEntry()
		}
	default:
		return refuse(fault.KindInvalid, faultv1.Reason_REASON_INVALID_FIELDS, "the action is not known")
	}
	values, errs := w.component.Validate(op.Fields, op.Action == Create)
	if op.Action == Upsert {
		for _, f := range w.component.Key {
			if _, given := op.Fields[f.GetName()]; !given {
				errs = append(errs, model.FieldError{Reason: faultv1.Reason_REASON_VALUE_INVALID, Field: f.GetName(), Message: "the primary key must be given"})
			}
		}
	}
	w.values[i] = values
	return invalid(errs)
}

// attempt does the whole batch in one transaction.
func (w *writer) attempt(ctx context.Context, tx Tx, results *[]Result, replay *[]byte) error {
	if w.batch.RequestID != "" {
		taken, print, response, err := tx.Claim(ctx, w.batch.RequestID, w.batch.Fingerprint, w.at.Time)
		if err != nil {
			return err
		}
		if taken {
			*replay, err = w.stored(print, response)
			return err
		}
	}
	steps, err := w.plan(ctx, tx)
	if err != nil {
		return err
	}
	if err := w.heldBack(ctx, tx, steps); err != nil {
		return err
	}
	refused := make([]*RowError, len(steps))
	bad := false
	for i, st := range steps {
		refused[i] = st.refused
		bad = bad || st.refused != nil
	}
	if bad && !w.batch.PerRow {
		return w.refusal(refused)
	}
	if err := w.execute(ctx, tx, steps); err != nil {
		return err
	}
	fired, err := w.confirm(ctx, tx, steps)
	if err != nil {
		return err
	}
	if err := w.record(ctx, tx, steps, fired); err != nil {
		return err
	}
	*results = make([]Result, len(steps))
	for i, st := range steps {
		(*results)[i] = Result{Entry: st.after, Done: st.done, Refused: st.refused}
	}
	if w.batch.RequestID == "" {
		return nil
	}
	response, err := w.batch.Encode(*results)
	if err != nil {
		return fmt.Errorf("encode response: %w", err)
	}
	// The response may hold sensitive values.
	sealed, err := w.place.Key.Seal(response, ResponseContext(w.batch.RequestID))
	if err != nil {
		return fmt.Errorf("seal response: %w", err)
	}
	return tx.Finish(ctx, w.batch.RequestID, sealed)
}

// stored returns the answer that an earlier request with the same id was given.
func (w *writer) stored(print, sealed []byte) ([]byte, error) {
	if !bytes.Equal(print, w.batch.Fingerprint) {
		return nil, fault.AlreadyExists(faultv1.Reason_REASON_REQUEST_ID_REUSED, "the request id was used for another request",
			fault.Field("request_id", "choose a new one for each request"))
	}
	response, err := w.place.Key.Open(sealed, ResponseContext(w.batch.RequestID))
	if err != nil {
		return nil, fmt.Errorf("open stored response: %w", err)
	}
	return response, nil
}

// newID makes an id that sorts by time of creation.
func newID() (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("make id: %w", err)
	}
	return id.String(), nil
}

// Purge removes entries that are marked for deletion and that nothing refers to. It returns how many it removed and kept.
func (e *Engine) Purge(ctx context.Context, component string) (purged, kept int64, err error) {
	s, err := e.open(ctx, component)
	if err != nil {
		return 0, 0, err
	}
	const step = 1000
	sight := s.sight(libraryv1.Operation_OPERATION_DELETE)
	purge, err := s.scope.Purge(s.component, sight, step)
	if err != nil {
		return 0, 0, err
	}
	for {
		var counts []int64
		err := s.store.Write(ctx, s.place, func(tx Tx) error {
			counts, err = tx.Exec(ctx, []query.Statement{purge})
			return err
		})
		if err != nil {
			return 0, 0, err
		}
		purged += counts[0]
		if counts[0] < step {
			break
		}
	}
	if purged > 0 {
		s.tell(nil)
	}
	count, err := s.scope.CountMarked(s.component, sight)
	if err != nil {
		return 0, 0, err
	}
	_, kept, err = s.store.Entries(ctx, s.place, query.Nothing(), query.Columns{Component: s.component}, &count)
	return purged, kept, err
}

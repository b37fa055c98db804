package engine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"

	"github.com/aqtra/aqtra/services/storage/internal/model"
	"github.com/aqtra/aqtra/services/storage/internal/query"
)

// MaxChunk is the most rows of one chunk.
const MaxChunk = 50_000

// ChunkRequest is a part of a job: rows that are updated by their primary key, or created.
type ChunkRequest struct {
	Component, Job string
	Number         int64
	// Fields are the names of the fields; every row has a value for each of them.
	Fields []string
	Rows   [][]any
}

// ChunkKey names a chunk. Digest is SHA-256 of what it stores.
type ChunkKey struct {
	Job    string
	Number int64
	Digest []byte
}

// ChunkCounts is what a chunk did.
type ChunkCounts struct{ Created, Updated, Unchanged int64 }

// StoredChunk is a chunk that was stored before.
type StoredChunk struct {
	Digest []byte
	ChunkCounts
}

// Upserted is how many entries were created and updated, and which ones if that was asked for.
type Upserted struct {
	Created, Updated       int64
	CreatedIDs, UpdatedIDs []string
}

// WriteChunk stores a chunk, all of it or nothing, once.
func (e *Engine) WriteChunk(ctx context.Context, r ChunkRequest) (ChunkCounts, error) {
	s, err := e.open(ctx, r.Component)
	if err != nil {
		return ChunkCounts{}, err
	}
	for _, permission := range []string{"entries.write", "entries.create", "entries.update"} {
		if !s.caller.Can(permission, s.component.ID) {
			return ChunkCounts{}, fault.PermissionDenied(faultv1.Reason_REASON_PERMISSION_DENIED, "you may not write entries of "+s.component.ID)
		}
	}
	c := &chunk{writer: &writer{session: s, chunk: true, at: query.Stamp{Subject: s.caller.Subject, Time: e.clock.Now().UTC().Truncate(time.Microsecond)}}, request: r}
	if err := c.read(); err != nil {
		return ChunkCounts{}, err
	}
	var counts ChunkCounts
	var again bool
	err = s.store.Write(ctx, s.place, func(tx Tx) error {
		counts, again, err = c.attempt(ctx, tx)
		return err
	})
	if err != nil {
		return ChunkCounts{}, err
	}
	if !again && counts.Created+counts.Updated > 0 {
		s.tell(nil)
	}
	return counts, nil
}

// chunk is a chunk on its way.
type chunk struct {
	*writer
	request ChunkRequest
	fields  []*model.Field // the primary key first
	at      []int          // where each of the fields is in a row
	key     ChunkKey
	lines   []byte
	targets []*step // what rows refer to, if the fields can
}

// read checks all that can be checked without the database.
func (c *chunk) read() error {
	r := c.request
	wrong := func(field, description string) error {
		return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the chunk is wrong", fault.Field(field, description))
	}
	switch {
	case r.Job == "" || utf8.RuneCountInString(r.Job) > MaxRequestID || strings.ContainsRune(r.Job, 0) || !utf8.ValidString(r.Job):
		return wrong("job", fmt.Sprintf("expected 1 to %d characters", MaxRequestID))
	case len(r.Rows) == 0 || len(r.Rows) > MaxChunk:
		return wrong("rows", fmt.Sprintf("expected 1 to %d", MaxChunk))
	case len(c.component.Key) == 0:
		return wrong("component", "the component has no primary key to look for")
	}
	for _, f := range c.component.Key {
		i := slices.Index(r.Fields, f.GetName())
		if i < 0 {
			return wrong("fields", "the primary key must be given: "+f.GetName())
		}
		c.fields, c.at = append(c.fields, f), append(c.at, i)
	}
	seen := map[string]bool{}
	for i, name := range r.Fields {
		f, ok := c.component.Field(name)
		switch {
		case !ok || seen[name] || !f.Stored():
			return wrong(fmt.Sprintf("fields[%d]", i), "expected stored fields, each once")
		case f.IsArray() || f.GetSensitive():
			return wrong(fmt.Sprintf("fields[%d]", i), "lists and encrypted fields cannot be written in bulk")
		}
		if seen[name] = true; !f.GetPrimaryKey() {
			c.fields, c.at = append(c.fields, f), append(c.at, i)
		}
	}
	return c.readRows()
}

// refersTo tells whether values of a field name entries or files.
func refersTo(f *model.Field) bool { return f.Target != "" || f.Value.Kind == value.FileKind }

// readRows turns the rows into lines, and makes the digest.
func (c *chunk) readRows() error {
	refused := make([]*RowError, len(c.request.Rows))
	bad := false
	keys := make(map[string]bool, len(c.request.Rows))
	digest := sha256.New()
	fmt.Fprintf(digest, "%s %v\n", c.component.UID, c.request.Fields)
	refers := slices.ContainsFunc(c.fields, refersTo)
	c.lines = make([]byte, 0, len(c.request.Rows)*100)
	values := make([]any, len(c.fields))
	var cells []byte
	for n, row := range c.request.Rows {
		if len(row) != len(c.request.Fields) {
			return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the chunk is wrong", fault.Field(fmt.Sprintf("rows[%d]", n), "expected a value for each field"))
		}
		var errs []model.FieldError
		cells, values = cells[:0], values[:0]
		keyEnd := 0
		for i, f := range c.fields {
			v, err := f.Take(row[c.at[i]])
			if err != nil {
				errs = append(errs, model.FieldError{Reason: faultv1.Reason_REASON_VALUE_INVALID, Field: f.GetName(), Message: err.Error()})
				continue
			}
			if i > 0 {
				cells = append(cells, '\t')
			}
			values, cells = append(values, v), query.AppendCell(cells, v)
			if i == len(c.component.Key)-1 {
				keyEnd = len(cells)
			}
		}
		if len(errs) == 0 && keys[string(cells[:keyEnd])] {
			errs = c.keyErrors("the chunk has another row for this entry")
		}
		if len(errs) > 0 {
			refused[n], bad = invalid(errs), true
			continue
		}
		keys[string(cells[:keyEnd])] = true
		digest.Write(cells)
		digest.Write([]byte{'\n'})
		if err := c.line(n, values, cells); err != nil {
			return err
		}
		if refers {
			c.refer(values)
		}
	}
	if bad {
		return c.refusal(refused)
	}
	c.key = ChunkKey{Job: c.request.Job, Number: c.request.Number, Digest: digest.Sum(nil)}
	return nil
}

// line appends a row as the temporary table has it: its number, the id and name of the entry if it is new, and the values.
func (c *chunk) line(n int, values []any, cells []byte) error {
	id, err := newID()
	if err != nil {
		return err
	}
	name := ""
	if i := slices.Index(c.fields, c.component.NameFrom); i >= 0 {
		name = nameOf(values[i])
	}
	c.lines = append(strconv.AppendInt(c.lines, int64(n), 10), '\t')
	c.lines = append(append(c.lines, id...), '\t')
	c.lines = query.AppendCell(c.lines, name)
	c.lines = append(append(append(c.lines, '\t'), cells...), '\n')
	return nil
}

// refer keeps what the values refer to, to be looked for.
func (c *chunk) refer(values []any) {
	st := &step{done: Update, changed: map[string]any{}}
	for i, f := range c.fields {
		if refersTo(f) {
			st.changed[f.GetName()] = values[i]
		}
	}
	c.targets = append(c.targets, st)
}

// attempt does all in one transaction. Again tells that it was done before.
func (c *chunk) attempt(ctx context.Context, tx Tx) (counts ChunkCounts, again bool, err error) {
	origin := Origin{Component: c.component, Release: c.caller.Release, Stamp: c.writer.at}
	before, err := tx.ClaimChunk(ctx, origin, c.key)
	if err != nil {
		return counts, false, err
	}
	if before != nil {
		if !bytes.Equal(before.Digest, c.key.Digest) {
			return counts, false, fault.AlreadyExists(faultv1.Reason_REASON_REQUEST_ID_REUSED, "the chunk of the job was another one before",
				fault.Field("chunk", "number each chunk of a job once"))
		}
		return before.ChunkCounts, true, nil
	}
	if err := c.checkChunkTargets(ctx, tx); err != nil {
		return counts, false, err
	}
	conditions, ask := c.conditions()
	held, err := c.heldChunk(ctx, tx)
	if err != nil {
		return counts, false, err
	}
	ask = ask || len(c.component.Triggers) > 0 || len(held) > 0
	read := c.sight(libraryv1.Operation_OPERATION_READ)
	stmts, err := c.scope.Chunk(c.component, c.fields, read, conditions[1], ask, c.writer.at)
	if err != nil {
		return counts, false, err
	}
	if err := tx.Load(ctx, stmts, c.lines); err != nil {
		return counts, false, err
	}
	guarded := !read.All || !conditions[1].All
	met := 0
	if guarded {
		if met, err = c.checkMet(ctx, tx, stmts.Conflicting); err != nil {
			return counts, false, err
		}
	}
	done, err := tx.Upsert(ctx, stmts.Upsert)
	var v *Violation
	if errors.As(err, &v) {
		e := c.explain(v, nil)
		return counts, false, fault.New(e.kind, e.Errors[0].Reason, e.Errors[0].Message, fault.Field("rows", e.Errors[0].Field))
	}
	if err != nil {
		return counts, false, err
	}
	if held, err = c.heldChunk(ctx, tx); err != nil {
		return counts, false, err
	}
	if err := refuseHeld(held, done, ask); err != nil {
		return counts, false, err
	}
	rows := int64(len(c.request.Rows))
	counts = ChunkCounts{Created: done.Created, Updated: done.Updated, Unchanged: rows - done.Created - done.Updated}
	if guarded && rows-done.Created != int64(met) { // somebody stored a key meanwhile, and nobody has looked whether it may be seen
		return counts, false, fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, "others write the same entries; try again", fault.Retry(time.Second))
	}
	if done.Created > 0 {
		for _, f := range c.component.Fields {
			if f.MustHave() && !slices.Contains(c.fields, f) {
				return counts, false, fault.Invalid(faultv1.Reason_REASON_VALUE_INVALID, "some of the entries are new and lack what they must have",
					fault.Field("fields", f.GetName()+" is required"))
			}
		}
	}
	if ask {
		if err := c.follow(ctx, tx, origin, done, conditions); err != nil {
			return counts, false, err
		}
	}
	return counts, false, tx.FinishChunk(ctx, c.key, counts)
}

func (c *chunk) checkChunkTargets(ctx context.Context, tx Tx) error {
	if len(c.targets) == 0 {
		return nil
	}
	refused := make([]*RowError, len(c.targets))
	bad := false
	for _, st := range c.targets {
		st.refused = nil // of an earlier attempt
	}
	if err := c.checkTargets(ctx, tx, c.targets); err != nil {
		return err
	}
	for i, st := range c.targets {
		refused[i] = st.refused
		bad = bad || st.refused != nil
	}
	if bad {
		return c.refusal(refused)
	}
	return nil
}

// checkMet refuses rows that meet entries which the caller may not see or change, and returns how many meet any.
func (c *chunk) checkMet(ctx context.Context, tx Tx, stmt query.Statement) (int, error) {
	flags, err := tx.Flags(ctx, stmt)
	if err != nil {
		return 0, err
	}
	refused := make([]*RowError, len(c.request.Rows))
	bad := false
	for number, may := range flags {
		n, err := strconv.Atoi(number)
		if err != nil || n < 0 || n >= len(refused) {
			return 0, fmt.Errorf("row %q of the chunk is not there", number)
		}
		switch {
		case !may[0]: // the key is taken, and that is all that may be known
			refused[n], bad = &RowError{fault.KindAlreadyExists, c.keyErrors(taken)}, true
		case !may[1]:
			refused[n], bad = forbidden(), true
		}
	}
	if bad {
		return 0, c.refusal(refused)
	}
	return len(flags), nil
}

// follow holds the stored entries to the access rules and records the starts of what they trigger.
func (c *chunk) follow(ctx context.Context, tx Tx, origin Origin, done Upserted, conditions []query.Sight) error {
	all := slices.Concat(done.CreatedIDs, done.UpdatedIDs)
	if len(all) == 0 {
		return nil
	}
	stmt, err := c.scope.Check(c.component, all, conditions)
	if err != nil {
		return err
	}
	flags, err := tx.Flags(ctx, stmt)
	if err != nil {
		return err
	}
	fires := map[string][]*libraryv1.Trigger{}
	var ids []string
	for i, id := range all {
		action := Create
		if i >= len(done.CreatedIDs) {
			action = Update
		}
		holds := flags[id]
		if holds == nil || !holds[action-Create] {
			return fault.PermissionDenied(faultv1.Reason_REASON_PERMISSION_DENIED, "you may not store some of the entries as they would be")
		}
		for n, t := range c.component.Triggers {
			if t.GetOperation() == operationOf(action) && holds[2+n] {
				fires[id] = append(fires[id], t)
			}
		}
		if len(fires[id]) > 0 {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	read, cols, err := c.scope.ByID(c.component, ids, query.StoredFields(c.component), false)
	if err != nil {
		return err
	}
	entries, err := tx.Entries(ctx, read, cols)
	if err != nil {
		return err
	}
	var fired []firing
	for _, e := range entries {
		action := Update
		if e.Version == 1 {
			action = Create
		}
		for _, t := range fires[e.ID] {
			fired = append(fired, firing{&step{done: action, after: e}, t})
		}
	}
	starts, err := c.starts(fired)
	if err != nil {
		return err
	}
	return tx.Record(ctx, origin, nil, starts)
}

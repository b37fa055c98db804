// Package step is what all kinds of step share: how a kind describes itself, how its settings become a runnable step, and what
// a running step may reach. Each kind has a folder of its own under internal/steps.
package step

import (
	"context"
	"time"

	"github.com/aqtra/aqtra/pkg/catalog"
	"github.com/aqtra/aqtra/pkg/value"
)

// Kind is one type of step.
type Kind interface {
	catalog.Item
	// Compile checks the settings against what the sources give, declares the type of the output with c.Output and returns
	// what runs. Everything that is wrong is reported to c; the result is not used then.
	Compile(c *Compiler) Runner
}

// Runner is a step with its settings. It keeps no state between runs and is used by several of them at once.
type Runner interface {
	// Run gives the items that the step makes of those of its sources, in the order of the sources. It must not change the
	// items it is given. A fault ends the dataflow.
	Run(ctx context.Context, env *Env, in [][]Item) ([]Item, error)
}

// RunnerFunc is a function as a Runner.
type RunnerFunc func(ctx context.Context, env *Env, in [][]Item) ([]Item, error)

// Run calls f.
func (f RunnerFunc) Run(ctx context.Context, env *Env, in [][]Item) ([]Item, error) {
	return f(ctx, env, in)
}

// Item is one record that flows between steps.
type Item struct {
	Fields map[string]any
	// Line is where it stood in the file it was read from, or its number in the input, from 1.
	Line int64
}

// With returns the item with more fields; the item itself stays as it is.
func (it Item) With(fields map[string]any) Item {
	merged := make(map[string]any, len(it.Fields)+len(fields))
	for k, v := range it.Fields {
		merged[k] = v
	}
	for k, v := range fields {
		merged[k] = v
	}
	return Item{Fields: merged, Line: it.Line}
}

// RowError is a row that was refused while the others went on.
type RowError struct {
	Line    int64
	Field   string
	Message string
}

// MaxRowErrors is how many refused rows are reported in detail; the others are counted.
const MaxRowErrors = 100

// Action asks the calling page to do something.
type Action struct {
	Type   string
	Params map[string]any
}

// Report is what a step says of a run.
type Report struct {
	Step, Type      string
	RowsIn, RowsOut int64
	Duration        time.Duration
	Errors          []RowError
	RowsFailed      int64
}

// Refuse counts a refused row.
func (r *Report) Refuse(e RowError) {
	r.RowsFailed++
	if len(r.Errors) < MaxRowErrors {
		r.Errors = append(r.Errors, e)
	}
}

// Env is what a step of one run may reach. The engine makes a fresh one for every step of a run.
type Env struct {
	// Input is what the caller sent; Entry the entry that the caller is about, if any.
	Input any
	Entry string
	// Component is the id of the component that the dataflow belongs to.
	Component string
	// User is the value of the variable "user".
	User map[string]any
	// Key makes the writes of this step happen once: it is the same for every repetition of the request, and empty when the
	// caller gave none. Use it through RequestID.
	Key string
	// Depth counts dataflows that call dataflows.
	Depth  int
	Now    time.Time
	Report *Report
	Result *Result

	Entries   Entries
	Files     Files
	Scripts   Scripts
	Dataflows Dataflows
	Workflows Workflows

	loaded map[string]map[string]any // entries read through references, by component and id
}

// Result collects what the run gives to its caller.
type Result struct {
	Output  any
	Actions []Action
}

// RequestID names one write of a step, for receivers that do a repeated write once.
func (e *Env) RequestID(part string) string {
	if e.Key == "" {
		return ""
	}
	return e.Key + "/" + part
}

// Vars are the values of the variables that every expression may use, and those given.
func (e *Env) Vars(more map[string]any) map[string]any {
	vars := map[string]any{"input": e.Input, "user": e.User}
	for k, v := range more {
		vars[k] = v
	}
	return vars
}

// Entry is one stored entry.
type Entry struct {
	ID string
	// Fields hold the system fields as well, as expressions see them.
	Fields map[string]any
}

// Query selects entries.
type Query struct {
	Component string
	// Filter is CEL over the fields; values are written into it by Literal.
	Filter  string
	OrderBy string
	// Limit is the most entries returned.
	Limit int
	// Snapshot asks that many entries are as they were at one moment, where that is possible.
	Snapshot bool
}

// WriteMode says what a write does.
type WriteMode int

// The modes of a write. Upsert finds the entry by its primary key.
const (
	Create WriteMode = iota + 1
	Update
	Upsert
	Delete
)

// Write is one write.
type Write struct {
	Mode   WriteMode
	ID     string
	Fields map[string]any
}

// Written is the result of one write.
type Written struct {
	ID string
	// Error is set when the row was refused; only in a write per row.
	Error *RowError
}

// Counts tell what a batch did.
type Counts struct {
	Created, Updated, Unchanged, Deleted, Failed int64
}

// Add adds what another batch did.
func (c *Counts) Add(other Counts) {
	c.Created += other.Created
	c.Updated += other.Updated
	c.Unchanged += other.Unchanged
	c.Deleted += other.Deleted
	c.Failed += other.Failed
}

// Entries reads and writes entries as the caller.
type Entries interface {
	// Get returns an entry, or the fault ENTRY_NOT_FOUND.
	Get(ctx context.Context, component, id string) (Entry, error)
	// List returns at most q.Limit entries.
	List(ctx context.Context, q Query) ([]Entry, error)
	// Write stores at most 10,000 writes: all or nothing, or per row with the refused ones in the results.
	Write(ctx context.Context, component string, writes []Write, perRow bool, requestID string) ([]Written, Counts, error)
	// WriteChunk creates entries or updates those with the same primary keys: all or nothing, once for each number of a job.
	WriteChunk(ctx context.Context, c Chunk) (Counts, error)
}

// Chunk is a part of a bulk write: up to 50,000 rows with a value for each of the fields, in their order.
type Chunk struct {
	Component, Job string
	Number         int64
	Fields         []string
	Rows           [][]any
}

// FileInfo describes a file.
type FileInfo struct {
	ID, Name, ContentType string
	Size                  int64
	CreateTime            time.Time
	CreatorSubject        string
}

// Files reads and writes files as the caller.
type Files interface {
	Info(ctx context.Context, id string) (FileInfo, error)
	// Read returns the whole content, or FILE_TOO_LARGE beyond limit bytes.
	Read(ctx context.Context, id string, limit int64) ([]byte, FileInfo, error)
	Store(ctx context.Context, name, contentType string, content []byte) (FileInfo, error)
}

// Outcome is what a script gave for one item.
type Outcome struct {
	Value any
	// Error is the exception's text, empty when there was none; Line its line in the source.
	Error string
	Line  int
}

// Scripts runs Python as the caller.
type Scripts interface {
	// Execute calls the function main of the source for every item, at most 10,000.
	Execute(ctx context.Context, source string, items []any) ([]Outcome, error)
}

// Dataflows runs other dataflows within the same request.
type Dataflows interface {
	Run(ctx context.Context, component, dataflow string, input any, requestID string, depth int) (any, error)
}

// Workflows starts workflows as the caller.
type Workflows interface {
	Start(ctx context.Context, component, workflow, entry string, input any, requestID string) (run string, err error)
}

// ItemType gives the type of an item that has these fields.
func ItemType(fields ...value.Field) value.Type { return value.MapOf(fields...) }

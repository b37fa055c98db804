// Package task is what all kinds of task share: how a kind describes itself, how its settings become a runnable body, and what
// a body may ask the engine for. Each kind has a folder of its own under internal/tasks.
package task

import (
	"context"
	"time"

	"github.com/aqtra/aqtra/pkg/catalog"
	"github.com/aqtra/aqtra/pkg/value"
)

// Kind is one kind of task of the DSL, or one function that a "call" task may name.
type Kind interface {
	catalog.Item
	// Compile checks the settings (the whole task, or what stands in "with" for a function) and returns what runs. Everything
	// that is wrong is reported to c; the result is not used then.
	Compile(c *Compiler, settings map[string]any) Body
}

// Body is a task with its settings. It keeps no state of its own: that is in the frame, which outlives the process.
type Body interface {
	// Step goes on with the task: when it begins (x.Frame.Step is 0), when a task that it pushed has ended, or when what it
	// waited for has come. An *Error goes to the nearest try task that takes it.
	Step(ctx context.Context, x *Exec) (Next, error)
}

// Caller is a body whose work has effects outside of the run.
type Caller interface {
	Body
	// Call does the work. It may be repeated with the same key; receivers do a repeated write once.
	Call(ctx context.Context, args any, key string) (any, error)
	// Target is what the call reaches. Calls of one kind with equal targets and arguments do the same.
	Target() string
}

// Run is for whom, and from where, a call is made.
type Run struct {
	Tenant, ID, Subject, Release, Component, Workflow, Entry string
}

type runKey struct{}

// WithRun tells a call of its run.
func WithRun(ctx context.Context, r Run) context.Context { return context.WithValue(ctx, runKey{}, r) }

// RunOf is the run that a call belongs to.
func RunOf(ctx context.Context) (Run, bool) {
	r, ok := ctx.Value(runKey{}).(Run)
	return r, ok
}

// Undoable is a body whose task can be undone without its definition saying how.
type Undoable interface {
	// Undo are the tasks that undo it; the variable "output" is its output. None when there is nothing to undo.
	Undo() []any
}

// Catcher is a body that may take the errors of the tasks within.
type Catcher interface {
	Body
	// Catch decides what happens after an error; false lets it pass.
	Catch(ctx context.Context, x *Exec, e *Error) (Next, bool, error)
}

// Typed is a body that knows the type of its output.
type Typed interface {
	Output() value.Type
}

// Jumper is a body whose result may name the next task.
type Jumper interface {
	// Jumps are the names and directives that Next.Then may hold, by their path below the task.
	Jumps() map[string]string
}

// Frame is one task that a run is within. The frames of a run are its position.
type Frame struct {
	// Task is the number of the task in the program.
	Task int
	// Entered is set once conditions, input and timeout were looked at.
	Entered bool
	// Step counts calls of the body's Step.
	Step int64
	// In is the output of the task before.
	In any
	// Input is the value of the variable "input", where the task sets one of its own.
	Input    any
	OwnInput bool
	// Locals are variables for the tasks within.
	Locals map[string]any
	// Iter counts repetitions within the task, such as rounds of a loop. It is part of the idempotency keys of the tasks within.
	Iter int64
	// Data is the body's own memory.
	Data any
	// Attempt counts attempts of a call, from 1; Since is when the first one began.
	Attempt int64
	Since   time.Time
	// Mark is how many tasks that can be undone were done before this one began.
	Mark int64
	// Deadline ends the task with a timeout error; zero for none.
	Deadline time.Time
	// Wait says what the task waits for.
	Wait Wait
	// Until is when a wait for time ends, or when the body of a task that waits for a person wants to look.
	Until time.Time
	// Topic is the task that is waited for, or the types of event, one a line.
	Topic string
}

// Wait is what a frame waits for.
type Wait int

// The things a frame waits for.
const (
	NoWait Wait = iota
	// WaitChild is a task within.
	WaitChild
	// WaitTime is a time.
	WaitTime
	// WaitAnswer is a person.
	WaitAnswer
	// WaitSignal is an event.
	WaitSignal
	// WaitCall is the result of a call.
	WaitCall
	// WaitBranches is one of the branches within.
	WaitBranches
)

// Exec is what a body has at a step.
type Exec struct {
	Frame *Frame
	// Vars are the variables of expressions.
	Vars map[string]any
	// Returned is set when a task within has ended, with Output and its directive Then.
	Returned bool
	Then     string
	// Branch is which of the branches has ended.
	Branch int
	// Woken is set when Next.Until of a task that waits for a person has come.
	Woken bool
	// Output is the output of the task within, or what came: the answer or the data of the event.
	Output any
	// Event is the type of the event that came.
	Event string
	Now   time.Time
}

// NextKind says what a body asks for.
type NextKind int

// What a body may ask for.
const (
	// Done ends the task with Output.
	Done NextKind = iota + 1
	// Push begins the task number Task within this one, with In and Locals.
	Push
	// Sleep waits until Until.
	Sleep
	// Ask puts Question to people and waits for the answer. At Until, if set, the body is woken.
	Ask
	// Listen waits for an event of one of the types in Topic, one a line.
	Listen
	// Call calls the body with Args.
	Call
	// Fork begins the tasks number Branches within this one, all at once and each with In.
	Fork
	// Join waits for the next branch to end. Done, instead, ends those that still go on.
	Join
	// Remind reminds those who were asked, and asks the Users and Roles of Question, if set, as well. It waits on, as Ask does.
	Remind
	// Resume goes on with what was put off until the tasks within were undone.
	Resume
)

// Next is what a body asks for.
type Next struct {
	Kind   NextKind
	Output any
	// Then overrides the task's directive.
	Then     string
	Task     int
	Branches []int
	In       any
	Locals   map[string]any
	Until    time.Time
	Topic    string
	Args     any
	Question *Question
}

// Question is put to people.
type Question struct {
	Title, Description string
	// Choices are maps of value and label.
	Choices      []any
	Users, Roles []string
	Due          time.Time
	Data         any
	// Page of the run's component that shows its entry beside the question, if any.
	Page string
}

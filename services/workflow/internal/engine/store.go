// Package engine runs workflows: it claims runs, advances them in memory until they have an effect or wait, and stores their
// progress in groups. It knows neither transport nor driver.
package engine

import (
	"context"
	"errors"
	"time"

	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// State is where a run stands.
type State int16

// The states of a run.
const (
	Running State = iota + 1
	Waiting
	Succeeded
	Failed
	Canceled
)

// Finished reports whether the run has ended.
func (s State) Finished() bool { return s >= Succeeded }

// Run is one execution of a workflow. Bytes hold encoded values, see Encode.
type Run struct {
	Tenant, ID, Component, Workflow, Release, Subject string
	Person                                            []byte
	State                                             State
	BusinessKey, Entry                                string
	Input, Output                                     []byte
	Error                                             *task.Error
	Position                                          string
	CreateTime                                        time.Time
	FinishTime                                        *time.Time
	Generation                                        int32
	Epoch, Seq, Mail, Events                          int64
	Snapshot                                          []byte
	// Inbox is filled for claimed runs.
	Inbox []Mail
}

// Mail is something that came for a run.
type Mail struct {
	ID          int64
	Kind, Topic string
	Data        []byte
}

// The kinds of mail.
const (
	MailAnswer = "answer"
	MailSignal = "signal"
)

// Event is one entry of a run's history.
type Event struct {
	Seq           int64
	Time          time.Time
	Type, Task    string
	Attempt       int32
	Input, Output []byte
	Error         *task.Error
	Key           string
}

// Payload is a large value that states and events refer to.
type Payload struct{ Digest, Data []byte }

// TaskState is where a question stands.
type TaskState int16

// The states of a question.
const (
	Open TaskState = iota + 1
	Answered
	Withdrawn
)

// Task is a question to people.
type Task struct {
	Tenant, ID, Run, Component, Workflow, Entry string
	Title, Description                          string
	Choices                                     []byte
	Users, Roles                                []string
	Data                                        []byte
	Page                                        string
	DueTime                                     *time.Time
	CreateTime                                  time.Time
	State                                       TaskState
	Answer                                      []byte
	Comment, AnswerSubject                      string
	AnswerTime                                  *time.Time
	// RemindTime is when people were reminded last, EscalateTime when others were asked as well.
	RemindTime, EscalateTime *time.Time
	// Assignee is the id of who has claimed it, or was handed it; empty for nobody.
	Assignee, AssigneeName string
}

// Reminder is what a reminder changes of a question.
type Reminder struct {
	Task string
	Time time.Time
	// Users and Roles are asked as well when Escalated is set.
	Escalated    bool
	Users, Roles []string
}

// Commit is the progress of one run.
type Commit struct {
	Tenant, Component, Run string
	// Epoch and Seq are what the run must still have.
	Epoch, Seq int64
	State      State
	Position   string
	Snapshot   []byte
	Output     []byte
	Error      *task.Error
	FinishTime time.Time
	// Wake is when to go on; zero waits for mail alone.
	Wake time.Time
	// Mail is how much mail was seen; with more, the run goes on at once.
	Mail, Events int64
	// Release gives the run up.
	Release bool
	History []Event
	// Asked are the new questions. Closed are the ids of questions to withdraw; CloseTasks withdraws all that are open.
	Asked      []*Task
	Closed     []string
	CloseTasks bool
	// Reminded are the open questions that people were reminded of.
	Reminded []Reminder
	// Withdrawn is filled when the commit is stored: tenant, component, id, users and roles of the questions that were, and of
	// those that people were reminded of. It may miss some when the database was away.
	Withdrawn []Task
	Consumed  []int64
	Payloads  []Payload
}

// ErrUnstorable says that a commit will be refused however often it is tried, because of what it holds.
var ErrUnstorable = errors.New("the state of the run cannot be stored")

// Store keeps runs. Every method is one transaction.
type Store interface {
	// Claim takes at most n ready runs for owner, with their inbox.
	Claim(ctx context.Context, owner string, now time.Time, n int) ([]Run, error)
	// Owned returns the runs that owner holds, with their inbox.
	Owned(ctx context.Context, owner string) ([]Run, error)
	// Commit stores progress, and reports for each whether it was stored; one that is not was taken away from owner. It fails
	// with ErrUnstorable, and stores none, when one of them has values that cannot be kept.
	// Repeating commits whose answer was lost is safe.
	Commit(ctx context.Context, owner string, now time.Time, commits []*Commit) ([]bool, error)
	// NextDue returns when the next run wants to go on, zero for never.
	NextDue(ctx context.Context) (time.Time, error)
	// Heartbeat prolongs the lease of owner.
	Heartbeat(ctx context.Context, owner string, lease time.Duration) error
	// Reap frees the runs of owners whose lease ended, and returns how many.
	Reap(ctx context.Context, now time.Time) (int, error)
	// ReleaseAll frees all runs of owner.
	ReleaseAll(ctx context.Context, owner string, now time.Time) error
	// Notify wakes other processes.
	Notify(ctx context.Context) error
	// Listen calls wake whenever another process notifies, until ctx ends or the connection breaks.
	Listen(ctx context.Context, wake func()) error

	// Start stores a run. With a request key that was used before it stores nothing and returns that run's id and the digest
	// of that request.
	Start(ctx context.Context, r Run, requestKey string, digest []byte) (run string, before []byte, err error)
	// Run returns a run, or ErrNotFound.
	Run(ctx context.Context, tenant, id string) (Run, error)
	// Runs lists runs without input and output, newest first.
	Runs(ctx context.Context, tenant string, f RunFilter) ([]Run, error)
	// History returns events after a number, in order.
	History(ctx context.Context, r Run, after int64, n int) ([]Event, error)
	// Payloads returns large values by digest.
	Payloads(ctx context.Context, tenant, run string, digests [][]byte) (map[string][]byte, error)
	// Cancel ends a run that is not finished, or returns ErrFinished. It returns the questions that it withdrew.
	Cancel(ctx context.Context, tenant, run string, e *task.Error, now time.Time) ([]Task, error)
	// Retry makes a failed run go on, or returns ErrNotRetryable.
	Retry(ctx context.Context, tenant, run string, now time.Time) error
	// Signal stores an event for a run that is not finished. With a request key that was used before it returns the digest of
	// that request.
	Signal(ctx context.Context, tenant, run, topic string, data []byte, requestKey string, digest []byte, now time.Time) (before []byte, err error)
	// PinnedReleases lists the releases of unfinished runs.
	PinnedReleases(ctx context.Context, tenant string) ([]string, error)

	// Tasks lists questions, newest first.
	Tasks(ctx context.Context, tenant string, f TaskFilter) ([]Task, error)
	// Task returns a question, or ErrNotFound.
	Task(ctx context.Context, tenant, id string) (Task, error)
	// Assign gives an open question to a user, or to nobody, unless it has changed hands since t was read: ErrFinished.
	Assign(ctx context.Context, t Task, user, name string) (Task, error)
	// Answer stores an answer and wakes the run, or returns ErrFinished when the question is not open.
	Answer(ctx context.Context, t Task, mail []byte) error
}

// RunFilter selects runs.
type RunFilter struct {
	Component, Workflow, BusinessKey string
	State                            State
	// Before is the id after which the page begins.
	Before string
	// Preview selects the runs of this preview; when empty, those of none.
	Preview string
	Limit   int
}

// TaskFilter selects questions.
type TaskFilter struct {
	State TaskState
	// Everything shows all; otherwise one of the names or roles must match.
	Everything   bool
	Names, Roles []string
	Before       string
	Preview      string // as in RunFilter
	Limit        int
}

// What a store says.
var (
	ErrNotFound     = errors.New("not found")
	ErrFinished     = errors.New("finished")
	ErrNotRetryable = errors.New("not retryable")
	ErrTooMuchMail  = errors.New("too many events wait for the run")
)

// MaxMail is how many events may wait for a run.
const MaxMail = 1000

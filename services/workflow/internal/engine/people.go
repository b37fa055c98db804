package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// Tasks lists the questions that somebody may answer, or could have, newest first, and tells whether there are more.
func (e *Engine) Tasks(ctx context.Context, who principal.Principal, state TaskState, before string, n int) ([]Task, bool, error) {
	tasks, err := e.Store.Tasks(ctx, who.Tenant, TaskFilter{
		State: state, Everything: who.IsAdmin(), Names: names(who), Roles: append([]string{}, who.Roles...), Before: before, Preview: who.Preview(),
		Limit: n + 1,
	})
	if err != nil {
		return nil, false, fmt.Errorf("list tasks: %w", err)
	}
	return tasks[:min(n, len(tasks))], len(tasks) > n, nil
}

// names are what a question may call a person.
func names(who principal.Principal) []string {
	if who.Email == "" {
		return []string{who.Subject}
	}
	return []string{who.Subject, who.Email}
}

func isFor(t Task, who principal.Principal) bool {
	return who.IsAdmin() || (t.Assignee != "" && t.Assignee == who.Subject) ||
		slices.ContainsFunc(t.Users, func(u string) bool { return slices.Contains(names(who), u) }) ||
		who.HasAnyRole(t.Roles)
}

// Task returns a question; one for others looks like a missing one.
func (e *Engine) Task(ctx context.Context, who principal.Principal, id string) (Task, error) {
	t, err := e.Store.Task(ctx, who.Tenant, id)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Task{}, fmt.Errorf("read task: %w", err)
	}
	if err != nil || !isFor(t, who) {
		return Task{}, fault.NotFound(faultv1.Reason_REASON_TASK_NOT_FOUND, "task not found")
	}
	return t, nil
}

// Answer answers a question once. When it returns, the answer is stored for the run.
func (e *Engine) Answer(ctx context.Context, who principal.Principal, id string, answer any, comment string) (Task, error) {
	if utf8.RuneCountInString(comment) > maxCommentRune || !task.Storable(comment) {
		return Task{}, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the request has wrong fields", fault.Field("comment", "at most 4,000 characters of text"))
	}
	t, err := e.Task(ctx, who, id)
	if err != nil {
		return Task{}, err
	}
	if t.State != Open {
		return Task{}, errAnswered()
	}
	if t.Assignee != "" && t.Assignee != who.Subject && !who.IsAdmin() {
		return Task{}, errHeld(t)
	}
	chosen, ok, err := choose(t, answer)
	if err != nil {
		return Task{}, err
	}
	if !ok {
		return Task{}, fault.Invalid(faultv1.Reason_REASON_ANSWER_INVALID, "the answer is not one of the choices", fault.Field("answer", "must be the value of one of the choices"))
	}
	if t.Answer, err = Encode(chosen); err != nil {
		return Task{}, fmt.Errorf("encode answer: %w", err)
	}
	now := e.now()
	t.State, t.Comment, t.AnswerSubject, t.AnswerTime = Answered, comment, who.Subject, &now
	mail, err := Encode(map[string]any{"answer": chosen, "comment": comment, "subject": who.Subject})
	if err != nil {
		return Task{}, fmt.Errorf("encode answer: %w", err)
	}
	switch err := e.Store.Answer(ctx, t, mail); {
	case errors.Is(err, ErrFinished):
		return Task{}, errAnswered()
	case err != nil:
		return Task{}, fmt.Errorf("store answer: %w", err)
	}
	e.News.TaskChanged(t)
	e.Wake(ctx)
	return t, nil
}

// Claim takes a question over for the caller.
func (e *Engine) Claim(ctx context.Context, who principal.Principal, id string) (Task, error) {
	t, err := e.open(ctx, who, id)
	switch {
	case err != nil:
		return Task{}, err
	case t.Assignee == who.Subject:
		return t, nil
	case t.Assignee != "":
		return Task{}, errHeld(t)
	}
	name := who.DisplayName
	if name == "" {
		name = who.Subject
	}
	return e.assign(ctx, t, who.Subject, name)
}

// Release gives a question back to all who may answer it.
func (e *Engine) Release(ctx context.Context, who principal.Principal, id string) (Task, error) {
	t, err := e.open(ctx, who, id)
	switch {
	case err != nil:
		return Task{}, err
	case t.Assignee == "":
		return t, nil
	case t.Assignee != who.Subject && !who.IsAdmin():
		return Task{}, errHeld(t)
	}
	return e.assign(ctx, t, "", "")
}

// Delegate hands a question to a user.
func (e *Engine) Delegate(ctx context.Context, who principal.Principal, id, user string) (Task, error) {
	t, err := e.open(ctx, who, id)
	switch {
	case err != nil:
		return Task{}, err
	case t.Assignee != "" && t.Assignee != who.Subject && !who.IsAdmin():
		return Task{}, errHeld(t)
	}
	found, name, err := "", "", error(nil)
	if user != "" && len(user) <= maxName {
		if found, name, err = e.Identity.Find(ctx, who.Tenant, user); err != nil {
			return Task{}, fmt.Errorf("find user: %w", err)
		}
	}
	if found == "" {
		return Task{}, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the request has wrong fields", fault.Field("user", "is no active user of this organization"))
	}
	return e.assign(ctx, t, found, name)
}

// open reads a question that the caller sees and that has no answer yet.
func (e *Engine) open(ctx context.Context, who principal.Principal, id string) (Task, error) {
	t, err := e.Task(ctx, who, id)
	if err == nil && t.State != Open {
		err = errAnswered()
	}
	return t, err
}

func (e *Engine) assign(ctx context.Context, t Task, user, name string) (Task, error) {
	now, err := e.Store.Assign(ctx, t, user, name)
	if errors.Is(err, ErrFinished) {
		return Task{}, fault.Conflict(faultv1.Reason_REASON_TASK_NOT_YOURS, "the task has changed hands meanwhile; read it again")
	}
	if err != nil {
		return Task{}, fmt.Errorf("assign task: %w", err)
	}
	told := now
	told.Users = append(slices.Clone(now.Users), t.Assignee, user) // those who had it and who have it now look again
	e.News.TaskChanged(told)
	return now, nil
}

func errHeld(t Task) error {
	return fault.FailedPrecondition(faultv1.Reason_REASON_TASK_NOT_YOURS, fmt.Sprintf("%s has taken this task", t.AssigneeName))
}

func errAnswered() error {
	return fault.FailedPrecondition(faultv1.Reason_REASON_TASK_ANSWERED, "the task is no longer open")
}

// choose finds the choice that an answer means. What came as JSON text may stand for a date or a decimal.
func choose(t Task, answer any) (any, bool, error) {
	v, err := Decode(t.Choices)
	if err != nil {
		return nil, false, fmt.Errorf("read choices: %w", err)
	}
	list, _ := v.([]any)
	for _, item := range list {
		choice, _ := item.(map[string]any)
		if value.Equal(choice["value"], answer) {
			return choice["value"], true, nil
		}
		if kind, ok := value.Of(choice["value"]); ok {
			if same, err := value.Convert(answer, value.Type{Kind: kind}); err == nil && value.Equal(choice["value"], same) {
				return choice["value"], true, nil
			}
		}
	}
	return nil, false, nil
}

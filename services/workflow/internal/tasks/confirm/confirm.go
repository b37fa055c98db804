// Package confirm is the function "confirm": a person decides.
package confirm

import (
	"context"
	"time"

	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// maxChoices bounds a question.
const maxChoices = 100

// Kind is the function.
type Kind struct{}

// Spec describes it.
func (Kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "confirm", Group: "Functions", Title: "Ask a person", Summary: "Puts a question to people and waits for one answer. The output is {answer, comment, subject}.",
		Params: []*catalogv1.Param{
			{Name: "title", Title: "Title", Kind: catalogv1.ParamKind_PARAM_KIND_TEXT, Required: true},
			{Name: "description", Title: "Description", Kind: catalogv1.ParamKind_PARAM_KIND_TEXT},
			{
				Name: "choices", Title: "Choices", Kind: catalogv1.ParamKind_PARAM_KIND_CHOICES, Required: true,
				Help: "What can be answered: answers of your own, or the values of an enumeration of the component.",
			},
			{Name: "users", Title: "Users", Help: "Ids or e-mail addresses of those who may answer.", Kind: catalogv1.ParamKind_PARAM_KIND_JSON},
			{Name: "roles", Title: "Roles", Help: "Roles whose members may answer.", Kind: catalogv1.ParamKind_PARAM_KIND_ROLES},
			{Name: "due", Title: "Due", Help: "A duration or a time. It is shown; use the task's timeout to go on without an answer.", Kind: catalogv1.ParamKind_PARAM_KIND_JSON},
			{
				Name: "remind", Title: "Remind after", Kind: catalogv1.ParamKind_PARAM_KIND_JSON,
				Help: "A duration. Those asked are reminded when it is over, and each time it is over again.",
			},
			{Name: "escalateAfter", Title: "Escalate after", Help: "A duration, after which others are asked as well.", Kind: catalogv1.ParamKind_PARAM_KIND_JSON},
			{Name: "escalateUsers", Title: "Escalate to users", Help: "Ids or e-mail addresses.", Kind: catalogv1.ParamKind_PARAM_KIND_JSON},
			{Name: "escalateRoles", Title: "Escalate to roles", Kind: catalogv1.ParamKind_PARAM_KIND_ROLES},
			{Name: "data", Title: "Data", Help: "Shown with the question.", Kind: catalogv1.ParamKind_PARAM_KIND_JSON},
			{Name: "page", Title: "Page", Help: "A page of the component that shows the run's entry beside the question.", Kind: catalogv1.ParamKind_PARAM_KIND_PAGE},
		},
	}
}

type body struct {
	title, description, choices, users, roles, due, data *task.Template
	page                                                 string
	patience                                             *patience
}

// Compile implements task.Kind.
func (Kind) Compile(c *task.Compiler, with map[string]any) task.Body {
	b := &body{
		title: c.Template("title", with["title"]), description: c.Template("description", with["description"]),
		users: c.Template("users", with["users"]), roles: c.Template("roles", with["roles"]),
		due: c.Template("due", with["due"]), data: c.Template("data", with["data"]),
	}
	if m, ok := with["choices"].(map[string]any); ok {
		b.choices = c.Template("choices", options(c, m))
	} else {
		b.choices = c.Template("choices", with["choices"])
		if v, literal := b.choices.Literal(); literal {
			if _, err := choices(v); err != nil {
				c.Problem("choices", "invalid-param", "%s", err.Detail)
			}
		}
	}
	c.ReferRoles("roles", with["roles"])
	b.patience = waits(c, with)
	if with["page"] != nil {
		b.page = c.Page("page", c.Text("page", with["page"]))
	}
	if with["users"] == nil && with["roles"] == nil {
		c.Warn("", "nobody-asked", "only administrators can answer: name users or roles")
	}
	return b
}

// options are the choices that an enumeration field of the component gives.
func options(c *task.Compiler, m map[string]any) any {
	if !c.Into("choices").Keys(m, "choices", []string{"field"}) {
		return nil
	}
	name := c.Text("choices/field", m["field"])
	for _, f := range c.Scope.Component.GetModel().GetFields() {
		if f.GetName() == name && len(f.GetInteger().GetOptions()) > 0 {
			c.Refer("choices/field", "field", c.Scope.Component.GetId(), f.GetId(), name)
			var list []any
			for _, o := range f.GetInteger().GetOptions() {
				list = append(list, map[string]any{"value": o.GetValue(), "label": o.GetLabel()})
			}
			return list
		}
	}
	c.Problem("choices/field", "unknown-field", "the component has no enumeration field %q", name)
	return nil
}

// choices checks a list of {value, label}.
func choices(v any) ([]any, *task.Error) {
	list, ok := v.([]any)
	if !ok || len(list) == 0 || len(list) > maxChoices {
		return nil, task.NewError("validation", "choices are a list of 1 to %d", maxChoices)
	}
	out := make([]any, len(list))
	for i, item := range list {
		m, ok := item.(map[string]any)
		if !ok || m["value"] == nil {
			return nil, task.NewError("validation", "choice %d must have a value and a label", i+1)
		}
		for name := range m {
			if name != "value" && name != "label" {
				return nil, task.NewError("validation", "choice %d has %q; a choice has value and label", i+1, name)
			}
		}
		label, _ := m["label"].(string)
		if label == "" {
			label, _ = task.TextOf(m["value"])
		}
		if len(label) > 200 {
			return nil, task.NewError("validation", "the label of choice %d is longer than 200 bytes", i+1)
		}
		for _, before := range out[:i] {
			if value.Equal(before.(map[string]any)["value"], m["value"]) {
				return nil, task.NewError("validation", "two choices have the same value")
			}
		}
		out[i] = map[string]any{"value": m["value"], "label": label}
	}
	return out, nil
}

// Step implements task.Body.
func (b *body) Step(ctx context.Context, x *task.Exec) (task.Next, error) {
	switch {
	case x.Woken:
		return b.patience.over(ctx, x)
	case x.Frame.Step > 0:
		return task.Next{Kind: task.Done, Output: x.Output}, nil
	}
	q := &task.Question{Page: b.page}
	var err error
	if q.Title, err = b.title.Text(ctx, x.Vars, "title", 300); err != nil {
		return task.Next{}, err
	}
	if q.Description, err = b.description.Text(ctx, x.Vars, "description", 4000); err != nil {
		return task.Next{}, err
	}
	v, err := b.choices.Eval(ctx, x.Vars)
	if err != nil {
		return task.Next{}, err
	}
	list, wrong := choices(v)
	if wrong != nil {
		return task.Next{}, wrong
	}
	q.Choices = list
	if q.Users, err = task.People(ctx, x.Vars, b.users, "users"); err != nil {
		return task.Next{}, err
	}
	if q.Roles, err = task.People(ctx, x.Vars, b.roles, "roles"); err != nil {
		return task.Next{}, err
	}
	if q.Due, err = b.dueTime(ctx, x); err != nil {
		return task.Next{}, err
	}
	if q.Data, err = b.data.Eval(ctx, x.Vars); err != nil {
		return task.Next{}, err
	}
	until, err := b.patience.begin(ctx, x)
	return task.Next{Kind: task.Ask, Question: q, Until: until}, err
}

func (b *body) dueTime(ctx context.Context, x *task.Exec) (time.Time, error) {
	v, err := b.due.Eval(ctx, x.Vars)
	if err != nil || v == nil {
		return time.Time{}, err
	}
	switch v := v.(type) {
	case time.Time:
		return v, nil
	case value.Date:
		return v.Start(), nil
	case string:
		if t, err := value.ParseDatetime(v); err == nil {
			return t, nil
		}
	}
	d, err := task.ParseDuration(v)
	if err != nil {
		return time.Time{}, task.NewError("validation", "due: %s", err)
	}
	return x.Now.Add(d), nil
}

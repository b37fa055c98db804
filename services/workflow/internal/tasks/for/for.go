// Package loop is the task "for": it runs tasks for each item of a list.
package loop

import (
	"context"

	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// MaxItems is how many items a loop may have.
const MaxItems = 10_000

// Kind is the kind of task.
type Kind struct{}

// Spec describes it.
func (Kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "for", Group: "Flow", Title: "For each", Summary: "Runs tasks for each item of a list, at most 10,000.",
		Params: []*catalogv1.Param{
			{
				Name: "for", Title: "List", Kind: catalogv1.ParamKind_PARAM_KIND_JSON, Required: true,
				Help: "{\"in\": \"${ input.lines }\", \"each\": \"item\", \"at\": \"index\"}",
			},
			{Name: "while", Title: "While", Kind: catalogv1.ParamKind_PARAM_KIND_EXPRESSION, ResultType: "bool"},
			{Name: "do", Title: "Tasks", Kind: catalogv1.ParamKind_PARAM_KIND_JSON, Required: true},
		},
	}
}

type body struct {
	in       *task.Template
	while    *task.Template
	each, at string
	block    int
}

// Compile implements task.Kind.
func (Kind) Compile(c *task.Compiler, settings map[string]any) task.Body {
	head := c.Object("for", settings["for"])
	in := c.Into("for")
	in.Keys(head, "for", []string{"in"}, "each", "at")
	b := &body{
		in: in.Template("in", head["in"]), each: in.Local("each", head["each"], "item"), at: in.Local("at", head["at"], "index"),
	}
	within := *c.Into("", b.each, b.at)
	if settings["while"] != nil {
		b.while = within.Condition("while", settings["while"])
	}
	b.block = c.Block(&within, "do", settings["do"])
	return b
}

// Step implements task.Body. Frame.Iter is the index, Frame.Data the list.
func (b *body) Step(ctx context.Context, x *task.Exec) (task.Next, error) {
	f := x.Frame
	last := f.In
	if !x.Returned {
		v, err := b.in.Eval(ctx, x.Vars)
		if err != nil {
			return task.Next{}, err
		}
		list, ok := v.([]any)
		if !ok && v != nil {
			return task.Next{}, task.NewError("validation", "for.in must be a list")
		}
		if len(list) > MaxItems {
			return task.Next{}, task.NewError("runtime", "the list has %d items; a loop has at most %d", len(list), MaxItems)
		}
		f.Data, f.Iter = list, 0
	} else {
		f.Iter++
		last = x.Output
	}
	list, _ := f.Data.([]any)
	if f.Iter >= int64(len(list)) {
		return task.Next{Kind: task.Done, Output: last}, nil
	}
	locals := map[string]any{b.each: list[f.Iter], b.at: f.Iter}
	if b.while != nil {
		vars := make(map[string]any, len(x.Vars)+2)
		for k, v := range x.Vars {
			vars[k] = v
		}
		for k, v := range locals {
			vars[k] = v
		}
		vars["output"] = last
		if more, err := b.while.Bool(ctx, vars); err != nil || !more {
			return task.Next{Kind: task.Done, Output: last}, err
		}
	}
	return task.Next{Kind: task.Push, Task: b.block, In: last, Locals: locals}, nil
}

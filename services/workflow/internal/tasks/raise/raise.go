// Package raise is the task "raise": it ends with an error.
package raise

import (
	"context"

	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// Kind is the kind of task.
type Kind struct{}

// Spec describes it.
func (Kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "raise", Group: "Flow", Title: "Raise an error", Summary: "Ends with an error, which a try task around it may take.",
		Params: []*catalogv1.Param{{
			Name: "raise", Title: "Error", Kind: catalogv1.ParamKind_PARAM_KIND_JSON, Required: true,
			Help: "{\"error\": {\"type\": \"https://example.com/errors/refused\", \"status\": 400, \"title\": \"Refused\", \"detail\": \"${ .. }\"}}",
		}},
	}
}

type body struct{ kind, status, title, detail *task.Template }

// Compile implements task.Kind.
func (Kind) Compile(c *task.Compiler, settings map[string]any) task.Body {
	outer := c.Object("raise", settings["raise"])
	in := c.Into("raise")
	in.Keys(outer, "raise", []string{"error"})
	in, m := in.Named("errors", "error", outer["error"])
	if m == nil || !in.Keys(m, "an error", []string{"type", "status"}, "title", "detail") {
		return nil
	}
	return body{
		kind: in.Template("type", m["type"]), status: in.Template("status", m["status"]),
		title: in.Template("title", m["title"]), detail: in.Template("detail", m["detail"]),
	}
}

// Step implements task.Body.
func (b body) Step(ctx context.Context, x *task.Exec) (task.Next, error) {
	kind, err := b.kind.Text(ctx, x.Vars, "type", 300)
	if err != nil {
		return task.Next{}, err
	}
	title, err := b.title.Text(ctx, x.Vars, "title", 300)
	if err != nil {
		return task.Next{}, err
	}
	detail, err := b.detail.Text(ctx, x.Vars, "detail", 4000)
	if err != nil {
		return task.Next{}, err
	}
	v, err := b.status.Eval(ctx, x.Vars)
	if err != nil {
		return task.Next{}, err
	}
	status, ok := v.(int64)
	if !ok || status < 100 || status > 599 {
		return task.Next{}, task.NewError("validation", "the status of an error is a number from 100 to 599")
	}
	return task.Next{}, &task.Error{Type: kind, Status: int(status), Title: title, Detail: detail}
}

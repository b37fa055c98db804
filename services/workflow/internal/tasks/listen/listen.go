// Package listen is the task "listen": it waits for an event that somebody sends to the run.
package listen

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
		Type: "listen", Group: "Flow", Title: "Wait for an event",
		Summary: "Waits for one event of a type, sent to the run now or earlier. The output is a list with the event's data.",
		Params: []*catalogv1.Param{{
			Name: "listen", Title: "Event", Kind: catalogv1.ParamKind_PARAM_KIND_JSON, Required: true,
			Help: "{\"to\": {\"one\": {\"with\": {\"type\": \"payment.received\"}}}}",
		}},
	}
}

type body struct{ event string }

// Compile implements task.Kind.
func (Kind) Compile(c *task.Compiler, settings map[string]any) task.Body {
	in, m := c.Into("listen"), c.Object("listen", settings["listen"])
	for _, key := range []string{"to", "one", "with"} {
		if !in.Keys(m, "listen", []string{key}) {
			return nil
		}
		m = in.Object(key, m[key])
		in = in.Into(key)
	}
	if !in.Keys(m, "listen", []string{"type"}) {
		return nil
	}
	return body{event: in.Text("type", m["type"])}
}

// Step implements task.Body.
func (b body) Step(_ context.Context, x *task.Exec) (task.Next, error) {
	if x.Frame.Step > 0 {
		return task.Next{Kind: task.Done, Output: []any{x.Output}}, nil
	}
	return task.Next{Kind: task.Listen, Topic: b.event}, nil
}

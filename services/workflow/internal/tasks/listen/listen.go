// Package listen is the task "listen": it waits for events that somebody sends to the run.
package listen

import (
	"context"
	"fmt"
	"slices"
	"strings"

	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// maxEvents is how many events a task may wait for.
const maxEvents = 20

// Kind is the kind of task.
type Kind struct{}

// Spec describes it.
func (Kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "listen", Group: "Flow", Title: "Wait for an event",
		Summary: "Waits for one event of a type, for any or for all of several, sent to the run now or earlier. The output is a list with the data of the events.",
		Params: []*catalogv1.Param{{
			Name: "listen", Title: "Event", Kind: catalogv1.ParamKind_PARAM_KIND_JSON, Required: true,
			Help: "{\"to\": {\"one\": {\"with\": {\"type\": \"payment.received\"}}}}, or any or all with a list",
		}},
	}
}

// body waits for the types; for each of them when all is set, else for one of them.
type body struct {
	types []string
	all   bool
}

// Compile implements task.Kind.
func (Kind) Compile(c *task.Compiler, settings map[string]any) task.Body {
	in, m := c.Into("listen"), c.Object("listen", settings["listen"])
	if !in.Keys(m, "listen", []string{"to"}) {
		return nil
	}
	m, in = in.Object("to", m["to"]), in.Into("to")
	if len(m) != 1 || !in.Keys(m, "listen.to", nil, "one", "any", "all") {
		in.Problem("", "invalid-param", "\"to\" has one of one, any and all")
		return nil
	}
	b := &body{all: m["all"] != nil}
	if m["one"] != nil {
		b.event(in.Into("one"), in.Object("one", m["one"]))
		return b
	}
	for key, v := range m {
		list, _ := v.([]any)
		if len(list) == 0 || len(list) > maxEvents {
			in.Problem(key, "invalid-param", "%q is a list of 1 to %d events", key, maxEvents)
		}
		for i, item := range list {
			at := fmt.Sprintf("%s/%d", key, i)
			b.event(in.Into(at), in.Object(at, item))
		}
	}
	return b
}

// event reads which events a filter takes.
func (b *body) event(c *task.Compiler, m map[string]any) {
	if !c.Keys(m, "listen", []string{"with"}) {
		return
	}
	with := c.Object("with", m["with"])
	if c = c.Into("with"); !c.Keys(with, "listen", []string{"type"}) {
		return
	}
	kind := c.Text("type", with["type"])
	switch {
	case strings.ContainsAny(kind, "\n"):
		c.Problem("type", "invalid-param", "a type has one line")
	case slices.Contains(b.types, kind):
		c.Problem("type", "duplicate-name", "the type %q is there twice", kind)
	}
	b.types = append(b.types, kind)
}

// Step implements task.Body. Frame.Data are the events so far by type, each a list of one, when all are waited for.
func (b *body) Step(_ context.Context, x *task.Exec) (task.Next, error) {
	missing := b.types
	if x.Frame.Step > 0 {
		if !b.all {
			return task.Next{Kind: task.Done, Output: []any{x.Output}}, nil
		}
		before, _ := x.Frame.Data.([]any)
		came, outputs := make([]any, len(b.types)), []any{}
		copy(came, before) // a step that fails leaves the frame as it was
		came[slices.Index(b.types, x.Event)] = []any{x.Output}
		x.Frame.Data, missing = came, nil
		for i, one := range came {
			if event, ok := one.([]any); ok {
				outputs = append(outputs, event[0])
			} else {
				missing = append(missing, b.types[i])
			}
		}
		if len(missing) == 0 {
			return task.Next{Kind: task.Done, Output: outputs}, nil
		}
	}
	return task.Next{Kind: task.Listen, Topic: strings.Join(missing, "\n")}, nil
}

// Package branch is the task "switch": it goes on at the first case that holds.
package branch

import (
	"context"
	"fmt"

	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// Kind is the kind of task.
type Kind struct{}

// Spec describes it.
func (Kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "switch", Group: "Flow", Title: "Decide", Summary: "Goes on at the task of the first case whose condition holds.",
		Params: []*catalogv1.Param{{
			Name: "switch", Title: "Cases", Kind: catalogv1.ParamKind_PARAM_KIND_JSON, Required: true,
			Help: "A list such as [{\"large\": {\"when\": \"${ input.total > 1000 }\", \"then\": \"ask\"}}]; a case without \"when\" always holds.",
		}},
	}
}

type choice struct {
	when *task.Template // nil always holds
	then string
}

type body struct {
	cases []choice
	jumps map[string]string
}

// Compile implements task.Kind.
func (Kind) Compile(c *task.Compiler, settings map[string]any) task.Body {
	list, ok := settings["switch"].([]any)
	if !ok || len(list) == 0 {
		c.Problem("switch", "invalid-param", "\"switch\" must be a list of cases")
		return nil
	}
	b := body{jumps: map[string]string{}}
	for i, item := range list {
		named, _ := item.(map[string]any)
		if len(named) != 1 {
			c.Problem(fmt.Sprintf("switch/%d", i), "invalid-param", "a case is an object with one name")
			continue
		}
		for name, v := range named {
			path := fmt.Sprintf("switch/%d/%s", i, name)
			m := c.Object(path, v)
			in := c.Into(path)
			in.Keys(m, "a case", []string{"then"}, "when")
			k := choice{then: in.Text("then", m["then"])}
			if m["when"] != nil {
				k.when = in.Condition("when", m["when"])
			}
			b.cases = append(b.cases, k)
			b.jumps[path+"/then"] = k.then
		}
	}
	return b
}

// Jumps implements task.Jumper.
func (b body) Jumps() map[string]string { return b.jumps }

// Step implements task.Body.
func (b body) Step(ctx context.Context, x *task.Exec) (task.Next, error) {
	for _, k := range b.cases {
		holds := k.when == nil
		if !holds {
			var err error
			if holds, err = k.when.Bool(ctx, x.Vars); err != nil {
				return task.Next{}, err
			}
		}
		if holds {
			return task.Next{Kind: task.Done, Output: x.Frame.In, Then: k.then}, nil
		}
	}
	return task.Next{Kind: task.Done, Output: x.Frame.In}, nil
}

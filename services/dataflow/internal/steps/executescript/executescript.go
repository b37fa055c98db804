// Package executescript is the step execute-script: Python over every item.
package executescript

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

const (
	// chunk is how many items go to the sandbox in one call, and chunkBytes how many estimated bytes of them.
	chunk      = 2000
	chunkBytes = 1 << 20
	maxSource  = 256 << 10

	modeMerge   = "merge"
	modeReplace = "replace"
)

// New is the kind of step.
func New() step.Kind { return kind{} }

type kind struct{}

func (kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "execute-script", Group: "Transformation", Title: "Execute script",
		Summary: "Calls the Python function main(item) for every item. What it returns, a dict, is added to the item or takes its place.",
		Params: []*catalogv1.Param{
			{Name: "source", Title: "Python", Help: "Source with a function main(item). Without it, a script of a component is run.", Kind: catalogv1.ParamKind_PARAM_KIND_PYTHON},
			{Name: "component", Title: "Component", Help: "Component that holds the script; this one when empty.", Kind: catalogv1.ParamKind_PARAM_KIND_COMPONENT},
			{Name: "script", Title: "Script", Kind: catalogv1.ParamKind_PARAM_KIND_SCRIPT, OfComponent: "component"},
			{Name: "result", Title: "Result", Kind: catalogv1.ParamKind_PARAM_KIND_JSON,
				Help: "Fields that main returns, with their types: {\"total\": \"decimal\"}. Without it any fields are taken, and later steps cannot be checked."},
			{Name: "resultMode", Title: "Result mode", Kind: catalogv1.ParamKind_PARAM_KIND_ENUM, Options: []string{modeMerge, modeReplace},
				Default: &typev1.Value{Kind: &typev1.Value_Text{Text: modeMerge}},
				Help:    "merge adds the fields to the item, replace makes them the item; then a list of dicts gives an item each, and None none."},
		},
		MinSources: 1, MaxSources: 1,
	}
}

// runner is a script with its result's type.
type runner struct {
	source  string
	result  value.Type // a map; without fields it takes any
	replace bool
}

func (kind) Compile(c *step.Compiler) step.Runner {
	r := &runner{source: source(c), replace: c.Text("resultMode") == modeReplace, result: value.Type{Kind: value.Map}}
	fields := resultFields(c)
	switch {
	case len(fields) == 0:
		c.Output(value.Type{})
	case r.replace:
		c.Output(step.ItemType(fields...))
	default:
		c.Output(c.Extended(fields...))
	}
	r.result.Fields = fields
	return r
}

// source finds the Python to run.
func source(c *step.Compiler) string {
	inline, script := c.Text("source"), c.Text("script")
	switch {
	case inline != "" && script != "":
		c.Problem("source", "two-sources", "give either source or script, not both")
		return ""
	case inline != "":
		if len(inline) > maxSource {
			c.Problem("source", "too-long", "the source is longer than %d KiB", maxSource>>10)
		}
		return inline
	case script == "":
		c.Problem("source", "missing-param", "the step needs a source or a script")
		return ""
	}
	component := c.Scope.Component
	if c.Text("component") != "" {
		found, ok := c.Component("component")
		if !ok {
			return ""
		}
		component = found
	}
	s := find(c, component, script)
	return s.GetSource()
}

func find(c *step.Compiler, component *libraryv1.Component, id string) *libraryv1.Script {
	var ids []string
	for _, s := range component.GetScripts() {
		if s.GetId() == id {
			c.Refer("script", "script", component.GetId(), id, id)
			return s
		}
		ids = append(ids, s.GetId())
	}
	c.Unknown("script", "unknown-script", "script of "+component.GetId(), id, ids)
	return nil
}

func resultFields(c *step.Compiler) []value.Field {
	raw, ok := c.Raw("result")
	if !ok {
		return nil
	}
	types, ok := raw.(map[string]any)
	if !ok {
		c.Problem("result", "invalid-param", "the result must be an object of names and types")
		return nil
	}
	var fields []value.Field
	for _, name := range slices.Sorted(maps.Keys(types)) {
		if !c.NewName("result/"+name, name) {
			continue
		}
		text, ok := types[name].(string)
		if !ok {
			c.Problem("result/"+name, "invalid-param", "the type must be a text, such as decimal")
			continue
		}
		t, err := step.ParseType(text)
		if err != nil {
			c.Problem("result/"+name, "invalid-param", "%v", err)
			continue
		}
		fields = append(fields, value.Field{Name: name, Type: t})
	}
	return fields
}

func (r *runner) Run(ctx context.Context, env *step.Env, in [][]step.Item) ([]step.Item, error) {
	out := make([]step.Item, 0, len(in[0]))
	for _, items := range step.Chunks(in[0], chunk, chunkBytes, func(it step.Item) int64 { return step.Size(it.Fields) }) {
		args := make([]any, len(items))
		for i, item := range items {
			args[i] = item.Fields
		}
		outcomes, err := env.Scripts.Execute(ctx, r.source, args)
		if err != nil {
			return nil, err
		}
		for i, o := range outcomes {
			if o.Error != "" {
				return nil, scriptFault(items, i, o)
			}
			made, err := r.items(items[i], o.Value)
			if err != nil {
				return nil, err
			}
			out = append(out, made...)
		}
	}
	return out, nil
}

func scriptFault(items []step.Item, i int, o step.Outcome) error {
	var opts []fault.Option
	if o.Line > 0 {
		opts = append(opts, fault.Meta("script_line", strconv.Itoa(o.Line)))
	}
	err := error(fault.FailedPrecondition(faultv1.Reason_REASON_SCRIPT_FAILED, o.Error, opts...))
	if len(items) > 1 {
		err = step.InItem(items[i], err)
	}
	return err
}

// items makes items of what main returned.
func (r *runner) items(from step.Item, v any) ([]step.Item, error) {
	list := []any{v}
	if r.replace {
		switch v := v.(type) {
		case []any:
			list = v
		case nil:
			list = nil
		}
	}
	made := make([]step.Item, 0, len(list))
	for _, one := range list {
		if one == nil && !r.replace {
			one = map[string]any{}
		}
		fields, ok := one.(map[string]any)
		if !ok {
			return nil, fault.FailedPrecondition(faultv1.Reason_REASON_SCRIPT_FAILED, "main must return a dict")
		}
		converted, err := value.Convert(fields, r.result)
		if err != nil {
			return nil, fault.FailedPrecondition(faultv1.Reason_REASON_SCRIPT_FAILED, "the result of main: "+err.Error())
		}
		fields = converted.(map[string]any)
		if !r.replace {
			made = append(made, from.With(fields))
			continue
		}
		made = append(made, step.Item{Fields: fields, Line: from.Line})
	}
	return made, nil
}

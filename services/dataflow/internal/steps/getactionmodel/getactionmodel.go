// Package getactionmodel is the step get-action-model: what the calling page or program sent, as the component's object model
// has it.
package getactionmodel

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/near"
	"github.com/aqtra/aqtra/pkg/objectmodel"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// New is the kind of step.
func New() step.Kind { return kind{} }

type kind struct{}

func (kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "get-action-model", Group: "Input", Title: "Get action model",
		Summary: "Begins with the data of the calling page or program: an object or a list of objects with the fields of the component. " +
			"Fields that are not sent are null.",
		Params: []*catalogv1.Param{{
			Name: "validate", Title: "Validate", Kind: catalogv1.ParamKind_PARAM_KIND_BOOL,
			Help: "Refuse what the object model does not allow: missing required fields, values out of bounds, unknown fields. " +
				"Without it only the types are checked, and unknown fields are left out.",
			Default: &typev1.Value{Kind: &typev1.Value_Bool{Bool: true}},
		}},
	}
}

func (kind) Compile(c *step.Compiler) step.Runner {
	m := model{rules: map[string]*rule{}, validate: c.Bool("validate")}
	fields := objectmodel.Fields(c.Scope.Component)
	if len(fields) == 0 {
		c.Problem("", "no-model", "the component has no fields; use get-raw-model to take any data")
		return nil
	}
	for _, f := range c.Scope.Component.GetModel().GetFields() {
		t, ok := objectmodel.FieldType(f)
		if !ok {
			continue
		}
		r, err := newRule(f, t)
		if err != nil {
			c.Problem("", "invalid-model", "field %q: %v", f.GetName(), err)
			continue
		}
		m.rules[f.GetName()] = r
		m.order = append(m.order, f.GetName())
	}
	// A page sends an entry as it got it, with its system fields. Of these only the id means something.
	for _, f := range objectmodel.SystemFields() {
		if m.rules[f.Name] != nil {
			continue
		}
		if f.Name == "id" {
			fields = append(fields, f)
		}
		m.system = append(m.system, f.Name)
	}
	c.Output(step.ItemType(fields...))
	return m
}

// model checks records.
type model struct {
	rules    map[string]*rule
	order    []string
	system   []string
	validate bool
}

func (m model) Run(_ context.Context, env *step.Env, _ [][]step.Item) ([]step.Item, error) {
	var records []any
	switch input := env.Input.(type) {
	case nil:
		records = []any{map[string]any{}}
	case []any:
		records = input
	default:
		records = []any{input}
	}
	_, list := env.Input.([]any)
	items := make([]step.Item, 0, len(records))
	var violations []fault.Option
	for i, record := range records {
		path := "input"
		if list {
			path = fmt.Sprintf("input[%d]", i)
		}
		fields, ok := record.(map[string]any)
		if !ok {
			violations = append(violations, fault.Field(path, "expected an object of fields"))
			continue
		}
		checked, bad := m.check(path, fields)
		violations = append(violations, bad...)
		items = append(items, step.Item{Fields: checked, Line: int64(i) + 1})
	}
	if len(violations) > 0 {
		return nil, fault.Invalid(faultv1.Reason_REASON_INPUT_INVALID, "the input does not fit the object model",
			violations[:min(len(violations), step.MaxRowErrors)]...)
	}
	return items, nil
}

func (m model) check(path string, record map[string]any) (map[string]any, []fault.Option) {
	checked := make(map[string]any, len(m.order))
	var violations []fault.Option
	refuse := func(name, description string) {
		violations = append(violations, fault.Field(path+"."+name, description))
	}
	for _, name := range m.order {
		r := m.rules[name]
		given, set := record[name]
		v, err := value.Convert(given, r.typ)
		if err != nil {
			var mismatch *value.MismatchError
			at, message := name, err.Error()
			if errors.As(err, &mismatch) {
				message = mismatch.Message
				if at += mismatch.Path; mismatch.Path != "" && mismatch.Path[0] != '[' {
					at = name + "." + mismatch.Path
				}
			}
			refuse(at, message)
			continue
		}
		if m.validate {
			if bad := r.check(v); bad != "" {
				refuse(name, bad)
				continue
			}
		}
		if set {
			checked[name] = v
		}
	}
	for _, name := range slices.Sorted(maps.Keys(record)) {
		switch {
		case m.rules[name] != nil:
		case slices.Contains(m.system, name):
			if id, err := step.IDText(record[name]); name == "id" && err == nil && id != "" {
				checked[name] = id
			}
		case m.validate:
			description := "there is no such field"
			if suggestion := near.Name(name, m.order); suggestion != "" {
				description += fmt.Sprintf(", did you mean %q?", suggestion)
			}
			refuse(name, description)
		}
	}
	return checked, violations
}

// Package joinmodels is the step join-models: the items of two sources are brought together by a key.
package joinmodels

import (
	"context"

	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/key"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// New is the kind of step.
func New() step.Kind { return kind{} }

type kind struct{}

func (kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "join-models", Group: "Transformation", Title: "Join",
		Summary: "Makes an item of each pair of items of the first source (left) and the second (right) that have equal keys.",
		Params: []*catalogv1.Param{
			{Name: "leftKey", Title: "Left key", Kind: catalogv1.ParamKind_PARAM_KIND_EXPRESSION, Required: true,
				Help: "Over left, such as left.customer. A null key has no partner."},
			{Name: "rightKey", Title: "Right key", Kind: catalogv1.ParamKind_PARAM_KIND_EXPRESSION, Required: true,
				Help: "Over right, such as right.id."},
			{Name: "join", Title: "Join", Kind: catalogv1.ParamKind_PARAM_KIND_ENUM, Options: []string{"inner", "left"},
				Help:    "With left, an item of the first source without a partner goes on as well; right is null then.",
				Default: &typev1.Value{Kind: &typev1.Value_Text{Text: "inner"}}},
			{Name: "map", Title: "Fields", Kind: catalogv1.ParamKind_PARAM_KIND_MAPPING, Required: true,
				Help: "The fields of the new item, over left and right."},
		},
		MinSources: 2, MaxSources: 2,
	}
}

func (kind) Compile(c *step.Compiler) step.Runner {
	left := value.Field{Name: "left", Type: c.Sources[0]}
	right := value.Field{Name: "right", Type: c.Sources[1]}
	j := &join{
		leftKey:  c.Expr("leftKey", c.VarsWith(left)),
		rightKey: c.Expr("rightKey", c.VarsWith(right)),
		fields:   c.NewFields("map", c.VarsWith(left, right)),
		outer:    c.Text("join") == "left",
	}
	if len(c.Step.GetParams()["map"].GetMap().GetFields()) == 0 {
		c.Problem("map", "missing-param", "join-models needs the fields of the new item")
	}
	if j.leftKey != nil && j.rightKey != nil && !mayBeEqual(j.leftKey.Type(), j.rightKey.Type()) {
		c.Problem("rightKey", "wrong-type", "the left key is %s and the right key %s: they are never equal", j.leftKey.Type(), j.rightKey.Type())
	}
	c.Output(step.ItemType(step.MappingFields(j.fields)...))
	return j
}

// mayBeEqual reports whether values of two types can be equal.
func mayBeEqual(a, b value.Type) bool {
	if text, ref := a.Kind, b.Kind; text == value.Text && ref == value.RefKind || text == value.RefKind && ref == value.Text {
		return true
	}
	return a.Accepts(b) || b.Accepts(a)
}

type join struct {
	leftKey, rightKey *step.Expr
	fields            []step.Mapped
	outer             bool
}

// Run gives the pairs in the order of the left items, and those of one left item in the order of the right ones.
func (j *join) Run(ctx context.Context, env *step.Env, in [][]step.Item) ([]step.Item, error) {
	partners := map[string][]step.Item{}
	vars := env.Vars(nil)
	for _, item := range in[1] {
		vars["right"] = item.Fields
		k, err := j.rightKey.Eval(ctx, env, vars)
		if err != nil {
			return nil, step.InItem(item, step.InField("rightKey", err))
		}
		if k != nil {
			text := string(key.Append(nil, k))
			partners[text] = append(partners[text], item)
		}
	}
	var out []step.Item
	var buf []byte
	for _, item := range in[0] {
		vars["left"] = item.Fields
		k, err := j.leftKey.Eval(ctx, env, vars)
		if err != nil {
			return nil, step.InItem(item, step.InField("leftKey", err))
		}
		buf = key.Append(buf[:0], k)
		found := partners[string(buf)] // none for null
		if len(out)+len(found) > step.MaxItems {
			return nil, step.TooMany()
		}
		if len(found) == 0 && j.outer {
			found = []step.Item{{}}
		}
		for _, partner := range found {
			vars["right"] = nil
			if partner.Fields != nil {
				vars["right"] = partner.Fields
			}
			fields, err := step.EvalMapping(ctx, env, j.fields, vars)
			if err != nil {
				return nil, step.InItem(item, err)
			}
			out = append(out, step.Item{Fields: fields, Line: item.Line})
		}
	}
	return out, nil
}

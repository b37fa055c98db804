// Package collection reaches the lists within items, for the steps that take them apart or count them.
package collection

import (
	"fmt"
	"maps"
	"strings"
	"unicode/utf8"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// Parent is the name under which the item stays with the elements of its list.
const Parent = "parent"

// Path leads from an item to a list.
type Path struct {
	text  string
	names []string
	// through says that lists on the way are passed through.
	through bool
}

// Compile reads a setting that holds a path such as "order.lines" and gives the type of the list's elements. With through,
// fields before the last may be lists as well. It reports false, and the problem, when the items are known not to have it.
func Compile(c *step.Compiler, param string, through bool) (Path, value.Type, bool) {
	text := c.Text(param)
	p := Path{text: text, names: strings.Split(text, "."), through: through}
	t := c.Item()
	for i, name := range p.names {
		at := strings.Join(p.names[:i], ".")
		if i > 0 && through && t.Kind == value.List {
			t = t.Item()
		}
		switch {
		case t.Kind == value.Any:
			return p, value.Type{}, true
		case t.Kind != value.Map:
			c.Problem(param, "wrong-type", "%q is %s and has no fields", at, t)
			return p, value.Type{}, false
		case len(t.Fields) == 0:
			t = t.Item()
			continue
		}
		f, ok := t.Field(name)
		if !ok {
			unknown(c, param, at, name, t)
			return p, value.Type{}, false
		}
		before := utf8.RuneCountInString(strings.Join(append(p.names[:i:i], ""), "."))
		c.ReferItem(param, f, before)
		t = f.Type
	}
	if t.Kind != value.List && t.Kind != value.Any {
		c.Problem(param, "wrong-type", "%q must be a list, it is %s", text, t)
		return p, value.Type{}, false
	}
	return p, t.Item(), true
}

func unknown(c *step.Compiler, param, at, name string, t value.Type) {
	of := "the item"
	if at != "" {
		of = fmt.Sprintf("%q", at)
	}
	names := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		names[i] = f.Name
	}
	p := c.Problem(param, "unknown-field", "there is no field %q of %s", name, of)
	if step.Suggest(p, name, names); p.GetSuggestion() != "" && at != "" {
		p.Suggestion = at + "." + p.GetSuggestion()
	}
}

// Elements gives the elements of the list; a list that is absent or null has none. It fails with the fault STEP_FAILED where
// something else than a list, or than an object on the way, is found.
func (p Path) Elements(item step.Item) ([]any, error) {
	found, err := p.walk(item.Fields, p.names)
	if err != nil {
		return nil, step.InItem(item, err)
	}
	return found, nil
}

func (p Path) walk(v any, names []string) ([]any, error) {
	for i, name := range names {
		switch from := v.(type) {
		case nil:
			return nil, nil
		case map[string]any:
			v = from[name]
		case []any:
			if !p.through {
				return nil, p.wrong(v, "an object")
			}
			var all []any
			for _, element := range from {
				found, err := p.walk(element, names[i:])
				if err != nil {
					return nil, err
				}
				all = append(all, found...)
			}
			return all, nil
		default:
			return nil, p.wrong(v, "an object")
		}
	}
	list, ok := v.([]any)
	if !ok && v != nil {
		return nil, p.wrong(v, "a list")
	}
	return list, nil
}

func (p Path) wrong(v any, want string) error {
	k, _ := value.Of(v)
	return fault.FailedPrecondition(faultv1.Reason_REASON_STEP_FAILED, fmt.Sprintf("%q leads to %s, not to %s", p.text, k, want))
}

// ElementType is the type of the items that elements become: their fields, or "value" for those that are no objects, and the
// item that held them. It is any when the fields are not known.
func (p Path) ElementType(element, item value.Type) value.Type {
	parent := value.Field{Name: Parent, Type: typeWithout(item, p.names)}
	switch {
	case element.Kind == value.Map && len(element.Fields) > 0:
		fields := []value.Field{}
		for _, f := range element.Fields {
			if f.Name != Parent {
				fields = append(fields, f)
			}
		}
		return value.MapOf(append(fields, parent)...)
	case element.Kind == value.Map || element.Kind == value.Any:
		return value.Type{}
	}
	return value.MapOf(value.Field{Name: "value", Type: element}, parent)
}

// typeWithout is the type of what without gives.
func typeWithout(t value.Type, names []string) value.Type {
	if t.Kind != value.Map {
		return t
	}
	fields := []value.Field{}
	for _, f := range t.Fields {
		switch {
		case f.Name != names[0]:
		case len(names) == 1 || f.Type.Kind == value.List:
			continue
		default:
			f.Type = typeWithout(f.Type, names[1:])
		}
		fields = append(fields, f)
	}
	t.Fields = fields
	return t
}

// without copies an object and leaves out the list that names lead to, or the first list on the way: beside every element
// of it, it would grow with the square of its length.
func without(fields map[string]any, names []string) map[string]any {
	copied := maps.Clone(fields)
	switch v := fields[names[0]].(type) {
	case []any:
		delete(copied, names[0])
	case map[string]any:
		if len(names) > 1 {
			copied[names[0]] = without(v, names[1:])
		}
	}
	return copied
}

// Items makes an item of each element of the list in each item, which stays with it as its parent, without the list; nulls are
// passed over.
// Lines are those of the parents, or with anew those of the elements, counted from 1.
func (p Path) Items(items []step.Item, anew bool) ([]step.Item, error) {
	out := []step.Item{}
	for _, item := range items {
		elements, err := p.Elements(item)
		if err != nil {
			return nil, err
		}
		if len(out)+len(elements) > step.MaxItems {
			return nil, step.TooMany()
		}
		parent := map[string]any{Parent: without(item.Fields, p.names)}
		for _, element := range elements {
			if element == nil {
				continue
			}
			line := item.Line
			if anew {
				line = int64(len(out)) + 1
			}
			fields, ok := element.(map[string]any)
			if !ok {
				fields = map[string]any{"value": element}
			}
			out = append(out, step.Item{Fields: fields, Line: line}.With(parent))
		}
	}
	return out, nil
}

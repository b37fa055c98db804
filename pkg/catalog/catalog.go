// Package catalog holds what a service offers (steps, tasks, functions) as a value, and checks settings against specs.
//
// One spec (aqtra.catalog.v1.Spec) drives validation, the palette, the property panel and the documentation, so adding an
// item touches the item's folder alone.
package catalog

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

// Item is one kind of step, task or function.
type Item interface {
	// Spec describes the item. It is the same at every call.
	Spec() *catalogv1.Spec
}

// Registry finds items by type. It never changes after New.
type Registry[T Item] struct {
	byType map[string]T
	specs  []*catalogv1.Spec
}

// New makes a registry. An empty or duplicate type is an error.
func New[T Item](items ...T) (*Registry[T], error) {
	r := &Registry[T]{byType: make(map[string]T, len(items))}
	for _, item := range items {
		spec := item.Spec()
		if spec.GetType() == "" {
			return nil, fmt.Errorf("catalog item %T has no type", item)
		}
		if _, dup := r.byType[spec.GetType()]; dup {
			return nil, fmt.Errorf("catalog has two items of type %q", spec.GetType())
		}
		r.byType[spec.GetType()] = item
		r.specs = append(r.specs, spec)
	}
	sort.SliceStable(r.specs, func(i, j int) bool {
		a, b := r.specs[i], r.specs[j]
		if a.GetGroup() != b.GetGroup() {
			return a.GetGroup() < b.GetGroup()
		}
		return a.GetType() < b.GetType()
	})
	return r, nil
}

// Get returns the item of a type.
func (r *Registry[T]) Get(kind string) (T, bool) {
	item, ok := r.byType[kind]
	return item, ok
}

// Specs lists all specs by group and type.
func (r *Registry[T]) Specs() []*catalogv1.Spec { return r.specs }

// Types lists all types in order, for messages that name the choices.
func (r *Registry[T]) Types() []string {
	types := make([]string, 0, len(r.byType))
	for kind := range r.byType {
		types = append(types, kind)
	}
	sort.Strings(types)
	return types
}

// CheckParams reports settings that are missing, unknown or of the wrong form. It looks at the form alone; whether an
// expression types or a component exists is for the owner of the graph. Paths begin with base + "/params/".
func CheckParams(spec *catalogv1.Spec, params map[string]*typev1.Value, base string) []*catalogv1.Problem {
	var problems []*catalogv1.Problem
	add := func(name, reason, message string) {
		problems = append(problems, &catalogv1.Problem{
			Severity: catalogv1.Severity_SEVERITY_ERROR, Reason: reason, Message: message, Path: base + "/params/" + name,
		})
	}
	known := make(map[string]*catalogv1.Param, len(spec.GetParams()))
	for _, p := range spec.GetParams() {
		known[p.GetName()] = p
		v, set := params[p.GetName()]
		if !set || isAbsent(v) {
			if p.GetRequired() {
				add(p.GetName(), "missing-param", fmt.Sprintf("%s needs %q (%s)", spec.GetType(), p.GetName(), p.GetTitle()))
			}
			continue
		}
		if want := mismatch(p, v); want != "" {
			add(p.GetName(), "invalid-param", fmt.Sprintf("%q must be %s", p.GetName(), want))
		}
	}
	for _, name := range sortedKeys(params) {
		if _, ok := known[name]; !ok {
			add(name, "unknown-param", fmt.Sprintf("%s has no setting %q; it has %s", spec.GetType(), name, paramNames(spec)))
		}
	}
	return problems
}

func isAbsent(v *typev1.Value) bool {
	if v.GetKind() == nil {
		return true
	}
	_, null := v.GetKind().(*typev1.Value_Null)
	return null
}

// mismatch says in words what a parameter must be, or "" when the value fits.
func mismatch(p *catalogv1.Param, v *typev1.Value) string {
	switch p.GetKind() {
	case catalogv1.ParamKind_PARAM_KIND_INT:
		if _, ok := v.GetKind().(*typev1.Value_Int); !ok {
			return "a whole number"
		}
	case catalogv1.ParamKind_PARAM_KIND_BOOL:
		if _, ok := v.GetKind().(*typev1.Value_Bool); !ok {
			return "true or false"
		}
	case catalogv1.ParamKind_PARAM_KIND_ENUM:
		if !slices.Contains(p.GetOptions(), v.GetText()) {
			return "one of " + strings.Join(p.GetOptions(), ", ")
		}
	case catalogv1.ParamKind_PARAM_KIND_MAPPING:
		m, ok := v.GetKind().(*typev1.Value_Map)
		if !ok {
			return "an object of names and expressions"
		}
		for _, name := range sortedKeys(m.Map.GetFields()) {
			if _, ok := m.Map.GetFields()[name].GetKind().(*typev1.Value_Text); !ok {
				return fmt.Sprintf("an object of names and expressions; %q is not a text", name)
			}
		}
	case catalogv1.ParamKind_PARAM_KIND_FIELDS, catalogv1.ParamKind_PARAM_KIND_TEXTS:
		l, ok := v.GetKind().(*typev1.Value_List)
		if !ok {
			return "a list of texts"
		}
		for _, item := range l.List.GetItems() {
			if _, ok := item.GetKind().(*typev1.Value_Text); !ok {
				return "a list of texts"
			}
		}
	case catalogv1.ParamKind_PARAM_KIND_JSON, catalogv1.ParamKind_PARAM_KIND_ROLES, catalogv1.ParamKind_PARAM_KIND_CHOICES:
	default:
		if _, ok := v.GetKind().(*typev1.Value_Text); !ok {
			return "a text"
		}
	}
	return ""
}

func paramNames(spec *catalogv1.Spec) string {
	if len(spec.GetParams()) == 0 {
		return "none"
	}
	names := make([]string, 0, len(spec.GetParams()))
	for _, p := range spec.GetParams() {
		names = append(names, p.GetName())
	}
	return strings.Join(names, ", ")
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

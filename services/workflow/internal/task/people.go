package task

import (
	"context"
	"slices"
	"strings"

	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// maxPeople is how many users, and how many roles, a task may name.
const maxPeople = 100

// ReferRoles records the roles that a list names.
func (c *Compiler) ReferRoles(path string, v any) {
	list, _ := v.([]any)
	for _, role := range list {
		if s, ok := role.(string); ok && !strings.HasPrefix(s, "${") {
			c.Refer(path, "role", "", s, "") // one of a list
		}
	}
}

// Page checks that the component has a page. A page is named and never computed, so that it can be found by who renames it.
func (c *Compiler) Page(path, id string) string {
	pages := IDs(c.Scope.Component.GetPages(), (*libraryv1.Page).GetId)
	switch {
	case id == "": // reported already
	case slices.Contains(pages, id):
		c.Refer(path, "page", c.Scope.Component.GetId(), id, id)
	default:
		c.Missing(path, "page", id, pages)
	}
	return id
}

// People computes a list of names of users or roles; one name may stand alone.
func People(ctx context.Context, vars map[string]any, t *Template, name string) ([]string, error) {
	v, err := t.Eval(ctx, vars)
	if err != nil || v == nil {
		return []string{}, err
	}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	if len(list) > maxPeople {
		return nil, NewError("validation", "%s has more than %d names", name, maxPeople)
	}
	out := make([]string, len(list))
	for i, item := range list {
		s, ok := TextOf(item)
		if !ok || s == "" || len(s) > 200 || !Storable(s) {
			return nil, NewError("validation", "%s must be a list of texts", name)
		}
		out[i] = s
	}
	return out, nil
}

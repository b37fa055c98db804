package impact

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// operations are what rules are about, in the order in which they are told.
func operations() []libraryv1.Operation {
	return []libraryv1.Operation{
		libraryv1.Operation_OPERATION_READ, libraryv1.Operation_OPERATION_CREATE, libraryv1.Operation_OPERATION_UPDATE, libraryv1.Operation_OPERATION_DELETE,
	}
}

func verb(op libraryv1.Operation) string {
	return strings.ToLower(strings.TrimPrefix(op.String(), "OPERATION_"))
}

// reach is what of the entries an operation reaches: none without filters, all with an empty one.
type reach []string

func (r reach) all() bool { return slices.Contains(r, "") }

func (r reach) String() string { return strings.Join(r, " or ") }

// of is what a role's operation reaches by the rules; without any, all that its grants allow.
func of(access []*libraryv1.AccessRule, role string, op libraryv1.Operation) reach {
	if len(access) == 0 {
		return reach{""}
	}
	var r reach
	for _, rule := range access {
		if rule.GetRole() == role && slices.Contains(rule.GetOperations(), op) {
			r = append(r, rule.GetFilter())
		}
	}
	slices.Sort(r)
	return slices.Compact(r)
}

// roles lists the roles that rules before or after name.
func (p pair) roles() []string {
	names := map[string]bool{}
	for _, rule := range slices.Concat(p.before.GetSettings().GetAccess(), p.after.GetSettings().GetAccess()) {
		names[rule.GetRole()] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// Permissions lists who may do more or less than before.
func (c *Change) Permissions() []*libraryv1.PermissionChange {
	var out []*libraryv1.PermissionChange
	for _, p := range c.pairs {
		if !p.both() {
			continue
		}
		out = append(out, p.entries()...)
		for _, k := range kinds() {
			for _, a := range k.of(p.after) {
				if b := find(k.of(p.before), a.GetId()); b != nil {
					out = append(out, p.part(k, b, a)...)
				}
			}
		}
	}
	return out[:min(len(out), maxItems)]
}

// entries tells what the rules about entries change.
func (p pair) entries() []*libraryv1.PermissionChange {
	before, after := p.before.GetSettings().GetAccess(), p.after.GetSettings().GetAccess()
	change := func(role string, d direction, format string, args ...any) *libraryv1.PermissionChange {
		return &libraryv1.PermissionChange{Component: p.id(), Role: role, More: d == more, Less: d == less, Text: fmt.Sprintf(format, args...)}
	}
	var out []*libraryv1.PermissionChange
	switch {
	case len(before) == 0 && len(after) > 0:
		out = append(out, change("", less, "%s has rules of access now: only roles that they name reach its entries", title(p.after)))
	case len(before) > 0 && len(after) == 0:
		return append(out, change("", more, "%s has no rules of access any more: everyone whose grants allow it reaches all entries", title(p.after)))
	}
	for _, role := range p.roles() {
		verbs := map[difference][]string{} // of the operations that change in the same way
		var order []difference
		for _, op := range operations() {
			d, changed := differ(of(before, role, op), of(after, role, op))
			if !changed {
				continue
			}
			if verbs[d] == nil {
				order = append(order, d)
			}
			verbs[d] = append(verbs[d], verb(op))
		}
		for _, d := range order {
			out = append(out, change(role, d.direction, "Role %s may %s %s%sentries of %s%s", role, d.when, list(verbs[d]), d.which, title(p.after), d.where))
		}
	}
	return out
}

// direction says whether something is more or less than before.
type direction int

const (
	other direction = iota
	more
	less
)

// difference tells in words what becomes of a reach: may {when} read{which}entries of X{where}.
type difference struct {
	direction          direction
	when, which, where string
}

func differ(before, after reach) (difference, bool) {
	switch {
	case slices.Equal(before, after), before.all() && after.all():
		return difference{}, false
	case len(after) == 0:
		return difference{less, "no longer", " ", ""}, true
	case after.all() && len(before) == 0:
		return difference{more, "now", " ", ""}, true
	case after.all():
		return difference{more, "now", " all ", ", no longer only where " + before.String()}, true
	case len(before) == 0:
		return difference{more, "now", " ", " where " + after.String()}, true
	case before.all():
		return difference{less, "now", " only ", " where " + after.String()}, true
	}
	return difference{other, "now", " ", " where " + after.String() + ", no longer where " + before.String()}, true
}

// list joins words: "read, update and delete".
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// part tells who may use a part that could not, and the other way round.
func (p pair) part(k kind, before, after part) []*libraryv1.PermissionChange {
	was, is := before.GetRoles(), after.GetRoles()
	what := fmt.Sprintf("%s %s %s of %s", k.verb, k.name, cmp.Or(after.GetTitle(), after.GetId()), title(p.after))
	everyone := "Everyone who may use " + title(p.after)
	var out []*libraryv1.PermissionChange
	add := func(role string, d direction, text string) {
		out = append(out, &libraryv1.PermissionChange{Component: p.id(), Role: role, More: d == more, Less: d == less, Text: text})
	}
	switch {
	case len(was) == 0 && len(is) > 0:
		add("", less, fmt.Sprintf("Only %s may now %s", list(slices.Sorted(slices.Values(is))), what))
	case len(was) > 0 && len(is) == 0:
		add("", more, everyone+" may now "+what)
	default:
		for _, role := range is {
			if !slices.Contains(was, role) {
				add(role, more, fmt.Sprintf("Role %s may now %s", role, what))
			}
		}
		for _, role := range was {
			if !slices.Contains(is, role) {
				add(role, less, fmt.Sprintf("Role %s may no longer %s", role, what))
			}
		}
	}
	return out
}

// Count is a count of entries to make: those of a component for which one of the filters is true, for a role.
type Count struct {
	Component, Role string
	Filters         []string
}

// Test is a role's operation by the rules before and after. Note says why it cannot be counted.
type Test struct {
	Component, Role string
	Operation       libraryv1.Operation
	Before, After   Count
	Note            string
}

const maxTests = 250

// Tests lists what the rules of changed components let roles do with the entries that are there.
func (c *Change) Tests() []Test {
	var out []Test
	for _, p := range c.pairs {
		if !p.both() || len(p.before.GetModel().GetFields()) == 0 || len(p.after.GetModel().GetFields()) == 0 {
			continue
		}
		for _, role := range p.roles() {
			for _, op := range operations() {
				if op == libraryv1.Operation_OPERATION_CREATE || len(out) == maxTests {
					continue // new entries are not among those that are there
				}
				was, is := of(p.before.GetSettings().GetAccess(), role, op), of(p.after.GetSettings().GetAccess(), role, op)
				t := Test{Component: p.id(), Role: role, Operation: op, Before: Count{p.id(), role, was}, After: Count{p.id(), role, is}}
				if slices.ContainsFunc(slices.Concat(was, is), personal) {
					t.Note = "depends on who asks"
				}
				out = append(out, t)
			}
		}
	}
	return out
}

var (
	quoted = regexp.MustCompile(`"(\\.|[^"\\])*"|'(\\.|[^'\\])*'`)
	user   = regexp.MustCompile(`\buser\b`)
)

// personal reports whether a filter looks at the user.
func personal(filter string) bool { return user.MatchString(quoted.ReplaceAllString(filter, "")) }

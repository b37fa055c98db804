// Package impact tells what a candidate means for those who use what is live: which parts use what changes, what callers of
// the API notice, and who may do more or less. It compares definitions and asks nobody.
package impact

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

const (
	maxItems   = 500
	maxReasons = 10
)

// Change is the difference between what is live and a candidate. It does not change the components.
type Change struct {
	pairs []pair
	byID  map[string]*libraryv1.Component
}

// pair is a component before and after; nil where it is not there.
type pair struct{ before, after *libraryv1.Component }

// New compares two sets of components.
func New(before, after []*libraryv1.Component) *Change {
	c := &Change{byID: map[string]*libraryv1.Component{}}
	pairs := map[string]pair{}
	for _, b := range before {
		pairs[b.GetUid()] = pair{before: b}
		c.byID[b.GetId()] = b
	}
	for _, a := range after {
		pairs[a.GetUid()] = pair{before: pairs[a.GetUid()].before, after: a}
		c.byID[a.GetId()] = a
	}
	for _, p := range pairs {
		if p.before.GetRevision() != p.after.GetRevision() {
			c.pairs = append(c.pairs, p)
		}
	}
	slices.SortFunc(c.pairs, func(a, b pair) int { return cmp.Compare(a.id(), b.id()) })
	return c
}

func (p pair) id() string { return cmp.Or(p.after.GetId(), p.before.GetId()) }

// both reports whether the component is there before and after.
func (p pair) both() bool { return p.before != nil && p.after != nil }

func title(c *libraryv1.Component) string { return cmp.Or(c.GetDisplayName(), c.GetId()) }

// fieldPair is a field of a component before and after; nil where it is not there.
type fieldPair struct{ before, after *libraryv1.Field }

// fields lists the fields that are not the same before and after, in the order of the model, those that go last.
func (p pair) fields() []fieldPair {
	var out []fieldPair
	find := func(c *libraryv1.Component, id string) *libraryv1.Field {
		i := slices.IndexFunc(c.GetModel().GetFields(), func(f *libraryv1.Field) bool { return f.GetId() == id })
		if i < 0 {
			return nil
		}
		return c.GetModel().GetFields()[i]
	}
	for _, a := range p.after.GetModel().GetFields() {
		if b := find(p.before, a.GetId()); !proto.Equal(a, b) {
			out = append(out, fieldPair{b, a})
		}
	}
	for _, b := range p.before.GetModel().GetFields() {
		if find(p.after, b.GetId()) == nil {
			out = append(out, fieldPair{b, nil})
		}
	}
	return out
}

// rules is a field with nothing but what says which values it takes.
func rules(f *libraryv1.Field) *libraryv1.Field {
	return &libraryv1.Field{Type: f.GetType(), Rules: f.GetRules()}
}

// Field names a field by its stable id.
type Field struct{ Component, ID string }

// ChangedRules lists the fields of which what is stored may not fit any more.
func (c *Change) ChangedRules() []Field {
	var out []Field
	for _, p := range c.pairs {
		for _, f := range p.fields() {
			if f.after.GetRules() != nil && !proto.Equal(rules(f.before), rules(f.after)) {
				out = append(out, Field{p.id(), f.after.GetId()})
			}
		}
	}
	return out
}

// part is a page, dataflow, workflow or script.
type part interface {
	proto.Message
	GetId() string
	GetTitle() string
	GetRoles() []string
}

// kinds are the kinds of parts, with what one does with them.
func kinds() []kind {
	return []kind{
		{"page", "pages", "open", "", func(c *libraryv1.Component) []part { return parts(c.GetPages()) }},
		{"dataflow", "dataflows", "run", "run", func(c *libraryv1.Component) []part { return parts(c.GetDataflows()) }},
		{"workflow", "workflows", "start", "start", func(c *libraryv1.Component) []part { return parts(c.GetWorkflows()) }},
		{"script", "scripts", "run", "run", func(c *libraryv1.Component) []part { return parts(c.GetScripts()) }},
	}
}

type kind struct {
	name, list, verb, call string // call is empty when the API does not know such parts
	of                     func(*libraryv1.Component) []part
}

func parts[P part](list []P) []part {
	out := make([]part, len(list))
	for i, p := range list {
		out[i] = p
	}
	return out
}

func find(list []part, id string) part {
	for _, p := range list {
		if p.GetId() == id {
			return p
		}
	}
	return nil
}

// target is a thing that others may refer to.
type target struct{ component, id string }

// targets says of what changes how it does so.
func (c *Change) targets() map[target]string {
	out := map[target]string{}
	for _, p := range c.pairs {
		if !p.both() {
			continue
		}
		for _, f := range p.fields() {
			if f.before == nil || f.after == nil {
				continue
			}
			if how := alteration(f); how != "" {
				out[target{p.id(), f.after.GetId()}] = fmt.Sprintf("%s of %s, which %s", f.after.GetName(), title(p.after), how)
			}
		}
		for _, k := range kinds() {
			if k.call == "" {
				continue
			}
			for _, a := range k.of(p.after) {
				if b := find(k.of(p.before), a.GetId()); b != nil && !proto.Equal(a, b) {
					out[target{p.id(), a.GetId()}] = fmt.Sprintf("%s %s of %s, which changes", k.name, cmp.Or(a.GetTitle(), a.GetId()), title(p.after))
				}
			}
		}
	}
	return out
}

// alteration tells how a field changes for those who use it, empty when it does not.
func alteration(f fieldPair) string {
	switch {
	case f.before.GetType() != f.after.GetType():
		return fmt.Sprintf("becomes %s instead of %s", typeName(f.after), typeName(f.before))
	case refersTo(f.before) != refersTo(f.after):
		return fmt.Sprintf("refers to %s instead of %s", refersTo(f.after), refersTo(f.before))
	case f.before.GetName() != f.after.GetName():
		return fmt.Sprintf("was called %s", f.before.GetName())
	case !f.before.GetRequired() && f.after.GetRequired():
		return "must be given now"
	case !f.before.GetSensitive() && f.after.GetSensitive():
		return "is kept encrypted now"
	case !proto.Equal(rules(f.before), rules(f.after)):
		return "has other rules"
	}
	return ""
}

// refersTo is the component that a field refers to, if it does.
func refersTo(f *libraryv1.Field) string {
	return cmp.Or(f.GetCatalog().GetComponent(), f.GetArray().GetComponent())
}

// typeName is a type in words.
func typeName(f *libraryv1.Field) string {
	switch f.GetType() {
	case libraryv1.FieldType_FIELD_TYPE_STRING:
		return "text"
	case libraryv1.FieldType_FIELD_TYPE_CATALOG:
		return "a reference"
	case libraryv1.FieldType_FIELD_TYPE_ARRAY:
		return "a list of references"
	}
	return strings.ToLower(strings.TrimPrefix(f.GetType().String(), "FIELD_TYPE_"))
}

// Affected lists the parts that use what changes, and those that problems were found in.
func (c *Change) Affected(references []*catalogv1.Reference, problems []*catalogv1.Problem) []*libraryv1.AffectedPart {
	type key struct{ component, kind, id string }
	found := map[key]*libraryv1.AffectedPart{}
	add := func(component, path, reason string, broken bool) {
		kind, id := place(path)
		k := key{component, kind, id}
		if found[k] == nil {
			found[k] = &libraryv1.AffectedPart{Component: component, Kind: kind, Id: id, Title: c.title(component, kind, id)}
		}
		p := found[k]
		p.Broken = p.Broken || broken
		if !slices.Contains(p.GetReasons(), reason) && len(p.GetReasons()) < maxReasons {
			p.Reasons = append(p.Reasons, reason)
		}
	}
	for _, p := range problems {
		if p.GetSeverity() == catalogv1.Severity_SEVERITY_ERROR && p.GetPath() != "" && !strings.HasPrefix(p.GetPath(), "model") {
			add(p.GetComponent(), p.GetPath(), p.GetMessage(), true)
		}
	}
	targets := c.targets()
	for _, r := range references {
		if how := targets[target{r.GetTargetComponent(), r.GetTargetId()}]; how != "" {
			add(r.GetComponent(), r.GetPath(), "uses "+how, false)
		}
	}
	out := slices.SortedFunc(maps.Values(found), func(a, b *libraryv1.AffectedPart) int {
		return cmp.Or(strings.Compare(a.GetComponent(), b.GetComponent()), strings.Compare(a.GetKind(), b.GetKind()), strings.Compare(a.GetId(), b.GetId()))
	})
	return out[:min(len(out), maxItems)]
}

// place is the part that a path leads into.
func place(path string) (kind, id string) {
	words := append(strings.SplitN(path, "/", 4), "", "")
	for _, k := range kinds() {
		if words[0] == k.list {
			return k.name, words[1]
		}
	}
	switch {
	case words[0] == "model":
		return "field", words[2]
	case words[1] == "access":
		return "access", words[2]
	case words[1] == "triggers":
		return "trigger", words[2]
	}
	return "settings", ""
}

func (c *Change) title(component, kind, id string) string {
	of := c.byID[component]
	for _, k := range kinds() {
		if p := find(k.of(of), id); k.name == kind && p != nil {
			return p.GetTitle()
		}
	}
	if rules := of.GetSettings().GetAccess(); kind == "access" {
		if i, err := strconv.Atoi(id); err == nil && i >= 0 && i < len(rules) {
			return rules[i].GetRole()
		}
	}
	return ""
}

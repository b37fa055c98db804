// Package rename rewrites definitions: a field or part gets another name, and so does every text that refers to it. It knows
// where from the references that a check found, and changes no text that does not hold the old name where a reference says so.
package rename

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// Target is what gets another name.
type Target struct {
	// Component holds it; Kind is "field", "page", "dataflow", "workflow" or "script", as in references.
	Component, Kind string
	// ID is the stable id of a field, or the id of a part, which is its name.
	ID string
	// Old and New are its names.
	Old, New string
}

// Result is what a rename makes.
type Result struct {
	// All are the components after the rename, in the order that they were given in; those that did not change are the same ones.
	All []*libraryv1.Component
	// Changed are the ids of the components that changed.
	Changed []string
	Changes []*libraryv1.RenameChange
	keys    map[place]bool
}

type place struct{ component, path string }

// UnplacedError says that a user of the name cannot be rewritten, because the name does not stand where it is used.
type UnplacedError struct{ Component, Path, Why string }

func (e *UnplacedError) Error() string { return fmt.Sprintf("%s: %s: %s", e.Component, e.Path, e.Why) }

// Uses reports whether a reference leads to the target.
func (t Target) Uses(r *catalogv1.Reference) bool {
	return r.GetKind() == t.Kind && r.GetTargetComponent() == t.Component && r.GetTargetId() == t.ID
}

// Apply gives the target its new name in copies of the components that change. refs are all references of all components. It fails
// with an UnplacedError.
func Apply(all []*libraryv1.Component, t Target, refs []*catalogv1.Reference) (*Result, error) {
	res := &Result{All: slices.Clone(all), keys: map[place]bool{}}
	texts := map[place][]*catalogv1.Reference{}
	for _, r := range refs {
		at := place{r.GetComponent(), r.GetPath()}
		switch {
		case !t.Uses(r):
		case r.GetLength() == 0:
			return nil, &UnplacedError{at.component, at.path, fmt.Sprintf("uses %q without naming it", t.Old)}
		case r.GetInKey():
			res.keys[at] = true
		default:
			texts[at] = append(texts[at], r)
		}
	}
	for i, c := range all {
		after := proto.CloneOf(c)
		if err := res.component(after, t, texts); err != nil {
			return nil, err
		}
		if !proto.Equal(c, after) {
			res.All[i] = after
			res.Changed = append(res.Changed, c.GetId())
		}
	}
	return res, nil
}

func (res *Result) component(c *libraryv1.Component, t Target, texts map[place][]*catalogv1.Reference) error {
	// Texts before keys, because a key is part of the paths below it, and keys from within.
	for _, at := range sorted(texts, c.GetId()) {
		if err := res.text(c, t, at.path, texts[at]); err != nil {
			return err
		}
	}
	keys := sorted(res.keys, c.GetId())
	slices.SortStableFunc(keys, func(a, b place) int { return cmp.Compare(len(b.path), len(a.path)) })
	for _, at := range keys {
		s := find(c, at.path)
		if s == nil || s.fields == nil || s.key != t.Old {
			return &UnplacedError{at.component, at.path, fmt.Sprintf("%q is not the key there", t.Old)}
		}
		if _, taken := s.fields[t.New]; taken {
			return &UnplacedError{at.component, at.path, fmt.Sprintf("there is a key %q beside it", t.New)}
		}
		s.fields[t.New] = s.fields[t.Old]
		delete(s.fields, t.Old)
		res.change(c, at.path, t.Old, t.New)
	}
	if c.GetId() == t.Component {
		own(c, t)
		res.Changes = append([]*libraryv1.RenameChange{{Component: c.GetId(), Path: t.path(t.Old), Before: t.Old, After: t.New}}, res.Changes...)
	}
	return nil
}

func sorted[V any](m map[place]V, component string) []place {
	var out []place
	for at := range m {
		if at.component == component {
			out = append(out, at)
		}
	}
	slices.SortFunc(out, func(a, b place) int { return cmp.Compare(a.path, b.path) })
	return out
}

func (res *Result) text(c *libraryv1.Component, t Target, path string, refs []*catalogv1.Reference) error {
	s := find(c, path)
	if s == nil || s.text == nil {
		return &UnplacedError{c.GetId(), path, "there is no text there"}
	}
	before := []rune(*s.text)
	slices.SortFunc(refs, func(a, b *catalogv1.Reference) int { return cmp.Compare(a.GetOffset(), b.GetOffset()) })
	var b strings.Builder
	done := 0
	for i, r := range refs {
		if i > 0 && r.GetOffset() == refs[i-1].GetOffset() {
			continue // a loop may use one place twice
		}
		from, to := int(r.GetOffset()), int(r.GetOffset()+r.GetLength())
		if from < done || to > len(before) || strings.Trim(string(before[from:to]), "`") != t.Old {
			return &UnplacedError{c.GetId(), path, fmt.Sprintf("%q does not stand at character %d", t.Old, from+1)}
		}
		b.WriteString(string(before[done:from]) + strings.Replace(string(before[from:to]), t.Old, t.New, 1)) // with its backquotes
		done = to
	}
	b.WriteString(string(before[done:]))
	res.change(c, path, *s.text, b.String())
	*s.text = b.String()
	return nil
}

func (res *Result) change(c *libraryv1.Component, path, before, after string) {
	res.Changes = append(res.Changes, &libraryv1.RenameChange{Component: c.GetId(), Path: path, Before: before, After: after})
}

// path is where the target stands in its component under a name.
func (t Target) path(name string) string {
	if t.Kind == "field" {
		return "model/fields/" + name
	}
	return t.Kind + "s/" + name
}

// own changes the name of the target itself.
func own(c *libraryv1.Component, t Target) {
	switch t.Kind {
	case "field":
		for _, f := range c.GetModel().GetFields() {
			if f.GetId() == t.ID {
				f.Name = t.New
			}
		}
	case "page":
		for _, p := range c.GetPages() {
			if p.GetId() == t.ID {
				p.Id = t.New
			}
		}
	case "dataflow":
		for _, d := range c.GetDataflows() {
			if d.GetId() == t.ID {
				d.Id = t.New
			}
		}
	case "workflow":
		for _, w := range c.GetWorkflows() {
			if w.GetId() == t.ID {
				w.Id = t.New
			}
		}
	case "script":
		for _, s := range c.GetScripts() {
			if s.GetId() == t.ID {
				s.Id = t.New
			}
		}
	}
}

// Moved is where what stood at a path stands after the rename.
func (res *Result) Moved(t Target, component, path string) string {
	segments := strings.Split(path, "/")
	for i := range segments {
		if at := strings.Join(strings.Split(path, "/")[:i+1], "/"); res.keys[place{component, at}] {
			segments[i] = t.New
		}
	}
	path = strings.Join(segments, "/")
	if old := t.path(t.Old); component == t.Component && (path == old || strings.HasPrefix(path, old+"/")) {
		path = t.path(t.New) + strings.TrimPrefix(path, old)
	}
	return path
}

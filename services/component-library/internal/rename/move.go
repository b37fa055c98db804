package rename

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

// component is the key beside the name of a part that says whose part it is. Without it, it is one of the component itself.
const componentKey = "component"

// Moved is what a move makes.
type Moved struct {
	Result

	target Target
	to     string
	// named are the places where a component is named that was not, or another one, or is no longer.
	named map[place]bool
}

// Move puts a part into another component, in copies of the components that change: what uses the part names that component, and
// what the part uses of its own component names the old one. refs are all references of all components. It fails with an
// UnplacedError.
func Move(all []*libraryv1.Component, t Target, to string, refs []*catalogv1.Reference) (*Moved, error) {
	m := &Moved{Result: Result{All: make([]*libraryv1.Component, len(all))}, target: t, to: to, named: map[place]bool{}}
	if err := free(all, t); err != nil {
		return nil, err
	}
	after := map[string]*libraryv1.Component{}
	for i, c := range all {
		after[c.GetId()] = proto.CloneOf(c)
		m.All[i] = after[c.GetId()]
	}
	for _, r := range refs {
		inside := r.GetComponent() == t.Component && within(r.GetPath(), t.path(t.ID))
		var err error
		switch {
		case t.Uses(r):
			err = m.name(after[r.GetComponent()], r, inside, to)
		case inside && isPart(r.GetKind()):
			err = m.name(after[r.GetComponent()], r, inside, r.GetTargetComponent())
		}
		if err != nil {
			return nil, err
		}
	}
	take(after[t.Component], after[to], t)
	m.Changes = append([]*libraryv1.RenameChange{{Component: t.Component, Path: t.path(t.ID), Before: t.Component, After: to}}, m.Changes...)
	for i, c := range all {
		if proto.Equal(c, m.All[i]) {
			m.All[i] = c
		} else {
			m.Changed = append(m.Changed, c.GetId())
		}
	}
	return m, nil
}

// free refuses a dataflow that takes the fields of its component: others send it these.
func free(all []*libraryv1.Component, t Target) error {
	for _, d := range byID(all, t.Component).GetDataflows() {
		for _, s := range d.GetSteps() {
			if t.Kind == "dataflow" && d.GetId() == t.ID && s.GetType() == "get-action-model" {
				return &UnplacedError{t.Component, t.path(t.ID) + "/steps/" + s.GetId(), "takes the fields of its own component"}
			}
		}
	}
	return nil
}

func within(path, part string) bool { return strings.HasPrefix(path, part+"/") }

func isPart(kind string) bool {
	return slices.Contains([]string{"page", "dataflow", "workflow", "script"}, kind)
}

// name has a reference name the component that its part is in. One within the moved part stands in the new component from then on.
func (m *Moved) name(c *libraryv1.Component, r *catalogv1.Reference, inside bool, owner string) error {
	stands := r.GetComponent()
	if inside {
		stands = m.to
	}
	path := r.GetPath()
	s := namer(c, r)
	if s == nil {
		if stands == owner {
			return nil
		}
		return &UnplacedError{r.GetComponent(), path, fmt.Sprintf("can only name a %s of its own component", r.GetKind())}
	}
	at := strings.TrimSuffix(path, r.GetKind()) + componentKey
	before := s.fields[componentKey].GetText()
	// The name of the component is written as that of the part is, which may be a text in quotes.
	text := []rune(*s.text)
	quoted := string(text[:r.GetOffset()]) + owner + string(text[r.GetOffset()+r.GetLength():])
	if stands == owner && !strings.HasPrefix(path, "workflows/") { // tasks always name it
		quoted = ""
	}
	switch quoted {
	case before:
		return nil
	case "":
		delete(s.fields, componentKey)
	default:
		s.fields[componentKey] = &typev1.Value{Kind: &typev1.Value_Text{Text: quoted}}
	}
	m.named[place{stands, at}] = true
	m.change(c, at, before, quoted)
	return nil
}

// namer gives where a reference names its part, if the part's component can be named beside it.
func namer(c *libraryv1.Component, r *catalogv1.Reference) *slot {
	path := r.GetPath()
	switch {
	case !strings.HasSuffix(path, "/"+r.GetKind()), strings.HasPrefix(path, "settings/"):
		return nil
	case r.GetKind() == "page" && strings.HasPrefix(path, "workflows/"): // a question shows a page of its own component
		return nil
	case r.GetKind() == "workflow" && strings.HasPrefix(path, "pages/") && strings.HasSuffix(path, "/props/workflow"): // so does a control
		return nil
	}
	s := find(c, path)
	if s == nil || s.fields == nil || s.text == nil || r.GetLength() == 0 || int(r.GetOffset()+r.GetLength()) > utf8.RuneCountInString(*s.text) {
		return nil
	}
	return s
}

// take moves the part itself.
func take(from, to *libraryv1.Component, t Target) {
	switch t.Kind {
	case "page":
		from.Pages, to.Pages = pass(from.GetPages(), to.GetPages(), t.ID)
	case "dataflow":
		from.Dataflows, to.Dataflows = pass(from.GetDataflows(), to.GetDataflows(), t.ID)
	case "workflow":
		from.Workflows, to.Workflows = pass(from.GetWorkflows(), to.GetWorkflows(), t.ID)
	case "script":
		from.Scripts, to.Scripts = pass(from.GetScripts(), to.GetScripts(), t.ID)
	}
}

func pass[P interface{ GetId() string }](from, to []P, id string) (left, more []P) {
	for _, p := range from {
		if p.GetId() == id {
			to = append(to, p)
		} else {
			left = append(left, p)
		}
	}
	return left, to
}

// Place is where what stood at a path stands after the move.
func (m *Moved) Place(component, path string) (string, string) {
	if part := m.target.path(m.target.ID); component == m.target.Component && (path == part || within(path, part)) {
		return m.to, path
	}
	return component, path
}

// Names reports whether a component is named at a path that was not, or another one was.
func (m *Moved) Names(component, path string) bool { return m.named[place{component, path}] }

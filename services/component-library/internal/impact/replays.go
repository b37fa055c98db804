package impact

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// maxReplays is how many parts have their latest runs replayed.
const maxReplays = 50

// Flow is a workflow or dataflow that is live and stays.
type Flow struct {
	// Live is the component as it is named in what is live, Component as in the candidate.
	Live, Component string
	// Kind is "workflow" or "dataflow".
	Kind, ID, Title string
	// Note says why its runs cannot be replayed; empty when they can.
	Note string
}

// Flows lists those whose runs may go otherwise: the ones that change themselves, and those that use what changes.
func (c *Change) Flows(references []*catalogv1.Reference, affected []*libraryv1.AffectedPart) []Flow {
	var out []Flow
	for _, k := range kinds() {
		if k.name != "workflow" && k.name != "dataflow" {
			continue
		}
		for _, p := range c.pairs {
			if !p.both() {
				continue
			}
			for _, a := range k.of(p.after) {
				if b := find(k.of(p.before), a.GetId()); b != nil && !proto.Equal(a, b) {
					out = append(out, Flow{Live: p.before.GetId(), Component: p.after.GetId(), Kind: k.name, ID: a.GetId(), Title: a.GetTitle()})
				}
			}
		}
		for _, a := range affected {
			f := Flow{Live: c.liveID(a.GetComponent()), Component: a.GetComponent(), Kind: k.name, ID: a.GetId(), Title: a.GetTitle()}
			if a.GetKind() == k.name && f.Live != "" && !slices.Contains(out, f) {
				out = append(out, f)
			}
		}
	}
	out = slices.DeleteFunc(out, func(f Flow) bool { return !c.isLive(f) })
	renamed := c.renamed()
	for i, f := range out {
		out[i].Note = renamed.note(f, references)
	}
	slices.SortFunc(out, func(a, b Flow) int {
		return cmp.Or(cmp.Compare(a.Component, b.Component), cmp.Compare(b.Kind, a.Kind), cmp.Compare(a.ID, b.ID))
	})
	return out[:min(len(out), maxReplays)]
}

// liveID is how a component of the candidate is named in what is live.
func (c *Change) liveID(component string) string {
	for _, p := range c.pairs {
		if p.after.GetId() == component {
			return p.before.GetId()
		}
	}
	return component // it does not change
}

// isLive reports whether a flow is in what is live.
func (c *Change) isLive(f Flow) bool {
	for _, p := range c.pairs {
		if p.before.GetId() != f.Live {
			continue
		}
		for _, k := range kinds() {
			if k.name == f.Kind {
				return find(k.of(p.before), f.ID) != nil
			}
		}
	}
	return true
}

// renames are the fields that have another name now, in words, and the components, with an empty id.
type renames map[target]string

func (c *Change) renamed() renames {
	out := renames{}
	for _, p := range c.pairs {
		if !p.both() {
			continue
		}
		if p.before.GetId() != p.after.GetId() {
			out[target{p.after.GetId(), ""}] = fmt.Sprintf("%s is called %s now", p.before.GetId(), p.after.GetId())
		}
		for _, f := range p.fields() {
			if f.before != nil && f.after != nil && f.before.GetName() != f.after.GetName() {
				out[target{p.after.GetId(), f.after.GetId()}] = fmt.Sprintf("%s of %s is called %s now", f.before.GetName(), title(p.after), f.after.GetName())
			}
		}
	}
	return out
}

// note says why what was recorded for a flow does not fit it any more: it knows things by their names.
func (r renames) note(f Flow, references []*catalogv1.Reference) string {
	var names []string
	for t, text := range r {
		// What a caller gives is named by the fields of the component itself.
		uses := t.component == f.Component
		for _, ref := range references {
			if uses {
				break
			}
			kind, id := place(ref.GetPath())
			uses = ref.GetComponent() == f.Component && kind == f.Kind && id == f.ID && ref.GetTargetComponent() == t.component && (t.id == "" || t.id == ref.GetTargetId())
		}
		if uses {
			names = append(names, text)
		}
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	return "its runs have other names: " + strings.Join(names, "; ")
}

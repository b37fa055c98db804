package impact

import (
	"cmp"
	"slices"

	"google.golang.org/protobuf/proto"

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
}

// Flows lists those whose runs may go otherwise: the ones that change themselves, and those that use what changes.
func (c *Change) Flows(affected []*libraryv1.AffectedPart) []Flow {
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
	slices.SortFunc(out, func(a, b Flow) int { return cmp.Or(cmp.Compare(a.Component, b.Component), cmp.Compare(b.Kind, a.Kind), cmp.Compare(a.ID, b.ID)) })
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

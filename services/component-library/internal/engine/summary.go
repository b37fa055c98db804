package engine

import (
	"strings"

	"google.golang.org/protobuf/proto"

	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// summary says in words what a save changed, in at most 300 characters.
func summary(before, after *libraryv1.Component) string {
	if before == nil {
		return "created"
	}
	var parts []string
	if before.GetDisplayName() != after.GetDisplayName() || before.GetDescription() != after.GetDescription() {
		parts = append(parts, "name or description changed")
	}
	parts = append(parts, changes("field", before.GetModel().GetFields(), after.GetModel().GetFields(), (*libraryv1.Field).GetName)...)
	parts = append(parts, changes("page", before.GetPages(), after.GetPages(), (*libraryv1.Page).GetId)...)
	parts = append(parts, changes("dataflow", before.GetDataflows(), after.GetDataflows(), (*libraryv1.Dataflow).GetId)...)
	parts = append(parts, changes("workflow", before.GetWorkflows(), after.GetWorkflows(), (*libraryv1.Workflow).GetId)...)
	parts = append(parts, changes("script", before.GetScripts(), after.GetScripts(), (*libraryv1.Script).GetId)...)
	if !proto.Equal(before.GetSettings(), after.GetSettings()) {
		parts = append(parts, "settings changed")
	}
	if len(parts) == 0 {
		return "order changed"
	}
	return truncate(strings.Join(parts, ", "), 300)
}

// part is one item of a list of a component.
type part interface {
	proto.Message
	GetId() string
}

func changes[P part](kind string, before, after []P, name func(P) string) []string {
	old := make(map[string]P, len(before))
	for _, p := range before {
		old[p.GetId()] = p
	}
	var out []string
	for _, p := range after {
		was, ok := old[p.GetId()]
		delete(old, p.GetId())
		switch {
		case !ok:
			out = append(out, kind+" "+name(p)+" added")
		case !proto.Equal(was, p):
			out = append(out, kind+" "+name(p)+" changed")
		}
	}
	for _, p := range before {
		if _, gone := old[p.GetId()]; gone {
			out = append(out, kind+" "+name(p)+" removed")
		}
	}
	return out
}

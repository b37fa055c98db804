package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/aqtra/aqtra/pkg/fault"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/rename"
)

// Move puts a part into another component, and rewrites all that uses it in every component: all of it or nothing.
func (e *Engine) Move(ctx context.Context, who Caller, may May, req *libraryv1.MoveRequest) (*libraryv1.RenameResponse, error) {
	all, i, err := e.opened(ctx, who, req.GetComponent(), req.GetEtag())
	if err != nil {
		return nil, err
	}
	target, err := moveTarget(all, all[i], may, req)
	if err != nil {
		return nil, err
	}
	return e.rewrite(ctx, who, may, all, rewriting{
		target: target, summary: fmt.Sprintf("%s %s moved from %s to %s", target.Kind, target.ID, target.Component, req.GetTo()),
		validateOnly: req.GetValidateOnly(), clean: []string{target.Kind + "s/" + target.ID},
		apply: func(refs []*catalogv1.Reference) (*rename.Result, shift, error) {
			made, err := rename.Move(all, target, req.GetTo(), refs)
			if err != nil {
				return nil, shift{}, err
			}
			return &made.Result, moving(target, req.GetTo(), made), nil
		},
	})
}

// moveTarget finds what is to be moved, and refuses components that it can never be in.
func moveTarget(all []*libraryv1.Component, c *libraryv1.Component, may May, req *libraryv1.MoveRequest) (rename.Target, error) {
	t := rename.Target{Component: c.GetId(), ID: req.GetTarget(), Old: req.GetTarget(), New: req.GetTarget()}
	to := slices.IndexFunc(all, func(c *libraryv1.Component) bool { return c.GetId() == req.GetTo() })
	switch {
	case req.GetTo() == c.GetId():
		return t, invalid("to", "is the component that it is in")
	case to < 0 || !may("components.read", req.GetTo()):
		return t, invalid("to", "is no component")
	}
	var here, there []string
	switch req.GetKind() {
	case libraryv1.RenameKind_RENAME_KIND_PAGE:
		t.Kind, here, there = "page", idsOf(c.GetPages()), idsOf(all[to].GetPages())
	case libraryv1.RenameKind_RENAME_KIND_DATAFLOW:
		t.Kind, here, there = "dataflow", idsOf(c.GetDataflows()), idsOf(all[to].GetDataflows())
	case libraryv1.RenameKind_RENAME_KIND_WORKFLOW:
		t.Kind, here, there = "workflow", idsOf(c.GetWorkflows()), idsOf(all[to].GetWorkflows())
	case libraryv1.RenameKind_RENAME_KIND_SCRIPT:
		t.Kind, here, there = "script", idsOf(c.GetScripts()), idsOf(all[to].GetScripts())
	default:
		return t, invalid("kind", "must be a page, dataflow, workflow or script")
	}
	switch {
	case !slices.Contains(here, t.ID):
		return t, fault.NotFound(faultv1.Reason_REASON_PART_NOT_FOUND,
			fmt.Sprintf("component %q has no such %s %q", c.GetId(), t.Kind, truncate(t.ID, 60)))
	case slices.Contains(there, t.ID):
		return t, invalid("to", fmt.Sprintf("has a %s of this name; rename one of them first", t.Kind))
	}
	return t, nil
}

// moving is the shift of a move.
func moving(t rename.Target, to string, made *rename.Moved) shift {
	return shift{
		place: made.Place,
		leads: func(r *catalogv1.Reference) (string, string) {
			if t.Uses(r) {
				return to, r.GetTargetId()
			}
			return r.GetTargetComponent(), r.GetTargetId()
		},
		ignored: made.Names,
		wrong:   fmt.Sprintf("%q cannot be in %q: definitions would be wrong or mean something else", t.ID, to),
		other:   "means something else after the move",
	}
}

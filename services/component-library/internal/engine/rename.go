package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aqtra/aqtra/pkg/fault"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/rename"
)

// maxMentions bounds the mentions in one answer.
const maxMentions = 200

// May tells whether the caller has a permission for a component.
type May func(permission, component string) bool

// Rename gives a field or part another name, and rewrites all that uses it in every component: all of it or nothing.
func (e *Engine) Rename(ctx context.Context, who Caller, may May, req *libraryv1.RenameRequest) (*libraryv1.RenameResponse, error) {
	all, i, err := e.opened(ctx, who, req.GetComponent(), req.GetEtag())
	if err != nil {
		return nil, err
	}
	target, err := renameTarget(all[i], req)
	if err != nil {
		return nil, err
	}
	return e.rewrite(ctx, who, may, all, rewriting{
		target: target, summary: fmt.Sprintf("%s %s renamed to %s", target.Kind, target.Old, target.New), validateOnly: req.GetValidateOnly(),
		apply: func(refs []*catalogv1.Reference) (*rename.Result, shift, error) {
			made, err := rename.Apply(all, target, refs)
			return made, renaming(target, made), err
		},
	})
}

// rewriting is a change of many definitions at once.
type rewriting struct {
	target       rename.Target
	apply        func(refs []*catalogv1.Reference) (*rename.Result, shift, error)
	summary      string
	validateOnly bool
	// clean are parts, beside those that mention the name, in which no error may stand.
	clean []string
}

// opened gives the newest revisions of all components, and which of them is the one that the caller read last.
func (e *Engine) opened(ctx context.Context, who Caller, component, read string) ([]*libraryv1.Component, int, error) {
	if read == "" {
		return nil, 0, invalid("etag", "is required: the etag of the revision that was read")
	}
	head, err := e.revision(ctx, who.Tenant, component, 0)
	if err != nil {
		return nil, 0, err
	}
	all, err := e.newest(ctx, who.Tenant)
	if err != nil {
		return nil, 0, err
	}
	i := slices.IndexFunc(all, func(c *libraryv1.Component) bool { return c.GetUid() == head.UID })
	if i < 0 || all[i].GetRevision() != head.Number || etag(head.UID, head.Number, head.Digest) != read {
		return nil, 0, stale()
	}
	return all, i, nil
}

// rewrite makes a change, when everything means afterwards what it meant before, and keeps it as one revision of each component.
func (e *Engine) rewrite(ctx context.Context, who Caller, may May, all []*libraryv1.Component, change rewriting) (*libraryv1.RenameResponse, error) {
	before, err := e.checkAll(ctx, all)
	if err != nil {
		return nil, err
	}
	mentions := rename.Mentions(all, change.target, before.References)
	if err := clear(may, change.target, before.Problems, mentions, change.clean); err != nil {
		return nil, err
	}
	made, by, err := change.apply(before.References)
	if unplaced, ok := errors.AsType[*rename.UnplacedError](err); ok {
		return nil, refused("it cannot be rewritten everywhere; change these by hand first",
			[]fault.Option{violation(may, unplaced.Component, unplaced.Path, unplaced.Why)})
	}
	if err != nil {
		return nil, fmt.Errorf("rewrite definitions: %w", err)
	}
	if err := mayWrite(may, made.Changed); err != nil {
		return nil, err
	}
	saves, err := e.rewritten(who, all, made, change.summary)
	if err != nil {
		return nil, err
	}
	after, err := e.checkAll(ctx, made.All)
	if err != nil {
		return nil, err
	}
	if err := same(may, by, before, after); err != nil {
		return nil, err
	}
	mentions = slices.DeleteFunc(mentions, func(m *libraryv1.RenameMention) bool { return !may("components.read", m.GetComponent()) })
	res := &libraryv1.RenameResponse{Changes: made.Changes, Mentions: mentions[:min(len(mentions), maxMentions)], Truncated: len(mentions) > maxMentions}
	if !change.validateOnly {
		switch err := e.Components.SaveAll(ctx, who.Tenant, keysOf(all), saves); {
		case errors.Is(err, ErrStale):
			return nil, stale()
		case errors.Is(err, ErrQuota):
			return nil, quotaExceeded()
		case err != nil:
			return nil, fmt.Errorf("save components: %w", err)
		}
	}
	for _, s := range saves {
		c := &libraryv1.RenamedComponent{Component: s.Component}
		if !change.validateOnly {
			e.News.ComponentChanged(who.Tenant, s.Component)
			c.Revision, c.Etag = s.Base+1, etag(s.UID, s.Base+1, s.Digest)
		}
		res.Components = append(res.Components, c)
	}
	return res, nil
}

// renameTarget finds what is to be renamed, and refuses names that it can never have.
func renameTarget(c *libraryv1.Component, req *libraryv1.RenameRequest) (rename.Target, error) {
	t := rename.Target{Component: c.GetId(), ID: req.GetTarget(), Old: req.GetTarget(), New: req.GetName()}
	f := newForm()
	form, rule := f.partID, "must be 1 to 60 lower case letters, digits, dashes and underscores and begin with a letter or digit"
	var ids []string
	switch req.GetKind() {
	case libraryv1.RenameKind_RENAME_KIND_FIELD:
		t.Kind, t.Old = "field", ""
		form, rule = f.fieldName, "must be a letter and then letters, digits and underscores, at most 60 in all"
		for _, field := range c.GetModel().GetFields() {
			ids = append(ids, field.GetName())
			if field.GetId() == t.ID {
				t.Old = field.GetName()
			}
		}
	case libraryv1.RenameKind_RENAME_KIND_PAGE:
		t.Kind, ids = "page", idsOf(c.GetPages())
	case libraryv1.RenameKind_RENAME_KIND_DATAFLOW:
		t.Kind, ids = "dataflow", idsOf(c.GetDataflows())
	case libraryv1.RenameKind_RENAME_KIND_WORKFLOW:
		t.Kind, ids = "workflow", idsOf(c.GetWorkflows())
	case libraryv1.RenameKind_RENAME_KIND_SCRIPT:
		t.Kind, ids = "script", idsOf(c.GetScripts())
	default:
		return t, invalid("kind", "must say what to rename")
	}
	switch {
	case !slices.Contains(ids, t.Old):
		return t, fault.NotFound(faultv1.Reason_REASON_PART_NOT_FOUND,
			fmt.Sprintf("component %q has no such %s %q", c.GetId(), t.Kind, truncate(t.ID, 60)))
	case !form.MatchString(t.New):
		return t, invalid("name", rule)
	case t.New == t.Old:
		return t, invalid("name", "is the name already")
	case slices.Contains(ids, t.New):
		return t, invalid("name", "is the name of another "+t.Kind+" too")
	}
	return t, nil
}

func invalid(field, description string) error {
	return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the request has fields that are not valid", fault.Field(field, description))
}

func idsOf[P part](list []P) []string {
	ids := make([]string, len(list))
	for i, p := range list {
		ids[i] = p.GetId()
	}
	return ids
}

func keysOf(all []*libraryv1.Component) []Key {
	keys := make([]Key, len(all))
	for i, c := range all {
		keys[i] = Key{UID: c.GetUid(), Revision: c.GetRevision()}
	}
	return keys
}

// checkAll checks every component; without an owner of parts, users of the name may stay unseen.
func (e *Engine) checkAll(ctx context.Context, all []*libraryv1.Component) (CheckResult, error) {
	ids := make([]string, len(all))
	for i, c := range all {
		ids[i] = c.GetId()
	}
	res, err := e.Checker.Check(ctx, all, ids)
	if err != nil {
		return CheckResult{}, fmt.Errorf("check components: %w", err)
	}
	if len(res.Unavailable) > 0 {
		return CheckResult{}, ownersAway(res.Unavailable)
	}
	return res, nil
}

// clear refuses when an error stands where the name is mentioned: it may hide what the name means there.
func clear(may May, t rename.Target, problems []*catalogv1.Problem, mentions []*libraryv1.RenameMention, clean []string) error {
	hides := map[string]bool{t.Component + "/model": true}
	for _, part := range clean {
		hides[t.Component+"/"+part] = true
	}
	for _, m := range mentions {
		hides[m.GetComponent()+"/"+partOf(m.GetPath())] = true
	}
	var found []fault.Option
	for _, p := range problems {
		if p.GetSeverity() == catalogv1.Severity_SEVERITY_ERROR && hides[p.GetComponent()+"/"+partOf(p.GetPath())] {
			found = append(found, violation(may, p.GetComponent(), p.GetPath(), p.GetMessage()))
		}
	}
	if len(found) > 0 {
		return refused("definitions that mention the name have errors; mend these first", found)
	}
	return nil
}

// partOf is the part that a path is in.
func partOf(path string) string {
	list, rest, _ := strings.Cut(path, "/")
	switch list {
	case "model", "settings":
		return list
	}
	id, _, _ := strings.Cut(rest, "/")
	return list + "/" + id
}

// violation says what stands in the way, and of a component that the caller may not read only that something does.
func violation(may May, component, path, why string) fault.Option {
	if !may("components.read", component) {
		return fault.Field(component, "something that you may not see stands in the way")
	}
	return fault.Field(component+"/"+path, why)
}

func refused(message string, found []fault.Option) error {
	return fault.FailedPrecondition(faultv1.Reason_REASON_DEFINITION_INVALID, message, found[:min(len(found), maxViolations)]...)
}

func mayWrite(may May, changed []string) error {
	var closed []string
	for _, c := range changed {
		if !may("components.write", c) {
			closed = append(closed, c)
		}
	}
	if len(closed) > 0 {
		return fault.PermissionDenied(faultv1.Reason_REASON_PERMISSION_DENIED,
			"it changes components that you may not change: "+strings.Join(closed, ", "), fault.Meta("components", strings.Join(closed, ",")))
	}
	return nil
}

// rewritten makes the revisions to keep.
func (e *Engine) rewritten(who Caller, all []*libraryv1.Component, made *rename.Result, summary string) ([]BasedSave, error) {
	var saves []BasedSave
	for i, c := range made.All {
		if c == all[i] {
			continue
		}
		s, err := e.prepare(who, c, all[i])
		if err != nil {
			return nil, err
		}
		s.Summary = summary
		saves = append(saves, BasedSave{Base: c.GetRevision(), Save: s})
	}
	return saves, nil
}

// renaming is the shift of a rename.
func renaming(t rename.Target, made *rename.Result) shift {
	return shift{
		place: func(component, path string) (string, string) { return component, made.Moved(t, component, path) },
		leads: func(r *catalogv1.Reference) (string, string) {
			if t.Kind != "field" && t.Uses(r) {
				return r.GetTargetComponent(), t.New
			}
			return r.GetTargetComponent(), r.GetTargetId()
		},
		ignored: func(string, string) bool { return false },
		wrong:   fmt.Sprintf("%q cannot be the name: definitions would be wrong or mean something else", t.New),
		other:   fmt.Sprintf("%q means something else there", t.New),
	}
}

package engine

import (
	"cmp"
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
	if req.GetEtag() == "" {
		return nil, invalid("etag", "is required: the etag of the revision that was read")
	}
	head, err := e.revision(ctx, who.Tenant, req.GetComponent(), 0)
	if err != nil {
		return nil, err
	}
	all, err := e.newest(ctx, who.Tenant)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(c *libraryv1.Component) bool { return c.GetUid() == head.UID })
	if i < 0 || all[i].GetRevision() != head.Number || etag(head.UID, head.Number, head.Digest) != req.GetEtag() {
		return nil, stale()
	}
	target, err := renameTarget(all[i], req)
	if err != nil {
		return nil, err
	}
	before, err := e.checkAll(ctx, all)
	if err != nil {
		return nil, err
	}
	mentions := rename.Mentions(all, target, before.References)
	if err := clear(may, target, before.Problems, mentions); err != nil {
		return nil, err
	}
	made, err := rename.Apply(all, target, before.References)
	if unplaced, ok := errors.AsType[*rename.UnplacedError](err); ok {
		return nil, refused("a user of the name cannot be rewritten; change it by hand first",
			[]fault.Option{violation(may, unplaced.Component, unplaced.Path, unplaced.Why)})
	}
	if err != nil {
		return nil, fmt.Errorf("rewrite definitions: %w", err)
	}
	if err := mayWrite(may, made.Changed); err != nil {
		return nil, err
	}
	saves, err := e.renamed(who, all, made, target)
	if err != nil {
		return nil, err
	}
	after, err := e.checkAll(ctx, made.All)
	if err != nil {
		return nil, err
	}
	if err := same(may, target, made, before, after); err != nil {
		return nil, err
	}
	mentions = slices.DeleteFunc(mentions, func(m *libraryv1.RenameMention) bool { return !may("components.read", m.GetComponent()) })
	res := &libraryv1.RenameResponse{Changes: made.Changes, Mentions: mentions[:min(len(mentions), maxMentions)], Truncated: len(mentions) > maxMentions}
	if !req.GetValidateOnly() {
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
		if !req.GetValidateOnly() {
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
func clear(may May, t rename.Target, problems []*catalogv1.Problem, mentions []*libraryv1.RenameMention) error {
	hides := map[string]bool{t.Component + "/model": true}
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
			"the rename changes components that you may not change: "+strings.Join(closed, ", "), fault.Meta("components", strings.Join(closed, ",")))
	}
	return nil
}

// renamed makes the revisions to keep.
func (e *Engine) renamed(who Caller, all []*libraryv1.Component, made *rename.Result, t rename.Target) ([]BasedSave, error) {
	var saves []BasedSave
	for i, c := range made.All {
		if c == all[i] {
			continue
		}
		s, err := e.prepare(who, c, all[i])
		if err != nil {
			return nil, err
		}
		s.Summary = fmt.Sprintf("%s %s renamed to %s", t.Kind, t.Old, t.New)
		saves = append(saves, BasedSave{Base: c.GetRevision(), Save: s})
	}
	return saves, nil
}

// same refuses a rename after which something is wrong that was right, or refers to something else.
func same(may May, t rename.Target, made *rename.Result, before, after CheckResult) error {
	type problem struct {
		component, path, reason string
		severity                catalogv1.Severity
	}
	known := map[problem]int{}
	for _, p := range before.Problems {
		known[problem{p.GetComponent(), made.Moved(t, p.GetComponent(), p.GetPath()), p.GetReason(), p.GetSeverity()}]++
	}
	var found []fault.Option
	for _, p := range after.Problems {
		key := problem{p.GetComponent(), p.GetPath(), p.GetReason(), p.GetSeverity()}
		if known[key]--; known[key] < 0 {
			found = append(found, violation(may, p.GetComponent(), p.GetPath(), p.GetMessage()))
		}
	}
	type reference struct {
		component, path, kind, target, id string
		inKey                             bool
	}
	uses := map[reference]int{}
	for _, r := range before.References {
		id := r.GetTargetId()
		if t.Kind != "field" && t.Uses(r) {
			id = t.New
		}
		uses[reference{r.GetComponent(), made.Moved(t, r.GetComponent(), r.GetPath()), r.GetKind(), r.GetTargetComponent(), id, r.GetInKey()}]++
	}
	for _, r := range after.References {
		uses[reference{r.GetComponent(), r.GetPath(), r.GetKind(), r.GetTargetComponent(), r.GetTargetId(), r.GetInKey()}]--
	}
	var elsewhere []reference
	for r, n := range uses {
		if n != 0 {
			elsewhere = append(elsewhere, r)
		}
	}
	slices.SortFunc(elsewhere, func(a, b reference) int {
		return cmp.Or(cmp.Compare(a.component, b.component), cmp.Compare(a.path, b.path))
	})
	for _, r := range elsewhere {
		found = append(found, violation(may, r.component, r.path, fmt.Sprintf("%q means something else there", t.New)))
	}
	if len(found) > 0 {
		return refused(fmt.Sprintf("%q cannot be the name: definitions would be wrong or mean something else", t.New), found)
	}
	return nil
}

package engine

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// ListComponents lists at most n components after an id, without their parts.
func (e *Engine) ListComponents(ctx context.Context, tenant, after string, n int) ([]*libraryv1.Component, error) {
	rows, err := e.Components.Page(ctx, tenant, after, n)
	if err != nil {
		return nil, fmt.Errorf("list components: %w", err)
	}
	out := make([]*libraryv1.Component, 0, len(rows))
	for _, r := range rows {
		c := &libraryv1.Component{}
		if err := proto.Unmarshal(r.Header, c); err != nil {
			return nil, fmt.Errorf("decode header of %s: %w", r.Component, err)
		}
		addSystem(c, r)
		out = append(out, c)
	}
	return out, nil
}

// GetComponent returns a revision of a component, the newest for revision 0.
func (e *Engine) GetComponent(ctx context.Context, tenant, id string, revision int64) (*libraryv1.Component, error) {
	r, err := e.revision(ctx, tenant, id, revision)
	if err != nil {
		return nil, err
	}
	return dress(r)
}

// TwoRevisions returns two revisions to compare. Revision 0 is the live one for from, an empty component when none is live, and
// the newest for to.
func (e *Engine) TwoRevisions(ctx context.Context, tenant, id string, from, to int64) (before, after *libraryv1.Component, err error) {
	if after, err = e.GetComponent(ctx, tenant, id, to); err != nil {
		return nil, nil, err
	}
	if from == 0 {
		from = after.GetPublishedRevision()
	}
	if from == 0 {
		return &libraryv1.Component{}, after, nil
	}
	if before, err = e.GetComponent(ctx, tenant, id, from); err != nil {
		return nil, nil, err
	}
	return before, after, nil
}

func (e *Engine) revision(ctx context.Context, tenant, id string, revision int64) (Revision, error) {
	if revision < 0 {
		return Revision{}, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the request has fields that are not valid",
			fault.Field("revision", "must not be negative"))
	}
	r, err := e.Components.Revision(ctx, tenant, id, revision)
	if errors.Is(err, ErrNotFound) && revision != 0 {
		if _, err := e.revision(ctx, tenant, id, 0); err != nil {
			return Revision{}, err
		}
		return Revision{}, fault.NotFound(faultv1.Reason_REASON_REVISION_NOT_FOUND, fmt.Sprintf("component %q has no revision %d", id, revision))
	}
	if errors.Is(err, ErrNotFound) {
		return Revision{}, componentNotFound(id)
	}
	if err != nil {
		return Revision{}, fmt.Errorf("read component: %w", err)
	}
	return r, nil
}

// CreateComponent keeps a new component and gives it and its fields their stable ids.
func (e *Engine) CreateComponent(ctx context.Context, who Caller, c *libraryv1.Component) (*libraryv1.Component, error) {
	if c == nil {
		c = &libraryv1.Component{}
	}
	c = proto.CloneOf(c)
	stripSystem(c)
	s, err := e.prepare(who, c, nil)
	if err != nil {
		return nil, err
	}
	switch err := e.Components.Create(ctx, who.Tenant, s); {
	case errors.Is(err, ErrExists):
		return nil, fault.AlreadyExists(faultv1.Reason_REASON_COMPONENT_EXISTS,
			fmt.Sprintf("a component %q, or one with its uid, is there already", c.GetId()), fault.Field("id", "is taken"))
	case errors.Is(err, ErrQuota):
		return nil, quotaExceeded()
	case err != nil:
		return nil, fmt.Errorf("create component: %w", err)
	}
	e.News.ComponentChanged(who.Tenant, c.GetId())
	return e.GetComponent(ctx, who.Tenant, c.GetId(), 0)
}

// prepare gives c its ids and makes it ready to be kept. It changes c.
func (e *Engine) prepare(who Caller, c, earlier *libraryv1.Component) (Save, error) {
	assignIDs(c, earlier)
	if err := checkForm(c); err != nil {
		return Save{}, err
	}
	content, digest, err := encode(c)
	if err != nil {
		return Save{}, err
	}
	head, err := header(c)
	if err != nil {
		return Save{}, err
	}
	return Save{
		UID: c.GetUid(), Component: c.GetId(), Content: content, Digest: digest, Header: head,
		Subject: who.Subject, Summary: summary(earlier, c), Time: e.now(),
	}, nil
}

func quotaExceeded() error {
	return fault.Exhausted(faultv1.Reason_REASON_QUOTA_EXCEEDED, fmt.Sprintf(
		"the tenant's definitions would exceed %d components or %d MiB in all", MaxComponents, MaxTenantBytes>>20))
}

// What all newest revisions of a tenant may be together; a release of them fits into one message.
const (
	MaxComponents  = 1_000
	MaxTenantBytes = 48 << 20
)

// edit makes the revision after the one that tag names. Content that is the same as before makes no revision. Its summary says what
// changed unless one is given.
func (e *Engine) edit(ctx context.Context, who Caller, id, tag, summary string, change func(*libraryv1.Component) error) (*libraryv1.Component, error) {
	if tag == "" {
		return nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the request has fields that are not valid",
			fault.Field("etag", "is required: the etag of the revision that was changed"))
	}
	r, err := e.revision(ctx, who.Tenant, id, 0)
	if err != nil {
		return nil, err
	}
	if etag(r.UID, r.Number, r.Digest) != tag {
		return nil, stale()
	}
	before, err := decode(r.Format, r.Content)
	if err != nil {
		return nil, err
	}
	after := proto.CloneOf(before)
	if err := change(after); err != nil {
		return nil, err
	}
	after.Id, after.Uid = r.Component, r.UID
	s, err := e.prepare(who, after, before)
	if err != nil {
		return nil, err
	}
	if bytes.Equal(s.Digest, r.Digest) {
		return dress(r)
	}
	s.Summary = cmp.Or(summary, s.Summary)
	switch err := e.Components.Save(ctx, who.Tenant, r.Number, s); {
	case errors.Is(err, ErrStale):
		return nil, stale()
	case errors.Is(err, ErrQuota):
		return nil, quotaExceeded()
	case err != nil:
		return nil, fmt.Errorf("save component: %w", err)
	}
	e.News.ComponentChanged(who.Tenant, id)
	r.Number, r.Content, r.Digest, r.Subject, r.Time, r.Format = r.Number+1, s.Content, s.Digest, s.Subject, s.Time, Format
	return dress(r)
}

// UpdateComponent replaces the parts named by the paths, or with no path those that are set in c.
func (e *Engine) UpdateComponent(ctx context.Context, who Caller, c *libraryv1.Component, paths []string) (*libraryv1.Component, error) {
	return e.edit(ctx, who, c.GetId(), c.GetEtag(), "", func(to *libraryv1.Component) error { return merge(to, c, paths) })
}

// SavePart adds or replaces one part by its id.
func (e *Engine) SavePart(ctx context.Context, who Caller, req *libraryv1.SavePartRequest) (*libraryv1.Component, error) {
	return e.edit(ctx, who, req.GetComponent(), req.GetEtag(), "", func(to *libraryv1.Component) error {
		switch p := req.GetPart().(type) {
		case *libraryv1.SavePartRequest_Page:
			to.Pages = put(to.GetPages(), p.Page)
		case *libraryv1.SavePartRequest_Dataflow:
			to.Dataflows = put(to.GetDataflows(), p.Dataflow)
		case *libraryv1.SavePartRequest_Workflow:
			to.Workflows = put(to.GetWorkflows(), p.Workflow)
		case *libraryv1.SavePartRequest_Script:
			to.Scripts = put(to.GetScripts(), p.Script)
		default:
			return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the request has fields that are not valid",
				fault.Field("part", "one of page, dataflow, workflow and script must be set"))
		}
		return nil
	})
}

func put[P part](list []P, p P) []P {
	if i := slices.IndexFunc(list, func(q P) bool { return q.GetId() == p.GetId() }); i >= 0 {
		list[i] = p
		return list
	}
	return append(list, p)
}

// DeletePart removes one part.
func (e *Engine) DeletePart(ctx context.Context, who Caller, req *libraryv1.DeletePartRequest) (*libraryv1.Component, error) {
	return e.edit(ctx, who, req.GetComponent(), req.GetEtag(), "", func(to *libraryv1.Component) error {
		var found bool
		switch req.GetKind() {
		case libraryv1.PartKind_PART_KIND_PAGE:
			to.Pages, found = remove(to.GetPages(), req.GetId())
		case libraryv1.PartKind_PART_KIND_DATAFLOW:
			to.Dataflows, found = remove(to.GetDataflows(), req.GetId())
		case libraryv1.PartKind_PART_KIND_WORKFLOW:
			to.Workflows, found = remove(to.GetWorkflows(), req.GetId())
		case libraryv1.PartKind_PART_KIND_SCRIPT:
			to.Scripts, found = remove(to.GetScripts(), req.GetId())
		default:
			return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the request has fields that are not valid",
				fault.Field("kind", "must say which kind of part to remove"))
		}
		if !found {
			return fault.NotFound(faultv1.Reason_REASON_PART_NOT_FOUND,
				fmt.Sprintf("component %q has no such part %q", req.GetComponent(), truncate(req.GetId(), 60)))
		}
		return nil
	})
}

func remove[P part](list []P, id string) ([]P, bool) {
	n := len(list)
	list = slices.DeleteFunc(list, func(p P) bool { return p.GetId() == id })
	return list, len(list) < n
}

// RestoreRevision makes the content of an earlier revision the newest again.
func (e *Engine) RestoreRevision(ctx context.Context, who Caller, id string, revision int64, tag string) (*libraryv1.Component, error) {
	if revision <= 0 {
		return nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the request has fields that are not valid",
			fault.Field("revision", "must be the number of a revision"))
	}
	r, err := e.revision(ctx, who.Tenant, id, revision)
	if err != nil {
		return nil, err
	}
	earlier, err := decode(r.Format, r.Content)
	if err != nil {
		return nil, err
	}
	return e.edit(ctx, who, id, tag, fmt.Sprintf("restored from revision %d", revision), func(to *libraryv1.Component) error {
		proto.Reset(to)
		proto.Merge(to, earlier)
		return nil
	})
}

// ListRevisions lists at most n saves below a number, newest first.
func (e *Engine) ListRevisions(ctx context.Context, tenant, id string, before int64, n int) ([]*libraryv1.Revision, error) {
	out, err := e.Components.History(ctx, tenant, id, before, n)
	if errors.Is(err, ErrNotFound) {
		return nil, componentNotFound(id)
	}
	if err != nil {
		return nil, fmt.Errorf("list revisions: %w", err)
	}
	return out, nil
}

// DeleteComponent removes a component that is not live and that no other one refers to. An empty tag removes whatever is
// newest.
func (e *Engine) DeleteComponent(ctx context.Context, who Caller, id, tag string) error {
	r, err := e.revision(ctx, who.Tenant, id, 0)
	if err != nil {
		return err
	}
	if tag != "" && etag(r.UID, r.Number, r.Digest) != tag {
		return stale()
	}
	if r.Published != 0 {
		return live(id)
	}
	uses, err := e.ListReferences(ctx, who.Tenant, id, "")
	if err != nil {
		return err
	}
	users := []string{}
	for _, u := range uses {
		if u.GetComponent() != id && !slices.Contains(users, u.GetComponent()) {
			users = append(users, u.GetComponent())
		}
	}
	if len(users) > 0 {
		return fault.FailedPrecondition(faultv1.Reason_REASON_COMPONENT_IN_USE,
			fmt.Sprintf("component %q is used by %s", id, strings.Join(users, ", ")))
	}
	switch err := e.Components.Delete(ctx, who.Tenant, r.UID, r.Number, e.now()); {
	case errors.Is(err, ErrLive):
		return live(id)
	case errors.Is(err, ErrStale):
		return stale()
	case err != nil:
		return fmt.Errorf("delete component: %w", err)
	}
	e.News.ComponentChanged(who.Tenant, id)
	return nil
}

func live(id string) error {
	return fault.FailedPrecondition(faultv1.Reason_REASON_COMPONENT_IN_USE,
		fmt.Sprintf("component %q is live; publish without it first", id))
}

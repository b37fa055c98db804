package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/paging"
	"github.com/aqtra/aqtra/pkg/principal"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// Member is a component's revision in a release.
type Member struct {
	Key
	Component string
}

// Release is an immutable set of revisions.
type Release struct {
	ID         string
	CreateTime time.Time
	// LiveTime is when it first became live; nil for the candidate of a publication that has not flipped.
	LiveTime *time.Time
	Members  []Member
}

// Releases reads releases.
type Releases interface {
	// Pointer returns the release that is live in a tenant, "" when none is.
	Pointer(ctx context.Context, tenant string) (string, error)
	// Release returns a release with its members by component; ErrNotFound.
	Release(ctx context.Context, tenant, id string) (Release, error)
	// Releases lists at most n releases that are or were live, after a cursor of their live time.
	Releases(ctx context.Context, tenant string, after paging.Moment, n int) ([]Release, error)
}

// ActiveRelease returns the id of the release that is live in a tenant, "" when nothing was published.
func (e *Engine) ActiveRelease(ctx context.Context, tenant string) (string, error) {
	id, err := e.Releases.Pointer(ctx, tenant)
	if err != nil {
		return "", fmt.Errorf("read release pointer: %w", err)
	}
	return id, nil
}

// GetRelease returns a release with its content. Callers must not change it.
func (e *Engine) GetRelease(ctx context.Context, tenant, id string) (*libraryv1.Release, error) {
	r, err := e.release(ctx, tenant, id)
	if err != nil {
		return nil, err
	}
	components, err := e.content(ctx, tenant, r.Members)
	if err != nil {
		return nil, err
	}
	return &libraryv1.Release{Id: r.ID, Tenant: tenant, Components: components, CreateTime: timestamppb.New(r.CreateTime)}, nil
}

// Candidate returns the live release with the newest revision of a component in its place. Callers must not change it.
func (e *Engine) Candidate(ctx context.Context, tenant, component string) (*libraryv1.Release, error) {
	draft, err := e.GetComponent(ctx, tenant, component, 0)
	if err != nil {
		return nil, err
	}
	out := &libraryv1.Release{Tenant: tenant, Components: []*libraryv1.Component{draft}}
	live, err := e.ActiveRelease(ctx, tenant)
	if err != nil || live == "" {
		return out, err
	}
	r, err := e.GetRelease(ctx, tenant, live)
	if err != nil {
		return nil, err
	}
	for _, c := range r.GetComponents() {
		if c.GetUid() != draft.GetUid() {
			out.Components = append(out.Components, c)
		}
	}
	return out, nil
}

func (e *Engine) release(ctx context.Context, tenant, id string) (Release, error) {
	if r, ok := e.releases.get(tenant, id); ok {
		return r, nil
	}
	r, err := e.Releases.Release(ctx, tenant, id)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Release{}, fmt.Errorf("read release: %w", err)
	}
	if err != nil || r.LiveTime == nil && !isPreview(id) { // a candidate is nobody's business
		return Release{}, releaseNotFound(id)
	}
	e.releases.keep(tenant, r)
	return r, nil
}

func releaseNotFound(id string) error {
	return fault.NotFound(faultv1.Reason_REASON_RELEASE_NOT_FOUND, fmt.Sprintf("release %q not found", truncate(id, 60)))
}

func (e *Engine) content(ctx context.Context, tenant string, members []Member) ([]*libraryv1.Component, error) {
	keys := make([]Key, len(members))
	for i, m := range members {
		keys[i] = m.Key
	}
	return e.documents.load(ctx, tenant, keys)
}

// ListReleases lists at most n releases, newest first, and the cursors after each.
func (e *Engine) ListReleases(ctx context.Context, tenant string, after paging.Moment, n int) ([]*libraryv1.ReleaseInfo, []paging.Moment, error) {
	active, err := e.ActiveRelease(ctx, tenant)
	if err != nil {
		return nil, nil, err
	}
	rows, err := e.Releases.Releases(ctx, tenant, after, n)
	if err != nil {
		return nil, nil, fmt.Errorf("list releases: %w", err)
	}
	out, cursors := make([]*libraryv1.ReleaseInfo, len(rows)), make([]paging.Moment, len(rows))
	for i, r := range rows {
		info := &libraryv1.ReleaseInfo{Id: r.ID, CreateTime: timestamppb.New(r.CreateTime), Active: r.ID == active}
		for _, m := range r.Members {
			info.Components = append(info.Components, &libraryv1.PlannedComponent{Component: m.Component, ToRevision: m.Revision})
		}
		out[i], cursors[i] = info, paging.Moment{Time: *r.LiveTime, ID: r.ID}
	}
	return out, cursors, nil
}

// ListPublished lists the components of the caller's release with the pages that the caller may open, those with none of
// either left out.
func (e *Engine) ListPublished(ctx context.Context, p principal.Principal) ([]*libraryv1.PublishedComponent, error) {
	if p.Release == "" {
		return nil, nil
	}
	r, err := e.GetRelease(ctx, p.Tenant, p.Release)
	if err != nil {
		return nil, err
	}
	var out []*libraryv1.PublishedComponent
	for _, c := range r.GetComponents() {
		if !mayUse(p, c) {
			continue
		}
		pc := &libraryv1.PublishedComponent{
			Id: c.GetId(), DisplayName: c.GetDisplayName(), Description: c.GetDescription(),
			Hidden: c.GetSettings().GetHidden(), Model: c.GetModel(),
		}
		for _, page := range c.GetPages() {
			if !mayOpen(p, page) {
				continue
			}
			info := &libraryv1.PublishedPageInfo{Id: page.GetId(), Title: page.GetTitle(), Kind: pageKind(page)}
			pc.Pages = append(pc.Pages, info)
			if page.GetId() == c.GetSettings().GetHomePage() {
				pc.HomePage = page.GetId()
			}
		}
		if pc.GetHomePage() == "" { // none is chosen, or not for this caller
			pc.HomePage = firstPage(pc.GetPages())
		}
		out = append(out, pc)
	}
	return out, nil
}

// pageKind tells by a page's root node how the page is met.
func pageKind(page *libraryv1.Page) libraryv1.PageKind {
	doc := page.GetDocument().GetMap().GetFields()
	root := doc["nodes"].GetMap().GetFields()[doc["root"].GetText()]
	if root.GetMap().GetFields()["type"].GetText() == "modal" {
		return libraryv1.PageKind_PAGE_KIND_MODAL
	}
	return libraryv1.PageKind_PAGE_KIND_PAGE
}

// firstPage returns the first page that stands for itself, "" when there is none.
func firstPage(pages []*libraryv1.PublishedPageInfo) string {
	for _, page := range pages {
		if page.GetKind() == libraryv1.PageKind_PAGE_KIND_PAGE {
			return page.GetId()
		}
	}
	return ""
}

// PublishedPage returns a page of the caller's release. One that the caller may not open looks like one that is missing.
func (e *Engine) PublishedPage(ctx context.Context, p principal.Principal, component, page string) (*libraryv1.PublishedPage, error) {
	if p.Release == "" {
		return nil, fault.NotFound(faultv1.Reason_REASON_NOTHING_PUBLISHED, "nothing is published yet")
	}
	r, err := e.GetRelease(ctx, p.Tenant, p.Release)
	if err != nil {
		return nil, err
	}
	for _, c := range r.GetComponents() {
		if c.GetId() != component || !mayUse(p, c) {
			continue
		}
		for _, pg := range c.GetPages() {
			if pg.GetId() == page && mayOpen(p, pg) {
				return &libraryv1.PublishedPage{Page: pg, Model: c.GetModel(), Release: r.GetId()}, nil
			}
		}
	}
	return nil, fault.NotFound(faultv1.Reason_REASON_PAGE_NOT_FOUND, fmt.Sprintf("page %q of component %q not found", truncate(page, 60), truncate(component, 60)))
}

// seesAll holds for those who build or run the tenant's apps.
func seesAll(p principal.Principal) bool {
	return p.IsAdmin() || slices.Contains(p.Roles, "developer")
}

// usePermissions are the permissions whose grant for a component makes it a component that one uses.
func usePermissions() []string {
	return []string{
		"entries.read", "entries.create", "entries.update", "entries.delete", "entries.write", "dataflows.run", "workflows.start", "scripts.run",
	}
}

// mayUse reports whether a component is there for the caller: by a grant, unless its entries are nobody's matter because
// it has none, and by its access rules, when it has any.
func mayUse(p principal.Principal, c *libraryv1.Component) bool {
	if seesAll(p) {
		return true
	}
	if rules := c.GetSettings().GetAccess(); len(rules) > 0 && !slices.ContainsFunc(rules, func(r *libraryv1.AccessRule) bool {
		return slices.Contains(p.Roles, r.GetRole())
	}) {
		return false
	}
	return len(c.GetModel().GetFields()) == 0 || slices.ContainsFunc(usePermissions(), func(perm string) bool { return p.Can(perm, c.GetId()) })
}

func mayOpen(p principal.Principal, page *libraryv1.Page) bool {
	return seesAll(p) || p.MayUse(page.GetRoles())
}

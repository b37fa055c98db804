package engine

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/aqtra/aqtra/pkg/fault"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// maxReferences bounds one answer of ListReferences.
const maxReferences = 5_000

// CheckComponent checks the newest revision of a component against the newest revisions of all others, and keeps the
// references it found.
func (e *Engine) CheckComponent(ctx context.Context, tenant, id string) (*libraryv1.CheckResult, error) {
	all, err := e.newest(ctx, tenant)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(c *libraryv1.Component) bool { return c.GetId() == id })
	if i < 0 {
		return nil, componentNotFound(id)
	}
	res, err := e.check(ctx, tenant, all, all[i])
	if err != nil {
		return nil, err
	}
	return &libraryv1.CheckResult{Problems: res.Problems, Revision: all[i].GetRevision(), StepTypes: res.StepTypes}, nil
}

// check checks one component and keeps what it refers to. An index that lacks what an absent owner would have told is
// kept as incomplete, so that it is made again.
func (e *Engine) check(ctx context.Context, tenant string, all []*libraryv1.Component, c *libraryv1.Component) (CheckResult, error) {
	res, err := e.Checker.Check(ctx, all, []string{c.GetId()})
	if err != nil {
		return CheckResult{}, fmt.Errorf("check component: %w", err)
	}
	key := Key{UID: c.GetUid(), Revision: c.GetRevision()}
	among := universe(all)
	if len(res.Unavailable) > 0 {
		among = nil
	}
	if err := e.Index.SetUses(ctx, tenant, key, res.References, among); err != nil {
		return CheckResult{}, fmt.Errorf("keep references: %w", err)
	}
	return res, nil
}

// universe is a hash of which revisions there are.
func universe(all []*libraryv1.Component) []byte {
	h := sha256.New()
	for _, c := range all {
		fmt.Fprintf(h, "%s %d\n", c.GetUid(), c.GetRevision())
	}
	return h.Sum(nil)
}

// newest returns all components of a tenant in their newest revision.
func (e *Engine) newest(ctx context.Context, tenant string) ([]*libraryv1.Component, error) {
	heads, err := e.Components.Heads(ctx, tenant)
	if err != nil {
		return nil, fmt.Errorf("list components: %w", err)
	}
	keys := make([]Key, len(heads))
	for i, h := range heads {
		keys[i] = h.Key
	}
	return e.documents.load(ctx, tenant, keys)
}

// ListReferences tells who uses a component, or one thing of it: in newest revisions, at most 5,000. What was not
// checked since something changed is checked first.
func (e *Engine) ListReferences(ctx context.Context, tenant, component, target string) ([]*catalogv1.Reference, error) {
	if _, err := e.revision(ctx, tenant, component, 0); err != nil {
		return nil, err
	}
	return e.uses(ctx, tenant, component, target)
}

// ListRoleReferences tells what names a role, as ListReferences does. Whether there is such a role is not known here.
func (e *Engine) ListRoleReferences(ctx context.Context, tenant, role string) ([]*catalogv1.Reference, error) {
	if role == "" {
		return nil, invalid("role", "is required")
	}
	return e.uses(ctx, tenant, "", role)
}

// uses asks the index, once it is complete.
func (e *Engine) uses(ctx context.Context, tenant, component, target string) ([]*catalogv1.Reference, error) {
	all, err := e.newest(ctx, tenant)
	if err != nil {
		return nil, err
	}
	todo, err := e.Index.Unindexed(ctx, tenant, universe(all))
	if err != nil {
		return nil, fmt.Errorf("list unchecked components: %w", err)
	}
	for _, c := range all {
		if !slices.Contains(todo, c.GetId()) {
			continue
		}
		res, err := e.check(ctx, tenant, all, c)
		if err != nil {
			return nil, err
		}
		if len(res.Unavailable) > 0 {
			return nil, ownersAway(res.Unavailable)
		}
	}
	uses, err := e.Index.Uses(ctx, tenant, component, target, maxReferences)
	if err != nil {
		return nil, fmt.Errorf("list references: %w", err)
	}
	return uses, nil
}

func ownersAway(services []string) error {
	return fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE,
		fmt.Sprintf("%s is not available, and is needed to check the definitions", services[0]), fault.Meta("service", services[0]), fault.Retry(retryAfter))
}

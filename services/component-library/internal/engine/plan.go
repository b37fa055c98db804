package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/fault"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/impact"
)

// maxReleaseBytes is how large the documents of a release may be, so that it fits into one message between services.
const maxReleaseBytes = 60 << 20

// candidate is a release as it would become.
type candidate struct {
	// base is the release that was live when the candidate was made.
	base       string
	members    []Member
	components []*libraryv1.Component
	// change is what differs from what is live.
	change *impact.Change
	live   []*libraryv1.Component
	// planned are the components that change, or were chosen by name.
	planned []*libraryv1.PlannedComponent
	changed bool
}

// PlanPublication tells what a publication would do. What could not be checked because a service is away is among the
// problems; without storage there is no plan.
func (e *Engine) PlanPublication(ctx context.Context, tenant string, req *libraryv1.PlanPublicationRequest) (*libraryv1.PublicationPlan, error) {
	if err := checkRestore(req.GetRestoreRelease(), req.GetComponents(), req.GetRemove()); err != nil {
		return nil, err
	}
	var cand candidate
	var err error
	restore := req.GetRestoreRelease() != ""
	if restore {
		cand, err = e.restored(ctx, tenant, req.GetRestoreRelease())
	} else {
		cand, err = e.candidate(ctx, tenant, req.GetComponents(), req.GetRemove())
	}
	if err != nil {
		return nil, err
	}
	res, err := e.checkCandidate(ctx, cand)
	if err != nil {
		return nil, err
	}
	if restore { // it was live, so its definitions stand
		res.Problems = nil
	}
	plan, err := e.plan(ctx, tenant, cand, res)
	if err != nil {
		return nil, err
	}
	plan.Affected = cand.change.Affected(res.References, res.Problems)
	plan.ApiChanges, plan.PermissionChanges = cand.change.API(), cand.change.Permissions()
	plan.RuleTests = e.testRules(ctx, tenant, cand)
	if flows := cand.change.Flows(res.References, plan.GetAffected()); len(flows) > 0 {
		plan.Replays = e.Runs.Replay(ctx, ReplayPlan{Tenant: tenant, Release: cand.base, Flows: flows, Components: cand.components})
	}
	return plan, nil
}

func (e *Engine) checkCandidate(ctx context.Context, cand candidate) (CheckResult, error) {
	ids := make([]string, len(cand.components))
	for i, c := range cand.components {
		ids[i] = c.GetId()
	}
	res, err := e.Checker.Check(ctx, cand.components, ids)
	if err != nil {
		return CheckResult{}, fmt.Errorf("check release: %w", err)
	}
	return res, nil
}

// plan says what stands against a candidate that was checked, and asks storage what its tables would need.
func (e *Engine) plan(ctx context.Context, tenant string, cand candidate, checked CheckResult) (*libraryv1.PublicationPlan, error) {
	plan := &libraryv1.PublicationPlan{Components: cand.planned}
	if size := cand.size(); size > maxReleaseBytes {
		plan.Problems = append(plan.Problems, &catalogv1.Problem{
			Severity: catalogv1.Severity_SEVERITY_ERROR, Reason: "release-too-large",
			Message: fmt.Sprintf("the components of the release take %d bytes, at most %d are allowed", size, maxReleaseBytes),
		})
	}
	plan.Problems = append(plan.Problems, checked.Problems...)
	schema, err := e.Schema.Plan(ctx, tenant, cand.components, cand.change.ChangedRules())
	switch f, ok := fault.As(err); {
	case ok && f.Kind == fault.KindFailedPrecondition && f.Reason == faultv1.Reason_REASON_SCHEMA_CHANGE_REFUSED:
		// The definitions make no tables. Mostly the check has said why, and better.
		if !slices.ContainsFunc(plan.GetProblems(), isError) {
			plan.Problems = append(plan.Problems, &catalogv1.Problem{Severity: catalogv1.Severity_SEVERITY_ERROR, Reason: "schema-refused", Message: f.Message})
		}
	case err != nil:
		return nil, fmt.Errorf("plan schema: %w", err)
	}
	plan.Changes, plan.Losses = schema.Changes, schema.Losses
	plan.Problems = append(plan.Problems, schema.Conflicts...)
	plan.Publishable = !slices.ContainsFunc(plan.GetProblems(), isError)
	return plan, nil
}

func isError(p *catalogv1.Problem) bool { return p.GetSeverity() == catalogv1.Severity_SEVERITY_ERROR }

func (c candidate) size() int {
	n := 0
	for _, comp := range c.components {
		n += proto.Size(comp)
	}
	return n
}

// candidate is the live release with the chosen components in their newest revision, all that changed when nothing is
// chosen or removed, and without the removed ones.
func (e *Engine) candidate(ctx context.Context, tenant string, chosen, removed []string) (candidate, error) {
	if err := checkChoice(chosen, removed); err != nil {
		return candidate{}, err
	}
	base, live, err := e.liveMembers(ctx, tenant)
	if err != nil {
		return candidate{}, err
	}
	heads, err := e.Components.Heads(ctx, tenant)
	if err != nil {
		return candidate{}, fmt.Errorf("list components: %w", err)
	}
	newest := make(map[string]Head, len(heads))
	for _, h := range heads {
		newest[h.Component] = h
	}
	next := make(map[string]Member, len(live)+len(chosen))
	for id, m := range live {
		next[id] = m
	}
	for _, id := range removed {
		if _, ok := live[id]; !ok {
			return candidate{}, componentNotFound(id)
		}
		delete(next, id)
	}
	for _, id := range chosen {
		h, ok := newest[id]
		if !ok {
			return candidate{}, componentNotFound(id)
		}
		next[id] = Member{Key: h.Key, Component: id}
	}
	if len(chosen)+len(removed) == 0 {
		for id, h := range newest {
			next[id] = Member{Key: h.Key, Component: id}
		}
	}
	return e.complete(ctx, tenant, base, live, next, chosen)
}

// complete fills a candidate that leads from the live members to the next ones.
func (e *Engine) complete(ctx context.Context, tenant, base string, live, next map[string]Member, chosen []string) (candidate, error) {
	cand := candidate{base: base}
	ids := make([]string, 0, len(live)+len(next))
	for id := range next {
		ids = append(ids, id)
	}
	for id := range live {
		if _, stays := next[id]; !stays {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		m, stays := next[id]
		was := live[id]
		if stays {
			cand.members = append(cand.members, m)
		}
		if m.Key != was.Key {
			cand.changed = true
		}
		if m.Key != was.Key || slices.Contains(chosen, id) {
			cand.planned = append(cand.planned, &libraryv1.PlannedComponent{Component: id, FromRevision: was.Revision, ToRevision: m.Revision})
		}
	}
	was := slices.SortedFunc(maps.Values(live), func(a, b Member) int { return strings.Compare(a.Component, b.Component) })
	var err error
	if cand.live, err = e.content(ctx, tenant, was); err != nil {
		return candidate{}, err
	}
	if cand.components, err = e.content(ctx, tenant, cand.members); err != nil {
		return candidate{}, err
	}
	cand.change = impact.New(cand.live, cand.components)
	return cand, nil
}

func (e *Engine) liveMembers(ctx context.Context, tenant string) (string, map[string]Member, error) {
	base, err := e.ActiveRelease(ctx, tenant)
	if err != nil || base == "" {
		return "", nil, err
	}
	r, err := e.Releases.Release(ctx, tenant, base)
	if err != nil {
		return "", nil, fmt.Errorf("read live release: %w", err)
	}
	members := make(map[string]Member, len(r.Members))
	for _, m := range r.Members {
		members[m.Component] = m
	}
	return base, members, nil
}

func checkChoice(chosen, removed []string) error {
	e := fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the request has fields that are not valid")
	for field, list := range map[string][]string{"components": chosen, "remove": removed} {
		if len(list) > MaxComponents {
			fault.Field(field, fmt.Sprintf("has more than %d items", MaxComponents))(e)
		}
	}
	for _, id := range removed {
		if slices.Contains(chosen, id) {
			fault.Field("remove", fmt.Sprintf("%q cannot be published and removed at once", truncate(id, 60)))(e)
		}
	}
	if len(e.Violations) > 0 {
		return e
	}
	return nil
}

// refuse returns why a plan may not be carried out, or nil. An earlier release is brought back even when data that it does
// not know was not given up: that data stays.
func refuse(plan *libraryv1.PublicationPlan, unavailable, confirmed []string, restore bool) error {
	if len(unavailable) > 0 {
		return ownersAway(unavailable)
	}
	if !plan.GetPublishable() {
		e := fault.FailedPrecondition(faultv1.Reason_REASON_PUBLICATION_HAS_PROBLEMS, "the definitions have problems; nothing was published")
		for _, p := range plan.GetProblems() {
			if isError(p) && len(e.Violations) < maxViolations {
				fault.Field(strings.Trim(p.GetComponent()+"/"+p.GetPath(), "/"), p.GetMessage())(e)
			}
		}
		return e
	}
	if restore {
		return nil
	}
	e := fault.FailedPrecondition(faultv1.Reason_REASON_PUBLICATION_LOSES_DATA, "stored data would be lost; confirm each loss by its name")
	for _, l := range plan.GetLosses() {
		if !slices.Contains(confirmed, l.GetName()) && len(e.Violations) < maxViolations {
			fault.Field(l.GetName(), fmt.Sprintf("the data of %d rows would be lost", l.GetRows()))(e)
		}
	}
	if len(e.Violations) > 0 {
		return e
	}
	return nil
}

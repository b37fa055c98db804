package engine_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

// planned saves a change of a component and plans it.
func (h *house) planned(c *libraryv1.Component, change func(c *libraryv1.Component)) (*libraryv1.Component, *libraryv1.PublicationPlan) {
	h.t.Helper()
	change(c)
	c, err := h.UpdateComponent(h.t.Context(), alice, c, nil)
	require.NoError(h.t, err)
	plan, err := h.PlanPublication(h.t.Context(), alice.Tenant, &libraryv1.PlanPublicationRequest{})
	require.NoError(h.t, err)
	return c, plan
}

func TestPlanTriesRowRules(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.start(h.Engine)
	rule := func(role, filter string) *libraryv1.AccessRule {
		return &libraryv1.AccessRule{Role: role, Operations: []libraryv1.Operation{libraryv1.Operation_OPERATION_READ}, Filter: filter}
	}
	c := h.create("car", "vin")
	c, first := h.planned(c, func(c *libraryv1.Component) {
		c.Settings = &libraryv1.Settings{Access: []*libraryv1.AccessRule{rule("dealer", "entry.vin == 'a'"), rule("clerk", "entry.vin == 'a'")}}
	})
	require.Empty(t, first.GetRuleTests(), "there are no entries yet")
	live := h.publish(everything()).GetRelease()

	var asked [][]*storagev1.EntryCount
	h.storage.set(func(s *schemaServer) {
		s.count = func(req *storagev1.CountEntriesRequest) (*storagev1.CountEntriesResponse, error) {
			asked = append(asked, req.GetCounts())
			require.EqualValues(t, 1000, req.GetSample())
			res := &storagev1.CountEntriesResponse{}
			for _, count := range req.GetCounts() {
				got := &storagev1.EntriesCounted{Sampled: 40}
				switch {
				case len(count.GetFilters()) == 0:
				case count.GetFilters()[0] == "":
					got.Selected = 40
				default:
					got.Selected = 12
				}
				res.Results = append(res.Results, got)
			}
			return res, nil
		}
	})
	told := func(plan *libraryv1.PublicationPlan) (out []string) {
		for _, r := range plan.GetRuleTests() {
			if r.GetOperation() == libraryv1.Operation_OPERATION_READ {
				out = append(out, fmt.Sprintf("%s %d of %d, %d %s", r.GetRole(), r.GetNow(), r.GetEntries(), r.GetNext(), r.GetNote()))
			}
		}
		return out
	}
	c, plan := h.planned(c, func(c *libraryv1.Component) { c.Settings.Access[0].Filter = "" })
	require.Equal(t, []string{"clerk 12 of 40, 12 ", "dealer 12 of 40, 40 "}, told(plan))
	require.Len(t, plan.GetRuleTests(), 6)
	require.Len(t, asked, 2, "the live rules and the candidate's")
	require.Len(t, asked[0], 2, "the same filter is counted once: one, and none at all")
	require.Len(t, plan.GetPermissionChanges(), 1)

	// Without the counts there is still a plan.
	h.storage.set(func(s *schemaServer) {
		s.count = func(*storagev1.CountEntriesRequest) (*storagev1.CountEntriesResponse, error) {
			return nil, fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, "away")
		}
	})
	c, plan = h.planned(c, func(c *libraryv1.Component) { c.Settings.Access[0].Filter = "entry.creator_subject == user.id" })
	require.True(t, plan.GetPublishable())
	require.Equal(t, []string{"clerk 0 of 0, 0 could not be counted", "dealer 0 of 0, 0 depends on who asks"}, told(plan))

	// An earlier release comes back by the same plan, also of what is not there any more.
	second := h.publish(everything()).GetRelease()
	back, err := h.PlanPublication(t.Context(), alice.Tenant, &libraryv1.PlanPublicationRequest{RestoreRelease: live})
	require.NoError(t, err)
	require.True(t, back.GetPublishable())
	require.EqualValues(t, []int64{4, 2}, []int64{back.GetComponents()[0].GetFromRevision(), back.GetComponents()[0].GetToRevision()})
	require.Contains(t, back.GetPermissionChanges()[0].GetText(), "Role dealer may now read entries of car where entry.vin == 'a'")
	require.Equal(t, second, h.active(), "a plan changes nothing")
	_, err = h.PlanPublication(t.Context(), alice.Tenant, &libraryv1.PlanPublicationRequest{RestoreRelease: live, Remove: []string{c.GetId()}})
	requireReason(t, err, faultv1.Reason_REASON_INVALID_FIELDS)
}

func TestPlanOfWhatStorageRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.start(h.Engine)
	c := h.create("car", "vin")
	h.publish(everything())
	c, plan := h.planned(c, func(c *libraryv1.Component) {
		c.Model.Fields[0].Rules = &libraryv1.Field_String_{String_: &libraryv1.StringRules{MaxLength: 3}}
	})
	require.Len(t, h.storage.asked.GetChangedRules(), 1)
	require.Equal(t, c.GetModel().GetFields()[0].GetId(), h.storage.asked.GetChangedRules()[0].GetField())
	require.Equal(t, "the field vin takes other values than before", plan.GetApiChanges()[0].GetText())

	h.storage.set(func(s *schemaServer) {
		s.refuse = fault.FailedPrecondition(faultv1.Reason_REASON_SCHEMA_CHANGE_REFUSED, "there is no table for it")
	})
	c, plan = h.planned(c, func(c *libraryv1.Component) { c.Description = "A car." })
	require.False(t, plan.GetPublishable())
	require.Equal(t, []string{"schema-refused", "there is no table for it"}, []string{plan.GetProblems()[0].GetReason(), plan.GetProblems()[0].GetMessage()})
	_, err := h.CreatePublication(t.Context(), alice, everything())
	requireReason(t, err, faultv1.Reason_REASON_PUBLICATION_HAS_PROBLEMS)

	// When the check found the reason, that says it.
	_, plan = h.planned(c, func(c *libraryv1.Component) { c.Settings = &libraryv1.Settings{HomePage: "nowhere"} })
	require.Len(t, plan.GetProblems(), 1)
	require.Equal(t, "unknown-page", plan.GetProblems()[0].GetReason())

	h.storage.set(func(s *schemaServer) {
		s.refuse = fault.Unavailable(faultv1.Reason_REASON_SCHEMA_CHANGE_REFUSED, "in use")
	})
	_, err = h.PlanPublication(t.Context(), alice.Tenant, &libraryv1.PlanPublicationRequest{})
	require.Error(t, err, "a plan without the tables would be half of one")
}

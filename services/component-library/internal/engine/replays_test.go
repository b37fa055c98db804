package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

func TestPlanReplaysRuns(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.start(h.Engine)
	c, first := h.planned(h.create("car", "vin"), func(c *libraryv1.Component) {
		c.Workflows = []*libraryv1.Workflow{{Id: "sell", Title: "Sell"}, {Id: "other"}}
		c.Dataflows = []*libraryv1.Dataflow{{Id: "save", Title: "Save"}}
	})
	require.Empty(t, first.GetReplays(), "nothing is live yet")
	live := h.publish(everything()).GetRelease()

	c, plan := h.planned(c, func(c *libraryv1.Component) {
		c.Workflows[0].Title, c.Dataflows[0].Title = "Sell a car", "Save a car"
	})
	require.Len(t, plan.GetReplays(), 2)
	sell, save := plan.GetReplays()[0], plan.GetReplays()[1]
	require.Equal(t, "car workflow sell Sell a car", sell.GetComponent()+" "+sell.GetKind()+" "+sell.GetId()+" "+sell.GetTitle())
	require.EqualValues(t, []int32{2, 1, 0}, []int32{sell.GetRuns(), sell.GetSame(), sell.GetUnknown()})
	require.Len(t, sell.GetExamples(), 1)
	require.Equal(t, live+" car", sell.GetExamples()[0].GetText(), "what is live is told")
	require.Equal(t, "not replayed: the service that has the runs is away", save.GetNote(), "the test has no such service")

	h.owners.set(func(o *ownerServer) { o.err = fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, "away") })
	_, plan = h.planned(c, func(c *libraryv1.Component) { c.Workflows[0].Title = "Sell" })
	require.True(t, plan.GetPublishable() || len(plan.GetProblems()) > 0)
	require.Equal(t, "not replayed: the service that has the runs is away", plan.GetReplays()[0].GetNote())
}

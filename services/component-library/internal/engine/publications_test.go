package engine_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/paging"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

const (
	succeeded = libraryv1.PublicationState_PUBLICATION_STATE_SUCCEEDED
	failed    = libraryv1.PublicationState_PUBLICATION_STATE_FAILED
)

func everything() *libraryv1.CreatePublicationRequest { return &libraryv1.CreatePublicationRequest{} }

func requireReason(t *testing.T, err error, reason faultv1.Reason) *fault.Error {
	t.Helper()
	f, ok := fault.As(err)
	require.True(t, ok, "want a fault, got %v", err)
	require.Equal(t, reason, f.Reason, f.Error())
	return f
}

func TestPublicationGoesLive(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.start(h.Engine)
	require.Empty(t, h.active())
	c := h.create("invoice", "number")

	plan, err := h.PlanPublication(t.Context(), alice.Tenant, &libraryv1.PlanPublicationRequest{})
	require.NoError(t, err)
	require.True(t, plan.GetPublishable())
	require.Len(t, plan.GetComponents(), 1)
	require.EqualValues(t, 0, plan.GetComponents()[0].GetFromRevision())
	require.EqualValues(t, 1, plan.GetComponents()[0].GetToRevision())

	p := h.publish(everything())
	require.Equal(t, succeeded, p.GetState(), p.GetMessage())
	require.EqualValues(t, 100, p.GetProgress())
	require.Equal(t, h.active(), p.GetRelease())
	require.Equal(t, []string{"expand " + p.GetRelease(), "contract " + p.GetRelease()}, h.storage.seen())

	r, err := h.GetRelease(t.Context(), alice.Tenant, p.GetRelease())
	require.NoError(t, err)
	require.Len(t, r.GetComponents(), 1)
	require.Equal(t, c.GetModel().GetFields()[0].GetId(), r.GetComponents()[0].GetModel().GetFields()[0].GetId())

	got, err := h.GetComponent(t.Context(), alice.Tenant, "invoice", 0)
	require.NoError(t, err)
	require.EqualValues(t, 1, got.GetPublishedRevision())

	_, err = h.CreatePublication(t.Context(), alice, everything())
	requireReason(t, err, faultv1.Reason_REASON_PUBLICATION_HAS_PROBLEMS)

	_, err = h.GetRelease(t.Context(), "t2", p.GetRelease())
	requireReason(t, err, faultv1.Reason_REASON_RELEASE_NOT_FOUND)
	_, err = h.GetPublication(t.Context(), "t2", p.GetId())
	requireReason(t, err, faultv1.Reason_REASON_PUBLICATION_NOT_FOUND)
}

func TestPublicationsOfChosenAndRemoved(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.start(h.Engine)
	h.create("a", "x")
	h.create("b", "x")
	first := h.publish(&libraryv1.CreatePublicationRequest{Components: []string{"a"}})
	require.Len(t, first.GetComponents(), 1)
	second := h.publish(&libraryv1.CreatePublicationRequest{Components: []string{"b"}, Remove: []string{"a"}})
	require.Equal(t, succeeded, second.GetState())
	r, err := h.GetRelease(t.Context(), alice.Tenant, h.active())
	require.NoError(t, err)
	require.Len(t, r.GetComponents(), 1)
	require.Equal(t, "b", r.GetComponents()[0].GetId())

	// Back to the first release; its revisions are the ones of then.
	third := h.publish(&libraryv1.CreatePublicationRequest{RestoreRelease: first.GetRelease()})
	require.Equal(t, succeeded, third.GetState(), third.GetMessage())
	require.Equal(t, first.GetRelease(), h.active())

	infos, cursors, err := h.ListReleases(t.Context(), alice.Tenant, paging.Moment{}, 1)
	require.NoError(t, err)
	require.Equal(t, second.GetRelease(), infos[0].GetId())
	require.False(t, infos[0].GetActive())
	infos, _, err = h.ListReleases(t.Context(), alice.Tenant, cursors[0], 10)
	require.NoError(t, err)
	require.Len(t, infos, 1)
	require.True(t, infos[0].GetActive())
	pubs, cur, err := h.ListPublications(t.Context(), alice.Tenant, paging.Moment{}, 2)
	require.NoError(t, err)
	require.Equal(t, []string{third.GetId(), second.GetId()}, []string{pubs[0].GetId(), pubs[1].GetId()})
	pubs, _, err = h.ListPublications(t.Context(), alice.Tenant, cur[1], 2)
	require.NoError(t, err)
	require.Len(t, pubs, 1)

	for _, req := range []*libraryv1.CreatePublicationRequest{
		{RestoreRelease: "rel-none"},
	} {
		_, err = h.CreatePublication(t.Context(), alice, req)
		requireReason(t, err, faultv1.Reason_REASON_RELEASE_NOT_FOUND)
	}
	for _, req := range []*libraryv1.CreatePublicationRequest{{Components: []string{"zz"}}, {Remove: []string{"b"}}} {
		_, err = h.CreatePublication(t.Context(), alice, req)
		requireReason(t, err, faultv1.Reason_REASON_COMPONENT_NOT_FOUND)
	}
	_, err = h.CreatePublication(t.Context(), alice, &libraryv1.CreatePublicationRequest{RestoreRelease: "x", Components: []string{"a"}})
	requireReason(t, err, faultv1.Reason_REASON_INVALID_FIELDS)

	// What is only taken offline takes nothing else online.
	h.create("c", "x")
	h.publish(everything())
	a, err := h.GetComponent(t.Context(), alice.Tenant, "a", 0)
	require.NoError(t, err)
	_, err = h.SavePart(t.Context(), alice, &libraryv1.SavePartRequest{
		Component: "a", Etag: a.GetEtag(), Part: &libraryv1.SavePartRequest_Script{Script: &libraryv1.Script{Id: "later", Source: "1"}},
	})
	require.NoError(t, err)
	h.create("d", "x")
	only := []string{"b"}
	plan, err := h.PlanPublication(t.Context(), alice.Tenant, &libraryv1.PlanPublicationRequest{Remove: only})
	require.NoError(t, err)
	require.Len(t, plan.GetComponents(), 1)
	require.Equal(t, "b", plan.GetComponents()[0].GetComponent())
	require.Zero(t, plan.GetComponents()[0].GetToRevision())
	fourth := h.publish(&libraryv1.CreatePublicationRequest{Remove: only})
	require.Equal(t, succeeded, fourth.GetState(), fourth.GetMessage())
	r, err = h.GetRelease(t.Context(), alice.Tenant, h.active())
	require.NoError(t, err)
	require.Len(t, r.GetComponents(), 2)
	require.Equal(t, "a", r.GetComponents()[0].GetId())
	require.EqualValues(t, 1, r.GetComponents()[0].GetRevision())
	require.Equal(t, "c", r.GetComponents()[1].GetId())
}

func TestPublicationIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.start(h.Engine)
	c := h.create("invoice", "number")

	h.storage.set(func(s *schemaServer) {
		s.plan = &storagev1.PlanSchemaResponse{Conflicts: []*storagev1.SchemaConflict{{Component: "invoice", Field: "number", Message: "rows have no value", Rows: 3}}}
	})
	_, err := h.CreatePublication(t.Context(), alice, everything())
	f := requireReason(t, err, faultv1.Reason_REASON_PUBLICATION_HAS_PROBLEMS)
	require.Equal(t, "invoice/model/fields/number", f.Violations[0].Field)

	h.storage.set(func(s *schemaServer) {
		s.plan = &storagev1.PlanSchemaResponse{Losses: []*libraryv1.DataLoss{{Name: "invoice.old", Rows: 7}}}
	})
	_, err = h.CreatePublication(t.Context(), alice, everything())
	f = requireReason(t, err, faultv1.Reason_REASON_PUBLICATION_LOSES_DATA)
	require.Equal(t, "invoice.old", f.Violations[0].Field)

	// A dataflow whose owner is away: a warning for the author, no publication.
	h.owners.set(func(o *ownerServer) { o.err = fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, "away") })
	_, err = h.SavePart(t.Context(), alice, &libraryv1.SavePartRequest{
		Component: "invoice", Etag: c.GetEtag(), Part: &libraryv1.SavePartRequest_Dataflow{Dataflow: &libraryv1.Dataflow{Id: "save"}},
	})
	require.NoError(t, err)
	checked, err := h.CheckComponent(t.Context(), alice.Tenant, "invoice")
	require.NoError(t, err)
	require.EqualValues(t, 2, checked.GetRevision())
	problems := checked.GetProblems()
	require.Len(t, problems, 1)
	require.Equal(t, catalogv1.Severity_SEVERITY_WARNING, problems[0].GetSeverity())
	require.Equal(t, "could not be checked: dataflow is not available", problems[0].GetMessage())
	_, err = h.CreatePublication(t.Context(), alice, everything())
	f = requireReason(t, err, faultv1.Reason_REASON_SERVICE_UNAVAILABLE)
	require.Equal(t, "dataflow", f.Meta["service"])
	require.Empty(t, h.active())

	h.owners.set(func(o *ownerServer) { o.err = nil })
	p := h.publish(&libraryv1.CreatePublicationRequest{ConfirmLosses: []string{"invoice.old"}})
	require.Equal(t, succeeded, p.GetState())
	require.Equal(t, []string{"invoice.old"}, h.storage.confirmed)

	// The answer is kept until something changes that it depends on.
	asked := h.owners.questions()
	_, err = h.CheckComponent(t.Context(), alice.Tenant, "invoice")
	require.NoError(t, err)
	require.Equal(t, asked, h.owners.questions())
}

func TestPublicationFails(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"refused": fault.FailedPrecondition(faultv1.Reason_REASON_SCHEMA_CHANGE_REFUSED, "a table is locked"),
		"away":    fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, "storage is resting"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.start(h.Engine)
			h.create("invoice", "number")
			first := h.publish(everything())
			h.create("other", "number")
			h.storage.set(func(s *schemaServer) { s.expand = func(context.Context) error { return err } })
			p := h.publish(everything())
			require.Equal(t, failed, p.GetState())
			require.Contains(t, p.GetMessage(), map[string]string{"refused": "a table is locked", "away": "storage is resting"}[name])
			require.Empty(t, p.GetRelease())
			require.Equal(t, first.GetRelease(), h.active())
			infos, _, lerr := h.ListReleases(t.Context(), alice.Tenant, paging.Moment{}, 10)
			require.NoError(t, lerr)
			require.Len(t, infos, 1)

			// The tenant is not stuck.
			h.storage.set(func(s *schemaServer) { s.expand = nil })
			require.Equal(t, succeeded, h.publish(everything()).GetState())
		})
	}
}

func TestContractionNeverUndoesTheFlip(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.start(h.Engine)
	h.create("invoice", "number")
	h.storage.set(func(s *schemaServer) {
		s.contract = func(context.Context) error {
			return fault.FailedPrecondition(faultv1.Reason_REASON_SCHEMA_CHANGE_REFUSED, "no")
		}
	})
	p := h.publish(everything())
	require.Equal(t, succeeded, p.GetState())
	require.Equal(t, h.active(), p.GetRelease())

	// What runs are pinned to is not removed.
	h.create("other", "number")
	h.owners.set(func(o *ownerServer) { o.pinned = []string{p.GetRelease()} })
	second := h.publish(everything())
	require.Equal(t, succeeded, second.GetState())
	require.NotContains(t, h.storage.seen(), "contract "+second.GetRelease())
}

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.start(h.Engine)
	h.create("invoice", "number")
	req := &libraryv1.CreatePublicationRequest{RequestId: "r1"}
	p := h.publish(req)
	again, err := h.CreatePublication(t.Context(), alice, req)
	require.NoError(t, err)
	require.Equal(t, p.GetId(), again.GetId())
	_, err = h.CreatePublication(t.Context(), alice, &libraryv1.CreatePublicationRequest{RequestId: "r1", Components: []string{"invoice"}})
	requireReason(t, err, faultv1.Reason_REASON_REQUEST_ID_REUSED)
}

func TestOnePublicationAtATime(t *testing.T) {
	t.Parallel()
	h := newHouse(t) // no worker: the winner stays pending
	h.create("invoice", "number")
	var wg sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wg.Go(func() { _, errs[i] = h.CreatePublication(t.Context(), alice, everything()) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		requireReason(t, err, faultv1.Reason_REASON_PUBLICATION_IN_PROGRESS)
	}
	require.Equal(t, 1, won)
	// What is about to go live cannot be deleted meanwhile.
	err := h.DeleteComponent(t.Context(), alice, "invoice", "")
	requireReason(t, err, faultv1.Reason_REASON_COMPONENT_IN_USE)
}

package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

func TestCandidate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.start(h.Engine)
	ids := func(r *libraryv1.Release) (out []string) {
		for _, c := range r.GetComponents() {
			out = append(out, c.GetId())
		}
		return out
	}
	_, err := h.Candidate(t.Context(), alice.Tenant, "a")
	requireReason(t, err, faultv1.Reason_REASON_COMPONENT_NOT_FOUND)
	a := h.create("a", "x")
	h.create("b", "x")
	got, err := h.Candidate(t.Context(), alice.Tenant, "a")
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, ids(got))
	_, err = h.Candidate(t.Context(), "t2", "a")
	requireReason(t, err, faultv1.Reason_REASON_COMPONENT_NOT_FOUND)
	h.publish(everything())
	_, err = h.SavePart(t.Context(), alice, &libraryv1.SavePartRequest{
		Component: "a", Etag: a.GetEtag(), Part: &libraryv1.SavePartRequest_Script{Script: &libraryv1.Script{Id: "s", Source: "def main(x):\n  return x\n"}},
	})
	require.NoError(t, err)
	got, err = h.Candidate(t.Context(), alice.Tenant, "a")
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"a", "b"}, ids(got))
	require.EqualValues(t, 2, got.GetComponents()[0].GetRevision())
	require.Empty(t, got.GetId())
}

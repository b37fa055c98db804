package paging_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/paging"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

func refused(t *testing.T, err error) {
	t.Helper()
	require.True(t, fault.Has(err, faultv1.Reason_REASON_PAGE_TOKEN_INVALID), "%v", err)
}

func TestSize(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		asked      int32
		most, want int
	}{{0, 1000, 50}, {0, 20, 20}, {1, 1000, 1}, {1000, 1000, 1000}, {math.MaxInt32, 1000, 1000}} {
		got, err := paging.Size(tc.asked, tc.most)
		require.NoError(t, err)
		require.Equal(t, tc.want, got, "%d of %d", tc.asked, tc.most)
	}
	_, err := paging.Size(-1, 10)
	require.True(t, fault.Has(err, faultv1.Reason_REASON_INVALID_FIELDS))
}

func TestTokenIsOfOneList(t *testing.T) {
	t.Parallel()
	list := paging.Of("t1", "runs", "")
	token := list.Token("r9")
	place, err := list.Text(token)
	require.NoError(t, err)
	require.Equal(t, "r9", place)
	for _, other := range []paging.List{paging.Of("t2", "runs", ""), paging.Of("t1", "", "runs"), paging.Of("t1", "runs"), paging.Of("t1runs", "", "")} {
		_, err := other.Text(token)
		refused(t, err)
	}
	place, err = list.Text("")
	require.NoError(t, err)
	require.Empty(t, place, "the beginning")
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	list := paging.Of("t", "events")
	n, err := list.Number("", 7)
	require.NoError(t, err)
	require.EqualValues(t, 7, n)
	n, err = list.Number(list.NumberToken(math.MinInt64), 7)
	require.NoError(t, err)
	require.EqualValues(t, math.MinInt64, n)

	m, err := list.Moment("")
	require.NoError(t, err)
	require.Zero(t, m)
	want := paging.Moment{Time: time.Date(2026, 2, 3, 4, 5, 6, 789_000, time.UTC), ID: "an id"}
	m, err = list.Moment(list.MomentToken(want))
	require.NoError(t, err)
	require.Equal(t, want, m)

	for _, place := range []string{"", "x", "1", "99999999999999999999 a", "-1 a", "300000000000000000 a"} {
		_, err = list.Moment(list.Token(place))
		refused(t, err)
	}
	_, err = list.Number(list.Token("1x"), 0)
	refused(t, err)
	for _, place := range []string{"a\x00b", "\xff"} {
		_, err = list.Text(list.Token(place))
		refused(t, err)
		raw, err := list.Place(list.Token(place))
		require.NoError(t, err)
		require.Equal(t, place, raw)
	}
	_, err = list.Place(list.Token(strings.Repeat("a", 1<<16)))
	refused(t, err)
}

func FuzzToken(f *testing.F) {
	list, other := paging.Of("a"), paging.Of("b")
	f.Add("")
	f.Add("%%")
	f.Add(list.Token("ada@example.com"))
	f.Add(list.MomentToken(paging.Moment{Time: time.UnixMicro(5), ID: "x"}))
	f.Fuzz(func(t *testing.T, token string) {
		place, err := list.Text(token)
		if err != nil {
			refused(t, err)
			return
		}
		if token == "" {
			return
		}
		again, err := list.Text(list.Token(place))
		require.NoError(t, err)
		require.Equal(t, place, again)
		_, err = other.Text(token)
		refused(t, err)
		if m, err := list.Moment(token); err == nil {
			same, err := list.Moment(list.MomentToken(m))
			require.NoError(t, err)
			require.Equal(t, m, same)
		}
	})
}

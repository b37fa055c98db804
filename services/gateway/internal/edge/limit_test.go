package edge

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestGCRA holds the algorithm to what it promises: in no stretch of time more than the burst and what the rate adds, and
// whoever waits as told is let in.
func TestGCRA(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := rate{rapid.IntRange(1, 2000).Draw(t, "rate"), rapid.IntRange(1, 50).Draw(t, "burst")}
		g := newGCRA(100)
		now := time.Unix(1000, 0)
		var granted []time.Time
		for range rapid.IntRange(1, 200).Draw(t, "requests") {
			now = now.Add(time.Duration(rapid.IntRange(0, int(2*time.Second)/r.perSecond).Draw(t, "pause")))
			wait := g.allow("k", r, now)
			if wait == 0 {
				granted = append(granted, now)
				continue
			}
			if g.allow("k", r, now.Add(wait-1)) == 0 {
				t.Fatalf("told to wait %s, and a nanosecond less was enough", wait)
			}
			now = now.Add(wait)
			if again := g.allow("k", r, now); again != 0 {
				t.Fatalf("waited %s as told, and was told to wait %s more", wait, again)
			}
			granted = append(granted, now)
		}
		each := time.Second / time.Duration(r.perSecond)
		for i := range granted {
			for j := i; j < len(granted); j++ {
				if most := r.burst + int(granted[j].Sub(granted[i])/each) + 1; j-i+1 > most {
					t.Fatalf("%d requests in %s", j-i+1, granted[j].Sub(granted[i]))
				}
			}
		}
	})
}

func TestGCRAForgets(t *testing.T) {
	t.Parallel()
	g, now := newGCRA(10), time.Unix(0, 0)
	for i := range 1000 {
		require.Zero(t, g.allow(fmt.Sprint(i), rate{1, 1}, now))
	}
	require.LessOrEqual(t, len(g.young)+len(g.old), 20)
	require.NotZero(t, g.allow("999", rate{1, 1}, now), "who was just here is known")
}

func TestAddressKey(t *testing.T) {
	t.Parallel()
	require.Equal(t, "203.0.113.9", addressKey(netip.MustParseAddr("203.0.113.9")))
	require.Equal(t, addressKey(netip.MustParseAddr("2001:db8::1")), addressKey(netip.MustParseAddr("2001:db8::ffff:1")))
	require.NotEqual(t, addressKey(netip.MustParseAddr("2001:db8:0:1::1")), addressKey(netip.MustParseAddr("2001:db8:0:2::1")))
}

func FuzzParseRange(f *testing.F) {
	for _, seed := range []string{"bytes=0-1", "bytes=-1", "bytes=1-", "bytes=18446744073709551615-", "bytes=9223372036854775807-9223372036854775807", "x"} {
		f.Add(seed, int64(20))
	}
	f.Fuzz(func(t *testing.T, header string, size int64) {
		size = max(size, 0)
		part, err := parseRange(header, size)
		if err != nil || part == (byteRange{}) {
			return
		}
		if part.offset < 0 || part.length <= 0 || part.offset > size-part.length {
			t.Fatalf("%q of %d bytes is %+v", header, size, part)
		}
	})
}

func FuzzQuery(f *testing.F) {
	table, err := newTable()
	if err != nil {
		f.Fatal(err)
	}
	m := table.byName["/aqtra.storage.v1.Entries/UpdateEntry"]
	for _, seed := range []string{"updateMask=a,b", "entry.id=1", "requestId=x&request_id=y", "component[x]=1", "a.b.c=1", "%zz", "entry.fields.x.int=1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		err := checkQuery(&http.Request{URL: &url.URL{RawQuery: query}}, m)
		if err != nil {
			return
		}
		values, err := url.ParseQuery(query)
		require.NoError(t, err)
		for name := range values { // what passes names a field that the query may set
			require.Contains(t, []string{"updateMask", "update_mask", "requestId", "request_id"}, strings.SplitN(name, ".", 2)[0])
		}
	})
}

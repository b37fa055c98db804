package edge_test

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/redis"
	"github.com/aqtra/aqtra/pkg/redistest"
	"github.com/aqtra/aqtra/services/gateway/internal/edge"
	"github.com/aqtra/aqtra/services/gateway/internal/identity"
)

func TestCredentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, c := range map[string]struct {
		authorization, cookie string
		code                  int
	}{
		"bearer":                       {"Bearer alice", "", 200},
		"lower case":                   {"bearer alice", "", 200},
		"cookie":                       {"", "__Host-aqtra=alice", 200},
		"none":                         {"", "", 401},
		"wrong":                        {"Bearer eve", "", 401},
		"basic":                        {"Basic alice", "", 401},
		"empty bearer":                 {"Bearer ", "", 401},
		"cookie without prefix":        {"", "aqtra=alice", 401},
		"a bad header hides no cookie": {"Basic x", "__Host-aqtra=alice", 401},
	} {
		a := w.call("GET", entries+"/e1", "", "Authorization", c.authorization, "Cookie", c.cookie)
		require.Equal(t, c.code, a.code, "%s: %s", name, a.text)
		if c.code == 401 {
			a.refused(401, "UNAUTHENTICATED")
			require.Equal(t, "Bearer", a.header.Get("WWW-Authenticate"))
		}
	}
	w.call("GET", entries+"/e1", "", "Authorization", "Bearer bob").ok()
	e := w.call("POST", entries, "{}", "Authorization", "Bearer bob").refused(403, "PERMISSION_DENIED")
	require.Equal(t, "entries.create", e.Details["permission"])
	w.call("GET", "/v1/components/secret/entries/e1", "", "Authorization", "Bearer bob").refused(403, "PERMISSION_DENIED")
}

func TestSessionCookie(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.call("POST", "/v1/sessions", `{"email":"a@example.org","password":"right"}`, "Authorization", "", "X-Forwarded-For", "10.1.2.3")
	a.ok()
	cookies, err := http.ParseSetCookie(a.header.Get("Set-Cookie"))
	require.NoError(t, err)
	require.Equal(t, edge.CookieName, cookies.Name)
	require.Equal(t, "alice", cookies.Value)
	require.Equal(t, "/", cookies.Path)
	require.Empty(t, cookies.Domain)
	require.True(t, cookies.Secure && cookies.HttpOnly)
	require.Equal(t, http.SameSiteLaxMode, cookies.SameSite)
	require.WithinDuration(t, time.Now().Add(time.Hour), cookies.Expires, time.Minute)
	require.NotContains(t, a.text, "alice")
	md := w.people.metadata()
	require.Equal(t, []string{"127.0.0.1"}, md.Get(identity.MetadataClientAddress), "nobody says who it is through a header")
	require.Empty(t, md.Get(identity.MetadataTransport))

	w.call("POST", "/v1/sessions", `{"password":"wrong"}`, "Authorization", "").refused(401, "WRONG_CREDENTIALS")

	a = w.call("DELETE", "/v1/sessions/current", "", "Authorization", "", "Cookie", "__Host-aqtra=alice")
	require.Equal(t, 200, a.code, a.text)
	require.Contains(t, a.header.Get("Set-Cookie"), "Max-Age=0")
	require.Equal(t, []string{"session-of-alice"}, w.people.metadata().Get(identity.MetadataSession))
}

func TestTrustedProxyNamesTheClient(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *edge.Config, _ *edge.Deps) {
		c.TrustedProxies = prefixes(t, "127.0.0.1", "10.0.0.0/8")
	})
	for header, want := range map[string]string{
		"":                                   "127.0.0.1",
		"203.0.113.9":                        "203.0.113.9",
		"6.6.6.6, 203.0.113.9":               "203.0.113.9",
		"6.6.6.6, 203.0.113.9, 10.2.3.4":     "203.0.113.9",
		"garbage, 10.2.3.4":                  "10.2.3.4",
		"::ffff:203.0.113.9":                 "203.0.113.9",
		"2001:db8::1":                        "2001:db8::1",
		strings.Repeat("203.0.113.9, ", 900): "127.0.0.1",
	} {
		w.call("POST", "/v1/sessions", `{"password":"right"}`, "Authorization", "", "X-Forwarded-For", header).ok()
		require.Equal(t, []string{want}, w.people.metadata().Get(identity.MetadataClientAddress), header)
	}
}

func TestCrossOrigin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cookie := []string{"Authorization", "", "Cookie", "__Host-aqtra=alice"}
	for name, c := range map[string]struct {
		header []string
		code   int
	}{
		"own page":               {[]string{"Sec-Fetch-Site", "same-origin"}, 200},
		"typed address":          {[]string{"Sec-Fetch-Site", "none"}, 200},
		"no browser":             {nil, 200},
		"own origin":             {[]string{"Origin", "https://" + w.addr}, 200},
		"public url":             {[]string{"Origin", "https://aqtra.example", "Sec-Fetch-Site", "cross-site"}, 200},
		"other site":             {[]string{"Sec-Fetch-Site", "cross-site"}, 403},
		"sibling":                {[]string{"Sec-Fetch-Site", "same-site"}, 403},
		"other origin":           {[]string{"Origin", "https://evil.example"}, 403},
		"null origin":            {[]string{"Origin", "null"}, 403},
		"other site with bearer": {[]string{"Sec-Fetch-Site", "cross-site", "Authorization", "Bearer alice"}, 200},
	} {
		a := w.call("POST", entries, "{}", append(append([]string{}, cookie...), c.header...)...)
		require.Equal(t, c.code, a.code, "%s: %s", name, a.text)
		if c.code == 403 {
			a.refused(403, "CROSS_ORIGIN")
		}
		require.Empty(t, a.header.Get("Access-Control-Allow-Origin"))
	}
	// Reading is harmless, as nobody may read the answer; signing somebody in from elsewhere is not.
	w.call("GET", entries, "", append(cookie, "Sec-Fetch-Site", "cross-site")...).ok()
	w.call("POST", "/v1/sessions", `{"password":"right"}`, "Authorization", "", "Sec-Fetch-Site", "cross-site").refused(403, "CROSS_ORIGIN")
	w.call("OPTIONS", entries, "", "Origin", "https://evil.example").refused(405, "METHOD_NOT_ALLOWED")
}

func TestHeadersCannotSpeakForUs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	forged := base64.StdEncoding.EncodeToString([]byte("forged"))
	for _, prefix := range []string{"", "Grpc-Metadata-", "Grpcgateway-", "grpc-metadata-grpcgateway-"} {
		headers := []string{
			prefix + "Aqtra-Token-Bin", forged, prefix + "Aqtra-Session", "session-of-root", prefix + "Aqtra-Client-Address", "6.6.6.6",
			prefix + "Aqtra-Transport", "grpc", prefix + "X-Tenant", "other", prefix + "Authorization2", "x",
		}
		w.call("GET", "/v1/sessions/current", "", headers...).ok()
		md := w.people.metadata()
		require.Equal(t, []string{"session-of-alice"}, md.Get(identity.MetadataSession))
		require.Equal(t, []string{"127.0.0.1"}, md.Get(identity.MetadataClientAddress))
		require.Empty(t, md.Get(identity.MetadataTransport))
		w.call("GET", entries+"/e1", "", headers...).ok()
		got := w.storage.last()
		require.Equal(t, "acme", got.principal.Tenant)
		for key := range got.md {
			require.NotContains(t, key, "x-tenant")
			require.NotContains(t, key, "grpcgateway")
			require.NotContains(t, key, "authorization")
			require.NotContains(t, key, "cookie")
		}
		require.Empty(t, got.md.Get(identity.MetadataSession), "storage has no use for sessions")
	}
	w.call("GET", entries+"/e1", "", "Grpc-Timeout", "1n").ok()
	a := w.call("GET", entries+"/e1", "", "X-Request-Id", "my-id.1")
	require.Equal(t, "my-id.1", a.header.Get("X-Request-Id"))
	require.Equal(t, []string{"my-id.1"}, w.storage.last().md.Get("aqtra-request-id"))
	require.NotEqual(t, "a b", w.call("GET", entries+"/e1", "", "X-Request-Id", "a b").header.Get("X-Request-Id"))
}

func TestRelease(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	get := func() answer { return w.call("GET", entries+"/e1", "") }
	get().ok()
	get().ok()
	require.Equal(t, 1, w.library.questions(), "asked once in half a second")
	w.library.set("r2", false)
	w.clk.Advance(499 * time.Millisecond)
	get().ok()
	require.Equal(t, "r1", w.storage.last().principal.Release)
	w.clk.Advance(time.Millisecond)
	get().ok()
	require.Equal(t, "r2", w.storage.last().principal.Release)

	w.library.set("r3", true)
	w.clk.Advance(20 * time.Second)
	get().ok()
	require.Equal(t, "r2", w.storage.last().principal.Release, "the last known while the library is away")
	w.clk.Advance(11 * time.Second)
	get().refused(503, "SERVICE_UNAVAILABLE")
	w.call("GET", "/v1/components", "").ok() // needs no release
	w.call("GET", entries+"/e1", "", "Authorization", "Bearer stranger").refused(503, "SERVICE_UNAVAILABLE")

	w.library.set("", false)
	get().ok()
	require.Empty(t, w.storage.last().principal.Release)
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *edge.Config, _ *edge.Deps) {
		c.AddressRate, c.AddressBurst, c.SubjectRate, c.TenantRate = 1, 3, 5, 8
	})
	signIn := func() answer { return w.call("POST", "/v1/sessions", `{"password":"right"}`, "Authorization", "") }
	for range 3 {
		signIn().ok()
	}
	a := signIn()
	a.refused(429, "RATE_LIMITED")
	require.Equal(t, "1", a.header.Get("Retry-After"))
	w.clk.Advance(time.Second)
	signIn().ok()
	w.call("GET", entries+"/e1", "", "Authorization", "Bearer guess").refused(429, "RATE_LIMITED")

	ok := map[string]int{}
	for range 10 {
		for _, who := range []string{"alice", "bob", "stranger"} {
			if w.call("GET", entries+"/e1", "", "Authorization", "Bearer "+who).code == 200 {
				ok[who]++
			}
		}
	}
	require.LessOrEqual(t, ok["alice"], 5)
	require.Equal(t, 8, ok["alice"]+ok["bob"], "a tenant's limit holds for its users together")
	require.Equal(t, 5, ok["stranger"], "and not for others")
}

func TestRateLimitsWithRedis(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	limited := func(c *edge.Config, d *edge.Deps) {
		var err error
		d.Redis, err = redis.Open(redis.Config{URL: srv.URL(), CAFile: srv.CAFile})
		require.NoError(t, err)
		t.Cleanup(func() { _ = d.Redis.Close() })
		c.AddressRate, c.AddressBurst = 1, 2
		c.RedisPatience = time.Minute // one that is gone says so at once; a busy machine must not look like it
	}
	one, two := newWorld(t, limited), newWorld(t, limited)
	signIn := func(w *world) int {
		return w.call("POST", "/v1/sessions", `{"password":"right"}`, "Authorization", "").code
	}
	require.Equal(t, []int{200, 200, 429, 429}, []int{signIn(one), signIn(two), signIn(one), signIn(two)}, "replicas count together")
	srv.Kill()
	require.Equal(t, []int{200, 200, 429}, []int{signIn(one), signIn(one), signIn(one)}, "without redis each counts for itself")
	require.Contains(t, one.log.String(), "redis does not answer")
	srv.Start(t)
	one.clk.Advance(time.Minute)
	require.Equal(t, 200, signIn(one))
}

func TestSecretsStayOutOfTheLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	secret := rand.Text()
	w.call("GET", entries+"/"+secret+"?filter="+secret, "", "Authorization", "Bearer "+secret, "X-Api-Key", secret)
	w.call("POST", "/v1/sessions", `{"password":"`+secret+`"}`, "Authorization", "")
	w.call("POST", entries, `{"fields":{"x":"`+secret+`"}`)
	w.call("GET", "/v1/"+secret, "")
	require.Contains(t, w.log.String(), "request served")
	require.NotContains(t, w.log.String(), secret)
}

func prefixes(t *testing.T, texts ...string) []edge.Prefix {
	t.Helper()
	var out []edge.Prefix
	for _, text := range texts {
		var p edge.Prefix
		require.NoError(t, p.UnmarshalText([]byte(text)))
		out = append(out, p)
	}
	return out
}

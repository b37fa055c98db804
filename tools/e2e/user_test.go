package e2e_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

// object and list are JSON as tests write it.
type (
	object = map[string]any
	list   = []any
)

const (
	password = "correct horse battery"
	// patience bounds whatever a test waits for.
	patience = 60 * time.Second
)

// user is somebody who calls the API.
type user struct {
	*stand.Client
	site   *site
	id     string
	email  string
	tenant string
	// headers go with every REST request: names and values.
	headers []string
}

// answer is an answer that knows the test it belongs to.
type answer struct {
	stand.Answer
	t       *testing.T
	request string
}

// refusal is what a refused request is answered with.
type refusal struct {
	Code       int
	Status     string
	Reason     string
	Message    string
	Details    map[string]string
	Violations []struct{ Field, Description string }
}

func random() string { return strings.ToLower(rand.Text()[:12]) }

// nobody is a caller without credentials.
func (s *site) nobody(t *testing.T) *user { return s.bearer(t, "") }

// bearer is a caller with a token or key.
func (s *site) bearer(t *testing.T, token string) *user {
	t.Helper()
	c, err := s.Client(token)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return &user{Client: c, site: s}
}

// signUp makes a tenant and returns its administrator.
func (s *site) signUp(t *testing.T) *user {
	t.Helper()
	email := random() + "@example.com"
	return s.entered(t, email, s.nobody(t).call(t, "POST", "/v1/tenants:signUp", object{
		"tenantName": "Tenant of " + email, "email": email, "password": password, "displayName": "Ada", "returnToken": true,
	}).ok())
}

// entered is the user whom a new session belongs to.
func (s *site) entered(t *testing.T, email string, session object) *user {
	t.Helper()
	token := text(t, session, "token")
	require.NotEmpty(t, token)
	u := s.bearer(t, token)
	u.email, u.id, u.tenant = email, text(t, session, "session", "user", "id"), text(t, session, "session", "tenant", "id")
	return u
}

// invite lets a new person join the tenant with some roles, and returns that person.
func (u *user) invite(t *testing.T, roles ...string) *user {
	t.Helper()
	email := random() + "@example.com"
	invitation := u.call(t, "POST", "/v1/invitations", object{"email": email, "roles": roles}).ok()
	return u.site.entered(t, email, u.site.nobody(t).call(t, "POST", "/v1/invitations:accept", object{
		"token": text(t, invitation, "token"), "password": password, "displayName": "Bob", "returnToken": true,
	}).ok())
}

// call sends a REST request. Whatever the answer is, it must be as the installation's OpenAPI document says.
func (u *user) call(t *testing.T, method, path string, body any, header ...string) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	a, err := u.Do(ctx, method, path, body, append(header, u.headers...)...)
	require.NoError(t, err, "%s %s", method, path)
	if strings.HasPrefix(path, "/v1/") && !strings.HasPrefix(path, "/v1/docs") && path != "/v1/openapi.json" {
		require.NoError(t, u.site.document.check(method, path, a), "%s %s: %.1000s", method, path, a.Body)
	}
	return answer{Answer: a, t: t, request: method + " " + path}
}

// get reads.
func (u *user) get(t *testing.T, path string) object {
	t.Helper()
	return u.call(t, "GET", path, nil).ok()
}

// ok demands success and returns the answer's JSON.
func (a answer) ok() object {
	a.t.Helper()
	require.Equal(a.t, 200, a.Code, "%s: %s", a.request, a.Body)
	out := object{}
	require.NoError(a.t, json.Unmarshal(a.Body, &out), "%s: %s", a.request, a.Body)
	return out
}

// refused demands an error with this status and reason, and returns it.
func (a answer) refused(code int, reason string) refusal {
	a.t.Helper()
	r := a.refusal()
	require.Equal(a.t, code, a.Code, "%s: %s", a.request, a.Body)
	require.Equal(a.t, reason, r.Reason, "%s: %s", a.request, a.Body)
	return r
}

// refusal demands an error in the form that all errors have.
func (a answer) refusal() refusal {
	a.t.Helper()
	require.GreaterOrEqual(a.t, a.Code, 400, "%s: %s", a.request, a.Body)
	var body struct{ Error refusal }
	require.NoError(a.t, json.Unmarshal(a.Body, &body), "%s: %d %s", a.request, a.Code, a.Body)
	require.Equal(a.t, a.Code, body.Error.Code, "%s: %s", a.request, a.Body)
	require.NotEmpty(a.t, body.Error.Reason, "%s: %s", a.request, a.Body)
	require.NotEmpty(a.t, body.Error.Message, "%s: %s", a.request, a.Body)
	return body.Error
}

// fields are the names of the fields at fault.
func (r refusal) fields() []string {
	names := []string{}
	for _, v := range r.Violations {
		names = append(names, v.Field)
	}
	return names
}

// at follows names and positions into JSON.
func at(t *testing.T, v any, path ...any) any {
	t.Helper()
	for i, p := range path {
		switch p := p.(type) {
		case string:
			m, ok := v.(object)
			require.True(t, ok, "%v of %v is no object", path[:i], v)
			v = m[p]
		case int:
			l, ok := v.(list)
			require.True(t, ok, "%v of %v is no list", path[:i], v)
			require.Less(t, p, len(l), "%v of %v", path[:i], v)
			v = l[p]
		}
	}
	return v
}

func text(t *testing.T, v any, path ...any) string {
	t.Helper()
	s, ok := at(t, v, path...).(string)
	require.True(t, ok, "%v is no text in %v", path, v)
	return s
}

// items follows names to a list; one that is not there is empty.
func items(t *testing.T, v any, path ...any) list {
	t.Helper()
	l, ok := at(t, v, path...).(list)
	if !ok {
		require.Nil(t, at(t, v, path...), "%v is no list", path)
	}
	return l
}

// column is one member of every object of a list.
func column(t *testing.T, rows list, path ...any) []any {
	t.Helper()
	out := make([]any, len(rows))
	for i, row := range rows {
		out[i] = at(t, row, path...)
	}
	return out
}

func query(pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Add(pairs[i], pairs[i+1])
	}
	return "?" + q.Encode()
}

// eventually asks again until done says so.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for end := time.Now().Add(patience); !done(); <-ticker.C {
		require.True(t, time.Now().Before(end), "%s within %s", what, patience)
	}
}

// upload stores a file and returns its id.
func (u *user) upload(t *testing.T, name, kind string, content []byte) string {
	t.Helper()
	return text(t, u.call(t, "POST", "/v1/files:upload"+query("name", name), content, "Content-Type", kind).ok(), "id")
}

// grpcReason demands an error of a gRPC call and returns its code and reason.
func grpcReason(t *testing.T, err error) (codes.Code, string) {
	t.Helper()
	require.Error(t, err)
	st := status.Convert(err)
	for _, d := range st.Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			require.Equal(t, "aqtra.io", info.GetDomain())
			return st.Code(), info.GetReason()
		}
	}
	require.Fail(t, "an error without a reason", "%v", err)
	return st.Code(), ""
}

// wholeNumber reads a number that JSON may hold as a number or, beyond 53 bits and for counters, as text.
func wholeNumber(t *testing.T, v any) int {
	t.Helper()
	var n int
	_, err := fmt.Sscan(fmt.Sprint(v), &n)
	require.NoError(t, err, "%v is no whole number", v)
	return n
}

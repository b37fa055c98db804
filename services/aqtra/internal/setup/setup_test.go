package setup

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/pgtest"
)

// here makes a URL that is meant for pods usable on this machine.
func here(t *testing.T, kept []byte, caFile string) string {
	t.Helper()
	require.Contains(t, string(kept), "sslmode=verify-full")
	u, err := url.Parse(string(kept))
	require.NoError(t, err)
	q := u.Query()
	require.Equal(t, mounted, q.Get("sslrootcert"))
	q.Set("sslrootcert", caFile)
	u.RawQuery = q.Encode()
	return u.String()
}

func connects(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

func leaf(t *testing.T, data map[string][]byte) *x509.Certificate {
	t.Helper()
	pair, err := tls.X509KeyPair(data["tls.crt"], data["tls.key"])
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(data["ca.crt"]))
	_, err = pair.Leaf.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: pair.Leaf.NotBefore.Add(time.Hour)})
	require.NoError(t, err)
	return pair.Leaf
}

func TestApply(t *testing.T) {
	t.Parallel()
	srv := pgtest.Server(t)
	a := newAPI(t)
	admin, caFile := server(t, srv, "house_one")
	caOut := t.TempDir()
	clk := clock.NewFake(time.Now())
	cfg := Config{
		Hosts: []string{"aqtra.example", "2001:DB8::1"}, PostgresURL: admin, PostgresCAFile: caFile,
		RedisURL: "rediss://:secret@redis.example:6379", RedisCAFile: caFile, CAOut: caOut,
	}
	s, out := a.setup(clk, cfg)
	require.NoError(t, s.check(soon(t)))
	require.Contains(t, out.String(), "Postgres can be reached, version 1")
	require.Zero(t, a.writes, "check changes nothing")
	require.NoError(t, s.apply(soon(t)))
	require.NotContains(t, out.String(), "secret:", "no passwords in the log")
	first := a.all()
	require.ElementsMatch(t, []string{
		"p-ca", "p-public-tls", "p-keys", "p-redis", "p-postgres-ca",
		"p-gateway-tls", "p-component-library-tls", "p-workflow-tls", "p-dataflow-tls", "p-storage-tls", "p-python-runner-tls",
		"p-gateway-database", "p-component-library-database", "p-workflow-database", "p-storage-database",
	}, keysOf(first))
	for name, sec := range a.secrets {
		require.Equal(t, map[string]string{"app.kubernetes.io/instance": "rel", "app.kubernetes.io/part-of": "aqtra", "app.kubernetes.io/managed-by": "aqtra-setup"},
			sec.Metadata.Labels, name)
		require.Equal(t, strings.HasSuffix(name, "-tls"), sec.Type == "kubernetes.io/tls", name)
	}

	library := leaf(t, first["p-component-library-tls"])
	service, err := certs.ServiceOf(library)
	require.NoError(t, err)
	require.Equal(t, "component-library", service)
	require.Subset(t, library.DNSNames, []string{"p-component-library", "p-component-library.house.svc.cluster.local", "component-library", "localhost"})
	public := leaf(t, first["p-public-tls"])
	require.Subset(t, public.DNSNames, []string{"p", "p.house", "p.house.svc", "aqtra.example"})
	require.NoError(t, public.VerifyHostname("2001:db8::1"))
	require.Empty(t, public.URIs)

	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(first["p-keys"]["storage-key.json"])))
	require.NoError(t, err)
	_, err = aead.New(handle)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(first["p-keys"]["pepper"]), 32)

	written, err := os.ReadFile(filepath.Join(caOut, "ca.crt"))
	require.NoError(t, err)
	require.Equal(t, first["p-postgres-ca"]["ca.crt"], written)
	app := connects(t, here(t, first["p-storage-database"]["url"], caFile))
	require.Equal(t, "house_one_storage_app", app.Config().User)
	owner := connects(t, here(t, first["p-storage-database"]["owner-url"], caFile))
	_, err = owner.Exec(t.Context(), "create table storage.schema_version (id int)")
	require.NoError(t, err)
	_, err = app.Exec(t.Context(), "create table storage.mine (id int)")
	require.ErrorContains(t, err, "permission denied")

	// A second time nothing changes, not even after the schemas are there.
	writes := a.writes
	s, _ = a.setup(clk, cfg)
	require.NoError(t, s.apply(soon(t)))
	require.Equal(t, first, a.all())
	require.Equal(t, writes, a.writes)
	connects(t, here(t, first["p-storage-database"]["url"], caFile))

	// Certificates are renewed after two thirds of their life; nothing else is.
	clk.Advance(leafLife/3*2 + time.Hour)
	require.NoError(t, s.apply(soon(t)))
	renewed := a.all()
	for name, data := range renewed {
		if strings.HasSuffix(name, "-tls") {
			require.NotEqual(t, first[name], data, name)
			require.WithinDuration(t, clk.Now().Add(leafLife), leaf(t, data).NotAfter, time.Minute)
		} else {
			require.Equal(t, first[name], data, name)
		}
	}

	// Another host, and no Redis any more.
	cfg.Hosts, cfg.RedisURL = []string{"other.example"}, ""
	s, _ = a.setup(clk, cfg)
	require.NoError(t, s.apply(soon(t)))
	require.NotContains(t, a.all(), "p-redis")
	require.Contains(t, leaf(t, a.data("p-public-tls")).DNSNames, "other.example")
	require.Equal(t, renewed["p-gateway-tls"], a.data("p-gateway-tls"))

	// A password that was lost is made anew, keys are not: what they opened is still there.
	a.drop("p-storage-database")
	require.NoError(t, s.apply(soon(t)))
	require.NotEqual(t, first["p-storage-database"], a.data("p-storage-database"))
	connects(t, here(t, a.data("p-storage-database")["url"], caFile))
	a.drop("p-keys")
	require.ErrorContains(t, s.apply(soon(t)), "the database house_one holds data of an installation whose keys are gone: restore the secret p-keys from a backup")
	require.NotContains(t, a.all(), "p-keys")
	a.edit("p-keys", func(k *secret) { k.Data = map[string][]byte{"pepper": []byte("x")} })
	require.ErrorContains(t, s.apply(soon(t)), "secret p-keys lacks pepper or storage-key.json")
	a.edit("p-keys", func(k *secret) { k.Data = first["p-keys"] })
	require.NoError(t, s.apply(soon(t)), "a restored secret is used, whoever made it")

	// A second release on the same server has roles of its own.
	b := newAPI(t)
	second, _ := server(t, srv, "house_two")
	s2, _ := b.setup(clk, Config{PostgresURL: second, PostgresCAFile: caFile})
	require.NoError(t, s2.apply(soon(t)))
	connects(t, here(t, a.data("p-gateway-database")["url"], caFile))
	_, err = pgx.Connect(t.Context(), strings.Replace(here(t, b.data("p-gateway-database")["url"], caFile), "/house_two?", "/house_one?", 1))
	require.ErrorContains(t, err, "permission denied")

	// Remove leaves what is not ours, and may be repeated.
	a.edit("p-foreign", func(f *secret) { f.Metadata.Labels = map[string]string{"app.kubernetes.io/instance": "rel"} })
	require.NoError(t, s.remove(soon(t)))
	require.ElementsMatch(t, []string{"p-foreign", "p-keys"}, keysOf(a.all()))
	require.NoError(t, s.remove(soon(t)))
}

func keysOf[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	return out
}

// Two that run at once agree on everything, and the passwords are those in the secrets.
func TestApplyTwiceAtOnce(t *testing.T) {
	t.Parallel()
	srv := pgtest.Server(t)
	a := newAPI(t)
	admin, caFile := server(t, srv, "race")
	var group sync.WaitGroup
	errs := make([]error, 3)
	for i := range errs {
		s, _ := a.setup(clock.Real(), Config{PostgresURL: admin, PostgresCAFile: caFile})
		group.Go(func() { errs[i] = s.apply(soon(t)) })
	}
	group.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	for _, service := range []string{"gateway", "component-library", "workflow", "storage"} {
		data := a.data("p-" + service + "-database")
		connects(t, here(t, data["url"], caFile))
		connects(t, here(t, data["owner-url"], caFile))
	}
	ca := a.data("p-ca")["ca.crt"]
	for name, data := range a.all() {
		if strings.HasSuffix(name, "-tls") {
			require.Equal(t, ca, data["ca.crt"], name)
			leaf(t, data)
		}
	}
}

// Who loses a race starts again from what the winner has made.
func TestLostRace(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	won, err := certs.NewAuthority(clock.Real())
	require.NoError(t, err)
	var once sync.Once
	a.before = func(method, name string) (int, string) {
		if method == http.MethodPost && name == "p-ca" {
			once.Do(func() {
				a.edit(name, func(s *secret) { s.Data = map[string][]byte{"ca.crt": won.Cert, "ca.key": won.Key} })
			})
		}
		return 0, ""
	}
	s, _ := a.setup(clock.Real(), Config{Trial: true})
	_, err = s.certificates(soon(t))
	require.NoError(t, err)
	require.Equal(t, won.Cert, a.data("p-ca")["ca.crt"])
	require.Equal(t, won.Cert, a.data("p-storage-tls")["ca.crt"])
	for _, name := range []string{"postgres", "redis"} {
		made := leaf(t, a.data("p-"+name+"-tls"))
		require.Contains(t, made.DNSNames, "p-"+name)
		require.WithinDuration(t, time.Now().Add(trialLife), made.NotAfter, time.Minute)
	}

	// An update that comes too late is read again; somebody who never stops is an error.
	a.edit("p-storage-tls", func(s *secret) { s.Data["tls.crt"] = []byte("broken") })
	var updates atomic.Int64
	a.before = func(method, name string) (int, string) {
		if method == http.MethodPut && updates.Add(1) == 1 {
			a.edit(name, func(*secret) {})
		}
		return 0, ""
	}
	_, err = s.certificates(soon(t))
	require.NoError(t, err)
	require.EqualValues(t, 2, updates.Load())
	leaf(t, a.data("p-storage-tls"))
	a.edit("p-storage-tls", func(s *secret) { s.Data["tls.crt"] = []byte("broken") })
	a.before = func(method, name string) (int, string) {
		if method == http.MethodPut {
			return http.StatusConflict, "the object has been modified"
		}
		return 0, ""
	}
	_, err = s.certificates(soon(t))
	require.ErrorIs(t, err, errConflict)

	// The secret of another release is not ours to change.
	a.before = nil
	a.edit("p-storage-tls", func(s *secret) { s.Metadata.Labels[instanceLabel] = "other" })
	_, err = s.certificates(soon(t))
	require.ErrorContains(t, err, "secret p-storage-tls was made by somebody else")
}

// A trial trusts our own authority; else the file counts, when it is there.
func TestTrust(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	own, err := certs.NewAuthority(clock.Real())
	require.NoError(t, err)
	authority, err := own.Open("here", leafLife, clock.Real())
	require.NoError(t, err)
	missing := filepath.Join(t.TempDir(), "ca.crt")
	trial, _ := a.setup(clock.Real(), Config{Trial: true})
	got, err := trial.trust(missing, "postgres", authority)
	require.NoError(t, err)
	require.Equal(t, own.Cert, got)

	external, _ := a.setup(clock.Real(), Config{})
	require.NoError(t, os.WriteFile(missing+"2", []byte("of a file"), 0o600))
	got, err = external.trust(missing+"2", "postgres", authority)
	require.NoError(t, err)
	require.Equal(t, "of a file", string(got))
	machine, err := os.ReadFile(systemRoots)
	if err != nil {
		t.Skip("this machine has no authorities at " + systemRoots)
	}
	got, err = external.trust(missing, "postgres", authority)
	require.NoError(t, err)
	require.Equal(t, machine, got)
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	s, _ := a.setup(clock.Real(), Config{})
	a.before = func(string, string) (int, string) {
		return http.StatusForbidden, `secrets is forbidden: User "x" cannot get resource`
	}
	require.EqualError(t, s.apply(soon(t)), `the service account of this pod may not get or list secrets in the namespace house (RBAC): secrets is forbidden: User "x" cannot get resource`)
	require.ErrorContains(t, s.remove(soon(t)), "RBAC")

	var asked atomic.Int64
	a.before = func(string, string) (int, string) {
		if asked.Add(1) == 1 {
			return http.StatusServiceUnavailable, "starting"
		}
		return 0, ""
	}
	require.NoError(t, s.remove(soon(t)), "an API that starts is waited for")
	a.before = nil
	require.NoError(t, os.WriteFile(s.kube.tokenFile, []byte("old"), 0o600))
	require.ErrorContains(t, s.remove(soon(t)), "does not accept the token")

	// An API that is away for longer than our patience.
	fake := clock.NewFake(time.Now())
	s, _ = a.setup(fake, Config{})
	a.srv.Close()
	done := make(chan error, 1)
	go func() { done <- s.remove(soon(t)) }()
	for {
		select {
		case err := <-done:
			require.ErrorContains(t, err, "the Kubernetes API at https://127.0.0.1:")
			require.ErrorContains(t, err, "cannot be reached: dial tcp")
			return
		default:
			fake.Advance(10 * time.Second)
		}
	}
}

func TestBadDatabase(t *testing.T) {
	t.Parallel()
	srv := pgtest.Server(t)
	a := newAPI(t)
	admin, caFile := server(t, srv, "bad")
	for name, tc := range map[string]struct{ url, want string }{
		"not a url":  {"host=x password=secret", "AQTRA_SETUP_POSTGRES_URL must be a URL"},
		"no name":    {"postgres://u:secret@localhost:1", "AQTRA_SETUP_POSTGRES_URL must be a URL"},
		"no tls":     {admin[:strings.Index(admin, "?")] + "?sslmode=disable", "must use sslmode=verify-full"},
		"password":   {strings.Replace(admin, "//postgres:", "//postgres:secret", 1), "refuses the connection: password authentication failed"},
		"odd name":   {strings.Replace(admin, "/bad", "/Bad-name", 1), `database "Bad-name" is not a plain identifier`},
		"wrong cert": {strings.Replace(admin, "127.0.0.1", "127.0.0.2", 1), "127.0.0.2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := a.setup(clock.Real(), Config{Fullname: strings.ReplaceAll(name, " ", "-"), PostgresURL: tc.url, PostgresCAFile: caFile})
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			err := s.apply(ctx)
			require.ErrorContains(t, err, tc.want)
			require.NotContains(t, err.Error(), "secret")
			require.NotContains(t, a.all(), s.name("gateway-database"))
		})
	}
}

func TestMainTells(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args []string
		vars map[string]string
		code int
		want string
	}{
		"help":       {[]string{"--help"}, nil, 0, "AQTRA_SETUP_CA_OUT (string)"},
		"version":    {[]string{"--version"}, nil, 0, "aqtra-setup dev"},
		"nothing":    {nil, nil, 2, "unknown arguments"},
		"too much":   {[]string{"apply", "x"}, nil, 2, "unknown arguments"},
		"no setting": {[]string{"apply"}, nil, 1, "NAMESPACE must be a name"},
		"no cluster": {[]string{"apply"}, map[string]string{"AQTRA_SETUP_NAMESPACE": "a", "AQTRA_SETUP_RELEASE": "b", "AQTRA_SETUP_FULLNAME": "c"}, 1, "works only in a pod"},
		"no urls":    {[]string{"probe"}, nil, 1, "usage: aqtra-setup probe --ca FILE URL..."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, errs bytes.Buffer
			require.Equal(t, tc.code, Main(t.Context(), tc.args, config.Map(tc.vars), &out, &errs))
			if tc.code == 0 {
				require.Contains(t, out.String(), tc.want)
				return
			}
			require.Contains(t, errs.String(), tc.want)
			require.Equal(t, 1, strings.Count(errs.String(), "\n"), "one line")
		})
	}
}

func TestProbe(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/never" || asked.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(srv.Close)
	ca := filepath.Join(t.TempDir(), "ca.crt")
	require.NoError(t, os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), 0o600))
	var out bytes.Buffer
	require.NoError(t, probe(soon(t), []string{"--ca", ca, srv.URL + "/readyz", srv.URL}, clock.Real(), &out))
	require.Equal(t, "ready "+srv.URL+"/readyz\nready "+srv.URL+"\n", out.String())
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	require.ErrorContains(t, probe(ctx, []string{"--ca", ca, srv.URL + "/never"}, clock.Real(), &out), "it answers 503")
}

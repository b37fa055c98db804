package certs_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/clock"
)

func newClock() *clock.Fake { return clock.NewFake(time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)) }

func authority(t *testing.T, clk clock.Clock) *certs.Authority {
	t.Helper()
	a, err := certs.OpenAuthority(t.TempDir(), clk)
	require.NoError(t, err)
	return a
}

func source(t *testing.T, a *certs.Authority, service string) *certs.Source {
	t.Helper()
	s, err := a.Source(service)
	require.NoError(t, err)
	return s
}

// handshake connects both ends over the loopback and returns what each of them says.
func handshake(t *testing.T, server, client *tls.Config) (state tls.ConnectionState, clientErr, serverErr error) {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer lis.Close()
	served := make(chan error, 1)
	go func() {
		raw, err := lis.Accept()
		if err != nil {
			served <- err
			return
		}
		conn := tls.Server(raw, server)
		defer conn.Close()
		if err = conn.Handshake(); err == nil {
			_, err = conn.Write([]byte("x"))
		}
		served <- err
	}()
	conn, err := tls.Dial("tcp", lis.Addr().String(), client)
	if err == nil {
		defer conn.Close()
		// In TLS 1.3 the client learns only when reading whether it was let in.
		_, err = io.ReadFull(conn, make([]byte, 1))
		state = conn.ConnectionState()
	}
	return state, err, <-served
}

func TestMutualTLS(t *testing.T) {
	t.Parallel()
	clk := newClock()
	a := authority(t, clk)
	storage, workflow := source(t, a, "storage"), source(t, a, "workflow")
	stranger := source(t, authority(t, clk), "workflow")

	state, cerr, serr := handshake(t, storage.ServerTLS(true), workflow.ClientTLS("storage"))
	require.NoError(t, cerr)
	require.NoError(t, serr)
	require.Equal(t, uint16(tls.VersionTLS13), state.Version)
	require.Equal(t, "h2", state.NegotiatedProtocol)

	_, cerr, _ = handshake(t, storage.ServerTLS(true), workflow.ClientTLS("dataflow"))
	require.ErrorContains(t, cerr, `peer is "storage", not "dataflow"`)

	_, cerr, _ = handshake(t, stranger.ServerTLS(true), workflow.ClientTLS("workflow"))
	require.ErrorContains(t, cerr, "verify certificate of workflow")

	_, cerr, serr = handshake(t, storage.ServerTLS(true), stranger.ClientTLS("storage"))
	require.Error(t, cerr)
	require.Error(t, serr)

	anyone := &tls.Config{RootCAs: storage.Pool(), ServerName: "storage", Time: clk.Now}
	_, _, serr = handshake(t, storage.ServerTLS(true), anyone)
	require.ErrorContains(t, serr, "certificate")

	old := workflow.ClientTLS("storage")
	old.MinVersion, old.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
	for _, requireClient := range []bool{true, false} {
		_, cerr, serr = handshake(t, storage.ServerTLS(requireClient), old)
		require.Error(t, cerr)
		require.ErrorContains(t, serr, "unsupported versions")
	}
}

// The stranger's authority is unknown to the client, which must not be talked out of checking by the server's chain.
func TestServerCertificateOfAnotherAuthority(t *testing.T) {
	t.Parallel()
	clk := newClock()
	mine, other := source(t, authority(t, clk), "workflow"), source(t, authority(t, clk), "storage")
	_, cerr, _ := handshake(t, other.ServerTLS(false), mine.ClientTLS("storage"))
	require.ErrorContains(t, cerr, "verify certificate of storage")
}

func TestEdge(t *testing.T) {
	t.Parallel()
	clk := newClock()
	gateway := source(t, authority(t, clk), "gateway")
	edge, err := gateway.Edge("apps.example.test", "192.0.2.1")
	require.NoError(t, err)
	for _, host := range []string{"localhost", "apps.example.test", "192.0.2.1"} {
		state, cerr, serr := handshake(t, edge.ServerTLS(false), &tls.Config{RootCAs: gateway.Pool(), ServerName: host, Time: clk.Now})
		require.NoError(t, cerr)
		require.NoError(t, serr)
		_, err := certs.ServiceOf(state.PeerCertificates[0])
		require.Error(t, err, "an edge certificate is nobody's identity")
		require.IsType(t, &ecdsa.PublicKey{}, state.PeerCertificates[0].PublicKey)
	}
	_, cerr, _ := handshake(t, edge.ServerTLS(false), gateway.ClientTLS("gateway"))
	require.Error(t, cerr)
}

func TestRenewalAtTwoThirdsOfLife(t *testing.T) {
	t.Parallel()
	clk := newClock()
	a := authority(t, clk)
	storage, workflow := source(t, a, "storage"), source(t, a, "workflow")
	server, client := storage.ServerTLS(true), workflow.ClientTLS("storage")
	first := storage.Signer()
	require.IsType(t, ed25519.PrivateKey{}, first.Key)
	require.Equal(t, clk.Now().Add(certs.LeafLife), first.NotAfter)

	clk.Advance(certs.LeafLife*2/3 - time.Minute)
	require.Equal(t, first.Certificate, storage.Signer().Certificate)
	clk.Advance(time.Minute)
	require.NotEqual(t, first.Certificate, storage.Signer().Certificate)

	// Configurations made long ago use what is fresh.
	clk.Advance(10 * certs.LeafLife)
	state, cerr, serr := handshake(t, server, client)
	require.NoError(t, cerr)
	require.NoError(t, serr)
	require.Equal(t, clk.Now().Add(certs.LeafLife), state.PeerCertificates[0].NotAfter)
	require.NoError(t, storage.Ready())
}

func TestAuthorityIsMadeOnceAndKeptPrivate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "certs")
	clk := newClock()
	var wg sync.WaitGroup
	roots := make([][]byte, 8)
	for i := range roots {
		wg.Go(func() {
			a, err := certs.OpenAuthority(dir, clk)
			if err != nil {
				return // shows below as an empty root
			}
			if s, err := a.Source("storage"); err == nil {
				roots[i] = s.Authorities()[0].Raw
			}
		})
	}
	wg.Wait()
	for _, r := range roots {
		require.NotEmpty(t, r)
		require.Equal(t, roots[0], r)
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 2, "no temporary files are left")
	info, err := os.Stat(filepath.Join(dir, "ca.pem"))
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode())
	text, err := os.ReadFile(filepath.Join(dir, certs.RootFile))
	require.NoError(t, err)
	require.NotContains(t, string(text), "KEY")

	clk.Advance(10 * 365 * 24 * time.Hour)
	_, err = certs.OpenAuthority(dir, clk)
	require.ErrorContains(t, err, "to have a new one made")
}

func TestOpenAuthorityRefusesRubbish(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "ca.pem"), []byte("rubbish"), 0o600))
	_, err := certs.OpenAuthority(dir, newClock())
	require.ErrorContains(t, err, "read certificate authority")
}

// mount writes what a source holds as files, as cert-manager would.
func mount(t *testing.T, dir string, s *certs.Source) {
	t.Helper()
	signer := s.Signer()
	key, err := x509.MarshalPKCS8PrivateKey(signer.Key)
	require.NoError(t, err)
	for name, b := range map[string]*pem.Block{
		"tls.crt": {Type: "CERTIFICATE", Bytes: signer.Certificate},
		"tls.key": {Type: "PRIVATE KEY", Bytes: key},
		"ca.crt":  {Type: "CERTIFICATE", Bytes: s.Authorities()[0].Raw},
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(b), 0o600))
	}
}

func fromFiles(dir, service string, clk clock.Clock) (*certs.Source, error) {
	return certs.Config{
		CertFile: filepath.Join(dir, "tls.crt"), KeyFile: filepath.Join(dir, "tls.key"), CAFile: filepath.Join(dir, "ca.crt"),
	}.Open(service, clk)
}

func TestFilesAreReadAgain(t *testing.T) {
	t.Parallel()
	clk := newClock()
	dir := t.TempDir()
	old := source(t, authority(t, clk), "storage")
	mount(t, dir, old)
	s, err := fromFiles(dir, "storage", clk)
	require.NoError(t, err)
	require.Equal(t, old.Signer().Certificate, s.Signer().Certificate)
	server := s.ServerTLS(true)

	// A renewal that is half written does not count, and shows.
	next := authority(t, clk)
	fresh := source(t, next, "storage")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tls.crt"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: fresh.Signer().Certificate}), 0o600))
	clk.Advance(10 * time.Second)
	require.Equal(t, old.Signer().Certificate, s.Signer().Certificate)
	require.ErrorContains(t, s.Ready(), "read certificate")

	mount(t, dir, fresh)
	clk.Advance(10 * time.Second)
	require.Equal(t, fresh.Signer().Certificate, s.Signer().Certificate)
	require.NoError(t, s.Ready())
	// The new authority counts for peers, the old one no longer does.
	_, cerr, serr := handshake(t, server, source(t, next, "workflow").ClientTLS("storage"))
	require.NoError(t, cerr)
	require.NoError(t, serr)
	_, _, serr = handshake(t, server, old.ClientTLS("storage"))
	require.Error(t, serr)

	clk.Advance(certs.LeafLife + time.Hour)
	require.ErrorContains(t, s.Ready(), "expired")
}

func TestFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	clk := newClock()
	for name, tc := range map[string]struct {
		spoil   func(t *testing.T, dir string)
		service string
		want    string
	}{
		"another service":   {func(*testing.T, string) {}, "workflow", `certificate is of service "storage"`},
		"no authority":      {func(t *testing.T, dir string) { write(t, dir, "ca.crt", "") }, "storage", "no certificate in the file"},
		"missing authority": {func(t *testing.T, dir string) { require.NoError(t, os.Remove(filepath.Join(dir, "ca.crt"))) }, "storage", "no such file"},
		"broken key":        {func(t *testing.T, dir string) { write(t, dir, "tls.key", "x") }, "storage", "read certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			mount(t, dir, source(t, authority(t, clk), "storage"))
			tc.spoil(t, dir)
			_, err := fromFiles(dir, tc.service, clk)
			require.ErrorContains(t, err, tc.want)
		})
	}
	dir := t.TempDir()
	late := newClock()
	mount(t, dir, source(t, authority(t, late), "storage"))
	late.Advance(2 * certs.LeafLife)
	_, err := fromFiles(dir, "storage", late)
	require.ErrorContains(t, err, "expired")
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
}

func TestConfigValidate(t *testing.T) {
	t.Parallel()
	require.NoError(t, certs.Config{Dir: "d"}.Validate())
	require.NoError(t, certs.Config{CertFile: "c", KeyFile: "k", CAFile: "a"}.Validate())
	require.Error(t, certs.Config{}.Validate())
	require.Error(t, certs.Config{Dir: "d", CertFile: "c"}.Validate())
	require.Error(t, certs.Config{CertFile: "c", KeyFile: "k"}.Validate())
	require.Error(t, certs.Config{Dir: "d", CertFile: "c", KeyFile: "k", CAFile: "a"}.Validate())

	s, err := certs.Config{Dir: t.TempDir()}.Open("storage", newClock())
	require.NoError(t, err)
	require.Equal(t, "storage", s.Service())
}

func TestFilesHaveNoEdge(t *testing.T) {
	t.Parallel()
	clk := newClock()
	dir := t.TempDir()
	mount(t, dir, source(t, authority(t, clk), "gateway"))
	s, err := fromFiles(dir, "gateway", clk)
	require.NoError(t, err)
	_, err = s.Edge()
	require.Error(t, err)
}

func TestExpiryGauge(t *testing.T) {
	t.Parallel()
	clk := newClock()
	s := source(t, authority(t, clk), "storage")
	reg := prometheus.NewRegistry()
	require.NoError(t, s.Register(reg))
	clk.Advance(certs.LeafLife)
	public, err := authority(t, clk).Edge()
	require.NoError(t, err)
	require.NoError(t, public.Register(reg), "one process has both")
	problems, err := testutil.GatherAndLint(reg)
	require.NoError(t, err)
	require.Empty(t, problems)
	families, err := reg.Gather()
	require.NoError(t, err)
	got := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			got[strings.TrimSuffix(strings.TrimPrefix(f.GetName(), "aqtra_certificate_"), "_timestamp_seconds")+" "+m.GetLabel()[0].GetValue()] = m.GetGauge().GetValue()
		}
	}
	require.Len(t, got, 6)
	want := float64(clk.Now().Add(certs.LeafLife).Unix())
	require.Equal(t, want, got["expiry internal"], "reading the gauge renews")
	require.Equal(t, want, got["expiry public"])
	require.InDelta(t, float64(clk.Now().Unix()), got["start internal"], 600)
	require.Greater(t, got["expiry authority"], want)
}

func TestServiceOf(t *testing.T) {
	t.Parallel()
	for name, uris := range map[string][]string{
		"none": {}, "two": {"spiffe://aqtra/a", "spiffe://aqtra/b"}, "other domain": {"spiffe://other/a"}, "other scheme": {"https://aqtra/a"},
		"deep": {"spiffe://aqtra/a/b"}, "empty": {"spiffe://aqtra/"}, "query": {"spiffe://aqtra/a?b"}, "user": {"spiffe://x@aqtra/a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cert := &x509.Certificate{}
			for _, u := range uris {
				cert.URIs = append(cert.URIs, parse(t, u))
			}
			_, err := certs.ServiceOf(cert)
			require.Error(t, err)
		})
	}
	name, err := certs.ServiceOf(&x509.Certificate{URIs: []*url.URL{parse(t, "spiffe://aqtra/python-runner")}})
	require.NoError(t, err)
	require.Equal(t, "python-runner", name)
}

func parse(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	require.NoError(t, err)
	return u
}

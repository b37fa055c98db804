package e2e_test

import (
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection/grpc_reflection_v1"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

func TestProbesAndDocuments(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u := s.nobody(t)
		for _, path := range []string{"/healthz", "/readyz"} {
			require.Equal(t, 200, u.call(t, "GET", path, nil).Code, path)
		}
		doc := u.call(t, "GET", "/v1/openapi.json", nil).ok()
		require.Regexp(t, `^3\.`, doc["openapi"])
		paths := at(t, doc, "paths").(object)
		require.Greater(t, len(paths), 50)
		for _, path := range []string{"/v1/components/{component}/entries", "/v1/files:upload", "/v1/samples/{sample}:install", "/v1/tasks/{task}:answer"} {
			require.Contains(t, paths, path)
		}
		page := u.call(t, "GET", "/v1/docs", nil)
		require.Equal(t, 200, page.Code)
		require.Contains(t, page.Header.Get("Content-Type"), "text/html")
		require.Contains(t, page.Header.Get("Content-Security-Policy"), "script-src 'self'")
		require.NotContains(t, page.Header.Get("Content-Security-Policy"), "unsafe")
		for _, m := range regexp.MustCompile(`(?:src|href)="(/[^"]+)"`).FindAllStringSubmatch(string(page.Body), -1) {
			require.Equal(t, 200, u.call(t, "GET", m[1], nil).Code, m[1])
		}
		require.NotEmpty(t, page.Header.Get("Strict-Transport-Security"))

		health, err := grpc_health_v1.NewHealthClient(u.GRPC()).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
		require.NoError(t, err)
		require.Equal(t, grpc_health_v1.HealthCheckResponse_SERVING, health.GetStatus())
		stream, err := grpc_reflection_v1.NewServerReflectionClient(u.GRPC()).ServerReflectionInfo(t.Context())
		require.NoError(t, err)
		require.NoError(t, stream.Send(&grpc_reflection_v1.ServerReflectionRequest{
			MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_ListServices{},
		}))
		listed, err := stream.Recv()
		require.NoError(t, err)
		var names []string
		for _, service := range listed.GetListServicesResponse().GetService() {
			names = append(names, service.GetName())
		}
		require.Subset(t, names, []string{"aqtra.storage.v1.Entries", "aqtra.library.v1.Components", "aqtra.samples.v1.Samples"})
		require.NotContains(t, names, "aqtra.storage.v1.Schema", "what services tell each other is not for others")
	})
}

func TestMetricsAreInternal(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		s.signUp(t)
		client := s.InternalHTTP()
		defer client.CloseIdleConnections()
		text := ""
		for name, address := range s.Metrics() {
			for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
				res, err := client.Get("https://" + address + path)
				require.NoError(t, err)
				body, err := io.ReadAll(res.Body)
				require.NoError(t, err)
				require.NoError(t, res.Body.Close())
				require.Equal(t, 200, res.StatusCode, "%s of %s", path, name)
				if path == "/metrics" {
					text += string(body)
				}
			}
		}
		for _, name := range []string{"aqtra_edge_request_seconds_count", "aqtra_rpc_client_seconds_count", "go_goroutines"} {
			require.Contains(t, text, name)
		}
		// Outside this is an address of the web UI, as every other.
		require.NotContains(t, string(s.nobody(t).call(t, "GET", "/metrics", nil).Body), "go_goroutines")
	})
}

func TestTLS(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		dial := func(address string, version uint16, conn net.Conn) error {
			if conn == nil {
				var err error
				conn, err = net.DialTimeout("tcp", address, 5*time.Second)
				require.NoError(t, err)
			}
			defer func() { _ = conn.Close() }() // whatever was said
			require.NoError(t, conn.SetDeadline(time.Now().Add(5*time.Second)))
			// The certificate is not what is looked at here.
			return tls.Client(conn, &tls.Config{
				InsecureSkipVerify: true, MinVersion: tls.VersionTLS12, MaxVersion: version, NextProtos: []string{"h2", "http/1.1"},
			}).Handshake()
		}
		for name, address := range s.Listeners() {
			require.NoError(t, dial(address, tls.VersionTLS13, nil), name)
			require.ErrorContains(t, dial(address, tls.VersionTLS12, nil), "protocol version", name)
			conn, err := net.DialTimeout("tcp", address, 5*time.Second)
			require.NoError(t, err)
			_, err = io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
			require.NoError(t, err)
			require.NoError(t, conn.SetDeadline(time.Now().Add(5*time.Second)))
			plain, _ := io.ReadAll(conn) // a reset is an answer, too
			require.NotContains(t, string(plain), "200 OK", "%s speaks without TLS", name)
			require.NoError(t, conn.Close())
		}
		if s.Mode != stand.Six {
			return
		}
		// A service wants to know who calls: without a certificate nobody gets an answer.
		for _, name := range stand.Services() {
			conn, err := tls.Dial("tcp", s.Listeners()[name], &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13, NextProtos: []string{"h2"}})
			require.NoError(t, err, "in TLS 1.3 the client is done first")
			require.NoError(t, conn.SetDeadline(time.Now().Add(5*time.Second)))
			_, err = conn.Read(make([]byte, 1))
			require.ErrorContains(t, err, "certificate required", name)
			require.NoError(t, conn.Close())
		}
		settings, err := os.ReadFile(filepath.Join(s.Data, "environment"))
		require.NoError(t, err)
		var database string
		for line := range strings.Lines(string(settings)) {
			if v, ok := strings.CutPrefix(strings.TrimSpace(line), "AQTRA_STORAGE_DATABASE_URL="); ok {
				u, err := url.Parse(v)
				require.NoError(t, err)
				database = u.Host
			}
		}
		require.NotEmpty(t, database)
		for version, good := range map[uint16]bool{tls.VersionTLS13: true, tls.VersionTLS12: false} {
			conn, err := net.DialTimeout("tcp", database, 5*time.Second)
			require.NoError(t, err)
			_, err = conn.Write([]byte{0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f}) // SSLRequest
			require.NoError(t, err)
			yes := make([]byte, 1)
			_, err = io.ReadFull(conn, yes)
			require.NoError(t, err)
			require.Equal(t, "S", string(yes))
			require.Equal(t, good, dial("", version, conn) == nil, "Postgres and %s", tls.VersionName(version))
		}
	})
}

func TestCatalogues(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u := s.signUp(t)
		steps := column(t, items(t, u.get(t, "/v1/stepTypes"), "specs"), "type")
		require.Subset(t, steps, []any{"get-action-model", "update-entry", "write-response", "import-file", "execute-script", "lookup-reference"})
		require.NotEmpty(t, items(t, u.get(t, "/v1/taskTypes"), "specs"))
		spec, err := json.Marshal(u.get(t, "/v1/stepTypes"))
		require.NoError(t, err)
		require.Contains(t, string(spec), "PARAM_KIND_MAPPING")
	})
}

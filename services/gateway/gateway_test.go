package gateway_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/pgtest"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/service"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	"github.com/aqtra/aqtra/services/gateway"
	"github.com/aqtra/aqtra/services/gateway/internal/store"
)

// neighbour is another service of the platform, as far as these tests need one.
type neighbour struct {
	libraryv1.UnimplementedReleasesServer
	storagev1.UnimplementedTenantsServer
	storagev1.UnimplementedEntriesServer
	name        string
	provisioned chan string
}

func (n *neighbour) Register(r grpc.ServiceRegistrar) {
	switch n.name {
	case "component-library":
		libraryv1.RegisterReleasesServer(r, n)
	case "storage":
		storagev1.RegisterTenantsServer(r, n)
		storagev1.RegisterEntriesServer(r, n)
	}
}
func (n *neighbour) Ready(context.Context) error { return nil }
func (n *neighbour) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

func (n *neighbour) GetActiveRelease(context.Context, *libraryv1.GetActiveReleaseRequest) (*libraryv1.ActiveRelease, error) {
	return &libraryv1.ActiveRelease{Release: "r1"}, nil
}

func (n *neighbour) ProvisionTenant(_ context.Context, r *storagev1.ProvisionTenantRequest) (*emptypb.Empty, error) {
	n.provisioned <- r.GetTenant()
	return &emptypb.Empty{}, nil
}

func (n *neighbour) GetEntry(ctx context.Context, r *storagev1.GetEntryRequest) (*storagev1.Entry, error) {
	p, _ := principal.From(ctx)
	return &storagev1.Entry{Id: r.GetEntry(), Name: p.Tenant + "/" + p.Release}, nil
}

func TestGatewayWithItsNeighbours(t *testing.T) {
	t.Parallel()
	database := pgtest.Database(t, store.Schema, nil) // the gateway migrates by itself
	authority, err := certs.OpenAuthority(t.TempDir(), clock.Real())
	require.NoError(t, err)
	public, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	admin, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	links := make(chan string, 2)
	units := []service.Unit{gateway.Unit(gateway.WithListener(public), gateway.WithAnnounce(func(url, link string) {
		require.Equal(t, "https://aqtra.example", url)
		links <- link
	}))}
	provisioned := make(chan string, 10)
	for _, name := range service.Names() {
		if name != gateway.Name {
			units = append(units, service.Unit{Name: name, New: func(context.Context, service.Base) (service.Service, error) {
				return &neighbour{name: name, provisioned: provisioned}, nil
			}})
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan error, 1)
	go func() {
		done <- service.Local(ctx, service.Options{
			Log: slog.New(slog.DiscardHandler), Authority: authority, Admin: admin, Lookup: config.Map(map[string]string{
				"AQTRA_GATEWAY_DATABASE_URL": database.URL, "AQTRA_GATEWAY_DATABASE_OWNER_URL": database.OwnerURL,
				"AQTRA_PUBLIC_URL": "https://aqtra.example", "AQTRA_PASSWORD_PEPPER": strings.Repeat("pepper", 6),
			}),
		}, units...)
	}()

	var link string
	select {
	case link = <-links:
	case err := <-done:
		require.NoError(t, err)
	case <-time.After(time.Minute):
		require.Fail(t, "the platform was never announced")
	}
	page, token, ok := strings.Cut(link, "#token=")
	require.True(t, ok)
	require.Equal(t, "https://aqtra.example/setup", page)

	edge, err := authority.Edge()
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{
		RootCAs: edge.Pool(), MinVersion: tls.VersionTLS13, ServerName: "aqtra.example", // the name is in the certificate
	}}}
	defer client.CloseIdleConnections()
	call := func(method, path, body string, header ...string) (int, map[string]any, http.Header) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, "https://"+public.Addr().String()+path, strings.NewReader(body))
		require.NoError(t, err)
		if body != "" {
			req.Header.Set("Content-Type", "application/json")
		}
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		res, err := client.Do(req)
		require.NoError(t, err)
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		var out map[string]any
		require.NoError(t, json.Unmarshal(text, &out), string(text))
		return res.StatusCode, out, res.Header
	}
	setup := `{"token":"` + token + `","tenantName":"Acme","email":"ada@example.org","password":"correct horse battery","displayName":"Ada"}`
	code, out, header := call("POST", "/v1/setup:complete", setup)
	require.Equal(t, 200, code, out)
	require.NotEmpty(t, <-provisioned)
	cookie, err := http.ParseSetCookie(header.Get("Set-Cookie"))
	require.NoError(t, err)
	require.Equal(t, "__Host-aqtra", cookie.Name)
	session := []string{"Cookie", cookie.Name + "=" + cookie.Value}

	code, out, _ = call("GET", "/v1/sessions/current", "", session...)
	require.Equal(t, 200, code, out)
	tenant := out["tenant"].(map[string]any)["id"].(string)
	code, out, _ = call("GET", "/v1/users", "", session...)
	require.Equal(t, 200, code, out)
	require.Len(t, out["users"], 1)
	code, out, _ = call("GET", "/v1/components/invoice/entries/e1", "", session...)
	require.Equal(t, 200, code, out)
	require.Equal(t, tenant+"/r1", out["name"])

	code, out, _ = call("POST", "/v1/apiKeys", `{"displayName":"ci"}`, session...)
	require.Equal(t, 200, code, out)
	bearer := []string{"Authorization", "Bearer " + out["key"].(string)}
	code, out, _ = call("GET", "/v1/components/invoice/entries/e1", "", bearer...)
	require.Equal(t, 200, code, out)
	code, out, _ = call("GET", "/v1/users?pageToken=garbage", "", bearer...)
	require.Equal(t, 400, code, out)

	code, out, _ = call("POST", "/v1/setup:complete", setup)
	require.NotEqual(t, 200, code, out)

	code, out, header = call("DELETE", "/v1/sessions/current", "", session...)
	require.Equal(t, 200, code, out)
	require.Contains(t, header.Get("Set-Cookie"), "Max-Age=0")
	code, out, _ = call("GET", "/v1/users", "", session...)
	require.Equal(t, 401, code, out)

	stop()
	require.NoError(t, <-done)
	require.Empty(t, links, "announced once")
}

func TestConfig(t *testing.T) {
	t.Parallel()
	var cfg gateway.Config
	err := config.Load("AQTRA_GATEWAY", &cfg, config.Map(map[string]string{
		"AQTRA_PUBLIC_CERT_FILE": "x.pem", "AQTRA_GATEWAY_MAX_BODY": "1B", "AQTRA_REDIS_URL": "redis://plain", "AQTRA_PUBLIC_URL": "http://plain",
	}))
	for _, want := range []string{"AQTRA_PUBLIC_KEY_FILE", "MaxBody", "AQTRA_REDIS_URL", "PublicURL", "Pepper", "URL is required"} {
		require.ErrorContains(t, err, want)
	}
}

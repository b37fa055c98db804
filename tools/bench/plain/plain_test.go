package plain_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/pgtest"
	"github.com/aqtra/aqtra/tools/bench/plain"
)

type row struct {
	ID, Name, CreatorSubject string
	Fields                   struct {
		InvoiceNumber json.RawMessage
	}
}

// TestServe starts each server over a filled table and asks both questions.
func TestServe(t *testing.T) {
	t.Parallel()
	database := pgtest.Database(t, "plain", nil).OwnerURL
	db, err := pgx.Connect(t.Context(), database)
	require.NoError(t, err)
	_, err = db.Exec(t.Context(), "SET search_path = plain")
	require.NoError(t, err)
	var ids []string
	for n := range 30 {
		ids = append(ids, fmt.Sprintf("id-%02d", n))
	}
	require.NoError(t, plain.Fill(t.Context(), db, ids))
	require.NoError(t, db.Close(t.Context()))
	numbers := map[string]string{plain.HTTP: `"FILL-0000008"`, plain.GRPC: `{"text": "FILL-0000008"}`}
	for kind, number := range numbers {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			get := serve(t, plain.Config{Kind: kind, Database: database + "&search_path=plain", Certs: t.TempDir()})
			var one row
			require.Equal(t, http.StatusOK, get("/v1/components/invoice/entries/id-07", &one))
			require.Equal(t, "id-07", one.ID)
			require.JSONEq(t, number, string(one.Fields.InvoiceNumber))
			require.NotEmpty(t, one.CreatorSubject)

			require.Equal(t, http.StatusNotFound, get("/v1/components/invoice/entries/id-99", nil))

			var page struct{ Entries []row }
			require.Equal(t, http.StatusOK, get("/v1/components/invoice/entries?pageSize=20", &page))
			require.Len(t, page.Entries, 20)
			require.Equal(t, "id-19", page.Entries[19].ID)
		})
	}
}

func TestServeRefuses(t *testing.T) {
	t.Parallel()
	never := func(string) { t.Error("it serves") }
	err := plain.Serve(t.Context(), plain.Config{Kind: "other", Database: "postgres://localhost/x", Certs: t.TempDir()}, never)
	require.ErrorContains(t, err, "other")
	err = plain.Serve(t.Context(), plain.Config{Kind: plain.HTTP, Database: "postgres://u:secret@host:port/x", Certs: t.TempDir()}, never)
	require.Error(t, err)
	require.NotContains(t, err.Error(), "secret")
}

// serve starts a server and returns a way to ask it, which decodes the answer and returns its status.
func serve(t *testing.T, cfg plain.Config) func(path string, out any) int {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	address, ended := make(chan string, 1), make(chan error, 1)
	go func() { ended <- plain.Serve(ctx, cfg, func(a string) { address <- a }) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
	})
	var url string
	select {
	case a := <-address:
		url = "https://" + a
	case err := <-ended:
		ended <- err
		require.NoError(t, err)
	}
	root, err := os.ReadFile(filepath.Join(cfg.Certs, "ca.crt"))
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(root))
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: pool}, ForceAttemptHTTP2: true,
	}}
	t.Cleanup(client.CloseIdleConnections)
	return func(path string, out any) int {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+path, nil)
		require.NoError(t, err)
		res, err := client.Do(req)
		require.NoError(t, err)
		defer res.Body.Close()
		require.Equal(t, 2, res.ProtoMajor)
		if out != nil {
			require.NoError(t, json.NewDecoder(res.Body).Decode(out))
		}
		return res.StatusCode
	}
}

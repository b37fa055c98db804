// Package e2e_test tests the platform from outside: REST and gRPC over TLS 1.3, nothing else. Every test of the API runs against
// an installation in one process and against one of six. AQTRA_BIN names the folder of the programs.
//
// With AQTRA_E2E_ADDRESS they run against the installation there instead; AQTRA_E2E_NAME is the name in its certificate and
// AQTRA_E2E_CA the file of its authority. Only tests that leave processes alone can be run so.
//
// Tests run one after another, the two modes of a test side by side: so a test may stop a service without spoiling others.
package e2e_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

// site is an installation that tests share, with what came of its first setup.
type site struct {
	*stand.Stand
	setupToken string
	setup      stand.Answer
	document   *document
}

// sites are started when the first test asks for them.
type sites struct {
	folder string
	mu     sync.Mutex
	byMode map[stand.Mode]*opening
}

type opening struct {
	once sync.Once
	site *site
	err  error
}

// all is what the tests of this binary share; TestMain ends it.
var all = &sites{byMode: map[stand.Mode]*opening{}}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "aqtra-e2e-")
	if err == nil {
		err = os.Chmod(folder, 0o755) // Postgres runs as another user and must get in
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	all.folder = folder
	code := m.Run()
	for mode, o := range all.byMode {
		if o.site == nil {
			continue
		}
		if err := o.site.Stop(); err != nil {
			fmt.Fprintf(os.Stderr, "stop %s: %v\n", mode, err)
			code = 1
		}
		faults, err := o.site.Faults()
		if err != nil || len(faults) > 0 {
			fmt.Fprintf(os.Stderr, "the logs of mode %s tell of mistakes: %v\n%s\n", mode, err, strings.Join(faults, "\n"))
			code = 1
		}
	}
	if code != 0 {
		fmt.Fprintf(os.Stderr, "data and logs are kept in %s\n", folder)
		return code
	}
	if err := os.RemoveAll(folder); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// binaries returns the folder of the programs. Without them a test is skipped, and fails where CI is set.
func binaries(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("AQTRA_BIN")
	if folder == "" {
		folder = filepath.Join("..", "..", ".bin")
	}
	for _, name := range append(stand.Services(), "aqtra", "aqtra-launcher") {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("program %s is missing: run make build, or name the folder by AQTRA_BIN", name)
			}
			t.Skipf("program %s is missing: run make build, or name the folder by AQTRA_BIN", name)
		}
	}
	return folder
}

// open returns the installation of a mode, started on first use.
func open(t *testing.T, mode stand.Mode) *site {
	t.Helper()
	if mode == stand.Remote {
		return remote(t)
	}
	folder := binaries(t)
	all.mu.Lock()
	o := all.byMode[mode]
	if o == nil {
		o = &opening{}
		all.byMode[mode] = o
	}
	all.mu.Unlock()
	// Not the context of this test: the installation outlives it.
	o.once.Do(func() { o.site, o.err = start(context.WithoutCancel(t.Context()), folder, all.folder, mode) })
	require.NoError(t, o.err, "start the installation in mode %s", mode)
	return o.site
}

// remote is the installation that the environment names.
func remote(t *testing.T) *site {
	t.Helper()
	st, err := stand.Connect(os.Getenv("AQTRA_E2E_ADDRESS"), os.Getenv("AQTRA_E2E_NAME"), os.Getenv("AQTRA_E2E_CA"))
	require.NoError(t, err)
	s := &site{Stand: st}
	s.document, err = readDocument(t.Context(), s.nobody(t).Client)
	require.NoError(t, err)
	return s
}

func start(ctx context.Context, binaries, folder string, mode stand.Mode) (*site, error) {
	folder = filepath.Join(folder, string(mode))
	if err := os.Mkdir(folder, 0o755); err != nil {
		return nil, err
	}
	st, err := stand.Start(ctx, stand.Config{
		Binaries: binaries, Folder: folder, Mode: mode,
		Settings: []string{
			// Every test makes tenants of its own, all from one address.
			"AQTRA_GATEWAY_IDENTITY_SIGN_UPS=10000", "AQTRA_GATEWAY_IDENTITY_GUESSES=1000",
			"AQTRA_GATEWAY_ADDRESS_RATE=10000", "AQTRA_GATEWAY_ADDRESS_BURST=10000",
			// The work of a process that was killed is soon taken up again.
			"AQTRA_COMPONENT_LIBRARY_PUBLICATION_LEASE=3s", "AQTRA_WORKFLOW_ENGINE_LEASE=3s", "AQTRA_WORKFLOW_ENGINE_POLL=2s",
		},
	})
	if err != nil {
		return nil, err
	}
	s := &site{Stand: st}
	if s.setupToken, err = st.SetupToken(ctx); err != nil {
		return s, err
	}
	nobody, err := st.Client("")
	if err != nil {
		return s, err
	}
	defer nobody.Close()
	if s.document, err = readDocument(ctx, nobody); err != nil {
		return s, err
	}
	s.setup, err = nobody.Do(ctx, "POST", "/v1/setup:complete", object{
		"token": s.setupToken, "tenantName": "Main", "email": "operator@example.com", "password": password, "displayName": "Operator",
		"returnToken": true,
	})
	return s, err
}

// eachMode runs a test in both modes, side by side, or against the installation that runs already.
func eachMode(t *testing.T, test func(t *testing.T, s *site)) {
	modes := []stand.Mode{stand.One, stand.Six}
	if os.Getenv("AQTRA_E2E_ADDRESS") != "" {
		modes = []stand.Mode{stand.Remote}
	}
	for _, mode := range modes {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			test(t, open(t, mode))
		})
	}
}

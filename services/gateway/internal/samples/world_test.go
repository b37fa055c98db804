package samples

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/pgtest"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/pkg/principal"
	samplesv1 "github.com/aqtra/aqtra/proto/gen/aqtra/samples/v1"
	"github.com/aqtra/aqtra/services/gateway/internal/store"
)

// world is a real Postgres and a clock; each tenant in it has a house of its own. Scenarios of one world take turns, because
// a worker claims whatever is there.
type world struct {
	db      *postgres.DB
	clk     *clock.Fake
	tenants int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{clk: clock.NewFake(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))}
	var err error
	w.db, err = postgres.Open(t.Context(), pgtest.Database(t, store.Schema, store.Migrations), postgres.Options{Schema: store.Schema})
	require.NoError(t, err)
	t.Cleanup(w.db.Close)
	return w
}

// house makes a tenant.
func (w *world) house(t *testing.T) *house {
	t.Helper()
	w.tenants++
	tenant := fmt.Sprintf("tenant-%d", w.tenants)
	_, err := w.db.System().Exec(t.Context(), "INSERT INTO gateway.tenants (id, display_name, active, create_time) VALUES ($1, $1, true, $2)", tenant, w.clk.Now())
	require.NoError(t, err)
	return newHouse(t, tenant)
}

// asleep waits until the worker waits for the clock.
func (w *world) asleep(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	require.NoError(t, w.clk.WaitTimers(ctx, 1))
}

// service is one process of the gateway.
func (w *world) service(t *testing.T, h *house) *Service {
	t.Helper()
	s, err := New(Deps{DB: w.db, Peers: h, Clock: w.clk, Log: slog.New(slog.DiscardHandler), Delegate: h.delegate})
	require.NoError(t, err)
	return s
}

func as(ctx context.Context, tenant, subject string, roles ...string) context.Context {
	return principal.With(ctx, principal.Principal{Tenant: tenant, Subject: subject, Kind: principal.KindUser, Roles: roles})
}

func install(t *testing.T, s *Service, h *house, sample string) *samplesv1.Installation {
	t.Helper()
	in, err := s.InstallSample(as(t.Context(), h.tenant, "alice", "admin"), &samplesv1.InstallSampleRequest{Sample: sample})
	require.NoError(t, err)
	return in
}

func get(t *testing.T, s *Service, h *house, sample string) *samplesv1.Installation {
	t.Helper()
	in, err := s.GetInstallation(as(t.Context(), h.tenant, "alice"), &samplesv1.GetInstallationRequest{Sample: sample})
	require.NoError(t, err)
	return in
}

// work lets a service do what is there to do.
func work(t *testing.T, s *Service) {
	t.Helper()
	worked, err := s.next(t.Context())
	require.NoError(t, err)
	require.True(t, worked, "there was nothing to do")
}

func requireDone(t *testing.T, in *samplesv1.Installation) {
	t.Helper()
	require.Equal(t, samplesv1.InstallationState_INSTALLATION_STATE_SUCCEEDED, in.GetState(), in.GetMessage())
	require.EqualValues(t, 100, in.GetProgress())
	require.NotNil(t, in.GetFinishTime())
}

package identity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/pkg/token"
	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
	"github.com/aqtra/aqtra/services/gateway/internal/identity/password"
	"github.com/aqtra/aqtra/services/gateway/internal/store/db"
)

// Metadata that the edge sets on requests. It drops these names when they come from outside.
const (
	// MetadataSession is the id of the session that a request was made with, from SessionInfo.ID; absent for API keys.
	MetadataSession = "aqtra-session"
	// MetadataClientAddress is the address of the client, without the port.
	MetadataClientAddress = "aqtra-client-address"
	// MetadataTransport is TransportGRPC when the call came by gRPC: the token is then always in the body.
	MetadataTransport = "aqtra-transport"
	// TransportGRPC is the value of MetadataTransport.
	TransportGRPC = "grpc"
)

// Headers of answers that the edge acts on.
const (
	// HeaderSessionToken is the token of a session that just began.
	HeaderSessionToken = "aqtra-session-token"
	// HeaderSessionExpires is when it ends at the latest, in RFC 3339.
	HeaderSessionExpires = "aqtra-session-expires"
	// HeaderSessionClear is "true" when the session ended.
	HeaderSessionClear = "aqtra-session-clear"
)

const (
	// sessionTouch is how often the time of a session's last use is written.
	sessionTouch = 5 * time.Minute
	// sweepEvery is how often rows that expired are deleted.
	sweepEvery = time.Hour
	// delegatedLife is how long a delegated token is good for at least: it may have been handed out before, in the first third
	// of its life.
	delegatedLife = token.DefaultLife * 2 / 3
	// provisionTimeout bounds one attempt to make the place of a tenant's data.
	provisionTimeout = 30 * time.Second
)

// Deps are what identity needs.
type Deps struct {
	DB      *postgres.DB
	Clock   clock.Clock
	Log     *slog.Logger
	Metrics prometheus.Registerer
	Minter  *token.Minter
	// Provision makes the place where a tenant's data lives. It may be repeated.
	Provision func(ctx context.Context, tenant string) error
	// Remove removes what all services have of a tenant. It may be repeated.
	Remove func(ctx context.Context, tenant string) error
	Config Config
}

// hasher is what *password.Hasher does for identity.
type hasher interface {
	Hash(ctx context.Context, text string) (string, error)
	Verify(ctx context.Context, stored, text string) (ok, stale bool, err error)
}

// Service is identity. It is safe for concurrent use.
type Service struct {
	identityv1.UnimplementedAccountsServer
	identityv1.UnimplementedUsersServer
	identityv1.UnimplementedDelegationServer
	identityv1.UnimplementedTenantsServer

	db        *postgres.DB
	system    *db.Queries
	clk       clock.Clock
	log       *slog.Logger
	minter    *token.Minter
	provision func(ctx context.Context, tenant string) error
	remove    func(ctx context.Context, tenant string) error
	cfg       Config
	hasher    hasher
	auth      *batcher
	setup     setupLink
	// unfinished wakes Run when a tenant could not be provisioned, ended when one was ended.
	unfinished, ended chan struct{}
}

// New wires the service; it starts nothing.
func New(d Deps) (*Service, error) {
	switch {
	case d.DB == nil, d.Clock == nil, d.Log == nil, d.Metrics == nil, d.Minter == nil, d.Provision == nil, d.Remove == nil:
		return nil, errors.New("identity: every dependency is required")
	}
	if err := d.Config.Validate(); err != nil {
		return nil, fmt.Errorf("identity configuration: %w", err)
	}
	hashes := d.Config.Hashes
	if hashes == 0 {
		hashes = runtime.GOMAXPROCS(0)
	}
	s := &Service{
		db: d.DB, system: db.New(d.DB.System()), clk: d.Clock, log: d.Log, minter: d.Minter, provision: d.Provision,
		remove: d.Remove, cfg: d.Config,
		hasher: password.NewHasher([]byte(d.Config.Pepper), hashes, d.Config.HashQueue), unfinished: make(chan struct{}, 1),
		ended: make(chan struct{}, 1),
	}
	var err error
	s.auth, err = newBatcher(s.system, d.Clock, d.Log, d.Metrics)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	return s, nil
}

// Register adds Accounts, Users, Tenants and Delegation to r.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	identityv1.RegisterAccountsServer(r, s)
	identityv1.RegisterUsersServer(r, s)
	identityv1.RegisterTenantsServer(r, s)
	identityv1.RegisterDelegationServer(r, s)
}

// Run makes the first administrator if the configuration names one, finishes tenants whose making was interrupted, removes those
// that were ended, and deletes what has expired, once an hour, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	defer s.auth.wait()
	retry := time.Second
	for {
		wait := sweepEvery
		next, err := s.removeTenants(ctx)
		if next > 0 {
			wait = next
		}
		if err := errors.Join(err, s.housekeep(ctx)); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			s.log.WarnContext(ctx, "identity housekeeping is tried again", "error", err, "after", retry)
			wait, retry = retry, min(2*retry, time.Minute)
		} else {
			retry = time.Second
		}
		timer := s.clk.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C():
		case <-s.unfinished:
			timer.Stop()
		case <-s.ended:
			timer.Stop()
		}
	}
}

package identity

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/pkg/principal"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/gateway/internal/store/db"
)

const (
	sessionPrefix = "aqs_"
	keyPrefix     = "aqk_"
	// maxCredential is longer than any that we make.
	maxCredential = 200
	// batchSize is the most credentials that one query resolves.
	batchSize = 256
	// maxWaiting is the most that may wait for the next query.
	maxWaiting = 4096
	// batchTimeout bounds one query, during which all others wait.
	batchTimeout = 3 * time.Second
)

// SessionInfo is what the edge needs to know about a credential besides the principal.
type SessionInfo struct {
	// ID is the session's id, to be passed on in MetadataSession; empty for an API key. It is no secret and no credential.
	ID string
	// ExpireTime is when the credential ends unless it is used; far in the future for a key without end.
	ExpireTime time.Time
}

// Authenticate returns who presents a credential, a session's token or an API key, by the present state of the database. The
// principal has no release; the edge adds it. Faults: UNAUTHENTICATED for a credential that does not exist or no longer,
// SESSION_EXPIRED, USER_DISABLED, and SERVICE_UNAVAILABLE while Postgres is away.
func (s *Service) Authenticate(ctx context.Context, credential string) (principal.Principal, SessionInfo, error) {
	isKey := strings.HasPrefix(credential, keyPrefix)
	if len(credential) > maxCredential || !isKey && !strings.HasPrefix(credential, sessionPrefix) {
		return principal.Principal{}, SessionInfo{}, errUnauthenticated()
	}
	l := &lookup{hash: sha256.Sum256([]byte(credential)), key: isKey, done: make(chan struct{})}
	if err := s.auth.resolve(ctx, l); err != nil {
		return principal.Principal{}, SessionInfo{}, err
	}
	return s.judge(l.row)
}

// judge decides on a credential by its row; nil means that there is none.
func (s *Service) judge(row *db.ResolveCredentialsRow) (principal.Principal, SessionInfo, error) {
	none := func(err error) (principal.Principal, SessionInfo, error) {
		return principal.Principal{}, SessionInfo{}, err
	}
	if row == nil {
		return none(errUnauthenticated())
	}
	end := row.ExpireTime
	if idle := row.SeenTime.Add(s.cfg.SessionIdle); row.Session != "" && idle.Before(end) {
		end = idle
	}
	switch {
	case !s.clk.Now().Before(end):
		return none(fault.Unauthenticated(faultv1.Reason_REASON_SESSION_EXPIRED, "the session or key has expired"))
	case row.Disabled:
		return none(fault.Unauthenticated(faultv1.Reason_REASON_USER_DISABLED, "the user is disabled"))
	case !row.Active:
		return none(fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, "the tenant is being made", fault.Retry(time.Second)))
	}
	grants, err := decodeGrantSet(row.Grants)
	if err != nil {
		return none(err)
	}
	p := principal.Principal{
		Tenant: row.TenantID, Subject: row.UserID, Kind: principal.KindUser, DisplayName: row.DisplayName, Email: row.Email,
		Roles: row.Roles, Epoch: row.Epoch, Operator: row.Operator,
	}
	if row.Session == "" {
		p.Kind, p.Operator = principal.KindKey, false
		if row.Limited {
			p.Roles = slices.DeleteFunc(p.Roles, func(r string) bool { return !slices.Contains(row.KeyRoles, r) })
		}
	}
	p.Grants = grants.resolve(p.Roles)
	return p, SessionInfo{ID: row.Session, ExpireTime: end}, nil
}

func errUnauthenticated() error {
	return fault.Unauthenticated(faultv1.Reason_REASON_UNAUTHENTICATED, "sign in first")
}

// lookup is one credential that waits for its row.
type lookup struct {
	hash [sha256.Size]byte
	key  bool
	done chan struct{} // closed when row and err are set
	row  *db.ResolveCredentialsRow
	err  error
}

// batcher answers look-ups, all that wait with one query. A query starts after the look-ups that it answers arrived, so each
// sees every change that was committed before it. Work happens in a goroutine that lives as long as somebody waits.
type batcher struct {
	queries *db.Queries
	clk     clock.Clock
	log     *slog.Logger
	sizes   prometheus.Histogram

	mu      sync.Mutex
	waiting []*lookup
	running bool
	wg      sync.WaitGroup
}

func newBatcher(q *db.Queries, clk clock.Clock, log *slog.Logger, reg prometheus.Registerer) (*batcher, error) {
	sizes := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "aqtra_identity_batch_size", Help: "Credentials resolved by one query.",
		Buckets: []float64{1, 2, 4, 8, 16, 32, 64, 128, 256},
	})
	if err := reg.Register(sizes); err != nil {
		return nil, fmt.Errorf("register metrics: %w", err)
	}
	return &batcher{queries: q, clk: clk, log: log, sizes: sizes}, nil
}

// resolve fills l.
func (b *batcher) resolve(ctx context.Context, l *lookup) error {
	b.mu.Lock()
	if len(b.waiting) >= maxWaiting {
		b.mu.Unlock()
		return fault.Unavailable(faultv1.Reason_REASON_OVERLOADED, "too many requests at once", fault.Retry(time.Second))
	}
	b.waiting = append(b.waiting, l)
	if !b.running {
		b.running = true
		// The work is everybody's: it must not end with the context of whoever came first.
		b.wg.Go(func() { b.work(context.WithoutCancel(ctx)) })
	}
	b.mu.Unlock()
	select {
	case <-l.done:
		return l.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (b *batcher) work(ctx context.Context) {
	for {
		b.mu.Lock()
		n := min(len(b.waiting), batchSize)
		batch := b.waiting[:n:n]
		if b.waiting = b.waiting[n:]; len(b.waiting) == 0 {
			b.waiting = nil
		}
		b.running = n > 0
		b.mu.Unlock()
		if n == 0 {
			return
		}
		b.answer(ctx, batch)
	}
}

func (b *batcher) answer(ctx context.Context, batch []*lookup) {
	ctx, cancel := context.WithTimeout(ctx, batchTimeout)
	defer cancel()
	b.sizes.Observe(float64(len(batch)))
	var params db.ResolveCredentialsParams
	found := make(map[[sha256.Size]byte]*db.ResolveCredentialsRow, len(batch))
	for _, l := range batch {
		if _, twice := found[l.hash]; twice {
			continue
		}
		found[l.hash] = nil
		if l.key {
			params.KeyHashes = append(params.KeyHashes, l.hash[:])
		} else {
			params.SessionHashes = append(params.SessionHashes, l.hash[:])
		}
	}
	rows, err := b.queries.ResolveCredentials(ctx, params)
	if err != nil {
		err = unavailable(err)
	}
	for i := range rows {
		found[[sha256.Size]byte(rows[i].Hash)] = &rows[i]
	}
	for _, l := range batch {
		l.err = err
		if row := found[l.hash]; row != nil {
			own := *row // look-ups of the same credential share nothing that could be changed
			own.Roles = slices.Clone(row.Roles)
			l.row = &own
		}
		close(l.done)
	}
	b.touchSessions(ctx, rows)
}

// touchSessions notes that sessions are in use, for those whose note is older than sessionTouch.
func (b *batcher) touchSessions(ctx context.Context, rows []db.ResolveCredentialsRow) {
	now := b.clk.Now()
	var hashes [][]byte
	for _, row := range rows {
		if row.Session != "" && now.Sub(row.SeenTime) >= sessionTouch {
			hashes = append(hashes, row.Hash)
		}
	}
	if len(hashes) == 0 {
		return
	}
	if err := b.queries.TouchSessions(ctx, db.TouchSessionsParams{Now: now, Hashes: hashes}); err != nil {
		b.log.WarnContext(ctx, "use of sessions is not noted", "error", err, "sessions", len(hashes))
	}
}

// wait returns when nobody waits any more.
func (b *batcher) wait() { b.wg.Wait() }

// unavailable turns a lost database into a fault that tells to try again.
func unavailable(err error) error {
	if postgres.IsUnavailable(err) || errors.Is(err, context.DeadlineExceeded) {
		return fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, "the database is not available",
			fault.Cause(err), fault.Meta("service", "gateway"), fault.Retry(time.Second))
	}
	return err
}

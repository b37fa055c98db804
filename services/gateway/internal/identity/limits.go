package identity

import (
	"bytes"
	"context"
	"crypto/sha256"
	"net/netip"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/gateway/internal/store/db"
)

// limit is how often one thing may happen within a window that slides. The count lies in Postgres, so that it holds over
// replicas and restarts.
type limit struct {
	key    []byte
	most   int
	window time.Duration
}

func limitKey(kind, what string) []byte {
	sum := sha256.Sum256([]byte(kind + "\x00" + what))
	return sum[:]
}

// guesses limits failures for one account and for the address that they come from.
func (s *Service) guesses(ctx context.Context, email string) []limit {
	out := []limit{{limitKey("account", email), s.cfg.Guesses, s.cfg.GuessWindow}}
	if address := clientNetwork(ctx); address != "" {
		out = append(out, limit{limitKey("address", address), s.cfg.Guesses, s.cfg.GuessWindow})
	}
	return out
}

// clientNetwork is the client's address; of IPv6 the half that a client cannot choose.
func clientNetwork(ctx context.Context) string {
	text := metadataValue(ctx, MetadataClientAddress)
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return text
	}
	if addr = addr.Unmap().WithZone(""); addr.Is4() {
		return addr.String()
	}
	prefix, err := addr.Prefix(64)
	if err != nil {
		return text
	}
	return prefix.String()
}

// refuse returns a RATE_LIMITED fault if a limit is reached. It saves the work of an attempt that settle would refuse.
func (s *Service) refuse(ctx context.Context, limits []limit) error {
	keys := make([][]byte, len(limits))
	for i, l := range limits {
		keys[i] = l.key
	}
	rows, err := s.system.Attempts(ctx, keys)
	if err != nil {
		return wrap("read attempts", err)
	}
	for _, row := range rows {
		for _, l := range limits {
			if !bytes.Equal(l.key, row.Key) {
				continue
			}
			if _, err := l.recent(row.Times, s.clk.Now()); err != nil {
				return err
			}
		}
	}
	return nil
}

// settle decides on an attempt whose outcome is known but not told yet: RATE_LIMITED, whatever the outcome, if a limit was
// reached in the meantime; otherwise a failure is counted. Attempts for one key pass here one after the other, so however many
// are made at once, no more than the limit learn anything, and successes cost nothing.
func (s *Service) settle(ctx context.Context, limits []limit, failed bool) error {
	return wrap("count attempt", s.db.SystemTx(ctx, func(tx pgx.Tx) error {
		q, now := db.New(tx), s.clk.Now()
		for _, l := range limits {
			times, err := q.LockAttempts(ctx, db.LockAttemptsParams{Key: l.key, ExpireTime: now.Add(l.window)})
			if err != nil {
				return err
			}
			recent, err := l.recent(times, now)
			if err != nil {
				return err
			}
			if !failed {
				continue
			}
			if err := q.SetAttempts(ctx, db.SetAttemptsParams{Times: append(recent, now), Key: l.key}); err != nil {
				return err
			}
		}
		return nil
	}))
}

// recent returns the times within the window, or a RATE_LIMITED fault if there are as many as may be.
func (l limit) recent(times []time.Time, now time.Time) ([]time.Time, error) {
	recent := slices.DeleteFunc(slices.Clone(times), func(t time.Time) bool { return now.Sub(t) >= l.window })
	if len(recent) >= l.most {
		return nil, fault.Exhausted(faultv1.Reason_REASON_RATE_LIMITED, "too many attempts; try again later",
			fault.Retry(recent[0].Add(l.window).Sub(now)))
	}
	return recent, nil
}

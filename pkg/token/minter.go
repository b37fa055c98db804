package token

import (
	"fmt"
	"sync"
	"time"

	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/principal"
)

// cacheSize bounds what minters and verifiers remember, in entries per generation.
const cacheSize = 4096

// Signers gives the present signing key; certs.Source does.
type Signers interface {
	Signer() certs.Signer
}

// Minter signs tokens. One that it made is handed out again for a third of its life, so that a busy caller costs one signature
// in ten seconds.
type Minter struct {
	signers Signers
	clk     clock.Clock
	life    time.Duration

	mu    sync.Mutex
	cache cache[minted]
}

type minted struct {
	token  []byte
	issued time.Time
}

// NewMinter returns a minter of tokens that are valid for life; zero means DefaultLife.
func NewMinter(signers Signers, clk clock.Clock, life time.Duration) *Minter {
	if life <= 0 || life > MaxLife {
		life = DefaultLife
	}
	return &Minter{signers: signers, clk: clk, life: life, cache: newCache[minted](cacheSize)}
}

// Mint returns a token for p that the named services accept. Callers must not change its bytes. A principal that makes a token
// larger than MaxSize is an error.
func (m *Minter) Mint(p principal.Principal, audience ...string) ([]byte, error) {
	identity := encodeIdentity(p, audience)
	key := string(identity)
	// Milliseconds, as on the wire, and without the monotonic clock, which a suspended machine stops.
	now := m.clk.Now().Truncate(time.Millisecond).Round(0)
	if t, ok := m.cached(key); ok && !now.Before(t.issued) && now.Sub(t.issued) < m.life/3 {
		return t.token, nil
	}
	payload := encodeTimes(identity, now, now.Add(m.life))
	signer := m.signers.Signer()
	sig, err := sign(signer, payload)
	if err != nil {
		return nil, err
	}
	tok := envelope{payload, signer.Certificate, sig}.encode()
	if len(tok) > MaxSize {
		return nil, fmt.Errorf("mint token: %w", errTooLarge)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cache.put(key, minted{tok, now})
	return tok, nil
}

func (m *Minter) cached(key string) (minted, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.cache.get(key)
}

// cache keeps the entries of two generations; when the young one is full, the old one is dropped. That bounds it without a
// list to maintain on every read.
type cache[V any] struct {
	limit      int
	young, old map[string]V
}

func newCache[V any](limit int) cache[V] { return cache[V]{limit: limit, young: make(map[string]V)} }

func (c *cache[V]) get(key string) (V, bool) {
	if v, ok := c.young[key]; ok {
		return v, true
	}
	v, ok := c.old[key]
	return v, ok
}

func (c *cache[V]) put(key string, v V) {
	if len(c.young) >= c.limit {
		c.young, c.old = make(map[string]V), c.young
	}
	c.young[key] = v
}

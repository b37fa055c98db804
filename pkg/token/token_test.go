package token_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"math/big"
	mrand "math/rand/v2"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/token"
)

type bundle struct {
	clk  *clock.Fake
	auth *certs.Authority
	mint *token.Minter
}

func setup(t testing.TB) bundle {
	t.Helper()
	clk := clock.NewFake(time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC))
	auth, err := certs.OpenAuthority(t.TempDir(), clk)
	require.NoError(t, err)
	return bundle{clk: clk, auth: auth, mint: token.NewMinter(signer(t, auth, "gateway"), clk, 0)}
}

func signer(t testing.TB, a *certs.Authority, service string) *certs.Source {
	t.Helper()
	s, err := a.Source(service)
	require.NoError(t, err)
	return s
}

func (b bundle) verifier(t testing.TB, service string) *token.Verifier {
	t.Helper()
	return token.NewVerifier(service, signer(t, b.auth, service).Pool, b.clk)
}

func alice() principal.Principal {
	return principal.Principal{
		Tenant: "t1", Subject: "u1", Kind: principal.KindUser, DisplayName: "Älice", Email: "alice@example.test",
		Roles: []string{"editor", "viewer"}, Release: "r7", Epoch: 42, Operator: true,
		Grants: []principal.Grant{{Permission: "entries.*"}, {Permission: "pages.read", Component: "invoice"}},
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, p := range map[string]principal.Principal{"full": alice(), "empty": {}, "negative epoch": {Epoch: -1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tok, err := b.mint.Mint(p, "storage", "dataflow")
			require.NoError(t, err)
			for _, service := range []string{"storage", "dataflow"} {
				got, err := b.verifier(t, service).Verify(tok)
				require.NoError(t, err)
				require.Equal(t, token.Claims{
					Principal: p, Audience: []string{"storage", "dataflow"}, IssuedAt: b.clk.Now(), ExpiresAt: b.clk.Now().Add(token.DefaultLife),
				}, got)
			}
			_, err = b.verifier(t, "workflow").Verify(tok)
			require.EqualError(t, err, "token is for another service")
		})
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	v := b.verifier(t, "storage")
	tok, err := b.mint.Mint(alice(), "storage")
	require.NoError(t, err)
	b.clk.Advance(token.DefaultLife - time.Millisecond)
	_, err = v.Verify(tok)
	require.NoError(t, err)
	b.clk.Advance(time.Millisecond)
	_, err = v.Verify(tok)
	require.EqualError(t, err, "token has expired", "also when it is in the cache")
	_, err = b.verifier(t, "storage").Verify(tok)
	require.EqualError(t, err, "token has expired")

	b.clk.Advance(time.Hour)
	tok, err = b.mint.Mint(alice(), "storage")
	require.NoError(t, err)
	b.clk.Advance(-token.Skew)
	_, err = v.Verify(tok)
	require.NoError(t, err)
	b.clk.Advance(-time.Millisecond)
	_, err = v.Verify(tok)
	require.EqualError(t, err, "token is not valid yet")
}

func TestLifeIsBounded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, life := range []time.Duration{0, -time.Second, token.MaxLife + 1} {
		tok, err := token.NewMinter(signer(t, b.auth, "gateway"), b.clk, life).Mint(alice(), "storage")
		require.NoError(t, err)
		c, err := b.verifier(t, "storage").Verify(tok)
		require.NoError(t, err)
		require.Equal(t, token.DefaultLife, c.ExpiresAt.Sub(c.IssuedAt))
	}
}

func TestOtherSignersAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	v := b.verifier(t, "storage")
	stranger, err := certs.OpenAuthority(t.TempDir(), b.clk)
	require.NoError(t, err)
	edge, err := b.auth.Edge()
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		signer token.Signers
		want   string
	}{
		"another service":          {signer(t, b.auth, "workflow"), `token is signed by "workflow", who may not`},
		"the receiver itself":      {signer(t, b.auth, "storage"), "who may not"},
		"gateway of another house": {signer(t, stranger, "gateway"), "verify signer of the token"},
		"the public certificate":   {edge, "verify signer of the token"},
		"key without certificate": {pair{signer(t, stranger, "gateway").Signer().Key, signer(t, b.auth, "gateway").Signer().Certificate},
			"token has a wrong signature"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tok, err := token.NewMinter(tc.signer, b.clk, 0).Mint(alice(), "storage")
			require.NoError(t, err)
			_, err = v.Verify(tok)
			require.ErrorContains(t, err, tc.want)
		})
	}
}

func TestExpiredSignerIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	frozen := signer(t, b.auth, "gateway").Signer()
	b.clk.Advance(certs.LeafLife + time.Second)
	tok, err := token.NewMinter(pair{frozen.Key, frozen.Certificate}, b.clk, 0).Mint(alice(), "storage")
	require.NoError(t, err)
	_, err = b.verifier(t, "storage").Verify(tok)
	require.ErrorContains(t, err, "verify signer of the token")
}

type pair struct {
	key  crypto.Signer
	cert []byte
}

func (p pair) Signer() certs.Signer { return certs.Signer{Key: p.key, Certificate: p.cert} }

// A certificate as cert-manager makes it: P-256, signed by an authority of its own.
func TestP256(t *testing.T) {
	t.Parallel()
	b := setup(t)
	roots, gateway := p256(t, b.clk.Now())
	tok, err := token.NewMinter(gateway, b.clk, 0).Mint(alice(), "storage")
	require.NoError(t, err)
	v := token.NewVerifier("storage", func() *x509.CertPool { return roots }, b.clk)
	c, err := v.Verify(tok)
	require.NoError(t, err)
	require.Equal(t, alice(), c.Principal)
	flips(t, v, tok)
}

func p256(t *testing.T, now time.Time) (*x509.CertPool, pair) {
	t.Helper()
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now, NotAfter: now.Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	require.NoError(t, err)
	ca, err = x509.ParseCertificate(caDER)
	require.NoError(t, err)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: now, NotAfter: now.Add(time.Hour), URIs: []*url.URL{{Scheme: "spiffe", Host: "aqtra", Path: "/gateway"}},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, ca, key.Public(), caKey)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	return pool, pair{key, der}
}

func TestEveryFlippedBitIsSeen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	tok, err := b.mint.Mint(alice(), "storage")
	require.NoError(t, err)
	v := b.verifier(t, "storage")
	_, err = v.Verify(tok)
	require.NoError(t, err)
	flips(t, v, tok)
}

// flips tries 1,000 random bits of the token, and every prefix of it.
func flips(t *testing.T, v *token.Verifier, tok []byte) {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	rnd := mrand.New(mrand.NewPCG(seed, seed))
	for range 1000 {
		bit := rnd.IntN(len(tok) * 8)
		bad := bytes.Clone(tok)
		bad[bit/8] ^= 1 << (bit % 8)
		_, err := v.Verify(bad)
		require.Error(t, err, "seed %d, bit %d", seed, bit)
	}
	for n := range tok {
		_, err := v.Verify(tok[:n])
		require.Error(t, err, "prefix of %d bytes", n)
	}
	_, err := v.Verify(append(bytes.Clone(tok), 0))
	require.Error(t, err)
}

func TestSizeIsBounded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := alice()
	p.DisplayName = strings.Repeat("x", token.MaxSize)
	_, err := b.mint.Mint(p, "storage")
	require.ErrorContains(t, err, "larger than 16384 bytes")
	_, err = b.verifier(t, "storage").Verify(make([]byte, token.MaxSize+1))
	require.ErrorContains(t, err, "larger than 16384 bytes")
}

func TestMinterRepeatsItselfForAThirdOfTheLife(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, err := b.mint.Mint(alice(), "storage")
	require.NoError(t, err)
	b.clk.Advance(10*time.Second - time.Millisecond)
	again, err := b.mint.Mint(alice(), "storage")
	require.NoError(t, err)
	require.Equal(t, first, again)
	b.clk.Advance(time.Millisecond)
	fresh, err := b.mint.Mint(alice(), "storage")
	require.NoError(t, err)
	require.NotEqual(t, first, fresh)

	// Whatever differs in the principal or the audience makes another token, at once.
	bob := alice()
	bob.Epoch++
	other, err := b.mint.Mint(bob, "storage")
	require.NoError(t, err)
	require.NotEqual(t, fresh, other)
	wider, err := b.mint.Mint(alice(), "storage", "dataflow")
	require.NoError(t, err)
	require.NotEqual(t, fresh, wider)
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	v := b.verifier(t, "storage")
	var wg sync.WaitGroup
	errs := make(chan error, 2)
	for range 2 {
		wg.Go(func() {
			for i := range 300 {
				p := principal.Principal{Tenant: "t", Epoch: int64(i)}
				tok, err := b.mint.Mint(p, "storage")
				if err == nil {
					var c token.Claims
					if c, err = v.Verify(tok); err == nil && c.Principal.Epoch != int64(i) {
						err = errors.New("claims of another principal")
					}
				}
				if err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	require.Empty(t, errs)
}

func FuzzVerify(f *testing.F) {
	b := setup(f)
	v := b.verifier(f, "storage")
	tok, err := b.mint.Mint(alice(), "storage")
	require.NoError(f, err)
	f.Add(tok)
	f.Add([]byte{1, 10, 0, 18, 0, 26, 0})
	f.Fuzz(func(t *testing.T, in []byte) {
		if _, err := v.Verify(in); err == nil {
			require.Equal(t, tok, in, "only what was minted is accepted")
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	s := setup(b)
	v := s.verifier(b, "storage")
	tok, err := s.mint.Mint(alice(), "storage")
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(tok); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMintCached(b *testing.B) {
	s := setup(b)
	p := alice()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.mint.Mint(p, "storage"); err != nil {
			b.Fatal(err)
		}
	}
}

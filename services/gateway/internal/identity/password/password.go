// Package password keeps passwords: argon2id over an HMAC with a secret pepper, so that a stolen database alone cannot be
// guessed at.
package password

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

const (
	// MinLength and MaxLength bound a password, in characters.
	MinLength = 10
	MaxLength = 200

	saltSize = 16
	keySize  = 32
	// quiet is how long no password is hashed before memory is given back.
	quiet = 5 * time.Second
	// maxMemory bounds what a stored hash may ask for, in KiB.
	maxMemory = 1 << 20
)

// common holds widespread passwords of at least MinLength characters, one a line.
//
//go:embed common.txt
var common string

// params are the costs of argon2id; memory is in KiB.
type params struct {
	memory, time uint32
	threads      uint8
}

// current are the costs of new hashes: about 50 ms on one core.
func current() params { return params{memory: 46 << 10, time: 1, threads: 1} }

// keyFunc is argon2.IDKey, or a test's that looks on.
type keyFunc func(password, salt []byte, time, memory uint32, threads uint8, keyLen uint32) []byte

// Hasher hashes and compares passwords, a bounded number at once: each takes a core and 46 MiB. It is safe for concurrent use.
type Hasher struct {
	pepper []byte
	params params
	key    keyFunc
	slots  chan struct{}
	queue  chan struct{}
	// decoy is the hash of nothing; it is compared with when there is no user, so that the answer takes as long.
	decoy string
	// trim gives back the memory of a burst of hashes once it is over. Left to itself the collector keeps twice of it for minutes.
	trim *time.Timer
}

// Option changes a hasher.
type Option func(*Hasher)

// Memory sets what a new hash costs, in KiB. Less than the default is for tests that need many.
func Memory(kib uint32) Option { return func(h *Hasher) { h.params.memory = kib } }

// NewHasher returns a hasher that works on at most parallel passwords and lets at most queue more wait.
func NewHasher(pepper []byte, parallel, queue int, opts ...Option) *Hasher {
	h := &Hasher{
		pepper: pepper, params: current(), key: argon2.IDKey,
		slots: make(chan struct{}, parallel), queue: make(chan struct{}, parallel+queue),
		trim: time.AfterFunc(quiet, debug.FreeOSMemory),
	}
	for _, o := range opts {
		o(h)
	}
	salt, key := make([]byte, saltSize), make([]byte, keySize)
	_, _ = rand.Read(salt) // never fails
	_, _ = rand.Read(key)
	h.decoy = encode(h.params, salt, key)
	return h
}

// Check returns a fault unless text may become a password; field names it. Parts of the person's identity are refused too.
func Check(field, text, email string) error {
	n := utf8.RuneCountInString(text)
	switch {
	case !utf8.ValidString(text):
		return weak(field, "must be valid UTF-8")
	case n < MinLength:
		return weak(field, fmt.Sprintf("must have at least %d characters", MinLength))
	case n > MaxLength:
		return weak(field, fmt.Sprintf("must have at most %d characters", MaxLength))
	case strings.EqualFold(text, email):
		return weak(field, "must not be the e-mail address")
	case isCommon(text):
		return weak(field, "is among the most common passwords")
	}
	return nil
}

func weak(field, description string) error {
	return fault.Invalid(faultv1.Reason_REASON_WEAK_PASSWORD, "the password "+description, fault.Field(field, description))
}

func isCommon(text string) bool {
	text = strings.ToLower(text)
	if strings.Count(text, text[:1]) == len(text) { // one character again and again
		return true
	}
	for line := range strings.SplitSeq(common, "\n") {
		if line == text {
			return true
		}
	}
	return false
}

// Hash returns what to store for a password. It is a fault when too many wait already, or ctx ends.
func (h *Hasher) Hash(ctx context.Context, text string) (string, error) {
	release, err := h.acquire(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails
	return encode(h.params, salt, h.derive(h.params, salt, text)), nil
}

// Verify reports whether text is the password that stored was made of, and whether it should be hashed anew because the costs
// changed. An empty stored, for a user that does not exist, takes as long as any and is never right.
func (h *Hasher) Verify(ctx context.Context, stored, text string) (ok, stale bool, err error) {
	missing := stored == ""
	if missing {
		stored = h.decoy
	}
	p, salt, want, err := decode(stored)
	if err != nil {
		return false, false, err
	}
	if utf8.RuneCountInString(text) > MaxLength {
		text = "" // nobody has such a password; it only must take as long
	}
	release, err := h.acquire(ctx)
	if err != nil {
		return false, false, err
	}
	defer release()
	ok = subtle.ConstantTimeCompare(h.derive(p, salt, text), want) == 1 && !missing
	return ok, ok && p != h.params, nil
}

func (h *Hasher) acquire(ctx context.Context) (release func(), err error) {
	select {
	case h.queue <- struct{}{}:
	default:
		return nil, fault.Unavailable(faultv1.Reason_REASON_OVERLOADED, "too many sign-ins at once", fault.Retry(2*time.Second))
	}
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots; <-h.queue; h.trim.Reset(quiet) }, nil
	case <-ctx.Done():
		<-h.queue
		return nil, ctx.Err()
	}
}

func (h *Hasher) derive(p params, salt []byte, text string) []byte {
	mac := hmac.New(sha256.New, h.pepper)
	mac.Write([]byte(text))
	return h.key(mac.Sum(nil), salt, p.time, p.memory, p.threads, keySize)
}

// encode writes the usual text form, so that the costs of each hash are known when they change.
func encode(p params, salt, key []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, p.memory, p.time, p.threads, b64.EncodeToString(salt), b64.EncodeToString(key))
}

var errHash = errors.New("stored password hash is malformed")

func decode(stored string) (p params, salt, key []byte, err error) {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return params{}, nil, nil, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.threads); err != nil {
		return params{}, nil, nil, errHash
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	key, keyErr := base64.RawStdEncoding.DecodeString(parts[5])
	if err := errors.Join(saltErr, keyErr); err != nil {
		return params{}, nil, nil, errHash
	}
	if p.memory == 0 || p.memory > maxMemory || p.time == 0 || p.time > 16 || p.threads == 0 || len(salt) < 8 || len(key) != keySize {
		return params{}, nil, nil, errHash
	}
	return p, salt, key, nil
}

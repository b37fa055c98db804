package torture_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/tools/e2e/stand"
	"github.com/aqtra/aqtra/tools/torture/check"
)

var (
	length = flag.Duration("torture.time", time.Minute, "how long the load goes on")
	rate   = flag.Int("torture.rate", 10, "runs started a second")
	seeded = flag.Uint64("torture.seed", 0, "seed of the load and of the kills; 0 takes another one each time")
)

// idle is how long no run may end before those that are left count as stuck. A lease lasts 2 s, and a call that found nobody is
// tried again after 30 s at most.
const idle = 45 * time.Second

func TestTorture(t *testing.T) {
	h, seed := torture(t, binaries(t), nil, *length, idle)
	for i, v := range check.Check(h) {
		if i == 20 {
			t.Error("and more")
			break
		}
		t.Errorf("%s (seed %d)", v, seed)
	}
	t.Logf("%d runs, %d effects, seed %d", len(h.Runs), len(h.Effects), seed)
}

// torture loads an installation, disturbs it in all ways or only in some, and returns what was seen.
func torture(t *testing.T, binaries string, only []string, length, idle time.Duration) (*check.History, uint64) {
	t.Helper()
	seed := *seeded
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed %d", seed)
	s, r := newSite(t, binaries), newReceiver(t)
	l, c := newLoad(s, r.url), &chaos{s: s, t: t, count: map[string]int{}}
	loading, stop := context.WithTimeout(t.Context(), length)
	defer stop()
	giveUp, cancel := context.WithTimeout(t.Context(), length+2*time.Minute)
	defer cancel()
	var others sync.WaitGroup
	others.Go(func() { l.people(giveUp) })
	disturbed := make(chan struct{})
	go func() { defer close(disturbed); c.run(loading, seed, only) }()
	l.run(giveUp, loading, seed, *rate)
	<-disturbed
	l.clients.Wait()
	require.NoError(t, giveUp.Err(), "some requests were never answered")
	l.drain(giveUp, t, idle)
	cancel()
	others.Wait()
	return l.history(t.Context(), t, r, c.done(t)), seed
}

// binaries returns the folder of the programs. Without them a test is skipped, and fails where CI is set.
func binaries(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("AQTRA_BIN")
	if folder == "" {
		folder = filepath.Join("..", "..", ".bin")
	}
	for _, name := range append(stand.Services(), "aqtra") {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("program %s is missing: run make build, or name the folder by AQTRA_BIN", name)
			}
			t.Skipf("program %s is missing: run make build, or name the folder by AQTRA_BIN", name)
		}
	}
	return folder
}

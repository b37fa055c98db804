package lru_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/aqtra/aqtra/pkg/lru"
)

func TestTheLeastUsedMakeRoom(t *testing.T) {
	t.Parallel()
	c := lru.New[string](30)
	c.Add("a", "A", 10)
	c.Add("b", "B", 10)
	c.Add("c", "C", 10)
	c.Add("a", "other", 30) // is there already
	got, ok := c.Get("a")
	require.True(t, ok)
	require.Equal(t, "A", got)
	c.Add("d", "D", 15) // b and c make room, a was used after them
	for key, want := range map[string]bool{"a": true, "b": false, "c": false, "d": true} {
		_, ok := c.Get(key)
		require.Equal(t, want, ok, key)
	}
	c.Add("huge", "H", 1000)
	_, ok = c.Get("huge")
	require.True(t, ok, "the newest stays whatever it weighs")
	_, ok = c.Get("d")
	require.False(t, ok)
}

func TestWeightStaysWithinTheLimit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.Int64Range(0, 50).Draw(t, "limit")
		c := lru.New[int64](limit)
		newest := ""
		for _, key := range rapid.SliceOfN(rapid.IntRange(0, 9), 1, 60).Draw(t, "keys") {
			newest = strconv.Itoa(key)
			if _, ok := c.Get(newest); !ok {
				weight := rapid.Int64Range(0, 60).Draw(t, "weight")
				c.Add(newest, weight, weight)
			}
		}
		var held int64
		count := 0
		for key := range 10 {
			if weight, ok := c.Get(strconv.Itoa(key)); ok {
				held += weight
				count++
			}
		}
		if held > limit && count > 1 {
			t.Fatalf("%d values weigh %d, more than %d", count, held, limit)
		}
		if _, ok := c.Get(newest); !ok {
			t.Fatal("the newest is gone")
		}
	})
}

func TestLoadOnceForAll(t *testing.T) {
	t.Parallel()
	c := lru.New[int](10)
	var loads atomic.Int64
	release := make(chan struct{})
	load := func(context.Context) (int, int64, error) {
		loads.Add(1)
		<-release
		return 7, 1, nil
	}
	first, cancel := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() {
		_, err := c.Load(first, "k", func(ctx context.Context) (int, int64, error) {
			cancel() // who asked first does not wait any longer
			v, w, err := load(ctx)
			return v, w, errors.Join(err, ctx.Err())
		})
		gone <- err
	}()
	require.ErrorIs(t, <-gone, context.Canceled)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			got, err := c.Load(context.Background(), "k", load)
			if err != nil || got != 7 {
				t.Errorf("got %d, %v", got, err)
			}
		})
	}
	close(release)
	wg.Wait()
	require.EqualValues(t, 1, loads.Load())
}

func TestFailuresAreNotKept(t *testing.T) {
	t.Parallel()
	c := lru.New[int](10)
	_, err := c.Load(t.Context(), "k", func(context.Context) (int, int64, error) { return 0, 0, errors.New("away") })
	require.EqualError(t, err, "away")
	got, err := c.Load(t.Context(), "k", func(context.Context) (int, int64, error) { return 1, 1, nil })
	require.NoError(t, err)
	require.Equal(t, 1, got)
}

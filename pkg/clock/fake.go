package clock

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Fake is a clock that stands still until Advance moves it. It is safe for use by several goroutines.
type Fake struct {
	mu      sync.Mutex
	now     time.Time
	pending []*fakeTimer
	changed chan struct{} // closed and replaced whenever pending changes
}

// NewFake returns a fake clock that shows t.
func NewFake(t time.Time) *Fake { return &Fake{now: t, changed: make(chan struct{})} }

var _ Clock = (*Fake)(nil)

// Now returns the time the clock was moved to.
func (f *Fake) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// NewTimer returns a timer that fires when the clock passes d from now.
func (f *Fake) NewTimer(d time.Duration) Timer {
	t := &fakeTimer{clock: f, c: make(chan time.Time, 1)}
	t.Reset(d)
	return t
}

// AfterFunc calls fn in a goroutine of its own when the clock passes d from now.
func (f *Fake) AfterFunc(d time.Duration, fn func()) Timer {
	t := &fakeTimer{clock: f, fn: fn}
	t.Reset(d)
	return t
}

// Advance moves the clock by d and fires, in order of their time, the timers that became due. Each sees its own due time.
func (f *Fake) Advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	end := f.now.Add(d)
	for {
		i := f.nextDue(end)
		if i < 0 {
			break
		}
		t := f.pending[i]
		f.pending = slices.Delete(f.pending, i, i+1)
		if t.at.After(f.now) {
			f.now = t.at
		}
		t.fire(f.now)
	}
	f.now = end
	f.notify()
}

// WaitTimers blocks until at least n timers are pending, so that a test knows that the code under test went to sleep.
func (f *Fake) WaitTimers(ctx context.Context, n int) error {
	for {
		f.mu.Lock()
		have, changed := len(f.pending), f.changed
		f.mu.Unlock()
		if have >= n {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

func (f *Fake) nextDue(end time.Time) int {
	best := -1
	for i, t := range f.pending {
		if !t.at.After(end) && (best < 0 || t.at.Before(f.pending[best].at)) {
			best = i
		}
	}
	return best
}

func (f *Fake) notify() {
	close(f.changed)
	f.changed = make(chan struct{})
}

type fakeTimer struct {
	clock *Fake
	at    time.Time
	c     chan time.Time
	fn    func()
}

func (t *fakeTimer) C() <-chan time.Time { return t.c }

func (t *fakeTimer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	return t.remove()
}

func (t *fakeTimer) Reset(d time.Duration) bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	was := t.remove()
	t.at = t.clock.now.Add(d)
	if d <= 0 {
		t.fire(t.clock.now)
		return was
	}
	t.clock.pending = append(t.clock.pending, t)
	t.clock.notify()
	return was
}

// remove takes the timer off the pending list and, as Go's own timers do, drops a firing nobody has read.
func (t *fakeTimer) remove() bool {
	select {
	case <-t.c:
	default:
	}
	i := slices.Index(t.clock.pending, t)
	if i < 0 {
		return false
	}
	t.clock.pending = slices.Delete(t.clock.pending, i, i+1)
	t.clock.notify()
	return true
}

func (t *fakeTimer) fire(now time.Time) {
	if t.fn != nil {
		go t.fn()
		return
	}
	select {
	case t.c <- now:
	default:
	}
}

// Package clock is the time as a dependency: real in production, moved by hand in tests.
package clock

import (
	"context"
	"time"
)

// Clock tells the time and wakes callers.
type Clock interface {
	// Now returns the present time.
	Now() time.Time
	// NewTimer returns a timer that fires once after d.
	NewTimer(d time.Duration) Timer
	// AfterFunc calls f in a goroutine of its own after d. The timer's channel is nil.
	AfterFunc(d time.Duration, f func()) Timer
}

// Timer is a pending wake-up, as time.Timer.
type Timer interface {
	// C is where the time of firing is sent, once per firing.
	C() <-chan time.Time
	// Stop prevents the firing; false when it has fired or was stopped before.
	Stop() bool
	// Reset starts the timer anew; true when it was still pending.
	Reset(d time.Duration) bool
}

// Real returns the clock of the machine.
func Real() Clock { return realClock{} }

// Sleep waits for d on c, or returns the context's error when that ends first.
func Sleep(ctx context.Context, c Clock, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := c.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C():
		return nil
	}
}

type realClock struct{}

func (realClock) Now() time.Time                 { return time.Now() }
func (realClock) NewTimer(d time.Duration) Timer { return realTimer{time.NewTimer(d)} }
func (realClock) AfterFunc(d time.Duration, f func()) Timer {
	return realTimer{time.AfterFunc(d, f)}
}

type realTimer struct{ t *time.Timer }

func (t realTimer) C() <-chan time.Time        { return t.t.C }
func (t realTimer) Stop() bool                 { return t.t.Stop() }
func (t realTimer) Reset(d time.Duration) bool { return t.t.Reset(d) }

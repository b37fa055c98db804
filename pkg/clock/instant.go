package clock

import "time"

// Instant is a clock that shows the time At, for what is gone through again as of another time. Its timers are those of Clock. It
// is not safe for use by several goroutines while At changes.
type Instant struct {
	Clock
	At time.Time
}

// Now returns At.
func (i *Instant) Now() time.Time { return i.At }

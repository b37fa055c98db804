//go:build race

package expr_test

import "time"

// The race detector makes everything some ten times slower.
const bombLimit = time.Second

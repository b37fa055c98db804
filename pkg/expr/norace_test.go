//go:build !race

package expr_test

import "time"

const bombLimit = 50 * time.Millisecond

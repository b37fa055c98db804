package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// UpperSnake turns a Go name or a service name into the form of a variable: "OwnerURL" is "OWNER_URL", "python-runner" is
// "PYTHON_RUNNER".
func UpperSnake(name string) string {
	var b strings.Builder
	rs := []rune(name)
	for i, r := range rs {
		if r == '-' || r == '_' {
			b.WriteByte('_')
			continue
		}
		if i > 0 && unicode.IsUpper(r) {
			afterLower := unicode.IsLower(rs[i-1]) || unicode.IsDigit(rs[i-1])
			beforeLower := i+1 < len(rs) && unicode.IsLower(rs[i+1]) && unicode.IsUpper(rs[i-1])
			if afterLower || beforeLower {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}

// Size is a number of bytes, written as "64MiB", "1GiB", "500kB" or a plain number.
type Size int64

// units are in the order of trying: a longer suffix before the one it ends with.
func units() []struct {
	suffix string
	factor float64
} {
	return []struct {
		suffix string
		factor float64
	}{
		{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
		{"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1}, {"", 1},
	}
}

// UnmarshalText reads a size; negative ones and ones beyond 2^63 are errors.
func (s *Size) UnmarshalText(text []byte) error {
	for _, u := range units() {
		digits, ok := strings.CutSuffix(string(text), u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
		// The comparison is written so that NaN fails it too.
		if size := n * u.factor; err == nil && size >= 0 && size < math.MaxInt64 {
			*s = Size(size)
			return nil
		}
		break
	}
	return fmt.Errorf("%q is not a size, such as 64MiB", text)
}

package task

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// MaxDuration bounds waits and timeouts.
const MaxDuration = 3660 * 24 * time.Hour

const durationForm = `an ISO 8601 duration such as "PT15M" or "P2D", or an object of days, hours, minutes, seconds and milliseconds`

// ParseDuration reads an ISO 8601 duration without years and months, which have no fixed length, or the DSL's object.
func ParseDuration(v any) (time.Duration, error) {
	var d time.Duration
	switch v := v.(type) {
	case string:
		m := regexp.MustCompile(`^P(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.(\d{1,3}))?S)?)?$`).FindStringSubmatch(v)
		if m == nil || v[len(v)-1] == 'T' || v == "P" {
			return 0, fmt.Errorf("%q is not %s", cut(v), durationForm)
		}
		units := []time.Duration{7 * 24 * time.Hour, 24 * time.Hour, time.Hour, time.Minute, time.Second}
		for i, unit := range units {
			n, _ := strconv.Atoi("0" + m[i+1])
			if time.Duration(n) > MaxDuration/unit {
				return 0, fmt.Errorf("the duration is longer than %d days", MaxDuration/(24*time.Hour))
			}
			d += time.Duration(n) * unit
		}
		n, _ := strconv.Atoi((m[6] + "000")[:3])
		d += time.Duration(n) * time.Millisecond
	case map[string]any:
		units := map[string]time.Duration{
			"days": 24 * time.Hour, "hours": time.Hour, "minutes": time.Minute, "seconds": time.Second, "milliseconds": time.Millisecond,
		}
		for name, part := range v {
			unit, known := units[name]
			n, isInt := part.(int64)
			if !known || !isInt || n < 0 || time.Duration(n) > MaxDuration/unit {
				return 0, fmt.Errorf("%q is not part of %s", cut(name), durationForm)
			}
			d += time.Duration(n) * unit
		}
	default:
		return 0, fmt.Errorf("a duration is %s", durationForm)
	}
	if d < 0 || d > MaxDuration {
		return 0, fmt.Errorf("the duration is longer than %d days", MaxDuration/(24*time.Hour))
	}
	return d, nil
}

func cut(s string) string {
	if len(s) > 40 {
		return s[:40] + "..."
	}
	return s
}

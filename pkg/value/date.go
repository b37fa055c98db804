package value

import (
	"cmp"
	"errors"
	"strconv"
	"strings"
	"time"
)

var (
	// ErrDate says that a text is not a calendar day, or a day is outside the years 1 to 9999.
	ErrDate = errors.New("not a date like 2026-01-31")
	// ErrTime says that a text is not a time of day.
	ErrTime = errors.New("not a time of day like 13:05:00")
	// ErrDatetime says that a text is not an instant, or it is outside the years 1 to 9999.
	ErrDatetime = errors.New("not a date and time like 2026-01-31T13:05:00Z")
)

const (
	day    = 24 * time.Hour
	minDay = -719162 // 0001-01-01
	maxDay = 2932896 // 9999-12-31
)

// Date is a calendar day in the years 1 to 9999, without a zone. The zero Date is 1970-01-01. Dates are compared with ==.
type Date struct{ days int32 } // since 1970-01-01

// NewDate gives the day; it refuses with ErrDate what the calendar does not have.
func NewDate(year int, month time.Month, dayOfMonth int) (Date, error) {
	if year < 1 || year > 9999 {
		return Date{}, ErrDate
	}
	t := time.Date(year, month, dayOfMonth, 0, 0, 0, 0, time.UTC)
	if t.Year() != year || t.Month() != month || t.Day() != dayOfMonth {
		return Date{}, ErrDate
	}
	return DateOf(t), nil
}

// ParseDate reads "2006-01-02".
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || t.Year() < 1 {
		return Date{}, ErrDate
	}
	return DateOf(t), nil
}

// DateOf gives the day of t in t's own zone. t must lie in the years 1 to 9999.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{int32(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / int64(day/time.Second))}
}

// Start gives the instant at which the day starts in UTC.
func (d Date) Start() time.Time { return time.Unix(int64(d.days)*int64(day/time.Second), 0).UTC() }

// AddDays moves by so many days, or fails with ErrDate outside the years 1 to 9999.
func (d Date) AddDays(n int64) (Date, error) {
	if n > maxDay-minDay || n < minDay-maxDay {
		return Date{}, ErrDate
	}
	if n += int64(d.days); n < minDay || n > maxDay {
		return Date{}, ErrDate
	}
	return Date{int32(n)}, nil
}

// AddMonths moves by so many months and keeps to the last day of a shorter month (31 January and one month is the end of
// February), as Postgres does. It fails with ErrDate outside the years 1 to 9999.
func (d Date) AddMonths(n int64) (Date, error) {
	if n > 12*9999 || n < -12*9999 {
		return Date{}, ErrDate
	}
	y, m, dom := d.Start().Date()
	first := time.Date(y, m+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return NewDate(first.Year(), first.Month(), min(dom, last))
}

// DaysSince gives the number of days from e to d.
func (d Date) DaysSince(e Date) int64 { return int64(d.days) - int64(e.days) }

// Compare is -1, 0 or 1 as d is before, equal to or after e.
func (d Date) Compare(e Date) int { return cmp.Compare(d.days, e.days) }

// String is "2006-01-02".
func (d Date) String() string { return d.Start().Format(time.DateOnly) }

// Time is a time of day with microseconds, without a zone. The zero Time is midnight. Times are compared with ==.
type Time struct{ micros int64 } // since midnight

// NewTime gives the time of day so long after midnight; it refuses with ErrTime what is not within one day.
// Parts of a microsecond are dropped.
func NewTime(sinceMidnight time.Duration) (Time, error) {
	if sinceMidnight < 0 || sinceMidnight >= day {
		return Time{}, ErrTime
	}
	return Time{sinceMidnight.Microseconds()}, nil
}

// ParseTime reads "15:04:05" with up to 6 digits of fraction, or "15:04".
func ParseTime(text string) (Time, error) {
	layout := "15:04:05"
	if len(text) == len("15:04") {
		layout = "15:04"
	}
	_, fraction, found := strings.Cut(text, ".")
	// time.Parse also takes one-digit hours, a comma before the fraction and fractions of any length.
	if len(text) < len(layout) || text[2] != ':' || strings.Contains(text, ",") || len(fraction) > 6 || found && fraction == "" {
		return Time{}, ErrTime
	}
	t, err := time.Parse(layout, text)
	if err != nil {
		return Time{}, ErrTime
	}
	return TimeOf(t), nil
}

// TimeOf gives the time of day of t in t's own zone.
func TimeOf(t time.Time) Time {
	h, m, s := t.Clock()
	return Time{int64(h*3600+m*60+s)*1e6 + int64(t.Nanosecond()/1000)}
}

// SinceMidnight gives how long after midnight t is.
func (t Time) SinceMidnight() time.Duration { return time.Duration(t.micros) * time.Microsecond }

// Compare is -1, 0 or 1 as t is before, equal to or after u.
func (t Time) Compare(u Time) int { return cmp.Compare(t.micros, u.micros) }

// String is "15:04:05", with as many digits of fraction as are needed.
func (t Time) String() string {
	return time.UnixMicro(t.micros).UTC().Format("15:04:05.999999")
}

// Datetime gives the instant as a value: in UTC, parts of a microsecond dropped. It fails with ErrDatetime outside the
// years 1 to 9999.
func Datetime(t time.Time) (time.Time, error) {
	t = t.UTC()
	if y := t.Year(); y < 1 || y > 9999 {
		return time.Time{}, ErrDatetime
	}
	return t.Truncate(time.Microsecond), nil
}

// ParseDatetime reads RFC 3339 ("2006-01-02T15:04:05.999999Z" or with an offset); parts of a microsecond are dropped.
func ParseDatetime(text string) (time.Time, error) {
	// time.Parse also takes one-digit hours, a comma before the fraction and offsets beyond a day.
	if len(text) < len("2006-01-02T15:04:05Z") || len(text) > 64 || text[13] != ':' || strings.Contains(text, ",") || !isZone(text) {
		return time.Time{}, ErrDatetime
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, ErrDatetime
	}
	return Datetime(t)
}

// isZone reports whether a text ends with "Z" or an offset of less than a day.
func isZone(text string) bool {
	if text[len(text)-1] == 'Z' {
		return true
	}
	offset := text[len(text)-len("07:00"):]
	return offset[:2] < "24" && offset[3:] < "60"
}

// FormatDatetime writes RFC 3339 in UTC, with as many digits of fraction as are needed.
func FormatDatetime(t time.Time) string { return string(appendDatetime(nil, t)) }

func appendDatetime(dst []byte, t time.Time) []byte {
	return t.UTC().AppendFormat(dst, "2006-01-02T15:04:05.999999Z07:00")
}

// ParseInt reads an integer of 64 bits: an optional minus sign and digits.
func ParseInt(text string) (int64, bool) {
	if strings.HasPrefix(text, "+") {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

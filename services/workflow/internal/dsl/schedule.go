package dsl

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3" // MIT; reads crontab(5) with time zones, and knows about days with 23 and 25 hours

	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// minPause is the shortest time between two starts by the clock.
const minPause = 10 * time.Second

// Schedule says when a workflow starts by itself. One of Cron, Every and After is set.
type Schedule struct {
	// Cron is an expression of five fields; times is what it means.
	Cron  string
	times cron.Schedule
	// Every is the time between two starts, After that between the end of a run and the next start.
	Every, After time.Duration
}

// Next is when to start after a time; zero when that depends on the end of a run.
func (s *Schedule) Next(after time.Time) time.Time {
	switch {
	case s.times != nil:
		return s.times.Next(after.UTC())
	case s.Every > 0:
		return after.Add(s.Every)
	default:
		return time.Time{}
	}
}

// String tells schedules apart.
func (s *Schedule) String() string {
	switch {
	case s.Cron != "":
		return "cron " + s.Cron
	case s.Every > 0:
		return "every " + iso(s.Every)
	default:
		return "after " + iso(s.After)
	}
}

// schedule compiles the schedule of a document.
func schedule(c *task.Compiler, m map[string]any) *Schedule {
	if len(m) != 1 || !c.Keys(m, "a schedule", nil, "cron", "every", "after", "on") {
		c.Problem("", "invalid-param", "a schedule has one of cron, every and after")
		return nil
	}
	s := &Schedule{}
	duration := func(key string) time.Duration {
		d, err := task.ParseDuration(m[key])
		switch {
		case err != nil:
			c.Problem(key, "invalid-param", "%s", err)
		case d < minPause:
			c.Problem(key, "invalid-param", "a workflow starts by itself at most every %s", minPause)
		}
		return d
	}
	switch {
	case m["on"] != nil:
		c.Problem("on", "unsupported", "this version starts workflows by the clock and when entries change, see the component's triggers")
	case m["every"] != nil:
		s.Every = duration("every")
	case m["after"] != nil:
		s.After = duration("after")
	default:
		s.Cron = c.Text("cron", m["cron"])
		times, err := readCron(s.Cron)
		if err != nil {
			c.Problem("cron", "invalid-param", "%s", err)
		}
		s.times = times
	}
	return s
}

// readCron reads an expression that comes true some time.
func readCron(text string) (cron.Schedule, error) {
	if strings.HasPrefix(strings.TrimSpace(text), "@") || len(text) > 200 {
		return nil, fmt.Errorf("five fields are needed: minute, hour, day of month, month, day of week, such as \"0 9 * * 1-5\"")
	}
	times, err := cron.ParseStandard(text)
	if err != nil {
		return nil, fmt.Errorf("%w; five fields are needed: minute, hour, day of month, month, day of week, such as \"0 9 * * 1-5\"", err)
	}
	if times.Next(time.Now()).IsZero() {
		return nil, fmt.Errorf("this never happens")
	}
	return times, nil
}

// iso writes a duration as ISO 8601 does: PT1H30M0S.
func iso(d time.Duration) string { return "PT" + strings.ToUpper(d.String()) }

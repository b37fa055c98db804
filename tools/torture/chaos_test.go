package torture_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/tools/torture/check"
)

// gone bounds how long a process that was killed may be there, and back how long it takes to be ready again.
const (
	gone = 20 * time.Second
	back = 60 * time.Second
)

// chaos disturbs an installation.
type chaos struct {
	s *site
	t *testing.T

	mu    sync.Mutex
	kills []check.Kill
	count map[string]int
}

// disturbances are what may happen, by name, and how often of all.
func (c *chaos) disturbances() map[string]disturbance {
	return map[string]disturbance{
		"kill workflow": {2, c.kill("workflow")}, "kill worker": {2, c.kill(worker)}, "pause workflow": {1, c.pause("workflow")}, "pause worker": {1, c.pause(worker)},
		"stop postgres": {2, c.postgres}, "kill gateway": {1, c.kill("gateway")}, "kill dataflow": {1, c.kill("dataflow")}, "kill storage": {1, c.kill("storage")},
		"kill component-library": {1, c.kill("component-library")}, "empty redis": {1, c.flush}, "restart workflow": {1, c.restart("workflow")},
	}
}

type disturbance struct {
	weight int
	do     func(away time.Duration)
}

// run disturbs until ctx ends, and leaves everything running. It takes all kinds, or only some.
func (c *chaos) run(ctx context.Context, seed uint64, only []string) {
	random := rand.New(rand.NewPCG(seed, 2))
	all := c.disturbances()
	var choices []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if len(only) == 0 || slices.Contains(only, name) {
			choices = append(choices, slices.Repeat([]string{name}, all[name].weight)...)
		}
	}
	for sleep(ctx, time.Duration(500+random.IntN(2500))*time.Millisecond) == nil {
		all[choices[random.IntN(len(choices))]].do(time.Duration(random.IntN(800)) * time.Millisecond)
	}
}

// note remembers a disturbance.
func (c *chaos) note(what string, repeats bool, do func()) {
	from := time.Now()
	do()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count[what]++
	if repeats {
		c.kills = append(c.kills, check.Kill{What: what, From: from, To: time.Now()})
	}
}

func (c *chaos) start(name string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.t.Context()), back)
	defer cancel()
	if err := c.s.StartProcess(ctx, name); err != nil {
		c.t.Errorf("%s does not start again: %v", name, err)
	}
}

// kill ends a process at once.
func (c *chaos) kill(name string) func(time.Duration) {
	return func(away time.Duration) {
		advances := name == "workflow" || name == worker
		c.note("kill "+name, advances, func() {
			if _, err := c.s.Process(name).End(syscall.SIGKILL, gone); err != nil {
				c.t.Errorf("%v", err)
			}
		})
		_ = sleep(c.t.Context(), away)
		c.start(name)
	}
}

// restart ends a process softly: that explains no repetition.
func (c *chaos) restart(name string) func(time.Duration) {
	return func(away time.Duration) {
		c.note("restart "+name, false, func() {
			if code, err := c.s.Process(name).End(syscall.SIGTERM, gone); err != nil || code != 0 {
				c.t.Errorf("%s ended with code %d: %v", name, code, err)
			}
		})
		_ = sleep(c.t.Context(), away)
		c.start(name)
	}
}

// pause stops a process until others have taken its work, and lets it go on as if nothing had happened.
func (c *chaos) pause(name string) func(time.Duration) {
	return func(away time.Duration) {
		c.note("pause "+name, true, func() {
			p := c.s.Process(name)
			if err := p.Signal(syscall.SIGSTOP); err != nil {
				c.t.Errorf("%v", err)
			}
			_ = sleep(c.t.Context(), 2*time.Second+5*away/2) // its lease is 2 s
			if err := p.Signal(syscall.SIGCONT); err != nil {
				c.t.Errorf("%v", err)
			}
		})
	}
}

// postgres stops the database at once, as `pg_ctl stop -m immediate` does: it recovers from its log when it starts.
func (c *chaos) postgres(away time.Duration) {
	const infra = "infra"
	c.note("stop postgres", true, func() {
		p := c.s.Process(infra)
		children, err := p.Descendants()
		if err != nil {
			c.t.Errorf("%v", err)
		}
		stopped := false
		for _, d := range children {
			if d.Command == "postgres" && !stopped { // the first is the one that started the others
				stopped = true
				if err := syscall.Kill(d.Pid, syscall.SIGQUIT); err != nil {
					c.t.Errorf("stop postgres: %v", err)
				}
			}
		}
		if !stopped {
			c.t.Errorf("there is no postgres")
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.t.Context()), gone)
		defer cancel()
		for _, d := range children {
			if err := d.Gone(ctx); err != nil {
				c.t.Errorf("%v", err)
			}
		}
		for p.Running() && sleep(ctx, 10*time.Millisecond) == nil {
		}
		_ = sleep(c.t.Context(), away)
		c.start(infra)
	})
}

// flush empties Redis.
func (c *chaos) flush(time.Duration) {
	c.note("empty redis", false, func() {
		c.s.redis.Kill()
		c.s.redis.Start(c.t)
	})
}

func (c *chaos) done(t *testing.T) []check.Kill {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	require.NotEmpty(t, c.count)
	t.Log("disturbances: " + fmt.Sprint(c.count))
	return c.kills
}

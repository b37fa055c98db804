// Package try is the task "try": it takes errors of the tasks within, tries again or does something else.
package try

import (
	"context"
	"math/rand/v2"
	"strings"
	"time"

	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

const (
	// maxDelay caps the wait between attempts.
	maxDelay = 24 * time.Hour
	// maxAttempts is how often a policy without a limit tries again.
	maxAttempts = 100
)

// Kind is the kind of task.
type Kind struct{}

// Spec describes it.
func (Kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "try", Group: "Flow", Title: "Try", Summary: "Takes errors of the tasks within: tries again, or does something else.",
		Params: []*catalogv1.Param{
			{Name: "try", Title: "Tasks", Kind: catalogv1.ParamKind_PARAM_KIND_JSON, Required: true},
			{
				Name: "catch", Title: "Errors", Kind: catalogv1.ParamKind_PARAM_KIND_JSON, Required: true,
				Help: "{\"errors\": {\"with\": {\"status\": 503}}, \"as\": \"error\", \"when\": \"..\", \"retry\": {\"delay\": \"PT5S\", " +
					"\"backoff\": {\"exponential\": {}}, \"limit\": {\"attempt\": {\"count\": 5}}}, \"do\": [..]}",
			},
		},
	}
}

type body struct {
	tasks, handler int
	as             string
	with           map[string]any
	when, unless   *task.Template
	retry          *retry
}

type retry struct {
	delay              *task.Template
	backoff            string
	count              int64
	limit              time.Duration
	jitterFrom, jitter time.Duration
	when, unless       *task.Template
}

// Compile implements task.Kind.
func (Kind) Compile(c *task.Compiler, settings map[string]any) task.Body {
	b := &body{tasks: c.Block(c, "try", settings["try"])}
	m := c.Object("catch", settings["catch"])
	if m == nil {
		c.Problem("catch", "missing-param", "a try task needs \"catch\"")
		return nil
	}
	in := c.Into("catch")
	in.Keys(m, "catch", nil, "errors", "as", "when", "exceptWhen", "retry", "do")
	b.as = in.Local("as", m["as"], "error")
	in = in.Into("", b.as)
	if errors := in.Object("errors", m["errors"]); errors != nil {
		at := in.Into("errors")
		at.Keys(errors, "errors", []string{"with"})
		b.with = at.Object("with", errors["with"])
		at.Into("with").Keys(b.with, "errors.with", nil, "type", "status", "title", "detail", "instance")
	}
	b.when, b.unless = conditions(in, m)
	if m["retry"] != nil {
		if at, r := in.Named("retries", "retry", m["retry"]); r != nil {
			b.retry = policy(at, r)
		}
	}
	if m["do"] != nil {
		b.handler = c.Block(in, "do", m["do"])
	}
	return b
}

func conditions(c *task.Compiler, m map[string]any) (when, unless *task.Template) {
	if m["when"] != nil {
		when = c.Condition("when", m["when"])
	}
	if m["exceptWhen"] != nil {
		unless = c.Condition("exceptWhen", m["exceptWhen"])
	}
	return when, unless
}

func policy(c *task.Compiler, m map[string]any) *retry {
	c.Keys(m, "retry", nil, "delay", "backoff", "limit", "jitter", "when", "exceptWhen")
	r := &retry{backoff: "constant", count: maxAttempts}
	r.when, r.unless = conditions(c, m)
	if m["delay"] != nil {
		r.delay = c.Duration("delay", m["delay"])
	}
	if v := c.Object("backoff", m["backoff"]); v != nil {
		c.Into("backoff").Keys(v, "backoff", nil, "constant", "linear", "exponential")
		for kind := range v {
			r.backoff = kind
		}
		if len(v) != 1 {
			c.Problem("backoff", "invalid-param", "a backoff is one of constant, linear, exponential")
		}
	}
	duration := func(at *task.Compiler, path string, v any) time.Duration {
		if v == nil {
			return 0
		}
		d, err := task.ParseDuration(v)
		if err != nil {
			at.Problem(path, "invalid-param", "%s", err)
		}
		return d
	}
	if limit := c.Object("limit", m["limit"]); limit != nil {
		at := c.Into("limit")
		at.Keys(limit, "limit", nil, "attempt", "duration")
		r.limit = duration(at, "duration", limit["duration"])
		if attempt := at.Object("attempt", limit["attempt"]); attempt != nil {
			at.Into("attempt").Keys(attempt, "limit.attempt", []string{"count"})
			n, ok := attempt["count"].(int64)
			if !ok || n < 0 || n > maxAttempts {
				at.Problem("attempt/count", "invalid-param", "the count of attempts is a number from 0 to %d", maxAttempts)
			}
			r.count = n
		}
	}
	if jitter := c.Object("jitter", m["jitter"]); jitter != nil {
		at := c.Into("jitter")
		at.Keys(jitter, "jitter", []string{"from", "to"})
		r.jitterFrom = duration(at, "from", jitter["from"])
		if r.jitter = duration(at, "to", jitter["to"]) - r.jitterFrom; r.jitter < 0 {
			at.Problem("to", "invalid-param", "the jitter's end lies before its beginning")
		}
	}
	return r
}

// Step implements task.Body. Frame.Data is nil while trying, true while the handler runs; Frame.Attempt counts attempts.
func (b *body) Step(_ context.Context, x *task.Exec) (task.Next, error) {
	if x.Returned {
		return task.Next{Kind: task.Done, Output: x.Output}, nil
	}
	if x.Frame.Attempt == 0 {
		x.Frame.Attempt, x.Frame.Since = 1, x.Now
	}
	return task.Next{Kind: task.Push, Task: b.tasks, In: x.Frame.In}, nil
}

// Catch implements task.Catcher.
func (b *body) Catch(ctx context.Context, x *task.Exec, e *task.Error) (task.Next, bool, error) {
	if x.Frame.Data != nil || !b.matches(e) {
		return task.Next{}, false, nil
	}
	x.Vars[b.as] = e.Value()
	if ok, err := holds(ctx, x, b.when, b.unless); err != nil || !ok {
		return task.Next{}, false, err
	}
	if b.retry != nil {
		next, ok, err := b.retry.next(ctx, x)
		if err != nil || ok {
			return next, ok, err
		}
		if b.handler == 0 {
			return task.Next{}, false, nil
		}
	}
	x.Frame.Data = true
	if b.handler == 0 {
		return task.Next{Kind: task.Done, Output: x.Frame.In}, true, nil
	}
	return task.Next{Kind: task.Push, Task: b.handler, In: x.Frame.In, Locals: map[string]any{b.as: e.Value()}}, true, nil
}

func (b *body) matches(e *task.Error) bool {
	for key, want := range b.with {
		got := e.Value()[key]
		text, isText := want.(string)
		if key == "type" && isText && !strings.Contains(text, "/") {
			want = task.TypeBase + text // the short form of a standard type
		}
		if got != want {
			return false
		}
	}
	return true
}

func holds(ctx context.Context, x *task.Exec, when, unless *task.Template) (bool, error) {
	if when != nil {
		if ok, err := when.Bool(ctx, x.Vars); err != nil || !ok {
			return false, err
		}
	}
	if unless != nil {
		if not, err := unless.Bool(ctx, x.Vars); err != nil || not {
			return false, err
		}
	}
	return true, nil
}

// next is the wait before another attempt; false when the policy has none left.
func (r *retry) next(ctx context.Context, x *task.Exec) (task.Next, bool, error) {
	if ok, err := holds(ctx, x, r.when, r.unless); err != nil || !ok {
		return task.Next{}, false, err
	}
	f := x.Frame
	if f.Attempt > r.count || r.limit > 0 && x.Now.Sub(f.Since) >= r.limit {
		return task.Next{}, false, nil
	}
	var delay time.Duration
	if r.delay != nil {
		var err error
		if delay, err = r.delay.Duration(ctx, x.Vars); err != nil {
			return task.Next{}, false, err
		}
	}
	for n := int64(1); n < f.Attempt && delay < maxDelay && r.backoff == "exponential"; n++ {
		delay *= 2
	}
	if r.backoff == "linear" {
		delay *= time.Duration(f.Attempt)
	}
	delay = min(delay, maxDelay) + r.jitterFrom
	if r.jitter > 0 {
		delay += rand.N(r.jitter)
	}
	f.Attempt++
	return task.Next{Kind: task.Sleep, Until: x.Now.Add(delay)}, true, nil
}

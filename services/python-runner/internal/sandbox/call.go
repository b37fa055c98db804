package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

const (
	maxLogLines = 1000
	maxLogBytes = 256 << 10
)

var (
	errWall   = errors.New("the call's time is over")
	errOutput = errors.New("the call sent too much")
	errReply  = errors.New("the child does not follow the protocol")
	// errLost says that the zygote ended under the call.
	errLost = errors.New("the interpreter ended")
)

// Call runs a script's function in a process of its own. Errors are faults: SCRIPT_FAILED with the exception, its line and the frames of
// the script, SCRIPT_TIMEOUT, SCRIPT_LIMIT, SANDBOX_UNAVAILABLE, INVALID_FIELDS; or the context's error.
func (s *Supervisor) Call(ctx context.Context, c Call) (Result, error) {
	var result Result
	var reply frame
	conv, err := s.run(ctx, c, "call", nil, func(f frame) error {
		reply = f
		return nil
	})
	result.fill(conv)
	if err != nil {
		return result, err
	}
	result.Value, err = outcome(reply)
	return result, err
}

// CallMany runs function(item, args...) for each item, in one process and within one set of limits. The outcomes are as many as the
// items. When the batch ends early the error says why, and the items that it did not reach have the same error.
func (s *Supervisor) CallMany(ctx context.Context, c Call, items []any) ([]Outcome, error) {
	outcomes := make([]Outcome, 0, len(items))
	var failed *scriptError
	_, err := s.run(ctx, c, "many", items, func(f frame) error {
		if f.Kind == "done" {
			failed = f.Error
			return nil
		}
		if len(outcomes) == len(items) {
			return errReply
		}
		o := Outcome{Index: len(outcomes)}
		o.Value, o.Err = outcome(f)
		outcomes = append(outcomes, o)
		return nil
	})
	if err == nil && failed != nil {
		err = failed.fault()
	}
	if err == nil && len(outcomes) < len(items) {
		err = scriptFault("the script ended before its last item")
	}
	for i := len(outcomes); i < len(items); i++ {
		outcomes = append(outcomes, Outcome{Index: i, Err: err})
	}
	return outcomes, err
}

// Check reads a script without running it: its syntax, and whether it has the functions, "main" when none is named.
func (s *Supervisor) Check(ctx context.Context, code string, functions ...string) ([]Problem, error) {
	if len(functions) == 0 {
		functions = []string{DefaultFunction}
	}
	problems := []Problem{}
	for _, name := range functions {
		var reply frame
		c := Call{Code: code, Function: name}
		if _, err := s.run(ctx, c, "check", nil, func(f frame) error {
			reply = f
			return nil
		}); err != nil {
			return nil, err
		}
		for _, p := range reply.Problems {
			if len(problems) == 0 || problems[len(problems)-1] != p {
				problems = append(problems, p)
			}
		}
	}
	return problems, nil
}

// conversation is one call, seen from outside the sandbox.
type conversation struct {
	limits  Limits
	broker  Broker
	s       *Supervisor
	conn    *net.UnixConn
	reply   func(frame) error // item and done frames
	started bool
	done    bool
	sent    int64 // bytes from the child

	logs     []LogLine
	logBytes int
	dropped  int

	exit exit
	wall time.Duration
}

func (r *Result) fill(v *conversation) {
	if v == nil {
		return
	}
	r.Logs = v.logs
	if v.dropped > 0 {
		r.Logs = append(r.Logs, LogLine{"warning", fmt.Sprintf("%d more lines were dropped", v.dropped)})
	}
	r.CPU, r.MaxRSS, r.Wall = time.Duration(v.exit.CPU)*time.Microsecond, v.exit.RSS<<10, v.wall
}

// run does one call from checking it to counting it. The conversation is nil when there was none.
func (s *Supervisor) run(ctx context.Context, c Call, mode string, items []any, reply func(frame) error) (v *conversation, err error) {
	began := s.clock.Now()
	defer func() {
		s.metrics.calls.WithLabelValues(resultOf(err)).Inc()
		s.metrics.seconds.Observe(s.clock.Now().Sub(began).Seconds())
	}()
	req, err := s.request(c, mode, items)
	if err != nil {
		return nil, err
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to run a script: %w", ctx.Err())
	}
	p, err := s.acquire(ctx, owner{c.Tenant, c.Environment})
	if err != nil {
		return nil, err
	}
	defer s.release(p)
	v = &conversation{limits: c.Limits.orDefault(s.cfg), broker: c.Broker, s: s, reply: reply}
	from := s.clock.Now()
	err = v.hold(ctx, p, req)
	v.wall = s.clock.Now().Sub(from)
	return v, err
}

func (s *Supervisor) request(c Call, mode string, items []any) (request, error) {
	if mode == "check" {
		c.Tenant = "-" // needs none: nothing of a tenant is run
	}
	if err := s.checkCall(c); err != nil {
		return request{}, err
	}
	req := request{Mode: mode, Code: c.Code, Function: c.Function}
	if req.Function == "" {
		req.Function = DefaultFunction
	}
	var err error
	if req.Args, err = encodeValues(c.Args); err != nil {
		return request{}, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the call is not valid", fault.Field("args", err.Error()))
	}
	if req.Items, err = encodeValues(items); err != nil {
		return request{}, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the call is not valid", fault.Field("items", err.Error()))
	}
	size := len(req.Code)
	for _, list := range [][]json.RawMessage{req.Args, req.Items} {
		for _, e := range list {
			size += len(e) + 1
		}
	}
	if size > maxFrame-4096 {
		return request{}, fault.Invalid(faultv1.Reason_REASON_REQUEST_TOO_LARGE, "the script's input is larger than 8 MiB")
	}
	return req, nil
}

// hold forks the call, talks with it, sees to its end and judges.
func (v *conversation) hold(ctx context.Context, p *process, req request) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timer := v.s.clock.AfterFunc(v.limits.Wall, func() { cancel(errWall) })
	defer timer.Stop()

	conn, theirs, err := socketPair(syscall.SOCK_STREAM)
	if err != nil {
		return unavailable("the script could not be started", err)
	}
	defer func() { _ = conn.Close() }()
	v.conn = conn
	id, exited, err := p.begin(theirs, v.limits)
	_ = theirs.Close()
	if err != nil {
		return unavailable("the script could not be started", err, fault.Retry(time.Second))
	}
	// Past deadlines wake whoever reads or writes.
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()

	err = v.talk(ctx, req)
	if err != nil && !errors.Is(err, io.EOF) {
		p.kill(id)
	}
	lost := v.await(ctx, p, id, exited)
	switch {
	case err == nil:
		return nil // the last frame came; how the process went then does not matter
	case lost != nil:
		return v.judge(ctx, lost)
	}
	return v.judge(ctx, err)
}

// await waits for the zygote's report. A child that lingers is killed when the call's time is over; a zygote that does not
// report a killed child within a second is broken, and ended.
func (v *conversation) await(ctx context.Context, p *process, id int, exited <-chan exit) error {
	select {
	case v.exit = <-exited:
		return nil
	case <-p.gone:
		return errLost
	case <-ctx.Done():
	}
	p.kill(id)
	patience := v.s.clock.NewTimer(time.Second)
	defer patience.Stop()
	select {
	case v.exit = <-exited:
		return nil
	case <-p.gone:
	case <-patience.C():
		p.end()
	}
	return errLost
}

// talk sends the request and serves the child until its last frame. The error is io.EOF when the child went without one.
func (v *conversation) talk(ctx context.Context, req request) error {
	if err := writeFrame(v.conn, req); err != nil && !errors.Is(err, syscall.EPIPE) {
		return err
	}
	for !v.done {
		f, n, err := readFrame(v.conn, v.limits.Output-v.sent)
		if errors.Is(err, errFrameTooLarge) {
			return errOutput
		}
		if errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.ErrUnexpectedEOF) {
			return io.EOF // it went with our message unread, or within its own
		}
		if err != nil {
			return err
		}
		v.sent += n
		if err := v.take(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

func (v *conversation) take(ctx context.Context, f frame) error {
	switch f.Kind {
	case "ready":
		v.started = true
		return nil
	case "log":
		v.keep(f)
		return nil
	case "call":
		return v.ask(ctx, f)
	case "item":
		return v.reply(f)
	case "done":
		v.done = true
		return v.reply(f)
	}
	return errReply
}

func (v *conversation) keep(f frame) {
	if len(v.logs) >= maxLogLines || v.logBytes+len(f.Text) > maxLogBytes {
		v.dropped++
		return
	}
	level := f.Level
	switch level {
	case "debug", "info", "warning", "error":
	default:
		level = "info"
	}
	v.logBytes += len(f.Text)
	v.logs = append(v.logs, LogLine{level, f.Text})
}

// ask passes a question to the broker and the answer back.
func (v *conversation) ask(ctx context.Context, f frame) error {
	value, err := v.invoke(ctx, f)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	a := answer{Value: value}
	if err != nil {
		a = answer{Error: v.refusal(ctx, err)}
	}
	err = writeFrame(v.conn, a)
	if errors.Is(err, errFrameTooLarge) {
		err = writeFrame(v.conn, answer{Error: &answerError{"REQUEST_TOO_LARGE", "the answer is larger than 8 MiB"}})
	}
	return err
}

func (v *conversation) invoke(ctx context.Context, f frame) (json.RawMessage, error) {
	if v.broker == nil {
		return nil, fault.Unimplemented(faultv1.Reason_REASON_NOT_SUPPORTED, "this script cannot call the platform")
	}
	if len(f.Method) > 200 {
		return nil, fault.Invalid(faultv1.Reason_REASON_UNKNOWN_METHOD, "there is no such method")
	}
	args, err := decodeValue(json.RawMessage(`{"m":` + orEmpty(f.Args) + `}`))
	if err != nil {
		return nil, fault.Invalid(faultv1.Reason_REASON_VALUE_INVALID, "arguments: "+err.Error())
	}
	fields, ok := args.(map[string]any)
	if !ok {
		return nil, fault.Invalid(faultv1.Reason_REASON_VALUE_INVALID, "arguments: not named")
	}
	answer, err := v.broker.Invoke(ctx, f.Method, fields)
	if err != nil {
		return nil, err
	}
	return encodeValue(answer)
}

func orEmpty(args json.RawMessage) string {
	if len(args) == 0 {
		return "{}"
	}
	return string(args)
}

func (v *conversation) refusal(ctx context.Context, err error) *answerError {
	f, ok := fault.As(err)
	if !ok {
		v.s.log.ErrorContext(ctx, "script broker failed", "error", err)
		return &answerError{"INTERNAL", "internal error"}
	}
	return &answerError{strings.TrimPrefix(f.Reason.String(), "REASON_"), f.Message}
}

// judge turns a call without a last frame into the fault that its author or operator needs.
func (v *conversation) judge(ctx context.Context, err error) error {
	cause := context.Cause(ctx)
	signal := syscall.Signal(-v.exit.Code)
	switch {
	case errors.Is(cause, errWall):
		return fault.DeadlineExceeded(faultv1.Reason_REASON_SCRIPT_TIMEOUT, fmt.Sprintf("the script took longer than %s", v.limits.Wall))
	case ctx.Err() != nil:
		return fmt.Errorf("run a script: %w", cause)
	case errors.Is(err, errOutput):
		return limitFault("output", fmt.Sprintf("the script sent more than %d bytes, or one message of more than %d", v.limits.Output, maxFrame))
	case errors.Is(err, errReply), errors.Is(err, errFrameForged):
		return scriptFault("the script sent what is not a result")
	case errors.Is(err, errLost), v.exit.Code == notForked, !v.started:
		return unavailable("the script was interrupted", err, fault.Retry(time.Second))
	case signal == syscall.SIGXCPU, signal == syscall.SIGKILL && v.exit.CPU >= v.limits.CPU.Microseconds():
		return limitFault("cpu", fmt.Sprintf("the script used more than %s of processor time", v.limits.CPU))
	case signal == syscall.SIGKILL:
		return limitFault("memory", "the script was stopped by the system, most likely for its memory")
	case v.exit.Code < 0:
		return scriptFault(fmt.Sprintf("the script crashed: %s", signal))
	}
	return scriptFault("the script ended its process without a result")
}

// outcome reads the value or error of an item or done frame.
func outcome(f frame) (any, error) {
	if f.Error != nil {
		return nil, f.Error.fault()
	}
	v, err := decodeValue(f.Value)
	if err != nil {
		return nil, scriptFault("result: " + err.Error())
	}
	return v, nil
}

func scriptFault(message string, opts ...fault.Option) error {
	return fault.FailedPrecondition(faultv1.Reason_REASON_SCRIPT_FAILED, message, opts...)
}

func limitFault(limit, message string) error {
	return fault.Exhausted(faultv1.Reason_REASON_SCRIPT_LIMIT, message, fault.Meta("limit", limit))
}

// fault is the exception for people and, as meta, for programs: type, line, and traceback, outermost frame first. All parts
// are bounded here again: the child may have been anything.
func (e *scriptError) fault() error {
	switch e.Limit {
	case "memory":
		return limitFault("memory", "the script needs more memory than it may use")
	case "processes":
		return limitFault("processes", "the script may not start processes, or so many threads")
	}
	message := cut(e.Type, 100)
	if e.Text != "" {
		message += ": " + cut(e.Text, 2000)
	}
	opts := []fault.Option{fault.Meta("type", cut(e.Type, 100))}
	if e.Line > 0 {
		message += fmt.Sprintf(" (line %d)", e.Line)
		opts = append(opts, fault.Meta("line", strconv.Itoa(e.Line)))
	}
	var trace []string
	for _, f := range e.Frames[:min(20, len(e.Frames))] {
		trace = append(trace, fmt.Sprintf("line %d, in %s", f.Line, cut(f.Name, 100)))
	}
	if len(trace) > 0 {
		opts = append(opts, fault.Meta("traceback", strings.Join(trace, "\n")))
	}
	return scriptFault(message, opts...)
}

func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

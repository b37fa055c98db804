package sandbox

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"time"

	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

const (
	// maxFrame bounds one message on a call's socket, in bytes, either way.
	maxFrame = 8 << 20
	// maxCode bounds a script, in bytes.
	maxCode = 1 << 20
	// DefaultFunction is called when a call names none.
	DefaultFunction = "main"
)

// Limits bound one call. A zero field takes the default; what exceeds the configured most is cut to it.
type Limits struct {
	// Wall is how long the call may take. Default 10 s.
	Wall time.Duration
	// CPU is how much processor time it may use, in whole seconds, rounded up. Default 5 s.
	CPU time.Duration
	// Memory is how many bytes it may allocate beside the interpreter. Default 256 MiB.
	Memory int64
	// Output is how many bytes it may send: log lines, questions to the broker, and the result together. Default 8 MiB.
	Output int64
	// Processes is 1 for a script without threads, the default. More allows threads, bounded by the configured number for the
	// calls of a tenant's environment together. New processes are never allowed.
	Processes int
}

func (l Limits) orDefault(cfg Config) Limits {
	return Limits{
		Wall:      bound(l.Wall, 10*time.Second, cfg.MaxWall),
		CPU:       bound(l.CPU, 5*time.Second, cfg.MaxWall),
		Memory:    bound(l.Memory, 256<<20, int64(cfg.MaxMemory)),
		Output:    bound(l.Output, 8<<20, int64(cfg.MaxOutput)),
		Processes: bound(l.Processes, 1, cfg.MaxProcesses),
	}
}

func bound[N int | int64 | time.Duration](n, byDefault, most N) N {
	if n <= 0 {
		n = byDefault
	}
	return min(n, most)
}

// Call is one run of a script.
type Call struct {
	// Tenant owns the zygote. It is required.
	Tenant string
	// Environment names the set of packages; empty is the standard library alone.
	Environment string
	// Code is the module, at most 1 MiB.
	Code string
	// Function is the name to call, "main" when empty.
	Function string
	// Args are passed by position; values of package value.
	Args   []any
	Limits Limits
	// Broker answers aqtra.call; nil refuses every question.
	Broker Broker
}

// Result is what a call gave. After an error it still holds the logs and figures, as far as they are known.
type Result struct {
	Value any
	// Logs are the lines printed or logged: at most 1,000 lines or 256 KiB, and then one line that tells how many were dropped.
	Logs []LogLine
	CPU  time.Duration
	Wall time.Duration
	// MaxRSS is the largest resident size in bytes.
	MaxRSS int64
}

// LogLine is one line of a script's output.
type LogLine struct {
	// Level is debug, info (also print), warning (also standard error) or error.
	Level string
	Text  string
}

// Outcome is the result of one item of a batch: Err, or Value.
type Outcome struct {
	Index int
	Value any
	Err   error
}

// Problem is what is wrong with a script. Line and Column count from 1.
type Problem struct {
	Line, Column int
	Message      string
}

// Broker is the only way from a script to anything else: entries, files, HTTP. It acts for the user for whom the script runs. It
// must expect any method and any arguments. A fault's message reaches the script; any other error is logged and shown as
// "internal error".
type Broker interface {
	Invoke(ctx context.Context, method string, args map[string]any) (any, error)
}

// Config tunes the sandbox.
type Config struct {
	Python      string        `default:"/usr/bin/python3" doc:"the interpreter, 3.11 or later; sandboxes run it as another user"`
	Launcher    string        `env:"AQTRA_PYTHON_RUNNER_LAUNCHER" doc:"the program aqtra-launcher; by default next to the running executable"`
	Packages    string        `doc:"folder with one folder of packages per environment"`
	SandboxedBy string        `doc:"gvisor when the pod's RuntimeClass isolates it; only then Landlock and seccomp may be missing"`
	FirstUID    int           `default:"61000" doc:"first of the user ids for sandboxes; used when started as root"`
	UIDs        int           `default:"1000" doc:"how many user ids there are for sandboxes"`
	MaxZygotes  int           `default:"16" doc:"how many warm interpreters are kept, one per tenant and environment"`
	MaxCalls    int           `default:"16" doc:"how many scripts run at once; more wait"`
	Idle        time.Duration `default:"5m" doc:"an interpreter that was not used for this long is ended"`
	Start       time.Duration `default:"10s" doc:"how long an interpreter may take to start"`
	// The most that a call may ask for.
	MaxWall      time.Duration `default:"10m" doc:"longest time of one call"`
	MaxMemory    config.Size   `default:"1GiB" doc:"most memory of one call"`
	MaxOutput    config.Size   `default:"64MiB" doc:"most output of one call"`
	MaxProcesses int           `default:"16" doc:"most threads of one call"`
}

// Validate reports every bad field at once, by name.
func (c Config) Validate() error {
	var errs []error
	if !filepath.IsAbs(c.Python) {
		errs = append(errs, errors.New("python: not an absolute path"))
	}
	if c.SandboxedBy != "" && c.SandboxedBy != "gvisor" {
		errs = append(errs, fmt.Errorf("sandboxed by: %q is not known, only gvisor is", c.SandboxedBy))
	}
	if c.FirstUID < 1000 {
		errs = append(errs, errors.New("first uid: below 1000 are the system's own users"))
	}
	if c.UIDs < 2*c.MaxZygotes {
		errs = append(errs, errors.New("uids: fewer than twice the interpreters"))
	}
	// Orders and reports of all calls must fit the control socket's buffers, or its two ends could wait for each other.
	if c.MaxCalls > 100 {
		errs = append(errs, errors.New("max calls: above 100"))
	}
	for name, n := range map[string]int64{
		"max zygotes": int64(c.MaxZygotes), "max calls": int64(c.MaxCalls), "idle": int64(c.Idle), "start": int64(c.Start),
		"max wall": int64(c.MaxWall), "max memory": int64(c.MaxMemory), "max output": int64(c.MaxOutput), "max processes": int64(c.MaxProcesses),
	} {
		if n <= 0 {
			errs = append(errs, fmt.Errorf("%s: not above zero", name))
		}
	}
	return errors.Join(errs...)
}

// environmentName is what may become a folder's name.
func environmentName() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,127}$`) }

func (s *Supervisor) checkCall(c Call) error {
	var opts []fault.Option
	if c.Tenant == "" {
		opts = append(opts, fault.Field("tenant", "required"))
	}
	if c.Environment != "" && !s.environment.MatchString(c.Environment) {
		opts = append(opts, fault.Field("environment", "not the name of an environment"))
	}
	if len(c.Code) > maxCode {
		opts = append(opts, fault.Field("code", "longer than 1 MiB"))
	}
	if len(c.Function) > 200 {
		opts = append(opts, fault.Field("function", "longer than 200 bytes"))
	}
	if len(opts) > 0 {
		return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the call is not valid", opts...)
	}
	if c.Environment != "" {
		_, err := s.packages(c.Environment)
		return err
	}
	return nil
}

package sandbox

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/python-runner/internal/launcher"
	"github.com/aqtra/aqtra/services/python-runner/internal/zygote"
)

// Supervisor runs scripts. Run must be running for calls to be answered.
type Supervisor struct {
	cfg         Config
	log         *slog.Logger
	clock       clock.Clock
	metrics     metrics
	environment *regexp.Regexp

	launcher string
	python   interpreter
	filters  string // for the zygote's command line
	// unavailable is why this machine cannot run scripts safely; nil when it can.
	unavailable error

	slots   chan struct{}
	starts  chan *process
	stopped chan struct{}
	stop    func() // closes stopped, once
	// finished is closed when Run has returned.
	finished chan struct{}

	mu        sync.Mutex
	running   bool
	processes map[owner]*process
	uids      map[int]bool // in use
	nextUID   int
	ended     sync.WaitGroup
}

// owner is for whom a zygote works. The zero owner checks scripts without running them.
type owner struct{ tenant, environment string }

// New makes a supervisor; it starts nothing but asks the interpreter where its library is. A machine that cannot confine scripts is no
// error here: Available tells, and every call is refused.
func New(cfg Config, log *slog.Logger, c clock.Clock, registerer prometheus.Registerer) (*Supervisor, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return newSupervisor(cfg, log, c, registerer, launcher.Detect())
}

func newSupervisor(cfg Config, log *slog.Logger, c clock.Clock, registerer prometheus.Registerer, features launcher.Features) (*Supervisor, error) {
	s := &Supervisor{
		cfg: cfg, log: log, clock: c, environment: environmentName(),
		slots: make(chan struct{}, cfg.MaxCalls), starts: make(chan *process, 4*cfg.MaxZygotes), stopped: make(chan struct{}), finished: make(chan struct{}),
		processes: make(map[owner]*process), uids: make(map[int]bool),
	}
	s.stop = sync.OnceFunc(func() { close(s.stopped) })
	var err error
	if s.metrics, err = newMetrics(registerer, s.count); err != nil {
		return nil, err
	}
	if s.filters, err = filters(features); err != nil {
		return nil, err
	}
	s.unavailable = s.prepare(features)
	return s, nil
}

func (s *Supervisor) prepare(features launcher.Features) error {
	if err := features.Missing(); err != nil && s.cfg.SandboxedBy == "" {
		return fmt.Errorf("%w, and no RuntimeClass is declared that would isolate instead", err)
	}
	var err error
	if s.launcher, err = findLauncher(s.cfg.Launcher); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.cfg.Start)
	defer cancel()
	s.python, err = findInterpreter(ctx, s.cfg.Python)
	return err
}

func filters(features launcher.Features) (string, error) {
	list := []string{}
	if features.Seccomp {
		for _, threads := range []bool{false, true} {
			filter, err := launcher.CallFilter(threads)
			if err != nil {
				return "", err
			}
			list = append(list, base64.StdEncoding.EncodeToString(filter))
		}
	}
	text, err := json.Marshal(list)
	return string(text), err
}

// Available returns nil when scripts can be run here, and otherwise why not.
func (s *Supervisor) Available() error { return s.unavailable }

// Run starts interpreters when calls need them and ends idle ones, until ctx ends or Close is called; then it ends all and waits
// for them.
func (s *Supervisor) Run(ctx context.Context) error {
	if s.unavailable != nil {
		s.log.WarnContext(ctx, "scripts cannot be run here", "error", s.unavailable)
	}
	// An interpreter is killed when the thread that started it ends, so one thread starts them all and outlives them.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	s.mu.Lock()
	if s.running {
		s.mu.Unlock()
		return errors.New("the supervisor runs already")
	}
	s.running = true
	s.mu.Unlock()
	defer s.shutdown()
	tick := s.clock.NewTimer(s.cfg.Idle / 4)
	defer tick.Stop()
	for {
		select {
		case p := <-s.starts:
			s.start(p)
		case <-tick.C():
			s.endIdle()
			tick.Reset(s.cfg.Idle / 4)
		case <-ctx.Done():
			return nil
		case <-s.stopped:
			return nil
		}
	}
}

// Close ends every interpreter and the calls in them. It returns when they are gone and Run has returned.
func (s *Supervisor) Close() {
	s.stop()
	s.mu.Lock()
	running := s.running
	s.mu.Unlock()
	if running {
		<-s.finished
	}
}

func (s *Supervisor) shutdown() {
	s.stop()
	s.mu.Lock()
	// reserve looks at stopped under the lock: nothing is added after this.
	for len(s.starts) > 0 {
		p := <-s.starts
		p.fail(errors.New("the supervisor has stopped"))
	}
	for o, p := range s.processes {
		p.end()
		delete(s.processes, o)
	}
	s.mu.Unlock()
	s.ended.Wait()
	close(s.finished)
}

func (s *Supervisor) endIdle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for o, p := range s.processes {
		if p.users == 0 && s.clock.Now().Sub(p.used) >= s.cfg.Idle {
			p.end()
			delete(s.processes, o)
		}
	}
}

func (s *Supervisor) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.processes)
}

// acquire returns a running interpreter for o, which stays until release. ctx bounds the wait for a new one.
func (s *Supervisor) acquire(ctx context.Context, o owner) (*process, error) {
	if s.unavailable != nil {
		return nil, unavailable("scripts cannot be run on this machine", s.unavailable)
	}
	p, err := s.reserve(o)
	if err != nil {
		return nil, err
	}
	select {
	case <-p.ready:
		return p, nil
	case <-p.gone:
		s.release(p)
		return nil, unavailable("the script could not be started", p.failure, fault.Retry(time.Second))
	case <-ctx.Done():
		s.release(p)
		return nil, fmt.Errorf("wait for an interpreter: %w", ctx.Err())
	}
}

func (s *Supervisor) reserve(o owner) (*process, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.stopped:
		return nil, unavailable("the service is stopping", nil, fault.Retry(time.Second))
	default:
	}
	p := s.processes[o]
	if p != nil && p.isGone() {
		p = nil
	}
	if p == nil {
		if len(s.processes) >= s.cfg.MaxZygotes && s.processes[o] == nil && !s.evict() {
			return nil, unavailable("all sandboxes are busy", nil, fault.Retry(time.Second))
		}
		p = newProcess(o)
		select {
		case s.starts <- p:
		default:
			return nil, unavailable("too many sandboxes are starting", nil, fault.Retry(time.Second))
		}
		s.processes[o] = p
	}
	p.users++
	return p, nil
}

// evict ends the interpreter that was idle for longest; false when none is idle.
func (s *Supervisor) evict() bool {
	var oldest *process
	for _, p := range s.processes {
		if p.users == 0 && (oldest == nil || p.used.Before(oldest.used)) {
			oldest = p
		}
	}
	if oldest == nil {
		return false
	}
	oldest.end()
	delete(s.processes, oldest.owner)
	return true
}

func (s *Supervisor) release(p *process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.users--
	p.used = s.clock.Now()
}

// start spawns p. It runs on the thread of Run.
func (s *Supervisor) start(p *process) {
	if p.isGone() {
		return // evicted before it was started
	}
	uid := s.takeUID()
	spec, err := s.spec(p.owner, uid)
	if err == nil {
		err = p.spawn(s.launcher, spec)
	}
	if err != nil {
		s.giveUID(uid)
		s.log.Error("sandbox did not start", "error", err)
		p.fail(err)
		return
	}
	s.metrics.starts.Inc()
	timer := s.clock.AfterFunc(s.cfg.Start, func() {
		if !p.isReady() {
			p.end()
		}
	})
	s.ended.Go(func() {
		p.serve()
		timer.Stop()
		s.giveUID(uid)
		if p.failure != nil && !p.ending.Load() {
			s.log.Warn("sandbox ended by itself", "error", p.failure)
		}
	})
}

func (s *Supervisor) spec(o owner, uid int) (launcher.Spec, error) {
	argv := []string{s.python.Executable, "-I", "-S", "-B", "-X", "utf8", "-c", zygote.Source, s.filters}
	spec := launcher.Spec{
		Parent: os.Getpid(), UID: uid, Read: slices.Clone(s.python.Read), Exec: []string{s.python.Executable},
		Relaxed: s.cfg.SandboxedBy != "",
	}
	if s.python.Loader != "" {
		spec.Exec = append(spec.Exec, s.python.Loader)
	}
	if uid != 0 {
		spec.Processes = uint64(1 + s.cfg.MaxCalls*s.cfg.MaxProcesses)
	}
	if o.environment != "" {
		folder, err := s.packages(o.environment)
		if err != nil {
			return launcher.Spec{}, err
		}
		spec.Read = append(spec.Read, folder)
		argv = append(argv, folder)
	}
	spec.Argv = argv
	return spec, nil
}

// packages returns the folder of an environment, whose name was checked.
func (s *Supervisor) packages(environment string) (string, error) {
	folder := filepath.Join(s.cfg.Packages, environment)
	info, err := os.Stat(folder)
	if s.cfg.Packages == "" || err != nil || !info.IsDir() {
		return "", fault.FailedPrecondition(faultv1.Reason_REASON_SANDBOX_UNAVAILABLE, "the script's environment is not installed",
			fault.Meta("environment", environment))
	}
	return folder, nil
}

// takeUID hands out the least recently used of the free user ids; 0, which means the present one, when not root. There are more
// ids than interpreters, so that one is not used again while a process of its last tenant is dying.
func (s *Supervisor) takeUID() int {
	if os.Geteuid() != 0 {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for range s.cfg.UIDs {
		uid := s.cfg.FirstUID + s.nextUID
		s.nextUID = (s.nextUID + 1) % s.cfg.UIDs
		if !s.uids[uid] {
			s.uids[uid] = true
			return uid
		}
	}
	return 0 // none is free: the launcher refuses, for it never runs as root
}

func (s *Supervisor) giveUID(uid int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.uids, uid)
}

func unavailable(message string, cause error, opts ...fault.Option) error {
	return fault.Unavailable(faultv1.Reason_REASON_SANDBOX_UNAVAILABLE, message, append(opts, fault.Cause(cause))...)
}

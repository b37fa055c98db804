package stand

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// pause is how often something that cannot be waited for is looked at.
const pause = 20 * time.Millisecond

// Process is one program of the installation. It may be started again after it has ended.
type Process struct {
	Name string

	path string
	args []string
	env  []string
	log  string

	mu    sync.Mutex
	cmd   *exec.Cmd
	ended chan struct{}
	err   error
	from  int64 // where the log of the present start begins
}

// spawner starts processes from one thread that lives as long as the program: the kernel ends a child when the thread that
// started it ends, not the process.
type spawner struct {
	once sync.Once
	jobs chan func()
}

func (s *spawner) do(f func()) {
	s.once.Do(func() {
		s.jobs = make(chan func())
		go func() {
			runtime.LockOSThread()
			for job := range s.jobs {
				job()
			}
		}()
	})
	done := make(chan struct{})
	s.jobs <- func() { f(); close(done) }
	<-done
}

// start runs the program. It dies with this one.
func (p *Process) start(s *spawner) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running() {
		return fmt.Errorf("%s is running", p.Name)
	}
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }() // the child has its own
	info, err := out.Stat()
	if err != nil {
		return err
	}
	p.from = info.Size()
	cmd := exec.Command(p.path, p.args...)
	cmd.Env, cmd.Stdout, cmd.Stderr, cmd.Dir = p.env, out, out, filepath.Dir(p.log)
	// A group of its own keeps the terminal's Ctrl-C away: tests decide who stops and when.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	s.do(func() { err = cmd.Start() })
	if err != nil {
		return fmt.Errorf("start %s: %w", p.Name, err)
	}
	ended := make(chan struct{})
	p.cmd, p.ended, p.err = cmd, ended, nil
	go func() {
		err := cmd.Wait()
		p.mu.Lock()
		p.err = err
		p.mu.Unlock()
		close(ended)
	}()
	return nil
}

func (p *Process) running() bool {
	if p.cmd == nil {
		return false
	}
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// Running reports whether the process has been started and has not ended.
func (p *Process) Running() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.running()
}

// Pid is the number of the process, 0 when it was never started.
func (p *Process) Pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return 0
	}
	return p.cmd.Process.Pid
}

// Signal sends a signal that does not end the process, such as SIGSTOP.
func (p *Process) Signal(sig syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.running() {
		return fmt.Errorf("%s is not running", p.Name)
	}
	return p.cmd.Process.Signal(sig)
}

// End sends a signal and waits for the end. It returns the exit code, -1 when the signal itself ended the process.
func (p *Process) End(sig syscall.Signal, within time.Duration) (int, error) {
	p.mu.Lock()
	cmd, ended, running := p.cmd, p.ended, p.running()
	p.mu.Unlock()
	if !running {
		return 0, fmt.Errorf("%s is not running", p.Name)
	}
	if err := cmd.Process.Signal(sig); err != nil {
		return 0, fmt.Errorf("signal %s: %w", p.Name, err)
	}
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-ended:
		return cmd.ProcessState.ExitCode(), nil
	case <-timer.C:
		return 0, fmt.Errorf("%s did not end within %s after %s", p.Name, within, sig)
	}
}

// Log is what the process has written since its present start.
func (p *Process) Log() string {
	p.mu.Lock()
	from := p.from
	p.mu.Unlock()
	text, err := os.ReadFile(p.log)
	if err != nil || int64(len(text)) < from {
		return ""
	}
	return string(text[from:])
}

// Says waits until the present start has written a line that contains text, and returns that line.
func (p *Process) Says(ctx context.Context, text string) (string, error) {
	for {
		if line, ok := lineWith(p.Log(), text); ok {
			return line, nil
		}
		if !p.Running() {
			return "", fmt.Errorf("%s ended before it said %q:\n%s", p.Name, text, tail(p.Log()))
		}
		if err := wait(ctx); err != nil {
			return "", fmt.Errorf("%s did not say %q: %w\n%s", p.Name, text, err, tail(p.Log()))
		}
	}
}

func lineWith(log, text string) (string, bool) {
	for line := range strings.Lines(log) {
		if strings.HasSuffix(line, "\n") && strings.Contains(line, text) {
			return strings.TrimSpace(line), true
		}
	}
	return "", false
}

func tail(log string) string { return log[max(0, len(log)-4000):] }

// wait sleeps for a moment, or returns the error of the context.
func wait(ctx context.Context) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Descendant is a process that stems from one of ours. Its start time tells it from another with the same number.
type Descendant struct {
	Pid     int
	Command string
	started string
}

// Descendants are the children of the process, theirs, and so on.
func (p *Process) Descendants() ([]Descendant, error) {
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil, err
	}
	children := make(map[int][]Descendant)
	for _, dir := range dirs {
		if d, parent, ok := readProcess(dir); ok {
			children[parent] = append(children[parent], d)
		}
	}
	var all []Descendant
	for queue := []int{p.Pid()}; len(queue) > 0; queue = queue[1:] {
		for _, d := range children[queue[0]] {
			all = append(all, d)
			queue = append(queue, d.Pid)
		}
	}
	return all, nil
}

// readProcess reads a folder of /proc. A process that has ended meanwhile, or waits to be buried, is not there.
func readProcess(dir string) (d Descendant, parent int, ok bool) {
	stat, err := os.ReadFile(filepath.Join(dir, "stat"))
	if err != nil {
		return d, 0, false
	}
	// "pid (name) state ppid .. starttime", where the name may hold anything.
	open, shut := bytes.IndexByte(stat, '('), bytes.LastIndexByte(stat, ')')
	if open < 0 || shut < open {
		return d, 0, false
	}
	fields := strings.Fields(string(stat[shut+1:]))
	if len(fields) < 20 || fields[0] == "Z" {
		return d, 0, false
	}
	d = Descendant{Command: string(stat[open+1 : shut]), started: fields[19]}
	if _, err := fmt.Sscan(string(stat[:open]), &d.Pid); err != nil {
		return d, 0, false
	}
	if _, err := fmt.Sscan(fields[1], &parent); err != nil {
		return d, 0, false
	}
	return d, parent, true
}

// Gone waits until the process has ended.
func (d Descendant) Gone(ctx context.Context) error {
	for {
		now, _, ok := readProcess(fmt.Sprintf("/proc/%d", d.Pid))
		if !ok || now.started != d.started {
			return nil
		}
		if err := wait(ctx); err != nil {
			return errors.Join(fmt.Errorf("process %d (%s) is still there", d.Pid, d.Command), err)
		}
	}
}

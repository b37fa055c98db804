package pgserver

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"syscall"
	"time"
)

// Superuser is the name of the superuser that Init makes.
const Superuser = "postgres"

// hba lets in TLS with a password only; the unix socket's folder decides who may try there.
const hba = `local   all all               scram-sha-256
hostssl all all 127.0.0.1/32  scram-sha-256
hostssl all all ::1/128       scram-sha-256
`

// Init makes a data folder at dir, which must be missing or empty and within a folder that the user may write to.
// It syncs to disk only when durable. An error carries what initdb said.
func Init(ctx context.Context, bin Binaries, dir string, u User, password string, durable bool) error {
	pw := filepath.Join(filepath.Dir(dir), ".pw")
	if err := u.WriteFile(pw, []byte(password)); err != nil {
		return fmt.Errorf("hand over the password: %w", err)
	}
	defer os.Remove(pw)
	args := []string{
		"--pgdata=" + dir, "--username=" + Superuser, "--pwfile=" + pw, "--auth=scram-sha-256",
		"--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums",
	}
	if !durable {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, bin.path("initdb"), args...)
	cmd.SysProcAttr = u.attr(syscall.SIGKILL)
	cmd.Dir = filepath.Dir(dir)
	cmd.Env = environment()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb as user %d in %s (every folder above must let that user pass): %w: %s", u.uid, filepath.Dir(dir), err, lastLines(out))
	}
	return u.WriteFile(filepath.Join(dir, "pg_hba.conf"), []byte(hba))
}

// environment is what the server's processes get: nothing of ours, above all no PG* variables.
func environment() []string {
	return []string{"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC"}
}

// Spec says how to run a server.
type Spec struct {
	Bin      Binaries
	Dir      string // the data folder
	User     User
	Settings map[string]string // of postgresql.conf
	// Death is sent to the server when this process ends, however it ends: SIGINT for a clean stop, SIGQUIT for an
	// immediate one.
	Death syscall.Signal
	// Disposable removes the folder that holds Dir when this process ends, for tests. Death is not used then.
	Disposable bool
}

// disposable stops the server and removes its folder when its standard input ends, which this process holds open.
const disposable = `"$@" & pid=$!
cat >/dev/null
kill -QUIT $pid
wait $pid
rm -rf "$DISPOSE"`

// Process is a running server.
type Process struct {
	pid   int
	log   string
	done  chan struct{}
	err   error
	input io.Closer
}

// Start runs the server and returns at once; it is ready when it answers. What it says before its own log begins goes
// to startup.log in the data folder.
func Start(s Spec) (*Process, error) {
	p := &Process{log: filepath.Join(s.Dir, "startup.log"), done: make(chan struct{})}
	args := []string{s.Bin.path("postgres"), "-D", s.Dir}
	keys := make([]string, 0, len(s.Settings))
	for k := range s.Settings {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		args = append(args, "-c", k+"="+s.Settings[k])
	}
	env, death := environment(), s.Death
	if s.Disposable {
		args = append([]string{"/bin/sh", "-c", disposable, "sh"}, args...)
		env = append(env, "DISPOSE="+filepath.Dir(s.Dir))
		death = 0
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	if err := s.User.Own(p.log); err != nil {
		return nil, err
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env, cmd.Dir = env, s.Dir
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = s.User.attr(death)
	if s.Disposable {
		if p.input, err = cmd.StdinPipe(); err != nil {
			return nil, err
		}
	}
	started := make(chan error, 1)
	go func() {
		// The death signal follows the thread that started the child, so that thread must live as long.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start postgres: %w", err)
	}
	p.pid = cmd.Process.Pid
	return p, nil
}

// Done is closed when the server has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// PID is the process id of the server.
func (p *Process) PID() int { return p.pid }

// Reload makes the server read its settings and certificates again.
func (p *Process) Reload() error { return p.signal(syscall.SIGHUP) }

// Kill ends the server at once, as kill -9 would, and waits for it.
func (p *Process) Kill() {
	_ = p.signal(syscall.SIGKILL) // it may be gone already
	<-p.done
}

// Stop ends the server and waits: a fast shutdown until ctx ends, an immediate one for 5 seconds, then kill -9.
// It returns an error when the shutdown was not a fast one.
func (p *Process) Stop(ctx context.Context) error {
	_ = p.signal(syscall.SIGINT) // it may be gone already
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
	}
	_ = p.signal(syscall.SIGQUIT)
	timer := time.NewTimer(5 * time.Second)
	defer timer.Stop()
	select {
	case <-p.done:
	case <-timer.C:
		p.Kill()
	}
	return fmt.Errorf("postgres was not stopped in time, so at once: %w", ctx.Err())
}

// StopNow ends the server without a checkpoint, as a crash would, and waits for it.
func (p *Process) StopNow() {
	_ = p.signal(syscall.SIGQUIT) // it may be gone already
	<-p.done
}

func (p *Process) signal(sig syscall.Signal) error {
	select {
	case <-p.done:
		return os.ErrProcessDone
	default:
		return syscall.Kill(p.pid, sig)
	}
}

// Wait returns when probe succeeds, or with an error when the server ends or ctx does.
func (p *Process) Wait(ctx context.Context, probe func(context.Context) error) error {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		err := probe(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("postgres ended (%v): %s", p.err, p.Log()) //nolint:errorlint // nil after exit code 0
		case <-ctx.Done():
			return fmt.Errorf("postgres is not ready: %w: %s", err, p.Log())
		case <-ticker.C:
		}
	}
}

// Log is the end of what the server said at its start.
func (p *Process) Log() string {
	data, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return lastLines(data)
}

func lastLines(out []byte) string {
	out = bytes.TrimSpace(out)
	if len(out) > 2000 {
		out = out[len(out)-2000:]
	}
	return strings.ReplaceAll(string(out), "\n", "; ")
}

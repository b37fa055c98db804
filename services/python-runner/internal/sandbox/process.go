package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/aqtra/aqtra/services/python-runner/internal/launcher"
)

// process is a zygote: a started launcher that became an interpreter.
type process struct {
	owner owner
	ready chan struct{} // closed when calls are taken
	gone  chan struct{} // closed when it has ended; failure is set before
	// failure is why it ended; nil while it lives.
	failure error
	ending  atomic.Bool
	close   func() // closes gone, once

	// users and used belong to the supervisor's lock.
	users int
	used  time.Time

	mu      sync.Mutex
	cmd     *exec.Cmd
	waited  bool
	control *net.UnixConn
	calls   map[int]chan exit
	lastID  int
	stderr  head
}

// order is a packet to the zygote: a call, whose socket goes with it, or a kill.
type order struct {
	Call    int   `json:"call,omitempty"`
	CPU     int   `json:"cpu,omitempty"` // seconds
	Memory  int64 `json:"memory,omitempty"`
	Threads int   `json:"threads"` // 0 or 1, the index of the filter
	Kill    int   `json:"kill,omitempty"`
}

// exit is the zygote's report on an ended call. No script can reach the socket it comes from.
type exit struct {
	Ready bool  `json:"ready"`
	ID    int   `json:"exit"`
	Code  int   `json:"code"` // status, or the negative signal, or notForked
	CPU   int64 `json:"cpu_micros"`
	RSS   int64 `json:"rss_kib"`
}

const notForked = -1000

func newProcess(o owner) *process {
	p := &process{owner: o, ready: make(chan struct{}), gone: make(chan struct{}), calls: make(map[int]chan exit)}
	p.close = sync.OnceFunc(func() { close(p.gone) })
	return p
}

func closed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func (p *process) isGone() bool  { return closed(p.gone) || p.ending.Load() }
func (p *process) isReady() bool { return closed(p.ready) }

// fail ends a process that was not spawned.
func (p *process) fail(err error) {
	p.failure = err
	p.close()
}

// spawn starts the launcher with an end of the control socket as descriptor 3 and an empty environment.
func (p *process) spawn(path string, spec launcher.Spec) error {
	text, err := json.Marshal(spec)
	if err != nil {
		return fmt.Errorf("encode the launcher's spec: %w", err)
	}
	ours, theirs, err := socketPair(unix.SOCK_SEQPACKET)
	if err != nil {
		return err
	}
	defer func() { _ = theirs.Close() }()
	cmd := exec.Command(path, string(text))
	cmd.Env = []string{}
	cmd.Dir = "/"
	cmd.ExtraFiles = []*os.File{theirs}
	cmd.Stderr = &p.stderr
	cmd.WaitDelay = time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ending.Load() {
		_ = ours.Close()
		return errors.New("ended before it was started")
	}
	if err := cmd.Start(); err != nil {
		_ = ours.Close()
		return fmt.Errorf("start the launcher: %w", err)
	}
	p.cmd, p.control = cmd, ours
	return nil
}

// serve reads the zygote's reports until it ends, and then reaps it.
func (p *process) serve() {
	var err error
	buf := make([]byte, 4096)
	for {
		var n int
		if n, err = p.control.Read(buf); err != nil || n == 0 {
			break
		}
		var e exit
		if err = json.Unmarshal(buf[:n], &e); err != nil {
			break
		}
		if e.Ready {
			close(p.ready)
			continue
		}
		p.mu.Lock()
		if c := p.calls[e.ID]; c != nil {
			c <- e
			delete(p.calls, e.ID)
		}
		p.mu.Unlock()
	}
	p.end()
	p.mu.Lock()
	p.waited = true // from here on its process id may be somebody else's
	p.mu.Unlock()
	_ = p.control.Close()
	waitErr := p.cmd.Wait()
	p.failure = errors.Join(errors.New("the interpreter ended"), waitErr, p.stderr.err())
	p.close()
}

// end kills the zygote and all its calls: the process group, which none of them can leave.
func (p *process) end() {
	p.ending.Store(true)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd != nil && !p.waited {
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	}
}

// begin forks a call that owns socket, which it does not close. The report of its end comes on the channel, unless the zygote
// goes first.
func (p *process) begin(socket *os.File, limits Limits) (int, <-chan exit, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lastID++
	o := order{Call: p.lastID, CPU: int((limits.CPU + time.Second - 1) / time.Second), Memory: limits.Memory}
	if limits.Processes > 1 {
		o.Threads = 1
	}
	done := make(chan exit, 1)
	p.calls[o.Call] = done
	if err := p.send(o, unix.UnixRights(int(socket.Fd()))); err != nil {
		delete(p.calls, o.Call)
		return 0, nil, err
	}
	return o.Call, done, nil
}

func (p *process) kill(id int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.calls[id] != nil {
		// When the zygote cannot be told, it is gone, and its calls with it.
		_ = p.send(order{Kill: id}, nil)
	}
}

func (p *process) send(o order, rights []byte) error {
	packet, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("encode an order: %w", err)
	}
	// A zygote that no longer reads is of no use: its calls then end as if it had gone.
	if _, _, err := p.control.WriteMsgUnix(packet, rights, nil); err != nil {
		return fmt.Errorf("send to the interpreter: %w", err)
	}
	return nil
}

// socketPair returns our end and the one to pass on.
func socketPair(kind int) (*net.UnixConn, *os.File, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, kind|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("make a socket pair: %w", err)
	}
	mine, theirs := os.NewFile(uintptr(fds[0]), "mine"), os.NewFile(uintptr(fds[1]), "theirs")
	defer func() { _ = mine.Close() }() // FileConn takes a copy
	conn, err := net.FileConn(mine)
	if err != nil {
		_ = theirs.Close()
		return nil, nil, fmt.Errorf("wrap a socket: %w", err)
	}
	return conn.(*net.UnixConn), theirs, nil
}

// head keeps the first bytes that a starting interpreter complains with; what is written later is dropped.
type head struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (h *head) Write(data []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if room := 4096 - h.buf.Len(); room > 0 {
		h.buf.Write(data[:min(room, len(data))])
	}
	return len(data), nil
}

func (h *head) err() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.buf.Len() == 0 {
		return nil
	}
	return errors.New(h.buf.String())
}

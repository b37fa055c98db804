package sandbox

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// prelude gives a probe what it needs. Each probe is the body of attempt(p); it is an escape unless it raises an OSError that
// says "not permitted", "denied" or "no such call". Any other errno means that the kernel went on to look at the arguments.
const prelude = `
import ctypes, errno, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
buf = ctypes.create_string_buffer(4096)
def call(nr, *args):
    r = libc.syscall(*[ctypes.c_long(a) if isinstance(a, int) else a for a in (nr, *args)])
    if r == -1: raise OSError(ctypes.get_errno(), "system call")
    return r
def attempt(p):
%s
def main(p):
    try:
        attempt(p)
    except OSError as e:
        return errno.errorcode.get(e.errno, str(e.errno))
    return "escaped"
`

type probe struct {
	name string
	code string
	// control tells that the same code outside of the sandbox, as the user of the test, goes further. It is left out
	// where the attempt itself would do harm or where this machine does not offer the thing.
	control bool
}

func probes() []probe {
	return []probe{
		{"environment of process 1", "open('/proc/1/environ', 'rb').read(1)", false},
		{"environment of another process", "open(f\"/proc/{p['pid']}/environ\", 'rb').read(1)", true},
		{"command line of another process", "open(f\"/proc/{p['pid']}/cmdline\", 'rb').read(1)", true},
		{"memory of another process", "open(f\"/proc/{p['pid']}/mem\", 'rb')", true},
		{"descriptors of another process", "os.listdir(f\"/proc/{p['pid']}/fd\")", true},
		{"root of another process", "os.readlink(f\"/proc/{p['pid']}/root\")", true},
		{"memory of the parent", "open(f'/proc/{os.getppid()}/mem', 'rb')", true},
		{"own environment file", "open('/proc/self/environ', 'rb')", true},
		{"own memory file", "open('/proc/self/mem', 'rb+')", true},
		{"list of processes", "os.listdir('/proc')", true},
		{"passwd", "open('/etc/passwd').read(1)", true},
		{"a token on disk", "open(p['secret']).read()", true},
		{"a folder", "os.listdir(os.path.dirname(p['secret']))", true},
		{"root folder", "os.listdir('/')", true},
		{"core_pattern", "os.open('/proc/sys/kernel/core_pattern', os.O_WRONLY)", false},
		{"sysrq-trigger", "os.open('/proc/sysrq-trigger', os.O_WRONLY)", false},
		{"hosts", "os.open('/etc/hosts', os.O_WRONLY)", false},
		{"resolv.conf", "os.open('/etc/resolv.conf', os.O_WRONLY)", false},
		{"create a file", "open(p['folder'] + '/new', 'w')", true},
		{"create a file in /tmp", "os.open('/tmp', os.O_TMPFILE | os.O_RDWR)", true},
		{"shared memory", "os.open('/dev/shm', os.O_TMPFILE | os.O_RDWR)", true},
		{"device", "os.open('/dev/zero', os.O_RDWR)", true},
		{"change the library", "os.open(os.__file__, os.O_WRONLY)", false},
		{"folder", "os.mkdir(p['folder'] + '/dir')", true},
		{"symbolic link", "os.symlink('/etc/passwd', p['folder'] + '/link')", true},
		{"hard link", "os.link(p['secret'], p['folder'] + '/hard')", true},
		{"read by a symbolic link", "open(p['link']).read()", true},
		{"read by ..", "open(os.path.dirname(os.__file__) + '/../../../etc/passwd').read(1)", true},
		{"remove", "os.unlink(p['folder'] + '/gone')", true},
		{"rename", "os.rename(p['folder'] + '/move', p['folder'] + '/moved')", true},
		{"truncate", "os.truncate(p['folder'] + '/short', 0)", true},
		{"mode", "os.chmod(p['folder'] + '/mode', 0o777)", true},
		{"owner", "os.chown(p['folder'] + '/mode', os.getuid(), os.getgid())", true},
		{"change folder", "os.chdir('/')", true},
		{"connect to a port", "socket.create_connection(('127.0.0.1', p['port']))", true},
		{"inet stream", "socket.socket(socket.AF_INET, socket.SOCK_STREAM)", true},
		{"inet datagram, as DNS uses", "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)", true},
		{"inet6", "socket.socket(socket.AF_INET6, socket.SOCK_STREAM)", true},
		{"raw", "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)", true},
		{"unix", "socket.socket(socket.AF_UNIX).connect(p['unix'])", true},
		{"abstract unix", "socket.socket(socket.AF_UNIX).connect('\\0' + p['abstract'])", true},
		{"unix pair", "socket.socketpair()", true},
		{"vsock", "socket.socket(40, socket.SOCK_STREAM)", true},
		{"netlink", "socket.socket(16, socket.SOCK_RAW, 0)", true},
		{"packet", "socket.socket(17, socket.SOCK_RAW, 0)", true},
		{"alg", "socket.socket(38, socket.SOCK_SEQPACKET, 0)", true},
		{"connect the own socket", "call(p['CONNECT'], 3, buf, 16)", true},
		{"send descriptors", "call(p['SENDMSG'], 3, None, 0)", true},
		{"receive descriptors", "call(p['RECVMSG'], 3, None, 0)", true},
		{"io_uring", "call(p['IO_URING_SETUP'], 1, None)", true},
		{"bpf", "call(p['BPF'], 0, None, 0)", true},
		{"userfaultfd", "call(p['USERFAULTFD'], 0)", true},
		{"perf_event_open", "call(p['PERF_EVENT_OPEN'], None, 0, -1, -1, 0)", true},
		{"keyctl", "call(p['KEYCTL'], 0, -3, 0)", true},
		{"add_key", "call(p['ADD_KEY'], None, None, None, 0, 0)", true},
		{"ptrace", "call(p['PTRACE'], 16, p['pid'], 0, 0)", true},
		{"process_vm_readv", "call(p['PROCESS_VM_READV'], p['pid'], None, 0, None, 0, 0)", true},
		{"pidfd_open", "call(p['PIDFD_OPEN'], p['pid'], 0)", true},
		{"pidfd_getfd", "call(p['PIDFD_GETFD'], -1, 0, 0)", true},
		{"kcmp", "call(p['KCMP'], p['pid'], p['pid'], 0, 0, 0)", true},
		{"user namespace", "call(p['UNSHARE'], 0x10000000)", true},
		{"user namespace by clone", "call(p['CLONE'], 0x10000011, None, None, None, None) or os._exit(0)", true},
		{"user namespace by clone3", "call(p['CLONE3'], None, 64)", true},
		{"fork", "call(p['CLONE'], 17, None, None, None, None) or os._exit(0)", true},
		{"fork by the library", "libc.fork.restype = ctypes.c_int\n    if (r := libc.fork()) == -1: raise OSError(ctypes.get_errno(), 'fork')\n    r or os._exit(0)", true},
		{"execve", "call(p['EXECVE'], b'/nonexistent', None, None)", true},
		{"execveat", "call(p['EXECVEAT'], -1, b'', None, None, 0x1000)", true},
		{"execute from memory", "os.memfd_create('x')", true},
		{"mount", "call(p['MOUNT'], b'none', b'/nonexistent', b'tmpfs', 0, None)", true},
		{"new mount interface", "call(p['FSOPEN'], b'nonexistent', 0)", true},
		{"setns", "call(p['SETNS'], -1, 0)", true},
		{"chroot", "call(p['CHROOT'], b'/nonexistent')", true},
		{"pivot_root", "call(p['PIVOT_ROOT'], b'/nonexistent', b'/nonexistent')", true},
		{"open by handle", "call(p['OPEN_BY_HANDLE_AT'], -100, None, 0)", true},
		{"push into a terminal", "import fcntl, termios\n    fcntl.ioctl(1, termios.TIOCSTI, b'x')", true},
		{"kill the parent", "os.kill(os.getppid(), 0)", true},
		{"kill the supervisor", "os.kill(p['supervisor'], 0)", true},
		{"kill everything", "os.kill(-1, 0)", true},
		{"kill by queue", "call(p['RT_SIGQUEUEINFO'], os.getppid(), 0, None)", true},
		{"own signal owner", "import fcntl\n    fcntl.fcntl(3, fcntl.F_SETOWN, p['pid'])", true},
		{"own limits", "call(p['PRLIMIT64'], 0, 4, buf, None)", true},
		{"limits of another process", "import resource\n    resource.prlimit(p['pid'], resource.RLIMIT_CORE)", true},
		{"become root", "os.setuid(0)", true},
		{"new session", "call(p['SETSID'])", false},
		{"other process group", "call(p['SETPGID'], 0, 0)", true},
		{"undo parent death signal", "call(p['PRCTL'], 1, 0, 0, 0, 0)", true},
		{"dumpable", "call(p['PRCTL'], 4, 0, 0, 0, 0)", true},
		{"another filter", "call(p['SECCOMP'], 1, 0, None)", true},
		{"nested Landlock", "call(p['LANDLOCK_CREATE_RULESET'], None, 0, 1)", true},
		{"module", "call(p['FINIT_MODULE'], -1, None, 0)", false},
		{"kexec", "call(p['KEXEC_LOAD'], 0, 0, None, 1)", false},
		{"kernel log", "call(p['SYSLOG'], 10, None, 0)", true},
		{"scheduling", "call(p['SCHED_SETSCHEDULER'], 0, 99, None)", true},
		{"message queue", "call(p['MSGGET'], 0, 0o600)", true},
		{"shared segment", "call(p['SHMGET'], 0, 4096, 0o600)", true},
		{"watch files", "call(p['INOTIFY_INIT1'], 0)", true},
		{"watch all files", "call(p['FANOTIFY_INIT'], 0, 0)", true},
		{"personality", "call(p['PERSONALITY'], 0xffffffff)", true},
		{"wait for a sibling", "os.waitpid(-1, os.WNOHANG)", true},
	}
}

func systemCalls() map[string]any {
	return map[string]any{
		"CONNECT": unix.SYS_CONNECT, "SENDMSG": unix.SYS_SENDMSG, "RECVMSG": unix.SYS_RECVMSG, "IO_URING_SETUP": unix.SYS_IO_URING_SETUP,
		"BPF": unix.SYS_BPF, "USERFAULTFD": unix.SYS_USERFAULTFD, "PERF_EVENT_OPEN": unix.SYS_PERF_EVENT_OPEN, "KEYCTL": unix.SYS_KEYCTL,
		"ADD_KEY": unix.SYS_ADD_KEY, "PTRACE": unix.SYS_PTRACE, "PROCESS_VM_READV": unix.SYS_PROCESS_VM_READV, "PIDFD_OPEN": unix.SYS_PIDFD_OPEN,
		"PIDFD_GETFD": unix.SYS_PIDFD_GETFD, "KCMP": unix.SYS_KCMP, "UNSHARE": unix.SYS_UNSHARE, "CLONE": unix.SYS_CLONE, "CLONE3": unix.SYS_CLONE3,
		"EXECVE": unix.SYS_EXECVE, "EXECVEAT": unix.SYS_EXECVEAT, "MOUNT": unix.SYS_MOUNT, "FSOPEN": unix.SYS_FSOPEN, "SETNS": unix.SYS_SETNS,
		"CHROOT": unix.SYS_CHROOT, "PIVOT_ROOT": unix.SYS_PIVOT_ROOT, "OPEN_BY_HANDLE_AT": unix.SYS_OPEN_BY_HANDLE_AT,
		"RT_SIGQUEUEINFO": unix.SYS_RT_SIGQUEUEINFO, "SETSID": unix.SYS_SETSID, "SETPGID": unix.SYS_SETPGID, "PRCTL": unix.SYS_PRCTL,
		"SECCOMP": unix.SYS_SECCOMP, "LANDLOCK_CREATE_RULESET": unix.SYS_LANDLOCK_CREATE_RULESET, "FINIT_MODULE": unix.SYS_FINIT_MODULE,
		"KEXEC_LOAD": unix.SYS_KEXEC_LOAD, "SYSLOG": unix.SYS_SYSLOG, "SCHED_SETSCHEDULER": unix.SYS_SCHED_SETSCHEDULER, "MSGGET": unix.SYS_MSGGET,
		"PRLIMIT64": unix.SYS_PRLIMIT64, "SHMGET": unix.SYS_SHMGET, "INOTIFY_INIT1": unix.SYS_INOTIFY_INIT1, "FANOTIFY_INIT": unix.SYS_FANOTIFY_INIT, "PERSONALITY": unix.SYS_PERSONALITY,
	}
}

// target is what the probes aim at: a process with a secret, files and sockets that the sandbox's user could open
// but for the sandbox.
func target(t *testing.T) map[string]any {
	p := systemCalls()
	folder, err := os.MkdirTemp("", "probes")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	require.NoError(t, os.Chmod(folder, 0o777))
	for _, name := range []string{"secret", "gone", "move", "short", "mode"} {
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, []byte("canary"), 0o666))
		require.NoError(t, os.Chmod(path, 0o666))
	}
	require.NoError(t, os.Symlink(filepath.Join(folder, "secret"), filepath.Join(folder, "there")))
	p["folder"], p["secret"], p["link"] = folder, filepath.Join(folder, "secret"), filepath.Join(folder, "there")

	victim := exec.Command("sleep", "600")
	victim.Env = []string{"SECRET=canary"}
	require.NoError(t, victim.Start())
	t.Cleanup(func() {
		_ = victim.Process.Kill()
		_ = victim.Wait()
	})
	p["pid"], p["supervisor"] = victim.Process.Pid, os.Getpid()

	p["abstract"], p["unix"] = fmt.Sprint("aqtra-probe-", os.Getpid()), filepath.Join(folder, "socket")
	for network, address := range map[string]string{"tcp": "127.0.0.1:0", "unix": p["unix"].(string)} {
		l, err := net.Listen(network, address)
		require.NoError(t, err)
		t.Cleanup(func() { _ = l.Close() })
		if a, ok := l.Addr().(*net.TCPAddr); ok {
			p["port"] = a.Port
		}
	}
	require.NoError(t, os.Chmod(p["unix"].(string), 0o777))
	l, err := net.Listen("unix", "@"+p["abstract"].(string))
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return p
}

func denied(answer any) bool { return slices.Contains([]any{"EPERM", "EACCES", "ENOSYS"}, answer) }

// TestProbes tries to get out. A probe with a control is also run outside, where it must go further: so a probe that fails for
// a reason of its own is noticed.
func TestProbes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := target(t)
	args := make(map[string]any, len(p))
	for k, v := range p {
		if n, ok := v.(int); ok {
			v = int64(n)
		}
		args[k] = v
	}
	for _, pr := range probes() {
		t.Run(pr.name, func(t *testing.T) {
			if _, err := os.Stat("/proc/sysrq-trigger"); err != nil && pr.name == "sysrq-trigger" {
				t.Skip("this kernel has none")
			}
			code := fmt.Sprintf(prelude, "    "+pr.code)
			res, err := b.script(t, code, args)
			require.NoError(t, err)
			require.True(t, denied(res.Value), "%v", res.Value)
			if pr.control && os.Geteuid() == 0 {
				outside := control(t, b, code, p)
				require.False(t, denied(outside), "the control, outside of the sandbox, was denied too: %v", outside)
			}
		})
	}
}

func control(t *testing.T, b bench, code string, p map[string]any) any {
	t.Helper()
	text, err := json.Marshal(p)
	require.NoError(t, err)
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer func() { _, _ = r.Close(), w.Close() }()
	cmd := exec.CommandContext(t.Context(), b.python.Executable, "-I", "-S", "-B", "-c",
		code+"\nimport json\nprint(json.dumps(main(json.loads(sys.argv[1]))))", string(text))
	cmd.ExtraFiles = []*os.File{r} // the probes use descriptor 3
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.Output()
	require.NoError(t, err)
	var answer any
	require.NoError(t, json.Unmarshal(out, &answer))
	return answer
}

// A script may turn its own interpreter inside out: it finds no secret, and nothing of other calls.
func TestNothingToFindInside(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const secret = "canary-8c1f"
	for _, tenant := range []string{"acme", "globex"} {
		_, err := b.Call(t.Context(), Call{Tenant: tenant, Code: "KEEP = []\ndef main(x):\n    KEEP.append(x)\n    print(x)", Args: []any{secret}})
		require.NoError(t, err)
	}
	res, err := b.script(t, `
import gc, os, sys
def main():
    frames, f = [], sys._getframe()
    while f:
        frames.append(repr(f.f_locals) + repr(list(f.f_globals.items())))
        f = f.f_back
    for c in ().__class__.__base__.__subclasses__():
        frames.append(repr(vars(c)) if hasattr(c, "__dict__") else "")
    everything = "".join(frames) + repr(gc.get_objects())
    fds = []
    for fd in range(256):
        try:
            os.fstat(fd)
            fds.append(fd)
        except OSError: pass
    backwards = everything[::-1]
    return ["f1c8-yranac" in backwards, dict(os.environ), fds, sys.argv, "ARTQA" in backwards, "edoced" in backwards]
`)
	require.NoError(t, err)
	require.Equal(t, []any{false, map[string]any{}, []any{int64(0), int64(1), int64(2), int64(3)}, []any{"script.py"}, false, true}, res.Value)
}

// Package launcher puts a process into its sandbox: an unprivileged uid, no new privileges, resource limits, Landlock, a seccomp
// allow-list, an empty environment; then it executes the interpreter. What cannot be confined is not executed.
//
// It speaks to the kernel through golang.org/x/sys and assembles its filters with golang.org/x/net/bpf. go-landlock was judged
// and left: its strength is best effort over kernel versions and all threads of a Go program, where this program has one thread
// that matters, wants no best effort, and needs three system calls. go-seccomp-bpf was left because the filter for calls has to
// be handed on as bytes (the zygote installs it), and answers with more than one errno (clone3 must say ENOSYS).
package launcher

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// firstForeign is the first descriptor that the interpreter must not have: 0 to 2 are standard, 3 is the control socket.
const firstForeign = 4

// Spec is what the supervisor asks the launcher to do.
type Spec struct {
	// Parent is the supervisor's process id. The sandbox dies with it.
	Parent int
	// UID is the user and group to become. Zero keeps the present one, which then must not be root.
	UID int
	// Read lists files and folders that may be read; what does not exist is left out.
	Read []string
	// Exec lists files that may be executed (and read): the interpreter and the dynamic loader.
	Exec []string
	// Processes bounds the processes and threads of UID; zero sets no bound.
	Processes uint64
	// Argv is the interpreter's absolute path and its arguments. Its environment is empty.
	Argv []string
	// Relaxed goes on without Landlock or seccomp where the kernel lacks them. It is for sandboxes such as gVisor, which the
	// operator has declared.
	Relaxed bool
}

// Features is what the kernel offers for confinement.
type Features struct {
	// Landlock is the version of its ABI, 0 when it is missing or switched off.
	Landlock int
	// Seccomp tells whether filters that kill and that answer with an errno work.
	Seccomp bool
}

// Detect asks the kernel.
func Detect() Features {
	var f Features
	version, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno == 0 {
		f.Landlock = int(version)
	}
	f.Seccomp = actionAvailable(unix.SECCOMP_RET_KILL_PROCESS) && actionAvailable(unix.SECCOMP_RET_ERRNO)
	return f
}

func actionAvailable(action uint32) bool {
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_GET_ACTION_AVAIL, 0, uintptr(unsafe.Pointer(&action)))
	return errno == 0
}

// Missing names what Spec needs and f lacks; nil when nothing is missing.
func (f Features) Missing() error {
	var errs []error
	if f.Landlock < 1 {
		errs = append(errs, errors.New("the kernel has no Landlock"))
	}
	if !f.Seccomp {
		errs = append(errs, errors.New("the kernel has no seccomp filters"))
	}
	return errors.Join(errs...)
}

// Exec confines the process as args[0], a Spec in JSON, says, and executes the interpreter. It returns only on failure.
func Exec(args []string) error {
	if len(args) != 1 {
		return errors.New("started by the Python runner only: want one argument, a spec in JSON")
	}
	var spec Spec
	if err := json.Unmarshal([]byte(args[0]), &spec); err != nil {
		return fmt.Errorf("read the spec: %w", err)
	}
	features := Detect()
	if err := spec.check(os.Geteuid(), features); err != nil {
		return err
	}
	// No new privileges, the parent-death signal, Landlock and seccomp belong to a thread; this one executes the interpreter.
	runtime.LockOSThread()
	// Whatever the supervisor was given by its own parent without close-on-exec would otherwise reach the sandbox.
	if err := unix.CloseRange(firstForeign, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC); err != nil {
		return fmt.Errorf("mark inherited descriptors: %w", err)
	}
	if err := spec.become(); err != nil {
		return err
	}
	if err := spec.limit(); err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("set no_new_privs: %w", err)
	}
	if features.Landlock > 0 {
		if err := restrictFiles(features.Landlock, spec.Read, spec.Exec); err != nil {
			return err
		}
	}
	return spec.exec(features.Seccomp)
}

func (s Spec) check(euid int, f Features) error {
	if len(s.Argv) == 0 {
		return errors.New("the spec names no interpreter")
	}
	if euid == 0 && s.UID <= 0 {
		return errors.New("refusing to run as root: the spec names no uid")
	}
	if euid != 0 && s.UID != 0 {
		return errors.New("only root can become another user")
	}
	if s.Relaxed {
		return nil
	}
	return f.Missing()
}

// become drops root for good and ties the process's life to the supervisor's.
func (s Spec) become() error {
	if s.UID != 0 {
		if err := errors.Join(syscall.Setgroups(nil), syscall.Setresgid(s.UID, s.UID, s.UID), syscall.Setresuid(s.UID, s.UID, s.UID)); err != nil {
			return fmt.Errorf("become uid %d: %w", s.UID, err)
		}
	}
	// After setresuid, which clears it.
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return fmt.Errorf("set the parent-death signal: %w", err)
	}
	if os.Getppid() != s.Parent {
		return errors.New("the supervisor has gone")
	}
	return nil
}

// limit sets what holds for the zygote and each of its calls. Memory and CPU time are limited per call, by the zygote.
func (s Spec) limit() error {
	limits := map[int]uint64{
		unix.RLIMIT_CORE:     0,
		unix.RLIMIT_FSIZE:    0,
		unix.RLIMIT_NOFILE:   128,
		unix.RLIMIT_MEMLOCK:  0,
		unix.RLIMIT_MSGQUEUE: 0,
		unix.RLIMIT_STACK:    8 << 20,
	}
	if s.Processes > 0 {
		limits[unix.RLIMIT_NPROC] = s.Processes
	}
	for resource, n := range limits {
		if err := unix.Setrlimit(resource, &unix.Rlimit{Cur: n, Max: n}); err != nil {
			return fmt.Errorf("set resource limit %d: %w", resource, err)
		}
	}
	return nil
}

// exec installs the filter and executes. Everything is made ready before: under the filter a Go program cannot go on.
func (s Spec) exec(seccomp bool) error {
	path, err := syscall.BytePtrFromString(s.Argv[0])
	if err != nil {
		return fmt.Errorf("interpreter path: %w", err)
	}
	argv, err := syscall.SlicePtrFromStrings(s.Argv)
	if err != nil {
		return fmt.Errorf("interpreter arguments: %w", err)
	}
	env := []*byte{nil}
	filter, err := assemble(zygoteRules())
	if err != nil {
		return err
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if seccomp {
		if _, _, errno := syscall.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&program))); errno != 0 {
			return fmt.Errorf("install the seccomp filter: %w", errno)
		}
	}
	_, _, errno := syscall.RawSyscall(syscall.SYS_EXECVE, uintptr(unsafe.Pointer(path)), uintptr(unsafe.Pointer(&argv[0])), uintptr(unsafe.Pointer(&env[0])))
	runtime.KeepAlive([]any{path, argv, env, filter})
	return fmt.Errorf("execute %s: %w", s.Argv[0], errno)
}

// restrictFiles lets the thread read and execute what is listed, and nothing else. Every right that the kernel's Landlock knows is
// handled, hence denied where no rule gives it. Rights that an older one lacks (truncate, device ioctl) need system calls that
// the seccomp filter refuses, or a file opened for writing.
func restrictFiles(abi int, read, exec []string) error {
	attr := unix.LandlockRulesetAttr{Handled_access_fs: unix.LANDLOCK_ACCESS_FS_MAKE_SYM<<1 - 1}
	if abi >= 2 {
		attr.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if abi >= 3 {
		attr.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if abi >= 4 {
		attr.Handled_access_net = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
	}
	if abi >= 5 {
		attr.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	if abi >= 6 {
		attr.Scoped = unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL
	}
	ruleset, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr), 0)
	if errno != 0 {
		return fmt.Errorf("create the Landlock ruleset: %w", errno)
	}
	defer func() { _ = unix.Close(int(ruleset)) }()
	for _, path := range slices.Concat(read, exec) {
		if err := allow(int(ruleset), path, slices.Contains(exec, path)); err != nil {
			return fmt.Errorf("allow %s: %w", path, err)
		}
	}
	if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, ruleset, 0, 0); errno != 0 {
		return fmt.Errorf("enforce Landlock: %w", errno)
	}
	return nil
}

func allow(ruleset int, path string, exec bool) error {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(fd) }()
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return err
	}
	rule := unix.LandlockPathBeneathAttr{Allowed_access: unix.LANDLOCK_ACCESS_FS_READ_FILE, Parent_fd: int32(fd)}
	if stat.Mode&unix.S_IFMT == unix.S_IFDIR {
		rule.Allowed_access |= unix.LANDLOCK_ACCESS_FS_READ_DIR
	}
	if exec {
		rule.Allowed_access |= unix.LANDLOCK_ACCESS_FS_EXECUTE
	}
	_, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(ruleset), unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&rule)), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

package launcher

import (
	"encoding/binary"
	"fmt"
	"slices"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// rule allows one system call, with conditions on its arguments that must all hold.
type rule struct {
	nr   uint32
	when []condition
}

// condition holds when the low 32 bits of an argument are one of the values. The kernel itself reads no more than those of the
// arguments that are tested, except for pointers: null tests all 64 bits.
type condition struct {
	arg  uint32
	in   []uint32
	null bool
}

// CallFilter returns the program that a call's process installs over the zygote's before it runs foreign code: it has no
// clone, exec, signals, ancillary data, and no way to change limits or attributes. With threads, it may start threads.
// The bytes are an array of struct sock_filter.
func CallFilter(threads bool) ([]byte, error) {
	rules := callRules()
	if threads {
		rules = append(rules, rule{nr: unix.SYS_CLONE, when: []condition{{arg: 0, in: threadFlags()}}})
	}
	filter, err := assemble(rules)
	if err != nil {
		return nil, err
	}
	var out []byte
	for _, f := range filter {
		out = binary.NativeEndian.AppendUint16(out, f.Code)
		out = append(out, f.Jt, f.Jf)
		out = binary.NativeEndian.AppendUint32(out, f.K)
	}
	return out, nil
}

// The flags with which glibc and musl start threads and fork. Any other set, such as new namespaces, is refused.
func threadFlags() []uint32 {
	thread := uint32(unix.CLONE_VM | unix.CLONE_FS | unix.CLONE_FILES | unix.CLONE_SIGHAND | unix.CLONE_THREAD | unix.CLONE_SYSVSEM |
		unix.CLONE_SETTLS | unix.CLONE_PARENT_SETTID | unix.CLONE_CHILD_CLEARTID)
	return []uint32{thread, thread | unix.CLONE_DETACHED}
}

func forkFlags() []uint32 {
	return []uint32{unix.CLONE_CHILD_SETTID | unix.CLONE_CHILD_CLEARTID | uint32(unix.SIGCHLD), uint32(unix.SIGCHLD)}
}

// zygoteRules is what the trusted zygote needs beyond a call: fork, wait and kill its calls, receive their sockets, prepare them.
// execve is there for the launcher's last step; Landlock allows it the interpreter only.
func zygoteRules() []rule {
	return append(callRules(),
		rule{nr: unix.SYS_CLONE, when: []condition{{arg: 0, in: slices.Concat(forkFlags(), threadFlags())}}},
		rule{nr: unix.SYS_EXECVE},
		rule{nr: unix.SYS_WAIT4},
		rule{nr: unix.SYS_KILL},
		rule{nr: unix.SYS_RECVMSG},
		rule{nr: unix.SYS_GETSOCKNAME},
		rule{nr: unix.SYS_PIPE2},
		rule{nr: unix.SYS_PRLIMIT64, when: []condition{{arg: 0, in: []uint32{0}}}},
		rule{nr: unix.SYS_PRCTL, when: []condition{{arg: 0, in: []uint32{unix.PR_SET_PDEATHSIG, unix.PR_SET_SECCOMP}}}},
	)
}

// callRules is the allow-list of a call: memory, time, its own files and the socket it was given.
func callRules() []rule {
	plain := slices.Concat([]uint32{
		unix.SYS_READ, unix.SYS_WRITE, unix.SYS_READV, unix.SYS_WRITEV, unix.SYS_PREAD64, unix.SYS_CLOSE, unix.SYS_CLOSE_RANGE,
		unix.SYS_OPENAT, unix.SYS_FSTAT, unix.SYS_STATX, unix.SYS_LSEEK, unix.SYS_FACCESSAT, unix.SYS_FACCESSAT2,
		unix.SYS_READLINKAT, unix.SYS_GETDENTS64, unix.SYS_GETCWD, unix.SYS_DUP, unix.SYS_DUP3, unix.SYS_PPOLL, unix.SYS_PSELECT6,
		unix.SYS_MMAP, unix.SYS_MUNMAP, unix.SYS_MPROTECT, unix.SYS_MREMAP, unix.SYS_MADVISE, unix.SYS_BRK,
		unix.SYS_RT_SIGACTION, unix.SYS_RT_SIGPROCMASK, unix.SYS_RT_SIGRETURN, unix.SYS_SIGALTSTACK, unix.SYS_RESTART_SYSCALL,
		unix.SYS_FUTEX, unix.SYS_SET_TID_ADDRESS, unix.SYS_SET_ROBUST_LIST, unix.SYS_RSEQ, unix.SYS_SCHED_YIELD,
		unix.SYS_SCHED_GETAFFINITY, unix.SYS_GETPID, unix.SYS_GETPPID, unix.SYS_GETTID, unix.SYS_GETUID, unix.SYS_GETEUID,
		unix.SYS_GETGID, unix.SYS_GETEGID, unix.SYS_UNAME, unix.SYS_SYSINFO, unix.SYS_GETRUSAGE, unix.SYS_TIMES,
		unix.SYS_CLOCK_GETTIME, unix.SYS_CLOCK_GETRES, unix.SYS_CLOCK_NANOSLEEP, unix.SYS_NANOSLEEP, unix.SYS_GETTIMEOFDAY,
		unix.SYS_GETRANDOM, unix.SYS_EXIT, unix.SYS_EXIT_GROUP,
	}, archCalls())
	rules := make([]rule, 0, len(plain)+16)
	for _, nr := range plain {
		rules = append(rules, rule{nr: nr})
	}
	return append(append(rules, archRules()...),
		rule{nr: unix.SYS_FCNTL, when: []condition{{arg: 1, in: []uint32{
			unix.F_DUPFD, unix.F_DUPFD_CLOEXEC, unix.F_GETFD, unix.F_SETFD, unix.F_GETFL, unix.F_SETFL,
		}}}},
		// isatty, and flags of descriptors. TIOCSTI and its like are refused.
		rule{nr: unix.SYS_IOCTL, when: []condition{{arg: 1, in: []uint32{unix.TCGETS, fionbio, fioclex, fionclex}}}},
		// Limits may be read, of the process itself.
		rule{nr: unix.SYS_PRLIMIT64, when: []condition{{arg: 0, in: []uint32{0}}, {arg: 2, null: true}}},
	)
}

const (
	fionbio  = 0x5421
	fionclex = 0x5450
	fioclex  = 0x5451

	// Offsets in struct seccomp_data.
	offNr, offArch, offArgs = 0, 4, 16
)

// assemble makes the program: a foreign architecture kills, a listed call passes when its conditions hold, clone3 does not exist
// (the C library then falls back to clone, whose flags can be tested), anything else is not permitted.
func assemble(rules []rule) ([]unix.SockFilter, error) {
	deny := bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)}
	prog := []bpf.Instruction{
		bpf.LoadAbsolute{Off: offArch, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: auditArch, SkipTrue: 1},
		bpf.RetConstant{Val: unix.SECCOMP_RET_KILL_PROCESS},
		bpf.LoadAbsolute{Off: offNr, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.SYS_CLONE3, SkipFalse: 1},
		bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)},
	}
	for _, r := range lastOf(rules) {
		block := []bpf.Instruction{}
		for _, c := range r.when {
			block = append(block, c.test(deny)...)
		}
		block = append(block, bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW})
		prog = append(prog, bpf.JumpIf{Cond: bpf.JumpEqual, Val: r.nr, SkipFalse: uint8(len(block))})
		prog = append(prog, block...)
	}
	raw, err := bpf.Assemble(append(prog, deny))
	if err != nil {
		return nil, fmt.Errorf("assemble the seccomp filter: %w", err)
	}
	out := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		out[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	return out, nil
}

// lastOf keeps the last rule for a call, which is how zygoteRules widens one of callRules.
func lastOf(rules []rule) []rule {
	out := make([]rule, 0, len(rules))
	for i, r := range rules {
		later := slices.ContainsFunc(rules[i+1:], func(o rule) bool { return o.nr == r.nr })
		if !later {
			out = append(out, r)
		}
	}
	return out
}

// test falls through when the condition holds and denies otherwise. The accumulator is lost; whoever enters a rule's block
// leaves it by a return.
func (c condition) test(deny bpf.Instruction) []bpf.Instruction {
	low := offArgs + 8*c.arg // both supported architectures are little-endian
	if c.null {
		return []bpf.Instruction{
			bpf.LoadAbsolute{Off: low, Size: 4},
			bpf.JumpIf{Cond: bpf.JumpEqual, Val: 0, SkipFalse: 2},
			bpf.LoadAbsolute{Off: low + 4, Size: 4},
			bpf.JumpIf{Cond: bpf.JumpEqual, Val: 0, SkipTrue: 1},
			deny,
		}
	}
	out := []bpf.Instruction{bpf.LoadAbsolute{Off: low, Size: 4}}
	for i, v := range c.in {
		out = append(out, bpf.JumpIf{Cond: bpf.JumpEqual, Val: v, SkipTrue: uint8(len(c.in) - i)})
	}
	return append(out, deny)
}

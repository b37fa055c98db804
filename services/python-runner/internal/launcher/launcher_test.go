package launcher

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

func TestSpecIsRefused(t *testing.T) {
	t.Parallel()
	all := Features{Landlock: 1, Seccomp: true}
	argv := []string{"/usr/bin/python3"}
	for name, tc := range map[string]struct {
		spec Spec
		euid int
		f    Features
		want string
	}{
		"root without uid":    {Spec{Argv: argv}, 0, all, "refusing to run as root"},
		"uid without root":    {Spec{Argv: argv, UID: 61000}, 1000, all, "only root"},
		"no interpreter":      {Spec{UID: 61000}, 0, all, "no interpreter"},
		"no Landlock":         {Spec{Argv: argv, UID: 61000}, 0, Features{Seccomp: true}, "no Landlock"},
		"no seccomp":          {Spec{Argv: argv, UID: 61000}, 0, Features{Landlock: 1}, "no seccomp"},
		"relaxed, still root": {Spec{Argv: argv, Relaxed: true}, 0, all, "refusing to run as root"},
	} {
		require.ErrorContains(t, tc.spec.check(tc.euid, tc.f), tc.want, name)
	}
	require.NoError(t, Spec{Argv: argv, UID: 61000}.check(0, all))
	require.NoError(t, Spec{Argv: argv}.check(1000, all))
	require.NoError(t, Spec{Argv: argv, UID: 61000, Relaxed: true}.check(0, Features{}))
	require.ErrorContains(t, Exec(nil), "want one argument")
	require.ErrorContains(t, Exec([]string{"{"}), "read the spec")
}

const allow32, deny32, none32, kill32 = unix.SECCOMP_RET_ALLOW, unix.SECCOMP_RET_ERRNO | int(unix.EPERM), unix.SECCOMP_RET_ERRNO | int(unix.ENOSYS), unix.SECCOMP_RET_KILL_PROCESS

// verdict runs a filter on one system call in the reference machine of x/net. That one reads big-endian words, the kernel
// native ones: so every word of struct seccomp_data is written big-endian here.
func verdict(t *testing.T, filter []unix.SockFilter, arch, nr uint32, args ...uint64) int {
	t.Helper()
	prog := make([]bpf.Instruction, len(filter))
	for i, f := range filter {
		prog[i] = bpf.RawInstruction{Op: f.Code, Jt: f.Jt, Jf: f.Jf, K: f.K}.Disassemble()
	}
	vm, err := bpf.NewVM(prog)
	require.NoError(t, err)
	data := make([]byte, offArgs+6*8)
	binary.BigEndian.PutUint32(data[offNr:], nr)
	binary.BigEndian.PutUint32(data[offArch:], arch)
	for i, a := range args {
		binary.BigEndian.PutUint32(data[offArgs+8*i:], uint32(a))
		binary.BigEndian.PutUint32(data[offArgs+8*i+4:], uint32(a>>32))
	}
	got, err := vm.Run(data)
	require.NoError(t, err)
	return got
}

func TestFilters(t *testing.T) {
	t.Parallel()
	zygote, err := assemble(zygoteRules())
	require.NoError(t, err)
	call, err := assemble(callRules())
	require.NoError(t, err)
	for _, tc := range []struct {
		name         string
		nr           uint32
		args         []uint64
		zygote, call int
	}{
		{"read", unix.SYS_READ, nil, allow32, allow32},
		{"socket", unix.SYS_SOCKET, nil, deny32, deny32},
		{"clone3", unix.SYS_CLONE3, nil, none32, none32},
		{"fork", unix.SYS_CLONE, []uint64{uint64(forkFlags()[0])}, allow32, deny32},
		{"thread", unix.SYS_CLONE, []uint64{uint64(threadFlags()[0])}, allow32, deny32},
		{"user namespace", unix.SYS_CLONE, []uint64{uint64(forkFlags()[0]) | unix.CLONE_NEWUSER}, deny32, deny32},
		{"execve", unix.SYS_EXECVE, nil, allow32, deny32},
		{"kill", unix.SYS_KILL, nil, allow32, deny32},
		{"isatty", unix.SYS_IOCTL, []uint64{0, unix.TCGETS}, allow32, allow32},
		{"type into a terminal", unix.SYS_IOCTL, []uint64{0, unix.TIOCSTI}, deny32, deny32},
		{"the same with a high word", unix.SYS_IOCTL, []uint64{0, 1<<32 | unix.TIOCSTI}, deny32, deny32},
		{"read limits", unix.SYS_PRLIMIT64, []uint64{0, 4, 0, 1}, allow32, allow32},
		{"set limits", unix.SYS_PRLIMIT64, []uint64{0, 4, 1, 0}, allow32, deny32},
		{"set limits, high pointer", unix.SYS_PRLIMIT64, []uint64{0, 4, 1 << 32, 0}, allow32, deny32},
		{"limits of others", unix.SYS_PRLIMIT64, []uint64{7, 4, 0, 1}, deny32, deny32},
		{"prctl seccomp", unix.SYS_PRCTL, []uint64{unix.PR_SET_SECCOMP}, allow32, deny32},
		{"prctl dumpable", unix.SYS_PRCTL, []uint64{unix.PR_SET_DUMPABLE}, deny32, deny32},
		{"own filter", unix.SYS_SECCOMP, nil, deny32, deny32},
		{"x32", 0x40000000 | unix.SYS_READ, nil, deny32, deny32},
		{"unknown", 9999, nil, deny32, deny32},
	} {
		require.Equal(t, tc.zygote, verdict(t, zygote, auditArch, tc.nr, tc.args...), "zygote: %s", tc.name)
		require.Equal(t, tc.call, verdict(t, call, auditArch, tc.nr, tc.args...), "call: %s", tc.name)
	}
	require.Equal(t, kill32, verdict(t, call, unix.AUDIT_ARCH_I386, unix.SYS_READ))

	with, err := CallFilter(true)
	require.NoError(t, err)
	without, err := CallFilter(false)
	require.NoError(t, err)
	require.Greater(t, len(with), len(without))
	require.Len(t, without, 8*len(call))
}

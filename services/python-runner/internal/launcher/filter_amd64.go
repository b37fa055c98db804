package launcher

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_X86_64

// archCalls are the older forms that only this architecture has. The x32 forms have other numbers and are refused.
func archCalls() []uint32 {
	return []uint32{
		unix.SYS_OPEN, unix.SYS_STAT, unix.SYS_LSTAT, unix.SYS_NEWFSTATAT, unix.SYS_ACCESS, unix.SYS_READLINK, unix.SYS_DUP2,
		unix.SYS_POLL, unix.SYS_SELECT, unix.SYS_TIME, unix.SYS_GETRLIMIT,
	}
}

func archRules() []rule {
	const setFS = 0x1002 // ARCH_SET_FS: the thread pointer
	return []rule{{nr: unix.SYS_ARCH_PRCTL, when: []condition{{arg: 0, in: []uint32{setFS}}}}}
}

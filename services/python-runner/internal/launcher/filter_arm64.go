package launcher

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_AARCH64

func archCalls() []uint32 { return []uint32{unix.SYS_FSTATAT} }

func archRules() []rule { return nil }

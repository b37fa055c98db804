package pgserver

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// User is who the server runs as. Postgres refuses to run as root.
type User struct {
	uid, gid int
	drop     bool // whether this process is root and must become that user
}

// RunAs picks the user: this process's own or, for root, the owner of the data folder when it exists already,
// else the first of postgres, nobody and 65534.
func RunAs(dataDir string) (User, error) {
	if os.Getuid() != 0 {
		return User{uid: os.Getuid(), gid: os.Getgid()}, nil
	}
	if info, err := os.Stat(dataDir); err == nil {
		if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Uid != 0 {
			return User{uid: int(st.Uid), gid: int(st.Gid), drop: true}, nil
		}
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.Atoi(u.Uid)
		if err != nil {
			return User{}, fmt.Errorf("user id of %s: %w", name, err)
		}
		gid, err := strconv.Atoi(u.Gid)
		if err != nil {
			return User{}, fmt.Errorf("group id of %s: %w", name, err)
		}
		return User{uid: uid, gid: gid, drop: true}, nil
	}
	return User{uid: 65534, gid: 65534, drop: true}, nil
}

// UID is the user's number.
func (u User) UID() int { return u.uid }

// Own gives a file or folder to the user.
func (u User) Own(path string) error {
	if !u.drop {
		return nil
	}
	return os.Lchown(path, u.uid, u.gid)
}

// Mkdir makes a folder that only the user can enter, if it is not there.
func (u User) Mkdir(path string) error {
	if err := os.Mkdir(path, 0o700); err != nil && !os.IsExist(err) {
		return err
	}
	return u.Own(path)
}

// WriteFile replaces a file at once, readable by the user only.
func (u User) WriteFile(path string, data []byte) error {
	next := path + ".next"
	if err := os.WriteFile(next, data, 0o600); err != nil {
		return err
	}
	if err := u.Own(next); err != nil {
		return err
	}
	return os.Rename(next, path)
}

func (u User) attr(death syscall.Signal) *syscall.SysProcAttr {
	// A group of its own keeps the terminal's Ctrl-C away: the server is stopped by us, in order.
	a := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: death}
	if u.drop {
		a.Credential = &syscall.Credential{Uid: uint32(u.uid), Gid: uint32(u.gid)}
	}
	return a
}

package localpg

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stopStale stops the server that an earlier process left on a data folder and returns how many processes that were.
// The caller holds the folder's lock, so nobody alive wants them. Every process of a server works in its data folder,
// which tells them from a stranger that got the number noted in postmaster.pid.
func stopStale(ctx context.Context, data string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, staleTimeout)
	defer cancel()
	pidFile := filepath.Join(data, "postmaster.pid")
	noted, err := notedPID(pidFile)
	if err != nil {
		return 0, err
	}
	found, err := residents(data)
	if err != nil {
		return 0, err
	}
	first := len(found)
	if found[noted] {
		_ = syscall.Kill(noted, syscall.SIGINT) // a fast shutdown; it may be gone already
	} else {
		signalAll(found, syscall.SIGKILL) // children without their server: what they do no longer counts
	}
	// Half of the time for an orderly end.
	deadline, _ := ctx.Deadline()
	polite := time.NewTimer(time.Until(deadline) / 2)
	defer polite.Stop()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for len(found) > 0 {
		select {
		case <-ctx.Done():
			return first, fmt.Errorf("an earlier postgres on %s does not end: %w", data, ctx.Err())
		case <-polite.C:
			signalAll(found, syscall.SIGKILL)
		case <-ticker.C:
		}
		if found, err = residents(data); err != nil {
			return first, err
		}
	}
	// Postgres itself clears a note of a dead process, but believes one whose number a stranger has now.
	if noted > 0 && !errors.Is(syscall.Kill(noted, 0), syscall.ESRCH) {
		if err := os.Remove(pidFile); err != nil && !errors.Is(err, os.ErrNotExist) {
			return first, err
		}
	}
	return first, nil
}

// notedPID reads the first line of postmaster.pid; 0 when there is none.
func notedPID(path string) (int, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	line, _, _ := bufio.NewReader(bytes.NewReader(raw)).ReadLine() // an empty file has none
	pid, err := strconv.Atoi(string(bytes.TrimSpace(line)))
	if err != nil || pid <= 1 {
		return 0, nil // cut short by a crash: Postgres says so, if it minds
	}
	return pid, nil
}

// residents finds the processes of Postgres whose working folder is data.
func residents(data string) (map[int]bool, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("look for processes: %w", err)
	}
	found := map[int]bool{}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		// A process that ends meanwhile, or is not ours to see, is none of these.
		cwd, err := os.Readlink(filepath.Join("/proc", e.Name(), "cwd"))
		if err != nil || cwd != data {
			continue
		}
		// A binary replaced by an upgrade shows as "postgres (deleted)".
		exe, err := os.Readlink(filepath.Join("/proc", e.Name(), "exe"))
		if err == nil && strings.HasPrefix(filepath.Base(exe), "postgres") {
			found[pid] = true
		}
	}
	return found, nil
}

func signalAll(pids map[int]bool, sig syscall.Signal) {
	for pid := range pids {
		_ = syscall.Kill(pid, sig) // it may be gone already
	}
}

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

// postgres and generator name the groups of processes that are no service.
const (
	postgres  = "postgres"
	generator = "load generator"
)

// ticksPerSecond is the unit of CPU times in /proc, the same on every Linux that Go runs on.
const ticksPerSecond = 100

// usage is CPU time by group of processes since they began, and of the whole machine.
type usage struct {
	groups  map[string]time.Duration
	machine time.Duration
}

// groups returns the process numbers of the installation by service. What a service has started belongs to it; all of
// Postgres' processes are one group.
func groups(s *stand.Stand) (map[string][]int, error) {
	out := make(map[string][]int)
	for _, name := range s.Processes() {
		p := s.Process(name)
		if !p.Running() {
			return nil, fmt.Errorf("%s has ended:\n%s", name, p.Log())
		}
		out[name] = append(out[name], p.Pid())
		children, err := p.Descendants()
		if err != nil {
			return nil, err
		}
		for _, c := range children {
			group := name
			if c.Command == postgres {
				group = postgres
			}
			out[group] = append(out[group], c.Pid)
		}
	}
	return out, nil
}

// measure reads the CPU times of the installation, of this process and of the machine.
func measure(s *stand.Stand) (usage, error) {
	pids, err := groups(s)
	if err != nil {
		return usage{}, err
	}
	pids[generator] = []int{os.Getpid()}
	return cpuTimes(pids)
}

// cpuTimes reads the CPU times of groups of processes and of the machine.
func cpuTimes(groups map[string][]int) (usage, error) {
	u := usage{groups: make(map[string]time.Duration)}
	for group, pids := range groups {
		for _, pid := range pids {
			text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
			if errors.Is(err, fs.ErrNotExist) {
				continue // ended; its parent counts it
			}
			if err != nil {
				return usage{}, err
			}
			d, err := cpuTime(text)
			if err != nil {
				return usage{}, err
			}
			u.groups[group] += d
		}
	}
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return usage{}, err
	}
	u.machine, err = machineTime(text)
	return u, err
}

// since is what was used after an earlier moment.
func (u usage) since(before usage) usage {
	out := usage{groups: make(map[string]time.Duration), machine: u.machine - before.machine}
	for group, d := range u.groups {
		out.groups[group] = max(0, d-before.groups[group])
	}
	return out
}

// others is the CPU time of everything that is in no group.
func (u usage) others() time.Duration {
	d := u.machine
	for _, g := range u.groups {
		d -= g
	}
	return max(0, d)
}

// services is the CPU time of all but Postgres and the generator.
func (u usage) services() time.Duration {
	var d time.Duration
	for _, name := range slices.Sorted(maps.Keys(u.groups)) {
		if name != postgres && name != generator {
			d += u.groups[name]
		}
	}
	return d
}

// cpuTime is user and system time from a process's stat, with that of children that have ended.
func cpuTime(stat []byte) (time.Duration, error) {
	// "pid (name) state ppid pgrp session tty tpgid flags minflt cminflt majflt cmajflt utime stime cutime cstime ..", where
	// the name may hold anything.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 15 {
		return 0, errors.New("a process's stat is too short")
	}
	return ticks(fields[11:15])
}

// machineTime is the time that the cores were not idle, from /proc/stat.
func machineTime(stat []byte) (time.Duration, error) {
	line, _, _ := strings.Cut(string(stat), "\n")
	// "cpu user nice system idle iowait irq softirq steal ..", where user holds guest.
	fields := strings.Fields(line)
	if len(fields) < 9 || fields[0] != "cpu" {
		return 0, errors.New("/proc/stat does not begin with the sum of all cores")
	}
	return ticks(append(slices.Clone(fields[1:4]), fields[6:8]...))
}

func ticks(fields []string) (time.Duration, error) {
	var sum int64
	for _, f := range fields {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return time.Duration(sum) * time.Second / ticksPerSecond, nil
}

// memory is the proportional set size by group of processes, in bytes: what is shared counts once.
func memory(s *stand.Stand) (map[string]int64, error) {
	pids, err := groups(s)
	if err != nil {
		return nil, err
	}
	out := make(map[string]int64)
	for group, pids := range pids {
		for _, pid := range pids {
			text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return nil, err
			}
			bytes, err := proportional(text)
			if err != nil {
				return nil, fmt.Errorf("memory of %s: %w", group, err)
			}
			out[group] += bytes
		}
	}
	return out, nil
}

func proportional(rollup []byte) (int64, error) {
	for line := range strings.Lines(string(rollup)) {
		if rest, ok := strings.CutPrefix(line, "Pss:"); ok {
			n, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return n << 10, err
		}
	}
	return 0, errors.New("smaps_rollup has no Pss")
}

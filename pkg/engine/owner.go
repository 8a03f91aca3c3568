package engine

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// owner is the process that holds a lease, in words by which any run on the same
// host finds it again, whoever started it.
type owner struct {
	// host names everything that has the same processes: the machine since its
	// last start, and the namespaces that processes are numbered and timed in. It
	// is empty where that cannot be told, as on other systems than Linux.
	host string
	// process is the number of the process and the time of its start: a number
	// alone is given again.
	process string
}

const (
	hostLabel    = "network.opengpu.smoke.host"
	processLabel = "network.opengpu.smoke.process"
)

// thisProcess is the owner of the leases that are taken here.
func thisProcess() owner {
	pid := os.Getpid()
	// The /proc of other namespaces has other processes.
	if self, err := os.Readlink("/proc/self"); err != nil || self != strconv.Itoa(pid) {
		return owner{}
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return owner{}
	}
	// Copies of one virtual machine can have all else in common.
	name, err := os.Hostname()
	if err != nil {
		return owner{}
	}
	pids, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return owner{}
	}
	times, err := os.Readlink("/proc/self/ns/time")
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // Linux has it since 5.6.
		return owner{}
	}
	start, _, err := started(pid)
	if err != nil {
		return owner{}
	}
	return owner{
		host:    strings.Join([]string{strings.TrimSpace(string(boot)), name, pids, times}, " "),
		process: strconv.Itoa(pid) + " " + start,
	}
}

// judge says whether the owner lives, or has ended. Both are false when that
// cannot be seen from here.
func (o owner) judge() (lives, ended bool) {
	if here := thisProcess(); here.host == "" || here.host != o.host {
		return false, false
	}
	number, start, _ := strings.Cut(o.process, " ")
	pid, err := strconv.Atoi(number)
	if err != nil || pid <= 0 || start == "" {
		return false, false
	}
	// Whether there is such a process is told to anybody, also where /proc does
	// not show the processes of other users.
	process, err := os.FindProcess(pid)
	if err != nil {
		return true, false
	}
	if err := process.Signal(syscall.Signal(0)); errors.Is(err, os.ErrProcessDone) {
		return false, true
	}
	since, dead, err := started(pid)
	gone := err == nil && (dead || since != start)
	return !gone, gone
}

// started is when a process was started, in the kernel's words. A dead one is
// still listed until its parent has asked for it.
func started(pid int) (start string, dead bool, err error) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return "", false, err
	}
	// The name of the program, in brackets, may hold anything.
	fields := strings.Fields(string(text[strings.LastIndex(string(text), ")")+1:]))
	const state, startTime = 0, 19 // fields 3 and 22 of proc(5)
	if len(fields) <= startTime {
		return "", false, errors.New("the kernel says less of a process than expected")
	}
	return fields[startTime], strings.Contains("ZXx", fields[state]), nil
}

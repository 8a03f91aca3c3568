package enginetest

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/opengpu-network/templates/pkg/programtest"
)

// stopLimit is how long a process that was asked to end may take.
const stopLimit = 20 * time.Second

// prefix starts the names of what a second engine takes on this machine.
const prefix = "ogpu-enginetest-"

// host is what another machine would be: a network namespace that a cable, a
// veth pair, connects to this one, and a folder.
type host struct {
	// addr is the host's address, gateway this machine's on the cable.
	addr, gateway string
	namespace     string
	cable         string
	dir           string
}

// numbered returns the host with the network 10.213.n.0/24.
func numbered(n int) *host {
	name := prefix + strconv.Itoa(n)
	return &host{
		addr:      fmt.Sprintf("10.213.%d.2", n),
		gateway:   fmt.Sprintf("10.213.%d.1", n),
		namespace: name,
		cable:     fmt.Sprintf("ogpuet%d", n),
		dir:       filepath.Join(os.TempDir(), name),
	}
}

// hold takes the host's number. It is held by an abstract socket, which the
// kernel frees with the process, however that ends.
func (h *host) hold() (io.Closer, error) { return net.Listen("unix", "@"+h.namespace) }

// newHost makes a host with a free number.
func newHost(t testing.TB) *host {
	t.Helper()
	removeLeft(t)
	for _, i := range rand.Perm(254) {
		h := numbered(i + 1)
		held, err := h.hold()
		if err != nil {
			continue // another test has it
		}
		if taken(h.gateway) {
			held.Close()
			continue
		}
		h.remove()
		t.Cleanup(func() {
			h.remove()
			held.Close()
		})
		if err := os.Mkdir(h.dir, 0o711); err != nil {
			t.Fatal(err)
		}
		h.connect(t)
		return h
	}
	t.Fatal("no network 10.213.N.0/24 is free for a second engine")
	return nil
}

// removeLeft removes the hosts of tests that were killed. Their processes died
// with them.
func removeLeft(t testing.TB) {
	t.Helper()
	namespaces, err := filepath.Glob("/run/netns/" + prefix + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range namespaces {
		n, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(path), prefix))
		if err != nil {
			continue
		}
		h := numbered(n)
		if held, err := h.hold(); err == nil {
			h.remove()
			held.Close()
		}
	}
}

// remove takes the host away; parts that are not there are no error.
func (h *host) remove() {
	_ = exec.Command("ip", "link", "delete", h.cable).Run()
	_ = exec.Command("ip", "netns", "delete", h.namespace).Run()
	_ = syscall.Unmount(h.dataRoot(), syscall.MNT_DETACH)
	_ = os.RemoveAll(h.dir)
	h.removeControlGroups()
}

// cgroup is the control group of the host's containers, as dockerd takes it.
func (h *host) cgroup() string { return "/" + h.namespace }

// removeControlGroups removes those of containers that did not end in order, in
// each hierarchy of version 1 or in the one of version 2.
func (h *host) removeControlGroups() {
	for _, pattern := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/*"} {
		roots, _ := filepath.Glob(pattern + h.cgroup())
		for _, root := range roots {
			var folders []string
			_ = filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
				if err == nil && entry.IsDir() {
					folders = append(folders, path)
				}
				return nil
			})
			for _, folder := range slices.Backward(folders) {
				_ = os.Remove(folder)
			}
		}
	}
}

func (h *host) dataRoot() string { return filepath.Join(h.dir, "data") }

func (h *host) connect(t testing.TB) {
	t.Helper()
	run(t, "ip", "netns", "add", h.namespace)
	run(t, "ip", "link", "add", h.cable, "type", "veth", "peer", "name", "eth0", "netns", h.namespace)
	run(t, "ip", "addr", "add", h.gateway+"/24", "dev", h.cable)
	run(t, "ip", "link", "set", h.cable, "up")
	run(t, "ip", "-n", h.namespace, "link", "set", "lo", "up")
	run(t, "ip", "-n", h.namespace, "addr", "add", h.addr+"/24", "dev", "eth0")
	run(t, "ip", "-n", h.namespace, "link", "set", "eth0", "up")
	run(t, "ip", "-n", h.namespace, "route", "add", "default", "via", h.gateway)
}

// taken is true when this machine has an address in the network of addr.
func taken(addr string) bool {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return true
	}
	for _, address := range addresses {
		if network, ok := address.(*net.IPNet); ok && network.Contains(net.ParseIP(addr)) {
			return true
		}
	}
	return false
}

// start runs a program on the host, its output going to the file log, and ends
// it with the test. It is the first process of a PID namespace, and has its mounts
// to itself: with it ends, and with it is unmounted, everything that it started. It
// is gone only when all others are.
func (h *host) start(t testing.TB, log string, env []string, program string, args ...string) *programtest.Process {
	t.Helper()
	output, err := os.Create(log)
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close()
	command := exec.Command("nsenter", append([]string{"--net=/run/netns/" + h.namespace, "--",
		"unshare", "--mount-proc", "--", program}, args...)...)
	command.Env = env
	command.Stdout, command.Stderr = output, output
	command.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID}
	return programtest.Start(t, command)
}

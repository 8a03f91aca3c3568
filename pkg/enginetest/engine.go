package enginetest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/moby/moby/client"
	"github.com/opengpu-network/templates/pkg/programtest"
)

// startLimit is how long an engine may take until it answers.
const startLimit = time.Minute

// launch runs dockerd with its own /etc/docker, where engines before 24 keep the
// key that their ID comes from. The first argument is the folder to put there.
const launch = `if [ -d /etc/docker ]; then mount --bind "$0" /etc/docker || exit; fi; exec dockerd "$@"`

// Options say how a second engine differs from a plain one.
type Options struct {
	// DataBytes puts all that the engine stores on a file system of this size
	// in bytes, in memory. 0 is the machine's own disk.
	DataBytes int64
	// Path is a folder that comes first on the engine's PATH, for programs such
	// as a stub nvidia-container-runtime-hook.
	Path string
	// Env is added to the engine's environment, as NAME=value.
	Env []string
	// TLS makes the engine ask for a client's certificate on port 2376; without
	// it, it listens on port 2375 in the clear.
	TLS bool
	// Config is the engine's daemon.json; empty is {}.
	Config string
}

// Engine is a second engine on a host of its own.
type Engine struct {
	// Host is its address for DOCKER_HOST, tcp://….
	Host string
	// Socket is its address on this machine, unix://…, which a real remote
	// engine does not have.
	Socket string
	// Addr is the IP address of its host, Gateway the one of this machine as
	// that host sees it.
	Addr, Gateway string
	// CertDir holds ca.pem, cert.pem and key.pem, for DOCKER_CERT_PATH, when
	// the engine speaks TLS.
	CertDir string
	// DataRoot is the folder with its images and containers.
	DataRoot string

	host      *host
	processes []*programtest.Process
	dir       string
}

// Start runs a second engine and waits until it answers. All of it is gone
// when the test ends. The test fails when it cannot be started.
func Start(t testing.TB, options Options) *Engine {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatal("a second Docker engine needs root: run the tests as root")
	}
	h := newHost(t)
	e := &Engine{host: h, dir: h.dir, DataRoot: h.dataRoot(), Socket: "unix://" + filepath.Join(h.dir, "docker.sock")}
	if err := os.Mkdir(e.DataRoot, 0o710); err != nil {
		t.Fatal(err)
	}
	if options.DataBytes > 0 {
		mountMemory(t, e.DataRoot, options.DataBytes)
	}
	e.Addr, e.Gateway = e.host.addr, e.host.gateway
	args := append([]string{"-c", launch, e.settings(t)}, e.arguments(t, options)...)
	e.processes = []*programtest.Process{e.host.start(t, e.log(), e.environment(options), "sh", args...)}
	e.wait(t)
	return e
}

func (e *Engine) log() string { return filepath.Join(e.dir, "dockerd.log") }

// settings makes the folder that takes the place of /etc/docker.
func (e *Engine) settings(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(e.dir, "etc")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func (e *Engine) arguments(t testing.TB, options Options) []string {
	t.Helper()
	config := options.Config
	if config == "" {
		config = "{}"
	}
	configFile := filepath.Join(e.dir, "daemon.json")
	if err := os.WriteFile(configFile, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{
		"--config-file=" + configFile,
		"--data-root=" + e.DataRoot,
		"--exec-root=" + filepath.Join(e.dir, "exec"),
		"--pidfile=" + filepath.Join(e.dir, "dockerd.pid"),
		"--host=" + e.Socket,
		"--exec-opt=native.cgroupdriver=cgroupfs",
		"--cgroup-parent=" + e.host.cgroup(),
	}
	if !options.TLS {
		e.Host = "tcp://" + e.Addr + ":2375"
		return append(args, "--host="+e.Host, "--tls=false")
	}
	e.Host = "tcp://" + e.Addr + ":2376"
	e.CertDir = filepath.Join(e.dir, "client")
	server := filepath.Join(e.dir, "server")
	writeCertificates(t, e.Addr, server, e.CertDir)
	return append(args, "--host="+e.Host, "--tlsverify",
		"--tlscacert="+filepath.Join(server, "ca.pem"),
		"--tlscert="+filepath.Join(server, "cert.pem"),
		"--tlskey="+filepath.Join(server, "key.pem"))
}

func (e *Engine) environment(options Options) []string {
	// Which engine this is, the caller's PATH says: see testdata/docker/newest.sh.
	path := os.Getenv("PATH") + ":/usr/local/sbin:/usr/sbin:/sbin"
	if options.Path != "" {
		path = options.Path + ":" + path
	}
	env := []string{"PATH=" + path, "HOME=" + e.dir, "TMPDIR=" + e.dir}
	return append(env, options.Env...)
}

// wait returns when the engine answers on both of its addresses.
func (e *Engine) wait(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), startLimit)
	defer cancel()
	for _, cli := range []*client.Client{Client(t, e.Socket), e.Client(t)} {
		for {
			_, err := cli.Ping(ctx, client.PingOptions{})
			if err == nil {
				break
			}
			if ctx.Err() != nil || e.processes[0].Ended() {
				t.Fatalf("the second engine does not answer at %s: %v; its log:\n%s", cli.DaemonHost(), err, e.Log())
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// Client returns a client of the engine over TCP.
func (e *Engine) Client(t testing.TB) *client.Client {
	t.Helper()
	if e.CertDir == "" {
		return Client(t, e.Host)
	}
	return Client(t, e.Host, client.WithTLSClientConfig(
		filepath.Join(e.CertDir, "ca.pem"), filepath.Join(e.CertDir, "cert.pem"), filepath.Join(e.CertDir, "key.pem")))
}

// Log returns what the engine has logged.
func (e *Engine) Log() string {
	data, err := os.ReadFile(e.log())
	if err != nil {
		return fmt.Sprintf("(no log: %v)", err)
	}
	return string(data)
}

// Kill ends the engine's host at once: the engine, its containers, its SSH
// server. Connections to it break.
func (e *Engine) Kill() {
	for _, p := range e.processes {
		p.Kill()
	}
}

// Stop ends the engine in order: it stops its containers first.
func (e *Engine) Stop() { e.processes[0].Stop(syscall.SIGTERM, stopLimit) }

// Unplug makes the engine's host deaf: nothing that is sent to it arrives, and
// nothing says so. Plug ends that.
func (e *Engine) Unplug(t testing.TB) {
	t.Helper()
	e.deaf(t, "-I")
}

// Plug undoes Unplug.
func (e *Engine) Plug(t testing.TB) {
	t.Helper()
	e.deaf(t, "-D")
}

func (e *Engine) deaf(t testing.TB, action string) {
	t.Helper()
	run(t, "ip", "netns", "exec", e.host.namespace,
		"iptables", "-t", "raw", action, "PREROUTING", "-i", "eth0", "-j", "DROP")
}

// mountMemory mounts a file system of size bytes that lies in memory. The
// engine sees its own copy of the mount, which goes with its processes.
func mountMemory(t testing.TB, dir string, size int64) {
	t.Helper()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "mode=710,size="+strconv.FormatInt(size, 10)); err != nil {
		t.Fatalf("mounting a file system of %d bytes: %v", size, err)
	}
}

package enginetest

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/opengpu-network/templates/pkg/programtest"
)

const sshServer = "/usr/sbin/sshd"

// serverConfig is that of an SSH server for one test: one key may log in, and
// what is run there talks to the engine of that host.
const serverConfig = `ListenAddress %[1]s:22
HostKey %[2]s/host_key
AuthorizedKeysFile %[2]s/user_key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
MaxStartups 200
MaxSessions 200
SetEnv DOCKER_HOST=%[3]s
`

// clientConfig lets ssh know this host and its key, and nothing of the user's.
const clientConfig = `IdentityFile %[1]s/user_key
IdentitiesOnly yes
UserKnownHostsFile %[1]s/known_hosts
GlobalKnownHostsFile none
StrictHostKeyChecking yes
BatchMode yes
`

// SSH runs an SSH server on the engine's host and returns the engine's address
// for DOCKER_HOST, ssh://root@…, and the environment in which `ssh` gets there:
// PATH, with a wrapper of ssh first, as NAME=value. Docker's libraries look up
// ssh in the environment of the process, so tests in it set PATH with t.Setenv.
func SSH(t testing.TB, e *Engine) (address string, env []string) {
	t.Helper()
	if _, err := os.Stat(sshServer); err != nil {
		t.Fatalf("this test needs an SSH server: %v\nInstall it (apt-get install openssh-server openssh-client).", err)
	}
	dir := filepath.Join(e.dir, "ssh")
	for _, folder := range []string{dir, filepath.Join(dir, "bin")} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	// sshd wants this folder for its unprivileged part.
	if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"host_key", "user_key"} {
		run(t, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(dir, key))
	}
	hostKey, err := os.ReadFile(filepath.Join(dir, "host_key.pub"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"known_hosts": e.Addr + " " + string(hostKey),
		"sshd_config": fmt.Sprintf(serverConfig, e.Addr, dir, e.Socket),
		"ssh_config":  fmt.Sprintf(clientConfig, dir),
		"bin/ssh":     "#!/bin/sh\nexec /usr/bin/ssh -F '" + dir + "/ssh_config' \"$@\"\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	log := filepath.Join(dir, "sshd.log")
	server := e.host.start(t, log, os.Environ(), sshServer, "-D", "-e", "-f", filepath.Join(dir, "sshd_config"))
	e.processes = append(e.processes, server)
	waitForSSH(t, server, net.JoinHostPort(e.Addr, "22"), log)
	return "ssh://root@" + e.Addr, []string{"PATH=" + filepath.Join(dir, "bin") + ":" + os.Getenv("PATH")}
}

// waitForSSH returns when the server greets.
func waitForSSH(t testing.TB, server *programtest.Process, addr, log string) {
	t.Helper()
	for deadline := time.Now().Add(startLimit); ; time.Sleep(20 * time.Millisecond) {
		err := greeting(addr)
		if err == nil {
			return
		}
		if server.Ended() || time.Now().After(deadline) {
			text, _ := os.ReadFile(log)
			t.Fatalf("the SSH server does not answer: %v; its log:\n%s", err, text)
		}
	}
}

func greeting(addr string) error {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && !strings.HasPrefix(line, "SSH-2.0-") {
		err = fmt.Errorf("it says %q", line)
	}
	return err
}

// Package enginetest gives tests real Docker engines: the one of this machine,
// and second ones that stand where another host would, with a network, a
// bridge and images of their own. It is for tests only, and needs root.
//
// A second engine takes dockerd and containerd (docker.io), the docker command
// (docker-cli), ip (iproute2), nsenter and unshare (util-linux), iptables; SSH
// takes sshd and ssh (openssh-server, openssh-client).
package enginetest

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/cli/cli/connhelper"
	"github.com/moby/moby/api/types/jsonstream"
	"github.com/moby/moby/client"
	"github.com/opengpu-network/templates/pkg/programtest"
)

const (
	defaultHost = "unix:///var/run/docker.sock"
	// callLimit bounds one call to an engine.
	callLimit = time.Minute
)

// Local returns the address of this machine's engine: DOCKER_HOST, or Docker's
// default socket. The test fails when no engine answers there.
func Local(t testing.TB) string {
	t.Helper()
	host := localHost()
	ctx, cancel := context.WithTimeout(t.Context(), callLimit)
	defer cancel()
	if _, err := Client(t, host).Ping(ctx, client.PingOptions{}); err != nil {
		t.Fatalf("these tests need a Docker engine, and none answers at %s: %v\n"+
			"Start one (as root: dockerd &), or name one with DOCKER_HOST.", host, err)
	}
	return host
}

func localHost() string {
	if host := os.Getenv("DOCKER_HOST"); host != "" {
		return host
	}
	return defaultHost
}

// Client returns a client of the engine at host, which may be a unix://,
// tcp:// or ssh:// address. It is closed when the test ends.
func Client(t testing.TB, host string, options ...client.Opt) *client.Client {
	t.Helper()
	helper, err := connhelper.GetConnectionHelper(host)
	if err != nil {
		t.Fatalf("the engine's address %s: %v", host, err)
	}
	if helper != nil {
		host = helper.Host
		options = append(options, client.WithDialContext(helper.Dialer))
	}
	cli, err := client.New(append([]client.Opt{client.WithHost(host)}, options...)...)
	if err != nil {
		t.Fatalf("a client of the engine at %s: %v", host, err)
	}
	t.Cleanup(func() { _ = cli.Close() })
	return cli
}

// Build compiles the Go program in the folder dir to a static binary and
// returns its path. The binary is gone when the test ends.
func Build(t testing.TB, dir string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), filepath.Base(dir))
	BuildTo(t, dir, path)
	return path
}

// BuildTo compiles the Go program in the folder dir to a static binary at path.
func BuildTo(t testing.TB, dir, path string) {
	t.Helper()
	build := programtest.Command(t, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, ".")
	build.Dir = dir
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build in %s: %v\n%s", dir, err, out)
	}
}

// ImportBinary makes the static binary at path into an image that runs it, and
// removes the image when the test ends.
func ImportBinary(t testing.TB, cli *client.Client, name, path string) {
	t.Helper()
	t.Cleanup(func() { removeImage(t, cli, name) })
	importBinary(t, cli, name, path)
}

// ImportShared makes such an image of this machine's engine, for several tests:
// RemoveShared removes it.
func ImportShared(t testing.TB, name, path string) {
	t.Helper()
	importBinary(t, Client(t, Local(t)), name, path)
}

// RemoveShared removes an image that ImportShared has made. It may be called while
// a test cleans up.
func RemoveShared(t testing.TB, name string) {
	cli, err := client.New(client.WithHost(localHost()))
	if err != nil {
		t.Error(err)
		return
	}
	defer cli.Close()
	removeImage(t, cli, name)
}

func importBinary(t testing.TB, cli *client.Client, name, path string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), callLimit)
	defer cancel()
	entrypoint, err := json.Marshal([]string{"/" + filepath.Base(path)})
	if err != nil {
		t.Fatal(err)
	}
	files, writer := io.Pipe()
	go func() { writer.CloseWithError(tarFile(writer, path)) }()
	defer files.Close()
	answer, err := cli.ImageImport(ctx, client.ImageImportSource{Source: files, SourceName: "-"}, name,
		client.ImageImportOptions{Changes: []string{"ENTRYPOINT " + string(entrypoint)}})
	if err != nil {
		t.Fatalf("importing the image %s: %v", name, err)
	}
	defer answer.Close()
	for decoder := json.NewDecoder(io.LimitReader(answer, 1<<20)); ; {
		var message jsonstream.Message
		switch err := decoder.Decode(&message); {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			t.Fatalf("importing the image %s: %v", name, err)
		case message.Error != nil:
			t.Fatalf("importing the image %s: %v", name, message.Error)
		}
	}
}

func tarFile(w io.Writer, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	archive := tar.NewWriter(w)
	header := &tar.Header{Name: filepath.Base(path), Mode: 0o755, Size: info.Size()}
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	if _, err := io.Copy(archive, file); err != nil {
		return err
	}
	return archive.Close()
}

// removeImage takes an image away again. An engine that has died in the
// meantime took its images with it.
func removeImage(t testing.TB, cli *client.Client, name string) {
	ctx, cancel := context.WithTimeout(context.Background(), callLimit)
	defer cancel()
	_, err := cli.ImageRemove(ctx, name, client.ImageRemoveOptions{Force: true})
	if err != nil && !errdefs.IsNotFound(err) && !client.IsErrConnectionFailed(err) {
		t.Errorf("removing the image %s: %v", name, err)
	}
}

// run runs one program of the machine to its end.
func run(t testing.TB, program string, args ...string) {
	t.Helper()
	if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
}

package relay_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
	"github.com/opengpu-network/templates/pkg/enginetest"
	"github.com/opengpu-network/templates/pkg/relay"
)

// patience is how long a test waits for what must come.
const patience = 30 * time.Second

const projectLabel = "com.docker.compose.project"

// bench is one test's relay, and the stack beside it, on one engine.
type bench struct {
	client  *client.Client
	project string
	binary  string
	relay   *relay.Relay
	// ports are those of the host that lead to 5555 and 5556.
	http, raw int
}

// newBench starts a relay only.
func newBench(t *testing.T, cli *client.Client, binary string) *bench {
	t.Helper()
	return newBenchUntil(t.Context(), t, cli, binary)
}

// newBenchUntil ends the relay with ctx.
func newBenchUntil(ctx context.Context, t *testing.T, cli *client.Client, binary string) *bench {
	t.Helper()
	b := &bench{client: cli, binary: binary, project: unique()}
	t.Cleanup(func() { removeImage(t, cli, binary) })
	r, err := relay.Start(ctx, cli, b.options())
	if err != nil {
		t.Fatal(err)
	}
	b.relay = r
	t.Cleanup(func() {
		if err := r.Close(); err != nil && !client.IsErrConnectionFailed(err) {
			t.Error(err)
		}
	})
	return b
}

func unique() string { return "relaytest-" + strings.ToLower(rand.Text()[:12]) }

func (b *bench) options() relay.Options {
	return relay.Options{
		Binary: b.binary, Name: b.project + "-relay", Labels: map[string]string{projectLabel: b.project},
		DeviceRules: []string{"c 226:* rw"},
	}
}

// startStack starts a service in a network of its own, as Compose would, and
// removes both when the test ends.
func (b *bench) startStack(t *testing.T, binary string) {
	t.Helper()
	image := b.project + ":service"
	enginetest.ImportBinary(t, b.client, image, binary)
	if _, err := b.client.NetworkCreate(t.Context(), b.project, client.NetworkCreateOptions{Driver: "bridge"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, err := b.client.NetworkRemove(context.Background(), b.project, client.NetworkRemoveOptions{})
		if err != nil && !client.IsErrConnectionFailed(err) {
			t.Error(err)
		}
	})
	http, raw := network.MustParsePort("5555/tcp"), network.MustParsePort("5556/tcp")
	free := []network.PortBinding{{HostIP: netip.IPv4Unspecified()}}
	created, err := b.client.ContainerCreate(t.Context(), client.ContainerCreateOptions{
		Name: b.project + "-service",
		Config: &container.Config{
			Image: image, Env: []string{"CALLBACK_URL=" + b.relay.CallbackURL()},
			ExposedPorts: network.PortSet{http: {}, raw: {}},
		},
		HostConfig: &container.HostConfig{
			NetworkMode:  container.NetworkMode(b.project),
			ExtraHosts:   []string{"host.docker.internal:host-gateway"},
			PortBindings: network.PortMap{http: free, raw: free},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, err := b.client.ContainerRemove(context.Background(), created.ID, client.ContainerRemoveOptions{Force: true})
		if err != nil && !client.IsErrConnectionFailed(err) {
			t.Error(err)
		}
	})
	if _, err := b.client.ContainerStart(t.Context(), created.ID, client.ContainerStartOptions{}); err != nil {
		t.Fatal(err)
	}
	state, err := b.client.ContainerInspect(t.Context(), created.ID, client.ContainerInspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	b.http = hostPort(t, state.Container.NetworkSettings.Ports[http])
	b.raw = hostPort(t, state.Container.NetworkSettings.Ports[raw])
	b.waitUntilServing(t)
}

func hostPort(t *testing.T, bindings []network.PortBinding) int {
	t.Helper()
	if len(bindings) == 0 {
		t.Fatal("the service's port is not published")
	}
	port, err := strconv.Atoi(bindings[0].HostPort)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func (b *bench) waitUntilServing(t *testing.T) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		var answer string
		if answer, err = b.try(t, http.MethodGet, "/hello", nil); err == nil && answer == "hello" {
			return
		}
	}
	t.Fatalf("the service does not serve: %v", err)
}

// httpClient reaches the service through the relay.
func (b *bench) httpClient(t *testing.T) *http.Client {
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return b.relay.Dial(ctx, b.http)
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: patience}
}

func (b *bench) try(t *testing.T, method, path string, body io.Reader) (string, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, "http://service"+path, body)
	if err != nil {
		t.Fatal(err)
	}
	request.Close = true
	answer, err := b.httpClient(t).Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	if strings.HasPrefix(path, "/bytes") {
		return sum(answer.Body), nil
	}
	text, err := io.ReadAll(answer.Body)
	return string(text), err
}

func (b *bench) call(t *testing.T, method, path string, body io.Reader) string {
	t.Helper()
	answer, err := b.try(t, method, path, body)
	if err != nil {
		t.Errorf("%s %s: %v", method, path, err)
	}
	return answer
}

// serve answers callbacks until the test ends.
func (b *bench) serve(t *testing.T, handler http.HandlerFunc) {
	t.Helper()
	server := &http.Server{Handler: handler}
	done := make(chan error, 1)
	go func() { done <- server.Serve(b.relay.Listener()) }()
	t.Cleanup(func() {
		server.Close()
		<-done
	})
}

// random returns n bytes, the same each time; it is what the service sends.
func random(n int64) io.Reader { return io.LimitReader(mathrand.NewChaCha8([32]byte{}), n) }

func sum(r io.Reader) string {
	hash := sha256.New()
	n, err := io.Copy(hash, r)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d %x", n, hash.Sum(nil))
}

// removeImage removes the image of a relay that runs this binary. Relays of
// other tests have other binaries.
func removeImage(t *testing.T, cli *client.Client, binary string) {
	t.Helper()
	_, err := cli.ImageRemove(context.Background(), imageOf(t, binary), client.ImageRemoveOptions{})
	if err != nil && !errdefs.IsNotFound(err) && !client.IsErrConnectionFailed(err) {
		t.Error(err)
	}
}

// imageOf is the name of the image of a relay that runs this binary.
func imageOf(t *testing.T, binary string) string {
	t.Helper()
	program, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	return relay.Repository + ":" + fmt.Sprintf("%x", sha256.Sum256(program))[:32]
}

// expectNoGoroutines fails when a goroutine of a relay outlives it.
func expectNoGoroutines(t *testing.T) {
	t.Helper()
	var left []byte
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		left = nil
		for _, stack := range bytes.Split(stacks, []byte("\n\n")) {
			if bytes.Contains(stack, []byte("/pkg/relay.")) || bytes.Contains(stack, []byte("/yamux.")) {
				left = append(append(left, stack...), "\n\n"...)
			}
		}
		if left == nil {
			return
		}
	}
	t.Errorf("goroutines are left:\n%s", left)
}

// containers are those of the bench's project, running or not.
func (b *bench) containers(t *testing.T) int {
	t.Helper()
	list, err := b.client.ContainerList(t.Context(), client.ContainerListOptions{
		All: true, Filters: make(client.Filters).Add("label", projectLabel+"="+b.project),
	})
	if err != nil {
		t.Fatal(err)
	}
	return len(list.Items)
}

package relay_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/moby/moby/client"
	"github.com/opengpu-network/templates/pkg/enginetest"
	"github.com/opengpu-network/templates/pkg/relay"
)

const large = 50 << 20

// TestRelay carries callbacks and tasks between this machine and stacks on the
// machine's own engine and on another host's, over TCP and over SSH.
func TestRelay(t *testing.T) {
	binary, service := enginetest.Build(t, "testdata/relay"), enginetest.Build(t, "testdata/service")
	second := enginetest.Start(t, enginetest.Options{})
	address, env := enginetest.SSH(t, second)
	for _, variable := range env {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
	for name, host := range map[string]string{"local": enginetest.Local(t), "tcp": second.Host, "ssh": address} {
		t.Run(name, func(t *testing.T) {
			t.Run("works", func(t *testing.T) {
				b := newBench(t, enginetest.Client(t, host), binary)
				b.startStack(t, service)
				carry(t, b)
				breakOff(t, b)
				if b.containers(t) != 1 {
					t.Error("the relay does not carry the caller's labels")
				}
				if err := b.relay.Close(); err != nil {
					t.Error(err)
				}
				if n := b.containers(t); n != 0 {
					t.Errorf("%d containers are left", n)
				}
			})
			expectNoGoroutines(t)
		})
	}
}

func carry(t *testing.T, b *bench) {
	if got, want := b.call(t, http.MethodGet, fmt.Sprint("/bytes?bytes=", large), nil), sum(random(large)); got != want {
		t.Errorf("a large answer came as %s, not %s", got, want)
	}
	if got, want := b.call(t, http.MethodPost, "/sum", random(large)), sum(random(large)); got != want {
		t.Errorf("a large task came as %s, not %s", got, want)
	}
	if answer, err := b.exchange(t); err != nil || answer != "answer to question" {
		t.Errorf("a half-closed connection brought %q, %v", answer, err)
	}
	t.Run("half-closed callback", func(t *testing.T) {
		go func() {
			conn, err := b.relay.Listener().Accept()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			question, err := io.ReadAll(conn)
			fmt.Fprintf(conn, "answer to %s, %v", question, err)
		}()
		if got := b.call(t, http.MethodPost, "/halfclosed", nil); got != "answer to question, <nil>" {
			t.Errorf("it brought %q", got)
		}
	})
	t.Run("callbacks", func(t *testing.T) {
		var came sync.Map
		b.serve(t, func(w http.ResponseWriter, r *http.Request) {
			got := sum(r.Body)
			came.Store(got, r.URL.Path)
			w.WriteHeader(http.StatusCreated)
			size, _, _ := strings.Cut(got, " ")
			n, err := strconv.ParseInt(size, 10, 64)
			if err != nil {
				t.Error(err)
			}
			_, _ = io.Copy(w, random(n))
		})
		var work sync.WaitGroup
		for _, size := range []int64{0, 1, 1 << 20, large} {
			work.Go(func() {
				got := b.call(t, http.MethodPost, fmt.Sprint("/callback?bytes=", size), nil)
				if want := "201 " + sum(random(size)); got != want {
					t.Errorf("the answer to a callback of %d bytes came as %s, not %s", size, got, want)
				}
				if path, _ := came.Load(sum(random(size))); path != "/0xtask" {
					t.Errorf("a callback of %d bytes came to the path %v", size, path)
				}
			})
		}
		work.Wait()
	})
	// Its server has closed the listener; the relay goes on without it.
	if _, err := b.relay.Listener().Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a closed listener: %v", err)
	}
	if got := b.call(t, http.MethodPost, "/callback", nil); strings.HasPrefix(got, "201") {
		t.Error("a callback was answered after the end of its server")
	}
	if got := b.call(t, http.MethodGet, "/hello", nil); got != "hello" {
		t.Errorf("after the end of the callbacks' server: %q", got)
	}
}

// exchange asks on a connection, closes its half, and returns what comes then.
func (b *bench) exchange(t *testing.T) (string, error) {
	conn, err := b.relay.Dial(t.Context(), b.raw)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "question"); err != nil {
		return "", err
	}
	if err := conn.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		return "", err
	}
	answer, err := io.ReadAll(conn)
	return string(answer), err
}

// TestAbout: the relay's program is asked about the host; its own words come
// back whole. The process has no capabilities left, not even bounding ones.
func TestAbout(t *testing.T) {
	b := newBench(t, enginetest.Client(t, enginetest.Local(t)), enginetest.Build(t, "testdata/relay"))
	text, err := b.relay.About(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Name:\togpu-tpl-relay\n", "Uid:\t65534\t65534\t65534\t65534\n", "CapBnd:\t0000000000000000\n", "NoNewPrivs:\t1\n"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.relay.About(cancelled); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that is done: %v", err)
	}
	if err := b.relay.Close(); err != nil {
		t.Error(err)
	}
	if _, err := b.relay.About(t.Context()); !errors.Is(err, relay.ErrEnded) {
		t.Errorf("after the end: %v", err)
	}
}

// breakOff is about connections that do not come about or end early.
func breakOff(t *testing.T, b *bench) {
	// Nothing on the host listens on port 1.
	_, err := b.relay.Dial(t.Context(), 1)
	var operation *net.OpError
	if !errors.Is(err, syscall.ECONNREFUSED) || !errors.As(err, &operation) {
		t.Errorf("a port that refuses: %v", err)
	}
	for _, port := range []int{-1, 0, 65536} {
		if _, err := b.relay.Dial(t.Context(), port); err == nil || errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("port %d: %v", port, err)
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.relay.Dial(cancelled, b.http); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that is done: %v", err)
	}
	// Close wakes a reader, and deadlines work as http.Server needs them.
	conn, err := b.relay.Dial(t.Context(), b.raw)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now())
	var timeout net.Error
	if _, err := conn.Read(make([]byte, 1)); !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("after its deadline a read returns %v", err)
	}
	_ = conn.SetReadDeadline(time.Time{})
	read := make(chan error)
	go func() {
		_, err := conn.Read(make([]byte, 1))
		read <- err
	}()
	conn.Close()
	if err := <-read; !errors.Is(err, net.ErrClosed) {
		t.Errorf("after Close a read returns %v", err)
	}
}

// TestManyConnections: there is a limit, it is told, and it passes.
func TestManyConnections(t *testing.T) {
	b := newBench(t, enginetest.Client(t, enginetest.Local(t)), enginetest.Build(t, "testdata/relay"))
	b.startStack(t, enginetest.Build(t, "testdata/service"))
	var conns []net.Conn
	for {
		conn, err := b.relay.Dial(t.Context(), b.raw)
		if err != nil {
			if !strings.Contains(err.Error(), "the relay has 128 connections open already") {
				t.Error(err)
			}
			break
		}
		conns = append(conns, conn)
		if len(conns) > 200 {
			t.Fatal("there is no limit")
		}
	}
	for _, conn := range conns {
		conn.Close()
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		answer, err := b.exchange(t)
		if err == nil && answer == "answer to question" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("closed connections still count: %v", err)
		}
	}
}

// TestStartTwiceAtOnce: two runs that find no image leave one behind, which a
// third uses.
func TestStartTwiceAtOnce(t *testing.T) {
	second := enginetest.Start(t, enginetest.Options{})
	cli := second.Client(t)
	binary := enginetest.Build(t, "testdata/relay")
	var work sync.WaitGroup
	for i := range 2 {
		work.Go(func() {
			r, err := relay.Start(t.Context(), cli, relay.Options{Binary: binary, Name: fmt.Sprint("relay", i)})
			if err != nil {
				t.Error(err)
				return
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
	images, err := cli.ImageList(t.Context(), client.ImageListOptions{All: true})
	if err != nil || len(images.Items) != 1 || len(images.Items[0].RepoTags) != 1 {
		t.Fatalf("the engine has the images %+v, %v", images.Items, err)
	}
	newBench(t, cli, binary)
	again, err := cli.ImageList(t.Context(), client.ImageListOptions{All: true})
	if err != nil || len(again.Items) != 1 || again.Items[0].ID != images.Items[0].ID {
		t.Errorf("the image was not used: %+v, %v", again.Items, err)
	}
}

// TestOtherBuilds: a relay of a new build removes the images of others, except
// those that a container uses or that only have such a name.
func TestOtherBuilds(t *testing.T) {
	cli := enginetest.Start(t, enginetest.Options{}).Client(t)
	binary, stranger := enginetest.Build(t, "testdata/relay"), enginetest.Build(t, "testdata/service")
	named, like := relay.Repository+":mine", relay.Repository+":"+strings.Repeat("0", 32)
	for _, name := range []string{named, like} {
		enginetest.ImportBinary(t, cli, name, stranger)
	}
	build := func(number string) string {
		path := filepath.Join(t.TempDir(), "relay")
		program, err := os.ReadFile(binary)
		if err == nil {
			err = os.WriteFile(path, append(program, number...), 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	old, living, next := build("old"), build("living"), build("next")
	start := func(api client.APIClient, binary string) *relay.Relay {
		r, err := relay.Start(t.Context(), api, relay.Options{Binary: binary})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = r.Close() })
		return r
	}
	alive := start(cli, living)
	if err := start(cli, old).Close(); err != nil {
		t.Fatal(err)
	}
	start(cli, next)
	expectImages(t, cli, named, like, imageOf(t, living), imageOf(t, next))
	if _, err := alive.About(t.Context()); err != nil {
		t.Errorf("the relay that was there: %v", err)
	}
	if err := alive.Close(); err != nil {
		t.Fatal(err)
	}
	// Another build's run removes the image before it is used.
	start(&meddler{APIClient: cli, image: imageOf(t, old)}, old)
	expectImages(t, cli, named, like, imageOf(t, next), imageOf(t, old))
}

// meddler removes an image just before a container is made of it.
type meddler struct {
	client.APIClient
	image string
	done  bool
}

func (m *meddler) ContainerCreate(ctx context.Context, options client.ContainerCreateOptions) (client.ContainerCreateResult, error) {
	if !m.done {
		m.done = true
		if _, err := m.ImageRemove(ctx, m.image, client.ImageRemoveOptions{}); err != nil {
			return client.ContainerCreateResult{}, err
		}
	}
	return m.APIClient.ContainerCreate(ctx, options)
}

func expectImages(t *testing.T, cli *client.Client, want ...string) {
	t.Helper()
	list, err := cli.ImageList(t.Context(), client.ImageListOptions{All: true})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, image := range list.Items {
		got = append(got, image.RepoTags...)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("there are the images\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestHardening reads back what the engine made of the relay's container.
func TestHardening(t *testing.T) {
	b := newBench(t, enginetest.Client(t, enginetest.Local(t)), enginetest.Build(t, "testdata/relay"))
	result, err := b.client.ContainerInspect(t.Context(), b.project+"-relay", client.ContainerInspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	config, host := result.Container.Config, result.Container.HostConfig
	for what, ok := range map[string]bool{
		"user":              config.User == "65534:65534",
		"labels":            config.Labels[projectLabel] == b.project,
		"read-only root":    host.ReadonlyRootfs,
		"capabilities":      len(host.CapAdd) == 0 && strings.Join(host.CapDrop, " ") == "ALL",
		"no new privileges": strings.Join(host.SecurityOpt, " ") == "no-new-privileges",
		"not privileged":    !host.Privileged,
		"memory":            host.Memory > 0 && host.Memory <= 1<<30,
		"processes":         host.PidsLimit != nil && *host.PidsLimit > 0 && *host.PidsLimit <= 1000,
		"device rules":      strings.Join(host.DeviceCgroupRules, ",") == "c 226:* rw",
		"nothing mounted":   len(result.Container.Mounts) == 0 && len(host.Devices) == 0,
		"nothing logged":    host.LogConfig.Type == "none",
		"network":           host.NetworkMode == "bridge" || host.NetworkMode == "default",
		"restart":           host.RestartPolicy.IsNone() && !host.AutoRemove,
	} {
		if !ok {
			t.Errorf("%s: not as it should be", what)
		}
	}
}

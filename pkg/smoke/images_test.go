package smoke

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/moby/moby/api/types/image"
	"github.com/moby/moby/client"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/compose"
	"github.com/opengpu-network/templates/pkg/engine"
	"github.com/opengpu-network/templates/pkg/enginetest"
	"github.com/opengpu-network/templates/pkg/record"
)

// connected is this machine's engine, ready for runs. It is made once: what
// testcontainers takes from the environment, it takes once in a process.
var connected = sync.OnceValues(func() (*engine.Engine, error) {
	e, err := engine.Connect(context.Background())
	if err == nil {
		err = e.ForTestcontainers()
	}
	return e, err
})

func runner(t *testing.T) *Runner {
	t.Helper()
	enginetest.Local(t)
	enginetest.Exclusive(t)
	e, err := connected()
	if err != nil {
		t.Fatal(err)
	}
	r := &Runner{Engine: e, Locks: t.TempDir(), Limit: time.Minute}
	if err := r.LookAt(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

// serveRegistry is a registry on loopback. It holds everything in memory.
func serveRegistry(t *testing.T, handler http.Handler) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0)}
	go server.Serve(listener)
	t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String()
}

// echo is the template of testdata/smoke/echo with another image.
func echo(t *testing.T, image string) Subject {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "echo")
	if err := os.CopyFS(dir, os.DirFS("../../testdata/smoke/echo")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "compose/cpu.yml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.ReplaceAll(string(text), "opengpunetwork/echo-for-tests:1", image))
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	template, _, err := catalog.Open(dir, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer template.Close()
	project, problems := compose.Load(t.Context(), template.Root(), "compose/cpu.yml", func(name string) string { return name })
	if project == nil {
		t.Fatal(problems)
	}
	return Subject{Template: template, Environment: catalog.CPU, Project: project, Hardware: record.Real}
}

// TestPull pulls from a real registry: an image that is there, by its tag and by
// its digest, and others that cannot be had.
func TestPull(t *testing.T) {
	r := runner(t)
	progress := &awaited{told: make(chan struct{})}
	address := serveRegistry(t, progress.halfway(registry.New(registry.Logger(log.New(io.Discard, "", 0)))))
	image := address + "/tests/echo:1"
	binary := buildEcho(t)
	appendRandom(t, binary) // a layer that no engine has
	enginetest.ImportBinary(t, enginetest.Client(t, enginetest.Local(t)), image, binary)
	pushed, err := r.Engine.API.ImagePush(t.Context(), image, client.ImagePushOptions{RegistryAuth: "e30="})
	if err == nil {
		err = pushed.Wait(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	info, err := r.Engine.API.ImageInspect(t.Context(), image)
	if err != nil || len(info.RepoDigests) != 1 {
		t.Fatal(info.RepoDigests, err)
	}
	_, digest, _ := strings.Cut(info.RepoDigests[0], "@")
	t.Cleanup(func() {
		_, _ = r.Engine.API.ImageRemove(context.WithoutCancel(t.Context()), info.ID, client.ImageRemoveOptions{Force: true})
	})

	r.Progress = progress.note
	for name, reference := range map[string]string{"tag": image, "digest": image + "@" + digest} {
		t.Run(name, func(t *testing.T) {
			if _, err := r.Engine.API.ImageRemove(t.Context(), info.ID, client.ImageRemoveOptions{Force: true}); err != nil {
				t.Fatal(err)
			}
			got := r.Run(t.Context(), echo(t, reference))
			if got.Status != record.Passed || got.Images[0].Digest != digest || got.Images[0].ID != info.ID || got.Times.Pull == 0 {
				t.Errorf("%+v", got)
			}
		})
	}
	if len(progress.wrong) > 0 {
		t.Errorf("more than all is pulled: %+v", progress.wrong)
	}

	denies := serveRegistry(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"errors":[{"code":"DENIED"}]}`, http.StatusForbidden)
	}))
	busy := serveRegistry(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}`, http.StatusTooManyRequests)
	}))
	for name, c := range map[string]struct{ image, kind string }{
		"no such tag":        {address + "/tests/echo:2", ImageMissing},
		"no such repository": {address + "/tests/nothing:1", ImageMissing},
		"no such digest":     {address + "/tests/echo@sha256:" + strings.Repeat("0", 64), ImageMissing},
		"denied":             {denies + "/tests/echo:1", ImageMissing},
		"rate limit":         {busy + "/tests/echo:1", ImageUnpullable},
		"registry is down":   {"127.0.0.1:1/tests/echo:1", ImageUnpullable},
	} {
		t.Run(name, func(t *testing.T) {
			got := r.Run(t.Context(), echo(t, c.image))
			if got.Status != record.Failed || len(got.Failures) != 1 || got.Failures[0].Kind != c.kind || got.Failures[0].Remedy == "" {
				t.Errorf("%+v", got.Failures)
			}
		})
	}
}

// awaited waits until it is told how far a pull is. What is pulled from this machine is
// there before some engines have looked how far it is.
type awaited struct {
	once  sync.Once
	told  chan struct{}
	mu    sync.Mutex
	wrong []Event
}

func (a *awaited) note(e Event) {
	if e.Done > 0 {
		a.once.Do(func() { close(a.told) })
	}
	if e.Done > e.Total {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.wrong = append(a.wrong, e)
	}
}

// halfway hands out half of what is large, and the rest when somebody has been told.
func (a *awaited) halfway(registry http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/blobs/") {
			w = &half{ResponseWriter: w, until: func() {
				select {
				case <-a.told:
				case <-r.Context().Done():
				}
			}}
		}
		registry.ServeHTTP(w, r)
	})
}

// half is an answer that pauses once, when a good part of a layer is sent.
type half struct {
	http.ResponseWriter
	sent  int
	until func()
}

const pauseAfter = 1 << 20

func (h *half) Write(p []byte) (int, error) {
	n, err := h.ResponseWriter.Write(p)
	if h.sent += n; h.until != nil && h.sent > pauseAfter {
		_ = http.NewResponseController(h.ResponseWriter).Flush()
		h.until()
		h.until = nil
	}
	return n, err
}

func TestRegistryDigest(t *testing.T) {
	digest := func(letter string) string { return "sha256:" + strings.Repeat(letter, 64) }
	var info image.InspectResponse
	info.RepoDigests = []string{
		"another/echo@" + digest("a"), "library/echo:8@" + digest("b"), "broken", "localhost:5000/echo@" + digest("c"), "ghcr.io/me/echo@" + digest("d"),
	}
	for reference, want := range map[string]string{
		"echo": digest("b"), "docker.io/library/echo:1": digest("b"), "another/echo:2": digest("a"),
		"localhost:5000/echo:1": digest("c"), "ghcr.io/me/echo": digest("d"),
		"ghcr.io/me/other": "", "localhost:5001/echo:1": "", "me/echo": "", "Not:A:Reference": "",
		"me/echo:1@" + digest("e"): digest("e"), "ghcr.io/me/echo@" + digest("d"): digest("d"),
	} {
		if got := registryDigest(info, reference); got != want {
			t.Errorf("%s: %q, want %q", reference, got, want)
		}
	}
}

// TestGivenUpWhileGettingImages ends a run while its image is pulled or built,
// which a silent registry makes take forever: that is one failure.
func TestGivenUpWhileGettingImages(t *testing.T) {
	r := runner(t)
	asked := make(chan struct{}, 1000)
	silent := serveRegistry(t, http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		asked <- struct{}{}
		<-request.Context().Done()
	}))
	image := silent + "/tests/echo:1"
	pulled, built := echo(t, image), echo(t, image)
	built.Template.Manifest.Service = &catalog.Service{Image: image}
	service := filepath.Join(built.Template.Dir, catalog.ServiceDir)
	if err := os.Mkdir(service, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(service, "Dockerfile"), []byte("FROM "+image+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		subject Subject
		limit   time.Duration // 0 is an interrupt
		want    string
	}{
		{"time-out while pulling", pulled, 2 * time.Second, "time-out: the run took longer than 2s"},
		{"time-out while building", built, 2 * time.Second, "time-out: the run took longer than 2s"},
		{"interrupt while pulling", pulled, 0, "interrupted: interrupted while getting the image " + image},
		{"interrupt while building", built, 0, "interrupted: interrupted while getting the image " + image},
	} {
		t.Run(c.name, func(t *testing.T) {
			for len(asked) > 0 {
				<-asked
			}
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			r.Limit = time.Hour
			if c.limit > 0 {
				r.Limit = c.limit
			} else {
				go func() { <-asked; interrupt() }()
			}
			got := r.Run(ctx, c.subject)
			if len(got.Failures) != 1 || got.Failures[0].Kind+": "+got.Failures[0].Message != c.want || got.Failures[0].Service != "" {
				t.Errorf("%+v", got.Failures)
			}
		})
	}
}

func buildEcho(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "echo")
	if err := os.Rename(enginetest.Build(t, "../../testdata/smoke/service"), binary); err != nil {
		t.Fatal(err)
	}
	return binary
}

func appendRandom(t *testing.T, file string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(rand.Text()); err != nil {
		t.Fatal(err)
	}
}

// TestPullOntoAFullDisk pulls an image that is larger than the engine's disk.
func TestPullOntoAFullDisk(t *testing.T) {
	listener, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: registry.New(registry.Logger(log.New(io.Discard, "", 0)))}
	go server.Serve(listener)
	t.Cleanup(func() { _ = server.Close() })
	port := listener.Addr().(*net.TCPAddr).Port

	far := enginetest.Start(t, enginetest.Options{DataBytes: 48 << 20, Config: `{"insecure-registries":["10.0.0.0/8"]}`})
	reference, err := name.ParseReference(fmt.Sprintf("%s:%d/tests/large:1", far.Gateway, port), name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	large, err := random.Image(64<<20, 1)
	if err == nil {
		err = remote.Write(reference, large)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DOCKER_HOST", far.Socket)
	e, err := engine.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	r := &Runner{Engine: e, Locks: t.TempDir(), Limit: time.Minute, Binary: enginetest.Build(t, "../relay/testdata/relay")}
	got := r.Run(t.Context(), echo(t, reference.String()))
	if got.Status != record.Failed || len(got.Failures) != 1 || got.Failures[0].Kind != DiskFull || got.Failures[0].Remedy == "" {
		t.Errorf("%+v", got.Failures)
	}
}

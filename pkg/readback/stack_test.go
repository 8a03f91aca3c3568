package readback_test

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/client"
	tclog "github.com/testcontainers/testcontainers-go/log"
	"github.com/testcontainers/testcontainers-go/modules/compose"

	"github.com/opengpu-network/templates/pkg/readback"
)

// stack is a running stack and the model that it was started from.
type stack struct {
	name     string
	project  *types.Project
	expected map[string]string
	client   *client.Client
	// upError is what starting it came to.
	upError error
}

func TestMain(m *testing.M) {
	// Nothing here may depend on an image that has to be pulled.
	os.Setenv("TESTCONTAINERS_RYUK_DISABLED", "true")
	tclog.SetDefault(log.New(io.Discard, "", 0))
	code := m.Run()
	for _, remove := range cleanup {
		remove()
	}
	os.Exit(code)
}

// cleanup is what is to be done when all tests are through.
var cleanup []func()

type testImage struct {
	name, id string
	client   *client.Client
}

// image makes the image of the test stacks: a static binary, and one of each
// thing that an image can declare.
var image = sync.OnceValues(func() (testImage, error) {
	made := testImage{name: "ogpu-readback-" + unique() + ":test"}
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "readback")
	if err != nil {
		return made, err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "service")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", binary, "../../testdata/readback/service/main.go")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if _, err := build.Output(); err != nil {
		return made, err
	}
	data, err := os.ReadFile(binary)
	if err != nil {
		return made, err
	}
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	// The catalog's own health checks call these programs.
	for _, name := range []string{"service", "bin/python", "bin/ollama"} {
		w.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(data))})
		w.Write(data)
	}
	if err := w.Close(); err != nil {
		return made, err
	}
	made.client, err = client.New(client.FromEnv)
	if err != nil {
		return made, err
	}
	result, err := made.client.ImageImport(ctx, client.ImageImportSource{Source: &archive, SourceName: "-"}, made.name, client.ImageImportOptions{
		Changes: []string{
			`ENTRYPOINT ["/service"]`, `CMD ["serve"]`, `ENV PATH=/bin IMAGE_SAYS=so`, `USER 4321`, `WORKDIR /home`,
			`VOLUME /declared`, `EXPOSE 9999/udp`, `LABEL org.example.image=yes`,
			`HEALTHCHECK --interval=2s --timeout=3s --retries=5 CMD ["/service", "healthy"]`,
		},
	})
	if err != nil {
		return made, err
	}
	defer result.Close()
	if _, err := io.Copy(io.Discard, result); err != nil {
		return made, err
	}
	cleanup = append(cleanup, func() {
		made.client.ImageRemove(ctx, made.name, client.ImageRemoveOptions{Force: true})
	})
	inspected, err := made.client.ImageInspect(ctx, made.name)
	made.id = inspected.ID
	return made, err
})

func unique() string {
	var b [8]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// freePort is a port of this host that nothing listens on.
func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// cgroup is a parent for the containers' cgroups, in the form that the engine's
// driver wants.
func cgroup(t *testing.T, cli *client.Client, name string) string {
	t.Helper()
	result, err := cli.Info(t.Context(), client.InfoOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if result.Info.CgroupDriver == "systemd" {
		return strings.ReplaceAll(name, "-", "_") + ".slice"
	}
	// Nobody but us removes a parent that has become empty.
	cleanup = append(cleanup, func() {
		for _, pattern := range []string{"/sys/fs/cgroup/*/", "/sys/fs/cgroup/"} {
			left, _ := filepath.Glob(pattern + name)
			for _, folder := range left {
				os.Remove(folder)
			}
		}
	})
	return "/" + name
}

// start brings a stack up and sees to it that nothing of it is left.
func start(t *testing.T, text string) stack {
	t.Helper()
	made, err := image()
	if err != nil {
		t.Fatalf("make the test image: %v", err)
	}
	ctx := t.Context()
	name := "ogpu-readback-" + unique()
	var octets [2]byte
	rand.Read(octets[:])
	text = strings.NewReplacer("${NAME}", name, "${CGROUP}", cgroup(t, made.client, name),
		"${NET}", fmt.Sprintf("10.%d.%d", octets[0]|0xc0, octets[1]), "${IMAGE}", made.name, "${PORT}", freePort(t), "${PORT2}", freePort(t),
		"${CALLBACK_URL}", "http://host.docker.internal:1").Replace(text)
	file := filepath.Join(t.TempDir(), "compose.yml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := stack{name: name, client: made.client, expected: map[string]string{}}
	s.project = load(t, file, s.name)
	for name := range s.project.Services {
		s.expected[name] = made.id
	}
	up, err := compose.NewDockerComposeWith(compose.WithStackFiles(file), compose.StackIdentifier(s.name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.Background()
		if err := up.Down(ctx, compose.RemoveVolumes(true), compose.RemoveOrphans(true)); err != nil {
			t.Errorf("take the stack down: %v", err)
		}
		up.Close()
	})
	s.upError = up.Up(ctx)
	return s
}

// load is the typed model of a compose file.
func load(t *testing.T, file, name string) *types.Project {
	t.Helper()
	project, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir:  filepath.Dir(file),
		ConfigFiles: []types.ConfigFile{{Filename: file}},
		Environment: types.Mapping{},
	}, func(o *loader.Options) { o.SetProjectName(name, true) })
	if err != nil {
		t.Fatal(err)
	}
	return project
}

func (s stack) read(t *testing.T) readback.State {
	t.Helper()
	engine, err := readback.ReadEngine(t.Context(), s.client)
	if err != nil {
		t.Fatal(err)
	}
	state, err := readback.Read(t.Context(), s.client, engine, s.name)
	if err != nil {
		t.Fatal(err)
	}
	state.Expected = s.expected
	return state
}

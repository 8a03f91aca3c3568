package gatetest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/opengpu-network/templates/pkg/programtest"
	"go.yaml.in/yaml/v4"
)

// TestGoReleaser has GoReleaser read its configuration, as the release's own script
// starts it.
func TestGoReleaser(t *testing.T) {
	check := programtest.Command(t, filepath.Join(root(t), ".github/scripts/goreleaser.sh"), "check")
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	config := read(t, filepath.Join(root(t), ".goreleaser.yaml"))
	for _, want := range []string{"CGO_ENABLED=0", "-trimpath", "-buildvcs=true", "mod_timestamp:", "checksums.txt", "digests.txt", "sboms:"} {
		if !strings.Contains(config, want) {
			t.Errorf(".goreleaser.yaml has no %s", want)
		}
	}
}

// TestReproducible builds the programs in two clones: as .goreleaser.yaml says, and as
// docs/gate.md says that anyone can.
func TestReproducible(t *testing.T) {
	type build struct {
		ID, Main, Binary    string
		Env, Flags, Ldflags []string
	}
	var config struct {
		Builds   []build
		Archives []struct {
			IDs []string `yaml:"ids"`
		}
		Dockers []struct {
			IDs []string `yaml:"ids"`
		} `yaml:"dockers_v2"`
	}
	if err := yaml.Unmarshal([]byte(read(t, filepath.Join(root(t), ".goreleaser.yaml"))), &config); err != nil {
		t.Fatal(err)
	}
	names, b := mains(t), config.Builds[0]
	if len(config.Builds) != len(names) || len(config.Archives) != 1 || len(config.Dockers) != 1 ||
		!slices.Equal(config.Archives[0].IDs, names) || !slices.Equal(config.Dockers[0].IDs, names) {
		t.Fatalf("the programs are %v, and a release has %+v", names, config)
	}
	for i, name := range names {
		if want := (build{name, "./cmd/" + name, name, b.Env, b.Flags, b.Ldflags}); !reflect.DeepEqual(config.Builds[i], want) {
			t.Errorf("%+v, want %+v", config.Builds[i], want)
		}
	}
	documented := block(t, "docs/gate.md", "```sh rebuild\n")[0]
	base := t.TempDir()
	sources := filepath.Join(base, "sources")
	copySources(t, root(t), sources)
	git(t, sources, "init", "--quiet")
	git(t, sources, "add", "--all")
	git(t, sources, "commit", "--quiet", "--message", "x")
	git(t, sources, "tag", "v1.2.3")

	built := map[string]string{}
	for folder, words := range map[string][]string{
		"one":         append(append([]string{"go", "build"}, b.Flags...), "-ldflags", strings.Join(b.Ldflags, " "), "-o", "../built/", "./cmd/..."),
		"another/way": {"sh", "-euc", documented},
	} {
		clone := filepath.Join(base, folder, "clone")
		git(t, base, "clone", "--quiet", sources, clone)
		build := programtest.Command(t, words[0], words[1:]...)
		build.Dir, build.Env = clone, append(append(os.Environ(), "GOFLAGS="), b.Env...)
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", words, err, out)
		}
		for _, name := range names {
			program := read(t, filepath.Join(base, folder, "built", name))
			if other, ok := built[name]; ok && other != program {
				t.Errorf("the two builds of %s differ", name)
			}
			if !strings.Contains(program, "v1.2.3") {
				t.Errorf("%s does not know its version", name)
			}
			built[name] = program
		}
	}
}

// releases serves a release of a program that says who it is, and what a test
// changes in it.
func releases(t *testing.T, change func(archive *[]byte, checksums *string)) (url, name string) {
	t.Helper()
	var data bytes.Buffer
	zip := gzip.NewWriter(&data)
	files := tar.NewWriter(zip)
	program := "#!/bin/sh\necho released\n"
	var failed []error
	for _, file := range []tar.Header{{Name: "ogpu-tpl", Mode: 0o755}, {Name: "ogpu-tpl-full", Mode: 0o755}, {Name: "LICENSE", Mode: 0o644}} {
		file.Size = int64(len(program))
		failed = append(failed, files.WriteHeader(&file), second(files.Write([]byte(program))))
	}
	for _, err := range append(failed, files.Close(), zip.Close()) {
		if err != nil {
			t.Fatal(err)
		}
	}
	archive := data.Bytes()
	name = fmt.Sprintf("ogpu-tpl_1.2.3_%s_%s.tar.gz", runtime.GOOS, runtime.GOARCH)
	sum := sha256.Sum256(archive)
	checksums := hex.EncodeToString(sum[:]) + "  " + name + "\n" + strings.Repeat("0", 64) + "  other.tar.gz\n"
	change(&archive, &checksums)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v1.2.3/" + name:
			_, _ = w.Write(archive)
		case "/v1.2.3/checksums.txt":
			fmt.Fprint(w, checksums)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, name
}

func second(_ int, err error) error { return err }

// TestInstall downloads releases that are what they say, and some that are not.
func TestInstall(t *testing.T) {
	attested := "#!/bin/sh\ntest \"$1 $2\" = 'attestation verify' && echo \"$*\" >>\"$GH_LOG\"\n"
	refused := "#!/bin/sh\nexit 1\n"
	for name, c := range map[string]struct {
		version, gh string
		change      func(archive *[]byte, checksums *string)
		want        string // what it says when it fails, or nothing
	}{
		"as it should be":  {"1.2.3", attested, func(*[]byte, *string) {}, ""},
		"with a v":         {"v1.2.3", attested, func(*[]byte, *string) {}, ""},
		"another archive":  {"1.2.3", attested, func(a *[]byte, _ *string) { *a = append(*a, 0) }, "FAILED"},
		"no checksum":      {"1.2.3", attested, func(_ *[]byte, c *string) { *c = strings.ReplaceAll(*c, "1.2.3", "1.2.4") }, ""},
		"two checksums":    {"1.2.3", attested, func(_ *[]byte, c *string) { *c += *c }, "more than once"},
		"not attested":     {"1.2.3", refused, func(*[]byte, *string) {}, ""},
		"no such release":  {"1.2.4", attested, func(*[]byte, *string) {}, "404"},
		"another path":     {"../../1.2.3", attested, func(*[]byte, *string) {}, "is no version"},
		"something to run": {"1.2.3$(id)", attested, func(*[]byte, *string) {}, "is no version"},
	} {
		t.Run(name, func(t *testing.T) {
			url, archive := releases(t, c.change)
			bin, dir := t.TempDir(), filepath.Join(t.TempDir(), "to")
			writeFile(t, filepath.Join(bin, "gh"), c.gh, 0o755)
			install := programtest.Command(t, filepath.Join(root(t), ".github/scripts/install.sh"), c.version, dir)
			log := filepath.Join(bin, "log")
			install.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "TMPDIR="+t.TempDir(), "OGPU_RELEASES="+url, "GH_LOG="+log)
			out, err := install.CombinedOutput()
			said, runErr := programtest.Command(t, filepath.Join(dir, "ogpu-tpl")).CombinedOutput()
			if runErr == nil {
				beside, _ := filepath.Glob(filepath.Join(dir, "*"))
				if len(beside) != 2 {
					t.Errorf("these are installed: %v", beside)
				}
			}
			if strings.HasSuffix(name, "be") || strings.HasSuffix(name, "v") {
				if err != nil || runErr != nil || string(said) != "released\n" || !strings.Contains(read(t, log), archive+" --repo OpenGPU-Network/templates --signer-workflow OpenGPU-Network/templates/.github/workflows/release.yml --source-ref refs/tags/v1.2.3\n") {
					t.Errorf("%v, %v: %s%s", err, runErr, out, said)
				}
				return
			}
			if err == nil || runErr == nil || !strings.Contains(string(out), c.want) {
				t.Errorf("it is installed: %v, %s%s, want %q", err, out, said, c.want)
			}
		})
	}
}

// TestImage builds the image as GoReleaser has it built, and lints the catalog in
// it as docs/gate.md says.
func TestImage(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "Dockerfile"), read(t, filepath.Join(root(t), "Dockerfile")), 0o600)
	writeFile(t, filepath.Join(dir, "bin/ca-certificates.crt"), "none is needed here\n", 0o600)
	platform := "linux/" + runtime.GOARCH
	for _, name := range mains(t) {
		writeFile(t, filepath.Join(dir, platform, name), read(t, filepath.Join(install(t), name)), 0o755)
	}
	docker := func(args ...string) string {
		t.Helper()
		var stderr strings.Builder
		command := programtest.Command(t, "docker", args...)
		command.Stderr = &stderr
		out, err := command.Output()
		if err != nil {
			t.Fatalf("docker %s: %v\n%s%s", args[0], err, out, stderr.String())
		}
		return string(out)
	}
	image := strings.TrimSpace(docker("build", "--quiet", "--build-arg", "TARGETPLATFORM="+platform, dir))
	t.Cleanup(func() { _ = exec.Command("docker", "rmi", "--force", image).Run() })
	const released = "ghcr.io/opengpu-network/ogpu-tpl:1.2.3"
	documented := block(t, "docs/gate.md", "```sh image\n")[0]
	if !strings.Contains(documented, released) {
		t.Errorf("docs/gate.md runs another image: %s", documented)
	}
	run := programtest.Command(t, "sh", "-euc", strings.ReplaceAll(documented, released, image))
	run.Dir = root(t)
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	holds(t, string(out), `0 errors, 0 warnings, .* compose files of [0-9]+ templates`)
	// The program starts the one beside it, with its own arguments.
	holds(t, docker("run", "--rm", image, "pin", "--help"), `^NAME:\n   ogpu-tpl pin - `)
	if user := docker("inspect", "--format", "{{.Config.User}}", image); user != "65532:65532\n" {
		t.Errorf("it runs as %q", user)
	}
}

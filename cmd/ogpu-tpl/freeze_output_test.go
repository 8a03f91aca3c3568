package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/opengpu-network/templates/cmd/internal/full"
	"github.com/opengpu-network/templates/pkg/release"
)

// sampleTemplate is a copy of the sample in a folder of templates.
func sampleTemplate(t *testing.T) (templates, template string) {
	t.Helper()
	templates = filepath.Join(t.TempDir(), "templates")
	template = filepath.Join(templates, "sample")
	if err := os.CopyFS(template, os.DirFS(filepath.Join(root(t), "testdata/release/sample"))); err != nil {
		t.Fatal(err)
	}
	return templates, template
}

func TestFreezeRefusesOutputs(t *testing.T) {
	templates, template := sampleTemplate(t)
	link := filepath.Join(t.TempDir(), "link")
	file := filepath.Join(t.TempDir(), "file")
	if err := os.Symlink(template, link); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	before := tree(t, templates)
	for output, want := range map[string]string{
		template: "holds templates and no releases", filepath.Join(template, "dist"): "holds templates", templates: "holds templates",
		filepath.Join(templates, "other/deep"): "holds templates", filepath.Join(link, "dist"): "holds templates",
		file: "is no folder",
	} {
		status, _, stderr := run(t, "freeze", "sample", "--templates", templates, "-o", output)
		if status != statusUsage || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d: %s", output, status, stderr)
		}
	}
	if after := tree(t, templates); !slices.Equal(before, after) {
		t.Errorf("%v, before %v", after, before)
	}
	t.Chdir(t.TempDir())
	for range 2 {
		if status, _, stderr := run(t, "freeze", template, "-o", "."); status != statusClean {
			t.Errorf("status %d: %s", status, stderr)
		}
	}
	t.Chdir(filepath.Dir(templates))
	if status, _, stderr := run(t, "freeze", template, "-o", "."); status != statusFailed || !strings.Contains(stderr, "the folder . holds something that is no release, and is not replaced: name another with --output") {
		t.Errorf("status %d: %s", status, stderr)
	}
	for _, what := range []string{"templates/sample/compose/cpu.yml", "templates/sample/compose/parts/echo.yml"} {
		if status, _, stderr := run(t, "freeze", what); status != statusUsage || !strings.Contains(stderr, "give the template's name or folder") {
			t.Errorf("%s: status %d: %s", what, status, stderr)
		}
	}
	if status, _, stderr := run(t, "freeze", template, "-o", file+"/in"); status != statusFailed || !strings.Contains(stderr, "not a directory") {
		t.Errorf("status %d: %s", status, stderr)
	}
}

// tree lists all that is below a folder.
func tree(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, _ os.DirEntry, err error) error {
		names = append(names, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestFreezeOntoBadDisks writes to a disk that is full, and to one that takes
// nothing: file systems in memory, which root alone may mount.
func TestFreezeOntoBadDisks(t *testing.T) {
	_, template := sampleTemplate(t)
	disk := t.TempDir()
	mount := func(flags uintptr, options string) {
		t.Helper()
		if err := syscall.Mount("tmpfs", disk, "tmpfs", flags, options); err != nil {
			t.Fatalf("mounting a file system, for which the test must run as root: %v", err)
		}
	}
	mount(0, "size=12k")
	t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	for _, output := range []string{disk, filepath.Join(disk, "new"), filepath.Join(disk, "deep/new")} {
		status, _, stderr := run(t, "freeze", template, "-o", output)
		if status != statusFailed || !strings.Contains(stderr, "no space left") {
			t.Errorf("%s: status %d: %s", output, status, stderr)
		}
		_ = os.Remove(filepath.Join(disk, "deep"))
		if left := tree(t, disk); len(left) != 1 {
			t.Errorf("%s: left are %v", output, left)
		}
	}
	mount(syscall.MS_REMOUNT|syscall.MS_RDONLY, "")
	for _, output := range []string{disk, filepath.Join(disk, "new")} {
		status, _, stderr := run(t, "freeze", template, "-o", output)
		if status != statusFailed || !strings.Contains(stderr, "read-only file system") {
			t.Errorf("%s: status %d: %s", output, status, stderr)
		}
	}
}

// TestFreezeForTwoNetworks: what speaks for a release on one network stays when it
// is frozen for another into the same folder.
func TestFreezeForTwoNetworks(t *testing.T) {
	_, template := sampleTemplate(t)
	output := filepath.Join(t.TempDir(), "out")
	exceptions := []string{"--except", "cpu=there is no record of the tests", "--except", "nvidia=there is no GPU, as ever"}
	for _, args := range [][]string{append([]string{"--network", "mainnet"}, exceptions...), nil} {
		if status, _, stderr := run(t, append([]string{"freeze", template, "-o", output}, args...)...); status != statusClean {
			t.Fatal(stderr)
		}
	}
	for network, marks := range map[string]int{"mainnet": 0, "devnet": 2} {
		var p full.Provenance
		text, err := os.ReadFile(filepath.Join(output, full.ProvenanceFile(network)))
		if err == nil {
			err = json.Unmarshal(text, &p)
		}
		if err != nil || p.Network != network || len(p.Marks) != marks || len(p.Exceptions) != 2-marks {
			t.Errorf("%s: %+v %v", network, p, err)
		}
	}
}

// TestFrozenMetadataSaysWhatWasExcepted goes the way of a stranger who has the
// metadata's address and nothing else.
func TestFrozenMetadataSaysWhatWasExcepted(t *testing.T) {
	_, template := sampleTemplate(t)
	dir := t.TempDir()
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer server.Close()
	status, stdout, stderr := run(t, "freeze", template, "-o", filepath.Join(t.TempDir(), "out"), "--format", "json", "--host", "folder="+dir+","+server.URL, "--except", "nvidia=there is no GPU, as ever")
	var printed struct {
		Digest string
		Hosted full.Hosted
	}
	if err := json.Unmarshal([]byte(stdout), &printed); err != nil || status != statusClean {
		t.Fatalf("status %d: %v: %s", status, err, stderr)
	}
	m, err := release.ParseMetadata([]byte(fetched(t, printed.Hosted.MetadataURL)))
	if err != nil || m.Template == nil {
		t.Fatal(m, err)
	}
	s := m.Template
	if len(s.Marks) != 1 || !maps.Equal(s.Exceptions, map[string]string{"nvidia": "there is no GPU, as ever"}) || s.Environments["nvidia"].Hardware.VRAM != 1<<30 || s.Origin.Tool != app.Version() {
		t.Errorf("%+v", s)
	}
	files := map[string][]byte{}
	for _, f := range s.Files {
		files[f.Path] = []byte(fetched(t, f.URL))
	}
	r, err := release.FromFiles(files)
	if err != nil || r.Digest != s.Digest || r.Digest != printed.Digest || len(r.Statement.Waivers) != 1 {
		t.Errorf("%+v %v", r, err)
	}
}

// TestReleaseByHand runs the command lines of docs/release.md that check a hosted
// release with nothing but common tools.
func TestReleaseByHand(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root(t), "docs/release.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(page), "```sh by hand\n")
	block, _, closed := strings.Cut(block, "```")
	if !found || !closed || !strings.Contains(block, "curl") {
		t.Fatal("docs/release.md does not say how to check a release by hand")
	}
	_, template := sampleTemplate(t)
	dir := t.TempDir()
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer server.Close()
	status, stdout, stderr := run(t, "freeze", template, "-o", filepath.Join(t.TempDir(), "out"), "--format", "json", "--host", "folder="+dir+","+server.URL)
	var printed struct {
		Digest string
		Hosted full.Hosted
	}
	if err := json.Unmarshal([]byte(stdout), &printed); err != nil || status != statusClean {
		t.Fatalf("status %d: %v: %s", status, err, stderr)
	}
	shell := exec.Command("sh", "-euc", block)
	shell.Dir = t.TempDir()
	shell.Env = append(os.Environ(), "URL="+printed.Hosted.MetadataURL)
	out, err := shell.CombinedOutput()
	digest := strings.TrimPrefix(printed.Digest, "sha256:")
	if err != nil || strings.Count(string(out), digest) != 2 {
		t.Errorf("%v: %s, want %s", err, out, printed.Digest)
	}
}

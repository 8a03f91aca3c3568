package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opengpu-network/templates/pkg/compose"
	"github.com/opengpu-network/templates/pkg/record"
	"github.com/opengpu-network/templates/pkg/release"
	"go.yaml.in/yaml/v4"
)

// freeze freezes a template and returns what was printed as JSON.
func freeze(t *testing.T, args ...string) release.Release {
	t.Helper()
	status, stdout, stderr := run(t, append([]string{"freeze", "--format", "json", "--output", filepath.Join(t.TempDir(), "release")}, args...)...)
	var r release.Release
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || status != statusClean {
		t.Fatalf("status %d: %v\n%s%s", status, err, stdout, stderr)
	}
	return r
}

// TestFreezeIsTheSameEverywhere freezes every template of the catalog here, and
// again in a copy that lies elsewhere, has other line ends and other times, and
// is no checkout.
func TestFreezeIsTheSameEverywhere(t *testing.T) {
	for _, name := range catalogNames(t) {
		dir := filepath.Join(root(t), "templates", name)
		here := freeze(t, dir)
		copied := filepath.Join(t.TempDir(), name)
		if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		var text []byte
		var err error
		for _, name := range []string{"README.md", "logo.svg"} {
			name = filepath.Join(copied, name)
			if text, err = os.ReadFile(name); err == nil {
				err = os.WriteFile(name, []byte(strings.ReplaceAll(string(text), "\n", "\r\n")), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if there := freeze(t, copied); there.Digest != here.Digest {
			t.Errorf("%s", cmp.Diff(here, there))
		}
		manifest := filepath.Join(copied, "template.yaml")
		if text, err = os.ReadFile(manifest); err == nil {
			err = os.WriteFile(manifest, []byte(strings.Replace(string(text), "\nversion: ", "\nversion: 9", 1)), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		if there := freeze(t, copied); there.Digest == here.Digest {
			t.Errorf("%s has the same digest in another version", name)
		}
	}
}

func catalogNames(t *testing.T) (names []string) {
	t.Helper()
	manifests, err := filepath.Glob(filepath.Join(root(t), "templates/*/template.yaml"))
	if err != nil || len(manifests) == 0 {
		t.Fatal(manifests, err)
	}
	for _, manifest := range manifests {
		names = append(names, filepath.Base(filepath.Dir(manifest)))
	}
	return names
}

// TestFrozenFilesMeanTheSame reads each frozen compose file with docker compose,
// and with lint as a source of its own.
func TestFrozenFilesMeanTheSame(t *testing.T) {
	compose := filepath.Join(t.TempDir(), "docker-compose")
	build := exec.Command("go", "build", "-C", filepath.Join(root(t), "testdata/smoke/compose"), "-o", compose, "github.com/docker/compose/v5/cmd")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	config := func(file string) (project any) {
		c := exec.Command(compose, "-p", "same", "-f", file, "config", "--format", "json")
		c.Env = append(os.Environ(), "PORT=5000", "CALLBACK_URL=http://host.docker.internal:20000")
		out, err := c.Output()
		if err == nil {
			err = json.Unmarshal(out, &project)
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		return project
	}
	for _, name := range catalogNames(t) {
		template, dir := filepath.Join(root(t), "templates", name), filepath.Join(t.TempDir(), name)
		if status, _, stderr := run(t, "freeze", template, "--output", dir); status != statusClean {
			t.Fatal(stderr)
		}
		files, err := filepath.Glob(filepath.Join(dir, "compose/*.yml"))
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, file := range files {
			if diff := cmp.Diff(config(filepath.Join(template, "compose", filepath.Base(file))), config(file)); diff != "" {
				t.Errorf("%s:\n%s", file, diff)
			}
		}
		check := exec.Command("sha256sum", "--check", "--strict", release.SumsFile)
		check.Dir = dir
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	}
}

// TestFreezeForARealNetwork goes through what is refused there.
func TestFreezeForARealNetwork(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "echo")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root(t), "testdata/smoke/echo"))); err != nil {
		t.Fatal(err)
	}
	const digest = "@sha256:4a559b2dd3ef125d83f0b65f3f48d4795569c47d9ddbc3de36b3c1532da194d8"
	edit(t, filepath.Join(dir, "template.yaml"), func(m map[string]any) {
		m["homepage"], m["keywords"] = "https://example.com/", []any{"test"}
	})
	if err := os.WriteFile(filepath.Join(dir, "README.md"), []byte("# Echo\n\nThe function `echo` sends a text back. "+strings.Repeat("It is for tests. ", 20)+"\n\n```json\n{\"text\": \"hello\"}\n```\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	output := filepath.Join(t.TempDir(), "out")
	refused := func(want string, args ...string) {
		t.Helper()
		status, stdout, stderr := run(t, append([]string{"freeze", dir, "--network", "testnet", "--output", output}, args...)...)
		if status != statusFailed && status != statusUsage || !strings.Contains(stderr, want) {
			t.Errorf("status %d, want %q:\n%s%s", status, want, stdout, stderr)
		}
		if _, err := os.Stat(output); err == nil {
			t.Errorf("something was written")
		}
	}
	refused(`the image opengpunetwork/echo-for-tests:1 of "echo" has no digest: see ogpu-tpl pin`)
	edit(t, filepath.Join(dir, "compose/cpu.yml"), func(p map[string]any) {
		merge(p, map[string]any{"services": map[string]any{"echo": map[string]any{"image": "opengpunetwork/echo-for-tests:1" + digest}}})
	})
	edit(t, filepath.Join(dir, "template.yaml"), func(m map[string]any) { delete(m, "unpinned") })
	refused("cpu: there is no smoke record: run ogpu-tpl smoke echo --environment cpu --record FILE")
	refused("say why", "--except", "cpu=no")
	refused("the template does not support it", "--except", "amd=there is no such machine, and none to rent")
	refused("did you mean", "--network", "mainet")

	var file release.Release
	records := filepath.Join(t.TempDir(), "record.json")
	write := func(change func(*record.Record)) {
		t.Helper()
		r := record.Record{Template: "echo", Version: "1.0.0", Environment: "cpu", Status: record.Passed, Hardware: record.Real, Digest: modelDigest(t, dir),
			Started: today, Engine: &record.Engine{Version: "20.10.24"}, Cases: []record.Case{{Name: "good", Status: record.Passed}}}
		change(&r)
		text, err := json.Marshal(record.File{Schema: record.Schema, Records: []record.Record{r}})
		if err == nil {
			err = os.WriteFile(records, text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for want, change := range map[string]func(*record.Record){
		"the run emulated":        func(r *record.Record) { r.Status, r.Hardware = record.Emulated, record.None },
		"the run failed":          func(r *record.Record) { r.Status = record.Failed },
		"it is about version 0.9": func(r *record.Record) { r.Version = "0.9.0" },
		"something in the model":  func(r *record.Record) { r.Digest = "sha256:00" },
		"built on the spot":       func(r *record.Record) { r.Images = []record.Image{{Service: "echo", Built: true}} },
		"its case good failed":    func(r *record.Record) { r.Cases[0].Status = record.Failed },
		"the record is not whole": func(r *record.Record) { r.Engine = nil },
		"there is no smoke":       func(r *record.Record) { r.Environment = "nvidia" },
		"contradicts itself":      func(r *record.Record) { r.Hardware = record.Claimed },
	} {
		write(change)
		refused(want, "--record", records)
	}
	write(func(*record.Record) {})
	file = freeze(t, dir, "--network", "testnet", "--record", records)
	if again := freeze(t, dir, "--network", "testnet", "--except", "cpu=it is only for tests"); again.Digest != file.Digest {
		t.Error("a record changes the digest")
	}
	releases := filepath.Join(dir, release.ReleasesFile)
	for text, want := range map[string]string{
		`{"1.0.0":"sha256:00"}`: "version 1.0.0 was released as sha256:00",
		`{"1.0.0"`:              "releases.json cannot be read",
	} {
		if err := os.WriteFile(releases, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		refused(want, "--record", records)
	}
	if err := os.WriteFile(releases, []byte(`{"1.0.0":"`+file.Digest+`","0.9.0":"sha256:00"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	freeze(t, dir, "--network", "testnet", "--record", records)
	if status, _, stderr := run(t, "freeze", dir, "--output", output); status != statusClean {
		t.Fatal(stderr)
	}
	// What else is in the folder stays.
	note := filepath.Join(output, "NOTES.txt")
	if err := os.WriteFile(note, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if status, _, stderr := run(t, "freeze", dir, "--output", output); status != statusClean {
		t.Fatal(stderr)
	}
	if _, err := os.Stat(note); err != nil {
		t.Error(err)
	}
	// Another version's folder, and one that is no release, are not replaced.
	edit(t, filepath.Join(dir, "template.yaml"), func(m map[string]any) { m["version"] = "1.0.1" })
	for _, occupied := range []string{output, filepath.Join(root(t), "docs")} {
		if status, _, stderr := run(t, "freeze", dir, "--output", occupied); status != statusFailed || !strings.Contains(stderr, "not replaced") {
			t.Errorf("status %d: %s", status, stderr)
		}
	}
}

// modelDigest is the digest that a smoke run records.
func modelDigest(t *testing.T, dir string) string {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	project, problems := compose.Load(t.Context(), root, "compose/cpu.yml", func(name string) string { return name })
	if project == nil {
		t.Fatal(problems)
	}
	digest, err := project.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

// TestFrozenComposeIsYAML guards the claim that the JSON of a release is YAML.
func TestFrozenComposeIsYAML(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r")
	if status, _, stderr := run(t, "freeze", filepath.Join(root(t), "templates/ollama"), "-o", dir); status != statusClean {
		t.Fatal(stderr)
	}
	text, err := os.ReadFile(filepath.Join(dir, "compose/cpu.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var asYAML, asJSON any
	if err := yaml.Unmarshal(text, &asYAML); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &asJSON); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plainNumbers(t, asYAML), asJSON); diff != "" {
		t.Error(diff)
	}
}

func plainNumbers(t *testing.T, value any) (plain any) {
	t.Helper()
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, &plain)
	}
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// TestFreezeKnowsItsCommit freezes in a real checkout, whose configuration would
// run a program if Git were asked about files.
func TestFreezeKnowsItsCommit(t *testing.T) {
	checkout := t.TempDir()
	dir, trap := filepath.Join(checkout, "templates/ollama"), filepath.Join(t.TempDir(), "sprung")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root(t), "templates/ollama"))); err != nil {
		t.Fatal(err)
	}
	git := func(args ...string) string {
		t.Helper()
		out, err := exec.Command("git", append([]string{"-C", checkout, "-c", "user.name=t", "-c", "user.email=t@example.com"}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v: %s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	git("init", "-q")
	git("add", ".")
	git("commit", "-qm", "x")
	for key, value := range map[string]string{"core.fsmonitor": "touch " + trap, "filter.trap.clean": "touch " + trap + "; cat"} {
		git("config", key, value)
	}
	if err := os.WriteFile(filepath.Join(checkout, ".git/info/attributes"), []byte("* filter=trap\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	origin := func() (p provenance) {
		t.Helper()
		out := filepath.Join(t.TempDir(), "out")
		if status, _, stderr := run(t, "freeze", dir, "-o", out); status != statusClean {
			t.Fatal(stderr)
		}
		text, err := os.ReadFile(filepath.Join(out, provenanceFile))
		if err == nil {
			err = json.Unmarshal(text, &p)
		}
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	head := git("rev-parse", "HEAD")
	if p := origin(); p.Commit != head || p.Modified {
		t.Errorf("%s modified: %v, want %s", p.Commit, p.Modified, head)
	}
	readme := filepath.Join(dir, "README.md")
	text, err := os.ReadFile(readme)
	if err == nil {
		err = os.WriteFile(readme, append(text, "More.\n"...), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if p := origin(); p.Commit != head || !p.Modified {
		t.Errorf("%s modified: %v, want %s and true", p.Commit, p.Modified, head)
	}
	if _, err := os.Stat(trap); err == nil {
		t.Error("a program of the checkout was run")
	}
}

package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opengpu-network/templates/pkg/catalog"
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

// TestFrozenFilesMeanTheSame reads each frozen compose file with docker compose.
func TestFrozenFilesMeanTheSame(t *testing.T) {
	compose := filepath.Join(composePlugin(t), "cli-plugins/docker-compose")
	config := func(file string) (project map[string]any) {
		c := exec.Command(compose, "-p", "same", "-f", file, "config", "--format", "json")
		c.Env = append(os.Environ(), "PORT=5000", "CALLBACK_URL=http://host.docker.internal:20000")
		out, err := c.Output()
		if err == nil {
			err = json.Unmarshal(out, &project)
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		// Extensions of the whole file mean nothing, and are not frozen.
		for key := range project {
			if strings.HasPrefix(key, "x-") {
				delete(project, key)
			}
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
	}
	for _, dir := range freezeCases(t, "same") {
		file := filepath.Join(t.TempDir(), "compose.yml")
		if err := os.WriteFile(file, frozenCompose(t, dir), 0o600); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(config(filepath.Join(dir, "compose.yml")), config(file)); diff != "" {
			t.Errorf("%s:\n%s", dir, diff)
		}
	}
}

func freezeCases(t *testing.T, kind string) []string {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(root(t), "testdata/release", kind, "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatal(dirs, err)
	}
	return dirs
}

// frozenCompose freezes a compose file that lint need not like.
func frozenCompose(t *testing.T, dir string) []byte {
	t.Helper()
	folder, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	project, problems := compose.Load(t.Context(), folder, "compose.yml", func(name string) string { return name })
	if project == nil || len(problems) > 0 {
		t.Fatal(dir, problems)
	}
	r, err := release.Freeze(t.Context(), &catalog.Template{Name: "case", Manifest: &catalog.Manifest{
		Version: "1.0.0", Terms: catalog.Terms{MaxExpiryDuration: 1}, Environments: catalog.Environments{CPU: &catalog.EnvironmentSpec{}},
	}}, map[catalog.Environment]*compose.Project{catalog.CPU: project})
	if err != nil {
		t.Fatalf("%s: %v", dir, err)
	}
	return r.Files[slices.IndexFunc(r.Files, func(f release.File) bool { return f.Path == catalog.ComposePath(catalog.CPU) })].Data
}

// TestFreezeRefusesWhatIsElsewhere: what a compose file draws from the machine
// that it lies on cannot be frozen.
func TestFreezeRefusesWhatIsElsewhere(t *testing.T) {
	for _, dir := range freezeCases(t, "refused") {
		template := filepath.Join(t.TempDir(), "sample")
		for from, to := range map[string]string{filepath.Join(root(t), "testdata/release/sample"): template, dir: filepath.Join(template, "compose")} {
			if err := os.CopyFS(to, os.DirFS(from)); err != nil && !errors.Is(err, os.ErrExist) {
				t.Fatal(err)
			}
		}
		if err := os.Rename(filepath.Join(template, "compose/compose.yml"), filepath.Join(template, "compose/cpu.yml")); err != nil {
			t.Fatal(err)
		}
		_, found, _ := run(t, "lint", template, "--only", "trust/host-file,trust/build,trust/bind-mount", "--format", "json")
		if !strings.Contains(found, `"rule": "trust/`) {
			t.Errorf("%s: lint finds %s", dir, found)
		}
		if status, _, stderr := run(t, "freeze", template, "-o", filepath.Join(t.TempDir(), "out")); status != statusFailed || !strings.Contains(stderr, "is not clean") {
			t.Errorf("%s: status %d: %s", dir, status, stderr)
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
	refused("cannot be printed", "--except", "cpu=there is\x1b[31m no such machine")
	refused("longer than 500 bytes", "--except", "cpu="+strings.Repeat("a", 501))
	refused("named twice", "--except", "cpu=there is no such machine", "--except", "cpu=there is no such machine")
	refused("the template does not support it", "--except", "amd=there is no such machine, and none to rent")
	refused("did you mean", "--network", "mainet")

	var file release.Release
	records := filepath.Join(t.TempDir(), "record.json")
	write := func(change func(*record.Record)) {
		t.Helper()
		r := record.Record{Template: "echo", Version: "1.0.0", Environment: "cpu", Status: record.Passed, Hardware: record.Real, Compared: true, Digest: modelDigest(t, dir),
			Started: today, Engine: &record.Engine{Version: "20.10.24"}, Times: record.Times{Total: 60},
			Images: []record.Image{{Service: "echo", Digest: digest[1:]}},
			Cases:  []record.Case{{Name: "good", Function: "echo", Status: record.Passed}, {Name: "bad", Function: "echo", Status: record.Passed}}}
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
		"the run emulated":         func(r *record.Record) { r.Status, r.Hardware = record.Emulated, record.None },
		"the run failed":           func(r *record.Record) { r.Status = record.Failed },
		`it is about version "0.9`: func(r *record.Record) { r.Version = "0.9.0" },
		"something in the model":   func(r *record.Record) { r.Digest = "sha256:00" },
		"built on the spot":        func(r *record.Record) { r.Images[0].Built = true },
		"another digest":           func(r *record.Record) { r.Images[0].Digest = "sha256:00" },
		"have the case bad":        func(r *record.Record) { r.Cases = r.Cases[:1] },
		"cannot be true":           func(r *record.Record) { r.Started = today.AddDate(1, 0, 0) },
		`case "good" did not`:      func(r *record.Record) { r.Cases[0].Status = record.Failed },
		"the record is not whole":  func(r *record.Record) { r.Engine = nil },
		"there is no smoke":        func(r *record.Record) { r.Environment = "nvidia" },
		"contradicts itself":       func(r *record.Record) { r.Hardware = record.Claimed },
	} {
		write(change)
		refused(want, "--record", records)
	}
	write(func(*record.Record) {})
	file = freeze(t, dir, "--network", "testnet", "--record", records)
	refused("leave the exception out", "--record", records, "--except", "cpu=it is only for tests")
	if again := freeze(t, dir, "--network", "testnet", "--except", "cpu=it is only for tests"); again.Digest != file.Digest {
		t.Error("a record changes the digest")
	}
	releases := filepath.Join(dir, release.ReleasesFile)
	for text, want := range map[string]string{
		`{"1.0.0":"sha256:` + strings.Repeat("0", 64) + `"}`: "version 1.0.0 was released as sha256:00",
		`{"1.0.0":"sha256:00"}`:                              "it must be an object such as",
		`{"1.0.0"`:                                           "releases.json cannot be read",
	} {
		if err := os.WriteFile(releases, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		refused(want, "--record", records)
	}
	if err := os.WriteFile(releases, []byte(`{"1.0.0":"`+file.Digest+`"}`), 0o600); err != nil {
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

package release

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/compose"
	"github.com/opengpu-network/templates/pkg/ipfs"
)

const (
	// sample is the template of these tests, golden its release, and about what
	// the digest and the CIDs of the release are.
	sample = "../../testdata/release/sample"
	golden = "../../testdata/release/sample-1.2.0"
	about  = "../../testdata/release/sample-1.2.0.txt"
)

// load reads a template and its models, as lint does.
func load(t testing.TB, dir string) (*catalog.Template, map[catalog.Environment]*compose.Project) {
	t.Helper()
	template, problems, err := catalog.Open(dir, dir)
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	defer template.Close()
	projects := map[catalog.Environment]*compose.Project{}
	for _, environment := range template.Environments() {
		project, problems := compose.Load(t.Context(), template.Root(), catalog.ComposePath(environment), func(name string) string { return name })
		if project == nil || len(problems) > 0 {
			t.Fatal(problems)
		}
		projects[environment] = project
	}
	return template, projects
}

func freeze(t testing.TB, dir string) *Release {
	t.Helper()
	template, projects := load(t, dir)
	r, err := Freeze(t.Context(), template, projects)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// copied is a copy of the sample whose folder has the same name.
func copied(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "sample")
	if err := os.CopyFS(dir, os.DirFS(sample)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// rewrite changes a file below a folder.
func rewrite(t testing.TB, dir, name string, change func(string) string) {
	t.Helper()
	name = filepath.Join(dir, name)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	after := change(string(text))
	if after == string(text) {
		t.Fatalf("nothing changes in %s", name)
	}
	if err := os.WriteFile(name, []byte(after), 0o600); err != nil {
		t.Fatal(err)
	}
}

// files reads all files below a folder.
func files(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		below, _ := filepath.Rel(dir, name)
		all[filepath.ToSlash(below)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func sampleDigest(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile(about)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	return first
}

// TestGolden compares with a release that was made once. When this fails, the
// same content would get other bytes: released versions could not be made again.
func TestGolden(t *testing.T) {
	r := freeze(t, sample)
	dir := filepath.Join(t.TempDir(), "new", "release")
	if err := r.Write(dir, nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(files(t, golden), files(t, dir)); diff != "" {
		t.Error(diff)
	}
	said := r.Digest + "\n"
	for _, f := range r.Files {
		cid, err := ipfs.FileCID(bytes.NewReader(f.Data))
		if err != nil || cid.String() != f.CID {
			t.Errorf("%s: %s, %s, %v", f.Path, f.CID, cid, err)
		}
		said += f.Path + " " + f.CID + "\n"
	}
	want, err := os.ReadFile(about)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), said); diff != "" {
		t.Error(diff)
	}
	for _, args := range [][]string{{"--check", "--strict", SumsFile}, {SumsFile}} {
		command := exec.Command("sha256sum", args...)
		command.Dir = dir
		out, err := command.CombinedOutput()
		if err != nil || len(args) == 1 && "sha256:"+strings.Fields(string(out))[0] != r.Digest {
			t.Errorf("%v: %s", err, out)
		}
	}
}

// TestSameEverywhere freezes copies that differ in what is no content.
func TestSameEverywhere(t *testing.T) {
	lines := func(ends string) func(testing.TB, string) {
		return func(t testing.TB, dir string) {
			for name := range files(t, dir) {
				rewrite(t, dir, name, func(text string) string { return strings.ReplaceAll(text, "\n", ends) })
			}
		}
	}
	edit := func(name, before, after string) func(testing.TB, string) {
		return func(t testing.TB, dir string) {
			rewrite(t, dir, name, func(text string) string { return strings.Replace(text, before, after, 1) })
		}
	}
	for name, change := range map[string]func(t testing.TB, dir string){
		"another folder": func(testing.TB, string) {},
		"another time": func(t testing.TB, dir string) {
			for name := range files(t, dir) {
				if err := os.Chtimes(filepath.Join(dir, name), time.Unix(0, 0), time.Unix(0, 0)); err != nil {
					t.Fatal(err)
				}
			}
		},
		"other line ends":     lines("\r\n"),
		"a byte order mark":   edit("README.md", "# Sample", "\uFEFF# Sample"),
		"a comment":           edit("compose/cpu.yml", "# Echo", "# The echo"),
		"another style":       edit("compose/cpu.yml", "{file: parts/echo.yml, service: base}", "\n      service: 'base'\n      file: \"parts/echo.yml\""),
		"another part":        edit("compose/parts/echo.yml", "x-limits: &limits", "x-unused: {a: b}\nx-limits: &limits"),
		"another maintainer":  edit("template.yaml", "github: OpenGPU-Network", "email: a@example.com"),
		"another amount":      edit("template.yaml", `minPayment: "0.001"`, `minPayment: "0.00100"`),
		"another size":        edit("template.yaml", "ram: 1GiB", "ram: 1024MiB"),
		"a renewed waiver":    edit("template.yaml", "expires: 2027-05-31", "expires: 2027-06-30"),
		"a reason in one":     edit("template.yaml", "it holds\n      one", "it holds one"),
		"a note of a release": func(t testing.TB, dir string) { must(t, AddReleased(dir, "1.0.0", sampleDigest(t))) },
		"a moved logo": func(t testing.TB, dir string) {
			must(t, os.Mkdir(filepath.Join(dir, "images"), 0o755))
			must(t, os.Rename(filepath.Join(dir, "logo.svg"), filepath.Join(dir, "images/picture.svg")))
			edit("template.yaml", "logo: logo.svg", "logo: images/picture.svg")(t, dir)
		},
	} {
		dir := copied(t)
		change(t, dir)
		if r := freeze(t, dir); r.Digest != sampleDigest(t) {
			t.Errorf("%s: %s", name, r.Digest)
		}
	}
	before := syscall.Umask(0o077)
	defer syscall.Umask(before)
	dir := filepath.Join(t.TempDir(), "closed")
	must(t, freeze(t, copied(t)).Write(dir, nil))
	if diff := cmp.Diff(files(t, golden), files(t, dir)); diff != "" {
		t.Error(diff)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestContentChangesDigest changes one thing at a time.
func TestContentChangesDigest(t *testing.T) {
	seen := map[string]string{sampleDigest(t): "the sample"}
	for _, change := range [][3]string{
		{"README.md", "Nobody", "nobody"},
		{"logo.svg", "<svg", "<svg "},
		{"compose/cpu.yml", "service: base}", "service: base}\n    user: \"1000\""},
		{"compose/nvidia.yml", "count: 1", "count: 2"},
		{"compose/parts/echo.yml", "Grüße", "Gruße"},
		{"compose/parts/echo.yml", "$$5", "$$6"},
		{"template.yaml", "version: 1.2.0", "version: 1.2.1"},
		{"template.yaml", `minPayment: "0.001"`, `minPayment: "0.001000000000000001"`},
		{"template.yaml", `minAvailableLockup: "2.5"`, `minAvailableLockup: "2.6"`},
		{"template.yaml", "maxExpiryDuration: 86400", "maxExpiryDuration: 86401"},
		{"template.yaml", "deliveryMethod: FIRST_RESPONSE", "deliveryMethod: MANUAL_CONFIRMATION"},
		{"template.yaml", "deliveryMethod: FIRST_RESPONSE", "deliveryMethod: FIRST_RESPONSE\n  privacyEnabled: true"},
		{"template.yaml", "ram: 1GiB", "ram: 1025MiB"},
		{"template.yaml", "cpus: 1.5", "cpus: 1.25"},
		{"template.yaml", "vram: 1GiB", "vram: 2GiB"},
		{"template.yaml", "disk: 1GiB", "disk: 3GiB"},
		{"template.yaml", `computeCapability: "7.0"`, `computeCapability: "7.5"`},
		{"template.yaml", "525.60.13", "525.60.14"},
		{"template.yaml", "runs as root;", "runs as root:"},
		{"template.yaml", "    service: echo\n", ""},
		{"template.yaml", "    service: echo\n", "    service: echo\n    environment: cpu\n"},
	} {
		dir := copied(t)
		rewrite(t, dir, change[0], func(text string) string { return strings.Replace(text, change[1], change[2], 1) })
		r := freeze(t, dir)
		if before := seen[r.Digest]; before != "" {
			t.Errorf("%q has the digest of %s", change, before)
		}
		seen[r.Digest] = change[2]
	}
}

// TestEveryByteCounts changes each byte of a release's files.
func TestEveryByteCounts(t *testing.T) {
	want := sampleDigest(t)
	for name, text := range files(t, golden) {
		if name == SumsFile {
			continue
		}
		for i := range text {
			changed := fetched(t)
			changed[name][i] ^= 1
			if r, err := FromFiles(changed); err == nil && r.Digest == want {
				t.Fatalf("byte %d of %s does not count", i, name)
			}
		}
	}
}

// fetched are the golden files as somebody has fetched them.
func fetched(t testing.TB) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for name, text := range files(t, golden) {
		if name != SumsFile {
			all[name] = []byte(text)
		}
	}
	return all
}

func TestFromFiles(t *testing.T) {
	got, err := FromFiles(fetched(t))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(freeze(t, sample), got); diff != "" {
		t.Error(diff)
	}
	if string(got.Sums()) != files(t, golden)[SumsFile] {
		t.Errorf("%s", got.Sums())
	}
	for want, change := range map[string]func(map[string][]byte){
		"there is no release.json":             func(m map[string][]byte) { delete(m, StatementFile) },
		"there is no compose/nvidia.yml":       func(m map[string][]byte) { delete(m, "compose/nvidia.yml") },
		"there is no README.md":                func(m map[string][]byte) { delete(m, ReadmeFile) },
		`"compose/amd.yml" is no file of this`: func(m map[string][]byte) { m["compose/amd.yml"] = nil },
		`"../x" is no file of this`:            func(m map[string][]byte) { m["../x"] = nil },
		"README.md is larger than":             func(m map[string][]byte) { m[ReadmeFile] = make([]byte, MaxFileBytes+1) },
		"release.json cannot be read":          func(m map[string][]byte) { m[StatementFile] = []byte("{") },
	} {
		changed := fetched(t)
		change(changed)
		if _, err := FromFiles(changed); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestFreezeRefusesWhatItWouldMisread gives models that no compose file has.
func TestFreezeRefusesWhatItWouldMisread(t *testing.T) {
	for name, change := range map[string]func(*compose.Project){
		"another meaning": func(p *compose.Project) {
			p.Model["services"].(map[string]any)["echo"].(map[string]any)["init"] = false
		},
		"another image": func(p *compose.Project) { p.Images["echo"] = compose.Image{Reference: "x"} },
		"no form": func(p *compose.Project) {
			p.Canonical["services"].(map[string]any)["echo"].(map[string]any)["init"] = []any{}
		},
		"another form": func(p *compose.Project) { p.Canonical["version"] = "3" },
		"nothing":      func(p *compose.Project) { p.Canonical = map[string]any{} },
	} {
		template, projects := load(t, sample)
		change(projects[catalog.CPU])
		if _, err := Freeze(t.Context(), template, projects); err == nil || !strings.Contains(err.Error(), "an error in ogpu-tpl itself") {
			t.Errorf("%s: %v", name, err)
		}
	}
	template, projects := load(t, sample)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Freeze(ctx, template, projects); err != context.Canceled && !strings.Contains(err.Error(), "canceled") {
		t.Error(err)
	}
	delete(projects, catalog.NVIDIA)
	if _, err := Freeze(t.Context(), template, projects); err == nil || !strings.Contains(err.Error(), "nvidia has no compose file") {
		t.Error(err)
	}
}

// TestFreezeKeepsDefaults: what stands in for a variable that a provider may leave
// out is part of the release.
func TestFreezeKeepsDefaults(t *testing.T) {
	for _, use := range []string{"${PROTOCOL_VERSION:-1}", "${SOURCE_ADDRESS-0}", "${PROVIDER_ADDRESS:-}", "${PROTOCOL_VERSION}", "$${PROTOCOL_VERSION:-1}"} {
		dir := copied(t)
		rewrite(t, dir, "compose/parts/echo.yml", func(text string) string { return strings.Replace(text, "$$5", use, 1) })
		template, projects := load(t, dir)
		r, err := Freeze(t.Context(), template, projects)
		if err != nil {
			t.Fatalf("%s: %v", use, err)
		}
		i := slices.IndexFunc(r.Files, func(f File) bool { return f.Path == "compose/cpu.yml" })
		if text := string(r.Files[i].Data); !strings.Contains(text, use) {
			t.Errorf("%s is lost in\n%s", use, text)
		}
	}
}

// FuzzFreeze freezes the model of any compose file that has no problem: what was
// frozen means the same, and frozen once more it is the same.
func FuzzFreeze(f *testing.F) {
	for _, pattern := range []string{
		"testdata/release/same/*/compose.yml", "testdata/lint/*/*/compose.yml", "testdata/lint/*/*/*/compose/*.yml",
		"testdata/readback/*.yml", "templates/*/compose/*.yml", "pkg/compose/testdata/seeds/*.yml",
	} {
		names, err := filepath.Glob(filepath.Join("../..", pattern))
		if err != nil || len(names) == 0 {
			f.Fatal(pattern, err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			must(f, err)
			f.Add(text)
		}
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		must(t, os.WriteFile(filepath.Join(dir, "compose.yml"), data, 0o600))
		root, err := os.OpenRoot(dir)
		must(t, err)
		defer root.Close()
		project, problems := compose.Load(t.Context(), root, "compose.yml", func(name string) string { return name })
		if project == nil || len(problems) > 0 || len(project.Canonical) == 0 {
			return
		}
		text, err := encode(project.Canonical)
		must(t, err)
		// Compose takes names in a list that it refuses as keys. Lint knows.
		if err := readBack(t.Context(), text, project); err != nil && !strings.Contains(err.Error(), "unknown key") {
			t.Errorf("%v\n%s", err, text)
		}
	})
}

func BenchmarkFreeze(b *testing.B) {
	template, projects := load(b, sample)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Freeze(b.Context(), template, projects); err != nil {
			b.Fatal(err)
		}
	}
}

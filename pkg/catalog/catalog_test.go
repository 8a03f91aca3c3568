package catalog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	templates "github.com/opengpu-network/templates"
	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/finding"
)

const templatesDir = "../../templates"

func lines(problems []finding.Finding) string {
	var b strings.Builder
	for _, p := range problems {
		fmt.Fprintf(&b, "%s:%d:%d %s: %s\n", p.File, p.Line, p.Column, p.Rule, p.Message)
	}
	return b.String()
}

func open(t *testing.T, dir string) (*Template, []finding.Finding) {
	t.Helper()
	template, problems, err := Open(dir, "T")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { template.Close() })
	return template, problems
}

// golden compares got with a file, or writes the file.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s\ngot:\n%s\nwant:\n%s", file, got, want)
	}
}

func writeTree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "sample")
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestManifests pairs each testdata/manifest/*.yaml with the findings that it
// must give.
func TestManifests(t *testing.T) {
	files, err := filepath.Glob("testdata/manifest/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, _, problems := parseManifest("template.yaml", data)
			golden(t, strings.TrimSuffix(file, ".yaml")+".findings", []byte(lines(problems)))
		})
	}
}

// TestBrokenManifestIsRead shows that one bad field does not hide the others.
func TestBrokenManifestIsRead(t *testing.T) {
	data, err := os.ReadFile("testdata/manifest/wrong-types.yaml")
	if err != nil {
		t.Fatal(err)
	}
	m, _, problems := parseManifest("template.yaml", data)
	if len(problems) == 0 {
		t.Fatal("no findings")
	}
	if m.Name != "wrong-types" || m.Terms.MinAvailableLockup.String() != "2.5" || m.Terms.MinPayment.Given() ||
		m.Environments.CPU == nil || m.Environments.CPU.Hardware.RAM != 4*GiB || m.Environments.CPU.Hardware.Disk != 0 ||
		m.Waivers == nil || m.Waivers[0].Rule != "trust/root-user" {
		t.Errorf("what is right was not read: %+v", m)
	}
}

func TestAmountsComeFromTheText(t *testing.T) {
	for _, text := range []string{`0.1`, `"0.1"`, `0.100000000000000005`, `'0.100000000000000005'`, `123456789.000000000000000001`} {
		m, _, _ := parseManifest("template.yaml", []byte("terms: {minPayment: "+text+"}\n"))
		want, err := ParseAmount(strings.Trim(text, `"'`))
		if err != nil {
			t.Fatal(err)
		}
		if m.Terms.MinPayment.Wei().Cmp(want.Wei()) != 0 {
			t.Errorf("%s reads as %s", text, m.Terms.MinPayment)
		}
	}
}

func TestCatalog(t *testing.T) {
	all, err := Names(templatesDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"huggingface-pipeline", "ollama", "text-to-image"} {
		if !slices.Contains(all, want) {
			t.Errorf("the catalog lacks %s", want)
		}
	}
	for _, name := range all {
		t.Run(name, func(t *testing.T) {
			template, problems := open(t, filepath.Join(templatesDir, name))
			if len(problems) > 0 {
				t.Errorf("findings:\n%s", lines(problems))
			}
			checkComplete(t, template)
		})
	}
}

// checkComplete is what every template of the catalog and every new one has.
func checkComplete(t *testing.T, template *Template) {
	t.Helper()
	if template.Manifest.Name != template.Name {
		t.Errorf("template %s calls itself %s", template.Name, template.Manifest.Name)
	}
	if !slices.Equal(template.Environments(), template.Manifest.Environments.List()) {
		t.Errorf("files for %v, manifest for %v", template.Environments(), template.Manifest.Environments.List())
	}
	if template.Logo == nil || template.Logo.Width != template.Logo.Height || template.Readme == "" {
		t.Errorf("logo %+v, README of %d bytes", template.Logo, len(template.Readme))
	}
	checkPolicyInput(t, template)
	for _, environment := range template.Environments() {
		text, problems := document.Read(template.Root(), template.ComposePath(environment), "")
		if len(problems) > 0 {
			t.Fatal(lines(problems))
		}
		defaults := map[string]string{}
		for name, parameter := range template.Manifest.Parameters {
			value, err := parameter.ParseDefault()
			if err != nil {
				t.Errorf("default of %s: %v", name, err)
			}
			defaults[name] = value.String()
		}
		rendered, err := Render(text, template.Manifest, environment, defaults)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(rendered, text) {
			t.Errorf("%s does not hold the defaults as render writes them:\n%s", ComposePath(environment), rendered)
		}
	}
}

func checkPolicyInput(t *testing.T, template *Template) {
	t.Helper()
	schema, err := document.CompileSchema("policy-input.schema.json", templates.PolicyInputSchema)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]any{"subject": "template", "template": template.PolicyInput()})
	if err != nil {
		t.Fatal(err)
	}
	var input any
	if err := json.Unmarshal(text, &input); err != nil {
		t.Fatal(err)
	}
	for _, v := range schema.Validate(input) {
		t.Errorf("policy input: %v: %s", v.Path, v.Message)
	}
}

func TestPolicyInput(t *testing.T) {
	template, problems := open(t, "testdata/sample")
	if len(problems) > 0 {
		t.Fatal(lines(problems))
	}
	checkPolicyInput(t, template)
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(template.PolicyInput()); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/sample.json", b.Bytes())
	if p := template.Locate([]any{"terms", "minPayment"}); p.File != "T/template.yaml" || p.Line != 12 || p.Column != 15 {
		t.Errorf("minPayment is at %+v", p)
	}
}

// TestBrokenPolicyInput shows that nothing of the wrong type reaches a policy.
func TestBrokenPolicyInput(t *testing.T) {
	files, err := filepath.Glob("testdata/manifest/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		template, _ := open(t, writeTree(t, map[string]string{ManifestFile: string(data)}))
		checkPolicyInput(t, template)
	}
}

func TestNames(t *testing.T) {
	dir := writeTree(t, map[string]string{"b/x": "", "a/x": "", ".hidden/x": "", "README.md": ""})
	got, err := Names(dir)
	if err != nil || !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("Names = %v, %v", got, err)
	}
	for dir, want := range map[string]string{t.TempDir(): "holds no template", filepath.Join(dir, "none"): "is not there", filepath.Join(dir, "README.md"): "cannot be read"} {
		if _, err := Names(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Names(%s): %v", dir, err)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	dir := writeTree(t, map[string]string{"file": ""})
	if err := os.Symlink(dir, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"none": "there is no template at", "file": "is not a folder", "link": "is a symbolic link", "link/": "is a symbolic link"} {
		if _, _, err := Open(dir+"/"+name, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Open(%s): %v", name, err)
		}
	}
}

// TestHostileFolder opens folders that try to reach outside, to stall or to
// flood.
func TestHostileFolder(t *testing.T) {
	manifest, err := os.ReadFile("testdata/sample/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("name: secret\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	link := func(target, name string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct {
		files   map[string]string
		prepare func(t *testing.T, dir string)
		want    string
	}{
		"empty":         {map[string]string{"x": ""}, nil, "T/template.yaml:1:1 syntax/yaml: cannot be read: no such file or directory\n"},
		"manifest link": {map[string]string{"x": ""}, link(secret, ManifestFile), "T/template.yaml:1:1 syntax/yaml: cannot be read: path escapes from parent\n"},
		"manifest dir":  {map[string]string{"template.yaml/x": ""}, nil, "T/template.yaml:1:1 syntax/yaml: is not a regular file but a directory\n"},
		"manifest pipe": {map[string]string{"x": ""}, func(t *testing.T, dir string) {
			if err := syscall.Mkfifo(filepath.Join(dir, ManifestFile), 0o644); err != nil {
				t.Fatal(err)
			}
		}, "T/template.yaml:1:1 syntax/yaml: is not a regular file but a named pipe\n"},
		"readme link":  {map[string]string{ManifestFile: string(manifest)}, link(secret, ReadmeFile), ""},
		"logo link":    {map[string]string{ManifestFile: string(manifest)}, link(secret, "logo.svg"), ""},
		"folder loop":  {map[string]string{ManifestFile: string(manifest)}, link(".", "loop"), ""},
		"large readme": {map[string]string{ManifestFile: string(manifest), ReadmeFile: strings.Repeat("x", MaxReadmeBytes+1)}, nil, "T/README.md:0:0 syntax/limits: is larger than 262144 bytes\n"},
		"large logo":   {map[string]string{ManifestFile: string(manifest), "logo.svg": strings.Repeat("x", MaxLogoBytes+1)}, nil, "T/logo.svg:0:0 syntax/limits: is larger than 1048576 bytes\n"},
		"deep":         {map[string]string{ManifestFile: string(manifest), strings.Repeat("d/", 40) + "x": ""}, nil, "T:0:0 syntax/limits: nests folders deeper than 16 levels\n"},
		"no text name": {map[string]string{ManifestFile: string(manifest), "\xff/x": ""}, nil, "T:0:0 syntax/manifest: has a folder that cannot be read: \"\\xff\"\n" +
			"T/\xff:0:0 syntax/hidden-character: has a name that holds U+00FF, a byte that is no UTF-8\n"},
		"many": {map[string]string{ManifestFile: string(manifest)}, func(t *testing.T, dir string) {
			for i := range MaxFiles {
				if err := os.Mkdir(filepath.Join(dir, fmt.Sprintf("z%d", i)), 0o755); err != nil {
					t.Fatal(err)
				}
			}
		}, "T:0:0 syntax/limits: holds more than 1000 files\n"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := writeTree(t, c.files)
			if c.prepare != nil {
				c.prepare(t, dir)
			}
			template, problems := open(t, dir)
			if got := lines(problems); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if template.Manifest.Name == "secret" || strings.Contains(template.Readme, "secret") || template.Logo != nil {
				t.Errorf("something outside the folder was read")
			}
			if len(template.Files) > MaxFiles {
				t.Errorf("%d files", len(template.Files))
			}
		})
	}
}

func TestLogo(t *testing.T) {
	for name, want := range map[string]*Logo{
		"logo.png":     {Format: "png", Width: 3, Height: 2},
		"sized.svg":    {Format: "svg", Width: 40, Height: 30},
		"viewbox.svg":  {Format: "svg", Width: 64, Height: 48},
		"unsized.svg":  {Format: "svg", Width: 0, Height: 0},
		"entities.svg": {Format: "svg", Width: 10, Height: 10},
		"page.html":    nil,
		"endless.svg":  nil,
		"huge.svg":     {Format: "svg", Width: 0, Height: 0},
	} {
		data, err := os.ReadFile(filepath.Join("testdata/logo", name))
		if err != nil {
			t.Fatal(err)
		}
		got := parseLogo(data)
		if (got == nil) != (want == nil) || got != nil && !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %+v, want %+v", name, got, want)
		}
	}
}

func TestWaiverExpiry(t *testing.T) {
	at := func(text string) time.Time {
		when, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	w := Waiver{Expires: "2027-05-31"}
	if w.ExpiredAt(at("2027-05-31T23:59:59Z")) || !w.ExpiredAt(at("2027-06-01T00:00:00Z")) || !(Waiver{Expires: "soon"}).ExpiredAt(at("2026-01-01T00:00:00Z")) {
		t.Error("a waiver must hold through its last day, and an unreadable one never")
	}
}

func FuzzManifest(f *testing.F) {
	files, err := filepath.Glob("testdata/manifest/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range append(files, "testdata/sample/template.yaml") {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		manifest, doc, problems := parseManifest("template.yaml", data)
		if doc == nil && len(problems) == 0 {
			t.Error("neither a document nor a finding")
		}
		for _, p := range problems {
			if p.Rule == "" || p.Message == "" || p.File == "" || p.Line < 0 || p.Column < 0 {
				t.Errorf("a finding is incomplete: %+v", p)
			}
		}
		template := &Template{Manifest: manifest, Document: doc}
		if _, err := json.Marshal(template.PolicyInput()); err != nil {
			t.Error(err)
		}
		for _, parameter := range manifest.Parameters {
			_, _ = parameter.ParseDefault()
		}
	})
}

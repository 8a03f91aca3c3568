package release

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opengpu-network/templates/pkg/catalog"
)

// metadata is that of the sample, with links to nowhere.
func metadata(t testing.TB) []byte {
	t.Helper()
	template, projects := load(t, sample)
	r, err := Freeze(t.Context(), template, projects)
	must(t, err)
	links := map[string]string{}
	for _, f := range r.Files {
		links[f.Path] = "https://example.com/ipfs/" + f.CID
	}
	data, err := MetadataOf(template, r, links, About{
		Exceptions: map[string]string{"nvidia": "there is no such machine"}, Marks: []string{"cpu: a mark"},
		Origin: Origin{"https://example.com/templates", strings.Repeat("a1", 20), true, "1.0.0"},
	})
	must(t, err)
	delete(links, "logo.svg")
	if _, err := MetadataOf(template, r, links, About{}); err == nil {
		t.Error("a file without a link is passed over")
	}
	return data
}

// TestMetadata: the six keys stand as the network's readers want them, and the
// rest tells the release.
func TestMetadata(t *testing.T) {
	data := metadata(t)
	var plain map[string]any
	must(t, json.Unmarshal(data, &plain))
	release := freeze(t, sample)
	url := func(name string) string {
		for _, f := range release.Files {
			if f.Path == name {
				return "https://example.com/ipfs/" + f.CID
			}
		}
		return ""
	}
	template := plain["template"].(map[string]any)
	delete(plain, "template")
	if diff := cmp.Diff(map[string]any{
		"cpu": url("compose/cpu.yml"), "nvidia": url("compose/nvidia.yml"), "amd": "", "name": "Sample", "logoUrl": url("logo.svg"),
		"description": "Sends a text back, on two kinds of hardware. It is for the tests of freezing.",
	}, plain); diff != "" {
		t.Error(diff)
	}
	if template["schema"] != MetadataSchema || template["digest"] != release.Digest || template["version"] != "1.2.0" {
		t.Errorf("%v", template)
	}
	m, err := ParseMetadata(data)
	must(t, err)
	s := m.Template
	if diff := cmp.Diff(release.Statement.Environments, s.Environments); diff != "" {
		t.Error(diff)
	}
	if string(s.Sums()) != string(release.Sums()) || s.Exceptions["nvidia"] == "" || len(s.Marks) != 1 || !s.Origin.Modified || s.Origin.Tool != "1.0.0" {
		t.Errorf("%+v", s)
	}
	i := 0
	for environment, url := range m.Compose() {
		if environment != catalog.AllEnvironments()[i] || (url == "") != (environment == catalog.AMD) {
			t.Errorf("%s %s", environment, url)
		}
		i++
	}
	if i != 3 {
		t.Error(i)
	}
}

// TestStrangersMetadata reads what others publish.
func TestStrangersMetadata(t *testing.T) {
	for text, want := range map[string]Metadata{
		`{"cpu":"https://a/c.yml","nvidia":"","amd":"","name":"n","description":"d","logoUrl":""}`: {CPU: "https://a/c.yml", Name: "n", Description: "d"},
		`{}`:           {},
		`{"cpu":null}`: {}, `{"CPU":"https://evil/"}`: {},
		`{"Name":"n","nvidia":"x","extra":{"deep":[1,{}]}}`:           {NVIDIA: "x"},
		`{"name":"n","template":"mine"}`:                              {Name: "n"},
		`{"name":"n","template":{"name":"ollama","version":"1.0.0"}}`: {Name: "n"},
		`{"name":"n","template":{"schema":7}}`:                        {Name: "n"},
		`{"name":"n","template":null}`:                                {Name: "n"},
		`{"name":"n","template":[1]}`:                                 {Name: "n"},
		`{"name":"n","template":{"schema":"other/v1"}}`:               {Name: "n"},
		"\n{\"name\":\"\\u001b[31mred\"}":                             {Name: "\x1b[31mred"},
	} {
		got, err := ParseMetadata([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if diff := cmp.Diff(&want, got); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
	for text, want := range map[string]string{
		``:                      "cannot be read",
		`null`:                  "it is null",
		`[]`:                    "cannot be read",
		`"x"`:                   "cannot be read",
		`{"cpu":1}`:             "cpu is no text",
		`{"logoUrl":{}}`:        "logoUrl is no text",
		`{"cpu":"a","CPU":"b"}`: "stands twice",
		`{"cpu":"a","cpu":"b"}`: "stands twice",
		`{"cpu":"a"} x`:         "cannot be read",
		"{\"cpu\":\"\xff\"}":    "not UTF-8",
		`<!DOCTYPE html>`:       "cannot be read",
		`{"x":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + `}`: "nests deeper",
		strings.Repeat(" ", MaxMetadataBytes+1):                           "larger than",
		`{"template":{"schema":"ogpu-tpl/metadata/v2"}}`:                  "use the version of ogpu-tpl that knows it",
		`{"template":{"schema":"ogpu-tpl/metadata/v1"}}`:                  "contradicts itself",
		`{"template":{"schema":"ogpu-tpl/metadata/v1","files":7}}`:        "cannot be read",
	} {
		if _, err := ParseMetadata([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80s: %v, want %q", text, err, want)
		}
	}
}

// TestMetadataContradicts changes one thing in metadata that was right.
func TestMetadataContradicts(t *testing.T) {
	// again gives the list of files its digest back, so that something else is
	// what does not fit.
	again := func(s *Stamp) {
		sum := sha256.Sum256(s.Sums())
		s.Digest = "sha256:" + hex.EncodeToString(sum[:])
	}
	for want, change := range map[string]func(*Metadata){
		"name is none":                 func(m *Metadata) { m.Template.Name = "../x" },
		"is no version":                func(m *Metadata) { m.Template.Version = "v1" },
		"lists 0 files":                func(m *Metadata) { m.Template.Files = nil },
		"lists 65 files":               func(m *Metadata) { m.Template.Files = make([]HostedFile, 65) },
		"is no path":                   func(m *Metadata) { m.Template.Files[0].Path = "../README.md" },
		`"/etc/passwd" is no path`:     func(m *Metadata) { m.Template.Files[0].Path = "/etc/passwd" },
		`"a b" is no path`:             func(m *Metadata) { m.Template.Files[0].Path = "a b" },
		`"SHA256SUMS" is no path`:      func(m *Metadata) { m.Template.Files[0].Path = SumsFile },
		"not sorted":                   func(m *Metadata) { m.Template.Files[0] = m.Template.Files[1] },
		"URL of README.md":             func(m *Metadata) { m.Template.Files[0].CID = "Qm" },
		"digest, CID":                  func(m *Metadata) { m.Template.Files[0].SHA256 = "00" },
		"size, digest":                 func(m *Metadata) { m.Template.Files[0].Size = -1 },
		"CID or URL":                   func(m *Metadata) { m.Template.Files[0].URL = "" },
		"not that of its files":        func(m *Metadata) { m.Template.Digest = strings.Replace(m.Template.Digest, "a", "b", 1) },
		"its digest is not":            func(m *Metadata) { m.Template.Files[0].SHA256 = strings.Repeat("0", 64) },
		"environment cpu":              func(m *Metadata) { m.CPU = "https://evil.example.com/" },
		"environment nvidia":           func(m *Metadata) { m.NVIDIA = "" },
		"environment amd":              func(m *Metadata) { m.AMD = "https://evil.example.com/" },
		"the environment cpu does not": func(m *Metadata) { delete(m.Template.Environments, "cpu") },
		"that nobody knows":            func(m *Metadata) { m.Template.Environments["tpu"] = Environment{} },
		"is no commit":                 func(m *Metadata) { m.Template.Origin.Commit = "main" },
		"the environment nvidia does": func(m *Metadata) {
			m.Template.Files = append(m.Template.Files[:2], m.Template.Files[3:]...)
			again(m.Template)
		},
	} {
		m, err := ParseMetadata(metadata(t))
		must(t, err)
		change(m)
		data, err := encode(m)
		must(t, err)
		if _, err := ParseMetadata(data); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// FuzzParseMetadata reads anything: what it takes for a stamp fits together.
func FuzzParseMetadata(f *testing.F) {
	f.Add(metadata(f))
	for _, seed := range []string{`{}`, `{"cpu":"a","template":{"schema":"ogpu-tpl/metadata/v1"}}`, `{"template":{"schema":"ogpu-tpl/metadata/v1","files":[{"path":"a"}]}}`, `[`, `{"name":"\ud800"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ParseMetadata(data)
		if err != nil {
			return
		}
		if m == nil {
			t.Fatal("nothing")
		}
		again, err := encode(m)
		must(t, err)
		if s := m.Template; s != nil {
			if m.check() != nil || s.Schema != MetadataSchema {
				t.Errorf("%+v", s)
			}
			if _, err := ParseMetadata(again); err != nil && len(again) <= MaxMetadataBytes {
				t.Error(err)
			}
		}
	})
}

func TestParseStatement(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(golden, StatementFile))
	must(t, err)
	s, err := ParseStatement(data)
	if err != nil || len(s.Waivers) != 1 || s.Terms.MinPayment != "1000000000000000" || s.Environments["cpu"].Hardware.CPUs != 1.5 {
		t.Errorf("%+v, %v", s, err)
	}
	for _, change := range [][3]string{
		{"{", "[", "cannot be read"},
		{"release/v1", "release/v2", "use the version of ogpu-tpl that knows it"},
		{"  \"name\"", "\"name\"", "not in the form"},
		{`"name": "sample"`, `"name": "sample", "name": "sample"`, "stands twice"},
		{`"name": "sample"`, `"Name": "sample"`, "not in the form"},
		{`"name": "sample"`, `"more": 1, "name": "sample"`, "not in the form"},
		{"1.5", "1.50", "not in the form"},
		{`"sample"`, `"Sample"`, "no name of a template"},
		{`"1.2.0"`, `"1.2"`, "no version"},
		{`"1000000000000000"`, `"1e15"`, "no amount"},
		{`"2500000000000000000"`, `"-1"`, "no amount"},
		{"FIRST_RESPONSE", "first", "the delivery method"},
		{"86400", "0", "the longest expiry"},
		{`"cpu": {`, `"apu": {`, "is no environment"},
		{"compose/cpu.yml", "compose/amd.yml", "is no environment"},
		{`"cpus": 1.5`, `"cpus": -1`, "is negative"},
	} {
		changed := strings.Replace(string(data), change[0], change[1], 1)
		if _, err := ParseStatement([]byte(changed)); err == nil || !strings.Contains(err.Error(), change[2]) {
			t.Errorf("%q: %v", change, err)
		}
	}
}

// FuzzParseStatement reads anything: what it takes is what is written again.
func FuzzParseStatement(f *testing.F) {
	data, err := os.ReadFile(filepath.Join(golden, StatementFile))
	must(f, err)
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ParseStatement(data)
		if err != nil {
			return
		}
		if again, err := encode(s); err != nil || string(again) != string(data) {
			t.Errorf("%s: %v", again, err)
		}
	})
}

// TestMetadataHidesNothing: whatever way a text came into a release, it is judged on its
// way out.
func TestMetadataHidesNothing(t *testing.T) {
	for _, hostile := range []string{
		"a\u202eb", "a\u2066b", "a\u200fb", "a\u200bb", "a\u200db", "a\u00adb", "a\ufeffb", "a\x1b[2Jb", "a\u009bb", "a\x00b", "a\x7fb", "a\nb", "a\rb", "a\tb",
		"a\u2028b", "a\u0085b", "a\U000e0041b", "a\ue000b", "a\ufe0fb", "a\u3164b", "a\u2800b", "a\ufffeb",
	} {
		for place, put := range map[string]func(*catalog.Template, *About){
			"name":        func(t *catalog.Template, _ *About) { t.Manifest.Title = hostile },
			"description": func(t *catalog.Template, _ *About) { t.Manifest.Description = hostile },
			"nvidia":      func(_ *catalog.Template, a *About) { a.Exceptions = map[string]string{"nvidia": hostile} },
			"marks":       func(_ *catalog.Template, a *About) { a.Marks = []string{"fine", hostile} },
			"repository":  func(_ *catalog.Template, a *About) { a.Origin.Repository = "https://example.com/" + hostile },
			"tool":        func(_ *catalog.Template, a *About) { a.Origin.Tool = hostile },
		} {
			manifest, about := catalog.Manifest{Title: "Title", Description: "Text."}, About{}
			template := &catalog.Template{Manifest: &manifest}
			if _, err := MetadataOf(template, &Release{Statement: &Statement{}}, nil, about); err != nil {
				t.Fatal(err)
			}
			put(template, &about)
			data, err := MetadataOf(template, &Release{Statement: &Statement{}}, nil, about)
			if err == nil || data != nil || !strings.Contains(err.Error(), "its "+place+" holds U+") || strings.Contains(err.Error(), hostile) {
				t.Errorf("%s %q: %v", place, hostile, err)
			}
		}
	}
	for title, fine := range map[string]bool{"Ореn Chаt": false, "Чат с OpenAI": true, "文書OCR 👩\u200d🔬": true} {
		template := &catalog.Template{Manifest: &catalog.Manifest{Title: title}}
		if _, err := MetadataOf(template, &Release{Statement: &Statement{}}, nil, About{}); (err == nil) != fine {
			t.Errorf("%q: %v", title, err)
		}
	}
}

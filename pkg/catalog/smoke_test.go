package catalog

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func readManifest(t *testing.T, text string) *Manifest {
	t.Helper()
	m, doc, _ := parseManifest("template.yaml", []byte(text))
	if doc == nil {
		t.Fatal("the manifest is no YAML")
	}
	return m
}

const smokeManifest = `
environments: {cpu: {hardware: {}}, amd: {hardware: {}}}
functions:
  b: {input: {type: object}, output: {}, example: {input: {n: 1}, output: {}}}
  a: {input: {type: string}, output: {}, example: {input: x, output: y}}
smoke:
  ready: 90s
  cases:
    - {name: only-amd, function: a, environments: [amd], input: [1.0, 9007199254740993], timeout: 1h}
    - {name: refused, function: b, input: null, expect: {status: 422}}
    - {name: exact, function: b, input: {}, environments: [cpu], expect: {equals: null, includes: [{n: 1.5}], schema: {maxLength: 3}}}
`

// describeCases writes cases so that a test can read them at a glance.
func describeCases(cases []SmokeCase) string {
	var b strings.Builder
	for _, c := range cases {
		fmt.Fprintf(&b, "%s: %s(%#v) in %s gives %d", c.Name, c.Function, c.Input, c.Timeout, c.Expect.Status)
		if e := c.Expect; e.Schema != nil || e.Equals.Given || e.Includes.Given {
			fmt.Fprintf(&b, " %v %v %v", e.Schema, e.Equals, e.Includes)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestSmokeCases(t *testing.T) {
	m := readManifest(t, smokeManifest)
	for environment, want := range map[Environment]string{
		CPU: `refused: b(<nil>) in 1m gives 422
exact: b(map[string]interface {}{}) in 1m gives 202 map[maxLength:3] {true <nil>} {true [map[n:1.5]]}
example-a: a("x") in 1m gives 202
`,
		// A case that must be refused does not show that the function works.
		AMD: `only-amd: a([]interface {}{1, 9007199254740993}) in 1h gives 202
refused: b(<nil>) in 1m gives 422
example-b: b(map[string]interface {}{"n":1}) in 1m gives 202
`,
	} {
		if got := describeCases(m.SmokeCases(environment)); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", environment, got, want)
		}
	}
	if m.ReadyLimit() != 90*time.Second {
		t.Errorf("ready in %s", m.ReadyLimit())
	}
	m.Smoke = nil
	if got := len(m.SmokeCases(CPU)); got != 2 || m.ReadyLimit() != 10*time.Minute {
		t.Errorf("without the key: %d cases, ready in %s", got, m.ReadyLimit())
	}
}

func TestBrokenSmokeIsRead(t *testing.T) {
	m := readManifest(t, `
smoke:
  ready: [1]
  cases: [{name: a, function: f, input: 1, timeout: {}}, 5, {name: b, function: f, input: 1, timeout: 90s, expect: {status: x, schema: [], equals: 1}}]
service: {image: [1]}
`)
	if m.ReadyLimit() != time.Duration(DefaultReady) || len(m.Smoke.Cases) != 3 || m.Smoke.Cases[0].Timeout != 0 ||
		m.Smoke.Cases[2].Timeout != Duration(90*time.Second) || m.Smoke.Cases[2].Expect.Equals.JSON != 1 || m.Smoke.Cases[2].Expect.Schema != nil {
		t.Errorf("what is right was not read: %+v", m.Smoke)
	}
}

// What the schema refuses must not be checked at length.
func TestSmokeProblemsAreBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("smoke:\n  cases:\n")
	for range 2 * MaxSmokeCases {
		b.WriteString("    - {name: same, function: none, input: 1}\n")
	}
	m := readManifest(t, b.String())
	if got := len(m.SmokeProblems()); got != 2*MaxSmokeCases-1 {
		t.Errorf("%d problems", got)
	}
}

func TestServiceBuilds(t *testing.T) {
	for image, want := range map[string]bool{
		"a/b:1": true, "a/b:1@sha256:0": true, "a/b:12": false, "a/b": false, "docker.io/a/b:1": false, "": false,
	} {
		for _, s := range []*Service{{Image: "a/b:1"}, {Image: "a/b:1@sha256:1"}} {
			if got := s.Builds(image); got != want {
				t.Errorf("%s builds %q: %v", s.Image, image, got)
			}
		}
	}
	if (*Service)(nil).Builds("") || (&Service{}).Builds("") {
		t.Error("no service builds something")
	}
}

func TestServiceImage(t *testing.T) {
	for image, ok := range map[string]bool{
		"opengpunetwork/document-ocr:1.0.0": true, "localhost:5000/a:1": true, "a:1@sha256:" + strings.Repeat("0", 64): true,
		"a": false, "localhost:5000/a": false, "": false, "A:1": false, "a:1@sha256:0": false, "a:$x": false, "-a:1": false,
	} {
		if err := parseServiceImage(image); (err == nil) != ok {
			t.Errorf("%q: %v", image, err)
		}
	}
}

func TestServiceFolder(t *testing.T) {
	manifest, err := os.ReadFile("testdata/sample/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	sparse := func(name string, size int64) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, nil, 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(path, size); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct {
		prepare func(t *testing.T, dir string)
		files   int
		want    string
	}{
		"usual":   {func(*testing.T, string) {}, 2, ""},
		"largest": {sparse("service/model", MaxServiceFileBytes), 3, ""},
		"too big": {sparse("service/deep/model", MaxServiceFileBytes+1), 3, "T/service/deep/model:0:0 syntax/limits: is larger than 8388608 bytes\n"},
		"a link":  {func(t *testing.T, dir string) { symlink(t, "/etc/passwd", filepath.Join(dir, "service/link")) }, 2, ""},
		"too much": {func(t *testing.T, dir string) {
			for i := range 5 {
				sparse(fmt.Sprintf("service/%d", i), MaxServiceFileBytes)(t, dir)
			}
		}, 7, "T/service:0:0 syntax/limits: holds more than 33554432 bytes\n"},
		"too many": {func(t *testing.T, dir string) {
			for i := range MaxServiceFiles {
				sparse(fmt.Sprintf("service/deep/%d", i), 1)(t, dir)
			}
		}, MaxServiceFiles + 2, "T/service:0:0 syntax/limits: holds more than 200 files\n"},
	} {
		t.Run(name, func(t *testing.T) {
			// A folder of the same name elsewhere, and names that only start alike.
			dir := writeTree(t, map[string]string{
				ManifestFile: string(manifest), Dockerfile: "FROM scratch\n", "service/deep/README.md": "x",
				"compose/service/a": "", "services/b": "", "service.md": "",
			})
			c.prepare(t, dir)
			template, problems := open(t, dir)
			if got := lines(problems); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if got := template.ServiceFiles(); len(got) != c.files || !slices.ContainsFunc(got, func(f File) bool { return f.Path == Dockerfile }) {
				t.Errorf("%d files of the service: %v", len(got), got)
			}
			checkPolicyInput(t, template)
		})
	}
}

func symlink(t *testing.T, target, name string) {
	t.Helper()
	if err := os.Symlink(target, name); err != nil {
		t.Fatal(err)
	}
}

// Nothing of the service's folder is read as part of the template.
func TestServiceIsNotTheTemplate(t *testing.T) {
	logo, err := os.ReadFile("testdata/logo/sized.svg")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"pictures/logo.svg": true, "service/logo.svg": false} {
		template, _ := open(t, writeTree(t, map[string]string{ManifestFile: "logo: " + name + "\n", name: string(logo)}))
		if got := template.Logo != nil; got != want {
			t.Errorf("%s is a logo: %v", name, got)
		}
	}
}

package pin

import (
	"bytes"
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/document"
	"go.yaml.in/yaml/v4"
)

const cases = "../../testdata/pin"

// update is -update: write what comes out as what is expected.
func update() bool {
	f := flag.Lookup("update")
	return f != nil && f.Value.String() == "true"
}

func TestMain(m *testing.M) {
	if flag.Lookup("update") == nil {
		flag.Bool("update", false, "write what comes out as what is expected")
	}
	if dir := os.Getenv(asVictim); dir != "" {
		os.Exit(pinEach(dir))
	}
	os.Exit(m.Run())
}

// fakeDigest is a digest that depends on the reference alone.
func fakeDigest(reference string) string {
	return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(reference)))
}

// pinAll writes a digest beside each reference that has none.
func pinAll(t *testing.T, dir string) ([]string, error) {
	t.Helper()
	template, _, err := catalog.Open(dir, filepath.Base(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer template.Close()
	return pinTemplate(t.Context(), template)
}

func pinTemplate(ctx context.Context, template *catalog.Template) ([]string, error) {
	s, err := scan(ctx, template)
	if err != nil {
		return nil, err
	}
	replacements, err := s.unpinned()
	if err != nil {
		return nil, err
	}
	return s.replace(ctx, replacements)
}

// unpinned are the references without a digest, and what they become.
func (s *scanned) unpinned() (map[string]string, error) {
	all, err := s.references()
	replacements := map[string]string{}
	for _, w := range all {
		if w.parsed.Digest == "" {
			replacements[w.text] = w.parsed.WithDigest(fakeDigest(w.parsed.String())).String()
		}
	}
	return replacements, err
}

func open(t *testing.T, dir string) (*scanned, error) {
	t.Helper()
	template, _, err := catalog.Open(dir, filepath.Base(dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { template.Close() })
	return scan(t.Context(), template)
}

// copied is a copy of a case's template.
func copied(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(cases, "before", name))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// content is all files of a folder, hidden ones too, with their modes.
func content(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if entry.Type()&fs.ModeSymlink != 0 {
			all[name], err = os.Readlink(filepath.Join(dir, name))
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		all[name] = string(data)
		all[name+" mode"] = info.Mode().String()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestGolden pins the templates of testdata/pin/before; what must come out is
// in testdata/pin/after.
func TestGolden(t *testing.T) {
	for _, name := range caseNames(t) {
		t.Run(name, func(t *testing.T) {
			dir := copied(t, name)
			if _, err := pinAll(t, dir); err != nil {
				t.Fatal(err)
			}
			want := filepath.Join(cases, "after", name)
			if update() {
				if err := os.RemoveAll(want); err != nil {
					t.Fatal(err)
				}
				if err := os.CopyFS(want, os.DirFS(dir)); err != nil {
					t.Fatal(err)
				}
			}
			got := content(t, dir)
			if diff := cmp.Diff(content(t, want), got); diff != "" {
				t.Errorf("- is expected, + is what came out:\n%s", diff)
			}
			if changed, err := pinAll(t, dir); err != nil || len(changed) > 0 {
				t.Errorf("the second time changes %v: %v", changed, err)
			}
			if diff := cmp.Diff(got, content(t, dir)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestOnlyReferencesChange takes the digests out of what came out, and has
// what went in.
func TestOnlyReferencesChange(t *testing.T) {
	for _, name := range caseNames(t) {
		if name == "registries" {
			continue // it has more references than these
		}
		dir := copied(t, name)
		before := content(t, dir)
		if _, err := pinAll(t, dir); err != nil {
			t.Fatal(err)
		}
		for file, after := range content(t, dir) {
			if file == catalog.ManifestFile {
				continue
			}
			for _, reference := range []string{"example.test/a:1", "example.test/b:1.2", "example.test/c:latest"} {
				after = strings.ReplaceAll(after, "@"+fakeDigest(reference), "")
			}
			if after = strings.ReplaceAll(after, "example.test/c:latest", "example.test/c"); after != before[file] {
				t.Errorf("%s/%s: %s", name, file, cmp.Diff(before[file], after))
			}
		}
	}
}

// TestRefused has what cannot be edited safely. The error says where, and
// nothing changes.
func TestRefused(t *testing.T) {
	write := func(t *testing.T, dir, name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	manifest, err := os.ReadFile(filepath.Join(cases, "before/plain/template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(manifest), "\n\n# Why")
	for name, c := range map[string]struct {
		change func(t *testing.T, dir string)
		want   string
	}{
		"variable": {func(t *testing.T, dir string) {
			write(t, dir, "compose/cpu.yml", "services:\n  a:\n    image: example.test/a:${TAG:-1}\n")
		}, "plain/compose/cpu.yml:3:12: the image \"example.test/a:${TAG:-1}\" holds a variable"},
		"escapes": {func(t *testing.T, dir string) {
			write(t, dir, "compose/cpu.yml", "services:\n  a:\n    image: \"example\\x2etest/a:1\"\n")
		}, "plain/compose/cpu.yml:3:12: the image cannot be edited in place"},
		"escaped line break": {func(t *testing.T, dir string) {
			write(t, dir, "compose/cpu.yml", "services:\n  a:\n    image: \"example.test/\\\n      a:1\"\n")
		}, "plain/compose/cpu.yml:3:12: the image cannot be edited in place"},
		"one anchor for an image and something else": {func(t *testing.T, dir string) {
			write(t, dir, "compose/cpu.yml", "services:\n  a:\n    image: &x example.test/a:1\n    labels: {a: *x}\n")
		}, "plain/compose/cpu.yml: it cannot be edited without changing something else"},
		"no reference": {func(t *testing.T, dir string) {
			write(t, dir, "compose/cpu.yml", "services:\n  a:\n    image: Example\n")
		}, "plain/compose/cpu.yml:3:12: is no image reference"},
		"a line break in the value": {func(t *testing.T, dir string) {
			write(t, dir, "compose/cpu.yml", "services:\n  a:\n    image: |\n      example.test/a:1\n")
		}, "plain/compose/cpu.yml:3:12: is no image reference"},
		"another digest": {func(t *testing.T, dir string) {
			write(t, dir, "compose/cpu.yml", "services:\n  a:\n    image: example.test/a:1@sha512:"+strings.Repeat("0", 128)+"\n")
		}, "has a digest that is not sha256"},
		"several documents": {func(t *testing.T, dir string) {
			write(t, dir, "compose/cpu.yml", "services:\n  a:\n    image: example.test/a:1\n---\nservices:\n  a:\n    image: example.test/b:1.2\n")
		}, "plain/compose/cpu.yml:5:1: holds several documents"},
		"bytes in disguise": {func(t *testing.T, dir string) {
			write(t, dir, "compose/cpu.yml", "services:\n  a:\n    image: !!binary ZXhhbXBsZS50ZXN0L2E6MQ==\n")
		}, "plain/compose/cpu.yml:3:12: has the tag \"!!binary\""},
		"dollar": {func(t *testing.T, dir string) {
			write(t, dir, "compose/cpu.yml", "services:\n  a:\n    image: example.test/$$a:1\n")
		}, "plain/compose/cpu.yml:3:12: "},
		"a line that only YAML sees": {func(t *testing.T, dir string) {
			write(t, dir, "compose/cpu.yml", "services:\n  a: # x\u2028    image: example.test/a:1\n    init: true\n")
		}, "plain/compose/cpu.yml:2:9: holds U+2028, a line break"},
		"read-only file": {func(t *testing.T, dir string) {
			if err := os.Chmod(filepath.Join(dir, "compose/cpu.yml"), 0o444); err != nil {
				t.Fatal(err)
			}
		}, "plain/compose/cpu.yml cannot be written: it is read-only: make it writable first"},
		"outside of the folder": {func(t *testing.T, dir string) {
			write(t, filepath.Dir(dir), "outside.yml", "services:\n  b:\n    image: example.test/a:1\n")
			write(t, dir, "compose/cpu.yml", "services:\n  a:\n    extends: {file: ../../outside.yml, service: b}\n")
		}, "plain/compose/cpu.yml:3:"},
		"not well-formed": {func(t *testing.T, dir string) {
			write(t, dir, "compose/cpu.yml", "services:\n  a:\n    image: a:1\n    image: b:1\n")
		}, "plain/compose/cpu.yml:4:5: key \"image\" is already given"},
		"linked file": {func(t *testing.T, dir string) {
			if err := os.Rename(filepath.Join(dir, "compose/cpu.yml"), filepath.Join(dir, "compose/other.yml")); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink("other.yml", filepath.Join(dir, "compose/cpu.yml")); err != nil {
				t.Fatal(err)
			}
		}, "plain/compose/cpu.yml is a symbolic link"},
		"linked folder": {func(t *testing.T, dir string) {
			if err := os.Mkdir(filepath.Join(dir, "real"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink("../real", filepath.Join(dir, "compose/linked")); err != nil {
				t.Fatal(err)
			}
			write(t, dir, "real/more.yml", "services:\n  b:\n    image: example.test/a:1\n")
			write(t, dir, "compose/cpu.yml", "include: [linked/more.yml]\nservices:\n  a:\n    image: example.test/a:1\n")
		}, "plain/compose/linked is a symbolic link"},
		"linked out of the folder": {func(t *testing.T, dir string) {
			write(t, filepath.Dir(dir), "outside.yml", "services:\n  b:\n    image: example.test/a:1\n")
			if err := os.Remove(filepath.Join(dir, "compose/cpu.yml")); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink("../../outside.yml", filepath.Join(dir, "compose/cpu.yml")); err != nil {
				t.Fatal(err)
			}
		}, "compose/cpu.yml"},
		"records in brackets": {func(t *testing.T, dir string) {
			write(t, dir, "template.yaml", head+"\nunpinned: [{image: example.test/a:1, reason: It is not known.}, {image: x:1, reason: It is not known.}]\n")
		}, "plain/template.yaml:18:1: the entry of `unpinned`"},
		"record with an anchor": {func(t *testing.T, dir string) {
			write(t, dir, "template.yaml", head+"\nunpinned:\n- image: example.test/a:1\n  reason: &r It is not known yet.\n- {image: x:1, reason: *r}\n")
		}, "plain/template.yaml: it cannot be edited: the file would no longer be valid"},
		"record behind a tag": {func(t *testing.T, dir string) {
			write(t, dir, "template.yaml", head+"\nunpinned:\n- !!map\n  image: example.test/a:1\n  reason: It is not known yet.\n- {image: x:1, reason: It is not known}\n")
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := copied(t, "plain")
			c.change(t, dir)
			before := content(t, dir)
			_, err := pinAll(t, dir)
			if c.want == "" && err == nil {
				return // it is fine when it can be done after all
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
			if diff := cmp.Diff(before, content(t, dir)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestAllOrNothing makes the second of two files one that cannot be replaced:
// the first must be put back.
func TestAllOrNothing(t *testing.T) {
	dir := copied(t, "plain")
	file := filepath.Join(dir, "template.yaml")
	if err := syscall.Mount(file, file, "", syscall.MS_BIND, ""); err != nil {
		t.Fatalf("this test needs root: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(file, 0) })
	before := content(t, dir)
	changed, err := pinAll(t, dir)
	if err == nil || len(changed) > 0 || !strings.Contains(err.Error(), "plain/template.yaml cannot be written: device or resource busy") {
		t.Errorf("%v %v", changed, err)
	}
	if diff := cmp.Diff(before, content(t, dir)); diff != "" {
		t.Error(diff)
	}
}

// TestChangedMeanwhile changes a file after it was read.
func TestChangedMeanwhile(t *testing.T) {
	dir := copied(t, "plain")
	s, err := open(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "compose/cpu.yml")
	if err := os.WriteFile(file, []byte("services: {}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	before := content(t, dir)
	_, err = s.replace(t.Context(), map[string]string{"example.test/a:1": "example.test/a:1@" + fakeDigest("x")})
	if err == nil || !strings.Contains(err.Error(), "changed by somebody else") {
		t.Error(err)
	}
	if diff := cmp.Diff(before, content(t, dir)); diff != "" {
		t.Error(diff)
	}
}

// TestModeIsKept: what is written has the permissions of what it replaces.
func TestModeIsKept(t *testing.T) {
	dir := copied(t, "plain")
	file := filepath.Join(dir, "compose/cpu.yml")
	if err := os.Chmod(file, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := pinAll(t, dir); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o640 {
		t.Error(info, err)
	}
}

// fuzzFile is a file from a stranger, as far as it can be read.
func fuzzFile(name string, data []byte) *file {
	doc, problems := document.Parse(name, data)
	if doc == nil || len(problems) > 0 {
		return nil
	}
	f := &file{name: name, data: data, doc: doc}
	if name != catalog.ManifestFile {
		f.images = images(doc)
	}
	return f
}

// FuzzImages pins the images of arbitrary files: it is refused, or nothing but
// the references has changed.
func FuzzImages(f *testing.F) {
	seeds, err := filepath.Glob(filepath.Join(cases, "before/*/compose/*.y*ml"))
	if err != nil || len(seeds) == 0 {
		f.Fatal(err)
	}
	for _, seed := range seeds {
		data, err := os.ReadFile(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("services: {a: {image: >+\n  x\n  }}"))
	f.Add([]byte("services:\n  a: {image: &a 'it''s'}\n  b: {image: *a}\n"))
	digest := "@" + fakeDigest("fuzz")
	f.Fuzz(func(t *testing.T, data []byte) {
		compose := fuzzFile("compose/cpu.yml", data)
		if compose == nil || bytes.Contains(data, []byte(digest)) {
			return
		}
		replacements := map[string]string{}
		for _, node := range compose.images {
			if node.ShortTag() == "!!str" {
				replacements[node.Value] = node.Value + digest
			}
		}
		changed, err := (&scanned{files: []*file{compose}}).edit(replacements)
		if err != nil || len(changed) == 0 {
			return
		}
		after := string(changed[0].after)
		if strings.ReplaceAll(after, digest, "") != string(data) {
			t.Fatalf("more than the references has changed:\n%q\n%q", data, after)
		}
		// Another reader than the one that edits: the library itself.
		var was, is map[string]any
		if yaml.Unmarshal(data, &was) != nil || yaml.Unmarshal([]byte(after), &is) != nil {
			return
		}
		for _, model := range []map[string]any{was, is} {
			services, _ := model["services"].(map[string]any)
			for _, service := range services {
				if service, ok := service.(map[string]any); ok {
					delete(service, "image")
				}
			}
			for key := range model {
				if key != "services" {
					delete(model, key) // an anchor there may be an image's
				}
			}
		}
		if text, other := fmt.Sprint(was), fmt.Sprint(is); strings.ReplaceAll(other, digest, "") != text {
			t.Fatalf("%s\n%s", text, other)
		}
	})
}

// FuzzEntries takes entries out of arbitrary manifests: it is refused, or
// nothing but these entries' lines has gone.
func FuzzEntries(f *testing.F) {
	seeds, err := filepath.Glob(filepath.Join(cases, "before/*/template.yaml"))
	if err != nil || len(seeds) == 0 {
		f.Fatal(err)
	}
	for _, seed := range seeds {
		data, err := os.ReadFile(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("unpinned:\n  - image: a:1\n    reason: |\n      x\n\n      y\n  # z\n  - image: b:1\n"))
	f.Add([]byte("a: 1\nunpinned: [{image: a}]\nb: 2"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file := fuzzFile(catalog.ManifestFile, data)
		if file == nil {
			return
		}
		drop := func(image string) bool { return strings.Contains(image, "a") }
		edits, removed, err := removeEntries(file, drop)
		if err != nil || len(edits) == 0 {
			return
		}
		after, err := document.Splice(string(data), edits)
		if err != nil {
			return
		}
		doc, problems := document.Parse(file.name, []byte(after))
		if len(problems) > 0 || !same(file.doc.Root, doc.Root, nil, removed) {
			return // edit refuses it
		}
		was, is := file.doc.Value(), doc.Value()
		list, _ := was["unpinned"].([]any)
		want := slices.DeleteFunc(list, func(item any) bool {
			entry, _ := item.(map[string]any)
			image, isText := entry["image"]
			return isText && drop(fmt.Sprint(image))
		})
		if got, _ := is["unpinned"].([]any); len(got) != len(want) {
			t.Fatalf("%v, want %v:\n%s", got, want, after)
		}
		delete(was, "unpinned")
		delete(is, "unpinned")
		if diff := cmp.Diff(was, is); diff != "" {
			t.Fatal(diff)
		}
		lines := strings.SplitAfter(string(data), "\n")
		for _, line := range strings.SplitAfter(after, "\n") {
			at := slices.Index(lines, line)
			if at < 0 && line != "" {
				t.Fatalf("the line %q is new", line)
			}
			lines = lines[at+1:]
		}
	})
}

package templates_test

import (
	"go/build"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

const architecture = "docs/architecture.md"

// tables are the tables of the document, each as its rows, each as its cells.
func tables(t *testing.T) (all [][][]string) {
	t.Helper()
	text, err := os.ReadFile(architecture)
	if err != nil {
		t.Fatal(err)
	}
	inside := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			inside = false
			continue
		}
		var row []string
		for cell := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
			row = append(row, strings.TrimSpace(cell))
		}
		if !inside {
			all = append(all, nil)
		}
		inside = true
		all[len(all)-1] = append(all[len(all)-1], row)
	}
	return all
}

var quoted = regexp.MustCompile("`([^`]+)`")

// named are the names in the first column of a table with the heading.
func named(t *testing.T, nth int, heading string) (names []string) {
	t.Helper()
	for _, table := range tables(t) {
		if table[0][0] != heading {
			continue
		}
		if nth--; nth > 0 {
			continue
		}
		for _, row := range table[2:] {
			if len(row) != len(table[0]) || slices.Contains(row, "") {
				t.Errorf("%s: the row %q has an empty cell, or too many", architecture, row)
			}
			for _, match := range quoted.FindAllStringSubmatch(row[0], -1) {
				names = append(names, match[1])
			}
		}
		return names
	}
	t.Fatalf("%s has no such table of %q", architecture, heading)
	return nil
}

func moduleFile(t *testing.T) *modfile.File {
	t.Helper()
	text, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	file, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// packages are the folders with Go files of the module, and what each imports of the
// module without its tests; the root is ".".
func packages(t *testing.T) map[string][]string {
	t.Helper()
	own := moduleFile(t).Module.Mod.Path
	all := map[string][]string{}
	err := fs.WalkDir(os.DirFS("."), ".", func(dir string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if base := path.Base(dir); base == "testdata" || dir != "." && strings.HasPrefix(base, ".") {
			return fs.SkipDir
		}
		if _, err := os.Stat(path.Join(dir, "go.mod")); err == nil && dir != "." {
			return fs.SkipDir
		}
		found, err := build.ImportDir(dir, 0)
		if _, none := err.(*build.NoGoError); none {
			if len(found.IgnoredGoFiles) == 0 {
				return nil
			}
			err = nil
		}
		if err != nil {
			return err
		}
		all[dir] = []string{}
		for _, imported := range found.Imports {
			if imported == own {
				all[dir] = append(all[dir], ".")
			} else if below, ok := strings.CutPrefix(imported, own+"/"); ok {
				all[dir] = append(all[dir], below)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Each package has its row, and imports point down.
func TestImportsPointDown(t *testing.T) {
	layers, forTests := named(t, 1, "package"), named(t, 2, "package")
	all := packages(t)
	for _, name := range slices.Concat(layers, forTests) {
		if _, ok := all[name]; !ok {
			t.Errorf("%s has a row for %s, which is no package", architecture, name)
		}
	}
	for dir, imports := range all {
		place := slices.Index(layers, dir)
		switch {
		case slices.Contains(forTests, dir):
			place = -1
		case dir == ".":
			place = len(layers)
		case place < 0 && strings.HasPrefix(dir, "templates/"):
			continue // a template's own service is a program of its own
		case place < 0:
			t.Errorf("%s has no row for %s", architecture, dir)
			continue
		}
		for _, imported := range imports {
			switch below := slices.Index(layers, imported); {
			case imported == "." && dir != ".":
			case below < 0 && !slices.Contains(forTests, dir):
				t.Errorf("%s imports %s, which is for tests only, or has no row", dir, imported)
			case below >= 0 && below <= place:
				t.Errorf("%s imports %s, which stands above it in %s", dir, imported, architecture)
			}
		}
	}
}

// Each library that go.mod names directly has its reason, and no other has one.
func TestLibrariesHaveReasons(t *testing.T) {
	reasons := named(t, 1, "library")
	file := moduleFile(t)
	var direct []string
	for _, r := range file.Require {
		tool := slices.ContainsFunc(file.Tool, func(tool *modfile.Tool) bool { return strings.HasPrefix(tool.Path+"/", r.Mod.Path+"/") })
		if !r.Indirect || tool {
			direct = append(direct, strings.TrimPrefix(r.Mod.Path, "github.com/"))
		}
	}
	bare := func(name string) string {
		if prefix, _, ok := module.SplitPathVersion("github.com/" + name); ok {
			return strings.TrimPrefix(prefix, "github.com/")
		}
		return name
	}
	for _, name := range direct {
		if !slices.ContainsFunc(reasons, func(r string) bool { return bare(r) == bare(name) }) {
			t.Errorf("%s does not say why go.mod has %s", architecture, name)
		}
	}
	for i, name := range reasons {
		if !slices.ContainsFunc(direct, func(d string) bool { return bare(d) == bare(name) }) {
			t.Errorf("%s says why go.mod has %s, which it has not", architecture, name)
		}
		if slices.Contains(reasons[:i], name) {
			t.Errorf("%s names %s twice", architecture, name)
		}
	}
}

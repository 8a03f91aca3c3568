package main

import (
	"context"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	opatest "github.com/open-policy-agent/opa/v1/tester"
)

// policyCopy goes to a copy of what `rules new` looks at, and returns a list of all its
// files.
func policyCopy(t *testing.T) (list func() []string) {
	t.Helper()
	dir := t.TempDir()
	copyTree(t, filepath.Join(root(t), "policies"), filepath.Join(dir, "policies"))
	copyTree(t, filepath.Join(root(t), "testdata/lint/err/trust-oom"), filepath.Join(dir, "testdata/lint/err/trust-oom"))
	t.Chdir(dir)
	return func() (all []string) {
		t.Helper()
		err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			rel, _ := filepath.Rel(dir, path)
			all = append(all, rel)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
}

// What is wrong is refused in a line, and nothing is written.
func TestRulesNewRefuses(t *testing.T) {
	list := policyCopy(t)
	for _, dir := range []string{"own/taken", "testdata/lint/err/trust-taken", "policies/contract/empty"} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	before := list()
	for _, c := range []struct{ args, says string }{
		{"", "give the new rule's category and name"},
		{"contract/zebra contract/horse", "give the new rule's category and name"},
		{"zebra", "such as contract/zebra"},
		{"contract/", "is no name"},
		{"/zebra", "is no name"},
		{"contract/Zebra", "is no name"},
		{"contract/zebra_stripes", "is no name"},
		{"contract/-zebra", "is no name"},
		{"contract/zebra/stripes", "is no name"},
		{"../zebra", "is no name"},
		{"contract/..", "is no name"},
		{"contract/" + strings.Repeat("z", 61), "is no name"},
		{"cntract/zebra", "use catalog, contract, hardware, trust, or begin one with --new-category"},
		{"syntax/zebra", "found by Go"},
		{"source/zebra", "found by Go"},
		{"syntax/zebra --new-category", "found by Go"},
		{"lib/zebra --new-category", "cannot be a category"},
		{"data/zebra --new-category", "cannot be a category"},
		{"entry/zebra --new-category", "cannot be a category"},
		{"input/zebra --new-category", "cannot be a category"},
		{"if/zebra --new-category", "cannot be a category"},
		{"contract/scale", "policies/contract/scale is already there"},
		{"contract/empty", "is already there"},
		{"trust/taken", "testdata/lint/err/trust-taken is already there"},
		{"contract/zebra --severity fatal", "use error, warning or notice"},
		{"contract/zebra --subject reader", "use compose or template"},
		{"contract/zebra --title a\u202eb", "one line"},
		{"contract/zebra --titel x", `did you mean "--title"?; see ogpu-tpl rules new --help`},
		{"custom/zebra", "needs its folder"},
		{"contract/zebra --policies own", "has the category custom"},
		{"custom/zebra --policies nowhere", "make it first"},
		{"custom/taken --policies own", "own/taken is already there"},
		{"custom/lib --policies own", "cannot be called lib"},
		{"custom/tables --policies own", "cannot be called tables"},
	} {
		status, stdout, stderr := run(t, append([]string{"rules", "new"}, strings.Fields(c.args)...)...)
		if status != statusUsage || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, c.says) {
			t.Errorf("rules new %s: status %d, want %d and %q\n%s%s", c.args, status, statusUsage, c.says, stdout, stderr)
		}
	}
	if status, _, stderr := run(t, "rules", "new", "contract/zebra", "--title", "two\nlines"); status != statusUsage || !strings.Contains(stderr, "one line") {
		t.Errorf("a title of two lines: status %d: %s", status, stderr)
	}
	if after := list(); !slices.Equal(before, after) {
		t.Errorf("there is now\n%s\nand was\n%s", strings.Join(after, "\n"), strings.Join(before, "\n"))
	}
	t.Chdir(t.TempDir())
	if status, _, stderr := run(t, "rules", "new", "contract/zebra"); status != statusUsage || !strings.Contains(stderr, "no clone") {
		t.Errorf("outside of the repository: status %d: %s", status, stderr)
	}
}

// Two folders are made or none is.
func TestRulesNewIsAllOrNothing(t *testing.T) {
	list := policyCopy(t)
	if err := os.RemoveAll("testdata/lint/err"); err != nil {
		t.Fatal(err)
	}
	// A link to a folder that is there while it is looked for, and cannot take a case.
	if err := os.Symlink("/proc/self/fd", "testdata/lint/err"); err != nil {
		t.Fatal(err)
	}
	before := list()
	for _, rule := range []string{"contract/zebra", "animals/zebra"} {
		status, stdout, stderr := run(t, "rules", "new", rule, "--new-category")
		if status != statusFailed || stdout != "" {
			t.Errorf("%s: status %d\n%s%s", rule, status, stdout, stderr)
		}
		if after := list(); !slices.Equal(before, after) {
			t.Errorf("%s: there is now\n%s", rule, strings.Join(after, "\n"))
		}
	}
}

// What is made for each subject and category: the rule is one, its quiet test is green
// and its firing one is red.
func TestRulesNewIsRed(t *testing.T) {
	list := policyCopy(t)
	before := list()
	for _, args := range []string{
		"contract/zebra", "trust/zebra-with-stripes --severity error", "catalog/zebra --severity notice", "trust/default --subject template",
		"animals/in --new-category", "hardware/zebra --title It's", "hardware/horse --title \"quoted\\text\"", "hardware/yes --title yes",
	} {
		status, stdout, stderr := run(t, append([]string{"rules", "new"}, strings.Fields(args)...)...)
		if status != statusClean || !strings.Contains(stdout, "go test ./pkg/policy") {
			t.Fatalf("rules new %s: status %d\n%s%s", args, status, stdout, stderr)
		}
		id, _, _ := strings.Cut(args, " ")
		red, green := regoTests(t, filepath.Join("policies", id))
		if !slices.Equal(red, []string{"test_fires"}) || !slices.Equal(green, []string{"test_silent"}) {
			t.Errorf("%s: red are %v, green are %v", id, red, green)
		}
		expected, err := os.ReadFile(filepath.Join("testdata/lint/err", strings.ReplaceAll(id, "/", "-"), "expected.txt"))
		if err != nil || !strings.HasPrefix(string(expected), "# args: --only "+id) {
			t.Errorf("%s: %v: %s", id, err, expected)
		}
	}
	made := 0
	for _, file := range list() {
		if slices.Contains(before, file) {
			continue
		}
		made++
		if strings.Contains(file, ".new-rule-") {
			t.Errorf("%s is left", file)
		}
	}
	if made == 0 {
		t.Error("nothing is made")
	}
	// Where the command stands makes no difference.
	t.Chdir("policies/lib")
	if status, stdout, stderr := run(t, "rules", "new", "contract/horse"); status != statusClean || !strings.Contains(stdout, "Made ../../policies/contract/horse and ../../testdata/lint/err/contract-horse.") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
}

// A rule of one's own, from the scaffold to what it finds.
func TestRulesNewOfOnesOwn(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("own", 0o755); err != nil {
		t.Fatal(err)
	}
	if status, stdout, stderr := run(t, "rules", "new", "custom/zebra", "--policies", "own", "--title", "No stripes"); status != statusClean || !strings.Contains(stdout, "opa test own") {
		t.Fatalf("status %d\n%s%s", status, stdout, stderr)
	}
	if status, _, stderr := run(t, "rules", "--policies", "own", "new", "custom/horse"); status != statusClean {
		t.Fatalf("status %d: %s", status, stderr)
	}
	if red, green := regoTests(t, "own/zebra"); !slices.Equal(red, []string{"test_fires"}) || !slices.Equal(green, []string{"test_silent"}) {
		t.Errorf("red are %v, green are %v", red, green)
	}
	if status, stdout, stderr := run(t, "rules", "--policies", "own", "custom/zebra"); status != statusClean || !strings.HasPrefix(stdout, "custom/zebra: No stripes\n") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	compose := "services:\n  web:\n    image: nginx\n    hostname: horse\n"
	if err := os.WriteFile("compose.yml", []byte(compose), 0o600); err != nil {
		t.Fatal(err)
	}
	lint := []string{"lint", "compose.yml", "--policies", "own", "--only", "custom/zebra"}
	if status, stdout, stderr := run(t, lint...); status != statusClean {
		t.Errorf("the scaffold finds something: status %d\n%s%s", status, stdout, stderr)
	}
	fillIn(t, "own/zebra/zebra.rego", `service.image == "TODO"`, `service.hostname == "horse"`, `"services", name]`, `"services", name, "hostname"]`)
	fillIn(t, "own/zebra/zebra_test.rego", `test_fires if paths({"image": "nginx"}) == {["services", "web"]}`, `test_fires if paths({"hostname": "horse"}) == {["services", "web", "hostname"]}`)
	if red, green := regoTests(t, "own/zebra"); len(red) > 0 || len(green) != 2 {
		t.Errorf("red are %v, green are %v", red, green)
	}
	if status, stdout, stderr := run(t, lint...); status != statusFindings || !strings.Contains(stdout, "warning[custom/zebra]") || !strings.Contains(stdout, "compose.yml:4:15") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
}

// fillIn replaces texts in a file; each must be there.
func fillIn(t *testing.T, file string, oldNew ...string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(oldNew); i += 2 {
		if !strings.Contains(string(text), oldNew[i]) {
			t.Fatalf("%s has no %s:\n%s", file, oldNew[i], text)
		}
	}
	if err := os.WriteFile(file, []byte(strings.NewReplacer(oldNew...).Replace(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
}

// regoTests runs the unit tests of a folder as `opa test` does.
func regoTests(t *testing.T, dir string) (red, green []string) {
	t.Helper()
	modules := map[string]*ast.Module{}
	files, err := filepath.Glob(filepath.Join(dir, "*.rego"))
	if err != nil || len(files) != 2 {
		t.Fatal(err, files)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if modules[file], err = ast.ParseModuleWithOpts(file, string(text), ast.ParserOptions{RegoVersion: ast.RegoV1}); err != nil {
			t.Fatal(err)
		}
	}
	results, err := opatest.NewRunner().SetModules(modules).SetCompiler(ast.NewCompiler().WithStrict(true)).RaiseBuiltinErrors(true).SetTimeout(time.Minute).RunTests(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for result := range results {
		if result.Pass() {
			green = append(green, result.Name)
		} else {
			red = append(red, result.Name)
		}
	}
	return red, green
}

// What `rules new` leaves to be filled in has been.
func TestNoRuleSaysTODO(t *testing.T) {
	for _, dir := range []string{"policies", "testdata/lint/err"} {
		fsys := os.DirFS(filepath.Join(root(t), dir))
		err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !slices.Contains([]string{".rego", ".yml"}, path.Ext(name)) {
				return err
			}
			text, err := fs.ReadFile(fsys, name)
			number := 0
			for line := range strings.Lines(string(text)) {
				number++
				isTest := path.Ext(name) == ".yml" || strings.HasSuffix(name, "_test.rego")
				if strings.HasPrefix(strings.TrimSpace(line), "# TODO:") || !isTest && strings.Contains(line, "TODO") {
					t.Errorf("%s/%s:%d: %s", dir, name, number, strings.TrimSpace(line))
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

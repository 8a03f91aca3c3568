package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opengpu-network/templates/pkg/git/gittest"
	"github.com/opengpu-network/templates/pkg/report"
)

// gitRepo is a real repository for tests.
type gitRepo struct {
	t   *testing.T
	dir string
}

func (r gitRepo) git(args ...string) string {
	r.t.Helper()
	return gittest.Run(r.t, r.dir, args...)
}

func (r gitRepo) write(name, text string) {
	r.t.Helper()
	name = filepath.Join(r.dir, name)
	err := os.MkdirAll(filepath.Dir(name), 0o755)
	if err == nil {
		err = os.WriteFile(name, []byte(text), 0o644)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r gitRepo) edit(name, old, new string) {
	r.t.Helper()
	text, err := os.ReadFile(filepath.Join(r.dir, name))
	if err != nil {
		r.t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		r.t.Fatalf("%s does not have %q", name, old)
	}
	r.write(name, strings.Replace(string(text), old, new, 1))
}

func (r gitRepo) commit() string {
	r.t.Helper()
	r.git("add", "-A")
	r.git("commit", "-qm", "x", "--allow-empty")
	return r.git("rev-parse", "HEAD")
}

// template adds the template of the tests under a name.
func (r gitRepo) template(name string) {
	r.t.Helper()
	dir := filepath.Join(r.dir, "templates", name)
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root(r.t), "testdata/changed/base"))); err != nil {
		r.t.Fatal(err)
	}
	r.edit("templates/"+name+"/template.yaml", "name: base", "name: "+name)
	r.write("templates/"+name+"/README.md", strings.Repeat("# "+name+"\n", 40))
}

// catalogRepo is a clone, on the branch work, of a bare remote whose main has two
// templates.
func catalogRepo(t *testing.T, more ...string) gitRepo {
	t.Helper()
	parent := t.TempDir()
	remote, r := filepath.Join(parent, "remote.git"), gitRepo{t, filepath.Join(parent, "clone")}
	here := gitRepo{t, parent}
	here.git(append(append([]string{"init", "-q", "--bare", "-b", "main"}, more...), remote)...)
	here.git(append(append([]string{"init", "-q", "-b", "main"}, more...), r.dir)...)
	r.git("remote", "add", "origin", remote)
	r.template("one")
	r.template("two")
	r.write("policies/a/a.rego", "package a\n")
	r.write("go.mod", "module x\n")
	r.commit()
	r.git("push", "-q", "origin", "main")
	r.git("checkout", "-q", "-b", "work", "origin/main")
	return r
}

// touched says what changed finds, one line for each template.
func touched(t *testing.T, dir string, args ...string) string {
	t.Helper()
	status, stdout, stderr := run(t, append([]string{"changed", "--templates", filepath.Join(dir, "templates"), "--format", "json"}, args...)...)
	if status != statusClean {
		t.Fatalf("status %d: %s", status, stderr)
	}
	var all struct {
		Templates []struct{ Name, Status, Old, Moved string }
	}
	if err := json.Unmarshal([]byte(stdout), &all); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, found := range all.Templates {
		line := found.Status + " " + found.Name
		if found.Old != "" {
			line += " (" + found.Old + ")"
		}
		if found.Moved != "" {
			line += " from " + found.Moved
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, ", ")
}

// TestChanged makes changes in real repositories.
func TestChanged(t *testing.T) {
	beside(t)
	const manifest = "templates/one/template.yaml"
	move := func(r gitRepo, from, to string) {
		r.t.Helper()
		if err := os.Rename(filepath.Join(r.dir, from), filepath.Join(r.dir, to)); err != nil {
			r.t.Fatal(err)
		}
	}
	remove := func(r gitRepo, name string) {
		r.t.Helper()
		if err := os.RemoveAll(filepath.Join(r.dir, name)); err != nil {
			r.t.Fatal(err)
		}
	}
	type row struct {
		name   string
		change func(r gitRepo)
		want   string
	}
	rows := []row{
		{"nothing", func(r gitRepo) {}, ""},
		{"an empty commit", func(r gitRepo) { r.commit() }, ""},
		{"committed", func(r gitRepo) { r.edit(manifest, "1.2.3", "1.2.4"); r.commit() }, "changed one"},
		{"staged", func(r gitRepo) { r.edit(manifest, "1.2.3", "1.2.4"); r.git("add", "-A") }, "changed one"},
		{"not staged, with the same size", func(r gitRepo) { r.edit(manifest, "1.2.3", "1.2.4") }, "changed one"},
		{"staged, and taken back", func(r gitRepo) {
			r.edit(manifest, "1.2.3", "1.2.4")
			r.git("add", "-A")
			r.edit(manifest, "1.2.4", "1.2.3")
		}, ""},
		{"assumed to be unchanged", func(r gitRepo) {
			r.git("update-index", "--assume-unchanged", manifest)
			r.edit(manifest, "1.2.3", "1.2.4")
		}, "changed one"},
		{"left out by a sparse checkout", func(r gitRepo) { r.git("sparse-checkout", "set", "--no-cone", "templates/one") }, ""},
		{"an untracked file", func(r gitRepo) { r.write("templates/one/notes.txt", "x") }, "changed one"},
		{"an ignored file", func(r gitRepo) {
			r.write(".git/info/exclude", "*.tmp\n")
			r.write("templates/one/x.tmp", "x")
			r.write("templates/three/x.tmp", "x")
			r.write("templates/two/service/x.tmp", "x")
			r.write("templates/.hidden/template.yaml", "x")
		}, ""},
		{"a new template", func(r gitRepo) { r.write("templates/three/template.yaml", "name: three\n") }, "added three"},
		{"a new template that is ignored and was added", func(r gitRepo) {
			r.write(".gitignore", "templates/\n")
			r.write("templates/three/template.yaml", "name: three\n")
			r.git("add", "-f", "templates/three")
			r.commit()
		}, "added three"},
		{"a file gone", func(r gitRepo) { remove(r, "templates/one/compose/cpu.yml"); r.commit() }, "changed one"},
		{"a template gone", func(r gitRepo) { r.git("rm", "-rq", "templates/one"); r.commit() }, "removed one"},
		{"a template gone, not committed", func(r gitRepo) { remove(r, "templates/one") }, "removed one"},
		{"all templates gone but an empty folder", func(r gitRepo) {
			remove(r, "templates/one")
			remove(r, "templates/two/compose")
			remove(r, "templates/two/logo.svg")
		}, "removed one, changed two"},
		{"renamed", func(r gitRepo) {
			r.git("mv", "templates/one", "templates/uno")
			r.edit("templates/uno/template.yaml", "name: one", "name: uno")
			r.commit()
		}, "renamed uno (one)"},
		{"renamed, not committed", func(r gitRepo) {
			move(r, "templates/one", "templates/uno")
			r.edit("templates/uno/template.yaml", "name: one", "name: uno")
		}, "renamed uno (one)"},
		{"renamed twice over", func(r gitRepo) {
			move(r, "templates/one", "templates/b")
			move(r, "templates/two", "templates/a")
			r.commit()
		}, "renamed a (two), renamed b (one)"},
		{"another letter case", func(r gitRepo) { r.git("mv", "templates/one", "templates/One"); r.commit() }, "renamed One (one)"},
		{"one gone and an unlike one new", func(r gitRepo) {
			remove(r, "templates/one")
			r.write("templates/new/template.yaml", "name: new\n")
		}, "added new, removed one"},
		{"copied", func(r gitRepo) { r.template("three") }, "added three"},
		{"a name in upper case", func(r gitRepo) { move(r, "templates/one/README.md", "templates/one/readme.md") }, "changed one"},
		{"executable", func(r gitRepo) {
			if err := os.Chmod(filepath.Join(r.dir, manifest), 0o755); err != nil {
				r.t.Fatal(err)
			}
		}, "changed one"},
		{"a link in place of a file", func(r gitRepo) {
			move(r, manifest, "templates/one/real.yaml")
			if err := os.Symlink("real.yaml", filepath.Join(r.dir, manifest)); err != nil {
				r.t.Fatal(err)
			}
			r.commit()
		}, "changed one"},
		{"a link in place of a folder", func(r gitRepo) {
			move(r, "templates/one/compose", "elsewhere")
			if err := os.Symlink("../../elsewhere", filepath.Join(r.dir, "templates/one/compose")); err != nil {
				r.t.Fatal(err)
			}
		}, "changed one"},
		{"a file in place of a folder", func(r gitRepo) {
			remove(r, "templates/one/compose")
			r.write("templates/one/compose", "x")
		}, "changed one"},
		{"names that nobody can read", func(r gitRepo) {
			for _, name := range []string{"a\nb", "\"quoted\"", "tab\there", "\xff\xfe", " ", "-x", "é"} {
				r.write("templates/one/"+name, "x")
			}
			r.commit()
			r.write("templates/two/\xff\n", "x")
		}, "changed one, changed two"},
		{"the note of what was released", func(r gitRepo) { r.write("templates/one/releases.json", "{}"); r.commit() }, ""},
		{"a file beside the templates", func(r gitRepo) {
			r.write("templates/README.md", "x")
			r.write("templates/.hidden/x", "x")
			r.write("publishers.yaml", "x")
			r.write("README.md", "x")
			r.commit()
		}, ""},
		{"policies", func(r gitRepo) { r.write("policies/a/a.rego", "package a\n\nx := 1\n"); r.commit() }, "shared one, shared two"},
		{"policies gone", func(r gitRepo) { remove(r, "policies") }, "shared one, shared two"},
		{"the tool, not committed", func(r gitRepo) { r.write("pkg/x/x.go", "package x\n") }, "shared one, shared two"},
		{"the tool's libraries", func(r gitRepo) { r.write("go.mod", "module y\n") }, "shared one, shared two"},
		{"tests of the tool", func(r gitRepo) {
			r.write("pkg/x/x_test.go", "package x\n")
			r.write("policies/a/a_test.rego", "package a\n")
			r.commit()
		}, ""},
		{"a folder with such a beginning", func(r gitRepo) { r.write("policies-of-others/x.rego", "x"); r.commit() }, ""},
		{"policies and a template", func(r gitRepo) {
			r.edit(manifest, "1.2.3", "1.2.4")
			r.write("policies/a/a.rego", "package b\n")
			r.commit()
		}, "changed one, shared two"},
		{"main went on", func(r gitRepo) {
			r.edit(manifest, "1.2.3", "1.2.4")
			r.commit()
			r.git("checkout", "-q", "main")
			r.edit("templates/two/template.yaml", "1.2.3", "1.2.4")
			r.commit()
			r.git("push", "-q", "origin", "main")
			r.git("checkout", "-q", "work")
		}, "changed one"},
		{"main was merged", func(r gitRepo) {
			r.edit(manifest, "1.2.3", "1.2.4")
			r.commit()
			r.git("checkout", "-q", "main")
			r.edit("templates/two/template.yaml", "1.2.3", "1.2.4")
			r.commit()
			r.git("push", "-q", "origin", "main")
			r.git("checkout", "-q", "work")
			r.git("merge", "-q", "--no-edit", "main")
		}, "changed one"},
		{"a merge that nobody has finished", func(r gitRepo) {
			r.edit(manifest, "1.2.3", "1.2.4")
			r.commit()
			r.git("checkout", "-q", "-b", "other", "main")
			r.edit(manifest, "1.2.3", "1.2.5")
			r.commit()
			_ = exec.Command("git", "-C", r.dir, "merge", "-q", "work").Run()
		}, "changed one"},
		{"a commit and no branch", func(r gitRepo) {
			r.edit(manifest, "1.2.3", "1.2.4")
			r.commit()
			r.git("checkout", "-q", "--detach")
		}, "changed one"},
		{"a template from another folder", func(r gitRepo) {
			r.template("three")
			move(r, "templates/three", "three")
			r.commit()
			r.git("push", "-q", "origin", "work:main")
			move(r, "three", "templates/three")
		}, "changed three from three"},
		{"a template from another folder, where it still is", func(r gitRepo) {
			r.template("three")
			move(r, "templates/three", "three")
			r.commit()
			r.git("push", "-q", "origin", "work:main")
			r.template("three")
		}, "added three"},
	}
	for _, name := range []string{
		"policies/x.rego", "policies/x/data.json", "cmd/x/x.go", "pkg/x/x.go", "pkg/x/x.yaml", "docs/schemas/x.json", "embed.go",
		"go.mod", "go.sum", "go.work", "go.work.sum", "vendor/x/x.go", "vendor/modules.txt",
	} {
		rows = append(rows, row{"the file " + name, func(r gitRepo) { r.write(name, "x") }, "shared one, shared two"})
	}
	for _, c := range rows {
		t.Run(c.name, func(t *testing.T) {
			r := catalogRepo(t)
			c.change(r)
			if got := touched(t, r.dir, "--since", "origin/main"); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// TestChangedPlaces looks from other places than the top of a clone.
func TestChangedPlaces(t *testing.T) {
	t.Run("worktree", func(t *testing.T) {
		r := catalogRepo(t)
		tree := gitRepo{t, filepath.Join(filepath.Dir(r.dir), "tree")}
		r.git("worktree", "add", "-q", tree.dir, "-b", "third")
		tree.edit("templates/two/template.yaml", "1.2.3", "1.2.4")
		if got := touched(t, tree.dir, "--since", "main"); got != "changed two" {
			t.Error(got)
		}
		if got := touched(t, r.dir, "--since", "main"); got != "" {
			t.Error(got)
		}
	})
	t.Run("hashes of SHA-256", func(t *testing.T) {
		r := catalogRepo(t, "--object-format=sha256")
		if got := touched(t, r.dir, "--since", "main"); got != "" {
			t.Error(got)
		}
		r.edit("templates/two/template.yaml", "1.2.3", "1.2.4")
		if got := touched(t, r.dir, "--since", "main"); got != "changed two" {
			t.Error(got)
		}
	})
	t.Run("a part of a larger repository", func(t *testing.T) {
		r := catalogRepo(t)
		inner := gitRepo{t, filepath.Join(r.dir, "the catalog")}
		inner.template("three")
		base := r.commit()
		r.write("policies/a/a.rego", "other")
		r.edit("templates/one/template.yaml", "1.2.3", "1.2.4")
		r.commit()
		if got := touched(t, inner.dir, "--since", base); got != "" {
			t.Error(got)
		}
		inner.write("policies/a/a.rego", "other")
		if got := touched(t, inner.dir, "--since", base); got != "shared three" {
			t.Error(got)
		}
		t.Chdir(filepath.Join(inner.dir, "templates/three"))
		inner.edit("templates/three/template.yaml", "1.2.3", "1.2.4")
		if _, stdout, _ := run(t, "changed", "--since", base); !strings.Contains(stdout, "three     changed  template.yaml\n") {
			t.Error(stdout)
		}
	})
	t.Run("a catalog that moves", func(t *testing.T) {
		r := catalogRepo(t)
		r.git("mv", "templates", "catalogue")
		r.edit("catalogue/one/template.yaml", "ram: 4GiB", "ram: 5GiB")
		r.commit()
		dir := filepath.Join(r.dir, "catalogue")
		if status, stdout, stderr := run(t, "changed", "--templates", dir, "--since", "main"); status != statusClean ||
			stdout != "TEMPLATE  STATUS   WHY\none       changed  template.yaml; was in templates/one\ntwo       changed  was in templates/two\n" {
			t.Errorf("status %d: %s%s", status, stdout, stderr)
		}
		status, stdout, stderr := run(t, "lint", "--only", "version", "--templates", dir, "--changed-since", "main")
		if status != statusFindings || strings.Count(stdout, "error[") != 1 || !strings.Contains(stdout, "error[version/major]") || !strings.Contains(stderr, "the template two was in templates/two") {
			t.Errorf("status %d: %s%s", status, stdout, stderr)
		}
	})
	t.Run("an organisation's own policies", func(t *testing.T) {
		r := catalogRepo(t)
		r.write("rules/x/x.rego", "x")
		if got := touched(t, r.dir, "--since", "main"); got != "" {
			t.Error(got)
		}
		if got := touched(t, r.dir, "--since", "main", "--policies", filepath.Join(r.dir, "rules")); got != "shared one, shared two" {
			t.Error(got)
		}
		if got := touched(t, r.dir, "--since", "main", "--policies", t.TempDir()); got != "" {
			t.Error(got)
		}
	})
}

// TestChangedRefuses: what cannot be told is an error of its own status, for changed
// and for lint, and never "nothing changed".
func TestChangedRefuses(t *testing.T) {
	for _, c := range []struct {
		name, since, want string
		change            func(r gitRepo) (dir string)
	}{
		{"an option", "--output=x", "looks like an option", nil},
		{"no name", "", "name a branch, a tag or a commit", nil},
		{"a line end", "main\nx", "is no name of a commit", nil},
		{"an unknown name", "release", "no such commit", nil},
		{"a hash of nothing", strings.Repeat("1", 40), "no such commit", nil},
		{"a file", "main:go.mod", "no such commit", nil},
		{"a shallow clone", "origin/main", "fetch-depth: 0", func(r gitRepo) string {
			r.commit()
			r.git("push", "-q", "origin", "work")
			dir := filepath.Join(filepath.Dir(r.dir), "shallow")
			r.git("clone", "-q", "--depth", "1", "--no-single-branch", "file://"+filepath.Join(filepath.Dir(r.dir), "remote.git"), dir)
			return dir
		}},
		{"no history in common", "main", "no commit in common", func(r gitRepo) string {
			r.git("checkout", "-q", "--orphan", "alone")
			r.write("x", "x")
			r.commit()
			return r.dir
		}},
		{"a tangled history", "main", "several commits in common", func(r gitRepo) string {
			r.git("checkout", "-q", "main")
			a := r.commit()
			r.git("checkout", "-q", "work")
			r.write("x", "x")
			b := r.commit()
			r.git("merge", "-q", "--no-edit", a)
			r.git("checkout", "-q", "main")
			r.git("merge", "-q", "--no-edit", b)
			r.write("y", "y")
			r.commit()
			r.git("checkout", "-q", "work")
			return r.dir
		}},
		{"no repository", "main", "is in no Git repository", func(r gitRepo) string {
			dir := gitRepo{r.t, r.t.TempDir()}
			dir.template("one")
			return dir.dir
		}},
		{"no commit", "main", "is there a commit yet", func(r gitRepo) string {
			dir := gitRepo{r.t, r.t.TempDir()}
			dir.template("one")
			dir.git("init", "-q")
			return dir.dir
		}},
		{"a bare repository", "main", "is in no working tree", func(r gitRepo) string {
			bare := gitRepo{r.t, filepath.Join(filepath.Dir(r.dir), "remote.git")}
			bare.template("one")
			return bare.dir
		}},
		{"the repository's own folder", "main", "is in no working tree", func(r gitRepo) string {
			inner := gitRepo{r.t, filepath.Join(r.dir, ".git")}
			inner.template("one")
			return inner.dir
		}},
		{"templates that Git ignores", "main", "is it ignored?", func(r gitRepo) string {
			inner := gitRepo{r.t, filepath.Join(r.dir, "build")}
			inner.write("templates/one/compose/cpu.yml", "x")
			r.write(".gitignore", "build/\n")
			return inner.dir
		}},
		{"a template that Git ignores", "main", `"templates/evil/template.yaml" is ignored by Git`, func(r gitRepo) string {
			r.template("evil")
			r.write(".gitignore", "templates/evil/\n")
			return r.dir
		}},
		{"a manifest that Git ignores", "main", `"templates/evil/template.yaml" is ignored by Git`, func(r gitRepo) string {
			r.template("evil")
			r.write(".git/info/exclude", "templates/evil/template.yaml\n")
			return r.dir
		}},
		{"a manifest that Git knew", "main", `"templates/one/template.yaml" is ignored by Git`, func(r gitRepo) string {
			r.write(".gitignore", "one/\n")
			r.git("rm", "-rq", "--cached", "templates/one")
			r.commit()
			return r.dir
		}},
		{"a link to a template, which Git ignores", "main", `"templates/evil" is ignored by Git`, func(r gitRepo) string {
			r.write(".gitignore", "evil\n")
			if err := os.Symlink("one", filepath.Join(r.dir, "templates/evil")); err != nil {
				t.Fatal(err)
			}
			return r.dir
		}},
		{"a compose file that Git ignores", "main", `"templates/one/compose/amd.yml" is ignored by Git`, func(r gitRepo) string {
			r.git("rm", "-q", "--cached", "templates/one/compose/amd.yml")
			r.write(".gitignore", "amd.yml\n")
			return r.dir
		}},
		{"a README that Git ignores", "main", `"templates/one/README.md" is ignored by Git`, func(r gitRepo) string {
			r.git("rm", "-q", "--cached", "templates/one/README.md")
			r.write(".gitignore", "README.md\n")
			return r.dir
		}},
		{"a logo that Git ignores", "main", `"templates/one/new.svg" is ignored by Git`, func(r gitRepo) string {
			r.git("mv", "templates/one/logo.svg", "templates/one/new.svg")
			r.git("rm", "-q", "--cached", "templates/one/new.svg")
			r.edit("templates/one/template.yaml", "logo.svg", "new.svg")
			r.write(".gitignore", "new.svg\n")
			return r.dir
		}},
		{"a file that a compose file draws in, which Git ignores", "main", `"templates/one/parts/x.tmp" is ignored by Git`, func(r gitRepo) string {
			r.write(".gitignore", "*.tmp\n")
			r.write("templates/one/parts/x.tmp", "services:\n  a:\n    image: example.com/a:1\n")
			r.edit("templates/one/compose/cpu.yml", "  handler:\n", "  part:\n    extends: {file: ../parts/x.tmp, service: a}\n\n  handler:\n")
			return r.dir
		}},
		{"a Dockerfile that Git ignores", "main", `"templates/one/service/Dockerfile" is ignored by Git`, func(r gitRepo) string {
			r.write(".gitignore", "Dockerfile\n")
			r.write("templates/one/service/Dockerfile", "FROM scratch\n")
			return r.dir
		}},
		{"a link in place of the templates", "main", "is a symbolic link", func(r gitRepo) string {
			r.git("mv", "templates", "catalogue")
			if err := os.Symlink("catalogue", filepath.Join(r.dir, "templates")); err != nil {
				t.Fatal(err)
			}
			r.commit()
			return r.dir
		}},
		{"a link to another repository", "main", "is a symbolic link", func(r gitRepo) string {
			dir := gitRepo{r.t, r.t.TempDir()}
			if err := os.Symlink(filepath.Join(r.dir, "templates"), filepath.Join(dir.dir, "templates")); err != nil {
				t.Fatal(err)
			}
			return dir.dir
		}},
		{"a submodule", "main", "is another repository", func(r gitRepo) string {
			r.git("submodule", "--quiet", "add", filepath.Join(filepath.Dir(r.dir), "remote.git"), "templates/three")
			r.commit()
			return r.dir
		}},
		{"a submodule for the tool", "main", "is another repository", func(r gitRepo) string {
			r.git("submodule", "--quiet", "add", filepath.Join(filepath.Dir(r.dir), "remote.git"), "pkg/x")
			return r.dir
		}},
		{"a repository within", "main", "is another repository", func(r gitRepo) string {
			inner := gitRepo{r.t, filepath.Join(r.dir, "templates/three")}
			inner.write("template.yaml", "x")
			inner.git("init", "-q")
			inner.commit()
			return r.dir
		}},
		{"a partial clone", "origin/main", "partial clone", func(r gitRepo) string {
			remote := gitRepo{r.t, filepath.Join(filepath.Dir(r.dir), "remote.git")}
			remote.git("config", "uploadpack.allowFilter", "true")
			dir := gitRepo{r.t, filepath.Join(filepath.Dir(r.dir), "partial")}
			r.git("clone", "-q", "--filter=blob:none", "--no-checkout", "file://"+remote.dir, dir.dir)
			dir.git("reset", "-q")
			dir.template("one")
			dir.write("templates/one/README.md", "other")
			return dir.dir
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := catalogRepo(t)
			dir := r.dir
			if c.change != nil {
				dir = c.change(r)
			}
			refused := 0
			for _, args := range [][]string{{"changed", "--since", c.since}, {"lint", "--only", "version", "--changed-since", c.since}} {
				status, stdout, stderr := run(t, append(args, "--templates", filepath.Join(dir, "templates"))...)
				if status == statusFailed && strings.Contains(stderr, c.want) && stdout == "" {
					refused++
				} else if c.name != "a partial clone" {
					t.Errorf("%s: status %d: %s%s", args[0], status, stdout, stderr)
				}
			}
			if refused == 0 {
				t.Error("neither refuses")
			}
		})
	}
	t.Run("no program", func(t *testing.T) {
		r := catalogRepo(t)
		t.Setenv("PATH", t.TempDir())
		if status, _, stderr := run(t, "changed", "--templates", filepath.Join(r.dir, "templates"), "--since", "main"); status != statusFailed || !strings.Contains(stderr, "git is not installed") {
			t.Errorf("status %d: %s", status, stderr)
		}
	})
	t.Run("wrong usage", func(t *testing.T) {
		for _, args := range [][]string{
			{"changed"}, {"changed", "--since", "main", "one"}, {"changed", "--since", "main", "--format", "yaml"},
			{"lint", "ollama", "--changed-since", "main"}, {"lint", "--only", "version"}, {"lint", "--only", "version/major"},
		} {
			if status, _, stderr := run(t, args...); status != statusUsage {
				t.Errorf("%v: status %d: %s", args, status, stderr)
			}
		}
	})
}

// TestChangedRunsNothing looks at a repository whose configuration, attributes and
// hooks would run programs, and past an environment that names another.
func TestChangedRunsNothing(t *testing.T) {
	r := catalogRepo(t)
	r.edit("templates/one/template.yaml", "1.2.3", "1.2.2")
	base := r.git("rev-parse", "main")
	r.commit()
	r.edit("templates/two/template.yaml", "1.2.3", "1.2.2")
	trap := filepath.Join(t.TempDir(), "sprung")
	for _, key := range []string{
		"core.fsmonitor", "filter.trap.clean", "filter.trap.smudge", "filter.trap.process", "diff.trap.textconv", "diff.trap.command", "diff.external",
		"core.pager", "core.sshCommand", "core.gitProxy", "core.askPass", "core.editor", "gpg.program", "core.alternateRefsCommand", "merge.trap.driver", "alias.ls-files", "alias.rev-parse",
	} {
		value := "touch " + trap
		if strings.HasPrefix(key, "alias.") {
			value = "!" + value
		}
		r.git("config", key, value)
	}
	r.write(".git/info/attributes", "* filter=trap diff=trap merge=trap text=auto eol=crlf ident\n")
	for _, hook := range []string{"post-index-change", "pre-commit", "reference-transaction", "fsmonitor-watchman", "post-checkout"} {
		name := filepath.Join(".git/hooks", hook)
		r.write(name, "#!/bin/sh\ntouch "+trap+"\n")
		if err := os.Chmod(filepath.Join(r.dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	// A replaced object would show that nothing has changed.
	replaced := gitRepo{t, r.dir}
	if err := os.MkdirAll(filepath.Join(r.dir, ".git/refs/replace"), 0o755); err != nil {
		t.Fatal(err)
	}
	head := replaced.git("-c", "alias.rev-parse=", "-c", "core.fsmonitor=false", "rev-parse", "HEAD")
	r.write(filepath.Join(".git/refs/replace", base), head+"\n")
	_ = os.Remove(trap)
	other := catalogRepo(t)
	t.Setenv("GIT_DIR", filepath.Join(other.dir, ".git"))
	t.Setenv("GIT_WORK_TREE", other.dir)
	t.Setenv("GIT_EXTERNAL_DIFF", "touch "+trap)
	if got := touched(t, r.dir, "--since", "origin/main"); got != "changed one, changed two" {
		t.Error(got)
	}
	status, stdout, stderr := run(t, "lint", "--only", "version", "--changed-since", "main", "--format", "github", "--templates", filepath.Join(r.dir, "templates"))
	if status != statusFindings || strings.Count(stdout, "version/lower") < 2 {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
	if _, err := os.Stat(trap); err == nil {
		t.Error("a program of the repository was run")
	}
}

func TestChangedMatrix(t *testing.T) {
	r := catalogRepo(t)
	matrix := func() (int, string, string) {
		return run(t, "changed", "--templates", filepath.Join(r.dir, "templates"), "--since", "main", "--format", "matrix")
	}
	if status, stdout, stderr := matrix(); status != statusClean || stdout != `{"include":[]}`+"\n" {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
	if _, stdout, _ := run(t, "changed", "--templates", filepath.Join(r.dir, "templates"), "--since", "main"); !strings.HasPrefix(stdout, "No template is touched since main (") {
		t.Error(stdout)
	}
	r.edit("templates/two/template.yaml", "1.2.3", "1.2.4")
	r.git("rm", "-rq", "templates/one")
	want := `{"include":[{"template":"two","environment":"cpu"},{"template":"two","environment":"nvidia"},{"template":"two","environment":"amd"}]}` + "\n"
	if status, stdout, stderr := matrix(); status != statusClean || stdout != want {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
	// A stranger's name would be put into a shell.
	r.write("templates/$(touch x)/template.yaml", "name: x\n")
	if status, stdout, stderr := matrix(); status != statusFailed || stdout != "" || !strings.Contains(stderr, "is no name for a template") {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
}

// mainGoesOn commits what is there, and changes the main branch of the remote.
func mainGoesOn(r gitRepo, change func()) {
	r.t.Helper()
	r.commit()
	r.git("checkout", "-q", "main")
	change()
	r.commit()
	r.git("push", "-q", "origin", "main")
	r.git("checkout", "-q", "work")
}

// TestLintChangedSince holds versions against those of the base.
func TestLintChangedSince(t *testing.T) {
	beside(t)
	const manifest = "templates/one/template.yaml"
	for _, c := range []struct {
		name   string
		change func(r gitRepo)
		status int
		want   []string
	}{
		{"nothing", func(r gitRepo) {}, statusClean, nil},
		{"a comment", func(r gitRepo) { r.edit(manifest, "terms:", "# Terms.\nterms:") }, statusClean, nil},
		{"the same version", func(r gitRepo) { r.edit(manifest, "ram: 4GiB", "ram: 5GiB") }, statusFindings,
			[]string{"version/major 2 one: cpu: ram is 5GiB, and was 4GiB; that asks for a major version: 1.2.3 → 2.0.0"}},
		{"too low a version", func(r gitRepo) {
			r.edit(manifest, "ram: 4GiB", "ram: 5GiB")
			r.edit(manifest, "1.2.3", "1.3.0")
			r.commit()
		}, statusFindings, []string{"version/major 2 one: cpu: ram is 5GiB, and was 4GiB; that asks for a major version: 1.2.3 → 2.0.0"}},
		{"the right version", func(r gitRepo) {
			r.edit(manifest, "ram: 4GiB", "ram: 5GiB")
			r.edit(manifest, "1.2.3", "2.0.0")
			r.commit()
		}, statusClean, nil},
		{"an addition", func(r gitRepo) {
			r.edit(manifest, "gfx: [gfx90a, ", "gfx: [gfx90a, gfx942, ")
			r.edit(manifest, "1.2.3", "1.2.4")
		}, statusFindings, []string{"version/minor 2 one: amd: the GPU target gfx942 is new; that asks for a minor version: 1.2.3 → 1.3.0"}},
		{"a document", func(r gitRepo) { r.write("templates/one/README.md", "# one\n") }, statusFindings,
			[]string{"version/patch 2 one: the README is another; that asks for a patch version: 1.2.3 → 1.2.4"}},
		{"a lower version", func(r gitRepo) { r.edit(manifest, "1.2.3", "1.1.0") }, statusFindings,
			[]string{"version/lower 2 one: the version is 1.1.0, and 1.2.3 on the base is higher, although nothing has changed that asks for another: write 1.2.3"}},
		{"a higher version of the same", func(r gitRepo) { r.edit(manifest, "1.2.3", "1.2.4") }, statusClean, nil},
		{"a new template", func(r gitRepo) { r.template("three") }, statusClean, nil},
		{"a template gone", func(r gitRepo) { r.git("rm", "-rq", "templates/one") }, statusClean, nil},
		{"a template renamed", func(r gitRepo) {
			r.git("mv", "templates/one", "templates/uno")
			r.edit("templates/uno/template.yaml", "name: one", "name: uno")
			r.edit("templates/uno/template.yaml", "1.2.3", "1.0.0")
		}, statusClean, nil},
		{"policies", func(r gitRepo) { r.write("policies/a/a.rego", "package b\n") }, statusClean, nil},
		{"a version that main has passed", func(r gitRepo) {
			r.edit(manifest, "title: Base", "title: Other")
			r.edit(manifest, "1.2.3", "1.2.4")
			mainGoesOn(r, func() { r.edit(manifest, "1.2.3", "2.0.0") })
		}, statusFindings, []string{"version/lower 2 one: the version is 1.2.4, and origin/main has come to 2.0.0 since this change started; what changes asks for a patch version after that one: take in origin/main and write 2.0.1"}},
		{"a version that main has too", func(r gitRepo) {
			r.edit(manifest, "ram: 4GiB", "ram: 5GiB")
			r.edit(manifest, "1.2.3", "2.0.0")
			mainGoesOn(r, func() {
				r.edit(manifest, "title: Base", "title: Other")
				r.edit(manifest, "1.2.3", "2.0.0")
			})
		}, statusFindings, []string{"version/lower 2 one: the version is 2.0.0, and origin/main has come to 2.0.0 since this change started; what changes asks for a major version after that one: take in origin/main and write 3.0.0"}},
		{"a version above that of main", func(r gitRepo) {
			r.edit(manifest, "title: Base", "title: Other")
			r.edit(manifest, "1.2.3", "2.0.1")
			mainGoesOn(r, func() { r.edit(manifest, "1.2.3", "2.0.0") })
		}, statusClean, nil},
		{"what asks for no version, while main went on", func(r gitRepo) {
			r.edit(manifest, "terms:", "# Terms.\nterms:")
			mainGoesOn(r, func() { r.edit(manifest, "1.2.3", "2.0.0") })
		}, statusClean, nil},
		{"what main has taken in", func(r gitRepo) {
			r.edit(manifest, "1.2.3", "2.0.0")
			mainGoesOn(r, func() {
				r.edit(manifest, "1.2.3", "2.0.0")
				r.write("x", "x") // or it would be the same commit
			})
		}, statusClean, nil},
		{"a new template that main has got too", func(r gitRepo) {
			r.template("three")
			mainGoesOn(r, func() {
				r.template("three")
				r.write("templates/three/README.md", "# Three\n")
			})
		}, statusFindings, []string{"version/lower 2 three: the version is 1.2.3, and origin/main has come to 1.2.3 since this change started; what changes asks for a patch version after that one: take in origin/main and write 1.2.4"}},
		{"a template from another folder", func(r gitRepo) {
			r.git("mv", "templates/one", "one")
			r.commit()
			r.git("push", "-q", "origin", "work:main")
			r.git("mv", "one", "templates/one")
			r.edit(manifest, "ram: 4GiB", "ram: 5GiB")
		}, statusFindings, []string{"version/major 2 one: cpu: ram is 5GiB, and was 4GiB; that asks for a major version: 1.2.3 → 2.0.0"}},
		{"a template that cannot be frozen", func(r gitRepo) { r.edit("templates/one/compose/cpu.yml", "memory: 3gb", "memory: many") }, statusFindings, []string{
			"syntax/model 19 one: is refused by Compose: 'services[model].deploy.resources.limits.memory' invalid size: 'many'",
			"version/compare 2 one: cannot be compared with the version on the base before this is right: compose/cpu.yml:19: is refused by Compose: 'services[model].deploy.resources.limits.memory' invalid size: 'many'",
		}},
		{"a base that cannot be read", func(r gitRepo) {
			r.git("checkout", "-q", "main")
			r.edit("templates/one/compose/cpu.yml", "services:", "services: services:")
			r.commit()
			r.git("push", "-q", "origin", "main")
			r.git("checkout", "-q", "-B", "work")
			r.edit("templates/one/compose/cpu.yml", "services: services:", "services:")
		}, statusFindings, []string{"version/major 2 one: what is on the base cannot be compared: compose/cpu.yml:2: cannot be parsed: mapping values are not allowed in this context; that asks for a major version: 1.2.3 → 2.0.0"}},
		{"a base without a manifest", func(r gitRepo) {
			text, err := os.ReadFile(filepath.Join(r.dir, manifest))
			if err != nil {
				r.t.Fatal(err)
			}
			r.git("checkout", "-q", "main")
			r.git("rm", "-q", manifest)
			r.git("commit", "-qm", "x")
			r.git("push", "-q", "origin", "main")
			r.git("checkout", "-q", "-B", "work")
			r.write(manifest, string(text))
		}, statusClean, nil},
		{"a waiver", func(r gitRepo) {
			r.edit(manifest, "  - rule: trust/root-user", "  - rule: version/patch\n    reason: Nobody will notice this change.\n    expires: 2027-05-31\n  - rule: trust/root-user")
		}, statusFindings, []string{
			"version/patch 2 one: the waivers are others; that asks for a patch version: 1.2.3 → 1.2.4",
			"syntax/waiver-forbidden 99 one: the rule version/patch cannot be waived",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := catalogRepo(t)
			c.change(r)
			status, stdout, stderr := run(t, "lint", "--only", "version", "--changed-since", "origin/main", "--format", "json", "--templates", filepath.Join(r.dir, "templates"))
			var result struct {
				Findings []struct {
					Rule, Message, Template string
					Line                    int
				}
			}
			if err := json.Unmarshal([]byte(stdout), &result); err != nil {
				t.Fatalf("%v: %s%s", err, stdout, stderr)
			}
			var got []string
			for _, f := range result.Findings {
				got = append(got, fmt.Sprintf("%s %d %s: %s", f.Rule, f.Line, f.Template, f.Message))
			}
			if diff := cmp.Diff(c.want, got); diff != "" || status != c.status {
				t.Errorf("status %d (- is expected):\n%s%s", status, diff, stderr)
			}
		})
	}
}

// TestLintChangedSmoke: what a template is no longer tried with as before is told, and
// is no finding.
func TestLintChangedSmoke(t *testing.T) {
	const manifest = "templates/one/template.yaml"
	const all = `smoke:
  ready: 5m
  cases:
    - {name: why, function: answer, input: {question: Why?}, expect: {includes: {answer: Because.}}}
    - {name: how, function: answer, input: {question: How?}}
`
	for _, c := range []struct {
		name, old, new, want string
	}{
		{"nothing", "terms:", "# Terms.\nterms:", ""},
		{"all", all, "", "the case why is gone, the case how is gone, it may take 10m0s to start, and 5m0s before"},
		{"one", "    - {name: how, function: answer, input: {question: How?}}\n", "", "the case how is gone"},
		{"what is expected", ", expect: {includes: {answer: Because.}}", "", "the case why is another"},
		{"patience", "ready: 5m", "ready: 6m", "it may take 6m0s to start, and 5m0s before"},
		{"one more", "    - {name: how", "    - {name: when, function: answer, input: {question: When?}}\n    - {name: how", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := catalogRepo(t)
			r.edit(manifest, "waivers:", all+"waivers:")
			r.commit()
			r.git("push", "-q", "origin", "work:main")
			r.edit(manifest, c.old, c.new)
			status, stdout, stderr := run(t, "lint", "--only", "version", "--changed-since", "origin/main", "--templates", filepath.Join(r.dir, "templates"))
			want := ""
			if c.want != "" {
				want = "ogpu-tpl: the template one is tried in another way than before: " + c.want + "\n"
			}
			if status != statusClean || stderr != want {
				t.Errorf("status %d: %s%s", status, stdout, stderr)
			}
		})
	}
}

// changedCases are the folders with a catalog before and after a change.
func changedCases(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root(t), "testdata", "changed", "*", "want.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal("there are no cases", err)
	}
	for i := range files {
		files[i] = filepath.Dir(files[i])
	}
	return files
}

// TestChangedCases: a catalog as it was committed to main and as it lies in the
// working tree, and what lint says of the change.
func TestChangedCases(t *testing.T) {
	for _, dir := range changedCases(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			r := gitRepo{t, t.TempDir()}
			r.git("init", "-q", "-b", "main")
			if err := os.CopyFS(r.dir, os.DirFS(filepath.Join(dir, "base"))); err != nil {
				t.Fatal(err)
			}
			r.commit()
			r.git("rm", "-rq", "templates")
			if err := os.CopyFS(r.dir, os.DirFS(filepath.Join(dir, "head"))); err != nil {
				t.Fatal(err)
			}
			t.Chdir(r.dir)
			status, stdout, stderr := run(t, "lint", "--changed-since", "main", "--only", "version", "--format", "json")
			var result struct {
				Findings []struct {
					found
					Message string `json:"message"`
				}
			}
			if err := json.Unmarshal([]byte(stdout), &result); err != nil {
				t.Fatalf("%v: %s%s", err, stdout, stderr)
			}
			var lines strings.Builder
			for _, f := range result.Findings {
				fmt.Fprintf(&lines, "%s:%d:%d %s %s %s\n", f.File, f.Line, f.Column, f.Severity, f.Rule, f.Message)
			}
			golden(t, filepath.Join(dir, "want.txt"), lines.String())
			if (status == statusClean) != (lines.Len() == 0) {
				t.Errorf("status %d: %s", status, stderr)
			}
		})
	}
}

// TestLintNothingChanged: a report about nothing is a whole report, in each format.
func TestLintNothingChanged(t *testing.T) {
	r := catalogRepo(t)
	r.git("rm", "-rq", "templates/two")
	for _, format := range report.Formats() {
		status, stdout, stderr := run(t, "lint", "--changed-since", "main", "--format", format, "--templates", filepath.Join(r.dir, "templates"))
		if status != statusClean || !strings.Contains(stderr, "no template is touched since main") || !strings.Contains(stderr, "the template two is removed") {
			t.Errorf("%s: status %d: %s", format, status, stderr)
		}
		var err error
		var any struct{}
		switch format {
		case "json", "sarif":
			err = json.Unmarshal([]byte(stdout), &any)
		case "junit":
			err = xml.Unmarshal([]byte(stdout), &any)
		case "text":
			if !strings.Contains(stdout, "Clean: 0 compose files") {
				t.Error(stdout)
			}
		}
		if err != nil {
			t.Errorf("%s: %v: %s", format, err, stdout)
		}
	}
}

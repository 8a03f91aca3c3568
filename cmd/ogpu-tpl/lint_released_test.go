package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

// notedState is how the template of testdata/changed/releases.yaml lies there.
type notedState struct {
	Version, Note, Rename string
	Edit                  [][3]string
	Gone, Moved, Ignored  bool
	// Merged is on a branch before it is what it is on main.
	Merged string
}

// notedCase is an entry of testdata/changed/releases.yaml.
type notedCase struct {
	Name   string
	Main   []notedState
	Change notedState
	Later  []notedState
	Want   []string
	Said   string
}

const notedCasesFile = "testdata/changed/releases.yaml"

func notedCases(t *testing.T) (all []notedCase) {
	t.Helper()
	decoder := yaml.NewDecoder(strings.NewReader(read(t, filepath.Join(root(t), notedCasesFile))))
	decoder.KnownFields(true)
	if err := decoder.Decode(&all); err != nil {
		t.Fatal(err)
	}
	return all
}

// digestsOf replaces the digests that a text names, such as <1.0.0> or <uno 1.0.0>, by
// those that freeze prints, and the other way round.
type digestsOf struct {
	t     *testing.T
	known map[string]string
}

var namedDigest = regexp.MustCompile(`<((\w+) )?([0-9]+\.[^>]*)>`)

func (d digestsOf) in(text string) string {
	return namedDigest.ReplaceAllStringFunc(text, func(named string) string {
		if d.known[named] == "" {
			match := namedDigest.FindStringSubmatch(named)
			name := match[2]
			if name == "" {
				name = "one"
			}
			r := gitRepo{d.t, d.t.TempDir()}
			dir := r.noted("one", notedState{Version: match[3], Rename: name})
			status, stdout, stderr := run(d.t, "freeze", filepath.Join(r.dir, "templates", dir), "--format", "json", "--output", filepath.Join(r.dir, "out"))
			var frozen struct{ Digest string }
			if err := json.Unmarshal([]byte(stdout), &frozen); err != nil || status != statusClean {
				d.t.Fatalf("%s: status %d: %s", named, status, stderr)
			}
			d.known[named] = frozen.Digest
		}
		return d.known[named]
	})
}

func (d digestsOf) out(text string) string {
	for named, digest := range d.known {
		text = strings.ReplaceAll(text, digest, named)
	}
	text = regexp.MustCompile(`sha256:[0-9a-f]{64}`).ReplaceAllStringFunc(text, func(digest string) string {
		if first := digest[len("sha256:"):][:1]; digest == "sha256:"+strings.Repeat(first, 64) {
			return "<" + first + ">"
		}
		return "<another>"
	})
	return regexp.MustCompile(`\bat [0-9a-f]{12}\b`).ReplaceAllString(text, "at COMMIT")
}

// noted makes the template name what a state says, and says how it is called then.
func (r gitRepo) noted(name string, s notedState) string {
	r.t.Helper()
	dir := "templates/" + name
	if s.Gone {
		if err := os.RemoveAll(filepath.Join(r.dir, dir)); err != nil {
			r.t.Fatal(err)
		}
		return name
	}
	if _, err := os.Stat(filepath.Join(r.dir, dir)); err != nil {
		copyTree(r.t, filepath.Join(root(r.t), "testdata/release/sample"), filepath.Join(r.dir, dir))
		r.edit(dir+"/template.yaml", "name: sample", "name: "+name)
	}
	manifest := regexp.MustCompile(`(?m)^version: .*$`).ReplaceAllString(read(r.t, filepath.Join(r.dir, dir, "template.yaml")), "version: "+s.Version)
	if s.Version != "" {
		r.write(dir+"/template.yaml", manifest)
	}
	switch s.Note {
	case "":
	case "none":
		if err := os.Remove(filepath.Join(r.dir, dir, "releases.json")); err != nil {
			r.t.Fatal(err)
		}
	default:
		r.write(dir+"/releases.json", s.Note)
	}
	for _, edit := range s.Edit {
		r.edit(dir+"/"+edit[0], edit[1], edit[2])
	}
	if s.Rename != "" && s.Rename != name {
		if err := os.Rename(filepath.Join(r.dir, dir), filepath.Join(r.dir, "templates", s.Rename)); err != nil {
			r.t.Fatal(err)
		}
		r.edit("templates/"+s.Rename+"/template.yaml", "name: "+name, "name: "+s.Rename)
		return s.Rename
	}
	return name
}

// TestLintReleased: notes of what was released, and what lint says of a change of them.
// The digests are those that freeze prints.
func TestLintReleased(t *testing.T) {
	d := digestsOf{t, map[string]string{}}
	named := func(s notedState) notedState {
		s.Note = d.in(strings.NewReplacer("<1>", "sha256:"+strings.Repeat("1", 64), "<2>", "sha256:"+strings.Repeat("2", 64)).Replace(s.Note))
		return s
	}
	d.in(read(t, filepath.Join(root(t), notedCasesFile)))
	for _, c := range notedCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			r := gitRepo{t, t.TempDir()}
			r.git("init", "-q", "-b", "main")
			r.template("two")
			commit := func(name string, s notedState) {
				if s.Merged != "" {
					r.git("checkout", "-q", "-b", "side")
					r.noted(name, notedState{Version: s.Merged})
					r.commit()
				}
				if s.Moved {
					// The catalog lies elsewhere for a while.
					r.git("mv", "templates/"+name, name)
					r.commit()
					return
				}
				r.noted(name, named(s))
				r.commit()
				if s.Merged != "" {
					r.git("checkout", "-q", "main")
					r.git("merge", "-q", "--no-ff", "-m", "x", "side")
				}
			}
			for _, s := range c.Main {
				commit("one", s)
			}
			if c.Main[len(c.Main)-1].Moved {
				r.git("branch", "work")
				if err := os.Rename(filepath.Join(r.dir, "one"), filepath.Join(r.dir, "templates/one")); err != nil {
					t.Fatal(err)
				}
			} else {
				r.git("checkout", "-q", "-b", "work")
			}
			r.noted("one", named(c.Change))
			if c.Change.Ignored {
				r.git("rm", "-q", "--cached", "templates/one/releases.json")
				r.write(".git/info/exclude", "releases.json\n")
			}
			if len(c.Later) > 0 {
				r.commit()
				r.git("checkout", "-q", "main")
				for _, s := range c.Later {
					commit("one", s)
				}
				r.git("checkout", "-q", "work")
			}
			templates := filepath.Join(r.dir, "templates")
			status, stdout, stderr := run(t, "lint", "--templates", templates, "--changed-since", "main", "--only", "version/released,syntax/releases", "--format", "json")
			var result struct {
				Findings []struct {
					found
					Message, Template string
				}
			}
			if err := json.Unmarshal([]byte(stdout), &result); err != nil {
				t.Fatalf("%v: %s%s", err, stdout, stderr)
			}
			var got []string
			for _, f := range result.Findings {
				if f.Severity != "error" || f.Template == "" {
					t.Errorf("%+v", f)
				}
				if f.Rule != "version/released" {
					f.Message = f.Rule
				}
				got = append(got, fmt.Sprintf("%s:%d:%d %s", strings.TrimPrefix(f.File, filepath.ToSlash(templates)+"/"), f.Line, f.Column, f.Message))
			}
			for i := range got {
				got[i] = d.out(got[i])
			}
			if diff := cmp.Diff(c.Want, got); diff != "" || (status == statusClean) != (len(got) == 0) {
				t.Errorf("status %d (- is expected):\n%s%s", status, diff, stderr)
			}
			if said := d.out(stderr); len(got) > 0 && strings.Contains(said, "nothing to check") || c.Said != "" && !strings.Contains(said, c.Said) || c.Said == "" && strings.Contains(said, "held against") {
				t.Error(said)
			}
		})
	}
}

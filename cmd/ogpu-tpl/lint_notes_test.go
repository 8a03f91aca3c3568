package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestNotesBesideTheTemplates: a pull request may touch nothing but what machines note,
// which no template's own files tell of. Who names a template is told of that one alone.
func TestNotesBesideTheTemplates(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want, named string }{
		"releases.json":   {"templates/one/releases.json", `{"1.0.0"`, "templates/one/releases.json:1", "one"},
		"publishers.yaml": {"publishers.yaml", "mainet: {}\n", "publishers.yaml:1:1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := catalogRepo(t)
			t.Chdir(r.dir)
			for _, args := range [][]string{{"lint"}, {"lint", "--changed-since", "main"}} {
				if _, stdout, _ := run(t, append(args, "--only", "syntax")...); strings.Contains(stdout, filepath.Base(c.file)) {
					t.Errorf("%v: %s", args, stdout)
				}
			}
			r.write(c.file, c.text)
			for args, finds := range map[string]bool{"": true, "--changed-since main": true, "one": c.named == "one", "two": false} {
				status, stdout, stderr := run(t, append([]string{"lint", "--only", "syntax"}, strings.Fields(args)...)...)
				if found := strings.Contains(stdout, "--> "+c.want); found != finds || finds && status != statusFindings {
					t.Errorf("lint %s: status %d\n%s%s", args, status, stdout, stderr)
				}
			}
		})
	}
}

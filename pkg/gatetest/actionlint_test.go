package gatetest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opengpu-network/templates/pkg/programtest"
)

// TestActionlint has actionlint look at each workflow. Shellcheck may or may not be
// there: the workflows must not depend on it.
func TestActionlint(t *testing.T) {
	actionlint := programtest.Build(t, "testdata/gate/actionlint", "actionlint")
	lint := func(files ...string) (string, error) {
		command := programtest.Command(t, actionlint, append([]string{"-no-color", "-shellcheck=", "-pyflakes=", "-config-file", filepath.Join(root(t), ".github/actionlint.yaml")}, files...)...)
		command.Dir = root(t) // the paths in its configuration are from there
		out, err := command.CombinedOutput()
		return string(out), err
	}
	for _, w := range workflows(t) {
		t.Run(w.File, func(t *testing.T) {
			if out, err := lint(filepath.Join(root(t), ".github/workflows", w.File)); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	broken := filepath.Join(t.TempDir(), "broken.yml")
	text := strings.Replace(workflows(t)["publish.yml"].Text, "needs.plan.outputs.jobs", "needs.plan.outputs.job", 1)
	if err := os.WriteFile(broken, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := lint(broken); err == nil || !strings.Contains(out, `"job" is not defined`) {
		t.Errorf("an output that no job has is let through: %v\n%s", err, out)
	}
}

// TestScripts has bash read each script, and makes sure that all of them stop at the
// first error and say what they are for.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root(t), ".github/scripts/*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	all := read(t, filepath.Join(root(t), "action.yml"))
	for _, w := range workflows(t) {
		all += w.Text
	}
	for _, file := range files {
		all += read(t, file)
	}
	for _, file := range files {
		if out, err := programtest.Command(t, "bash", "-n", file).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", file, err, out)
		}
		name, text := filepath.Base(file), read(t, file)
		if !strings.HasPrefix(text, "#!/usr/bin/env bash\n# "+name) || !strings.Contains(text, "\nset -euo pipefail\n") {
			t.Errorf("%s does not begin as the others do", file)
		}
		if !strings.Contains(all, "/"+name) {
			t.Errorf("nothing runs %s", file)
		}
	}
}

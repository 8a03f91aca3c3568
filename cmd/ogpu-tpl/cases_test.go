package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The cases under testdata/lint are data: a folder with a compose.yml, with template
// folders, or with a whole catalog, whose templates are in its folder templates. In testdata/lint/err the file expected.txt lists what is
// found, a line each: `file:line:column severity rule`. In testdata/lint/ok
// nothing may be found. Arguments stand in a first line `# args: …` of
// expected.txt, or in args.txt.

// A case's findings as the program's JSON gives them.
type found struct {
	Rule     string `json:"rule"`
	Severity string `json:"severity"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Waived   bool   `json:"waived"`
}

// lintCase lints a case's folder from within and returns its findings.
func lintCase(t *testing.T, dir, header string) (status int, lines []string) {
	t.Helper()
	t.Chdir(dir)
	args := append([]string{"lint", "--format", "json"}, strings.Fields(strings.TrimPrefix(header, "# args:"))...)
	args = append(args, caseTargets(t)...)
	status, stdout, stderr := run(t, args...)
	var report struct{ Findings []found }
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatalf("%v: status %d: %s%s", args, status, stdout, stderr)
	}
	for _, f := range report.Findings {
		line := fmt.Sprintf("%s:%d:%d %s %s", f.File, f.Line, f.Column, f.Severity, f.Rule)
		if f.Waived {
			line += " waived"
		}
		lines = append(lines, line)
	}
	return status, lines
}

func caseTargets(t *testing.T) (targets []string) {
	t.Helper()
	if isDir("templates") {
		return nil
	}
	manifests, err := filepath.Glob("*/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, manifest := range manifests {
		targets = append(targets, "./"+filepath.Dir(manifest))
	}
	if len(targets) == 0 {
		targets = []string{"compose.yml"}
	}
	return targets
}

func cases(t *testing.T, kind string) []string {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(root(t), "testdata", "lint", kind, "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatal("there are no cases of kind", kind, err)
	}
	return dirs
}

func TestLintFinds(t *testing.T) {
	for _, dir := range cases(t, "err") {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			expected, err := os.ReadFile(filepath.Join(dir, "expected.txt"))
			if err != nil {
				t.Fatal(err)
			}
			header, _, ok := strings.Cut(string(expected), "\n")
			if !strings.HasPrefix(header, "# args:") {
				t.Fatal("expected.txt does not start with `# args:`", ok)
			}
			status, lines := lintCase(t, dir, header)
			if len(lines) == 0 || status > statusFindings {
				t.Errorf("nothing is found, status %d", status)
			}
			golden(t, filepath.Join(dir, "expected.txt"), header+"\n"+strings.Join(lines, "\n")+"\n")
		})
	}
}

func TestLintIsSilent(t *testing.T) {
	for _, dir := range cases(t, "ok") {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			args, err := os.ReadFile(filepath.Join(dir, "args.txt"))
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			status, lines := lintCase(t, dir, strings.TrimSpace(string(args)))
			if status != statusClean || len(lines) > 0 {
				t.Errorf("status %d, findings:\n%s", status, strings.Join(lines, "\n"))
			}
		})
	}
}

// Every rule fires in some case: one that never does may as well not work.
func TestEveryRuleFires(t *testing.T) {
	fired := map[string]bool{}
	var files []string
	for _, dir := range cases(t, "err") {
		files = append(files, filepath.Join(dir, "expected.txt"))
	}
	for _, dir := range sourceCases(t) {
		files = append(files, filepath.Join(dir, "want.txt"))
	}
	for _, dir := range changedCases(t) {
		files = append(files, filepath.Join(dir, "want.txt"))
	}
	for _, file := range files {
		expected, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(expected)) {
			if fields := strings.Fields(line); len(fields) >= 3 && fields[0] != "#" {
				fired[fields[2]] = true
			}
		}
	}
	_, stdout, _ := run(t, "rules", "--format", "json")
	var rules []struct{ ID string }
	if err := json.Unmarshal([]byte(stdout), &rules); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, rule := range rules {
		known[rule.ID] = true
		if !fired[rule.ID] {
			t.Errorf("no case under testdata/lint/err, testdata/source or testdata/changed makes %s fire", rule.ID)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(fired)) {
		if !known[id] {
			t.Errorf("a case expects %s, which is no rule", id)
		}
	}
}

// The catalog itself is clean.
func TestCatalogIsClean(t *testing.T) {
	t.Chdir(root(t))
	if status, stdout, stderr := run(t, "lint"); status != statusClean {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
}

package main

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// unsafe is a custom source with findings: the example of the README.
const unsafe = "docs/examples/unsafe.yml"

// Every exit status, by what a user types.
func TestExitStatus(t *testing.T) {
	t.Chdir(root(t))
	for _, c := range []struct {
		args   string
		status int
		says   string
	}{
		{"lint ollama", statusClean, "Clean"},
		{"lint ollama --fail-on notice", statusClean, ""},
		{"lint huggingface-pipeline --fail-on notice", statusFindings, "trust/image-unpinned"},
		{"lint ./templates/ollama templates/text-to-image/", statusClean, "2 templates"},
		{"lint templates/ollama/compose/cpu.yml", statusClean, "1 compose file of 1 template"},
		{"lint --templates templates ollama", statusClean, ""},
		{"lint " + unsafe, statusFindings, "trust/engine-socket"},
		{"lint " + unsafe + " --only contract", statusClean, "Skipped: all but contract"},
		{"lint " + unsafe + " --skip trust --skip hardware/shm-size", statusClean, "Skipped: trust, hardware/shm-size"},
		{"lint " + unsafe + " --only trust --skip trust/bind-mount,trust/engine-socket", statusClean, ""},
		{"lint " + unsafe + " --environment amd --only hardware/amd-devices", statusFindings, "hardware/amd-devices"},
		{"", statusClean, "COMMANDS"},
		{"--help", statusClean, "COMMANDS"},
		{"--version", statusClean, "ogpu-tpl version"},
		{"lint --help", statusClean, "Examples:"},
		{"lnt", statusUsage, `did you mean "lint"?`},
		{"show ollama --environment cpu", statusUsage, "unknown flag --environment"},
		{"lint --fromat json", statusUsage, `did you mean "--format"?`},
		{"lint olama", statusUsage, `did you mean "ollama"?`},
		{"lint nowhere.yml", statusUsage, "no such template or file"},
		{"lint docs", statusUsage, "is neither a template nor a compose file"},
		{"lint --format yaml", statusUsage, "use text, json, sarif, github, junit or markdown"},
		{"lint --fail-on fatal", statusUsage, "use error, warning or notice"},
		{"lint --environment gpu", statusUsage, "use cpu, nvidia or amd"},
		{"lint --only trust/privilegd", statusUsage, `did you mean "trust/privileged"?`},
		{"lint --skip nothing", statusUsage, "unknown rule or category"},
		{"lint --only trust --skip trust", statusUsage, "leave no rule"},
		{"lint --skip syntax", statusUsage, "cannot be skipped"},
		{"lint --templates nowhere", statusUsage, "no such file or directory"},
		{"lint --policies nowhere", statusUsage, "no such file or directory"},
		{"lint --policies docs", statusFailed, "only top-level key must be custom"},
		{"lint --policies templates/ollama/compose", statusFailed, "only top-level key must be custom"},
		{"lint --output nowhere/report.txt", statusFailed, "cannot be written"},
		{"list x", statusUsage, "takes no argument"},
		{"show", statusUsage, "give one template"},
		{"show nobody", statusUsage, "there is no template"},
		{"show ollama --format xml", statusUsage, "use text or json"},
		{"rules trust/privilege", statusUsage, `did you mean "trust/privileged"?`},
		{"rules a b", statusUsage, "give one rule"},
		{"rules --format xml", statusUsage, "use text, json or markdown"},
		{"new", statusUsage, "give the new template's name"},
		{"new ollama", statusUsage, "already"},
		{"new Bad_Name", statusUsage, "is no name"},
		{"new x --environment tpu", statusUsage, "use cpu, nvidia or amd"},
		{"render huggingface-pipeline --set task=summarization --set model=facebook/bart-large-cnn", statusClean, "revision kept the default"},
		{"render ollama", statusClean, "this is the file for cpu; --environment takes cpu, nvidia or amd"},
		{"render text-to-image --environment cpu", statusUsage, "does not support cpu"},
		{"render ollama -e cpu --set contxt-length=1", statusUsage, `did you mean "context-length"?`},
		{"render ollama -e cpu --set parallel", statusUsage, "NAME=VALUE"},
		{"render ollama -e cpu --set parallel=1 --set parallel=2", statusUsage, "set twice"},
		{"completion tcsh", statusUsage, "bash, zsh or fish"},
	} {
		status, stdout, stderr := run(t, strings.Fields(c.args)...)
		if status != c.status || !strings.Contains(stdout+stderr, c.says) {
			t.Errorf("ogpu-tpl %s: status %d, want %d and %q\n%s%s", c.args, status, c.status, c.says, stdout, stderr)
		}
		if status == statusUsage && (stdout != "" || strings.Count(stderr, "\n") != 1) {
			t.Errorf("ogpu-tpl %s: a usage error is one line on stderr, not\n%s%s", c.args, stdout, stderr)
		}
	}
}

// What is no compose file at all is a finding, and nothing waits or crashes.
func TestBadInput(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	write("empty.yml", "")
	write("utf8.yml", "services:\n  a\xff: {}\n")
	write("zeros.yml", "\x00\x00\x00")
	write("large.yml", "")
	must(os.Truncate("large.yml", 4<<30))
	must(syscall.Mkfifo("pipe.yml", 0o644))
	must(os.Symlink("/etc/passwd", "absolute.yml"))
	must(os.Symlink("../escape.yml", "relative.yml"))
	must(os.Symlink("loop.yml", "loop.yml"))
	must(os.MkdirAll("folder.yml", 0o755))
	must(os.MkdirAll("templates/broken/compose/cpu.yml", 0o755))
	write("templates/broken/template.yaml", "")
	must(os.Symlink("/etc/passwd", "templates/broken/README.md"))
	for target, want := range map[string]struct {
		status int
		says   string
	}{
		"empty.yml":    {statusFindings, "is empty"},
		"utf8.yml":     {statusFindings, "is not valid UTF-8"},
		"zeros.yml":    {statusFindings, "syntax/yaml"},
		"large.yml":    {statusFindings, "is larger than 262144 bytes"},
		"pipe.yml":     {statusFindings, "is not a regular file but a named pipe"},
		"absolute.yml": {statusFindings, "cannot be read"},
		"folder.yml":   {statusUsage, "is neither a template nor a compose file"},
		"broken":       {statusFindings, "syntax/yaml"},
	} {
		status, stdout, stderr := run(t, "lint", target)
		if status != want.status || !strings.Contains(stdout+stderr, want.says) {
			t.Errorf("lint %s: status %d, want %d and %q\n%s%s", target, status, want.status, want.says, stdout, stderr)
		}
		if strings.Contains(stdout+stderr, "root:") {
			t.Errorf("lint %s shows a file from outside", target)
		}
	}
	for _, target := range []string{"relative.yml", "loop.yml"} {
		if status, _, _ := run(t, "lint", target); status == statusClean {
			t.Errorf("lint %s is a pass", target)
		}
	}
	must(os.RemoveAll("templates"))
	must(os.Mkdir("templates", 0o755))
	if status, _, stderr := run(t, "lint", "--templates", "templates"); status != statusFailed || !strings.Contains(stderr, "holds no template") {
		t.Errorf("an empty catalog: status %d: %s", status, stderr)
	}
}

// Nothing of this machine has a part in what is found.
func TestHermetic(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("SECRET", "from-the-environment")
	if err := os.WriteFile(".env", []byte("SECRET=from-a-file\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("compose.yml", []byte("services:\n  a: {image: \"${SECRET}\", user: \"~\"}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, stdout, _ := run(t, "lint", "compose.yml", "--format", "json")
	if strings.Contains(stdout, "from-") {
		t.Errorf("the machine leaks into the model:\n%s", stdout)
	}
	if !strings.Contains(stdout, "SECRET") {
		t.Error("the variable is not reported")
	}
}

func TestFormatsOfARun(t *testing.T) {
	t.Chdir(root(t))
	for _, format := range []string{"text", "json", "sarif", "github", "junit"} {
		_, first, _ := run(t, "lint", "--format", format, unsafe, "ollama")
		_, second, _ := run(t, "lint", "--format", format, unsafe, "ollama")
		if first != second || first == "" {
			t.Errorf("%s: two runs differ", format)
		}
		if !strings.Contains(first, "trust/engine-socket") {
			t.Errorf("%s does not name the rule", format)
		}
		switch format {
		case "json", "sarif":
			if !json.Valid([]byte(first)) {
				t.Errorf("%s is no JSON", format)
			}
		case "junit":
			if err := xml.Unmarshal([]byte(first), new(struct{})); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestOutputFile(t *testing.T) {
	t.Chdir(root(t))
	file := filepath.Join(t.TempDir(), "report.json")
	status, stdout, _ := run(t, "lint", unsafe, "--format", "json", "--output", file)
	data, err := os.ReadFile(file)
	if err != nil || status != statusFindings || stdout != "" || !json.Valid(data) {
		t.Errorf("status %d, %v, stdout %q", status, err, stdout)
	}
	// A wrong command line leaves an older report alone.
	if status, _, _ := run(t, "lint", unsafe, "--format", "jsn", "--output", file); status != statusUsage {
		t.Errorf("status %d", status)
	}
	if after, err := os.ReadFile(file); err != nil || string(after) != string(data) {
		t.Error("the older report is damaged")
	}
}

func TestColor(t *testing.T) {
	t.Chdir(root(t))
	for _, c := range []struct {
		env     map[string]string
		flag    string
		colored bool
	}{
		{nil, "", false},
		{map[string]string{"FORCE_COLOR": "1"}, "", true},
		{map[string]string{"CLICOLOR_FORCE": "1"}, "", true},
		{map[string]string{"CLICOLOR_FORCE": "0"}, "", false},
		{map[string]string{"FORCE_COLOR": "1", "NO_COLOR": "1"}, "", false},
		{map[string]string{"FORCE_COLOR": "1"}, "--no-color", false},
	} {
		args := []string{"lint", unsafe}
		if c.flag != "" {
			args = append(args, c.flag)
		}
		_, stdout, _ := runWith(t, c.env, args...)
		if colored := strings.Contains(stdout, "\x1b["); colored != c.colored {
			t.Errorf("%v %s: coloured is %v", c.env, c.flag, colored)
		}
	}
}

// An organisation's own rule takes part like any other: it finds, it can be
// chosen, and the built-in ones still apply.
func TestOwnPolicies(t *testing.T) {
	t.Chdir(root(t))
	dir := t.TempDir()
	rule := `# METADATA
# title: Names of services
# description: Our names say the team.
# custom:
#   severity: warning
#   waivable: true
#   subject: compose
#   remediation: Start the name with our team's.
package custom.names

violation contains {"path": ["services", name], "message": sprintf("service %q has no team", [name])} if {
	some name, _ in input.project.services
	not startswith(name, "team-")
}
`
	if err := os.MkdirAll(filepath.Join(dir, "names"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "names", "names.rego"), []byte(rule), 0o644); err != nil {
		t.Fatal(err)
	}
	status, stdout, stderr := run(t, "lint", unsafe, "--policies", dir)
	if status != statusFindings || !strings.Contains(stdout, "custom/names") || !strings.Contains(stdout, "trust/engine-socket") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	if _, stdout, _ := run(t, "lint", unsafe, "--policies", dir, "--only", "custom"); !strings.Contains(stdout, "0 errors, 1 warning") {
		t.Error(stdout)
	}
	if _, stdout, _ := run(t, "rules", "--policies", dir, "custom/names"); !strings.Contains(stdout, "Our names say the team.") {
		t.Error(stdout)
	}
}

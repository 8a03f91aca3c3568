package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What `new` makes lints clean as it is, for every set of environments.
func TestNewLintsClean(t *testing.T) {
	for _, environments := range []string{"", "cpu", "nvidia", "amd", "cpu nvidia", "cpu nvidia amd"} {
		t.Run(environments, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := os.Mkdir("templates", 0o755); err != nil {
				t.Fatal(err)
			}
			args := []string{"new", "my-model"}
			for _, environment := range strings.Fields(environments) {
				args = append(args, "--environment", environment)
			}
			if status, stdout, stderr := run(t, args...); status != statusClean || !strings.Contains(stdout, "ogpu-tpl lint my-model") {
				t.Fatalf("status %d\n%s%s", status, stdout, stderr)
			}
			if status, stdout, stderr := run(t, "lint"); status != statusClean {
				t.Errorf("status %d\n%s%s", status, stdout, stderr)
			}
			if status, _, _ := run(t, args...); status != statusUsage {
				t.Error("a template is made twice")
			}
			// Its smoke run tries good and bad input.
			var manifest struct {
				Smoke struct {
					Cases []struct{ Expect struct{ Status int } }
				}
			}
			_, stdout, _ := run(t, "show", "my-model", "--format", "json")
			if err := json.Unmarshal([]byte(stdout), &manifest); err != nil {
				t.Fatal(err)
			}
			if tried := manifest.Smoke.Cases; len(tried) != 2 || tried[0].Expect.Status != 0 || tried[1].Expect.Status != 422 {
				t.Errorf("the smoke cases are %+v", tried)
			}
		})
	}
}

func TestShow(t *testing.T) {
	t.Chdir(root(t))
	for _, name := range []string{"huggingface-pipeline", "ollama", "text-to-image"} {
		if status, stdout, stderr := run(t, "show", name); status != statusClean || !strings.Contains(stdout, "Functions") {
			t.Errorf("status %d\n%s%s", status, stdout, stderr)
		}
		_, stdout, _ := run(t, "show", name, "--format", "json")
		var manifest struct{ Name string }
		if err := json.Unmarshal([]byte(stdout), &manifest); err != nil || manifest.Name != name {
			t.Errorf("%v in %s", err, stdout)
		}
	}
	var entries []struct{ Name string }
	_, stdout, _ := run(t, "list", "--format", "json")
	if err := json.Unmarshal([]byte(stdout), &entries); err != nil || len(entries) < 3 {
		t.Errorf("%v in %s", err, stdout)
	}
}

// A rendered file lints as the template's own does: a value stays in its place.
func TestRenderedLintsClean(t *testing.T) {
	t.Chdir(root(t))
	dir := filepath.Join(t.TempDir(), "huggingface-pipeline")
	if err := os.CopyFS(dir, os.DirFS("templates/huggingface-pipeline")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "compose", "cpu.yml")
	status, _, stderr := run(t, "render", "huggingface-pipeline", "--environment", "cpu", "--output", file, "--set", "task=summarization")
	if status != statusClean {
		t.Fatal(stderr)
	}
	text, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(text), "summarization") {
		t.Fatalf("%v\n%s", err, text)
	}
	// The manifest's default is another one now, which is all that lint says.
	_, stdout, _ := run(t, "lint", dir, "--format", "json", "--only", "trust", "--only", "contract", "--only", "hardware", "--fail-on", "warning")
	if !strings.Contains(stdout, `"errors": 0,`) || !strings.Contains(stdout, `"warnings": 0,`) {
		t.Error(stdout)
	}
}

func TestCompletion(t *testing.T) {
	t.Chdir(root(t))
	for _, shell := range []string{"bash", "zsh", "fish"} {
		if status, stdout, _ := run(t, "completion", shell); status != statusClean || !strings.Contains(stdout, "ogpu-tpl") {
			t.Errorf("%s: status %d, %s", shell, status, stdout)
		}
	}
	for args, want := range map[string]string{
		"--generate-bash-completion":               "render",
		"lint --generate-bash-completion":          "ollama",
		"lint --f --generate-bash-completion":      "--format",
		"rules --generate-bash-completion":         "trust/privileged",
		"completion --generate-bash-completion":    "fish",
		"show --generate-bash-completion":          "text-to-image",
		"render ollama --generate-bash-completion": "ollama",
		"lint --format --generate-bash-completion": "sarif",
		"lint --only --generate-bash-completion":   "contract/port",
	} {
		if _, stdout, _ := run(t, strings.Fields(args)...); !strings.Contains(stdout, want) {
			t.Errorf("%s offers %q, not %s", args, stdout, want)
		}
	}
}

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAddedRegistries: every report says once what a folder adds, and one without such a
// folder nothing.
func TestAddedRegistries(t *testing.T) {
	t.Chdir(filepath.Join(root(t), "testdata/lint/ok/own-registries"))
	const text = "Registries added: ghcr.io/acme/, registry.acme.example:5000/ml/"
	const machine = `"registries": [ "ghcr.io/acme/", "registry.acme.example:5000/ml/" ]`
	for format, places := range map[string]string{
		"text": text, "github": text, "junit": text, "json": machine, "sarif": machine,
		"markdown": `Registries added: ghcr\.io\/acme\/\, registry\.acme\.example\:5000\/ml\/`,
	} {
		args := []string{"lint", "compose.yml", "--only", "trust/image-registry", "--format", format}
		status, stdout, stderr := run(t, append(args, "--policies", "own")...)
		if status != statusClean || strings.Count(strings.Join(strings.Fields(stdout), " "), places) != 1 || stderr != "" {
			t.Errorf("%s: status %d\n%s%s", format, status, stdout, stderr)
		}
		status, stdout, stderr = run(t, args...)
		if status != statusFindings || strings.Contains(stdout+stderr, "added") || strings.Contains(stdout, "registries\": [") {
			t.Errorf("%s, without the folder: status %d\n%s%s", format, status, stdout, stderr)
		}
	}
}

// TestAddedRegistriesAreNarrow: a folder adds registries with their namespaces, each with
// a reason. It can neither open all doors nor touch what is there.
func TestAddedRegistriesAreNarrow(t *testing.T) {
	const narrow, answers = "a whole registry cannot be added", "say who answers"
	const other = "the only table that can be added to is registries"
	place := func(name, why string) string { return fmt.Sprintf("tables:\n  registries:\n    %s: %s\n", name, why) }
	many := "tables:\n  registries:\n"
	for i := range 101 {
		many += fmt.Sprintf("    ghcr.io/acme%d: Ours.\n", i)
	}
	for name, c := range map[string]struct{ text, want string }{
		"everything":            {place(`"*"`, "Ours."), narrow},
		"all namespaces":        {place(`"ghcr.io/*"`, "Ours."), narrow},
		"no name":               {place(`""`, "Ours."), narrow},
		"a blank":               {place(`" "`, "Ours."), narrow},
		"a slash":               {place(`"/"`, "Ours."), narrow},
		"a registry":            {place("docker.io", "Ours."), narrow},
		"a registry, slash":     {place("docker.io/", "Ours."), narrow},
		"a registry and a port": {place(`"registry.acme.example:5000"`, "Ours."), narrow},
		"localhost":             {place("localhost", "Ours."), narrow},
		"a slash at the end":    {place("ghcr.io/acme/", "Ours."), narrow},
		"a name up the tree":    {place("ghcr.io/acme/..", "Ours."), narrow},
		"an image with a tag":   {place(`"ghcr.io/acme:1"`, "Ours."), narrow},
		"a short name":          {place("acme/model", "Ours."), narrow},
		"another name of Hub":   {place("index.docker.io/acme", "Ours."), narrow},
		"capitals":              {place("ghcr.io/Acme", "Ours."), narrow},
		"a scheme":              {place(`"https://ghcr.io/acme"`, "Ours."), narrow},
		"too deep":              {place("ghcr.io/a/b/c/d", "Ours."), "more than 4 parts"},
		"no reason":             {place("ghcr.io/acme", `""`), answers},
		"null":                  {place("ghcr.io/acme", "null"), answers},
		"false":                 {place("ghcr.io/acme", "false"), answers},
		"one that is there":     {place("docker.io/huggingface", "Ours."), "already there"},
		"one taken away":        {place("docker.io/huggingface", "null"), "already there"},
		"twice":                 {place("ghcr.io/acme", "Ours.") + "    ghcr.io/acme: Ours.\n", "already defined"},
		"none":                  {"tables: {registries: {}}\n", "holds no rules"},
		"a list":                {"tables: {registries: [ghcr.io/acme]}\n", other},
		"nothing":               {"tables:\n", other},
		"another table":         {"tables: {miners: {}}\n", other},
		"another table as well": {place("ghcr.io/acme", "Ours.") + "  capabilities: {SYS_ADMIN: x}\n", other},
		"both kinds of tables":  {place("ghcr.io/acme", "Ours.") + "custom: {tables: {}}\n", "only top-level key"},
		"not YAML":              {"tables: {registries", "own.yaml"},
		"bytes":                 {"\x00\xff", "own.yaml"},
		"too many":              {many, "more than 100 places"},
		"a huge file":           {place("ghcr.io/acme", "Ours.") + strings.Repeat("#", 1<<20), "larger than"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "own.yaml"), []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			t.Chdir(root(t))
			status, stdout, stderr := run(t, "lint", unsafe, "--policies", dir)
			if status != statusFailed || stdout != "" || !strings.Contains(stderr, c.want) {
				t.Errorf("status %d, want %q\n%s%s", status, c.want, stdout, stderr)
			}
		})
	}
}

// TestAddedRegistriesAreTold: a command without a report says it, too.
func TestAddedRegistriesAreTold(t *testing.T) {
	t.Chdir(root(t))
	for _, args := range [][]string{{"freeze", "templates/ollama", "--output", filepath.Join(t.TempDir(), "out")}, {"import", "-"}} {
		_, _, without := run(t, args...)
		_, _, with := run(t, append(args, "--policies", "testdata/lint/ok/own-registries/own")...)
		if note := "ogpu-tpl: registries added by testdata/lint/ok/own-registries/own: ghcr.io/acme/, "; strings.Count(with, note) != 1 || strings.Contains(without, "added") {
			t.Errorf("%v: %q, without the folder %q", args, with, without)
		}
	}
}

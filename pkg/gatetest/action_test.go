package gatetest

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/opengpu-network/templates/pkg/programtest"
	"go.yaml.in/yaml/v4"
)

// action is action.yml.
type action struct {
	Name, Description, Author string
	Branding                  map[string]string
	Inputs                    map[string]struct{ Description, Default string }
	Outputs                   map[string]struct{ Description, Value string }
	Runs                      struct {
		Using string
		Steps []step
	}
}

func readAction(t testing.TB) action {
	t.Helper()
	var a action
	decoder := yaml.NewDecoder(strings.NewReader(read(t, filepath.Join(root(t), "action.yml"))))
	decoder.KnownFields(true)
	if err := decoder.Decode(&a); err != nil {
		t.Fatal(err)
	}
	return a
}

// TestActionRules holds action.yml to what workflows keep: who uses it puts in what
// strangers wrote.
func TestActionRules(t *testing.T) {
	a, text, known := readAction(t), read(t, filepath.Join(root(t), "action.yml")), pins(t)
	if a.Runs.Using != "composite" {
		t.Error(a.Runs.Using)
	}
	for i, s := range a.Runs.Steps {
		if strings.Contains(s.Run, "${{") || s.Run != "" && s.Shell != "bash -euo pipefail {0}" {
			t.Errorf("step %d: %q in %q", i, s.Run, s.Shell)
		}
	}
	used := pin.FindAllStringSubmatch(text, -1)
	for _, found := range used {
		if _, ok := known[found[1]+"@"+found[2]+" # "+found[3]]; !ok {
			t.Errorf("%s is not in the table of docs/gate.md", found[0])
		}
	}
	if strings.Count(text, "uses:") != len(used) {
		t.Error("an action is not pinned")
	}
	for name := range a.Inputs {
		if !strings.Contains(text, "inputs."+name) {
			t.Errorf("nothing uses the input %s", name)
		}
	}
	for _, found := range regexp.MustCompile(`inputs\.([a-z-]+)`).FindAllStringSubmatch(text, -1) {
		if _, ok := a.Inputs[found[1]]; !ok {
			t.Errorf("there is no input %s", found[1])
		}
	}
}

// TestAction runs the action's own commands in another catalog.
func TestAction(t *testing.T) {
	type inputs = map[string]string
	a := readAction(t)
	// The step that builds finds there what install has built with the same script, and
	// has nothing to link.
	temp := filepath.Dir(install(t))
	env := map[string]string{"RUNNER_TEMP": temp}
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPROXY", "GOSUMDB", "GONOSUMDB", "GOFLAGS", "GOTOOLCHAIN"} {
		out, err := programtest.Command(t, "go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		env[name] = strings.TrimSpace(string(out))
	}
	r := &runner{t: t, commands: t.TempDir(), env: env, built: map[string]string{}}
	var shell workflow
	shell.Defaults.Run.Shell = "bash -euo pipefail {0}"

	// Catalogs at the workspace's root, in a folder, in a repository that was checked
	// out below the workspace, and elsewhere.
	workspace, elsewhere := t.TempDir(), t.TempDir()
	example := filepath.Join(root(t), "testdata/smoke/echo")
	composes := []string{}
	for _, catalog := range []string{workspace, filepath.Join(workspace, "deep/er"), filepath.Join(workspace, "checkout/er"), elsewhere} {
		if err := os.CopyFS(filepath.Join(catalog, "my own/echo"), os.DirFS(example)); err != nil {
			t.Fatal(err)
		}
		composes = append(composes, filepath.Join(catalog, "my own/echo/compose/cpu.yml"))
	}
	// A catalog whose images are its own, and what it adds for them.
	acme := filepath.Join(workspace, "acme")
	if err := os.CopyFS(filepath.Join(acme, "my own/echo"), os.DirFS(example)); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"compose/cpu.yml", "template.yaml"} {
		file = filepath.Join(acme, "my own/echo", file)
		writeFile(t, file, strings.ReplaceAll(read(t, file), "opengpunetwork/", "ghcr.io/acme/"), 0o600)
	}
	for dir, place := range map[string]string{"policies": "ghcr.io/acme", "greedy": `"*"`} {
		if err := os.Mkdir(filepath.Join(acme, dir), 0o700); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(acme, dir, "registries.yaml"), "tables:\n  registries:\n    "+place+": Our own images.\n", 0o600)
	}
	fine := read(t, composes[0])
	bad := strings.Replace(fine, "    init: true\n", "    init: true\n    privileged: true\n", 1)
	checkout := filepath.Join(workspace, "checkout")
	git(t, checkout, "init", "--quiet")
	git(t, checkout, "add", "--all")
	git(t, checkout, "commit", "--quiet", "--message", "x")
	git(t, checkout, "update-ref", "refs/remotes/origin/main", "HEAD")
	// What docs/gate.md gives to the action, a step of a job.
	var shown []inputs
	for _, text := range block(t, "docs/gate.md", "```yaml\n") {
		var piece struct {
			Steps []step
			With  inputs
		}
		if err := yaml.Unmarshal([]byte(text), &piece); err != nil {
			t.Fatal(err)
		}
		for _, step := range piece.Steps {
			if strings.HasPrefix(step.Uses, "OpenGPU-Network/templates@") {
				shown = append(shown, step.With)
			}
		}
		if piece.With != nil {
			shown = append(shown, piece.With)
		}
	}
	if len(shown) != 2 {
		t.Fatalf("docs/gate.md shows other inputs: %v", shown)
	}
	with := func(given, more inputs) inputs { maps.Copy(more, given); return more }
	writeFile(t, filepath.Join(workspace, "stack.yml"), fine, 0o600)
	if err := os.Symlink("deep/er", filepath.Join(workspace, "link")); err != nil {
		t.Fatal(err)
	}
	found := func(in string) string {
		return `(?m)^::error file=` + in + `my own/echo/compose/cpu\.yml,line=[0-9]+,.*title=trust/privileged::`
	}
	for i, c := range []struct {
		inputs inputs
		bad    bool
		fails  bool
		want   string
	}{
		{inputs{"fail-on": "error"}, false, false, `(?m)^::warning file=my own/echo/`},
		{inputs{}, false, true, `0 errors, [1-9]`},
		{inputs{"fail-on": "error", "targets": "echo", "sarif": "out.sarif"}, true, true, found("")},
		{inputs{"format": "text"}, true, true, `error\[trust/privileged\]`},
		{inputs{"targets": "$(touch${IFS}ran)"}, false, true, `no such template`},
		{inputs{"targets": "--help"}, false, true, `--help`},
		{inputs{"targets": "echo\nnothing\n"}, false, true, `no such template or file: "nothing"`},
		{inputs{"since": "HEAD"}, false, true, `cannot be told`},

		// Files are named from the repository's root, wherever the catalog lies in it.
		{inputs{"working-directory": "deep/er", "sarif": "out.sarif"}, true, true, found("deep/er/")},
		{inputs{"working-directory": "./deep//er/"}, true, true, found("deep/er/")},
		{inputs{"working-directory": "link"}, true, true, found("deep/er/")},
		{inputs{"working-directory": workspace + "/deep/er", "sarif": elsewhere + "/out.sarif"}, true, true, found("deep/er/")},
		{inputs{"working-directory": ""}, true, true, found("")},
		{inputs{"working-directory": "deep/er", "templates": "../../my own"}, true, true, found("")},
		{inputs{"working-directory": "deep/er/my own", "templates": "."}, true, true, found("deep/er/")},
		{inputs{"working-directory": "deep/er/my own", "templates": ".", "targets": "./echo"}, true, true, found("deep/er/")},
		{inputs{"templates": workspace + "/deep/er/my own"}, true, true, found("deep/er/")},
		{inputs{"working-directory": "deep/er", "policies": "nowhere"}, false, true, `--policies deep/er/nowhere: `},
		{inputs{"working-directory": "checkout/er"}, true, true, found("er/")},
		{with(shown[0], inputs{"working-directory": "checkout/er"}), true, true, found("er/")},
		{inputs{"working-directory": elsewhere}, true, true, found("")},

		// Targets are named from the working folder.
		{inputs{"working-directory": "deep/er", "targets": "echo"}, true, true, found("deep/er/")},
		{inputs{"working-directory": "deep/er", "targets": "echo", "templates": workspace + "/my own"}, true, true, found("")},
		{inputs{"working-directory": "deep/er/my own/echo/compose", "templates": "../..", "targets": "cpu.yml"}, true, true, found("deep/er/")},
		{inputs{"working-directory": "deep/er", "targets": "stack.yml"}, false, true, `no such template or file: "deep/er/stack.yml"`},
		{inputs{"working-directory": "deep/er", "targets": "."}, false, true, `the folder "deep/er/\." is neither`},

		// A catalog with images of its own is green once its policies add their registry.
		{inputs{"working-directory": "acme", "fail-on": "error"}, false, true, `title=trust/image-registry::`},
		{with(shown[1], inputs{"working-directory": "acme", "fail-on": "error"}), false, false, `(?m)^Registries added: ghcr\.io/acme/$`},
		{inputs{"working-directory": "acme", "fail-on": "error", "policies": "greedy"}, false, true, `a whole registry cannot be added`},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			r.t = t
			text := fine
			if c.bad {
				text = bad
			}
			for _, compose := range composes {
				writeFile(t, compose, text, 0o600)
			}
			given := map[string]any{"templates": "my own"}
			for name, input := range a.Inputs {
				if given[name] == nil {
					given[name] = input.Default
				}
			}
			for name, value := range c.inputs {
				given[name] = value
			}
			steps := map[string]any{}
			s := scope{map[string]any{"inputs": given, "steps": steps, "runner": map[string]any{"temp": temp},
				"github": map[string]any{"action_path": root(t), "token": "the run's own token"}}, "success"}
			var log bytes.Buffer
			var failed error
			for n, step := range a.Runs.Steps {
				if failed != nil || !r.condition(s, step.If) || step.Name == "Get ogpu-tpl" && i > 0 {
					continue // what was built the first time is still there
				}
				work := filepath.Join(t.TempDir(), fmt.Sprint(n))
				var outputs map[string]string
				outputs, failed = r.step(shell, step, s, workspace, work, &outcome{artifacts: map[string]string{}}, &log)
				steps[step.ID] = map[string]any{"outputs": outputs}
			}
			if (failed != nil) != c.fails {
				t.Errorf("%v\n%s", failed, log.String())
			}
			holds(t, log.String(), c.want)
			if want := c.inputs["sarif"]; want != "" {
				if !filepath.IsAbs(want) {
					want = filepath.Join(workspace, c.inputs["working-directory"], want)
				}
				if got := r.text(s, a.Outputs["sarif"].Value); got != want {
					t.Errorf("the output sarif is %q, want %q", got, want)
				}
				in := ""
				if strings.HasSuffix(c.inputs["working-directory"], "deep/er") {
					in = "deep/er/"
				}
				holds(t, read(t, want), `"uri": *"`+in+`my%20own/echo/compose/cpu\.yml"`)
			}
			if _, err := os.Stat(filepath.Join(workspace, "ran")); err == nil {
				t.Error("an input was run")
			}
		})
	}
}

// TestCodeOwners looks up who must approve what, as GitHub does: the last line that
// fits counts.
func TestCodeOwners(t *testing.T) {
	type line struct {
		pattern *regexp.Regexp
		owners  string
	}
	var lines []line
	for text := range strings.Lines(read(t, filepath.Join(root(t), ".github/CODEOWNERS"))) {
		fields := strings.Fields(text)
		if len(fields) == 0 || fields[0] == "#" {
			continue
		}
		pattern := strings.ReplaceAll(regexp.QuoteMeta(fields[0]), `\*`, `[^/]*`)
		if !strings.HasPrefix(pattern, "/") {
			pattern = "(.*/)?" + pattern // at any depth
		}
		lines = append(lines, line{regexp.MustCompile("^" + strings.TrimSuffix(pattern, "/") + "(/.*)?$"), strings.Join(fields[1:], " ")})
	}
	const maintainers, policies, templates = "@opengpu-network/maintainers", "@opengpu-network/policies", "@opengpu-network/templates"
	for file, want := range map[string]string{
		"/.github/workflows/publish.yml": maintainers, "/.github/scripts/judge.sh": maintainers, "/.github/CODEOWNERS": maintainers,
		"/publishers.yaml": maintainers, "/go.sum": maintainers, "/cmd/ogpu-tpl/main.go": maintainers, "/action.yml": maintainers,
		"/policies/trust/privileged/privileged.rego": policies, "/policies/data/registries.yaml": policies,
		"/templates/ollama/template.yaml": policies, "/templates/ollama/README.md": templates, "/templates/ollama/compose/cpu.yml": templates,
		"/templates/ollama/releases.json": maintainers, "/deployments/testnet/ollama.json": maintainers, "/docs/cli.md": maintainers,
		// A folder that nobody thought of, or one that takes the place of another.
		"/catalogue/ollama/template.yaml": maintainers, "/templates": templates, "/.gitattributes": maintainers,
		"/templates/ollama/.gitattributes": maintainers,
	} {
		owners := ""
		for _, l := range lines {
			if l.pattern.MatchString(file) {
				owners = l.owners
			}
		}
		if owners != want {
			t.Errorf("%s is owned by %q, want %q", file, owners, want)
		}
	}
}

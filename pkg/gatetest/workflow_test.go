package gatetest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// workflow is one file of .github/workflows.
type workflow struct {
	// File is its name without the folder, Text what is in it.
	File        string         `yaml:"-"`
	Text        string         `yaml:"-"`
	Name        string         `yaml:"name"`
	RunName     string         `yaml:"run-name"`
	On          map[string]any `yaml:"on"`
	Permissions any            `yaml:"permissions"`
	Concurrency concurrency    `yaml:"concurrency"`
	Defaults    struct {
		Run struct {
			Shell            string `yaml:"shell"`
			WorkingDirectory string `yaml:"working-directory"`
		} `yaml:"run"`
	} `yaml:"defaults"`
	Env  map[string]string `yaml:"env"`
	Jobs map[string]job    `yaml:"jobs"`
}

type concurrency struct {
	Group  string `yaml:"group"`
	Cancel any    `yaml:"cancel-in-progress"`
	Queue  string `yaml:"queue"`
}

type job struct {
	Name            string            `yaml:"name"`
	Needs           names             `yaml:"needs"`
	If              string            `yaml:"if"`
	RunsOn          any               `yaml:"runs-on"`
	Timeout         int               `yaml:"timeout-minutes"`
	Permissions     any               `yaml:"permissions"`
	Environment     string            `yaml:"environment"`
	Concurrency     concurrency       `yaml:"concurrency"`
	Env             map[string]string `yaml:"env"`
	Outputs         map[string]string `yaml:"outputs"`
	ContinueOnError any               `yaml:"continue-on-error"`
	Strategy        struct {
		FailFast *bool `yaml:"fail-fast"`
		Matrix   any   `yaml:"matrix"`
	} `yaml:"strategy"`
	Steps []step `yaml:"steps"`
}

type step struct {
	ID               string            `yaml:"id"`
	Name             string            `yaml:"name"`
	If               string            `yaml:"if"`
	Uses             string            `yaml:"uses"`
	With             map[string]string `yaml:"with"`
	Env              map[string]string `yaml:"env"`
	Run              string            `yaml:"run"`
	Shell            string            `yaml:"shell"`
	WorkingDirectory string            `yaml:"working-directory"`
	ContinueOnError  any               `yaml:"continue-on-error"`
}

// names is one name or a list of them.
type names []string

func (n *names) UnmarshalYAML(node *yaml.Node) error {
	var one string
	if node.Decode(&one) == nil {
		*n = names{one}
		return nil
	}
	return node.Decode((*[]string)(n))
}

// root is the repository's root.
func root(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func read(t testing.TB, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// block returns the blocks of a document that begin so: with their fence, and maybe
// with a first line.
func block(t testing.TB, document, begins string) (blocks []string) {
	t.Helper()
	fence, first, _ := strings.Cut(begins, "\n")
	for _, part := range strings.Split(read(t, filepath.Join(root(t), document)), "\n"+fence+"\n")[1:] {
		if text, _, closed := strings.Cut(part, "```"); closed && strings.HasPrefix(text, first) {
			blocks = append(blocks, text)
		}
	}
	if len(blocks) == 0 {
		t.Fatalf("%s has no block that begins with %q", document, begins)
	}
	return blocks
}

// parse reads a workflow. A key that is not known here fails the test: nobody would
// look at what it does.
func parse(t testing.TB, file, text string) workflow {
	t.Helper()
	w := workflow{File: filepath.Base(file), Text: text}
	decoder := yaml.NewDecoder(strings.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&w); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return w
}

// workflows are all of the repository's, by their files' names.
func workflows(t testing.TB) map[string]workflow {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root(t), ".github/workflows/*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	all := map[string]workflow{}
	for _, file := range files {
		w := parse(t, file, read(t, file))
		all[w.File] = w
	}
	return all
}

// order lists the jobs so that each comes after those that it needs.
func (w workflow) order(t testing.TB) (order []string) {
	t.Helper()
	for len(order) < len(w.Jobs) {
		before := len(order)
		for _, name := range sorted(w.Jobs) {
			ready := !slices.Contains(order, name)
			for _, need := range w.Jobs[name].Needs {
				ready = ready && slices.Contains(order, need)
			}
			if ready {
				order = append(order, name)
			}
		}
		if len(order) == before {
			t.Fatalf("%s: jobs need each other, or one that is not there", w.File)
		}
	}
	return order
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// pin is an action as workflows name it.
var pin = regexp.MustCompile(`(?m)^\s*(?:- )?uses: (\S+)@([0-9a-f]{40}) # (v[0-9]+\.[0-9]+\.[0-9]+)$`)

// pinned is a row of the table in docs/gate.md.
var pinned = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (v[0-9.]+) \\| `([0-9a-f]{40})` \\|")

// pins are the actions of docs/gate.md: name@commit # version.
func pins(t testing.TB) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for _, row := range pinned.FindAllStringSubmatch(read(t, filepath.Join(root(t), "docs/gate.md")), -1) {
		all[row[1]+"@"+row[3]+" # "+row[2]] = false
	}
	return all
}

package gatetest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/opengpu-network/templates/pkg/programtest"
	"go.yaml.in/yaml/v4"
)

// programs is a folder with what the action's own script builds of the sources as they lie
// here. It is made once for all tests, as linking takes long, and removed after the last.
var programs struct {
	once sync.Once
	dir  string
	err  error
}

func install(t testing.TB) (dir string) {
	t.Helper()
	programs.once.Do(func() {
		temp, err := os.MkdirTemp("", "programs")
		if err != nil {
			programs.err = err
			return
		}
		programs.dir = filepath.Join(temp, "ogpu-tpl") // as action.yml has it
		command := programtest.Command(t, filepath.Join(root(t), ".github/scripts/install.sh"), "", programs.dir)
		if out, err := command.CombinedOutput(); err != nil {
			programs.err = fmt.Errorf("%w\n%s", err, out)
		}
	})
	if programs.err != nil {
		t.Fatal(programs.err)
	}
	return programs.dir
}

func TestMain(m *testing.M) {
	status := m.Run()
	if programs.dir != "" {
		_ = os.RemoveAll(filepath.Dir(programs.dir))
	}
	os.Exit(status)
}

// hook is one of .pre-commit-hooks.yaml.
type hook struct {
	ID, Name, Description, Language, Entry, Files string
	PassFilenames                                 *bool `yaml:"pass_filenames"`
	RequireSerial                                 bool  `yaml:"require_serial"`
}

// commit does what pre-commit does before a commit, for the language golang: where a
// staged file fits, it runs the entry at the repository's root, with what was installed
// first in PATH.
func (h hook) commit(t *testing.T, repository, bin string) (ran bool, out string, err error) {
	t.Helper()
	files := regexp.MustCompile(h.Files)
	entry := strings.Fields(h.Entry)
	for _, name := range strings.Split(strings.TrimRight(git(t, repository, "diff", "--staged", "--name-only", "--no-ext-diff", "-z", "--diff-filter=ACMRTUXB"), "\x00"), "\x00") {
		if files.MatchString(name) {
			ran = true
			if h.PassFilenames == nil || *h.PassFilenames {
				entry = append(entry, name)
			}
		}
	}
	if !ran {
		return false, "", nil
	}
	command := programtest.Command(t, filepath.Join(bin, entry[0]), entry[1:]...)
	command.Dir, command.Env = repository, append(os.Environ(), "PATH="+bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
	text, err := command.CombinedOutput()
	return true, string(text), err
}

// TestHook has commits to another catalog judged by the hook.
func TestHook(t *testing.T) {
	var hooks []hook
	decoder := yaml.NewDecoder(strings.NewReader(read(t, filepath.Join(root(t), ".pre-commit-hooks.yaml"))))
	decoder.KnownFields(true)
	if err := decoder.Decode(&hooks); err != nil || len(hooks) != 1 || hooks[0].Language != "golang" {
		t.Fatal(hooks, err)
	}
	bin := install(t)
	if made, err := os.ReadDir(bin); err != nil || len(made) != len(mains(t)) {
		t.Errorf("these programs come with the hook: %v (%v)", made, err)
	}
	privileged := func(text string) string {
		return strings.Replace(text, "services:\n", "services:\n  bad:\n    image: nginx\n    privileged: true\n", 1)
	}
	more := func(text string) string { return text + "# More.\n" }
	for name, c := range map[string]struct {
		file   string // is changed
		change func(text string) string
		ran    bool
		want   string // what it says when the commit is refused
	}{
		"a good template":       {"templates/ollama/README.md", more, true, ""},
		"a bad template":        {"templates/ollama/compose/cpu.yml", privileged, true, "error[trust/privileged]"},
		"no template at all":    {"templates/other/note.txt", more, true, "other"},
		"an image's sources":    {"templates/ollama/service/main.py", more, true, "error[catalog/service]"},
		"whose the sources are": {"publishers.yaml", more, true, ""},
		"a document":            {"README.md", more, false, ""},
		"another folder":        {"docs/templates/ollama/compose/cpu.yml", privileged, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			repository := t.TempDir()
			if err := os.CopyFS(filepath.Join(repository, "templates/ollama"), os.DirFS(filepath.Join(root(t), "templates/ollama"))); err != nil {
				t.Fatal(err)
			}
			git(t, repository, "init", "--quiet")
			git(t, repository, "add", "--all")
			git(t, repository, "commit", "--quiet", "--message", "x")
			file := filepath.Join(repository, c.file)
			before, err := os.ReadFile(file)
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			writeFile(t, file, c.change(string(before)), 0o600)
			git(t, repository, "add", "--all")
			ran, out, err := hooks[0].commit(t, repository, bin)
			if ran != c.ran || (err != nil) != (c.want != "") || !strings.Contains(out, c.want) {
				t.Errorf("it ran: %v, %v, want %q in\n%s", ran, err, c.want, out)
			}
		})
	}
}

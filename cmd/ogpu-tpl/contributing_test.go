package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/opengpu-network/templates/pkg/devnet"
	"github.com/opengpu-network/templates/pkg/host/hosttest"
	"github.com/opengpu-network/templates/pkg/registry/registrytest"
)

// CONTRIBUTING.md is walked through as a newcomer would: the commands of its blocks
// are run by a shell, in order, in a clone. A block `console` shows what they print. A
// line that ends in `# red` must fail, all others must not. What the newcomer does with
// an editor stands in comments that readers do not see:
//
//	<!-- file: PATH -->   the block that follows is written to PATH
//	<!-- edit: NAME -->   an edit that a test knows
const contributing = "CONTRIBUTING.md"

// step matches what a walk does: an HTML comment, or a block with its indentation and
// language.
var step = regexp.MustCompile("(?ms)^ *<!-- (file|edit): ([^ ]+) -->\n|^( *)```([a-z]+)\n(.*?)^ *```\n")

// The sections that are walked through.
var (
	walkedWithATemplate = []string{"Before you start", "A new template", "A change to a template"}
	walkedWithAPolicy   = []string{"A new rule"}
)

// walk is one way through the document.
type walk struct {
	t   *testing.T
	dir string // the working folder
	env []string
	// upstream is the bare repository that stands for the fork.
	upstream string
	edits    map[string]func()
	// commands replaces commands by their beginning; an empty string leaves them
	// out.
	commands map[string]string
}

// section returns the part of the document below a heading.
func section(t *testing.T, text, heading string) string {
	t.Helper()
	_, after, ok := strings.Cut(text, "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("%s has no section %q", contributing, heading)
	}
	part, _, _ := strings.Cut(after, "\n## ")
	return part
}

// newShell makes an empty folder to work in, where the program is on the path.
func newShell(t *testing.T) *walk {
	t.Helper()
	dir := t.TempDir()
	w := &walk{t: t, dir: filepath.Join(dir, "work"), upstream: filepath.Join(dir, "fork.git")}
	bin := w.bin()
	for _, d := range []string{bin, w.dir, filepath.Join(dir, "home")} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\nexec env " + asProgram + "=1 '" + executable + "' \"$@\"\n"
	if err := os.WriteFile(filepath.Join(bin, "ogpu-tpl"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	// What Go has built is in the user's cache, which is another one in the walk.
	built, err := exec.CommandContext(t.Context(), "go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	w.env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "XDG_CACHE_HOME="+filepath.Join(dir, "cache"), "GOCACHE="+strings.TrimSpace(string(built)),
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_PAGER=cat", "CGO_ENABLED=0",
		// As the tests are built: what they have compiled is compiled.
		"GOFLAGS="+os.Getenv("GOFLAGS")+" -buildvcs=false",
		"GIT_AUTHOR_NAME=A Newcomer", "GIT_AUTHOR_EMAIL=newcomer@example.com", "GIT_COMMITTER_NAME=A Newcomer", "GIT_COMMITTER_EMAIL=newcomer@example.com")
	return w
}

// bin is the folder of programs that come before the machine's.
func (w *walk) bin() string { return filepath.Join(filepath.Dir(w.upstream), "bin") }

// newWalk makes the fork, which holds what paths name of this repository.
func newWalk(t *testing.T, paths ...string) *walk {
	t.Helper()
	w := newShell(t)
	w.commands = map[string]string{"git clone https://github.com/YOUR-ACCOUNT/templates": "git clone --quiet '" + w.upstream + "' templates"}
	seed := filepath.Join(filepath.Dir(w.upstream), "seed")
	for _, path := range paths {
		copyTree(t, filepath.Join(root(t), path), filepath.Join(seed, path))
	}
	w.must("git init --quiet --bare --initial-branch main '" + w.upstream + "' && cd '" + seed + "' && git init --quiet --initial-branch main && " +
		"git add --all && git commit --quiet --message 'The catalog' && git push --quiet '" + w.upstream + "' main")
	return w
}

// copyTree copies a file or a folder, but for what is built.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			if os.IsNotExist(err) { // a temporary file of a test that runs besides
				return nil
			}
			return err
		}
		if entry.IsDir() {
			if slices.Contains([]string{".git", "node_modules", "bin", "dist"}, entry.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if entry.Type()&fs.ModeSymlink != 0 {
			link, err := os.Readlink(path)
			if err != nil {
				return err
			}
			return os.Symlink(link, target)
		}
		text, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			return nil
		} else if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, info.Mode().Perm()|0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// bash is a line that is to be run in the working folder.
func (w *walk) bash(line string) *exec.Cmd {
	c := exec.CommandContext(w.t.Context(), "bash", "-euo", "pipefail", "-c", line)
	c.Dir, c.Env, c.WaitDelay = w.dir, w.env, 10*time.Second
	return c
}

// shell runs a line in the working folder.
func (w *walk) shell(line string) (output string, ok bool) {
	w.t.Helper()
	c := w.bash(line)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	if err != nil && c.ProcessState == nil {
		w.t.Fatal(err)
	}
	return out.String(), err == nil
}

func (w *walk) must(line string) string {
	w.t.Helper()
	out, ok := w.shell(line)
	if !ok {
		w.t.Fatalf("%s\n%s", line, out)
	}
	return out
}

// command runs a line of the document, and returns what it prints.
func (w *walk) command(line string) string {
	w.t.Helper()
	line, red := strings.CutSuffix(strings.TrimSpace(line), "# red")
	line = strings.TrimSpace(line)
	if folder, ok := strings.CutPrefix(line, "cd "); ok {
		w.dir = filepath.Join(w.dir, folder)
		return ""
	}
	really := line
	for begin, instead := range w.commands {
		if strings.HasPrefix(line, begin) {
			really = instead
		}
	}
	out, ok := w.shell(really)
	if ok == red {
		w.t.Fatalf("%s: %s: succeeds is %v\n%s", contributing, line, ok, out)
	}
	return out
}

// run goes through a part of the document and returns it with what the commands
// print.
func (w *walk) run(part string) string {
	w.t.Helper()
	file := ""
	return step.ReplaceAllStringFunc(part, func(text string) string {
		match := step.FindStringSubmatch(text)
		kind, name, indent, language, body := match[1], match[2], match[3], match[4], match[5]
		var lines []string
		for line := range strings.Lines(body) {
			lines = append(lines, strings.TrimPrefix(line, indent))
		}
		switch {
		case kind == "file":
			file = name
		case kind == "edit" && w.edits[name] != nil:
			w.edits[name]()
		case kind == "edit":
			w.t.Fatalf("%s: nobody knows the edit %q", contributing, name)
		case file != "":
			if err := os.WriteFile(filepath.Join(w.dir, file), []byte(strings.Join(lines, "")), 0o644); err != nil {
				w.t.Fatal(err)
			}
			file = ""
		case language == "sh":
			for _, line := range lines {
				w.command(line)
			}
		case language == "console":
			var out strings.Builder
			for _, line := range lines {
				if command, ok := strings.CutPrefix(line, "$ "); ok {
					out.WriteString(line + w.command(command))
				}
			}
			var shown strings.Builder
			for line := range strings.Lines(out.String()) {
				shown.WriteString(strings.TrimRight(indent+line, " \n") + "\n")
			}
			return indent + "```console\n" + shown.String() + indent + "```\n"
		default:
			w.t.Fatalf("%s: a block %q that is neither run nor written to a file:\n%s", contributing, language, body)
		}
		return text
	})
}

// through walks through sections, and compares what they print.
func (w *walk) through(headings ...string) {
	w.t.Helper()
	document := filepath.Join(root(w.t), contributing)
	text, err := os.ReadFile(document)
	if err != nil {
		w.t.Fatal(err)
	}
	said := string(text)
	for _, heading := range headings {
		part := section(w.t, said, heading)
		said = strings.Replace(said, part, w.run(part), 1)
	}
	golden(w.t, document, said)
}

// pushed holds what the fork has on a branch against what was to be committed.
func (w *walk) pushed(branch string, folders ...string) {
	w.t.Helper()
	git := "git --git-dir '" + w.upstream + "' "
	if message := w.must(git + "log --format=%B main.." + branch); strings.Count(message, "Signed-off-by: A Newcomer <newcomer@example.com>") != 1 {
		w.t.Errorf("the branch %s has other commits than one that is signed off:\n%s", branch, message)
	}
	changed := strings.Fields(w.must(git + "diff --name-only main " + branch))
	for _, file := range changed {
		if !slices.ContainsFunc(folders, func(folder string) bool { return strings.HasPrefix(file, folder) }) {
			w.t.Errorf("the branch %s changes %s", branch, file)
		}
	}
	for _, folder := range folders {
		if !slices.ContainsFunc(changed, func(file string) bool { return strings.HasPrefix(file, folder) }) {
			w.t.Errorf("the branch %s changes nothing in %s", branch, folder)
		}
	}
	if left := w.must("git status --porcelain"); left != "" {
		w.t.Errorf("this is left uncommitted:\n%s", left)
	}
}

// From `ogpu-tpl new` to what a pull request is made of.
func TestContributingATemplate(t *testing.T) {
	importEcho(t)
	w := newWalk(t, ".gitignore", "embed.go", "go.mod", "go.sum", "cmd", "docs", "pkg", "policies", "templates")
	// What is installed comes before this test's stand-in, and need not be built anew.
	installed := t.TempDir()
	w.env = append(w.env, "GOBIN="+installed, "PATH="+installed+":"+os.Getenv("PATH"), "GOFLAGS=-buildvcs=false -trimpath")
	node := hosttest.NewPlainNode(t)
	chain, err := devnet.Start(t.Context(), devnet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = chain.Close() })
	w.env = append(w.env, "OGPU_RPC_URL="+chain.RPCURL())
	folder := func() string { return filepath.Join(w.dir, "templates", "word-count") }
	w.edits = map[string]func(){"word-count": func() { writeWordCount(t, folder()) }}

	// The image's registry is one on this machine, which the linter does not list:
	// the template names it while it is pinned only.
	registry := registrytest.Start(t, "")
	const image = "opengpunetwork/echo-for-tests"
	there := registry + "/" + image
	push(t, there+":1", newImage(t, "amd64"))
	files := "templates/word-count/compose/cpu.yml templates/word-count/template.yaml"
	w.commands["ogpu-tpl pin "] = "sed -i 's|" + image + ":1|" + there + ":1|' " + files + " && ogpu-tpl pin word-count && sed -i 's|" + there + ":1|" + image + ":1|' " + files
	w.commands["ogpu-tpl publish "] = "ogpu-tpl publish word-count --network devnet --host 'pinning=" + node.Uploads() + "," + node.Gateway.URL + "' --timeout " + chainPatience.String()

	w.through(walkedWithATemplate...)
	w.pushed("word-count", "templates/word-count/")
	compose := w.must("cat templates/word-count/compose/cpu.yml")
	if !strings.Contains(compose, image+":1@sha256:") {
		t.Errorf("the image is not pinned:\n%s", compose)
	}
	if out, ok := w.shell("ogpu-tpl lint word-count"); !ok {
		t.Errorf("what was pushed is not clean:\n%s", out)
	}
}

// writeWordCount is the newcomer's work: the template's image, and what it does.
func writeWordCount(t *testing.T, dir string) {
	t.Helper()
	for _, file := range []string{"template.yaml", "compose/cpu.yml"} {
		text, err := os.ReadFile(filepath.Join(root(t), "testdata/smoke/echo", file))
		if err != nil {
			t.Fatal(err)
		}
		text = bytes.Replace(text, []byte("name: echo\n"), []byte("name: word-count\nhomepage: https://example.com/\nkeywords: [example]\n"), 1)
		if err := os.WriteFile(filepath.Join(dir, file), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	readme := "# Word count\n\nThe function `echo` sends a text back. " + strings.Repeat("This is an example. ", 20) + "\n\n```json\n{\"text\": \"hello\"}\n```\n"
	if err := os.WriteFile(filepath.Join(dir, "README.md"), []byte(readme), 0o644); err != nil {
		t.Fatal(err)
	}
}

// From `ogpu-tpl rules new` over red tests to what a pull request is made of, with the
// real `go test` in a clone.
func TestContributingAPolicy(t *testing.T) {
	t.Parallel()
	w := newWalk(t, ".gitignore", ".gitattributes", "CONTRIBUTING.md", "README.md", "LICENSE", "Makefile", "embed.go", "go.mod", "go.sum", "cmd", "docs", "pkg", "policies", "templates", "testdata")
	w.must("git clone --quiet '" + w.upstream + "' templates")
	w.dir = filepath.Join(w.dir, "templates")
	w.through(walkedWithAPolicy...)
	w.pushed("terminal", "policies/contract/terminal/", "policies/README.md", "testdata/lint/err/contract-terminal/", "README.md")
	expected := w.must("cat testdata/lint/err/contract-terminal/expected.txt")
	if want := "# args: --only contract/terminal --environment cpu\ncompose.yml:4:10 notice contract/terminal\ncompose.yml:7:10 notice contract/terminal\n"; expected != want {
		t.Errorf("the case expects\n%s", expected)
	}
	if page := w.must("cat policies/README.md"); !strings.Contains(page, "### contract/terminal\n\n**Terminal that nobody sees.**") {
		t.Error("policies/README.md does not have the rule")
	}
}

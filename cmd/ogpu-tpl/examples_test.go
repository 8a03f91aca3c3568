package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
)

// An example is a command line of a document, or a piece of a file. What is not run by
// the other tests of documents is held here against the program and the files of this
// repository: a shell reads the line, the program its arguments.
type examples struct {
	t    *testing.T
	root string
	// work is where command lines stand: a catalog, and what they name.
	work string
}

var (
	// fence is a block of a document, with its indentation, its language, its text.
	fence = regexp.MustCompile("(?ms)^( *)```([^\n]*)\n(.*?)^ *```$")
	// span is text in backquotes that begins as a command line of ours does.
	span = regexp.MustCompile("`((?:source <\\()?(?:[A-Z_]+=\\S+ )*(?:(?:\\./)?(?:bin/)?ogpu-tpl|go|make|gh|hyperfine) [^`]+)`")
	// mention is a span that names a command or a flag only.
	mention = regexp.MustCompile(`^(ogpu-tpl|go)((?: [a-z]+)+)((?: --[a-z-]+)*)$`)
)

// exampleSource is the address in documents and help texts.
const exampleSource = "0x5FbDB2315678afecb367f032d93F642f64180aa3"

// somebody stands for what a reader puts in. Longer ones come first.
var somebody = strings.NewReplacer(
	"custom/<rule>", "custom/own", "CATEGORY/NAME", "contract/own", "custom/NAME", "custom/own",
	"[TARGET…]", "document-ocr", "[NAME…]", "document-ocr", "NAME|ADDRESS", "document-ocr",
	"ADDRESS…", exampleSource, "ADDRESS", exampleSource,
	"RULE", "trust/privileged", "NAME", "document-ocr", "REF", "HEAD", "FILE", "source.json", "DIR", "own",
	"=COMMIT", "="+strings.Repeat("a", 40),
)

// documents are all that may hold examples.
func documents(t *testing.T) (names []string) {
	t.Helper()
	for _, pattern := range []string{"README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/*.md", "docs/*/*.md", "policies/*.md", "templates/*/README.md"} {
		found, err := filepath.Glob(filepath.Join(root(t), pattern))
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, found...)
	}
	return names
}

func newExamples(t *testing.T) *examples {
	t.Helper()
	e := &examples{t: t, root: root(t), work: t.TempDir()}
	for _, path := range []string{"templates", "publishers.yaml", "docs/examples"} {
		copyTree(t, filepath.Join(root(t), path), filepath.Join(e.work, path))
	}
	// What CONTRIBUTING.md makes, a clone for `rules new`, and a folder of somebody's
	// own rules.
	for name, text := range map[string]string{"source.json": "{}", "docker-compose.yml": "services: {}", "smoke.json": read(t, filepath.Join(e.root, "pkg/report/testdata/smoke/passed.json"))} {
		gitRepo{t, e.work}.write(name, text)
	}
	for _, dir := range []string{"templates/word-count/compose", "policies/lib", "testdata/lint/err", "own", "my-policies"} {
		if err := os.MkdirAll(filepath.Join(e.work, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	writeWordCount(t, filepath.Join(e.work, "templates/word-count"))
	return e
}

// TestExamples reads every block and every span of the documents.
func TestExamples(t *testing.T) {
	e, files, lines := newExamples(t), documents(t), 0
	t.Chdir(e.work)
	for _, file := range files {
		rel, err := filepath.Rel(e.root, file)
		if err != nil {
			t.Fatal(err)
		}
		text := read(t, file)
		for _, match := range fence.FindAllStringSubmatch(text, -1) {
			n, err := e.block(match[2], regexp.MustCompile("(?m)^"+match[1]).ReplaceAllString(match[3], ""))
			if lines += n; err != nil {
				t.Errorf("%s: %v\nin\n%s", rel, err, match[0])
			}
		}
		for _, match := range span.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			lines++
			if err := e.span(strings.Join(strings.Fields(match[1]), " ")); err != nil {
				t.Errorf("%s: `%s`: %v", rel, match[1], err)
			}
		}
	}
	if lines < 100 {
		t.Errorf("only %d command lines are found", lines)
	}
}

// TestWrongExamples breaks examples as they would rot.
func TestWrongExamples(t *testing.T) {
	e := newExamples(t)
	t.Chdir(e.work)
	const address = " " + exampleSource
	for language, lines := range map[string][]string{
		"sh": {
			"ogpu-tpl verfy" + address + " --nonsense", "ogpu-tpl verify" + address + " --netwrk mainnet", "ogpu-tpl verify" + address + " --network mainet", "ogpu-tpl verify",
			"ogpu-tpl import source.json --offlin", "ogpu-tpl import other.json", "ogpu-tpl import < source.json", "ogpu-tpl import - < other.json",
			"ogpu-tpl pin --updat ollama", "ogpu-tpl pin olama", "ogpu-tpl freeze ollama text-to-image", "ogpu-tpl lint --only trust/nothing",
			"ogpu-tpl render ollama --environment tpu", "ogpu-tpl smoke --parallel none", "ogpu-tpl smoke --timeout 5", "ogpu-tpl smoke -e cpu --require amd", "ogpu-tpl smoke --require none", "ogpu-tpl devnet now", "ogpu-tpl list | ogpu-tpl shw ollama",
			"A=b ogpu-tpl lint --formt json", "bin/ogpu-tpl lnt", "go run ./cmd/ogpu-tpl lnt", "go run ./cmd/ogpu-tp lint", "hyperfine './bin/ogpu-tpl lnt'",
			"go test ./pkg/nothing", "go test -run TestNothing ./pkg/policy", "go test -run 'TestRego$|TestNothing' ./pkg/policy", "go test -bench Nothing ./pkg/lint", "go test -benhc . ./pkg/lint",
			"go instal ./cmd/ogpu-tpl", "go install ./cmd", "go install ./pkg/lint/...", "make tests", "gh workflow run gates.yml --ref main --raw-field commit=x",
			"gh workflow run gate.yml --ref main --raw-field comit=x", "gh workflow run gate.yml --ref main", "gh workflow run gate.yml --raw-field",
			"gh attestation verify x --repo OpenGPU-Network/templates --signer-workflow OpenGPU-Network/templates/.github/workflows/releases.yml",
			"gh attestation verify x --repo OpenGPU-Network/template", "docker run ghcr.io/opengpu-network/ogpu-tpl:1.2.3 lnt", "docker build templates/ollama", "go run github.com/open-policy-agent/opa@v0.1.0 fmt", "docker run ghcr.io/opengpu-network/tpl:1.2.3 lint",
			"oqpu-tpl lint", "ogpu-tpl lint 'ollama", "git comit",
		},
		"console": {"$ ogpu-tpl lnt"},
		"shell":   {"ogpu-tpl lint ollama"},
		"rego":    {"package x\nviolation contains"},
		"json":    {"{"},
		"yaml": {
			"hooks: [{id: ogpu-tpl-lnt}]", "- uses: OpenGPU-Network/templates@COMMIT\n  with: {sinc: x}", "- run: bin/ogpu-tpl pin --chek", "- run: make biuld",
			"with: {go-version-file: go.md}", "smoke: {cases: [{nam: x}]}", "parameters: {model: {typ: string}}", "testnet: {cliet: x}", "a: [",
		},
		"": {"ogpu-tpl lnt"},
	} {
		for _, line := range lines {
			if _, err := e.block(language, line+"\n"); err == nil {
				t.Errorf("this passes as %q: %s", language, line)
			}
		}
	}
	for _, line := range []string{"ogpu-tpl verfy", "ogpu-tpl freeze --hots", "ogpu-tpl rules nwe", "ogpu-tpl show NAME NAME", "source <(ogpu-tpl completion bsh)", "make lnt", "go tset"} {
		if e.span(line) == nil {
			t.Errorf("this passes: `%s`", line)
		}
	}
}

// block looks at a block, and returns how many command lines it has.
func (e *examples) block(language, text string) (lines int, err error) {
	switch language {
	case "sh", "sh by hand", "sh image", "sh rebuild":
		return e.shell(text)
	case "console", "console devnet":
		var typed strings.Builder
		for line := range strings.Lines(text) {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				typed.WriteString(command)
			}
		}
		return e.shell(typed.String())
	case "yaml":
		return e.yaml(text)
	case "json":
		var value any
		return 0, json.Unmarshal([]byte(text), &value)
	case "rego":
		_, err := ast.ParseModuleWithOpts("example.rego", text, ast.ParserOptions{ProcessAnnotation: true})
		return 0, err
	case "text", "": // output, which begins with no command
		return 0, e.noCommand(text)
	}
	return 0, fmt.Errorf("nobody looks at the language %q", language)
}

func (e *examples) noCommand(text string) error {
	if line := regexp.MustCompile(`(?m)^(\$ |ogpu-tpl [a-z]+( |$)).*`).FindString(text); line != "" && !strings.HasSuffix(line, "explains a rule.") {
		return fmt.Errorf("%s: a command belongs into a block `sh` or `console`", line)
	}
	return nil
}

// span looks at a command line in a sentence.
func (e *examples) span(line string) error {
	named := mention.FindStringSubmatch(line)
	if named == nil || named[1] == "go" && len(strings.Fields(line)) > 2 {
		_, err := e.shell(line + "\n")
		return err
	}
	words := strings.Fields(named[2])
	if named[1] == "go" {
		return goCommand(words[0])
	}
	command := newApp(World{}).Command(words[0])
	if command == nil {
		return fmt.Errorf("there is no command %s", words[0])
	}
	if len(words) > 1 {
		if inner := command.Command(words[1]); inner != nil && len(words) == 2 {
			command = inner
		} else {
			_, err := e.shell(line + "\n")
			return err
		}
	}
	for flag := range strings.FieldsSeq(named[3]) {
		known := false
		for _, f := range command.Flags {
			known = known || slices.Contains(f.Names(), strings.TrimPrefix(flag, "--"))
		}
		if !known {
			return fmt.Errorf("%s has no flag %s", command.Name, flag)
		}
	}
	return nil
}

// recorder makes bash write down what it is asked to start, instead of starting it.
const recorder = `PATH=/nowhere
record() { printf '%s\0' "$#" "$@" >&9; }
command_not_found_handle() { record "$@"; }
bin/ogpu-tpl() { record ogpu-tpl "$@"; }
./bin/ogpu-tpl() { record ogpu-tpl "$@"; }
cd() { :; }
# As fish has it, source reads what is piped into it.
source() { if [ $# -gt 0 ]; then builtin source "$@"; fi; }
`

// shell has bash read lines, and looks at each command that it would start.
func (e *examples) shell(text string) (commands int, err error) {
	e.t.Helper()
	log, err := os.Create(filepath.Join(e.t.TempDir(), "log"))
	if err != nil {
		e.t.Fatal(err)
	}
	defer log.Close()
	bash := exec.CommandContext(e.t.Context(), "bash", "--norc", "--noprofile", "-c", "exec 9>'"+log.Name()+"'\n"+recorder+"set -e\n"+somebody.Replace(text))
	// What is redirected into files is put elsewhere.
	bash.Dir = e.t.TempDir()
	if err := os.WriteFile(filepath.Join(bash.Dir, "source.json"), []byte("{}"), 0o600); err != nil {
		e.t.Fatal(err)
	}
	bash.Env = []string{"OUT=" + bash.Dir}
	if out, err := bash.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("bash: %w\n%s", err, out)
	}
	words := strings.Split(read(e.t, log.Name()), "\x00")
	for words = words[:len(words)-1]; len(words) > 0; commands++ {
		n, err := strconv.Atoi(words[0])
		if err != nil {
			e.t.Fatal(err)
		}
		if err := e.command(words[1 : n+1]); err != nil {
			return commands, fmt.Errorf("%s: %w", strings.Join(words[1:n+1], " "), err)
		}
		words = words[n+1:]
	}
	return commands, nil
}

// elsewhere are programs of others, whose arguments are not looked at here.
var elsewhere = []string{"cat", "curl", "find", "jq", "python3", "sed", "sha256sum", "sort", "xargs"}

func (e *examples) command(words []string) error {
	name, args := words[0], words[1:]
	switch {
	case name == "ogpu-tpl":
		return e.program(args)
	case name == "go" && len(args) > 1 && args[0] == "run":
		if args[1] == "./cmd/ogpu-tpl" {
			return e.program(args[2:])
		}
		// Another project's, in the version that is used here.
		module, version, ok := strings.Cut(args[1], "@")
		if !ok || !strings.Contains(read(e.t, filepath.Join(e.root, "go.mod")), "\t"+module+" "+version+"\n") {
			return errors.New("go.mod does not have this")
		}
		return nil
	case name == "go" && len(args) > 0 && args[0] == "test":
		return e.goTest(args[1:])
	case name == "go" && len(args) > 0:
		folder, all := strings.CutSuffix(args[len(args)-1], "/...")
		if all {
			folder = filepath.Join(folder, "*")
		}
		if files, _ := filepath.Glob(filepath.Join(e.root, folder, "main.go")); len(args) > 1 && (len(files) == 0 || !all && len(files) != 1) {
			return errors.New("there is no such program")
		}
		return goCommand(args[0])
	case name == "make":
		for _, target := range args {
			if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(target) + `:`).MatchString(read(e.t, filepath.Join(e.root, "Makefile"))) {
				return fmt.Errorf("the Makefile has no target %s", target)
			}
		}
		return nil
	case name == "gh":
		return e.gh(args)
	case name == "docker" && len(args) > 1 && args[0] == "build":
		_, err := os.Stat(filepath.Join(e.root, args[len(args)-1], "Dockerfile"))
		return err
	case name == "docker":
		image := slices.IndexFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "ghcr.io/opengpu-network/ogpu-tpl:") })
		if image < 0 {
			return errors.New("this is another image")
		}
		return e.program(args[image+1:])
	case name == "hyperfine":
		for _, arg := range args {
			if strings.Contains(arg, " ") {
				if _, err := e.shell(arg + "\n"); err != nil {
					return err
				}
			}
		}
		return nil
	case name == "git" && len(args) > 0:
		known, err := exec.CommandContext(e.t.Context(), "git", "--list-cmds=builtins").Output()
		if err == nil && !slices.Contains(strings.Fields(string(known)), args[0]) {
			err = errors.New("git has no such command")
		}
		return err
	case slices.Contains(elsewhere, name):
		return nil
	}
	return errors.New("nobody knows this program")
}

// program runs the program itself, after it was interrupted: it reads its arguments and
// does nothing that takes long. Status 2 says that the command line is wrong.
func (e *examples) program(args []string) error {
	ctx, cancel := context.WithCancel(e.t.Context())
	cancel()
	args = slices.Clone(args)
	if len(args) > 0 && args[0] == "devnet" { // which others may use at this moment
		args = append(args, "--rpc-address", "127.0.0.1:0", "--files-address", "127.0.0.1:0")
	}
	if len(args) > 1 && args[0] == "new" { // it must not be there
		dir := filepath.Join(e.work, "templates", args[1])
		if err := os.Rename(dir, dir+".old"); err == nil {
			defer func() { _ = errors.Join(os.RemoveAll(dir), os.Rename(dir+".old", dir)) }()
		}
	}
	var said bytes.Buffer
	status := Main(ctx, append([]string{"ogpu-tpl"}, args...), World{
		In: strings.NewReader("{}"), Out: io.Discard, Err: &said,
		Getenv: func(string) string { return "" }, Now: func() time.Time { return today },
	})
	if status == statusUsage {
		return errors.New(strings.TrimSpace(said.String()))
	}
	return nil
}

package gatetest

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
	"golang.org/x/mod/modfile"
	"mvdan.cc/sh/v3/syntax"
)

// plain are commands that fetch nothing, whatever they are told. What is neither here
// nor among judged is refused: a list of what fetches would never be whole.
var plain = strings.Fields(`: [ basename break cat cd continue cp dirname echo exit grep jq mkdir mktemp mv od
	printf pwd realpath return rm set sha256sum shasum shift shopt test tr true uname wc`)

// called are the programs that scripts keep in variables: the tool, and what go tool has built.
var called = []string{`"$tool"`, `"$OGPU_TPL"`, `"$goreleaser"`}

// guarded are variables that say what is run, and the only values that scripts give them.
var guarded = map[string]string{
	"tool":       `\$\(realpath "(\$1|\$\{OGPU_TPL:-bin/ogpu-tpl\})"\)`,
	"here":       `\$\(realpath "\$\(dirname "\$0"\)"\)`,
	"goreleaser": `\$\(go -C testdata/gate/goreleaser tool -n goreleaser\)`,
	"syft":       `\$\(go -C testdata/gate/syft tool -n syft\)`,
	"OGPU_TPL":   `?`, // it comes from outside: action.yml, or a test
	"ACTION":     `?`,
}

// judged are commands that could fetch or run something else: what is left of them, as
// it is written, has to fit one of the patterns.
var judged = map[string][]string{
	"command": {`-v [a-z0-9]+`},
	"read":    {`(-r |-d '' |-a )*[a-z ]+`, `-r _ _ _ name version`},
	// What runs another command is judged by that: see commands.judge.
	"find": {`"\$work/programs" -maxdepth 1 -type f -perm -u=x -exec mv \{\} "\$dir" \\;`},
	"gh": {`attestation verify .*`, `api (--silent --method POST "repos/\$GITHUB_REPOSITORY/statuses/\$commit"|--paginate "repos/\$GITHUB_REPOSITORY/pulls\?state=open&base=main&per_page=100").*`,
		`(auth setup-git|issue (comment|create|list)|label create|pr (create|list)|workflow run) ?.*`},
	"git": {`(-c user\.(name|email)="[^"]*" )*(add|commit|diff|ls-files|merge-base|rev-parse|switch)( .*)?`, `push --quiet --force origin "HEAD:refs/heads/\$branch"`},
	"go":  {`-C "\$source" install -trimpath \./cmd/\.\.\.`, `-C testdata/gate/(goreleaser|syft) tool -n (goreleaser|syft)`},
	// Below docker: an image by its digest, which the step's env has, and the registry
	// that the release goes to.
	"docker": {`login ghcr\.io --username "\$GITHUB_ACTOR" --password-stdin`,
		`buildx create --name release --driver docker-container --driver-opt "image=\$BUILDKIT" --use --bootstrap`},
	"make": {`(-C base )?build`},
	"tar": {`-cf "\$archive" -C "\$folder" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner \.`,
		`-xz?f "\$archive" -C (programs|"\$folder" --no-same-owner)`},
	"bin/ogpu-tpl": {`(lint|pin|list|status|verify|changed)( .*)?`},
	"trap":         {`'rm -rf "\$work"' EXIT`},
}

// checked are the downloads of scripts, and how each is held against what it should be.
// TestInstall tries that.
var checked = map[string]string{
	"install.sh": `--fail --silent --show-error --location --max-time 300 --max-filesize 200000000 --output "$work/$file" "$releases/v$version/$file"`,
}

// free are jobs that run what a pull request brings, and so may fetch what they like:
// nothing of theirs is believed.
// The nightly run tests the main branch, with nothing that is worth taking.
var free = map[string]string{
	"test.yml/test/Test": `sudo --preserve-env=PATH env "PATH=$PATH" .ci/run`,
	"nightly.yml/engines/Test with each kind of engine": testEngines,
}

const testEngines = `sudo --preserve-env=PATH,GOTOOLCHAIN env "PATH=$PATH" make test-engines`

// variables are those that steps and scripts may set for what they run. With others, such
// as GOPROXY, GIT_SSH or BASH_ENV, a harmless command fetches something.
var variables = regexp.MustCompile(`^([a-z_0-9]+|COMMIT|GH_TOKEN|GITHUB_TOKEN|PLAN|JOBS|SMOKE|PINS|DRIFT|ENGINES|TEMPLATES?|ENVIRONMENTS?|NETWORK|MATRIX|SINCE|SUM|BUILDKIT` +
	`|OGPU_(HOST|SIGNER|RPC_URL)|CLIENT_PRIVATE_KEY|(TESTNET|MAINNET)_RPC_URL|CGO_ENABLED=[01]|GOBIN=.*|GOWORK=off|GOTOOLCHAIN=auto|IFS=/?)$`)

// commands judges what is run in a shell.
type commands struct {
	where     string
	functions []string
	complain  func(format string, args ...any)
}

func printed(node syntax.Node) string {
	var text bytes.Buffer
	if err := syntax.NewPrinter(syntax.SingleLine(true)).Print(&text, node); err != nil {
		return "?" + err.Error()
	}
	return text.String()
}

// shell judges a text of Bash.
func (c commands) shell(text string) {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), c.where)
	if err != nil {
		c.complain("%s: %v", c.where, err)
		return
	}
	syntax.Walk(file, func(node syntax.Node) bool {
		if f, ok := node.(*syntax.FuncDecl); ok {
			c.functions = append(c.functions, f.Name.Value)
		}
		return true
	})
	syntax.Walk(file, func(node syntax.Node) bool {
		switch n := node.(type) {
		case *syntax.CallExpr:
			for _, a := range n.Assigns {
				c.assign(a, len(n.Args) > 0)
			}
			if len(n.Args) > 0 {
				c.judge(n.Args)
			}
		case *syntax.DeclClause:
			if n.Variant.Value != "local" && n.Variant.Value != "export" {
				c.complain("%s: %s", c.where, n.Variant.Value)
			}
			for _, a := range n.Args {
				c.assign(a, true)
			}
		case *syntax.WordIter:
			if guarded[n.Name.Value] != "" || !variables.MatchString(n.Name.Value) {
				c.complain("%s: it sets %s", c.where, n.Name.Value)
			}
		case *syntax.Redirect:
			// Bash opens connections by such names.
			if n.Word != nil && strings.Contains(printed(n.Word), "/dev/tcp") || n.Word != nil && strings.Contains(printed(n.Word), "/dev/udp") {
				c.complain("%s: %s", c.where, printed(n.Word))
			}
		case *syntax.ParamExp:
			// What is written there is in the environment or the path of all steps that follow.
			if n.Param != nil && slices.Contains([]string{"GITHUB_ENV", "GITHUB_PATH"}, n.Param.Value) {
				c.complain("%s: %s", c.where, n.Param.Value)
			}
			if n.Exp != nil && (n.Exp.Op == syntax.AssignUnset || n.Exp.Op == syntax.AssignUnsetOrNull) {
				c.complain("%s: it sets %s", c.where, n.Param.Value)
			}
		}
		return true
	})
}

func (c commands) assign(a *syntax.Assign, exported bool) {
	if a.Name == nil {
		return // an option of local or export
	}
	name, value := a.Name.Value, ""
	if a.Value != nil {
		value = printed(a.Value)
	}
	if is := guarded[name]; is != "" {
		if is == "?" || !regexp.MustCompile("^"+is+"$").MatchString(value) && (a.Value != nil || !a.Naked) {
			c.complain("%s: it sets %s", c.where, printed(a))
		}
		return
	}
	if a.Value != nil && (exported || strings.ToUpper(name) == name) {
		if variables.MatchString(name + "=" + strings.Trim(printed(a.Value), `"`)) {
			return
		}
	}
	if !variables.MatchString(name) {
		c.complain("%s: it sets %s", c.where, printed(a))
	}
}

// judge judges one command.
func (c commands) judge(args []*syntax.Word) {
	name, rest := printed(args[0]), make([]string, 0, len(args))
	for _, word := range args[1:] {
		rest = append(rest, printed(word))
	}
	line := strings.Join(rest, " ")
	switch {
	case name == "printf" && slices.Contains(rest, "-v"): // it sets a variable
	case slices.Contains(plain, name) || slices.Contains(c.functions, name) || slices.Contains(called, name):
		return
	case name == "exec" && len(args) > 1:
		c.judge(args[1:])
		return
	case name == "env" && len(args) > 3 && line != "" && rest[0] == "-u" && rest[1] == "CLIENT_PRIVATE_KEY":
		c.judge(args[3:])
		return
	case regexp.MustCompile(`^((base/)?\.github/scripts|"\$here|"\$ACTION/\.github/scripts)/[a-z-]+\.sh"?$`).MatchString(name):
		return // TestScripts looks at each
	case name == "curl" && checked[c.where] == line:
		return
	}
	if name == "read" && slices.ContainsFunc(rest, func(word string) bool { return guarded[word] != "" }) {
		c.complain("%s: %s %s", c.where, name, line)
		return
	}
	for _, pattern := range judged[name] {
		if regexp.MustCompile(`^(` + pattern + `)$`).MatchString(line) {
			return
		}
	}
	c.complain("%s: %s %s", c.where, name, line)
}

// fetches are the rules about what is fetched.
var fetches = []rule{
	{"what fetches something says exactly what", func(_ testing.TB, w workflow, complain func(string, ...any)) {
		for _, key := range sorted(w.Env) {
			if !variables.MatchString(key) && key != "GOTOOLCHAIN" {
				complain("it sets %s", key)
			}
		}
		for _, name := range sorted(w.Jobs) {
			for _, key := range sorted(w.Jobs[name].Env) {
				complain("%s sets %s", name, key)
			}
		}
		w.steps(func(where string, _ job, s step) {
			if free[where] != "" && free[where] == s.Run {
				return
			}
			for _, key := range sorted(s.Env) {
				if !variables.MatchString(key) {
					complain("%s sets %s", where, key)
				}
			}
			commands{where: where, complain: complain}.shell(s.Run)
			for key, value := range s.Env {
				if key == "BUILDKIT" && !byDigest.MatchString(value) {
					complain("%s: %s", where, value)
				}
			}
		})
	}, nil},

	{"actions are told nothing but what is known", func(t testing.TB, w workflow, complain func(string, ...any)) {
		known := actionTable(t)
		w.steps(func(where string, _ job, s step) {
			if s.Uses == "" {
				return
			}
			for _, key := range sorted(s.With) {
				if !slices.Contains(known[s.Uses].With, key) {
					complain("%s: with %s", where, key)
				}
			}
		})
	}, nil},

	{"what is believed is built by the Go of go.mod", func(t testing.TB, w workflow, complain func(string, ...any)) {
		if got := w.Env["GOTOOLCHAIN"]; w.File != "test.yml" && got != "go"+goVersion(t, "go.mod") {
			complain("GOTOOLCHAIN: %q", got)
		}
	}, nil},
}

var byDigest = regexp.MustCompile(`^[a-z0-9.]+(/[a-z0-9.-]+)+@sha256:[0-9a-f]{64}$`)

func goVersion(t testing.TB, file string) string {
	t.Helper()
	mod, err := modfile.Parse(file, []byte(read(t, filepath.Join(root(t), file))), nil)
	if err != nil || mod.Toolchain != nil {
		t.Fatal(file, err)
	}
	return mod.Go.Version
}

// scriptTexts are .github/scripts and the commands of action.yml, by their names.
func scriptTexts(t testing.TB) map[string]string {
	t.Helper()
	texts := map[string]string{}
	files, err := filepath.Glob(filepath.Join(root(t), ".github/scripts/*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		texts[filepath.Base(file)] = read(t, file)
	}
	for i, s := range readAction(t).Runs.Steps {
		texts[fmt.Sprint("action.yml ", i)] = s.Run
	}
	return texts
}

// TestScriptsFetch judges the scripts as the workflows are judged.
func TestScriptsFetch(t *testing.T) {
	for name, text := range scriptTexts(t) {
		commands{where: name, complain: t.Errorf}.shell(text)
	}
	for name := range checked {
		if !strings.Contains(scriptTexts(t)[name], "curl") {
			t.Errorf("%s fetches nothing any more", name)
		}
	}
	for where, run := range free {
		file, rest, _ := strings.Cut(where, "/")
		name, _, _ := strings.Cut(rest, "/")
		if !slices.ContainsFunc(workflows(t)[file].Jobs[name].Steps, func(s step) bool { return s.Run == run }) {
			t.Errorf("%s does not run %s", where, run)
		}
	}
}

// TestWhatReleases looks at the files that say what GoReleaser and Docker do: none of
// them fetches anything, or runs anything of its own.
func TestWhatReleases(t *testing.T) {
	for _, problem := range releaseProblems(t, read(t, filepath.Join(root(t), ".goreleaser.yaml")), read(t, filepath.Join(root(t), "Dockerfile")), read(t, filepath.Join(root(t), "Makefile"))) {
		t.Error(problem)
	}
	// A module of tools that asks for a newer Go than the release has could not be built.
	for _, module := range []string{"goreleaser", "syft"} {
		if got, most := goVersion(t, "testdata/gate/"+module+"/go.mod"), goVersion(t, "go.mod"); got > most {
			t.Errorf("%s asks for Go %s, and the release has %s", module, got, most)
		}
	}
}

func releaseProblems(t testing.TB, goreleaser, dockerfile, makefile string) (problems []string) {
	t.Helper()
	complain := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	var config map[string]yaml.Node
	if err := yaml.Unmarshal([]byte(goreleaser), &config); err != nil {
		t.Fatal(err)
	}
	// before and hooks run commands, signs and publishers other programs.
	allowed := strings.Fields("version project_name builds archives checksum sboms dockers_v2 docker_digest changelog release snapshot")
	for key := range maps.Keys(config) {
		if !slices.Contains(allowed, key) {
			complain(".goreleaser.yaml: %s", key)
		}
	}
	var parts struct {
		Builds []map[string]any
		SBOMs  []struct {
			ID, Artifacts, Cmd string
			Args, Env          []string
		} `yaml:"sboms"`
		Dockers []map[string]any `yaml:"dockers_v2"`
	}
	if err := yaml.Unmarshal([]byte(goreleaser), &parts); err != nil {
		t.Fatal(err)
	}
	for _, b := range parts.Builds {
		for key := range b {
			if !slices.Contains(strings.Fields("id main binary env flags ldflags goos goarch mod_timestamp"), key) {
				complain(".goreleaser.yaml: builds: %s", key)
			}
		}
	}
	for _, s := range parts.SBOMs {
		if s.Cmd != "../bin/syft" || !slices.Equal(s.Args, []string{"$artifact", "--output", "spdx-json=$document"}) {
			complain(".goreleaser.yaml: sboms: %s %v", s.Cmd, s.Args)
		}
	}
	for _, d := range parts.Dockers {
		// BuildKit would fetch a scanner by a moving tag.
		if d["sbom"] != false {
			complain(".goreleaser.yaml: dockers_v2: sbom: %v", d["sbom"])
		}
		for key := range d {
			if !slices.Contains(strings.Fields("id ids dockerfile images tags platforms extra_files sbom labels"), key) {
				complain(".goreleaser.yaml: dockers_v2: %s", key)
			}
		}
	}
	for line := range strings.Lines(dockerfile) {
		line = strings.TrimSpace(line)
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case strings.HasPrefix(line, "#") && regexp.MustCompile(`(?i)^#\s*(syntax|escape|check)\s*=`).MatchString(line): // fetches a frontend
			complain("Dockerfile: %s", line)
		case line == "" || strings.HasPrefix(line, "#"):
		case word == "FROM" && rest == "scratch":
		case word == "COPY" && !strings.Contains(rest, "--from") && !strings.Contains(rest, "://"):
		case slices.Contains([]string{"ARG", "WORKDIR", "USER", "ENTRYPOINT"}, word):
		default:
			complain("Dockerfile: %s", line)
		}
	}
	_, recipe, _ := strings.Cut(makefile, "\nbuild: ## ")
	recipe, _, _ = strings.Cut(recipe, "\n\n")
	if _, recipe, _ = strings.Cut(recipe, "\n"); recipe != "\t$(GO) build -ldflags='-s -w' -o bin/ ./cmd/..." {
		complain("Makefile: %s", recipe)
	}
	return problems
}

// attack is a change of a file that a rule must refuse.
type attack struct{ Name, Rule, File, Old, New string }

func readAttacks(t testing.TB) (all []attack) {
	t.Helper()
	decoder := yaml.NewDecoder(strings.NewReader(read(t, filepath.Join(root(t), "testdata/gate/attacks.yaml"))))
	decoder.KnownFields(true)
	if err := decoder.Decode(&all); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestAttacks has each change of testdata/gate/attacks.yaml refused, by the rule that it
// names. A rule that nothing attacks is not known to refuse anything.
func TestAttacks(t *testing.T) {
	all, scripts, attacked := workflows(t), scriptTexts(t), map[string]int{}
	named := map[string]rule{}
	for _, r := range slices.Concat(rules, handovers, fetches) {
		named[r.name] = r
	}
	for _, a := range readAttacks(t) {
		t.Run(a.Name, func(t *testing.T) {
			var text string
			if w, ok := all[a.File]; ok {
				text = w.Text
			} else if script, ok := scripts[a.File]; ok {
				text = script
			} else {
				text = read(t, filepath.Join(root(t), a.File))
			}
			broken := strings.Replace(text, a.Old, a.New, 1)
			if broken == text || a.Old == "" {
				t.Fatalf("%s has no %q to change", a.File, a.Old)
			}
			attacked[a.Rule]++
			complaints := 0
			complain := func(string, ...any) { complaints++ }
			r, ok := named[a.Rule]
			switch {
			case ok:
				r.check(t, parse(t, a.File, broken), complain)
			case a.Rule == "scripts":
				commands{where: a.File, complain: complain}.shell(broken)
			case a.Rule == "release":
				texts := map[string]string{}
				for _, file := range []string{".goreleaser.yaml", "Dockerfile", "Makefile"} {
					texts[file] = read(t, filepath.Join(root(t), file))
				}
				texts[a.File] = broken
				complaints = len(releaseProblems(t, texts[".goreleaser.yaml"], texts["Dockerfile"], texts["Makefile"]))
			default:
				t.Fatalf("there is no rule %q", a.Rule)
			}
			if complaints == 0 {
				t.Errorf("%s with %q in place of %q is let through", a.File, a.New, a.Old)
			}
		})
	}
	for _, r := range slices.Concat(handovers, fetches) {
		if attacked[r.name] == 0 {
			t.Errorf("nothing attacks the rule %q", r.name)
		}
	}
}

// known is what is known of an action: a row of testdata/gate/actions.yaml.
type known struct {
	Action, Version, Commit string
	// Kind is what action.yml says that it is: node, a script of its own, or composite.
	Kind string
	// With are the inputs that workflows may give it.
	With []string
	// Uses are the actions that it runs itself, each pinned by a commit, and Fetches what
	// it downloads and runs.
	Uses, Fetches []string
	// Read says which of its files were read at this commit, and Elsewhere which at
	// another. Nobody has followed the action where Read does not have all that runs.
	Read, Elsewhere []string
	Followed        bool
	// Remark is for who reads it.
	Remark string
}

// actionTable are the rows of testdata/gate/actions.yaml, by action@commit.
func actionTable(t testing.TB) map[string]known {
	t.Helper()
	var rows []known
	decoder := yaml.NewDecoder(strings.NewReader(read(t, filepath.Join(root(t), "testdata/gate/actions.yaml"))))
	decoder.KnownFields(true)
	if err := decoder.Decode(&rows); err != nil {
		t.Fatal(err)
	}
	all := map[string]known{}
	for _, row := range rows {
		all[row.Action+"@"+row.Commit] = row
	}
	return all
}

// TestActionsAreFollowed holds the actions that are used against what is known of them:
// what they run and fetch themselves, and which of them nobody could look into.
func TestActionsAreFollowed(t *testing.T) {
	table, used, document := actionTable(t), map[string]bool{}, read(t, filepath.Join(root(t), "docs/gate.md"))
	for _, w := range workflows(t) {
		w.steps(func(where string, _ job, s step) {
			if s.Uses != "" && table[s.Uses].Commit == "" {
				t.Errorf("%s: nothing is known of %s", where, s.Uses)
			}
			used[s.Uses] = true
		})
	}
	for _, s := range readAction(t).Runs.Steps {
		if s.Uses != "" && table[s.Uses].Commit == "" {
			t.Errorf("action.yml: nothing is known of %s", s.Uses)
		}
		used[s.Uses] = true
	}
	for uses, row := range table {
		if !used[uses] {
			t.Errorf("nothing uses %s any more", uses)
		}
		for _, inner := range row.Uses {
			if !regexp.MustCompile(`^[a-z0-9/-]+@[0-9a-f]{40}$`).MatchString(inner) {
				t.Errorf("%s uses %s, which is not pinned", uses, inner)
			} else if table[inner].Commit == "" {
				t.Errorf("%s uses %s, of which nothing is known", uses, inner)
			}
			used[inner] = true
		}
		if len(row.Fetches) > 0 {
			t.Errorf("%s fetches %v: take it as GoReleaser is taken", uses, row.Fetches)
		}
		if !slices.Contains([]string{"node", "composite"}, row.Kind) {
			t.Errorf("%s is of the kind %q", uses, row.Kind)
		}
		if row.Followed != (len(row.Elsewhere) == 0 && slices.Contains(row.Read, "action.yml") && len(row.Read) > 1) {
			t.Errorf("%s: followed: %v, and this was read: %v, elsewhere %v", uses, row.Followed, row.Read, row.Elsewhere)
		}
		followed := "nobody could"
		if row.Followed {
			followed = "yes"
		}
		if want := fmt.Sprintf("| `%s` | %s | `%s` | %s |\n", row.Action, row.Version, row.Commit, followed); !strings.Contains(document, want) {
			t.Errorf("docs/gate.md has no row %s", want)
		}
	}
	if rows := len(pinned.FindAllString(document, -1)); rows != len(table) {
		t.Errorf("docs/gate.md lists %d actions, and testdata/gate/actions.yaml %d", rows, len(table))
	}
	if _, err := os.Stat(filepath.Join(root(t), ".github/dependabot.yml")); err == nil {
		t.Error("somebody else changes the commits: hold that against the table too")
	}
}

package main

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/enginetest"
	"github.com/opengpu-network/templates/pkg/git/gittest"
	"github.com/opengpu-network/templates/pkg/registry/registrytest"
)

// A reader types what the blocks `sh` of a document show. What the reader has and
// this machine has not is put there first: a catalog whose images are at a registry
// that can be reached, a source on a chain, somebody else's repository. `sh NAME` is
// a block that another test looks for by its name; CONTRIBUTING.md is walked through.
type reader struct {
	*walk
	// answers replaces what stands for somebody's own.
	answers []string
}

// blocks says who runs the blocks of each document, in their order.
var blocks = map[string][]func(*testing.T, *reader, string){
	"README.md":                        {followLint, followSmokeOCR, followMakeTest},
	"docs/gate.md":                     {followGH, followGH, followGH, followLsRemote},
	"docs/import.md":                   {followImport, followPython},
	"docs/performance.md":              {followBenchmarks, followBenchmarks, followBenchmarks},
	"docs/pin.md":                      {followPin, followImage},
	"docs/provider.md":                 {followProvider},
	"docs/release.md":                  {followSums, followFreezeOnGit},
	"docs/smoke.md":                    {followSmoke, followSmokeSSH},
	"templates/document-ocr/README.md": {followRender, followBuildOCR},
	"templates/huggingface-pipeline/README.md": {followRender},
	"templates/ollama/README.md":               {followRender},
	"templates/text-to-image/README.md":        {followRender},
}

// named are the blocks `sh NAME`, and the files of the tests that run them.
var named = map[string]string{
	"sh by hand": "cmd/ogpu-tpl/freeze_output_test.go",
	"sh image":   "pkg/gatetest/release_test.go",
	"sh rebuild": "pkg/gatetest/release_test.go",
}

// TestDocumentedCommands runs every block `sh` of every document.
func TestDocumentedCommands(t *testing.T) {
	t.Parallel()
	for _, file := range documents(t) {
		name, err := filepath.Rel(root(t), file)
		if err != nil {
			t.Fatal(err)
		}
		if name == contributing {
			continue
		}
		run := blocks[name]
		for _, match := range fence.FindAllStringSubmatch(read(t, file), -1) {
			language, text := match[2], regexp.MustCompile("(?m)^"+match[1]).ReplaceAllString(match[3], "")
			if test, ok := named[language]; ok && !strings.Contains(read(t, filepath.Join(root(t), test)), "```"+language+`\n`) {
				t.Errorf("%s: %s does not run this:\n%s", name, test, match[0])
			}
			if language != "sh" {
				continue
			}
			if len(run) == 0 {
				t.Errorf("%s: nobody runs this:\n%s", name, match[0])
				continue
			}
			t.Run(name, func(t *testing.T) { run[0](t, newReader(t), text) })
			run = run[1:]
		}
		if len(run) > 0 {
			t.Errorf("%s: %d blocks fewer than are run", name, len(run))
		}
	}
}

// TestContributingIsWalked makes sure that no command of CONTRIBUTING.md stands where
// nobody walks.
func TestContributingIsWalked(t *testing.T) {
	text := read(t, filepath.Join(root(t), contributing))
	for _, heading := range slices.Concat(walkedWithATemplate, walkedWithAPolicy) {
		text = strings.Replace(text, section(t, text, heading), "", 1)
	}
	for _, match := range fence.FindAllStringSubmatch(text, -1) {
		if language := match[2]; language == "console" || language == "sh" && match[3] != "make test\n" {
			t.Errorf("nobody runs this:\n%s", match[0])
		}
	}
}

func newReader(t *testing.T) *reader { return &reader{walk: newShell(t)} }

// tool puts a script before the program of that name.
func (r *reader) tool(name, script string) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.bin(), name), []byte("#!/bin/bash\nset -eu\n"+script), 0o755); err != nil {
		r.t.Fatal(err)
	}
}

// types types a block, and returns what is printed and the status of the last
// command.
func (r *reader) types(block string) (output string, status int) {
	r.t.Helper()
	c := r.bash(strings.NewReplacer(r.answers...).Replace(block))
	status, stdout, stderr := runCommand(r.t, c)
	return stdout + stderr, status
}

// expects types a block that must end with the status, and print the pattern.
func (r *reader) expects(status int, pattern, block string) string {
	r.t.Helper()
	out, got := r.types(block)
	if got != status || !regexp.MustCompile("(?s)"+pattern).MatchString(out) {
		r.t.Errorf("%s\nstatus %d, want %d and %q:\n%s", block, got, status, pattern, out)
	}
	return out
}

// lines are the commands of a block, one for each line.
func lines(block string) []string { return strings.Split(strings.TrimSpace(block), "\n") }

func followLint(t *testing.T, r *reader, block string) {
	r.dir = root(t)
	r.expects(statusClean, "0 errors", block)
}

// What the catalog's own service is built on cannot be pulled everywhere.
func (r *reader) withBase() {
	r.t.Helper()
	makeBase(r.t)
	r.dir = root(r.t)
}

func followSmokeOCR(t *testing.T, r *reader, block string) {
	r.withBase()
	// The programs are built into a folder of this test's own.
	bin := t.TempDir()
	block = strings.NewReplacer("-o bin/", "-o '"+bin+"/'", "\nbin/", "\n'"+bin+"'/").Replace(block)
	r.expects(statusClean, "PASSED document-ocr .* cpu.*1 passed", strings.TrimSpace(block)+" --build-arg BASE="+baseImage)
}

// All tests are what runs this one: CI does it by the very command.
func followMakeTest(t *testing.T, _ *reader, block string) {
	if ci := lines(read(t, filepath.Join(root(t), ".ci/run"))); block != "make test\n" || ci[len(ci)-1] != "make test" {
		t.Errorf("CI runs %q, the document says %q", ci[len(ci)-1], block)
	}
}

// GitHub is not here. Its client writes down what it is asked for, which the
// workflows must know.
func followGH(t *testing.T, r *reader, block string) {
	file := filepath.Join(t.TempDir(), "asked")
	r.tool("gh", `printf '%s\0' "$@" > '`+file+"'\n")
	r.must("git init --quiet && git commit --quiet --allow-empty --message x")
	r.expects(statusClean, "^$", block)
	asked := strings.Split(strings.TrimSuffix(read(t, file), "\x00"), "\x00")
	if err := newExamples(t).gh(asked); err != nil {
		t.Errorf("%q: %v", asked, err)
	}
	head := strings.TrimSpace(r.must("git rev-parse HEAD"))
	if asked[0] == "workflow" && !slices.Contains(asked, "commit="+head) {
		t.Errorf("%q does not name the commit %s", asked, head)
	}
}

// Somebody's repository at GitHub is one on this machine, with a tag.
func followLsRemote(t *testing.T, r *reader, block string) {
	github := t.TempDir()
	r.must("git init --quiet --bare '" + github + "/actions/checkout' && git init --quiet && git commit --quiet --allow-empty --message x && " +
		"git tag --annotate --message x v6.0.2 && git push --quiet '" + github + "/actions/checkout' v6.0.2")
	r.env = append(r.env, "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=url."+github+"/.insteadOf", "GIT_CONFIG_VALUE_0=https://github.com/")
	r.expects(statusClean, `refs/tags/v6\.0\.2\n[0-9a-f]{40}\trefs/tags/v6\.0\.2\^\{\}\n`, block)
}

// importable is a source whose compose file can be fetched.
func (r *reader) importable() (config string) {
	r.t.Helper()
	server := httptest.NewServer(http.FileServerFS(os.DirFS(filepath.Join(root(r.t), "testdata/smoke/echo/compose"))))
	r.t.Cleanup(server.Close)
	// A link may lead to this machine on the devnet.
	r.answers = []string{"ogpu-tpl import ", "ogpu-tpl import --network devnet "}
	return fmt.Sprintf(`{"name": "Echo", "description": "It sends a text back.", "imageEnvs": {"cpu": "%s/cpu.yml"}, "minPayment": 1000000000000000, "minAvailableLockup": 0, "maxExpiryDuration": 86400}`, server.URL)
}

// The three lines are three ways: each begins with nothing.
func followImport(t *testing.T, r *reader, block string) {
	config, start := r.importable(), r.dir
	says := map[bool]string{false: "The linter finds 0 errors", true: "missing: imageEnvs.cpu: .*--offline"}
	for i, line := range lines(block) {
		r.dir = filepath.Join(start, strconv.Itoa(i))
		gitRepo{t, r.dir}.write("source.json", config)
		gitRepo{t, r.dir}.write("templates/.keep", "")
		offline := strings.HasSuffix(line, "--offline")
		status := statusClean
		if offline {
			status = statusFindings
		}
		r.expects(status, says[offline], line)
		if made := r.must("ls templates"); made != "echo\n" && (!strings.Contains(line, "--name my-model") || made != "my-model\n") {
			t.Errorf("%s makes %s", line, made)
		}
		if compose, err := filepath.Glob(filepath.Join(r.dir, "templates/*/compose/cpu.yml")); err != nil || len(compose) == 1 == offline {
			t.Errorf("%s: %v %v", line, compose, err)
		}
	}
}

// What Python prints is what import reads.
func followPython(t *testing.T, r *reader, block string) {
	gitRepo{t, r.dir}.write("your_file.py", "config = "+r.importable()+"\n")
	gitRepo{t, r.dir}.write("templates/.keep", "")
	r.expects(statusClean, `^\{"name": "Echo"`, block)
	r.expects(statusClean, "The linter finds", strings.TrimSpace(block)+" > source.json && ogpu-tpl import source.json")
}

// once is `go`, but that benchmarks run once and are small, and those of this package
// are in this very program.
const once = `if [ "$1" != test ]; then exec %q "$@"; fi
shift
words=(-short -benchtime 1x) here= last=
for word; do
  if [ "$word" = ./cmd/ogpu-tpl ]; then here=1; elif [ "$word" != -benchtime ] && [ "$last" != -benchtime ]; then words+=("$word"); fi
  last=$word
done
if [ -z "$here" ]; then exec %[1]q test "${words[@]}"; fi
cd cmd/ogpu-tpl
exec %q "${words[@]/#-/-test.}"
`

// A benchmark takes minutes. Once shows that it is there and that it works.
func followBenchmarks(t *testing.T, r *reader, block string) {
	enginetest.Local(t)
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r.tool("go", fmt.Sprintf(once, goTool, executable))
	r.tool("hyperfine", `for word; do case $word in *" "*) $word >&2 ;; esac; done`)
	r.dir = root(t)
	out := r.expects(statusClean, "PASS", block)
	if asked, ran := strings.Count(block, "-bench "), strings.Count(out, "PASS\n"); asked != ran || !strings.Contains(out, "\nBenchmark") {
		t.Errorf("%d benchmarks were asked for:\n%s", asked, out)
	}
}

func followPin(t *testing.T, r *reader, block string) {
	registry := registrytest.Start(t, "")
	image := registry + "/ollama:1"
	push(t, image, newImage(t, "amd64"))
	compose := pinTemplate(t, filepath.Join(r.dir, "templates"), "ollama", "", image)
	r.expects(statusClean, "1 pinned.*unpinned|pinned", block)
	if !strings.Contains(read(t, compose), image+"@sha256:") {
		t.Error(read(t, compose))
	}
}

func followImage(t *testing.T, r *reader, block string) {
	enginetest.Local(t)
	registry := registrytest.Start(t, "")
	const name = "image-in-documents" // the real one takes minutes to build
	image := registry + "/" + name + ":1.0.0"
	r.answers = []string{"document-ocr", name}
	compose := pinTemplate(t, filepath.Join(r.dir, "templates"), name, "service: {image: \""+image+"\"}\n", image)
	gitRepo{t, r.dir}.write("templates/"+name+"/service/Dockerfile", "FROM scratch\nCOPY Dockerfile /\n")
	t.Cleanup(func() { _ = exec.Command("docker", "rmi", "--force", image, "ogpu-tpl-build/"+name+":1.0.0").Run() })
	r.expects(statusClean, "pushed "+regexp.QuoteMeta(image)+"@sha256:", block)
	if !strings.Contains(read(t, compose), image+"@sha256:") {
		t.Error(read(t, compose))
	}
}

// A source that is on the mainnet in the documents is on a chain with its number.
func followProvider(t *testing.T, r *reader, block string) {
	s := newStage(t, networkOf(t, "# network: mainnet"))
	s.publisher("mainnet")
	s.happen("record")
	s.want(statusClean, "is on the mainnet", "publish", "echo", "--network", "mainnet", "--loopback", "--record", "record.json", "--confirmations", "1", "--yes")
	r.dir, r.env = s.dir, append(r.env, "OGPU_RPC_URL="+s.chain.RPCURL())
	r.answers = []string{exampleSource, s.sources()[0].Hex() + " --loopback"}
	for i, line := range lines(block) {
		r.expects(statusClean, []string{"echo.*stays", "echo 1.0.0", "published 1.0.0"}[i], line)
	}
}

func followSums(t *testing.T, r *reader, block string) {
	at := r.dir
	r.dir = root(t)
	r.must("ogpu-tpl freeze ollama --output '" + filepath.Join(at, "release") + "'")
	r.dir = filepath.Join(at, "release")
	r.expects(statusClean, `compose/\S+: OK\n.*[0-9a-f]{64}  SHA256SUMS\n$`, block)
}

// Between the lines the reader commits and pushes, as the comments say.
func followFreezeOnGit(t *testing.T, r *reader, block string) {
	bare := filepath.Join(t.TempDir(), "bare.git")
	copyTree(t, filepath.Join(root(t), "templates/ollama"), filepath.Join(r.dir, "templates/ollama"))
	r.must("git init --quiet --bare '" + bare + "' && git init --quiet --initial-branch main && git remote add origin '" + bare + "'")
	commit := func() { r.must("git add --all && git commit --quiet --message x && git push --quiet origin main") }
	commit()
	server := httptest.NewServer(gittest.Handler(bare, "/OWNER/REPOSITORY/"))
	t.Cleanup(server.Close)
	r.answers = []string{"https://raw.githubusercontent.com", server.URL}
	var commands []string
	for _, line := range lines(block) {
		if !strings.HasPrefix(line, "#") {
			commands = append(commands, line)
		}
	}
	if len(commands) != 2 {
		t.Fatal(commands)
	}
	r.expects(statusClean, "", commands[0])
	commit()
	r.expects(statusFailed, "commit and push the metadata.devnet.json", commands[1])
	commit()
	r.expects(statusClean, "", commands[1])
}

// The documented templates, small enough to be run anywhere. No GPU is needed to see
// what is said when there is none.
func (r *reader) smallCatalog() {
	r.t.Helper()
	catalog := filepath.Join(r.dir, "templates")
	writeCase(r.t, catalog, smokeCase{Name: "document-ocr", Behavior: "good"})
	for _, name := range []string{"ollama", "text-to-image"} {
		writeGPU(r.t, catalog, name, "small", onlyNVIDIA(), nil)
	}
}

func followSmoke(t *testing.T, r *reader, block string) {
	importEcho(t)
	r.smallCatalog()
	commands := lines(block)
	r.expects(statusClean, "PASSED document-ocr", commands[0])
	r.recordsOllama(commands[1])
	out, status := r.types(commands[2])
	var junit struct {
		Suites []struct{} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(read(t, filepath.Join(r.dir, "smoke.xml"))), &junit); err != nil || status != statusFindings || len(junit.Suites) == 0 {
		t.Errorf("%s: status %d: %v\n%s", commands[2], status, err, out)
	}
}

// recordsOllama types a command that writes smoke.json, with or without a GPU here.
func (r *reader) recordsOllama(command string) {
	r.t.Helper()
	out, status := r.types(command)
	records := recordsIn(r.t, filepath.Join(r.dir, "smoke.json"))
	if _, ok := records["ollama nvidia"]; !ok || len(records) != 1 || status == statusUsage {
		r.t.Errorf("%s: status %d: %v\n%s", command, status, records, out)
	}
}

func followSmokeSSH(t *testing.T, r *reader, block string) {
	far := enginetest.Start(t, enginetest.Options{})
	address, env := enginetest.SSH(t, far)
	r.smallCatalog()
	path, ok := strings.CutPrefix(env[0], "PATH=")
	if !ok || len(env) != 1 {
		t.Fatal(env)
	}
	r.env = append(r.env, "PATH="+r.bin()+":"+path)
	r.tool("ogpu-tpl", "exec env "+asProgram+"=1 '"+program(t)+"' \"$@\"\n") // beside which the relay is
	r.answers = []string{"ssh://me@gpu-box", address}
	r.expects(statusFindings, "FAILED text-to-image 1.0.0 nvidia", block)
}

// A template's own page is read at the repository's root.
func followRender(t *testing.T, r *reader, block string) {
	r.dir, r.answers = root(t), []string{"ORGANISATION/MODEL", "example/model", "COMMIT", strings.Repeat("a", 40)}
	out := r.expects(statusClean, "", block)
	if node, err := document.Parse("rendered.yml", []byte(out)); err != nil || node == nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func followBuildOCR(t *testing.T, r *reader, block string) {
	enginetest.Exclusive(t)
	r.withBase()
	const image = "opengpunetwork/document-ocr:1.0.0"
	r.answers = []string{image, "ogpu-tpl-test/document-ocr:1.0.0", "docker build", "docker build --build-arg BASE=" + baseImage}
	r.expects(statusClean, "", block)
	r.must("docker rmi ogpu-tpl-test/document-ocr:1.0.0")
}

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/opengpu-network/templates/pkg/devnet"
	"github.com/opengpu-network/templates/pkg/enginetest"
	"github.com/opengpu-network/templates/pkg/registry/registrytest"
	"github.com/urfave/cli/v2"
)

// helps says who runs the examples of each command's help text, as a reader does.
var helps = map[string]func(*testing.T, *reader, []string){
	"lint": tryLint, "changed": tryChanged, "list": tryHere, "show": tryHere, "render": tryHere,
	"new": tryNew, "import": asBlock(followImport), "smoke": trySmoke, "pin": tryPin, "image": asBlock(followImage),
	"freeze": tryOnChain, "publish": tryOnChain, "status": tryOnChain, "verify": tryOnChain, "history": tryOnChain, "retire": tryOnChain,
	"devnet": tryDevnet, "rules": tryRules, "rules new": tryRules, "completion": tryHere,
}

// helpLine is a command line in a help text.
var helpLine = regexp.MustCompile(`(?m)^(?:  |Example: )((?:source <\()?ogpu-tpl .*)$`)

// TestHelpCommands runs every command line that a help text shows.
func TestHelpCommands(t *testing.T) {
	t.Parallel()
	seen := 0
	var look func(above string, commands []*cli.Command)
	look = func(above string, commands []*cli.Command) {
		for _, c := range commands {
			name := strings.TrimSpace(above + " " + c.Name)
			look(name, c.Subcommands)
			var shown []string
			for _, line := range helpLine.FindAllStringSubmatch(c.Description, -1) {
				shown = append(shown, line[1])
			}
			switch try := helps[name]; {
			case len(shown) == 0 && !c.Hidden:
				t.Errorf("%s shows no example", name)
			case try == nil && len(shown) > 0:
				t.Errorf("nobody runs the examples of %s: %q", name, shown)
			case try != nil:
				seen++
				t.Run(name, func(t *testing.T) { try(t, newReader(t), shown) })
			}
		}
	}
	app := newApp(World{})
	look("", app.Commands)
	if seen != len(helps) {
		t.Errorf("%d commands show examples, want %d", seen, len(helps))
	}
	t.Run("ogpu-tpl", func(t *testing.T) {
		tryHere(t, newReader(t), []string{helpLine.FindStringSubmatch(app.Description)[1]})
	})
}

// asBlock runs examples as a document's block of the same lines.
func asBlock(follow func(*testing.T, *reader, string)) func(*testing.T, *reader, []string) {
	return func(t *testing.T, r *reader, lines []string) { follow(t, r, strings.Join(lines, "\n")+"\n") }
}

// tryHere needs nothing but this catalog.
func tryHere(t *testing.T, r *reader, lines []string) {
	r.dir = root(t)
	for _, line := range lines {
		if strings.HasPrefix(line, "source ") {
			line += " && complete -p ogpu-tpl"
		}
		r.expects(statusClean, ".", line)
	}
}

// A reader's own clone has a template that is changed, a compose file of the reader's,
// and somebody's rules.
func (r *reader) clone() {
	r.t.Helper()
	for _, path := range []string{"templates", "publishers.yaml", "policies", "testdata/lint/err/trust-oom"} {
		copyTree(r.t, filepath.Join(root(r.t), path), filepath.Join(r.dir, path))
	}
	copyTree(r.t, filepath.Join(r.dir, "templates/ollama/compose/nvidia.yml"), filepath.Join(r.dir, "docker-compose.yml"))
	if err := os.Mkdir(filepath.Join(r.dir, "my-policies"), 0o755); err != nil {
		r.t.Fatal(err)
	}
	r.must("git init --quiet && git add --all && git commit --quiet --message x && git update-ref refs/remotes/origin/main HEAD")
	r.must("sed -i 's/^version: .*/version: 1000.0.0/' templates/ollama/template.yaml && echo One more line. >> templates/ollama/README.md")
}

func tryLint(t *testing.T, r *reader, lines []string) {
	r.clone()
	for _, line := range lines {
		if strings.Contains(line, "lint 0x") {
			tryOnChain(t, newReader(t), []string{line})
			continue
		}
		status := statusClean
		if strings.Contains(line, "docker-compose.yml") { // whose warnings nobody has waived
			status = statusFindings
		}
		r.expects(status, `0 errors|Clean|"findings"`, line)
	}
}

func tryChanged(_ *testing.T, r *reader, lines []string) {
	r.clone()
	for _, line := range lines {
		r.expects(statusClean, "ollama", line)
	}
}

func tryRules(_ *testing.T, r *reader, lines []string) {
	r.clone()
	for _, line := range lines {
		says := "trust/privileged"
		if strings.Contains(line, "rules new") {
			says = "Made "
			r.must("git clean --quiet --force -d policies testdata")
		}
		r.expects(statusClean, says, line)
	}
}

func tryNew(t *testing.T, r *reader, lines []string) {
	for _, line := range lines {
		r.dir = t.TempDir()
		r.must("mkdir templates")
		r.expects(statusClean, "my-model", line)
		r.expects(statusClean, "0 errors", "ogpu-tpl lint my-model")
	}
}

// What a machine without a GPU says is said, and what is kept is removed as it says.
func trySmoke(t *testing.T, r *reader, lines []string) {
	importEcho(t)
	importGPU(t, enginetest.Local(t), "small", gpuFiles(t, false))
	r.smallCatalog()
	r.env = append(r.env, "DOCKER_CONFIG="+composePlugin(t))
	for _, line := range lines {
		switch {
		case strings.Contains(line, "--keep"):
			remove := regexp.MustCompile(`docker compose \S+ \S+ down\b.*`)
			r.must(remove.FindString(r.expects(statusClean, "EMULATED.*"+remove.String(), line)))
		case strings.Contains(line, "nvidia"):
			r.recordsOllama(line)
		default:
			r.expects(statusClean, "PASSED", line)
		}
	}
}

func tryPin(t *testing.T, r *reader, lines []string) {
	registry := registrytest.Start(t, "")
	image := registry + "/ollama:1"
	push(t, image, newImage(t, "amd64"))
	pinTemplate(t, filepath.Join(r.dir, "templates"), "ollama", "", image)
	for _, line := range lines {
		r.expects(statusClean, "ollama", line)
	}
}

// tryOnChain has each line on a chain with its network's number, where a template is
// published. The last word on a real network is the reader's.
func tryOnChain(t *testing.T, r *reader, lines []string) {
	for _, line := range lines {
		name, network := strings.Fields(line)[1], "devnet"
		if found := regexp.MustCompile(`--network (\w+)`).FindStringSubmatch(line); found != nil {
			network = found[1]
		}
		s := newStage(t, networkOf(t, "# network: "+network))
		r.dir, r.answers = s.dir, []string{"ollama", "echo", "huggingface-pipeline", "echo", "document-ocr", "echo", "smoke.json", "record.json"}
		s.flags = append(s.flags, "--confirmations", "1")
		var sure []string // of a real network
		if network != "devnet" {
			sure = []string{"--loopback", "--yes"}
			s.publisher(network)
		}
		s.happen("record")
		switch name {
		case "freeze": // takes no address of this machine, but for the devnet
			r.answers = append(r.answers, "--network mainnet", "--network devnet", "--host pinning", s.flags[2]+" "+s.flags[3])
			s.flags = nil
			if strings.Contains(line, "--except amd") {
				s.withAMD()
			}
		case "publish":
		default:
			s.want(statusClean, "is on the "+network, append([]string{"publish", "echo", "--record", "record.json", "--network", network}, sure...)...)
			r.answers = append(r.answers, exampleSource, s.sources()[0].Hex())
		}
		if strings.Contains(line, "key.json") {
			delete(s.env, "CLIENT_PRIVATE_KEY")
			s.env["OGPU_KEYSTORE_PASSWORD"] = "the password of a test"
			s.happen("write key.json " + encrypted(t, devnet.Key(), s.env["OGPU_KEYSTORE_PASSWORD"]))
		}
		more := s.missing(name + " " + line)
		for _, flag := range sure {
			if hasFlag(newApp(World{}).Command(name), flag) && !strings.Contains(line, flag) {
				more = append(more, flag)
			}
		}
		r.inWorld(s.env, more)
		r.expects(statusClean, "echo|1.0.0", line)
	}
}

// inWorld has the program run as `run` does, with arguments after those that are typed.
func (r *reader) inWorld(env map[string]string, more []string) {
	r.t.Helper()
	executable, variable := itself(r.t, env)
	r.tool("ogpu-tpl", fmt.Sprintf("exec env '%s' '%s' \"$@\" %s\n", variable, executable, strings.Join(more, " ")))
}

// withAMD gives the template a second environment, of which there is no smoke record.
func (s *stage) withAMD() {
	s.t.Helper()
	dir := filepath.Join(s.dir, "templates/echo")
	s.manifest(map[string]any{"environments": map[string]any{"amd": map[string]any{"hardware": map[string]any{
		"vram": "1GiB", "ram": "256MiB", "cpus": 1, "disk": "1GiB", "gfx": []any{"gfx1100"},
	}}}})
	copyTree(s.t.(*testing.T), filepath.Join(dir, "compose/cpu.yml"), filepath.Join(dir, "compose/amd.yml"))
	edit(s.t, filepath.Join(dir, "compose/amd.yml"), func(p map[string]any) {
		merge(p, map[string]any{"services": map[string]any{"echo": map[string]any{
			"devices": []any{"/dev/kfd", "/dev/dri"}, "group_add": []any{"video", "render"},
		}}})
	})
}

// The other lines are typed in another terminal, while the first goes on.
func tryDevnet(t *testing.T, r *reader, lines []string) {
	out, _ := startDevnetCommand(t, "--rpc-address", "127.0.0.1:0", "--files-address", "127.0.0.1:0")
	found := devnetFlags.FindStringSubmatch(out)
	if found == nil || lines[0] != "ogpu-tpl devnet" {
		t.Fatal(lines[0], out)
	}
	r.dir = root(t)
	for _, line := range lines[1:] {
		more := " --rpc-url " + found[1]
		if strings.Contains(line, "publish") {
			more += " --host " + found[2] + " --journal " + t.TempDir()
		}
		command, _, _ := strings.Cut(line, "#")
		r.expects(statusClean, "huggingface-pipeline", strings.TrimSpace(command)+more)
	}
}

package gatetest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/moby/moby/client"
	"github.com/opengpu-network/templates/pkg/chain/networks"
	"github.com/opengpu-network/templates/pkg/devnet"
	"github.com/opengpu-network/templates/pkg/enginetest"
	"github.com/opengpu-network/templates/pkg/registry/registrytest"
	"go.yaml.in/yaml/v4"
)

// stage is a repository at a Git host, with what its workflows reach.
type stage struct {
	*runner
	workflows map[string]workflow
	// bare is the repository, work a clone of it.
	bare, work string
	// image is what the template echo runs, with its digest.
	image string
	// ghLog has a line for each call of gh.
	ghLog string
	pulls int
}

// newStage puts the sources that lie here into a repository, with an empty catalog,
// and starts a registry, and a chain in the place of each network.
func newStage(t *testing.T) *stage {
	t.Helper()
	enginetest.Local(t)
	enginetest.Exclusive(t)
	s := &stage{workflows: map[string]workflow{}, ghLog: filepath.Join(t.TempDir(), "gh")}
	s.image = pushEcho(t)

	bare, url := serveGit(t)
	s.bare, s.work = bare, filepath.Join(t.TempDir(), "work")
	s.runner = &runner{
		t: t, remote: url, commands: t.TempDir(), built: map[string]string{},
		vars: map[string]string{}, secrets: map[string]map[string]string{},
		env: map[string]string{"OGPU_TPL": filepath.Join(t.TempDir(), "ogpu-tpl")},
	}
	publishers := ""
	for _, name := range []string{"testnet", "mainnet"} {
		network, _ := networks.Find(name)
		local, err := devnet.Start(t.Context(), devnet.Options{ChainID: network.ChainID, Nexus: network.Nexus})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = local.Close() })
		mine(t, local)
		s.vars[strings.ToUpper(name)+"_RPC_URL"] = local.RPCURL()
		s.vars["OGPU_HOST"] = "pinning=" + local.PinningURL() + "," + local.GatewayURL()
		s.secrets[name] = map[string]string{"CLIENT_PRIVATE_KEY": devnet.PrivateKey}
		publishers += fmt.Sprintf("%s: {client: %q}\n", name, devnet.Account.Hex())
	}
	if host := os.Getenv("DOCKER_HOST"); host != "" {
		s.env["DOCKER_HOST"] = host
	}
	// The program that was built, and may fetch from loopback.
	writeFile(t, s.env["OGPU_TPL"], "#!/bin/sh\nexec bin/ogpu-tpl \"$@\" $(case $1 in publish | status | verify) echo --loopback ;; esac)\n", 0o755)
	s.env["GH_LOG"], s.env["GH_SIGNED"] = s.ghLog, t.TempDir()
	writeFile(t, filepath.Join(s.commands, "gh"), ghText, 0o755)

	copySources(t, root(t), s.work)
	registries := filepath.Join(s.work, "policies/data/registries.yaml")
	repository, _, _ := strings.Cut(s.image, ":1@")
	writeFile(t, registries, read(t, registries)+fmt.Sprintf("    %q: It is for tests.\n", repository), 0o600)
	writeFile(t, filepath.Join(s.work, "publishers.yaml"), publishers, 0o600)
	git(t, s.work, "init", "--quiet")
	git(t, s.work, "remote", "add", "origin", url)
	s.commit("The tool, and no template")
	git(t, s.work, "push", "--quiet", "origin", "HEAD:refs/heads/main")
	git(t, s.work, "fetch", "--quiet", "origin")
	for _, file := range []string{"pull-request.yml", "gate.yml", "publish.yml", "nightly.yml"} {
		s.workflows[file] = parse(t, file, read(t, filepath.Join(s.work, ".github/workflows", file)))
	}
	return s
}

// apart lets several things happen on the stage at the same time. Each has a log of gh
// of its own.
func (s *stage) apart(happen map[string]func(t *testing.T, s *stage)) {
	s.t.(*testing.T).Run("at the same time", func(t *testing.T) {
		for name, what := range happen {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				one, r := *s, *s.runner
				one.runner, one.ghLog = &r, filepath.Join(t.TempDir(), "gh")
				r.t, r.env = t, maps.Clone(r.env)
				r.env["GH_LOG"] = one.ghLog
				what(t, &one)
			})
		}
	})
	if s.t.Failed() {
		s.t.FailNow()
	}
}

// mine makes blocks until the test ends, for confirmations.
func mine(t *testing.T, local *devnet.Devnet) {
	ctx, cancel := context.WithCancel(context.Background())
	var mining sync.WaitGroup
	mining.Go(func() {
		for ctx.Err() == nil {
			time.Sleep(200 * time.Millisecond)
			_, _ = local.Commit()
		}
	})
	t.Cleanup(func() { cancel(); mining.Wait() })
}

// pushEcho puts the service of the smoke tests into a registry, and returns its name
// there: tag and digest.
func pushEcho(t *testing.T) string {
	t.Helper()
	binary := enginetest.Build(t, filepath.Join(root(t), "testdata/smoke/service"))
	archive := filepath.Join(t.TempDir(), "layer.tar")
	writeTar(t, archive, "echo", binary)
	layer, err := tarball.LayerFromFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	image, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		t.Fatal(err)
	}
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Config.Entrypoint = "linux", "amd64", []string{"/echo"}
	if image, err = mutate.ConfigFile(image, config); err != nil {
		t.Fatal(err)
	}
	tag, err := name.NewTag(registrytest.Start(t, "") + "/echo:1")
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(tag, image); err != nil {
		t.Fatal(err)
	}
	digest, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	reference := tag.String() + "@" + digest.String()
	engine := enginetest.Client(t, enginetest.Local(t))
	t.Cleanup(func() {
		_, _ = engine.ImageRemove(context.Background(), tag.Context().String()+"@"+digest.String(), client.ImageRemoveOptions{Force: true})
	})
	return reference
}

// writeEcho writes the template echo, with changes of its compose file. What was noted
// of its releases stays.
func (s *stage) writeEcho(version string, change func(service map[string]any)) {
	s.t.Helper()
	from, to := filepath.Join(root(s.t), "testdata/smoke/echo"), filepath.Join(s.work, "templates/echo")
	note, unnoted := os.ReadFile(filepath.Join(to, "releases.json"))
	if err := os.RemoveAll(to); err != nil {
		s.t.Fatal(err)
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		s.t.Fatal(err)
	}
	if unnoted == nil {
		writeFile(s.t, filepath.Join(to, "releases.json"), string(note), 0o600)
	}
	edit(s.t, filepath.Join(to, "template.yaml"), func(m map[string]any) {
		m["version"], m["homepage"], m["keywords"] = version, "https://example.com/", []any{"test"}
		delete(m, "unpinned")
	})
	edit(s.t, filepath.Join(to, "compose/cpu.yml"), func(m map[string]any) {
		service := m["services"].(map[string]any)["echo"].(map[string]any)
		service["image"] = s.image
		change(service)
	})
	writeFile(s.t, filepath.Join(to, "README.md"), "# Echo\n\nThe function `echo` sends a text back. "+strings.Repeat("It is for tests. ", 20)+"\n\n```json\n{\"text\": \"hello\"}\n```\n", 0o600)
}

func (s *stage) commit(message string) {
	s.t.Helper()
	git(s.t, s.work, "add", "--all")
	git(s.t, s.work, "commit", "--quiet", "--message", message)
}

// pull is a pull request: its head, and the commit that merging it would make.
type pull struct {
	number      int
	head, merge string
}

// open starts from main, changes files, and opens a pull request.
func (s *stage) open(message string, change func()) pull {
	s.t.Helper()
	s.pulls++
	git(s.t, s.work, "fetch", "--quiet", "origin")
	git(s.t, s.work, "checkout", "--quiet", "--detach", "refs/remotes/origin/main")
	change()
	s.commit(message)
	p := pull{number: s.pulls, head: git(s.t, s.work, "rev-parse", "HEAD")}
	git(s.t, s.work, "checkout", "--quiet", "--detach", "refs/remotes/origin/main")
	git(s.t, s.work, "merge", "--quiet", "--no-ff", "--message", "Merge", p.head)
	p.merge = git(s.t, s.work, "rev-parse", "HEAD")
	for ref, id := range map[string]string{"head": p.head, "merge": p.merge} {
		git(s.t, s.work, "push", "--quiet", "origin", fmt.Sprintf("%s:refs/pull/%d/%s", id, p.number, ref))
	}
	return p
}

// lint runs what GitHub runs for a pull request.
func (s *stage) lint(p pull) *outcome {
	s.t.Helper()
	return s.run(s.workflows["pull-request.yml"], event{
		"event_name": "pull_request", "ref": fmt.Sprintf("refs/pull/%d/merge", p.number), "ref_type": "branch", "sha": p.merge,
		"event": map[string]any{"pull_request": map[string]any{
			"number": float64(p.number), "base": map[string]any{"ref": "main"},
			"head": map[string]any{"repo": map[string]any{"full_name": "OpenGPU-Network/templates"}},
		}},
	})
}

// completed is the event after the run of a pull request's own workflow.
func completed(event, conclusion, head string) map[string]any {
	return map[string]any{"workflow_run": map[string]any{"head_sha": head, "event": event, "conclusion": conclusion}}
}

// dispatched is the event of somebody who wants a commit judged.
func dispatched(head string) map[string]any {
	return map[string]any{"inputs": map[string]any{"commit": head}}
}

// gate runs the gate, and returns the statuses that a commit has afterwards: what gh
// was told last of each.
func (s *stage) gate(name string, of map[string]any, head string) (*outcome, map[string]string) {
	s.t.Helper()
	_ = os.Remove(s.ghLog)
	o := s.run(s.workflows["gate.yml"], event{"event_name": name, "ref": "refs/heads/main", "ref_type": "branch", "sha": s.main(), "event": of})
	said, _ := os.ReadFile(s.ghLog)
	statuses := map[string]string{}
	for _, told := range regexp.MustCompile(`statuses/(\S+) --raw-field state=(\S+) --raw-field context=gate/(\S+) `).FindAllStringSubmatch(string(said), -1) {
		if told[1] != head {
			s.t.Errorf("%s gets a status, and not %s", told[1], head)
		}
		statuses[told[3]] = told[2]
	}
	return o, statuses
}

// judge runs the gate as it runs after the pull request's own workflow, whatever came
// of that.
func (s *stage) judge(p pull, statuses string, results map[string]string) *outcome {
	s.t.Helper()
	o, got := s.gate("workflow_run", completed("pull_request", "success", p.head), p.head)
	results["announce"], results["tell-lint"], results["tell-smoke"] = "success", "success", "success"
	if results["tell-gpu"] == "" {
		results["tell-gpu"] = "success"
	}
	s.want(o, results)
	if told := fmt.Sprintf("lint %s, smoke %s, gpu %s", got["lint"], got["smoke"], got["gpu"]); told != statuses {
		s.t.Errorf("the statuses are %s, want %s", told, statuses)
	}
	return o
}

// sent is how many transactions the client has sent on a network.
func (s *stage) sent(network string) uint64 {
	s.t.Helper()
	node, err := ethclient.DialContext(s.t.Context(), s.vars[strings.ToUpper(network)+"_RPC_URL"])
	if err != nil {
		s.t.Fatal(err)
	}
	defer node.Close()
	count, err := node.NonceAt(s.t.Context(), devnet.Account, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return count
}

func (s *stage) main() string { return git(s.t, s.bare, "rev-parse", "refs/heads/main") }

// push runs what GitHub runs when a branch or a tag is pushed.
func (s *stage) push(ref, kind, id string) *outcome {
	s.t.Helper()
	return s.run(s.workflows["publish.yml"], event{"event_name": "push", "ref": ref, "ref_type": kind, "sha": id})
}

// want compares the jobs' results, and shows the log of what is not as it should be.
func (s *stage) want(o *outcome, results map[string]string) {
	s.t.Helper()
	if o.builds > 1 {
		s.t.Errorf("%s builds the tool %d times", o.workflow, o.builds)
	}
	for _, name := range sorted(o.jobs) {
		if got := o.jobs[name]; got.Result != results[name] {
			s.t.Fatalf("%s: %s, want %q\n%s", name, got.Result, results[name], got.Log)
		}
	}
}

// receipt is what is written back.
type receipt struct{ Network, Action, Version, Digest, Source, Transaction string }

// published looks at a run of publish.yml that has just sent a version: it was approved
// for the network's own environment, the source is verified, and a pull request writes
// the receipt back.
func (s *stage) published(o *outcome, network, version string) (branch string, r receipt) {
	s.t.Helper()
	s.want(o, map[string]string{"plan": "success", "smoke": "success", "publish": "success", "write-back": "success"})
	publish := o.jobs["publish"]
	if publish.Environment != network || !slices.Contains(publish.Ran, "Attest the deployment") {
		s.t.Error(publish.Environment, publish.Ran)
	}
	holds(s.t, publish.Log, `(?m)^The transaction is final, in block [0-9]+$`)
	holds(s.t, publish.Log, `(?m)^[0-9]+ comparisons: [0-9]+ agree$`)

	branch = fmt.Sprintf("refs/heads/deployment/%s/%v", network, o.github["run_id"])
	file := "deployments/" + network + "/echo.json"
	if err := json.Unmarshal([]byte(git(s.t, s.bare, "show", branch+":"+file)), &r); err != nil {
		s.t.Fatal(err)
	}
	if r.Network != network || r.Version != version || r.Source == "" || r.Transaction == "" {
		s.t.Errorf("%+v", r)
	}
	if recorded := git(s.t, s.bare, "show", branch+":templates/echo/releases.json"); !strings.Contains(recorded, fmt.Sprintf("%q: %q", version, r.Digest)) {
		s.t.Errorf("releases.json does not have the digest %s of %s: %s", r.Digest, version, recorded)
	}
	if changed := git(s.t, s.bare, "diff", "--name-only", "refs/heads/main", branch); changed != file+"\ntemplates/echo/releases.json" {
		s.t.Error("the pull request changes", changed)
	}
	holds(s.t, read(s.t, s.ghLog), `pr create --base main --head deployment/`+network+`/[0-9]+ .*echo `+regexp.QuoteMeta(version)+`, sha256:[0-9a-f]{64}, source 0x`)
	return branch, r
}

func holds(t testing.TB, text, pattern string) {
	t.Helper()
	if !regexp.MustCompile(pattern).MatchString(text) {
		t.Errorf("want %q in\n%s", pattern, text)
	}
}

// TestFromPullRequestToChain runs the commands of each job, in order: a bad template
// is refused on the line that is wrong, a good one is run, merged, published on the
// testnet, verified, and recorded by a pull request.
func TestFromPullRequestToChain(t *testing.T) {
	s := newStage(t)

	bad := s.open("Add echo", func() {
		s.writeEcho("1.0.0", func(service map[string]any) { service["privileged"] = true })
	})
	line := slices.Index(strings.Split(git(t, s.work, "show", bad.head+":templates/echo/compose/cpu.yml"), "\n"), "        privileged: true") + 1
	// Who may push can make a tag that looks like main, with which nothing differs.
	git(t, s.work, "push", "--quiet", "origin", bad.head+":refs/tags/origin/main")
	o := s.lint(bad)
	s.want(o, map[string]string{"lint": "failure"})
	lint := o.jobs["lint"]
	holds(t, lint.Log, fmt.Sprintf(`(?m)^::error file=templates/echo/compose/cpu\.yml,line=%d,.*title=trust/privileged::`, line))
	holds(t, lint.Summary, fmt.Sprintf(`\| error \| trust\\/privileged \| templates\\/echo\\/compose\\/cpu\\.yml:%d \|`, line))
	if !slices.Contains(lint.Ran, "Show it in code scanning") {
		t.Error("what was run:", lint.Ran)
	}
	// The policies that count are those of main.
	lenient := s.open("Add echo, and allow it", func() {
		s.writeEcho("1.0.0", func(service map[string]any) { service["privileged"] = true })
		if err := os.RemoveAll(filepath.Join(s.work, "policies/trust/privileged")); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(s.work, ".github/scripts/judge.sh"), "#!/bin/sh\nexit 0\n", 0o755)
	})
	broken := s.open("Add echo", func() {
		s.writeEcho("1.0.0", func(service map[string]any) { service["entrypoint"] = []any{"/nothing"} })
	})
	good := s.open("Add echo", func() { s.writeEcho("1.0.0", func(map[string]any) {}) })
	refused := map[string]string{"plan": "failure", "smoke": "skipped", "smoke-gpu": "skipped"}
	s.apart(map[string]func(t *testing.T, s *stage){
		"its own workflow says that all is well": func(_ *testing.T, s *stage) {
			s.judge(bad, "lint failure, smoke failure, gpu failure", maps.Clone(refused))
		},
		"its own policies say so": func(t *testing.T, s *stage) {
			o := s.judge(lenient, "lint failure, smoke failure, gpu failure", maps.Clone(refused))
			holds(t, o.jobs["plan"].Log, "title=trust/privileged")
		},
		"it lints clean and does not run": func(_ *testing.T, s *stage) {
			s.judge(broken, "lint success, smoke failure, gpu success", map[string]string{"plan": "success", "smoke": "failure", "smoke-gpu": "skipped"})
		},
		"it is good": func(t *testing.T, s *stage) {
			o := s.judge(good, "lint success, smoke success, gpu success", map[string]string{"plan": "success", "smoke": "success", "smoke-gpu": "skipped"})
			holds(t, o.jobs["smoke"].Log, `(?s)::stop-commands::([0-9a-f]{32})\n.*PASSED echo 1\.0\.0 cpu.*\n::[0-9a-f]{32}::`)
			if o.jobs["smoke"].Environment != "" {
				t.Error("CPUs wait for", o.jobs["smoke"].Environment)
			}
		},
	})

	// It is merged.
	git(t, s.bare, "update-ref", "refs/heads/main", good.merge)
	first := s.push("refs/heads/main", "branch", good.merge)
	branch, receipt := s.published(first, "testnet", "1.0.0")
	if got, want := git(t, s.bare, "show", branch+":templates/echo/releases.json"), "{\n  \"1.0.0\": \""+receipt.Digest+"\"\n}"; got != want {
		t.Errorf("releases.json is %s, want %s", got, want)
	}

	// It is judged though no event starts that, and passes: what it adds changes no version.
	back := git(t, s.bare, "rev-parse", branch)
	holds(t, read(t, s.ghLog), `(?m)^workflow run gate\.yml --ref main --raw-field commit=`+back+`$`)
	holds(t, read(t, s.ghLog), `(?m)^workflow run test\.yml --ref deployment/testnet/[0-9]+$`)
	o, statuses := s.gate("workflow_dispatch", dispatched(back), back)
	s.want(o, map[string]string{"announce": "success", "plan": "success", "smoke": "skipped", "smoke-gpu": "skipped", "tell-lint": "success", "tell-smoke": "success", "tell-gpu": "success"})
	if statuses["lint"] != "success" || statuses["smoke"] != "success" || statuses["gpu"] != "success" {
		t.Error(statuses)
	}
	o, statuses = s.gate("workflow_dispatch", dispatched("main"), "main")
	s.want(o, map[string]string{"announce": "failure", "plan": "skipped", "smoke": "skipped", "smoke-gpu": "skipped", "tell-lint": "skipped", "tell-smoke": "skipped", "tell-gpu": "skipped"})
	if len(statuses) > 0 {
		t.Error("what is no commit gets a status:", statuses)
	}

	// Merging that publishes nothing again.
	git(t, s.bare, "update-ref", "refs/heads/main", branch)
	idle := map[string]string{"plan": "success", "smoke": "skipped", "publish": "skipped", "write-back": "skipped"}
	s.want(s.push("refs/heads/main", "branch", s.main()), idle)

	// The same version with other content is refused, and says which would do.
	same := s.open("Change echo", func() {
		edit(t, filepath.Join(s.work, "templates/echo/template.yaml"), func(m map[string]any) { m["title"] = "Another echo" })
	})
	o = s.lint(same)
	s.want(o, map[string]string{"lint": "failure"})
	holds(t, o.jobs["lint"].Log, `(?m)^::error file=templates/echo/template\.yaml,line=[0-9]+,.*title=version/patch::.*1\.0\.1`)

	// With that version it is merged, and the source is updated.
	next := s.open("Change echo", func() {
		edit(t, filepath.Join(s.work, "templates/echo/template.yaml"), func(m map[string]any) { m["title"], m["version"] = "Another echo", "1.0.1" })
	})
	git(t, s.bare, "update-ref", "refs/heads/main", next.merge)
	_, latest := s.published(s.push("refs/heads/main", "branch", next.merge), "testnet", "1.0.1")
	sent := s.sent("testnet")

	// Running an old run again sends nothing and lowers nothing, from the plan on, or
	// with a plan that was made before.
	o = s.push("refs/heads/main", "branch", good.merge)
	s.want(o, idle)
	holds(t, o.jobs["plan"].Log, `(?m)^to publish on the testnet: nothing$`)
	o = s.again(s.workflows["publish.yml"], first, "publish", "write-back")
	s.want(o, map[string]string{"plan": "success", "smoke": "success", "publish": "success", "write-back": "skipped"})
	holds(t, o.jobs["publish"].Log, `(?m)^::notice::another run has published echo 1\.0\.1 on the testnet: there is nothing to do$`)
	if now := s.sent("testnet"); now != sent || sent != 2 {
		t.Errorf("%d transactions were sent, and %d before the old runs: want 2", now, sent)
	}

	gpu := s.open("Let echo run on NVIDIA", func() {
		s.writeEcho("1.1.0", func(map[string]any) {})
		dir := filepath.Join(s.work, "templates/echo")
		edit(t, filepath.Join(dir, "template.yaml"), func(m map[string]any) {
			m["environments"].(map[string]any)["nvidia"] = map[string]any{"hardware": map[string]any{
				"vram": "1GiB", "ram": "256MiB", "cpus": 1, "disk": "1GiB", "computeCapability": "5.0", "driver": "525.60.13"}}
		})
		writeFile(t, filepath.Join(dir, "compose/nvidia.yml"), read(t, filepath.Join(dir, "compose/cpu.yml")), 0o600)
		edit(t, filepath.Join(dir, "compose/nvidia.yml"), func(m map[string]any) {
			deploy := m["services"].(map[string]any)["echo"].(map[string]any)["deploy"].(map[string]any)
			deploy["resources"].(map[string]any)["reservations"] = map[string]any{"devices": []any{map[string]any{"driver": "nvidia", "count": 1, "capabilities": []any{"gpu"}}}}
		})
	})
	unpinned := s.open("Take the digest away", func() {
		file := filepath.Join(s.work, "templates/echo/compose/cpu.yml")
		name, _, _ := strings.Cut(s.image, "@")
		writeFile(t, file, strings.ReplaceAll(read(t, file), s.image, name), 0o600)
	})
	s.apart(map[string]func(t *testing.T, s *stage){
		"the job that docs/pin.md shows": func(t *testing.T, s *stage) {
			w := parse(t, "docs/pin.md", block(t, "docs/pin.md", "```yaml\non:\n")[0])
			for commit, want := range map[string]string{s.main(): "success", unpinned.head: "failure"} {
				o := s.run(w, event{"event_name": "schedule", "ref": "refs/heads/main", "ref_type": "branch", "sha": commit})
				s.want(o, map[string]string{"pins": want})
				if told := strings.Contains(o.jobs["pins"].Log, `"proposed": "`+s.image+`"`); told != (want == "failure") {
					t.Error(o.jobs["pins"].Log)
				}
			}
		},
		"the night": func(t *testing.T, s *stage) {
			o := s.run(s.workflows["nightly.yml"], event{"event_name": "schedule", "ref": "refs/heads/main", "ref_type": "branch", "sha": s.main()})
			s.want(o, map[string]string{"plan": "success", "pins": "success", "drift": "success", "smoke": "success", "engines": "success", "tell": "skipped"})
			holds(t, o.jobs["drift"].Log, `(?m)^echo +testnet +1\.0\.1 +1\.0\.1 +`+receipt.Source+` +current$`)
			holds(t, o.jobs["drift"].Log, `[0-9]+ comparisons: [0-9]+ agree`)
		},
		// A template for GPUs waits: for the approval, and for a runner. CPUs do not.
		"GPUs": func(t *testing.T, s *stage) {
			o := s.judge(gpu, "lint success, smoke success, gpu pending", map[string]string{"plan": "success", "smoke": "success", "smoke-gpu": queued, "tell-gpu": queued})
			holds(t, o.jobs["smoke-gpu"].Log, `"self-hosted".*"ephemeral","nvidia"`)
			if o.jobs["smoke-gpu"].Environment != "gpu" {
				t.Errorf("%+v", o.jobs["smoke-gpu"])
			}
		},
		"the mainnet": func(t *testing.T, s *stage) {
			// Tags for the mainnet are of versions that are there, on commits that are on main.
			for ref, what := range map[string]struct{ id, want string }{
				"refs/tags/mainnet/echo/9.9.9": {s.main(), "the catalog has no such version"},
				"refs/tags/mainnet/echo/1.0.0": {same.head, "is not on main"},
			} {
				o := s.push(ref, "tag", what.id)
				s.want(o, map[string]string{"plan": "failure", "smoke": "skipped", "publish": "skipped", "write-back": "skipped"})
				holds(t, o.jobs["plan"].Log, what.want)
			}
			if now := s.sent("mainnet"); now != 0 {
				t.Errorf("%d transactions were sent on the mainnet before the tag", now)
			}

			// The version that the testnet has goes there, once.
			tag := "refs/tags/mainnet/echo/1.0.1"
			git(t, s.bare, "update-ref", tag, s.main())
			_, main := s.published(s.push(tag, "tag", s.main()), "mainnet", "1.0.1")
			s.want(s.push(tag, "tag", s.main()), idle)
			if onMain, onTest := s.sent("mainnet"), s.sent("testnet"); onMain != 1 || onTest != 2 || main.Digest != latest.Digest {
				t.Errorf("%d transactions were sent on the mainnet and %d on the testnet; the digests are %s and %s", onMain, onTest, main.Digest, latest.Digest)
			}
		},
	})
}

func edit(t testing.TB, file string, change func(map[string]any)) {
	t.Helper()
	var content map[string]any
	if err := yaml.Unmarshal([]byte(read(t, file)), &content); err != nil {
		t.Fatal(err)
	}
	change(content)
	text, err := yaml.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, file, string(text), 0o600)
}

// TestGateStarts lets the gate start for runs that somebody has let start, whatever came
// of them, and for those who ask for it on main. What does not start must not end one
// that runs.
func TestGateStarts(t *testing.T) {
	w, id := workflows(t)["gate.yml"], strings.Repeat("ab", 20)
	for name, c := range map[string]struct {
		event, ref string
		of         map[string]any
		starts     bool
	}{
		"green":                   {"workflow_run", "main", completed("pull_request", "success", id), true},
		"red":                     {"workflow_run", "main", completed("pull_request", "failure", id), true},
		"nobody has let it start": {"workflow_run", "main", completed("pull_request", "action_required", id), false},
		"cancelled":               {"workflow_run", "main", completed("pull_request", "cancelled", id), false},
		"no YAML":                 {"workflow_run", "main", completed("pull_request", "startup_failure", id), false},
		"out of time":             {"workflow_run", "main", completed("pull_request", "timed_out", id), false},
		"a push of the same name": {"workflow_run", "main", completed("push", "success", id), false},
		"a dispatch of that name": {"workflow_run", "main", completed("workflow_dispatch", "success", id), false},
		"asked for":               {"workflow_dispatch", "main", dispatched(id), true},
		"asked for on a branch":   {"workflow_dispatch", "other", dispatched(id), false},
		"a tag with that name":    {"workflow_dispatch", "main/x", dispatched(id), false},
	} {
		s := scope{map[string]any{"github": map[string]any{"event_name": c.event, "ref": "refs/heads/" + c.ref, "event": c.of}, "inputs": c.of["inputs"]}, "success"}
		if starts, err := s.condition(w.Jobs["announce"].If); err != nil || starts != c.starts {
			t.Errorf("%s: it starts: %v (%v)", name, starts, err)
		}
		if group, err := s.value(w.Concurrency.Group); err != nil || group != fmt.Sprintf("gate-%s-%v", id, c.starts) {
			t.Errorf("%s: the group is %v (%v)", name, group, err)
		}
		if title, err := s.value(w.RunName); err != nil || title != "Gate of "+id {
			t.Errorf("%s: %v (%v)", name, title, err)
		}
	}
}

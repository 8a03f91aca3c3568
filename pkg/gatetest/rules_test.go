package gatetest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// events are what may start a workflow. pull_request_target and those that
// strangers cause otherwise, such as comments, give their runs the repository's own
// rights.
var events = []string{"pull_request", "push", "schedule", "workflow_dispatch", "workflow_run"}

// rights are the only ones beyond reading that jobs have.
var rights = map[string][]string{
	"pull-request.yml/lint":  {"security-events"},
	"gate.yml/announce":      {"statuses"},
	"gate.yml/tell-lint":     {"statuses"},
	"gate.yml/tell-smoke":    {"statuses"},
	"gate.yml/tell-gpu":      {"statuses"},
	"publish.yml/publish":    {"id-token", "attestations"},
	"publish.yml/write-back": {"contents", "pull-requests", "actions"},
	"nightly.yml/tell":       {"issues"},
	"release.yml/release":    {"contents", "packages", "id-token", "attestations"},
}

// environments are those of jobs; their reviewers and secrets are set at GitHub.
var environments = map[string]string{
	"gate.yml/smoke-gpu":  "gpu",
	"publish.yml/publish": "${{ needs.plan.outputs.network }}",
	"release.yml/release": "release",
}

// secrets are where each is handed out: workflow, job and step.
var secrets = map[string]string{"CLIENT_PRIVATE_KEY": "publish.yml/publish/Publish"}

// asks are the steps that have a token in a job that runs a template: before anything
// of the template is there.
var asks = []string{"gate.yml/smoke-gpu/Look whether the commit is still that of an open pull request"}

// lenient are the steps whose failure is no failure of their job.
var lenient = []string{
	"pull-request.yml/lint/Show it in code scanning",
}

// trusted is what expressions may name. Titles, branches and texts of pull requests
// are not among it: whoever opens one chooses them.
var trusted = regexp.MustCompile(`^(github\.(sha|ref|ref_type|token|repository|run_attempt|event_name` +
	`|event\.pull_request\.(number|base\.ref|head\.repo\.full_name)|event\.workflow_run\.(head_sha|event|conclusion))` +
	`|matrix\.(template|environment|runner|network)|needs\.[a-z-]+\.(result|outputs\.[a-z_]+)|steps\.[a-z]+\.(outcome|outputs\.[a-z]+)` +
	`|vars\.(OGPU_[A-Z_]+|(TESTNET|MAINNET)_RPC_URL)|secrets\.[A-Z_]+|inputs\.commit|env\.COMMIT)$`)

var (
	expression = regexp.MustCompile(`(?s)\$\{\{(.*?)\}\}`)
	text       = regexp.MustCompile(`'[^']*'`)
	path       = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_.*-]*(\(|\[)?`)
	// runsHead is a command line that would run something of what is judged.
	runsHead = regexp.MustCompile(`(?m)(^|[;&|(]\s*|\bbash |\bsh |\bsource |\bmake -C |\bgo -C |\bcd )\s*(\./)?head\b`)
)

// rule is what every workflow keeps.
type rule struct {
	name  string
	check func(t testing.TB, w workflow, complain func(format string, args ...any))
	// breaks changes a workflow so that the rule must complain.
	breaks []breach
}

type breach struct{ file, old, new string }

func (w workflow) steps(visit func(where string, j job, s step)) {
	for _, name := range sorted(w.Jobs) {
		for i, s := range w.Jobs[name].Steps {
			label := s.Name
			if label == "" {
				label = fmt.Sprint("step ", i+1)
			}
			visit(w.File+"/"+name+"/"+label, w.Jobs[name], s)
		}
	}
}

// texts are all values of a step that expressions may stand in.
func (s step) texts() []string {
	all := []string{s.Run, s.If, s.Uses}
	for _, m := range []map[string]string{s.Env, s.With} {
		for _, key := range sorted(m) {
			all = append(all, m[key])
		}
	}
	return all
}

var rules = []rule{
	{"nothing but known events starts it", func(_ testing.TB, w workflow, complain func(string, ...any)) {
		for event := range w.On {
			if !slices.Contains(events, event) {
				complain("the event %s", event)
			}
		}
	}, []breach{{"pull-request.yml", "  pull_request:\n", "  pull_request_target:\n"}, {"nightly.yml", "  workflow_dispatch:\n", "  issue_comment:\n"}}},

	{"it has no permissions, its jobs the least", func(_ testing.TB, w workflow, complain func(string, ...any)) {
		if all, ok := w.Permissions.(map[string]any); !ok || len(all) > 0 {
			complain("permissions: %v", w.Permissions)
		}
		for _, name := range sorted(w.Jobs) {
			given, ok := w.Jobs[name].Permissions.(map[string]any)
			if !ok {
				complain("%s: permissions: %v", name, w.Jobs[name].Permissions)
			}
			for scope, right := range given {
				if right != "read" && !slices.Contains(rights[w.File+"/"+name], scope) {
					complain("%s: %s: %v", name, scope, right)
				}
			}
		}
	}, []breach{
		{"pull-request.yml", "permissions: {}\n\nenv", "permissions: write-all\n\nenv"},
		{"pull-request.yml", "permissions: {}\n\nenv", "env"},
		{"pull-request.yml", "      contents: read\n      security", "      contents: write\n      security"},
		{"nightly.yml", "    permissions:\n      contents: read\n      issues: write\n", ""},
		{"gate.yml", "      statuses: write\n", "      statuses: write\n      actions: write\n"},
		{"nightly.yml", "      issues: write\n", "      issues: write\n      actions: write\n"},
	}},

	{"actions are pinned by commits that docs/gate.md lists", func(t testing.TB, w workflow, complain func(string, ...any)) {
		known, used := pins(t), map[string]bool{}
		for _, found := range pin.FindAllStringSubmatch(w.Text, -1) {
			name := found[1] + "@" + found[2]
			used[name] = true
			if _, ok := known[name+" # "+found[3]]; !ok {
				complain("%s # %s is not in the table", name, found[3])
			}
		}
		w.steps(func(where string, _ job, s step) {
			if s.Uses != "" && !used[s.Uses] {
				complain("%s: %s", where, s.Uses)
			}
		})
	}, []breach{
		{"test.yml", "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2", "actions/checkout@v6"},
		{"test.yml", "de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2", "de0fac2e4500dabe0009e67214ff5f5447ce83de # v6.0.2"},
		{"test.yml", "de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2", "de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.3"},
		{"test.yml", "de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2", "de0fac2e4500dabe0009e67214ff5f5447ce83dd"},
	}},

	{"no expression stands in a shell", func(_ testing.TB, w workflow, complain func(string, ...any)) {
		w.steps(func(where string, _ job, s step) {
			if strings.Contains(s.Run, "${{") {
				complain("%s: %s", where, s.Run)
			}
		})
	}, []breach{{"gate.yml", `gate/lint "$PLAN"`, `gate/lint ${{ needs.plan.result }}`}}},

	{"expressions name nothing that a stranger chooses", func(_ testing.TB, w workflow, complain func(string, ...any)) {
		check := func(where, value string, bare bool) {
			found := expression.FindAllStringSubmatch(value, -1)
			if bare && len(found) == 0 && value != "" {
				found = [][]string{{value, value}}
			}
			for _, e := range found {
				for _, name := range path.FindAllString(text.ReplaceAllString(e[1], "''"), -1) {
					if !strings.HasSuffix(name, "(") && !trusted.MatchString(name) {
						complain("%s: %s", where, name)
					}
				}
			}
		}
		for _, e := range expression.FindAllString(w.Text, -1) {
			check("somewhere", e, false)
		}
		for _, name := range sorted(w.Jobs) {
			check(name, w.Jobs[name].If, true)
		}
		w.steps(func(where string, _ job, s step) { check(where, s.If, true) })
	}, []breach{
		{"pull-request.yml", "SINCE: refs/remotes/origin/${{ github.event.pull_request.base.ref }}", "SINCE: refs/remotes/origin/${{ github.head_ref }}"},
		{"pull-request.yml", "!cancelled() &&", "github.event.pull_request.title != '0' &&"},
		{"gate.yml", "      (github.event.workflow_run.conclusion", "      (github.event.workflow_run.display_title"},
		{"gate.yml", "    (github.event.workflow_run.conclusion", "    (github.event.workflow_run.head_branch"},
		{"gate.yml", "COMMIT: ${{ github.event.workflow_run.head_sha || inputs.commit }}", "COMMIT: ${{ inputs.branch }}"},
		{"publish.yml", "${{ secrets.CLIENT_PRIVATE_KEY }}", "${{ toJSON(secrets) }}"},
	}},

	{"checkouts keep no credentials and name what they check out", func(_ testing.TB, w workflow, complain func(string, ...any)) {
		w.steps(func(where string, _ job, s step) {
			if strings.HasPrefix(s.Uses, "actions/checkout@") && (s.With["persist-credentials"] != "false" || s.With["ref"] == "") {
				complain("%s: %v", where, s.With)
			}
		})
	}, []breach{
		{"test.yml", "          persist-credentials: false\n", ""},
		{"test.yml", "          ref: ${{ github.sha }}\n", ""},
	}},

	{"nothing of what is judged is run", func(_ testing.TB, w workflow, complain func(string, ...any)) {
		base := false
		w.steps(func(where string, _ job, s step) {
			if runsHead.MatchString(s.Run) || strings.HasPrefix(s.WorkingDirectory, "head") {
				complain("%s: %s", where, s.Run)
			}
			switch {
			case s.With["path"] == "base":
				base = true
				if !slices.Contains([]string{"${{ github.event.pull_request.base.ref }}", "${{ github.sha }}"}, s.With["ref"]) ||
					w.On["pull_request"] != nil && s.With["ref"] == "${{ github.sha }}" {
					complain("%s: base is %s", where, s.With["ref"])
				}
			case s.With["path"] == "head" && !base:
				complain("%s: the tool is not built yet", where)
			}
		})
	}, []breach{
		{"pull-request.yml", "run: base/.github/scripts/judge.sh", "run: head/.github/scripts/judge.sh"},
		{"pull-request.yml", "run: make -C base build", "run: make -C head build"},
		{"pull-request.yml", "          ref: ${{ github.event.pull_request.base.ref }}\n          path: base", "          ref: ${{ github.sha }}\n          path: base"},
	}},

	{"branches are named in full, for a tag may have any other name", func(_ testing.TB, w workflow, complain func(string, ...any)) {
		w.steps(func(where string, _ job, s step) {
			for _, value := range s.texts() {
				if strings.Contains(strings.ReplaceAll(value, "refs/remotes/origin/", ""), "origin/") {
					complain("%s: %s", where, value)
				}
			}
		})
	}, []breach{
		{"gate.yml", "head refs/remotes/origin/main lint", "head origin/main lint"},
		{"pull-request.yml", "SINCE: refs/remotes/origin/", "SINCE: origin/"},
	}},

	{"jobs end in time", func(_ testing.TB, w workflow, complain func(string, ...any)) {
		for _, name := range sorted(w.Jobs) {
			if minutes := w.Jobs[name].Timeout; minutes < 1 || minutes > 120 {
				complain("%s: timeout-minutes: %d", name, minutes)
			}
		}
	}, []breach{{"test.yml", "    timeout-minutes: 90\n", ""}, {"test.yml", "timeout-minutes: 90", "timeout-minutes: 360"}}},

	{"shells stop at the first error", func(_ testing.TB, w workflow, complain func(string, ...any)) {
		if w.Defaults.Run.Shell != "bash -euo pipefail {0}" || w.Defaults.Run.WorkingDirectory != "" {
			complain("defaults: %+v", w.Defaults.Run)
		}
		w.steps(func(where string, _ job, s step) {
			if s.Shell != "" {
				complain("%s: shell: %s", where, s.Shell)
			}
		})
	}, []breach{{"test.yml", "bash -euo pipefail {0}", "bash"}, {"test.yml", "      - name: Test\n", "      - name: Test\n        shell: sh\n"}}},

	{"runs do not overtake each other, and publishing is never cancelled", func(_ testing.TB, w workflow, complain func(string, ...any)) {
		group := w.Concurrency
		careful := w.File == "release.yml"
		if w.File == "publish.yml" {
			// Only the job that sends waits: a run whose GPU has no runner would hold back all others.
			if w.Concurrency.Group != "" {
				complain("all of a run waits: %+v", w.Concurrency)
			}
			group, careful = w.Jobs["publish"].Concurrency, true
			if group.Group != "publish-${{ needs.plan.outputs.network }}" {
				complain("the group %s is not for one network", group.Group)
			}
		}
		if group.Group == "" || group.Cancel == nil || careful && (group.Cancel != false || group.Queue != "max") {
			complain("concurrency: %+v", group)
		}
	}, []breach{
		{"publish.yml", "      cancel-in-progress: false\n", "      cancel-in-progress: true\n"},
		{"publish.yml", "      queue: max\n", ""},
		{"publish.yml", "      group: publish-${{ needs.plan.outputs.network }}\n", "      group: publish-${{ github.sha }}\n"},
		{"publish.yml", "defaults:\n", "concurrency:\n  group: publish\n  cancel-in-progress: false\n  queue: max\n\ndefaults:\n"},
		{"release.yml", "concurrency:\n  group: release\n  cancel-in-progress: false\n  queue: max # each tag has a run of its own\n", ""},
	}},

	{"statuses come from main alone, for runs that somebody let start", func(_ testing.TB, w workflow, complain func(string, ...any)) {
		tells := false
		for _, name := range sorted(w.Jobs) {
			given, _ := w.Jobs[name].Permissions.(map[string]any)
			tells = tells || given["statuses"] != nil
		}
		if !tells {
			return
		}
		// Of the known events, these take the workflow from main, the second where main is asked for.
		for event := range w.On {
			if event != "workflow_run" && event != "workflow_dispatch" {
				complain("statuses are set at the event %s", event)
			}
		}
		const condition = "github.ref == 'refs/heads/main' && (github.event_name == 'workflow_dispatch' || " +
			"github.event.workflow_run.event == 'pull_request' && " +
			"(github.event.workflow_run.conclusion == 'success' || github.event.workflow_run.conclusion == 'failure'))"
		if got := w.Jobs["announce"].If; got != condition {
			complain("announce: if: %s", got)
		}
		// A run that does nothing must not end one that does.
		if got := w.Concurrency.Group; got != "gate-${{ github.event.workflow_run.head_sha || inputs.commit }}-${{ "+condition+" }}" {
			complain("the group is %s", got)
		}
		for _, name := range sorted(w.Jobs) {
			needs := w.Jobs[name].Needs
			if name != "announce" && !slices.Contains(needs, "announce") && !slices.Contains(needs, "plan") {
				complain("%s does not wait for announce", name)
			}
			if strings.Contains(w.Jobs[name].If, "always()") && w.Jobs[name].If != "always() && needs.announce.result == 'success'" {
				complain("%s: if: %s", name, w.Jobs[name].If)
			}
		}
	}, []breach{
		{"gate.yml", "  workflow_run:\n", "  pull_request:\n  workflow_run:\n"},
		{"pull-request.yml", "      security-events: write", "      statuses: write\n      security-events: write"},
		{"test.yml", "      contents: read\n", "      contents: read\n      statuses: write\n"},
		{"gate.yml", "      github.ref == 'refs/heads/main' &&", "      github.ref != '' &&"},
		{"gate.yml", "      (github.event.workflow_run.conclusion == 'success' ||", "      (github.event.workflow_run.conclusion != 'success' ||"},
		{"gate.yml", "    (github.event.workflow_run.conclusion == 'success' ||", "    (github.event.workflow_run.conclusion == 'skipped' ||"},
		{"gate.yml", "    needs: announce\n", ""},
		{"gate.yml", "    if: always() && needs.announce.result == 'success'\n", "    if: always()\n"},
	}},

	{"environments stand before keys and GPUs, and secrets are for one step", func(_ testing.TB, w workflow, complain func(string, ...any)) {
		for _, name := range sorted(w.Jobs) {
			if got, want := w.Jobs[name].Environment, environments[w.File+"/"+name]; got != want {
				complain("%s: environment: %q, want %q", name, got, want)
			}
		}
		found := strings.Count(w.Text, "secrets.")
		w.steps(func(where string, _ job, s step) {
			for _, value := range s.Env {
				name, ok := strings.CutPrefix(strings.Trim(value, "${} "), "secrets.")
				if ok && secrets[name] == where {
					found--
				}
			}
		})
		if found > 0 || strings.Contains(w.Text, "secrets: ") || strings.Contains(w.Text, "secrets[") {
			complain("a secret is handed out where it should not be")
		}
	}, []breach{
		{"publish.yml", "    environment: ${{ needs.plan.outputs.network }}\n", ""},
		{"gate.yml", "    environment: gpu #", "    # environment: gpu"},
		{"publish.yml", "      - name: Keep the journal\n", "      - name: Keep the journal\n        env:\n          KEY: ${{ secrets.CLIENT_PRIVATE_KEY }}\n"},
		{"pull-request.yml", "          SINCE: refs/", "          KEY: ${{ secrets.CLIENT_PRIVATE_KEY }}\n          SINCE: refs/"},
	}},

	{"self-hosted runners are out of reach until somebody approves", func(_ testing.TB, w workflow, complain func(string, ...any)) {
		for _, name := range sorted(w.Jobs) {
			switch runner := fmt.Sprint(w.Jobs[name].RunsOn); {
			case runner == "ubuntu-24.04":
			case runner != "${{ matrix.runner }}":
				complain("%s: runs-on: %s", name, runner)
			case w.On["pull_request"] != nil || w.On["workflow_run"] != nil && w.Jobs[name].Environment != "gpu":
				complain("%s runs on GPUs", name)
			}
		}
	}, []breach{
		{"pull-request.yml", "runs-on: ubuntu-24.04", "runs-on: ${{ matrix.runner }}"},
		{"test.yml", "runs-on: ubuntu-24.04", "runs-on: [self-hosted]"},
		{"gate.yml", "    environment: gpu #", "    # environment: gpu"},
		{"gate.yml", "    runs-on: ubuntu-24.04\n    timeout-minutes: 90", "    runs-on: ${{ matrix.runner }}\n    timeout-minutes: 90"},
	}},

	{"what runs templates has nothing worth taking", func(_ testing.TB, w workflow, complain func(string, ...any)) {
		for _, name := range sorted(w.Jobs) {
			j := w.Jobs[name]
			if !slices.ContainsFunc(j.Steps, func(s step) bool { return strings.Contains(s.Run, "/smoke.sh") }) {
				continue
			}
			given, _ := j.Permissions.(map[string]any)
			for scope, right := range given {
				if right != "read" || scope != "contents" && (scope != "pull-requests" || j.Environment != "gpu") {
					complain("%s: %s: %v", name, scope, right)
				}
			}
			if !slices.Contains([]string{"", "gpu"}, j.Environment) {
				complain("%s in %q", name, j.Environment)
			}
			judged := fmt.Sprint(w.Env, j.Env) // and what its steps have, but for those that may ask
			early := true
			for _, s := range j.Steps {
				early = early && s.With["path"] != "head"
				if !early || !slices.Contains(asks, w.File+"/"+name+"/"+s.Name) {
					judged += strings.Join(s.texts(), " ")
				}
			}
			if strings.Contains(judged, "token") || strings.Contains(judged, "secrets") {
				complain("%s: a token in %s", name, judged)
			}
		}
	}, []breach{
		{"publish.yml", "        run: .github/scripts/publish.sh", "        run: .github/scripts/smoke.sh"},
		{"gate.yml", "          TEMPLATE: ${{ matrix.template }}\n", "          TEMPLATE: ${{ matrix.template }}\n          GH_TOKEN: ${{ github.token }}\n"},
		{"gate.yml", "          path: base\n          persist-credentials: false\n      - name: Look whether", "          path: head\n          persist-credentials: false\n      - name: Look whether"},
		{"gate.yml", "      pull-requests: read #", "      issues: read #"},
		{"gate.yml", "    timeout-minutes: 90\n    permissions:\n      contents: read\n", "    timeout-minutes: 90\n    permissions:\n      contents: read\n      pull-requests: read\n"},
		{"gate.yml", "\n  COMMIT:", "\n  GH_TOKEN: ${{ github.token }}\n  COMMIT:"},
		{"nightly.yml", "    permissions:\n      contents: read\n    strategy:\n      fail-fast: false\n      matrix: ${{", "    permissions:\n      contents: read\n      packages: write\n    strategy:\n      fail-fast: false\n      matrix: ${{"},
	}},

	{"nothing is cached", func(_ testing.TB, w workflow, complain func(string, ...any)) {
		w.steps(func(where string, _ job, s step) {
			if strings.Contains(s.Uses, "cache") || strings.Contains(s.Uses, "/setup-") || strings.Contains(fmt.Sprint(s.With), "cache") {
				complain("%s: %s %v", where, s.Uses, s.With)
			}
		})
	}, []breach{
		{"test.yml", "      - name: Test\n", "      - uses: actions/setup-go@v6\n      - name: Test\n"},
		{"release.yml", "      - name: Start BuildKit\n", "      - uses: actions/cache/restore@v5\n      - name: Start BuildKit\n"},
		{"gate.yml", "          path: tool.tar\n", "          path: tool.tar\n          cache: true\n"},
	}},

	{"a failure is a failure", func(_ testing.TB, w workflow, complain func(string, ...any)) {
		w.steps(func(where string, j job, s step) {
			if j.ContinueOnError != nil || s.ContinueOnError != nil && !slices.Contains(lenient, where) {
				complain("%s goes on after an error", where)
			}
		})
	}, []breach{
		{"test.yml", "      - name: Test\n", "      - name: Test\n        continue-on-error: true\n"},
		{"test.yml", "    runs-on: ubuntu-24.04\n", "    runs-on: ubuntu-24.04\n    continue-on-error: true\n"},
	}},

	{"scripts are there and can be run", func(t testing.TB, w workflow, complain func(string, ...any)) {
		for _, name := range regexp.MustCompile(`\.github/scripts/[a-z-]+\.sh`).FindAllString(w.Text, -1) {
			if info, err := os.Stat(filepath.Join(root(t), name)); err != nil || info.Mode()&0o111 == 0 {
				complain("%s: %v", name, err)
			}
		}
	}, []breach{{"release.yml", "on-main.sh", "on-mine.sh"}}},
}

// TestRules holds every rule against every workflow, and against workflows that
// break it.
func TestRules(t *testing.T) {
	all := workflows(t)
	for _, r := range slices.Concat(rules, handovers, fetches) {
		t.Run(r.name, func(t *testing.T) {
			for _, file := range sorted(all) {
				r.check(t, all[file], func(format string, args ...any) { t.Errorf(file+": "+format, args...) })
			}
			for _, b := range r.breaks {
				broken := strings.Replace(all[b.file].Text, b.old, b.new, 1)
				if broken == all[b.file].Text {
					t.Errorf("%s has no %q to change", b.file, b.old)
				}
				complaints := 0
				r.check(t, parse(t, b.file, broken), func(string, ...any) { complaints++ })
				if complaints == 0 {
					t.Errorf("%s with %q in place of %q is let through", b.file, b.new, b.old)
				}
			}
		})
	}
}

// TestTables finds what the tables of the rules and of docs/gate.md list, and nobody
// has or does any more.
func TestTables(t *testing.T) {
	all, listed := workflows(t), pins(t)
	if len(listed) == 0 {
		t.Error("docs/gate.md lists no action")
	}
	files := read(t, filepath.Join(root(t), "action.yml"))
	for _, file := range sorted(all) {
		files += all[file].Text
	}
	for action := range listed {
		if !strings.Contains(files, action) {
			t.Errorf("docs/gate.md lists %s, which nothing uses", action)
		}
	}
	there := func(where string) bool {
		file, rest, _ := strings.Cut(where, "/")
		name, label, deeper := strings.Cut(rest, "/")
		j, ok := all[file].Jobs[name]
		return ok && (!deeper || slices.ContainsFunc(j.Steps, func(s step) bool { return s.Name == label }))
	}
	for _, where := range slices.Concat(sorted(rights), sorted(environments), lenient, asks, []string{secrets["CLIENT_PRIVATE_KEY"]}) {
		if !there(where) {
			t.Errorf("%s is in a table, and in no workflow", where)
		}
	}
	for where, scopes := range rights {
		file, name, _ := strings.Cut(where, "/")
		given, _ := all[file].Jobs[name].Permissions.(map[string]any)
		for _, scope := range scopes {
			if given[scope] != "write" {
				t.Errorf("%s may have %s, and does not", where, scope)
			}
		}
	}
}

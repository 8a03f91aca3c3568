package gatetest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opengpu-network/templates/pkg/programtest"
)

// script runs one of .github/scripts in a folder, with a program gh that writes down
// what it is asked for, and says what answer holds for the first two words.
func script(t *testing.T, dir, stdin string, env []string, answer map[string]string, args ...string) (out, asked, outputs string, err error) {
	t.Helper()
	bin := t.TempDir()
	text := "#!/usr/bin/env bash\nprintf '%s\\n' \"$*\" >>\"" + bin + "/asked\"\ncase \"$1 $2\" in\n"
	for words, said := range answer {
		text += "'" + words + "') echo '" + said + "' ;;\n"
	}
	writeFile(t, filepath.Join(bin, "gh"), text+"esac\n", 0o755)
	command := programtest.Command(t, filepath.Join(root(t), ".github/scripts", args[0]), args[1:]...)
	command.Dir, command.Stdin = dir, strings.NewReader(stdin)
	command.Env = append(append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "TMPDIR="+t.TempDir(), "GITHUB_OUTPUT="+bin+"/output",
		"GITHUB_REPOSITORY=o/r", "GITHUB_SERVER_URL=https://github.com", "GITHUB_RUN_ID=7", "GITHUB_RUN_ATTEMPT=1"), env...)
	said, err := command.CombinedOutput()
	text1, _ := os.ReadFile(filepath.Join(bin, "asked"))
	text2, _ := os.ReadFile(filepath.Join(bin, "output"))
	return string(said), string(text1), string(text2), err
}

// TestStillOpen asks GitHub for its open pull requests. What it answers is not taken
// for what was asked.
func TestStillOpen(t *testing.T) {
	id, other := strings.Repeat("ab", 20), strings.Repeat("cd", 20)
	pull := func(state, base, head string) string {
		return fmt.Sprintf(`{"number":4,"state":%q,"base":{"ref":%q,"sha":%q},"head":{"ref":"x","sha":%q}}`, state, base, id, head)
	}
	for name, c := range map[string]struct {
		id, answer string
		open       bool
	}{
		"open":                    {id, "[" + pull("open", "main", id) + "]", true},
		"one of several":          {id, "[" + pull("open", "main", other) + "," + pull("open", "main", id) + "]", true},
		"on the second page":      {id, "[" + pull("open", "main", other) + "]\n[" + pull("open", "main", id) + "]", true},
		"closed":                  {id, "[" + pull("closed", "main", id) + "]", false},
		"for another branch":      {id, "[" + pull("open", "other", id) + "]", false},
		"another is its head now": {id, "[" + pull("open", "main", other) + "]", false},
		"none":                    {id, "[]", false},
		"no answer":               {id, "", false},
		"an error":                {id, `{"message":"Not Found"}`, false},
		"a part of a commit":      {id[:39], "[" + pull("open", "main", id[:39]) + "]", false},
		"a branch":                {"x", "[" + pull("open", "main", "x") + "]", false},
		"a pattern":               {".*", "[" + pull("open", "main", id) + "]", false},
		"nothing":                 {"", "[" + pull("open", "main", "") + "]", false},
	} {
		out, asked, _, err := script(t, t.TempDir(), "", nil, map[string]string{"api --paginate": c.answer}, "still-open.sh", c.id)
		if (err == nil) != c.open {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		if commit.MatchString(c.id) && asked != "api --paginate repos/o/r/pulls?state=open&base=main&per_page=100\n" {
			t.Errorf("%s: %s", name, asked)
		}
	}
}

// TestStatus tells results as GitHub knows them: nothing but success is green.
func TestStatus(t *testing.T) {
	id := strings.Repeat("ab", 20)
	for result, state := range map[string]string{"success": "success", "pending": "pending", "failure": "failure", "cancelled": "failure", "skipped": "failure", "": "failure"} {
		_, asked, _, err := script(t, t.TempDir(), "", nil, nil, "status.sh", id, "gate/gpu", result)
		if err != nil || !strings.Contains(asked, "repos/o/r/statuses/"+id) || !strings.Contains(asked, "state="+state+" ") {
			t.Errorf("%q: %v: %s", result, err, asked)
		}
	}
	if _, asked, _, err := script(t, t.TempDir(), "", nil, nil, "status.sh", "../../x", "gate/gpu", "success"); err == nil || asked != "" {
		t.Errorf("no commit: %s", asked)
	}
}

// TestTellSmoke lets a status be green only when all that was listed has passed, or
// when nothing was.
func TestTellSmoke(t *testing.T) {
	id := strings.Repeat("ab", 20)
	for _, c := range []struct{ plan, jobs, smoke, state string }{
		{"success", "2", "success", "success"},
		{"success", "0", "skipped", "success"},
		{"success", "2", "failure", "failure"},
		{"success", "2", "cancelled", "failure"}, // also what ran out of time
		{"success", "2", "skipped", "failure"},
		{"success", "2", "", "failure"},
		{"success", "", "skipped", "failure"},
		{"success", "", "success", "failure"},
		{"failure", "0", "skipped", "failure"}, // lint is red, and the jobs are listed
		{"failure", "", "skipped", "failure"},
		{"cancelled", "2", "success", "failure"},
		{"skipped", "", "skipped", "failure"},
		{"", "", "", "failure"},
	} {
		out, asked, _, err := script(t, t.TempDir(), "", nil, nil, "tell-smoke.sh", id, "gate/gpu", c.plan, c.jobs, c.smoke)
		if err != nil || strings.Count(asked, "\n") != 1 || !strings.Contains(asked, "repos/o/r/statuses/"+id+" --raw-field state="+c.state+" --raw-field context=gate/gpu ") {
			t.Errorf("%+v: %v: %s%s", c, err, asked, out)
		}
	}
}

// TestHandOn hands a folder on, as it was packed and with what can be run in it, and
// nothing else.
func TestHandOn(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "bin/one"), "#!/bin/sh\necho one\n", 0o755)
	writeFile(t, filepath.Join(dir, "bin/two"), "2", 0o600)
	_, _, outputs, err := script(t, dir, "", nil, nil, "pack.sh", "bin", "a.tar")
	sum, ok := strings.CutPrefix(strings.TrimSpace(outputs), "sum=")
	if err != nil || !ok {
		t.Fatal(outputs, err)
	}
	if _, _, again, err := script(t, dir, "", nil, nil, "pack.sh", "bin", "b.tar"); again != outputs || err != nil {
		t.Errorf("the same folder is packed as %s and %s: %v", outputs, again, err)
	}
	writeFile(t, filepath.Join(dir, "bin/one"), "another", 0o755)
	if _, _, _, err := script(t, dir, "", nil, nil, "pack.sh", "bin", "other.tar"); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "long.tar"), read(t, filepath.Join(dir, "a.tar"))+"x", 0o600)
	for name, c := range map[string]struct{ archive, sum, folder, want string }{
		"as it was":          {"a.tar", sum, "new", ""},
		"another":            {"other.tar", sum, "refused", "is not what was packed"},
		"more of it":         {"long.tar", sum, "refused", "is not what was packed"},
		"no sum":             {"a.tar", "", "refused", "is no sha256"},
		"a part of the sum":  {"a.tar", sum[:63], "refused", "is no sha256"},
		"a pattern":          {"a.tar", "*", "refused", "is no sha256"},
		"a command":          {"a.tar", sum + "; touch ran", "refused", "is no sha256"},
		"no archive":         {"none.tar", sum, "refused", "none.tar"},
		"a folder in use":    {"a.tar", sum, "bin", "is there already"},
		"upper case":         {"a.tar", strings.ToUpper(sum), "refused", "is no sha256"},
		"a sum of two lines": {"a.tar", sum + "\n" + sum, "refused", "is no sha256"},
	} {
		out, _, _, err := script(t, dir, "", nil, nil, "unpack.sh", c.archive, c.sum, c.folder)
		if (err == nil) != (c.want == "") || !strings.Contains(out, c.want) {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
	if said, err := programtest.Command(t, filepath.Join(dir, "new/one")).Output(); string(said) != "one\n" || err != nil {
		t.Errorf("%q %v", said, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "refused")); !os.IsNotExist(err) {
		t.Error("something that was refused was unpacked", err)
	}
}

// TestJobs filters matrices, and says where each job runs.
func TestJobs(t *testing.T) {
	const all = `{"include":[{"template":"a","environment":"cpu"},{"template":"b","environment":"nvidia"},{"template":"b","environment":"amd"}]}`
	for _, c := range []struct {
		stdin        string
		environments []string
		want         string
	}{
		{all, []string{"cpu"}, `matrix={"include":[{"template":"a","environment":"cpu","runner":["ubuntu-24.04"]}]}` + "\njobs=1\n"},
		{all, []string{"amd", "nvidia"}, `matrix={"include":[{"template":"b","environment":"nvidia","runner":["self-hosted","linux","x64","ephemeral","nvidia"]},` +
			`{"template":"b","environment":"amd","runner":["self-hosted","linux","x64","ephemeral","amd"]}]}` + "\njobs=2\n"},
		{`{"include":[]}`, []string{"cpu"}, `matrix={"include":[]}` + "\njobs=0\n"},
		{`{}`, []string{"cpu"}, ""},
		{`nothing`, []string{"cpu"}, ""},
	} {
		out, _, outputs, err := script(t, t.TempDir(), c.stdin, nil, nil, append([]string{"jobs.sh"}, c.environments...)...)
		if outputs != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%v of %s: %v\n%s\n%s", c.environments, c.stdin, err, outputs, out)
		}
	}
}

// TestPublishPlan decides what is to be published from what a network has.
func TestPublishPlan(t *testing.T) {
	type row struct {
		Template string `json:"template"`
		Chain    string `json:"chain,omitempty"`
		State    string `json:"state"`
	}
	for name, c := range map[string]struct {
		version string
		rows    []row
		status  string
		due     bool
		fails   bool
	}{
		"not there":                     {"1.0.0", []row{{"echo", "", "unpublished"}}, "0", true, false},
		"there":                         {"1.0.0", []row{{"echo", "1.0.0", "current"}}, "0", false, false},
		"an older version":              {"1.1.0", []row{{"echo", "1.0.0", "behind"}}, "0", true, false},
		"a newer version":               {"1.0.0", []row{{"echo", "1.1.0", "ahead"}}, "0", false, false},
		"another major version":         {"2.0.0", []row{{"echo", "1.0.0", "behind"}}, "0", true, false},
		"this major version beside it":  {"2.0.0", []row{{"echo", "1.0.0", "behind"}, {"echo", "2.0.0", "current"}}, "0", false, false},
		"drifted":                       {"1.0.0", []row{{"echo", "1.0.0", "drifted"}}, "1", false, false},
		"an older version has drifted":  {"1.1.0", []row{{"echo", "1.0.0", "drifted"}}, "1", true, false},
		"retired":                       {"1.1.0", []row{{"echo", "1.0.0", "retired"}}, "0", false, false},
		"an older major one is retired": {"2.0.0", []row{{"echo", "1.0.0", "retired"}}, "0", true, false},
		"another template has drifted":  {"1.0.0", []row{{"echo", "", "unpublished"}, {"other", "1.0.0", "drifted"}}, "1", true, false},
		"nobody answers":                {"1.0.0", []row{}, "3", false, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			states, err := json.Marshal(c.rows)
			if err != nil {
				t.Fatal(err)
			}
			writeFile(t, filepath.Join(dir, "tool"), "#!/bin/sh\ncase $1 in\nlist) echo '[{\"name\":\"echo\",\"version\":\""+c.version+"\",\"environments\":[\"cpu\"]}]' ;;\n"+
				"status) echo '"+string(states)+"'; exit "+c.status+" ;;\nesac\n", 0o755)
			out, _, outputs, err := script(t, dir, "", []string{"OGPU_TPL=" + filepath.Join(dir, "tool"), "GITHUB_REF=refs/heads/main"}, nil, "publish-plan.sh")
			if (err != nil) != c.fails || !c.fails && strings.Contains(outputs, "templates=echo\n") != c.due || !c.fails && strings.Contains(outputs, "jobs=1\n") != c.due {
				t.Errorf("%v\n%s%s", err, outputs, out)
			}
		})
	}
	// A tag asks for one version: where it is not and cannot be, that is no success.
	for name, c := range map[string]struct {
		rows []row
		due  bool
		want string // is empty where it succeeds
	}{
		"not there":  {[]row{{"echo", "", "unpublished"}}, true, ""},
		"there":      {[]row{{"echo", "1.0.0", "current"}}, false, ""},
		"drifted":    {[]row{{"echo", "1.0.0", "drifted"}}, false, ""},
		"overtaken":  {[]row{{"echo", "1.0.1", "ahead"}}, false, "the mainnet has echo 1.0.1, which is ahead\nso echo 1.0.0 cannot be published any more\n"},
		"retired":    {[]row{{"echo", "1.0.0", "retired"}}, false, "so echo 1.0.0 cannot"},
		"of another": {[]row{{"echo", "2.0.0", "ahead"}, {"other", "1.0.0", "current"}}, false, "so echo 1.0.0 cannot"},
	} {
		t.Run("tag: "+name, func(t *testing.T) {
			dir := t.TempDir()
			git(t, dir, "init", "--quiet")
			git(t, dir, "commit", "--quiet", "--allow-empty", "--message", "x")
			git(t, dir, "update-ref", "refs/remotes/origin/main", "HEAD")
			states, err := json.Marshal(c.rows)
			if err != nil {
				t.Fatal(err)
			}
			writeFile(t, filepath.Join(dir, "tool"), "#!/bin/sh\ncase $1 in\nlist) echo '[{\"name\":\"echo\",\"version\":\"1.0.0\",\"environments\":[\"cpu\"]}]' ;;\n"+
				"status) echo '"+string(states)+"'; echo \"$3 at $OGPU_RPC_URL\" >&2 ;;\nesac\n", 0o755)
			out, _, outputs, err := script(t, dir, "", []string{"OGPU_TPL=" + filepath.Join(dir, "tool"), "GITHUB_REF=refs/tags/mainnet/echo/1.0.0",
				"TESTNET_RPC_URL=https://testnet.example", "MAINNET_RPC_URL=https://mainnet.example"}, nil, "publish-plan.sh")
			if (err == nil) != (c.want == "") || !strings.Contains(out, c.want) || err == nil && strings.Contains(outputs, "templates=echo\n") != c.due {
				t.Errorf("%v\n%s%s", err, outputs, out)
			}
			if !strings.Contains(out, "mainnet at https://mainnet.example\n") {
				t.Error(out)
			}
		})
	}
	for _, ref := range []string{"refs/heads/other", "refs/tags/v1.0.0", "refs/tags/mainnet/echo", ""} {
		dir := t.TempDir()
		writeFile(t, filepath.Join(dir, "tool"), "#!/bin/sh\necho '[]'\n", 0o755)
		if out, _, outputs, err := script(t, dir, "", []string{"OGPU_TPL=" + filepath.Join(dir, "tool"), "GITHUB_REF=" + ref}, nil, "publish-plan.sh"); err == nil {
			t.Errorf("%q is published: %s%s", ref, outputs, out)
		}
	}
}

// TestPublishAll goes on after one that fails, keeps the key from verify, and is red
// in the end.
func TestPublishAll(t *testing.T) {
	dir := t.TempDir()
	tool := `#!/bin/sh
echo "$1 $2 key=$CLIENT_PRIVATE_KEY $*" >>calls
case "$1 $2" in
"status "*) echo '[{"template":"bad","state":"unpublished"}]' ;;
"publish bad") exit 1 ;;
"publish "*) echo '{"version":"1.0.0"}' ;;
"verify wrong") exit 1 ;;
esac
`
	git(t, dir, "init", "--quiet")
	writeFile(t, filepath.Join(dir, "tool"), tool, 0o755)
	records := func(template, environment string) string {
		return fmt.Sprintf(`{"records":[{"template":%q,"environment":%q}]}`, template, environment)
	}
	for file, text := range map[string]string{
		"record-good-cpu/good-cpu.json":       records("good", "cpu"),
		"record-good-nvidia/good-nvidia.json": records("good", "nvidia"),
		"record-good-amd/good-amd.json":       records("good", "amd"), // nobody asked for it
		"record-good-cpu/more.json":           records("good", "cpu"),
		"record-wrong-cpu/wrong-cpu.json":     records("wrong", "cpu"),
		"record-thief-cpu/good-nvidia.json":   records("good", "nvidia"),
		"record-liar-cpu/liar-cpu.json":       records("good", "cpu"),
		"record-two-cpu/two-cpu.json":         records("two", "cpu") + records("good", "cpu"),
		"record-none-cpu/none-cpu.json":       `{"records":[]}`,
		"good-cpu.json":                       records("good", "cpu"),
	} {
		writeFile(t, filepath.Join(dir, "records", file), text, 0o600)
	}
	out, _, outputs, err := script(t, dir, "", []string{"OGPU_TPL=" + filepath.Join(dir, "tool"), "NETWORK=testnet", "TEMPLATES=bad wrong liar two none good",
		`MATRIX={"include":[{"template":"good","environment":"cpu"},{"template":"good","environment":"nvidia"},{"template":"wrong","environment":"cpu"},` +
			`{"template":"liar","environment":"cpu"},{"template":"two","environment":"cpu"},{"template":"none","environment":"cpu"}]}`,
		"GITHUB_REF=refs/heads/main", "CLIENT_PRIVATE_KEY=a key", "OGPU_HOST=ipfs=https://a.example,https://b.example"}, nil, "publish.sh")
	if err == nil || outputs != "published=true\n" {
		t.Errorf("%v %s", err, outputs)
	}
	if strings.Contains(out, "a key") {
		t.Error(out)
	}
	receipts, _ := filepath.Glob(filepath.Join(dir, "deployment/*"))
	if len(receipts) != 1 || filepath.Base(receipts[0]) != "good.json" {
		t.Error(receipts)
	}
	calls := read(t, filepath.Join(dir, "calls"))
	for _, name := range []string{"liar", "two", "none"} {
		if strings.Contains(calls, "publish "+name) || !strings.Contains(out, "::error::the smoke job of "+name+" on cpu speaks for another") {
			t.Errorf("%s is published with a record of another:\n%s", name, out)
		}
	}
	for _, want := range []string{
		"publish good key=a key publish good --network testnet --yes --format json --journal journal --host ipfs=https://a.example,https://b.example --record records/record-good-cpu/good-cpu.json --record records/record-good-nvidia/good-nvidia.json\n",
		"verify good key= verify good --network testnet\n", "verify wrong key= ", "status --network key= ",
	} {
		if !strings.Contains(calls, want) {
			t.Errorf("want %q in\n%s", want, calls)
		}
	}
}

// TestPublishOvertaken leaves alone what another run has published since the plan was
// made, and says so. It is the tool that refuses what a tag asks for.
func TestPublishOvertaken(t *testing.T) {
	for name, c := range map[string]struct {
		ref, attempt, states, status string
		published, fails             bool
	}{
		"not there":                   {"refs/heads/main", "1", `[{"template":"echo","state":"unpublished"}]`, "0", true, false},
		"an older version":            {"refs/heads/main", "1", `[{"template":"echo","chain":"1.0.0","state":"behind"}]`, "0", true, false},
		"a higher version":            {"refs/heads/main", "1", `[{"template":"echo","chain":"1.0.2","state":"ahead"}]`, "0", false, false},
		"a higher version, again":     {"refs/heads/main", "2", `[{"template":"echo","chain":"1.0.2","state":"ahead"}]`, "1", false, false},
		"another run's":               {"refs/heads/main", "1", `[{"template":"echo","chain":"1.0.1","state":"current"}]`, "0", false, false},
		"maybe this run's own":        {"refs/heads/main", "2", `[{"template":"echo","chain":"1.0.1","state":"current"}]`, "0", true, false},
		"another template is ahead":   {"refs/heads/main", "1", `[{"template":"other","chain":"1.0.2","state":"ahead"}]`, "0", true, false},
		"nobody answers":              {"refs/heads/main", "1", `[]`, "3", false, true},
		"a tag, and a higher version": {"refs/tags/mainnet/echo/1.0.1", "1", `[{"template":"echo","chain":"1.0.2","state":"ahead"}]`, "0", true, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			git(t, dir, "init", "--quiet")
			writeFile(t, filepath.Join(dir, "tool"), "#!/bin/sh\ncase $1 in\nstatus) echo '"+c.states+"'; exit "+c.status+" ;;\npublish) echo '{}'; echo \"$OGPU_RPC_URL\" >published ;;\nesac\n", 0o755)
			out, _, outputs, err := script(t, dir, "", []string{"OGPU_TPL=" + filepath.Join(dir, "tool"), "NETWORK=testnet", "TEMPLATES=echo", `MATRIX={"include":[]}`,
				"GITHUB_REF=" + c.ref, "GITHUB_RUN_ATTEMPT=" + c.attempt, "TESTNET_RPC_URL=https://testnet.example", "MAINNET_RPC_URL=https://mainnet.example"}, nil, "publish.sh")
			at, _ := os.ReadFile(filepath.Join(dir, "published"))
			if (err != nil) != c.fails || (outputs == "published=true\n") != c.published || (string(at) == "https://testnet.example\n") != c.published {
				t.Errorf("%v %q %s\n%s", err, at, outputs, out)
			}
			if !c.fails && strings.Contains(out, "::notice::another run has published echo 1.0.") == c.published {
				t.Error(out)
			}
		})
	}
}

// TestDriftEndpoint asks the endpoint of the network that it is for.
func TestDriftEndpoint(t *testing.T) {
	for env, want := range map[string]string{
		"TESTNET_RPC_URL=https://testnet.example": "status at https://testnet.example\n",
		"MAINNET_RPC_URL=https://mainnet.example": "status at \n",
		"TESTNET_RPC_URL=":                        "status at \n",
	} {
		dir := t.TempDir()
		writeFile(t, filepath.Join(dir, "tool"), "#!/bin/sh\necho \"$1 at $OGPU_RPC_URL\" >&2\ncase $* in *json*) echo '[]' ;; esac\n", 0o755)
		out, _, _, err := script(t, dir, "", []string{"OGPU_TPL=" + filepath.Join(dir, "tool"), "NETWORK=testnet", env}, nil, "drift.sh")
		if err != nil || out != want+want {
			t.Errorf("%s: %v\n%s", env, err, out)
		}
	}
}

// TestPublishOwnRecords refuses records that somebody has committed.
func TestPublishOwnRecords(t *testing.T) {
	dir := t.TempDir()
	git(t, dir, "init", "--quiet")
	writeFile(t, filepath.Join(dir, "records/one.json"), "{}", 0o600)
	writeFile(t, filepath.Join(dir, "tool"), "#!/bin/sh\ntouch ran\n", 0o755)
	git(t, dir, "add", "records")
	out, _, _, err := script(t, dir, "", []string{"OGPU_TPL=" + filepath.Join(dir, "tool"), "NETWORK=testnet", "TEMPLATES=echo"}, nil, "publish.sh")
	if _, ran := os.Stat(filepath.Join(dir, "ran")); err == nil || ran == nil || !strings.Contains(out, "must not be in the repository: records/one.json") {
		t.Errorf("%v %s", err, out)
	}
}

// TestWriteBack records what was published, and nothing that contradicts what is
// recorded already.
func TestWriteBack(t *testing.T) {
	old, digest := "sha256:"+strings.Repeat("0", 64), "sha256:"+strings.Repeat("1", 64)
	for name, c := range map[string]struct {
		releases, want string // want is empty where it is refused
	}{
		"the first version":   {"", `"1.0.0": "` + digest + `"`},
		"the next version":    {`{"0.9.0": "` + old + `"}`, `"0.9.0": "` + old + `",` + "\n  " + `"1.0.0": "` + digest + `"`},
		"known already":       {`{"1.0.0": "` + digest + `"}`, `"1.0.0": "` + digest + `"`},
		"with another digest": {`{"1.0.0": "` + old + `"}`, ""},
		"not JSON":            {`nothing`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			bare, url := serveGit(t)
			work := t.TempDir()
			git(t, work, "init", "--quiet")
			git(t, work, "remote", "add", "origin", url)
			writeFile(t, filepath.Join(work, "templates/echo/template.yaml"), "", 0o600)
			if c.releases != "" {
				writeFile(t, filepath.Join(work, "templates/echo/releases.json"), c.releases+"\n", 0o600)
			}
			git(t, work, "add", "--all")
			git(t, work, "commit", "--quiet", "--message", "x")
			writeFile(t, filepath.Join(work, "deployment/echo.json"), `{"version": "1.0.0", "digest": "`+digest+`", "source": "0x1"}`, 0o600)
			out, asked, _, err := script(t, work, "", []string{"NETWORK=mainnet"}, map[string]string{"pr list": "0"}, "write-back.sh")
			if c.want == "" {
				if refs := git(t, bare, "for-each-ref"); err == nil || refs != "" || asked != "" {
					t.Errorf("%v %s%s%s", err, refs, asked, out)
				}
				return
			}
			if err != nil || !strings.Contains(asked, "pr create --base main --head deployment/mainnet/7") {
				t.Fatalf("%v %s%s", err, asked, out)
			}
			if want := "workflow run gate.yml --ref main --raw-field commit=" + git(t, bare, "rev-parse", "refs/heads/deployment/mainnet/7") +
				"\nworkflow run test.yml --ref deployment/mainnet/7\n"; !strings.HasSuffix(asked, want) {
				t.Errorf("want %s in %s", want, asked)
			}
			if got := git(t, bare, "show", "refs/heads/deployment/mainnet/7:templates/echo/releases.json"); got != "{\n  "+c.want+"\n}" {
				t.Error(got)
			}
		})
	}
}

// TestNightlyIssue opens one issue, and adds to it while it is open.
func TestNightlyIssue(t *testing.T) {
	env := []string{"PLAN=success", "PINS=failure", "DRIFT=success", "SMOKE=skipped", "ENGINES=success"}
	for answer, want := range map[string]string{"": "issue create --label nightly", "12": "issue comment 12 --body plan: success, pins: failure, drift: success, smoke: skipped, engines: success."} {
		_, asked, _, err := script(t, t.TempDir(), "", env, map[string]string{"issue list": answer}, "nightly-issue.sh")
		if err != nil || !strings.Contains(asked, want) || strings.Count(asked, "issue c") != 1 {
			t.Errorf("%q: %v\n%s", answer, err, asked)
		}
	}
}

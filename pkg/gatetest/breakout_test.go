package gatetest

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// breakout is one of testdata/gate/breakouts.yaml.
type breakout struct {
	Name, Workflow string
	// After is the job after which it happens, and Again are those that are run once more then.
	After string
	Again []string
	// Put are artifacts, each with its files: a text, or an archive of texts.
	Put    map[string]map[string]any
	Remove []string
	// Signed has what is signed by somebody who may, and who that is.
	Signed map[string]string
	// Want are the jobs' results, Published what the tool was asked to publish, and
	// Says what stands in the jobs' logs, Unsaid what does not.
	Want         map[string]string
	Published    []string
	Says, Unsaid map[string]string
}

// standIn is a tool that notes what it is asked for.
const standIn = `#!/usr/bin/env bash
set -euo pipefail
echo "$*" >>"$CALLS"
case $1 in
list) echo '[{"name":"echo","version":"1.0.0","environments":["cpu"]},{"name":"other","version":"1.0.0","environments":["cpu"]}]' ;;
status) echo '[]' ;;
changed) echo '{"include":[{"template":"echo","environment":"cpu"}]}' ;;
lint) case $* in *--output*) : >"${!#}" ;; esac ;;
smoke) echo "{\"records\":[{\"template\":\"$2\",\"environment\":\"cpu\"}]}" >"${!#}" ;;
publish)
  touch journal/testnet
  echo "the journal has $(wc -l <journal/testnet) lines" >&2
  echo "$2 has $(grep -o -- --record <<<"$*" | wc -l) records: $*" >&2
  echo "$2" >>journal/testnet
  echo "{\"version\":\"1.0.0\",\"digest\":\"sha256:$2\",\"source\":\"0x1\"}"
  ;;
esac
`

// TestBreakouts has containers break out of their jobs, and do to the artifacts of the
// run what they like.
func TestBreakouts(t *testing.T) {
	var all []breakout
	decoder := yaml.NewDecoder(strings.NewReader(read(t, filepath.Join(root(t), "testdata/gate/breakouts.yaml"))))
	decoder.KnownFields(true)
	if err := decoder.Decode(&all); err != nil {
		t.Fatal(err)
	}
	s := newScene(t)
	t.Run("all", func(t *testing.T) { // the server runs until the last of them has ended
		for _, b := range all {
			t.Run(b.Name, func(t *testing.T) {
				t.Parallel()
				b.happen(t, s)
			})
		}
	})
}

// scene is a repository with the workflows and two templates, at a Git host.
type scene struct {
	bare, url, commit string
	// smoked is a run of publish.yml in which the smoke jobs have just ended.
	smoked *outcome
}

const testnetKey = "the key of the testnet"

// runner has the stand-in for a tool, which notes what it is asked for in calls.
func (s scene) runner(t *testing.T) (r *runner, calls string) {
	t.Helper()
	calls = filepath.Join(t.TempDir(), "calls")
	r = &runner{
		t: t, remote: s.url, commands: t.TempDir(), vars: map[string]string{}, tool: standIn,
		secrets: map[string]map[string]string{"testnet": {"CLIENT_PRIVATE_KEY": testnetKey}},
		env:     map[string]string{"CALLS": calls, "GH_LOG": filepath.Join(t.TempDir(), "gh"), "GH_SIGNED": t.TempDir()},
	}
	writeFile(t, filepath.Join(r.commands, "gh"), ghText, 0o755)
	return r, calls
}

func (s scene) push() event {
	return event{"event_name": "push", "ref": "refs/heads/main", "ref_type": "branch", "sha": s.commit}
}

func newScene(t *testing.T) (s scene) {
	t.Helper()
	s.bare, s.url = serveGit(t)
	work := t.TempDir()
	if err := os.CopyFS(filepath.Join(work, ".github"), os.DirFS(filepath.Join(root(t), ".github"))); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"echo", "other"} {
		writeFile(t, filepath.Join(work, "templates", name, "template.yaml"), "", 0o600)
	}
	git(t, work, "init", "--quiet")
	git(t, work, "add", "--all")
	git(t, work, "commit", "--quiet", "--message", "x")
	git(t, work, "push", "--quiet", s.url, "HEAD:refs/heads/main")
	s.commit = git(t, work, "rev-parse", "HEAD")
	r, _ := s.runner(t)
	w := workflows(t)["publish.yml"]
	w.Jobs = map[string]job{"plan": w.Jobs["plan"], "smoke": w.Jobs["smoke"]}
	s.smoked = r.run(w, s.push())
	return s
}

// files writes the files of an artifact. What is signed of it is noted in signed.
func (b breakout) files(t *testing.T, dir string, files map[string]any, o *outcome, signed string) {
	t.Helper()
	for file, content := range files {
		text, plain := content.(string)
		if inner, ok := content.(map[string]any); ok && filepath.Ext(file) != ".tar" {
			b.files(t, filepath.Join(dir, file), inner, o, signed)
			continue
		}
		if !plain {
			text = archive(t, content.(map[string]any))
		}
		writeFile(t, filepath.Join(dir, file), text, 0o600)
		if b.Signed == nil {
			continue
		}
		by := *o
		by.github = maps.Clone(o.github)
		for what, is := range b.Signed {
			switch {
			case what == "workflow":
				by.workflow = is
			case is == "more":
				by.github[what] = fmt.Sprint(o.github[what]) + "0"
			default:
				by.github[what] = is
			}
		}
		sum := sha256.Sum256([]byte(text))
		writeFile(t, filepath.Join(signed, hex.EncodeToString(sum[:])), by.signature(), 0o600)
	}
}

func (b breakout) happen(t *testing.T, s scene) {
	r, calls := s.runner(t)
	happens := func(o *outcome) {
		for _, name := range b.Remove {
			delete(o.artifacts, name)
		}
		for name, files := range b.Put {
			dir := t.TempDir()
			b.files(t, dir, files, o, r.env["GH_SIGNED"])
			o.artifacts[name] = dir
		}
	}
	w := workflows(t)[b.Workflow]
	r.after = map[string]func(*outcome){b.After: happens}
	var o *outcome
	switch b.Workflow {
	case "publish.yml": // all go on from the same smoke jobs
		o = r.continued(s.smoked)
		if b.After == "smoke" {
			happens(o)
		}
		r.attempt(w, o)
	case "gate.yml":
		e := s.push()
		maps.Copy(e, event{"event_name": "workflow_dispatch", "event": dispatched(s.commit)})
		o = r.run(w, e)
	default:
		o = r.run(w, s.push())
	}
	if b.Again != nil {
		r.after = nil
		o = r.again(w, o, b.Again...)
	}
	for _, name := range sorted(o.jobs) {
		if got := o.jobs[name]; got.Result != b.Want[name] {
			t.Errorf("%s: %s, want %q\n%s", name, got.Result, b.Want[name], got.Log)
		}
	}
	for name, pattern := range b.Says {
		holds(t, o.jobs[name].Log, pattern)
	}
	for name, pattern := range b.Unsaid {
		if regexp.MustCompile(pattern).MatchString(o.jobs[name].Log) {
			t.Errorf("%q is in\n%s", pattern, o.jobs[name].Log)
		}
	}
	text, err := os.ReadFile(calls) // the tool may not have been run
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	said := string(text)
	if strings.Contains(said, testnetKey) {
		t.Error("the key is stolen")
	}
	var published []string
	for _, found := range regexp.MustCompile(`(?m)^publish ([a-z]+)`).FindAllStringSubmatch(said, -1) {
		published = append(published, found[1])
	}
	if !slices.Equal(published, b.Published) {
		t.Errorf("published: %v, want %v", published, b.Published)
	}
	if refs := git(t, s.bare, "for-each-ref", fmt.Sprint("refs/heads/deployment/testnet/", o.github["run_id"])); (refs != "") != (o.jobs["write-back"] != nil && (b.Want["write-back"] == "success" || b.Again != nil)) {
		t.Errorf("written back: %s", refs)
	}
	if o.builds > 1 {
		t.Errorf("the tool is built %d times", o.builds)
	}
}

// archive makes an archive of texts, with programs.
func archive(t *testing.T, files map[string]any) string {
	t.Helper()
	var data bytes.Buffer
	writer := tar.NewWriter(&data)
	for _, name := range sorted(files) {
		text := files[name].(string)
		err := writer.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(text))})
		if err == nil {
			_, err = writer.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return data.String()
}

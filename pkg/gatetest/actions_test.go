package gatetest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/programtest"
)

var commit = regexp.MustCompile(`^[0-9a-f]{40}$`)

// actions stand for those that workflows use. What is not here fails the test.
var actions = map[string]func(r *runner, dir string, with map[string]string, o *outcome) error{
	"actions/checkout": func(r *runner, dir string, with map[string]string, o *outcome) error {
		to := filepath.Join(dir, with["path"])
		try := func(args ...string) error {
			out, err := gitCommand(r.t, to, args...).CombinedOutput()
			if err != nil {
				return fmt.Errorf("git %v: %w\n%s", args, err, out)
			}
			return nil
		}
		if err := os.MkdirAll(to, 0o755); err != nil {
			return err
		}
		fetch, ref := []string{"fetch", "--quiet", "--depth=1", "origin"}, with["ref"]
		if ref == "" {
			ref = shown(o.github["sha"])
		}
		if with["fetch-depth"] == "0" {
			fetch = []string{"fetch", "--quiet", "origin", "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"}
		}
		switch {
		case commit.MatchString(ref):
			fetch = append(fetch, ref)
		case with["fetch-depth"] != "0":
			fetch = append(fetch, "+refs/heads/"+ref+":refs/remotes/origin/"+ref)
		}
		checkout := []string{"checkout", "--quiet", "--detach", ref}
		if !commit.MatchString(ref) {
			checkout = []string{"checkout", "--quiet", "-B", ref, "refs/remotes/origin/" + ref}
		}
		return errors.Join(try("init", "--quiet"), try("remote", "add", "origin", r.remote), try(fetch...), try(checkout...))
	},
	"actions/upload-artifact": func(r *runner, dir string, with map[string]string, o *outcome) error {
		from := filepath.Join(dir, with["path"])
		if info, err := os.Stat(from); err != nil || !info.Mode().IsRegular() {
			return fmt.Errorf("%s is no file: %w", from, err) // workflows hand on files only
		}
		if _, ok := o.artifacts[with["name"]]; ok && with["overwrite"] != "true" {
			return fmt.Errorf("there is an artifact %s already", with["name"])
		}
		kept := r.t.TempDir()
		o.artifacts[with["name"]] = kept
		return os.Link(from, filepath.Join(kept, filepath.Base(from)))
	},
	"actions/download-artifact": func(_ *runner, dir string, with map[string]string, o *outcome) error {
		found := 0
		for _, name := range sorted(o.artifacts) {
			to := filepath.Join(dir, with["path"])
			if with["pattern"] != "" {
				matches, err := filepath.Match(with["pattern"], name)
				if err != nil {
					return err
				}
				if !matches {
					continue
				}
				to = filepath.Join(to, name)
			} else if name != with["name"] {
				continue
			}
			found++
			if err := linkFiles(o.artifacts[name], to); err != nil {
				return err
			}
		}
		if found == 0 && with["name"] != "" {
			return fmt.Errorf("there is no artifact %s", with["name"])
		}
		return nil
	},
	"github/codeql-action/upload-sarif": func(r *runner, dir string, with map[string]string, _ *outcome) error {
		text, err := os.ReadFile(with["sarif_file"])
		if err != nil {
			return err
		}
		schema, err := document.CompileSchema("sarif.json", []byte(read(r.t, filepath.Join(root(r.t), "pkg/report/testdata/sarif-schema-2.1.0.json"))))
		if err != nil {
			return err
		}
		var sarif any
		if err := json.Unmarshal(text, &sarif); err != nil {
			return err
		}
		if problems := schema.Validate(sarif); len(problems) > 0 {
			return fmt.Errorf("%v", problems)
		}
		for _, found := range regexp.MustCompile(`"uri": *"(templates/[^"]+)"`).FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(dir, with["checkout_path"], found[1])); err != nil {
				return err
			}
		}
		return nil
	},
	// What is signed is written down by its sha256, for the gh of ghText.
	"actions/attest": func(r *runner, dir string, with map[string]string, o *outcome) error {
		if given, _ := o.permissions.(map[string]any); given["id-token"] != "write" || given["attestations"] != "write" {
			return errors.New("this job cannot sign")
		}
		subjects, err := filepath.Glob(filepath.Join(dir, with["subject-path"]))
		if err != nil || len(subjects) == 0 {
			return fmt.Errorf("there is nothing to attest: %w", err)
		}
		for _, subject := range subjects {
			sum := sha256.Sum256([]byte(read(r.t, subject)))
			writeFile(r.t, filepath.Join(r.env["GH_SIGNED"], hex.EncodeToString(sum[:])), o.signature(), 0o600)
		}
		return nil
	},
}

// linkFiles has a folder hold the files of another: an artifact is never changed, and the
// tool is large.
func linkFiles(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return os.MkdirAll(filepath.Join(to, below), 0o755)
		}
		return os.Link(path, filepath.Join(to, below))
	})
}

// signature is what is written down of what the run signs: who signed, which gh is asked
// for, and what it answers.
func (o *outcome) signature() string {
	return fmt.Sprintf("--repo %[1]v --signer-workflow %[1]v/.github/workflows/%[2]s --source-ref %[3]v --source-digest %[4]v --deny-self-hosted-runners --format json\n"+
		`[{"verificationResult":{"signature":{"certificate":{"runInvocationURI":"https://github.com/%[1]v/actions/runs/%[5]v/attempts/%[6]v"}}}}]`+"\n",
		o.github["repository"], o.workflow, o.github["ref"], o.github["sha"], o.github["run_id"], o.github["run_attempt"])
}

// ghText is a program gh. It notes what it is asked for, and knows what was signed.
const ghText = `#!/usr/bin/env bash
printf '%s\n' "${*//$'\n'/ }" >>"$GH_LOG"
case "$1 $2" in
'pr list') echo 0 ;;
'attestation verify')
  sum=$(sha256sum <"$3")
  if ! { read -r asked && answer=$(cat); } <"$GH_SIGNED/${sum%% *}"; then exit 1; fi
  if [ "${*:4}" != "$asked" ]; then echo "it is signed by another: $asked" >&2; exit 1; fi
  echo "$answer"
  ;;
esac
`

// gitCommand is Git without anybody's configuration. CGI takes no chunked bodies:
// what is pushed has to fit into the buffer.
func gitCommand(t testing.TB, dir string, args ...string) *exec.Cmd {
	t.Helper()
	command := programtest.Command(t, "git", append([]string{"-c", "user.name=A Contributor", "-c", "user.email=contributor@example.com", "-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main", "-c", "http.postBuffer=200000000"}, args...)...)
	command.Dir = dir
	command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_TERMINAL_PROMPT=0")
	return command
}

func git(t testing.TB, dir string, args ...string) string {
	t.Helper()
	out, err := gitCommand(t, dir, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimRight(string(out), "\n")
}

// serveGit makes an empty repository that is reached over HTTP, and lets commits be
// fetched by their ids as GitHub does. It returns its folder and its URL.
func serveGit(t testing.TB) (dir, url string) {
	t.Helper()
	base := t.TempDir()
	dir = filepath.Join(base, "templates.git")
	git(t, base, "init", "--quiet", "--bare", dir)
	for _, setting := range []string{"http.receivepack", "uploadpack.allowAnySHA1InWant"} {
		git(t, dir, "config", setting, "true")
	}
	server := httptest.NewServer(&cgi.Handler{
		Path: filepath.Join(git(t, base, "--exec-path"), "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + base, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_GLOBAL=/dev/null", "REMOTE_USER=tests"},
	})
	t.Cleanup(server.Close)
	return dir, server.URL + "/templates.git"
}

package gatetest

import (
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
	"actions/setup-go": func(_ *runner, dir string, with map[string]string, _ *outcome) error {
		file := with["go-version-file"]
		if !filepath.IsAbs(file) {
			file = filepath.Join(dir, file)
		}
		_, err := os.Stat(file)
		return err
	},
	"actions/upload-artifact": func(r *runner, dir string, with map[string]string, o *outcome) error {
		from := filepath.Join(dir, with["path"])
		info, err := os.Stat(from)
		if err != nil {
			if with["if-no-files-found"] == "ignore" {
				return nil
			}
			return err
		}
		if _, ok := o.artifacts[with["name"]]; ok && with["overwrite"] != "true" {
			return fmt.Errorf("there is an artifact %s already", with["name"])
		}
		kept := r.t.TempDir()
		o.artifacts[with["name"]] = kept
		if info.IsDir() {
			return os.CopyFS(kept, os.DirFS(from))
		}
		data, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(kept, info.Name()), data, 0o600)
	},
	"actions/download-artifact": func(_ *runner, dir string, with map[string]string, o *outcome) error {
		to, found := filepath.Join(dir, with["path"]), 0
		for _, name := range sorted(o.artifacts) {
			matches, err := filepath.Match(with["pattern"], name)
			if err != nil {
				return err
			}
			if name != with["name"] && !matches {
				continue
			}
			if matches && with["merge-multiple"] != "true" {
				return errors.New("each artifact would have a folder of its own")
			}
			found++
			if err := os.CopyFS(to, os.DirFS(o.artifacts[name])); err != nil {
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
	"actions/attest-build-provenance": func(_ *runner, dir string, with map[string]string, _ *outcome) error {
		subjects, err := filepath.Glob(filepath.Join(dir, with["subject-path"]))
		if err == nil && len(subjects) == 0 {
			err = errors.New("there is nothing to attest")
		}
		return err
	},
}

// gitCommand is Git without anybody's configuration. CGI takes no chunked bodies:
// what is pushed has to fit into the buffer.
func gitCommand(t testing.TB, dir string, args ...string) *exec.Cmd {
	t.Helper()
	command := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=A Contributor", "-c", "user.email=contributor@example.com", "-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main", "-c", "http.postBuffer=200000000"}, args...)...)
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

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/opengpu-network/templates/cmd/internal/full"
	"github.com/opengpu-network/templates/pkg/git/gittest"
	"github.com/opengpu-network/templates/pkg/release"
)

// checkout is a new repository; git runs Git in it.
func checkout(t *testing.T) (dir string, git func(args ...string) string) {
	t.Helper()
	dir = t.TempDir()
	git = func(args ...string) string {
		t.Helper()
		return gittest.Run(t, dir, args...)
	}
	git("init", "-q")
	return dir, git
}

// frozenOrigin freezes a template and returns where that says it comes from.
func frozenOrigin(t *testing.T, dir string) release.Origin {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out")
	if status, _, stderr := run(t, "freeze", dir, "-o", out); status != statusClean {
		t.Fatal(stderr)
	}
	var p full.Provenance
	text, err := os.ReadFile(filepath.Join(out, full.ProvenanceFile("devnet")))
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p.Origin
}

// TestFreezeKnowsItsCommit freezes in a real checkout, whose configuration would
// run programs if Git were asked about files.
func TestFreezeKnowsItsCommit(t *testing.T) {
	dir, git := checkout(t)
	template, trap := filepath.Join(dir, "templates/sample"), filepath.Join(t.TempDir(), "sprung")
	if err := os.CopyFS(template, os.DirFS(filepath.Join(root(t), "testdata/release/sample"))); err != nil {
		t.Fatal(err)
	}
	git("remote", "add", "origin", "https://me:secret@git.example.com/us/templates.git")
	if got := frozenOrigin(t, template); got.Commit != "" {
		t.Errorf("%+v before there is a commit", got)
	}
	git("commit", "-qm", "empty", "--allow-empty")
	if got := frozenOrigin(t, template); got.Commit != "" || got.Repository != "" {
		t.Errorf("%+v of a repository that does not have the template", got)
	}
	git("add", ".")
	git("commit", "-qm", "x")
	hook := filepath.Join(dir, ".git/hooks/post-index-change")
	for key, value := range map[string]string{"core.fsmonitor": "touch " + trap, "filter.trap.clean": "touch " + trap + "; cat", "core.pager": "touch " + trap, "core.sshCommand": "touch " + trap} {
		git("config", key, value)
	}
	for file, text := range map[string]string{filepath.Join(dir, ".git/info/attributes"): "* filter=trap\n", hook: "#!/bin/sh\ntouch " + trap + "\n"} {
		if err := os.WriteFile(file, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	head := git("rev-parse", "HEAD")
	want := release.Origin{Repository: "https://git.example.com/us/templates", Commit: head, Tool: app.Version()}
	if got := frozenOrigin(t, template); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	// Another repository that the environment names is not asked.
	other, otherGit := checkout(t)
	otherGit("commit", "-qm", "other", "--allow-empty")
	t.Setenv("GIT_DIR", filepath.Join(other, ".git"))
	t.Setenv("GIT_WORK_TREE", other)
	t.Setenv("GIT_CONFIG_COUNT", "1")
	t.Setenv("GIT_CONFIG_KEY_0", "remote.origin.url")
	t.Setenv("GIT_CONFIG_VALUE_0", "https://evil.example.com/")
	if got := frozenOrigin(t, template); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	for _, name := range []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_CONFIG_COUNT"} {
		os.Unsetenv(name)
	}
	// A note of a release is no change, and anything else is one.
	if err := release.AddReleased(template, "1.0.0", "sha256:"+strings.Repeat("0", 64)); err != nil {
		t.Fatal(err)
	}
	if got := frozenOrigin(t, template); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	want.Modified = true
	parts := filepath.Join(template, "compose/parts/echo.yml")
	text, err := os.ReadFile(parts)
	if err == nil {
		err = os.WriteFile(parts, append(text, "# more\n"...), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := frozenOrigin(t, template); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	// A replaced object shows other files for the same commit.
	git("-c", "filter.trap.clean=cat", "-c", "core.fsmonitor=false", "commit", "-qam", "y")
	git("replace", head, git("rev-parse", "HEAD"))
	git("update-ref", "HEAD", head)
	if got := frozenOrigin(t, template); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	_ = os.Remove(trap) // this test's own commands may have sprung it
	frozenOrigin(t, template)
	if _, err := os.Stat(trap); err == nil {
		t.Error("a program of the checkout was run")
	}
}

func TestRepository(t *testing.T) {
	for remote, want := range map[string]string{
		"https://github.com/a/b":                "https://github.com/a/b",
		"https://github.com/a/b.git":            "https://github.com/a/b",
		"https://user:token@github.com/a/b.git": "https://github.com/a/b",
		"https://github.com:8443/a/b?token=x#y": "https://github.com:8443/a/b",
		"git@github.com:a/b.git":                "https://github.com/a/b",
		"ssh://git@github.com:22/a/b.git":       "https://github.com/a/b",
		"/home/me/b":                            "",
		"file:///home/me/b":                     "",
		"../b":                                  "",
		"http://github.com/a/b":                 "",
		"https://localhost/a/b":                 "",
		"https://github.com":                    "",
		"ext::sh -c x":                          "",
		"":                                      "",
		"https://github.com/" + strings.Repeat("a", 300): "",
	} {
		if got := full.Repository(remote); got != want {
			t.Errorf("%s: %q, want %q", remote, got, want)
		}
	}
}

package host

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opengpu-network/templates/pkg/fetch"
	"github.com/opengpu-network/templates/pkg/git/gittest"
)

const sha1Hex = "0fe8593a0fe8593a0fe8593a0fe8593a0fe8593a"

func TestGitTemplates(t *testing.T) {
	for _, template := range []string{
		"https://raw.githubusercontent.com/opengpu-network/templates/{commit}/{path}",
		"https://raw.githubusercontent.com/opengpu-network/templates/{commit}/released/a/{path}",
		"https://gitlab.com/group/sub/project/-/raw/{commit}/{path}",
		"https://codeberg.org/owner/project/raw/commit/{commit}/{path}",
		"https://bitbucket.org/main/heads/raw/{commit}/{path}",
	} {
		git, err := NewGit(template, sha1Hex, nil)
		if err != nil {
			t.Error(err)
			continue
		}
		want := strings.ReplaceAll(strings.ReplaceAll(template, "{commit}", sha1Hex), "{path}", "a/cpu.yml")
		if got, err := git.Upload(t.Context(), File{Name: "a/cpu.yml"}); err != nil || got != want {
			t.Errorf("%s, %v", got, err)
		}
	}
	for _, template := range []string{
		"https://raw.githubusercontent.com/opengpu-network/templates/main/{path}",
		"https://raw.githubusercontent.com/opengpu-network/templates/refs/heads/main/{path}",
		"https://raw.githubusercontent.com/opengpu-network/templates/refs/heads/main/{commit}/{path}",
		"https://raw.githubusercontent.com/opengpu-network/templates/main/{commit}/{path}",
		"https://raw.githubusercontent.com/opengpu-network/templates/0fe8593/{path}",
		"https://raw.githubusercontent.com/opengpu-network/templates/" + sha1Hex + "/{path}",
		"https://raw.githubusercontent.com/opengpu-network/{commit}/{path}",
		"https://codeberg.org/owner/project/raw/branch/main/{commit}/{path}",
		"https://codeberg.org/owner/project/raw/tag/{commit}/{path}",
		"https://gitlab.com/owner/project/-/raw/main/{commit}/{path}",
		"https://example.com/a/{path}?ref={commit}",
		"https://example.com/a/{commit}/{path}?ref=main",
		"https://example.com/a?b=/{commit}/{path}",
		"https://example.com/a/{commit}/b{path}",
		"https://example.com/a/{commit}/../main/{path}",
		"https://example.com/a/../b/{commit}/{path}",
		"https://example.com/a%2Fb/{commit}/{path}",
		"https://example.com/{commit}/{path}",
		"https://example.com/a/{commit}/{commit}/{path}",
		"https://example.com/a/{commit}/",
		"https://{commit}/{path}",
		"http://example.com/a/{commit}/{path}",
		"https://127.0.0.1/a/{commit}/{path}",
		"",
	} {
		if git, err := NewGit(template, sha1Hex, nil); err == nil {
			t.Errorf("%s is let through as %s", template, git)
		}
	}
	template := "https://raw.githubusercontent.com/opengpu-network/templates/{commit}/{path}"
	if _, err := NewGit(template, strings.Repeat("0f", 32), nil); err != nil {
		t.Error(err)
	}
	for _, commit := range []string{"", "main", "0fe8593", sha1Hex[:39], sha1Hex + "0", strings.ToUpper(sha1Hex), "v1.0.0", sha1Hex + "\n", "refs/heads/" + sha1Hex} {
		if _, err := NewGit(template, commit, nil); err == nil {
			t.Errorf("the commit %q is let through", commit)
		}
	}
}

// A real repository, behind a server that shows files at any revision, as Git
// hosts do.
func TestPutOnGit(t *testing.T) {
	dir := t.TempDir()
	git := func(arguments ...string) string {
		t.Helper()
		return gittest.Run(t, dir, arguments...)
	}
	write := func(text string) string {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "cpu.yml"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		git("add", "cpu.yml")
		git("commit", "--quiet", "-m", text)
		return git("rev-parse", "HEAD")
	}
	git("init", "--quiet")
	first, second := write("first"), write("second")

	server := httptest.NewServer(gittest.Handler(dir, "/owner/repository/"))
	defer server.Close()
	fetcher := &fetch.Fetcher{AllowLoopback: true}
	at := func(commit string) *Uploader {
		host, err := NewGit(server.URL+"/owner/repository/{commit}/{path}", commit, fetcher)
		if err != nil {
			t.Fatal(err)
		}
		return &Uploader{Host: host, Fetcher: fetcher, Patience: hurry}
	}
	for commit, text := range map[string]string{first: "first", second: "second"} {
		link, err := at(commit).Put(t.Context(), "cpu.yml", []byte(text))
		if err != nil || link.URL != server.URL+"/owner/repository/"+commit+"/cpu.yml" {
			t.Errorf("%+v, %v", link, err)
		}
	}
	_, err := at(first).Put(t.Context(), "cpu.yml", []byte("second"))
	wantKind(t, "another commit's", err, Differs)
	// An earlier run's link stays what it is, and one that moves is none.
	file, err := NewFile("cpu.yml", []byte("first"))
	if err != nil {
		t.Fatal(err)
	}
	for link, isLink := range map[string]bool{first + "/cpu.yml": true, "main/cpu.yml": false, first + "/amd.yml": false} {
		link = "/owner/repository/" + link
		uploader := at(second)
		uploader.Known = map[string][]string{file.SHA256: {server.URL + link}}
		if got, err := uploader.Put(t.Context(), "cpu.yml", []byte("first")); isLink && (err != nil || got.URL != server.URL+link || got.Uploaded) {
			t.Errorf("%+v, %v", got, err)
		} else if !isLink {
			wantKind(t, link, err, Differs)
		}
	}
	uploader := at(second)
	if _, err := uploader.Put(t.Context(), "cpu.yml", []byte("second")); err != nil {
		t.Error(err)
	}
	// The same bytes are remembered, but not for a path that has another link.
	_, err = uploader.Put(t.Context(), "amd.yml", []byte("second"))
	wantKind(t, "not committed", err, Missing)
	_, err = at(strings.Repeat("ab", 20)).Put(t.Context(), "cpu.yml", []byte("second"))
	wantKind(t, "not pushed", err, Missing)
}

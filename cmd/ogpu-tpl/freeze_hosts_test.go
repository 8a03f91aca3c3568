package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ipfs/go-cid"
	"github.com/opengpu-network/templates/cmd/internal/full"
	"github.com/opengpu-network/templates/pkg/chain/networks"
	"github.com/opengpu-network/templates/pkg/fetch"
	"github.com/opengpu-network/templates/pkg/git/gittest"
	"github.com/opengpu-network/templates/pkg/host"
	"github.com/opengpu-network/templates/pkg/host/hosttest"
	"github.com/opengpu-network/templates/pkg/release"
)

// hostedRelease is what freeze prints as JSON.
type hostedRelease struct {
	release.Release
	Hosted full.Hosted
}

// contents counts the release's files with different bytes.
func (r hostedRelease) contents() int {
	sums := map[string]bool{}
	for _, f := range r.Files {
		sums[f.SHA256] = true
	}
	return len(sums)
}

// freezeTo freezes a template with a host, and holds the status and what is said
// against a pattern.
func freezeTo(t *testing.T, status int, want, template, output, host string, more ...string) (r hostedRelease) {
	t.Helper()
	args := append([]string{"freeze", template, "--format", "json", "--output", output, "--host", host}, more...)
	got, stdout, stderr := run(t, args...)
	if got != status || !regexp.MustCompile("(?s)"+want).MatchString(stderr) {
		t.Fatalf("status %d, want %d and %q:\n%s%s", got, status, want, stdout, stderr)
	}
	if status == statusClean {
		if err := json.Unmarshal([]byte(stdout), &r); err != nil {
			t.Fatal(err, stdout)
		}
	}
	return r
}

// fetched is what is at a URL.
func fetched(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(url, response.Status, err)
	}
	return string(body)
}

// isServed fetches all of a release by its metadata's address.
func isServed(t *testing.T, r hostedRelease, output string) {
	t.Helper()
	if got := fetched(t, r.Hosted.MetadataURL); got != read(t, filepath.Join(output, full.MetadataFile(networks.Devnet))) {
		t.Errorf("%s is not what was written:\n%s", r.Hosted.MetadataURL, got)
	}
	if len(r.Hosted.Links) != len(r.Files) || len(r.Files) == 0 {
		t.Errorf("%d links for %d files", len(r.Hosted.Links), len(r.Files))
	}
	for name, link := range r.Hosted.Links {
		if fetched(t, link) != read(t, filepath.Join(output, name)) {
			t.Errorf("%s is not at %s", name, link)
		}
	}
}

// TestFreezeOnIPFS puts a release on a node through the pinning service and
// through its API. The second run uploads nothing, and the same bytes are
// uploaded once.
func TestFreezeOnIPFS(t *testing.T) {
	template := filepath.Join(root(t), "templates/ollama")
	for _, kind := range []string{"pinning", "ipfs"} {
		t.Run(kind, func(t *testing.T) {
			node, output := hosttest.NewPlainNode(t), filepath.Join(t.TempDir(), "out")
			host := "pinning=" + node.Uploads() + "," + node.Gateway.URL
			if kind == "ipfs" {
				host = "ipfs=" + node.API.URL + "," + node.Gateway.URL
			}
			first := freezeTo(t, statusClean, "^$", template, output, host)
			isServed(t, first, output)
			for _, f := range first.Files {
				if link := first.Hosted.Links[f.Path]; link != node.Gateway.URL+"/ipfs/"+f.CID {
					t.Errorf("%s is at %s, and its CID is %s", f.Path, link, f.CID)
				}
			}
			if got, want := int(node.Adds.Load()), first.contents()+1; got != want {
				t.Errorf("%d uploads of %d contents", got, want)
			}
			if again := freezeTo(t, statusClean, "^$", template, output, host); !cmp.Equal(first.Hosted.Links, again.Hosted.Links) || again.Hosted.MetadataURL != first.Hosted.MetadataURL {
				t.Errorf("%+v, then %+v", first.Hosted, again.Hosted)
			}
			if got, want := int(node.Adds.Load()), first.contents()+1; got != want {
				t.Errorf("after the second run %d uploads of %d contents", got, want)
			}
			// What is remembered is proven: links that somebody has written into the
			// folder are not believed.
			for _, name := range []string{"provenance.json", "provenance.devnet.json"} {
				if text, err := os.ReadFile(filepath.Join(output, name)); err == nil {
					forged := strings.ReplaceAll(string(text), node.Gateway.URL+"/ipfs/", node.Gateway.URL+"/ipfs/Qm")
					if err := os.WriteFile(filepath.Join(output, name), []byte(forged), 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
			isServed(t, freezeTo(t, statusClean, "^$", template, output, host), output)
		})
	}
}

// TestFreezeResumes has a gateway that fails for one file. What was proven before
// is not uploaded again.
func TestFreezeResumes(t *testing.T) {
	template, output := filepath.Join(root(t), "templates/ollama"), filepath.Join(t.TempDir(), "out")
	node := hosttest.NewPlainNode(t)
	last := freeze(t, template).Files
	bad := last[len(last)-1].CID
	var lies sync.Map
	lies.Store(bad, true)
	node.OnGateway = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if _, lie := lies.Load(strings.TrimPrefix(r.URL.Path, "/ipfs/")); lie {
			hosttest.Answer("lies")(w, r, next)
			return
		}
		next.ServeHTTP(w, r)
	}
	host := "pinning=" + node.Uploads() + "," + node.Gateway.URL
	freezeTo(t, statusFailed, "do not publish this link", template, output, host)
	lies.Delete(bad)
	r := freezeTo(t, statusClean, "^$", template, output, host)
	isServed(t, r, output)
	// The file that failed is uploaded twice.
	if got, want := int(node.Adds.Load()), r.contents()+2; got != want {
		t.Errorf("%d uploads, want %d", got, want)
	}
}

// TestFreezeTellsGatewaysApart: each way in which a gateway misbehaves has its own
// words, and no metadata is published.
func TestFreezeTellsGatewaysApart(t *testing.T) {
	t.Parallel()
	template := filepath.Join(root(t), "templates/ollama")
	for name, c := range map[string]struct {
		does hosttest.Hook
		want string
	}{
		"lies":      {hosttest.Answer("lies"), "other bytes come back, from byte 1 on: do not publish this link"},
		"page":      {hosttest.Page, "a web page comes back in place of the file: see in a browser"},
		"elsewhere": {hosttest.Redirect("https://example.com/ipfs/x"), "it redirects to .*example.com.*: name the address that it redirects to, if you trust it"},
		"private":   {hosttest.Redirect("https://169.254.169.254/"), "169.254.169.254 is refused: it is link-local"},
		"slow":      {hosttest.Stall(""), "it did not answer in full in time: try again later, or allow more time"},
		"dying":     {hosttest.Truncated, "the answer broke off after 4 bytes: .*: try again later"},
		"dead":      {hosttest.Reset(0), "connection reset.*: try again later|EOF: try again later"},
		"missing":   {hosttest.Status(http.StatusNotFound), "404 Not Found.*: see whether the host still has it"},
		"refuses":   {hosttest.Status(http.StatusForbidden), "403 Forbidden.*: see what the host says"},
		"fault":     {hosttest.Status(http.StatusBadGateway), "502 Bad Gateway.*: try again later"},
	} {
		t.Run(name, func(t *testing.T) {
			beside(t)
			node, output := hosttest.NewPlainNode(t), filepath.Join(t.TempDir(), "out")
			node.OnGateway = c.does
			freezeTo(t, statusFailed, c.want, template, output, "pinning="+node.Uploads()+","+node.Gateway.URL, "--host-timeout", "5s")
			if _, err := os.Stat(filepath.Join(output, full.MetadataFile(networks.Devnet))); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("there is metadata all the same: %v", err)
			}
		})
	}
	// The service gives out a link to something else.
	node := hosttest.NewPlainNode(t)
	node.LinkOf = func(cid.Cid) string { return node.Gateway.URL + "/ipfs/QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH" }
	freezeTo(t, statusFailed, "the link is to QmbFMke1K.*, but the file is Qm.*: do not publish", template, filepath.Join(t.TempDir(), "out"), "pinning="+node.Uploads()+","+node.Gateway.URL)
}

// TestFreezeOnGit serves a release from a bare remote, as Git hosts do: by commit
// and path. Its metadata names links at a commit, and is in a later one.
func TestFreezeOnGit(t *testing.T) {
	beside(t)
	checkout, bare := filepath.Join(t.TempDir(), "checkout"), filepath.Join(t.TempDir(), "bare.git")
	template, output := filepath.Join(checkout, "templates/ollama"), filepath.Join(checkout, "released/ollama")
	if err := os.CopyFS(template, os.DirFS(filepath.Join(root(t), "templates/ollama"))); err != nil {
		t.Fatal(err)
	}
	git := func(args ...string) string {
		t.Helper()
		return gittest.Run(t, checkout, args...)
	}
	git("init", "--quiet", "--bare", bare)
	git("init", "--quiet")
	git("remote", "add", "origin", bare)
	push := func() string {
		t.Helper()
		git("add", ".")
		git("commit", "--quiet", "-m", "x")
		git("push", "--quiet", "origin", "HEAD")
		return git("rev-parse", "HEAD")
	}
	server := httptest.NewServer(gittest.Handler(bare, "/owner/repository/raw/"))
	defer server.Close()
	host := "git=" + server.URL + "/owner/repository/raw/{commit}/released/ollama/{path}"

	push()
	freezeTo(t, statusFailed, "a Git host has it once the commit is pushed", template, output, host, "--host-timeout", "5s")
	files := push()
	freezeTo(t, statusFailed, "the metadata is not at .*/"+files+"/released/ollama/metadata.devnet.json yet: commit and push the metadata.devnet.json", template, output, host)
	metadata := push()
	for range 2 {
		r := freezeTo(t, statusClean, "^$", template, output, host)
		isServed(t, r, output)
		at := server.URL + "/owner/repository/raw/"
		if r.Hosted.MetadataURL != at+metadata+"/released/ollama/metadata.devnet.json" || r.Hosted.Links["compose/cpu.yml"] != at+files+"/released/ollama/compose/cpu.yml" {
			t.Errorf("%+v", r.Hosted)
		}
		push()
	}
	freezeTo(t, statusUsage, "names a branch or a tag|a branch in its place can change", template, output, "git="+server.URL+"/owner/repository/raw/main/{path}")
}

// TestFirstProblem: of several files that cannot be served the first is told,
// however many are uploaded at once.
func TestFirstProblem(t *testing.T) {
	template := filepath.Join(root(t), "templates/ollama")
	files := freeze(t, template).Files
	for range 3 {
		node := hosttest.NewPlainNode(t)
		node.OnGateway = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if i := slices.IndexFunc(files, func(f release.File) bool { return r.URL.Path == "/ipfs/"+f.CID }); i >= 1 {
				hosttest.Answer("lies")(w, r, next)
				return
			}
			next.ServeHTTP(w, r)
		}
		freezeTo(t, statusFailed, regexp.QuoteMeta(`"`+files[1].Path+`"`), template, filepath.Join(t.TempDir(), "out"), "pinning="+node.Uploads()+","+node.Gateway.URL)
	}
}

// TestOtherCID: a release whose CIDs are not those of its bytes is an error of the
// program.
func TestOtherCID(t *testing.T) {
	node := hosttest.NewPlainNode(t)
	fetcher := &fetch.Fetcher{AllowLoopback: true}
	where, err := host.NewPinning(node.Uploads(), node.Gateway.URL, fetcher)
	if err != nil {
		t.Fatal(err)
	}
	files := []release.File{{Path: "a", Data: []byte("a"), CID: "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"}}
	links, err := full.PutFiles(t.Context(), &host.Uploader{Host: where, Fetcher: fetcher}, files)
	if err == nil || !strings.Contains(err.Error(), "internal error: a is QmbFMke1K") || len(links) != 0 {
		t.Errorf("%v %v", links, err)
	}
}

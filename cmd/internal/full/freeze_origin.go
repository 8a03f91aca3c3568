package full

import (
	"context"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/git"
	"github.com/opengpu-network/templates/pkg/release"
)

// origin is where a template comes from: the commit of the checkout that its
// folder lies in, and whether the files differ from it. There is none where there
// is no Git, and where the checkout's commit does not have the template: then it
// is the commit of something else.
func origin(ctx context.Context, t *catalog.Template) release.Origin {
	origin := release.Origin{Tool: app.Version()}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	head, err := git.Line(ctx, t.Dir, "rev-parse", "--verify", "HEAD^{commit}")
	if err != nil {
		return origin
	}
	list, err := git.Output(ctx, t.Dir, "ls-tree", "-r", "-z", head, ".")
	if err != nil {
		return origin
	}
	entries, err := git.ParseTree(list)
	if err != nil {
		return origin
	}
	stored := map[string]string{}
	for _, entry := range entries {
		stored[entry.Path] = entry.Hash
	}
	if stored[catalog.ManifestFile] == "" {
		return origin
	}
	origin.Commit, origin.Modified = head, !sameFiles(t, stored, len(head))
	if remote, err := git.Line(ctx, t.Dir, "config", "--get", "remote.origin.url"); err == nil {
		origin.Repository = Repository(remote)
	}
	return origin
}

// sameFiles is true when a template's files are those that Git has stored. The
// note of what was released is no part of the template.
func sameFiles(t *catalog.Template, stored map[string]string, hashLength int) bool {
	root, err := os.OpenRoot(t.Dir)
	if err != nil {
		return false
	}
	defer root.Close()
	delete(stored, release.ReleasesFile)
	files := 0
	for _, f := range t.Files {
		if f.Kind == catalog.Dir || f.Path == release.ReleasesFile {
			continue
		}
		if f.Kind != catalog.RegularFile && f.Kind != catalog.ServiceFile {
			return false
		}
		name, err := git.HashFile(root, f.Path, hashLength, 0)
		if err != nil || stored[f.Path] != name {
			return false
		}
		files++
	}
	return files == len(stored)
}

// scp is how Git writes user@host:path.
var scp = regexp.MustCompile(`^[A-Za-z0-9._-]+@([A-Za-z0-9.-]+):([^/].*)$`)

// Repository is the public https address of a remote, or nothing: a remote may be
// a folder of this machine, or hold a password.
func Repository(remote string) string {
	if match := scp.FindStringSubmatch(remote); match != nil {
		remote = "ssh://" + match[1] + "/" + match[2]
	}
	u, err := url.Parse(remote)
	if err != nil || u.Scheme != "https" && u.Scheme != "ssh" || !strings.Contains(u.Hostname(), ".") || u.Path == "" || len(remote) > 300 {
		return ""
	}
	public := url.URL{Scheme: "https", Host: u.Hostname(), Path: strings.TrimSuffix(u.Path, ".git")}
	if u.Scheme == "https" {
		public.Host = u.Host
	}
	return public.String()
}

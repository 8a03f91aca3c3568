package host

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/opengpu-network/templates/pkg/fetch"
)

// commits are full hashes, sha1 or sha256. Anything shorter may become the name
// of something else.
var commits = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

// repositories are paths without anything that servers read differently.
var repositories = regexp.MustCompile(`^(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$`)

// moving are words in paths that tell of a branch or a tag.
var moving = []string{"refs", "heads", "tags", "branch", "tag", "HEAD", "main", "master"}

// Git is a Git host that serves files at a commit. Nothing is uploaded: the files
// are committed and pushed, under the names that they have here.
type Git struct {
	// before is the URL up to the commit, and folder what stands between the
	// commit and the file's name.
	before, folder, commit string
}

// NewGit names where files are: a URL with {commit} and, at its end, {path}, such
// as https://raw.githubusercontent.com/owner/repository/{commit}/{path}, and the
// full hash of the commit. Branches, tags and short hashes are refused, for what
// they stand for can change. A nil fetcher is one for public addresses.
func NewGit(template, commit string, fetcher *fetch.Fetcher) (*Git, error) {
	if fetcher == nil {
		fetcher = &fetch.Fetcher{}
	}
	if !commits.MatchString(commit) {
		return nil, fmt.Errorf("%.100q is not the full hash of a commit: write all 40 or 64 digits, as `git rev-parse HEAD` does", commit)
	}
	before, after, found := strings.Cut(template, "/{commit}/")
	folder, ends := strings.CutSuffix(after, "{path}")
	if folder = strings.TrimSuffix(folder, "/"); !found || !ends || folder != "" && (!names.MatchString(folder) || !strings.HasSuffix(after, "/{path}")) {
		return nil, fmt.Errorf("the URL template %.200q has to be https://…/{commit}/…{path}: a branch in its place can change", template)
	}
	u, err := fetcher.CheckURL(before)
	if err != nil {
		return nil, fmt.Errorf("the Git host: %w", err)
	}
	if u.RawQuery != "" || !repositories.MatchString(u.EscapedPath()) {
		return nil, fmt.Errorf("the URL template %.200q is not that of a Git host", template)
	}
	if movesWith(u) {
		return nil, fmt.Errorf("the URL template %.200q names a branch or a tag, which can change: name the commit in its place", template)
	}
	if folder != "" {
		folder += "/"
	}
	return &Git{before: u.String(), folder: folder, commit: commit}, nil
}

// movesWith tells whether a branch or a tag stands before the commit, which then
// is but a folder's name. The owner and the repository may be called anything.
func movesWith(u *url.URL) bool {
	segments := strings.Split(strings.TrimPrefix(u.Path, "/"), "/")
	if strings.EqualFold(u.Hostname(), "raw.githubusercontent.com") {
		return len(segments) != 2
	}
	return len(segments) > 2 && slices.ContainsFunc(segments[2:], func(segment string) bool { return slices.Contains(moving, segment) })
}

func (g *Git) String() string { return "the Git host " + g.before + " at " + g.commit[:12] }

// Upload returns the link that the file has once its commit is pushed.
func (g *Git) Upload(_ context.Context, file File) (string, error) { return g.link(file), nil }

// Check tells whether a link is the file's at a commit. It may be another commit
// than this one: a link of an earlier run leads to the same bytes for good.
func (g *Git) Check(link *url.URL, file File) error {
	commit, path, _ := strings.Cut(strings.TrimPrefix(link.String(), g.before+"/"), "/")
	if !strings.HasPrefix(link.String(), g.before+"/") || !commits.MatchString(commit) || path != g.folder+file.Name {
		return &Error{Kind: BadLink, Link: link.String(), Err: fmt.Errorf("the link %.200q is not %s", link, g.link(file))}
	}
	return nil
}

func (g *Git) link(file File) string { return g.before + "/" + g.commit + "/" + g.folder + file.Name }

package importer

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// commits are full hashes: nothing shorter names the same bytes for good.
var commits = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

// page says that a URL is that of a page which shows a file, and what the file's
// own is. It is empty for other URLs.
func page(u *url.URL) string {
	host, segments := strings.ToLower(u.Hostname()), strings.Split(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
	raw := ""
	switch {
	case (host == "github.com" || host == "www.github.com") && len(segments) > 4 && segments[2] == "blob":
		raw = "https://raw.githubusercontent.com/" + strings.Join(slices.Delete(slices.Clone(segments), 2, 3), "/")
	case strings.Contains(u.EscapedPath(), "/-/blob/"):
		raw = u.Scheme + "://" + u.Host + strings.Replace(u.EscapedPath(), "/-/blob/", "/-/raw/", 1)
	case host == "huggingface.co" && slices.Contains(segments, "blob"):
		raw = "https://huggingface.co" + strings.Replace(u.EscapedPath(), "/blob/", "/resolve/", 1)
	}
	if raw == "" {
		return ""
	}
	return fmt.Sprintf("is the page that shows a file, not the file: write %s", shortURL(raw))
}

// moving returns the branch or tag that a URL names, whose content can change, or
// nothing.
func moving(u *url.URL) string {
	host, segments := strings.ToLower(u.Hostname()), strings.Split(strings.TrimPrefix(u.Path, "/"), "/")
	at := -1
	switch {
	case host == "raw.githubusercontent.com":
		at = 2
	case len(segments) > 3 && (segments[2] == "raw" || segments[2] == "resolve"):
		at = 3 // GitHub, Hugging Face
	default:
		for i, segment := range segments {
			if segment == "raw" && i > 0 && segments[i-1] == "-" { // GitLab
				at = i + 1
			}
		}
	}
	if at < 0 || at >= len(segments) {
		for _, segment := range segments {
			if slices.Contains([]string{"main", "master", "HEAD"}, segment) {
				return segment
			}
		}
		return ""
	}
	if segments[at] == "refs" && at+2 < len(segments) {
		at += 2
	}
	if commits.MatchString(segments[at]) {
		return ""
	}
	return segments[at]
}

// shortURL is a URL as messages show it.
func shortURL(text string) string {
	if len(text) > 300 {
		return text[:300] + "…"
	}
	return text
}

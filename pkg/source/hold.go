package source

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/ipfs/go-cid"
	"github.com/opengpu-network/templates/pkg/ipfs"
)

// Hold is what keeps the content of a link from changing.
type Hold int

// The holds.
const (
	// Nothing: other bytes can be there tomorrow.
	Nothing Hold = iota
	// ByCID is the CID in the link, and the bytes that came fit it. The gateway is one
	// that is known to give everybody what the CID names.
	ByCID
	// ByCommit is the full hash of a commit at a Git host that is known.
	ByCommit
	// Broken is a CID in the link that the bytes that came do not fit.
	Broken
)

// Judgement says what holds the content of a link, and how one knows.
type Judgement struct {
	Hold Hold
	// Why goes on a sentence that begins with the link: "names the branch …". It
	// quotes what strangers wrote.
	Why string
}

// Judge says what holds the content of a link. The link must be one that the
// fetch package takes; the data are the bytes that came, and end is where they
// came from after redirects.
func Judge(link, end *url.URL, data []byte) Judgement {
	j := judge(link, data)
	if (j.Hold == ByCommit || j.Hold == ByCID) && end.String() != link.String() {
		// What another reader gets depends on the way to it.
		if to := judge(end, data); to.Hold != ByCommit && to.Hold != ByCID {
			return Judgement{Nothing, fmt.Sprintf("redirects to %s, which %s", quote(end.String()), to.Why)}
		}
	}
	return j
}

func judge(link *url.URL, data []byte) Judgement {
	if id, gateway, err := ipfs.LinkCID(link); err == nil {
		return judgeCID(id, gateway, data)
	}
	if rest, ok := strings.CutPrefix(link.Path, "/ipfs/"); ok {
		if id, _, found := strings.Cut(rest, "/"); found {
			if _, err := cid.Decode(id); err == nil {
				return Judgement{Nothing, "leads into a folder of IPFS, whose CID cannot be held against the bytes of one file"}
			}
		}
	}
	if strings.HasPrefix(link.Path, "/ipns/") || strings.Contains(link.Host, ".ipns.") {
		return Judgement{Nothing, "is a name of IPNS, which whoever has its key can lead elsewhere"}
	}
	if revision, ok := gitHosts[strings.ToLower(link.Host)]; ok {
		return judgeGit(link, revision)
	}
	return Judgement{Nothing, fmt.Sprintf("is a plain URL: whoever runs %s decides what is there", quote(link.Host))}
}

// gateways are the IPFS gateways that are known to give everybody what a CID names, by
// who runs them. A link leads to whoever runs the gateway, and not to IPFS: what this
// program holds against the CID is the one answer that it got. So these are trusted by
// their names, as the Git hosts are, and no other is. Both of their forms count,
// https://GATEWAY/ipfs/CID and https://CID.ipfs.GATEWAY/.
var gateways = map[string]string{
	"cipfs.ogpuscan.io": "OpenGPU, whose pinning service serves what is published there",
	"ipfs.io":           "the IPFS project",
	"dweb.link":         "the IPFS project",
}

// trust says why a gateway gives everybody the same, or nothing when it is not known. One
// on this machine is fetched from on the devnet alone, and has no other readers.
func trust(gateway string) string {
	if _, known := gateways[strings.ToLower(gateway)]; known {
		return "is trusted by its name"
	}
	name, _, err := net.SplitHostPort(gateway)
	if err != nil {
		name = strings.Trim(gateway, "[]")
	}
	if address, err := netip.ParseAddr(name); err == nil && address.IsLoopback() {
		return "is this machine's own"
	}
	return ""
}

// judgeCID holds bytes against a CID. Two forms can be computed from the bytes:
// that of a default `ipfs add`, and one raw block.
func judgeCID(id cid.Cid, gateway string, data []byte) Judgement {
	held := Judgement{ByCID, fmt.Sprintf("names its bytes by their CID; the gateway %s, which %s, gave the right ones", quote(gateway), trust(gateway))}
	if trust(gateway) == "" {
		held = Judgement{Nothing, fmt.Sprintf("names its bytes by their CID, and %s gave the right ones here; but it is no gateway that is known, and nothing keeps it from giving others to somebody else", quote(gateway))}
	}
	ids, err := ipfs.IDsOf(data)
	if err != nil {
		return Judgement{Nothing, "names bytes by a CID that cannot be computed"}
	}
	prefix := id.Prefix()
	switch {
	case ids.Have(id):
		return held
	// A short or a weak hash is one that other bytes can be found for, and larger
	// files may be cut in several ways.
	case prefix.MhType != ipfs.SHA256 || prefix.MhLength != 32,
		prefix.Codec != cid.Raw && prefix.Codec != cid.DagProtobuf,
		prefix.Codec == cid.DagProtobuf && len(data) > ipfs.ChunkSize:
		return Judgement{Nothing, fmt.Sprintf("names bytes by the CID %s, which is of a form that is not held against the bytes here", id)}
	}
	return Judgement{Broken, fmt.Sprintf("names the CID %s, and the bytes that came have the CID %s", id, ids.Added)}
}

// gitHosts are the Git hosts whose links are understood: each returns the
// segments of the path from the revision on, or nil. All of them keep 40 hex
// digits for commits.
var gitHosts = map[string]func(segments []string) []string{
	"raw.githubusercontent.com":  after(2),
	"github.com":                 after(2, "raw"),
	"gist.githubusercontent.com": after(2, "raw"),
	"gitlab.com": func(segments []string) []string {
		at := slices.Index(segments, "-")
		if at < 2 {
			return nil
		}
		return after(at+1, "raw")(segments)
	},
	"codeberg.org": func(segments []string) []string {
		if commit := after(2, "raw", "commit")(segments); commit != nil {
			return commit
		}
		return after(2, "raw")(segments)
	},
}

// after returns the segments behind so many and these words.
func after(skip int, words ...string) func([]string) []string {
	return func(segments []string) []string {
		if len(segments) <= skip+len(words) || !slices.Equal(segments[skip:skip+len(words)], words) {
			return nil
		}
		return segments[skip+len(words):]
	}
}

var (
	commits     = regexp.MustCompile(`^[0-9a-f]{40}$`)
	shortHashes = regexp.MustCompile(`^[0-9a-f]{7,39}$`)
)

func judgeGit(link *url.URL, revision func([]string) []string) Judgement {
	var segments []string
	for segment := range strings.SplitSeq(strings.TrimPrefix(link.EscapedPath(), "/"), "/") {
		text, err := url.PathUnescape(segment)
		if err != nil || text == "" || text == "." || text == ".." || strings.ContainsAny(text, `/\`) {
			return Judgement{Nothing, "has a path that servers read in different ways"}
		}
		segments = append(segments, text)
	}
	rest := revision(segments)
	switch {
	case len(rest) < 2:
		return Judgement{Nothing, "names no commit"}
	case link.RawQuery != "":
		return Judgement{Nothing, "has a query, which can make the Git host read the rest in another way"}
	case commits.MatchString(rest[0]):
		return Judgement{ByCommit, "names the commit " + rest[0]}
	case len(rest) > 2 && slices.Equal(rest[:2], []string{"refs", "heads"}), rest[0] == "branch":
		return Judgement{Nothing, "names the branch " + quote(branch(rest)) + ", which moves with each push"}
	case len(rest) > 2 && slices.Equal(rest[:2], []string{"refs", "tags"}), rest[0] == "tag":
		return Judgement{Nothing, "names the tag " + quote(branch(rest)) + ", which can be moved"}
	case shortHashes.MatchString(rest[0]):
		return Judgement{Nothing, "names the short hash " + rest[0] + ", which can become the name of something else: a commit has 40 digits"}
	}
	return Judgement{Nothing, "names " + quote(rest[0]) + ", a branch or a tag, where the 40 hex digits of a commit would hold it"}
}

// branch is the name of a branch or a tag, as far as it can be told: it may hold
// slashes, and then the path begins later.
func branch(rest []string) string {
	if rest[0] == "refs" {
		return rest[2]
	}
	return rest[1]
}

// quote shows what a stranger wrote, within measure.
func quote(text string) string {
	const most = 200
	if len(text) > most {
		return fmt.Sprintf("%q…", text[:most])
	}
	return fmt.Sprintf("%q", text)
}

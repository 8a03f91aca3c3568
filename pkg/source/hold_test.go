package source

import (
	"net/url"
	"strings"
	"testing"
)

const (
	commit = "0123456789abcdef0123456789abcdef01234567"
	// hello is the CID of "hello world" as `ipfs add` makes it, and raw that of its
	// SHA-256 as one raw block, as `ipfs add --cid-version 1` makes it.
	hello = "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD"
	raw   = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"
)

func TestJudge(t *testing.T) {
	data := []byte("hello world")
	for _, c := range []struct {
		link string
		want Hold
		why  string
	}{
		{"https://cipfs.ogpuscan.io/ipfs/" + hello, ByCID, `"cipfs.ogpuscan.io"`},
		{"https://cipfs.ogpuscan.io/ipfs/" + hello + "?filename=compose.yml", ByCID, ""},
		{"https://ipfs.io/ipfs/" + raw, ByCID, "trusted by its name"},
		{"https://IPFS.io/ipfs/" + raw + "/", ByCID, ""},
		{"https://" + raw + ".ipfs.dweb.link/", ByCID, "trusted by its name"},
		{"http://127.0.0.1:8546/ipfs/" + raw, ByCID, "this machine's own"},
		{"http://[::1]:8546/ipfs/" + raw, ByCID, "this machine's own"},
		// Gateways that can give others to somebody else.
		{"https://gateway.example/ipfs/" + raw, Nothing, "gave the right ones here; but"},
		{"https://" + raw + ".ipfs.gateway.example/", Nothing, "no gateway that is known"},
		{"https://ipfs.io.gateway.example/ipfs/" + raw, Nothing, "no gateway that is known"},
		{"https://dweb.link.example/ipfs/" + raw, Nothing, "no gateway that is known"},
		{"https://gateway-ipfs.io/ipfs/" + raw, Nothing, "no gateway that is known"},
		{"https://sub.ipfs.io/ipfs/" + raw, Nothing, "plain URL"},
		{"https://cipfs.ogpuscan.io.example/ipfs/" + raw, Nothing, "no gateway that is known"},
		{"https://cipfs.ogpuscan.io:8443/ipfs/" + raw, Nothing, "no gateway that is known"},
		{"https://ipfs.io./ipfs/" + raw, Nothing, "no gateway that is known"},
		{"https://ipfs.io@gateway.example/ipfs/" + raw, Nothing, "no gateway that is known"},
		{"https://xn--pfs-xva.io/ipfs/" + raw, Nothing, "no gateway that is known"},
		{"https://cloudflare-ipfs.com/ipfs/" + raw, Nothing, "no gateway that is known"},
		{"https://127.0.0.1.example/ipfs/" + raw, Nothing, "no gateway that is known"},
		{"https://" + raw + ".ipfs.dweb.link.example/", Nothing, "no gateway that is known"},
		{"https://" + raw + ".ipfs.ipfs.dweb.link.example/", Nothing, "no gateway that is known"},
		{"https://" + raw + ".dweb.link/", Nothing, "plain URL"},
		{"https://gateway.example/?https://ipfs.io/ipfs/" + raw, Nothing, "plain URL"},
		{"https://gateway.example/#/ipfs/" + raw, Nothing, "plain URL"},
		{"https://gateway.example//ipfs/" + raw, Nothing, "plain URL"},
		// Other bytes.
		{"https://gateway.example/ipfs/QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o", Broken, "CID " + hello},
		{"https://gateway.example/ipfs/bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq", Broken, ""},
		// Forms for which other bytes could be found, or that say nothing of bytes.
		{"https://gateway.example/ipfs/bafkqac3imvwgy3zao5xxe3de", Nothing, "of a form"},     // identity
		{"https://gateway.example/ipfs/bafyqacqbaiiaaaaaaaaaaaaaaaaa", Nothing, "plain URL"}, // no CID at all
		{"https://gateway.example/ipfs/" + hello + "/compose.yml", Nothing, "leads into a folder"},
		{"https://gateway.example/ipns/docs.ipfs.tech", Nothing, "name of IPNS"},
		{"https://k51.ipns.gateway.example/compose.yml", Nothing, "name of IPNS"},
		{"https://gateway.example/" + hello, Nothing, "plain URL"},

		{"https://raw.githubusercontent.com/o/r/" + commit + "/compose/cpu.yml", ByCommit, commit},
		{"https://RAW.githubusercontent.com/o/r/" + commit + "/my%20file.yml", ByCommit, commit},
		{"https://github.com/o/r/raw/" + commit + "/x.yml", ByCommit, ""},
		{"https://gist.githubusercontent.com/o/1a2b/raw/" + commit + "/x.yml", ByCommit, ""},
		{"https://gitlab.com/g/sub/r/-/raw/" + commit + "/x.yml", ByCommit, ""},
		{"https://codeberg.org/o/r/raw/commit/" + commit + "/x.yml", ByCommit, ""},

		{"https://raw.githubusercontent.com/o/r/refs/heads/main/x.yml", Nothing, `the branch "main"`},
		{"https://raw.githubusercontent.com/o/r/refs/tags/v1.0.0/x.yml", Nothing, `the tag "v1.0.0"`},
		{"https://raw.githubusercontent.com/o/r/main/x.yml", Nothing, `names "main"`},
		{"https://raw.githubusercontent.com/o/r/main/" + commit + "/x.yml", Nothing, `names "main"`},
		{"https://raw.githubusercontent.com/o/r/refs/heads/" + commit + "/x.yml", Nothing, "the branch"},
		{"https://raw.githubusercontent.com/o/r/0123456/x.yml", Nothing, "the short hash 0123456"},
		{"https://raw.githubusercontent.com/o/r/" + commit + commit[:24] + "/x.yml", Nothing, "a branch or a tag"},
		{"https://raw.githubusercontent.com/o/r/" + commit, Nothing, "names no commit"},
		{"https://raw.githubusercontent.com/o/r/" + strings.ToUpper(commit) + "/x.yml", Nothing, "a branch or a tag"},
		{"https://raw.githubusercontent.com/o/r/" + commit + "/../main/x.yml", Nothing, "in different ways"},
		{"https://raw.githubusercontent.com/o/r/" + commit + "/%2e%2e/main/x.yml", Nothing, "in different ways"},
		{"https://raw.githubusercontent.com/o/r/" + commit + "/a%2fb.yml", Nothing, "in different ways"},
		{"https://raw.githubusercontent.com/o/r//" + commit + "/x.yml", Nothing, "in different ways"},
		{"https://github.com/o/r/raw/main/x.yml", Nothing, `names "main"`},
		{"https://github.com/o/r/releases/download/v1/x.yml", Nothing, "names no commit"},
		{"https://gist.githubusercontent.com/o/1a2b/raw/x.yml", Nothing, "names no commit"},
		{"https://gitlab.com/g/r/-/raw/main/x.yml", Nothing, `names "main"`},
		{"https://gitlab.com/g/r/-/raw/" + commit + "/x.yml?ref_type=heads", Nothing, "has a query"},
		{"https://codeberg.org/o/r/raw/branch/main/x.yml", Nothing, `the branch "main"`},
		{"https://codeberg.org/o/r/raw/tag/v1/x.yml", Nothing, `the tag "v1"`},

		// A commit at a host that may do with it what it likes.
		{"https://raw.githubusercontent.com.evil.example/o/r/" + commit + "/x.yml", Nothing, "plain URL"},
		{"https://raw.githubusercontent.com:8443/o/r/" + commit + "/x.yml", Nothing, "plain URL"},
		{"https://example.org/o/r/" + commit + "/x.yml", Nothing, "plain URL"},
	} {
		link, err := url.Parse(c.link)
		if err != nil {
			t.Fatal(err)
		}
		if got := Judge(link, link, data); got.Hold != c.want || !strings.Contains(got.Why, c.why) {
			t.Errorf("%s: %d, %s; want %d and %q", c.link, got.Hold, got.Why, c.want, c.why)
		}
	}
}

// Where a link redirects to counts, unless the bytes are held against its CID.
func TestJudgeRedirects(t *testing.T) {
	atCommit := "https://github.com/o/r/raw/" + commit + "/x.yml"
	for _, c := range []struct {
		link, end string
		want      Hold
		why       string
	}{
		{atCommit, "https://raw.githubusercontent.com/o/r/" + commit + "/x.yml", ByCommit, ""},
		{atCommit, "https://raw.githubusercontent.com/o/r/main/x.yml", Nothing, `redirects to "https://raw.githubusercontent.com/o/r/main/x.yml", which names "main"`},
		{atCommit, "https://example.org/x.yml", Nothing, "which is a plain URL"},
		{"https://ipfs.io/ipfs/" + raw, "https://" + raw + ".ipfs.dweb.link/", ByCID, ""},
		{"https://ipfs.io/ipfs/" + hello, "https://example.org/x.yml", Nothing, "which is a plain URL"},
		{"https://ipfs.io/ipfs/" + hello, "https://gateway.example/ipfs/" + hello, Nothing, "no gateway that is known"},
		{"https://gateway.example/ipfs/" + hello, "https://ipfs.io/ipfs/" + hello, Nothing, "no gateway that is known"},
		{"https://example.org/x.yml", atCommit, Nothing, "plain URL"},
	} {
		link, err := url.Parse(c.link)
		if err != nil {
			t.Fatal(err)
		}
		end, err := url.Parse(c.end)
		if err != nil {
			t.Fatal(err)
		}
		if got := Judge(link, end, []byte("hello world")); got.Hold != c.want || !strings.Contains(got.Why, c.why) {
			t.Errorf("%s to %s: %d, %s; want %d and %q", c.link, c.end, got.Hold, got.Why, c.want, c.why)
		}
	}
}

// A large file can be cut in several ways, so that another CID proves nothing.
func TestJudgeLarge(t *testing.T) {
	link, err := url.Parse("https://gateway.example/ipfs/" + hello)
	if err != nil {
		t.Fatal(err)
	}
	if got := Judge(link, link, make([]byte, 300<<10)); got.Hold != Nothing || !strings.Contains(got.Why, "of a form") {
		t.Errorf("%d, %s", got.Hold, got.Why)
	}
}

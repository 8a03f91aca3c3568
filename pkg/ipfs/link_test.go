package ipfs

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/ipfs/go-cid"
)

// The names of "hello world", see Kubo's test/cli/add_test.go.
const (
	v0  = "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD"
	v1  = "bafybeihykld7uyxzogax6vgyvag42y7464eywpf55gxi5qpoisibh3c5wa"
	raw = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"
)

func TestLinkCID(t *testing.T) {
	for link, want := range map[string]struct{ id, gateway string }{
		"https://cipfs.ogpuscan.io/ipfs/" + v0:                 {v0, "cipfs.ogpuscan.io"},
		"https://cipfs.ogpuscan.io/ipfs/" + v0 + "/":           {v0, "cipfs.ogpuscan.io"},
		"https://127.0.0.1:8080/ipfs/" + v1 + "?filename=a":    {v1, "127.0.0.1:8080"},
		"https://" + v1 + ".ipfs.dweb.link":                    {v1, "dweb.link"},
		"https://" + v1 + ".ipfs.dweb.link:444/":               {v1, "dweb.link:444"},
		"https://" + strings.ToUpper(raw) + ".ipfs.localhost/": {raw, "localhost"},
		"https://ipfs.io/ipfs/" + raw:                          {raw, "ipfs.io"},
	} {
		id, gateway, err := LinkCID(parse(t, link))
		if err != nil || id.String() != want.id || gateway != want.gateway {
			t.Errorf("%s: %s at %q, %v", link, id, gateway, err)
		}
	}
	for _, link := range []string{
		"https://ipfs.io/" + v0, "https://ipfs.io/ipns/" + v0, "https://ipfs.io/ipfs/", "https://ipfs.io/ipfs/" + v0[:45],
		"https://ipfs.io/ipfs/" + v0 + "/README.md", "https://ipfs.io/ipfs/" + v0 + "%2Fa", "https://ipfs.io/x/ipfs/" + v0,
		"https://ipfs.io/ipfs//" + v0, "https://" + v1 + ".ipfs.dweb.link/a", "https://" + v1 + ".ipns.dweb.link/",
		"https://" + v0 + ".ipfs.dweb.link/", "/ipfs/" + v0, "https://ipfs.io/ipfs/b" + strings.Repeat("a", 4000),
		"ipfs://" + v0, "https://.ipfs.dweb.link/", "https://" + v1 + ".ipfs./",
	} {
		if id, _, err := LinkCID(parse(t, link)); !errors.Is(err, ErrNoCID) || id.Defined() {
			t.Errorf("%s: %s, %v", link, id, err)
		}
	}
}

// A CID in base64 may hold a slash. It would be two parts of a path to a gateway.
func TestSlashInCID(t *testing.T) {
	for i := range 1000 {
		id := fileCID(t, fmt.Append(nil, i))
		text, err := cid.NewCidV1(id.Type(), id.Hash()).StringOfBase('m')
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text, "/") {
			continue
		}
		if !decode(t, text).Defined() {
			t.Fatal(text)
		}
		if id, _, err := LinkCID(parse(t, "https://ipfs.io/ipfs/"+text)); err == nil {
			t.Errorf("%s is taken for %s", text, id)
		}
		return
	}
	t.Error("no CID with a slash was found")
}

func TestSame(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{v0, v0, true}, {v0, v1, true}, {v1, v1, true}, {v0, raw, false}, {v1, raw, false},
		{v0, "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o", false},
	} {
		if got := Same(decode(t, c.a), decode(t, c.b)); got != c.want {
			t.Errorf("%s and %s: %t", c.a, c.b, got)
		}
	}
	// The same hash read in another way is not the same content.
	if id := decode(t, v1); Same(id, cid.NewCidV1(cid.Raw, id.Hash())) {
		t.Error("a codec is passed over")
	}
	if Same(cid.Undef, cid.Undef) {
		t.Error("nothing is the same as nothing")
	}
}

func FuzzLinkCID(f *testing.F) {
	for _, link := range []string{
		"https://ipfs.io/ipfs/" + v0, "https://" + v1 + ".ipfs.dweb.link/", "https://ipfs.io/ipfs/" + raw + "?a=b", "https://ipfs.io/ipfs/z",
	} {
		f.Add(link)
	}
	f.Fuzz(func(t *testing.T, text string) {
		link, err := url.Parse(text)
		if err != nil {
			return
		}
		id, gateway, err := LinkCID(link)
		if (err == nil) != id.Defined() || (err == nil) != (gateway != "") {
			t.Fatalf("%s at %q, %v", id, gateway, err)
		}
		if err == nil && !Same(id, id) {
			t.Fatalf("%s is not itself", id)
		}
	})
}

func parse(t *testing.T, link string) *url.URL {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func decode(t *testing.T, text string) cid.Cid {
	t.Helper()
	id, err := cid.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

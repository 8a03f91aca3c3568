package host

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/opengpu-network/templates/pkg/fetch"
	"github.com/opengpu-network/templates/pkg/host/hosttest"
)

// soon is the time limit of requests that must run into one.
const soon = 200 * time.Millisecond

const content = "the bytes of a file that is not a page"

// Each way in which the pinning service can misbehave, how it is told, and how
// often it was asked: what will not pass is not tried again.
func TestPinningMisbehaves(t *testing.T) {
	huge := `{"link":"` + strings.Repeat("a", maxAnswer) + `"}`
	for name, c := range map[string]struct {
		does  hosttest.Hook
		want  Kind
		tries int
	}{
		"slow head":         {hosttest.Stall(""), Slow, 3},
		"slow body":         {hosttest.Stall(`{"link":`), Slow, 3},
		"endless":           {hosttest.Endless, BadAnswer, 1},
		"truncated":         {hosttest.Truncated, Down, 3},
		"page":              {hosttest.Page, Page, 1},
		"malformed JSON":    {hosttest.Answer(`{"link":`), BadAnswer, 1},
		"two values":        {hosttest.Answer(`{"link":"a"}{}`), BadAnswer, 1},
		"other JSON":        {hosttest.Answer(`["https://a"]`), BadAnswer, 1},
		"no link":           {hosttest.Answer(`{"status":"ok"}`), BadAnswer, 1},
		"empty link":        {hosttest.Answer(`{"link":""}`), BadAnswer, 1},
		"link is no text":   {hosttest.Answer(`{"link":{"a":1}}`), BadAnswer, 1},
		"huge JSON":         {hosttest.Answer(huge), BadAnswer, 1},
		"refuses":           {hosttest.Status(http.StatusForbidden), Refused, 1},
		"too large for it":  {hosttest.Status(http.StatusRequestEntityTooLarge), Refused, 1},
		"nothing":           {hosttest.Status(http.StatusNoContent), BadAnswer, 1},
		"fault":             {hosttest.Status(http.StatusInternalServerError), Down, 3},
		"busy":              {hosttest.Status(http.StatusTooManyRequests), Busy, 3},
		"reset":             {hosttest.Reset(0), Down, 3},
		"reset mid-upload":  {hosttest.Reset(100), Down, 3},
		"redirects":         {hosttest.Redirect("https://127.0.0.1/elsewhere"), Elsewhere, 1},
		"500 then fine":     {hosttest.After(2, hosttest.Status(http.StatusInternalServerError)), "", 3},
		"429 then fine":     {hosttest.After(1, hosttest.Later), "", 2},
		"reset then fine":   {hosttest.After(2, hosttest.Reset(100)), "", 3},
		"link to a page":    {hosttest.Answer(`{"link":"https://127.0.0.1/x.html"}`), BadLink, 1},
		"link not HTTPS":    {hosttest.Answer(`{"link":"ftp://127.0.0.1/ipfs/a"}`), BadLink, 1},
		"link to a file":    {hosttest.Answer(`{"link":"file:///etc/passwd"}`), BadLink, 1},
		"link to private":   {hosttest.Answer(`{"link":"https://10.0.0.1/ipfs/QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"}`), BadLink, 1},
		"link with secrets": {hosttest.Answer(`{"link":"https://a:b@127.0.0.1/"}`), BadLink, 1},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNode(t)
			var asked atomic.Int32
			n.OnPinning = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				asked.Add(1)
				c.does(w, r, next)
			}
			uploader := n.uploader(t)
			if c.want == Slow {
				uploader.Host = withTimeout(t, n)
			}
			link, err := uploader.Put(t.Context(), "a", []byte(content))
			if c.want != "" {
				wantKind(t, name, err, c.want)
			} else if err != nil || n.Adds.Load() != 1 || !link.Uploaded {
				t.Errorf("%+v, %v", link, err)
			}
			// Time may be up before a request that must be too slow is there at all.
			if got := int(asked.Load()); got != c.tries && (c.want != Slow || got > c.tries) {
				t.Errorf("it was asked %d times, not %d", got, c.tries)
			}
		})
	}
}

// withTimeout is the pinning service with little time.
func withTimeout(t *testing.T, n *node) *Pinning {
	t.Helper()
	fetcher := n.fetcher()
	fetcher.Timeout = soon
	pinning, err := NewPinning(n.Pinning.URL+"/file/create", n.Gateway.URL, fetcher)
	if err != nil {
		t.Fatal(err)
	}
	return pinning
}

// Links that look right and lead to something else.
func TestPinningLies(t *testing.T) {
	other := "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"
	for name, c := range map[string]struct {
		link func(n *node, id cid.Cid) string
		want Kind
	}{
		"another CID": {func(n *node, _ cid.Cid) string { return n.Gateway.URL + "/ipfs/" + other }, OtherCID},
		"a raw CID": {func(n *node, id cid.Cid) string {
			return n.Gateway.URL + "/ipfs/" + cid.NewCidV1(cid.Raw, id.Hash()).String()
		}, OtherCID},
		"the same as v1": {func(n *node, id cid.Cid) string {
			return n.Gateway.URL + "/ipfs/" + cid.NewCidV1(id.Type(), id.Hash()).String()
		}, ""},
		"another gateway": {func(_ *node, id cid.Cid) string { return "https://ipfs.io/ipfs/" + id.String() }, BadLink},
		"another port":    {func(n *node, id cid.Cid) string { return n.Pinning.URL + "/ipfs/" + id.String() }, BadLink},
		"plain HTTP":      {func(n *node, id cid.Cid) string { return strings.Replace(n.linkTo(id), "https:", "http:", 1) }, BadLink},
		"into a folder":   {func(n *node, id cid.Cid) string { return n.linkTo(id) + "/cpu.yml" }, BadLink},
		"IPNS":            {func(n *node, id cid.Cid) string { return n.Gateway.URL + "/ipns/" + id.String() }, BadLink},
		"no CID":          {func(n *node, _ cid.Cid) string { return n.Gateway.URL + "/ipfs/latest" }, BadLink},
	} {
		n := newNode(t)
		n.LinkOf = func(id cid.Cid) string { return c.link(n, id) }
		_, err := n.uploader(t).Put(t.Context(), "a", []byte(content))
		if c.want == "" && err != nil {
			t.Errorf("%s: %v", name, err)
		} else if c.want != "" {
			wantKind(t, name, err, c.want)
		}
	}
}

func (n *node) linkTo(id cid.Cid) string { return n.Gateway.URL + "/ipfs/" + id.String() }

// Each way in which the gateway can misbehave.
func TestGatewayMisbehaves(t *testing.T) {
	for name, c := range map[string]struct {
		does hosttest.Hook
		want Kind
		once bool // is not asked again
	}{
		"wrong bytes":            {hosttest.Answer("the bytes of a file that is not a p..."), Differs, true},
		"more bytes":             {hosttest.Answer(content + "\n"), Differs, true},
		"fewer bytes":            {hosttest.Answer(content[:10]), Differs, true},
		"nothing":                {hosttest.Answer(""), Differs, true},
		"endless":                {hosttest.Endless, Differs, true},
		"page":                   {hosttest.Page, Page, true},
		"page called text":       {hosttest.PageAs("text/plain"), Page, true},
		"large page":             {hosttest.LargePage, Page, true},
		"packed":                 {hosttest.Packed, Differs, true},
		"refuses":                {hosttest.Status(http.StatusForbidden), Refused, true},
		"not there":              {hosttest.Status(http.StatusNotFound), Missing, false},
		"fault":                  {hosttest.Status(http.StatusBadGateway), Down, false},
		"truncated":              {hosttest.Truncated, Down, false},
		"reset":                  {hosttest.Reset(0), Down, false},
		"slow head":              {hosttest.Stall(""), Slow, false},
		"slow body":              {hosttest.Stall("the "), Slow, false},
		"circle":                 {func(w http.ResponseWriter, r *http.Request, n http.Handler) { hosttest.Redirect(r.URL.Path)(w, r, n) }, Elsewhere, true},
		"redirects elsewhere":    {hosttest.Redirect("https://example.com/ipfs/QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"), Elsewhere, true},
		"redirects to private":   {hosttest.Redirect("https://192.168.0.1/"), Elsewhere, true},
		"redirects to metadata":  {hosttest.Redirect("https://169.254.169.254/"), Elsewhere, true},
		"redirects to a file":    {hosttest.Redirect("file:///etc/passwd"), Elsewhere, true},
		"redirects to HTTP":      {hosttest.Redirect("http://127.0.0.1/"), Elsewhere, true},
		"redirects to its start": {hosttest.Redirect("/"), Elsewhere, true},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNode(t)
			uploader := n.uploader(t)
			var asked atomic.Int32
			n.OnGateway = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				asked.Add(1)
				c.does(w, r, next)
			}
			if c.want == Slow {
				uploader.Fetcher = n.fetcher() // the upload has its own, and time
				uploader.Fetcher.Timeout = soon
			}
			link, err := uploader.Put(t.Context(), "a", []byte(content))
			wantKind(t, name, err, c.want)
			if link != (Link{}) {
				t.Errorf("a link all the same: %+v", link)
			}
			if n.Adds.Load() != 1 {
				t.Errorf("%d uploads", n.Adds.Load())
			}
			if got := asked.Load(); c.once && got != 1 && name != "circle" {
				t.Errorf("it was asked %d times", got)
			}
		})
	}
}

// Servers that nobody vouches for, and none at all.
func TestUntrusted(t *testing.T) {
	n := newNode(t)
	uploader := n.uploader(t)
	uploader.Fetcher = &fetch.Fetcher{AllowLoopback: true}
	_, err := uploader.Put(t.Context(), "a", []byte(content))
	wantKind(t, "the gateway", err, Untrusted)
	pinning, err := NewPinning(n.Pinning.URL+"/file/create", n.Gateway.URL, uploader.Fetcher)
	if err != nil {
		t.Fatal(err)
	}
	_, err = (&Uploader{Host: pinning, Fetcher: n.fetcher(), Patience: hurry}).Put(t.Context(), "a", []byte(content))
	wantKind(t, "the service", err, Untrusted)

	dead := n.uploader(t)
	n.Pinning.Close()
	_, err = dead.Put(t.Context(), "a", []byte(content))
	wantKind(t, "nobody", err, Down)
	if !strings.Contains(err.Error(), "try again later") || !strings.Contains(err.Error(), n.Pinning.URL) {
		t.Errorf("does not say what to do and where: %v", err)
	}
}

// What an IPFS node answers in its own way.
func TestNodeAnswers(t *testing.T) {
	n := newNode(t)
	for said, want := range map[string]Kind{
		`{"Message":"disk full","Code":0,"Type":"error"}`:                                    BadAnswer,
		`{"Name":"a","Bytes":5}`:                                                             BadAnswer,
		`{"Name":"a","Hash":"latest","Size":"1"}`:                                            BadAnswer,
		`{"Name":"a","Hash":"QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"}` + "\n":        OtherCID,
		`{"Hash":"QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"}` + "\n" + `{"Hash":"Qm"}`: BadAnswer,
		`<html>`: BadAnswer,
		``:       BadAnswer,
	} {
		authorized := ""
		api := hosttest.ServeTLS(t, func(w http.ResponseWriter, r *http.Request) {
			authorized = r.Header.Get("Authorization")
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, said)
		})
		host, err := NewIPFSNode(api.URL, "Bearer secret", n.Gateway.URL, n.fetcher())
		if err != nil {
			t.Fatal(err)
		}
		_, err = (&Uploader{Host: host, Fetcher: n.fetcher(), Patience: hurry}).Put(t.Context(), "a", []byte(content))
		wantKind(t, said, err, want)
		if authorized != "Bearer secret" || strings.Contains(err.Error(), "secret") {
			t.Errorf("authorized with %q: %v", authorized, err)
		}
	}
}

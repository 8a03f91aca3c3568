package host

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/opengpu-network/templates/pkg/fetch"
)

// soon is the time limit of requests that must run into one.
const soon = 200 * time.Millisecond

type hook = func(w http.ResponseWriter, r *http.Request, next http.Handler)

func answer(text string) hook {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { _, _ = io.WriteString(w, text) }
}

func status(code int) hook {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { http.Error(w, "it says no", code) }
}

func redirect(to string) hook {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusFound)
	}
}

// stall begins a body, or nothing, and says no more until its client is gone.
func stall(begin string) hook {
	return func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		_, _ = io.Copy(io.Discard, r.Body)
		if begin != "" {
			_, _ = io.WriteString(w, begin)
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
}

// reset breaks the connection after some bytes of the request.
func reset(after int64) hook {
	return func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		_, _ = io.CopyN(io.Discard, r.Body, after)
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		if inner, ok := conn.(interface{ NetConn() net.Conn }); ok {
			conn = inner.NetConn()
		}
		_ = conn.(*net.TCPConn).SetLinger(0)
		_ = conn.Close()
	}
}

func page(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	w.Header().Set("Content-Type", "text/html")
	_, _ = io.WriteString(w, "<!doctype html><title>Please sign in</title>")
}

func endless(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	for err := error(nil); err == nil; {
		_, err = w.Write(make([]byte, 4096))
	}
}

func truncated(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	w.Header().Set("Content-Length", "40")
	_, _ = io.WriteString(w, "the ")
	panic(http.ErrAbortHandler)
}

// after lets some requests misbehave and then all others pass.
func after(times int, first hook) hook {
	seen := 0
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if seen++; seen <= times {
			first(w, r, next)
			return
		}
		next.ServeHTTP(w, r)
	}
}

const content = "the bytes of a file that is not a page"

// Each way in which the pinning service can misbehave, how it is told, and how
// often it was asked: what will not pass is not tried again.
func TestPinningMisbehaves(t *testing.T) {
	huge := `{"link":"` + strings.Repeat("a", maxAnswer) + `"}`
	for name, c := range map[string]struct {
		does  hook
		want  Kind
		tries int
	}{
		"slow head":         {stall(""), Slow, 3},
		"slow body":         {stall(`{"link":`), Slow, 3},
		"endless":           {endless, BadAnswer, 1},
		"truncated":         {truncated, Down, 3},
		"page":              {page, Page, 1},
		"malformed JSON":    {answer(`{"link":`), BadAnswer, 1},
		"two values":        {answer(`{"link":"a"}{}`), BadAnswer, 1},
		"other JSON":        {answer(`["https://a"]`), BadAnswer, 1},
		"no link":           {answer(`{"status":"ok"}`), BadAnswer, 1},
		"empty link":        {answer(`{"link":""}`), BadAnswer, 1},
		"link is no text":   {answer(`{"link":{"a":1}}`), BadAnswer, 1},
		"huge JSON":         {answer(huge), BadAnswer, 1},
		"refuses":           {status(http.StatusForbidden), Refused, 1},
		"too large for it":  {status(http.StatusRequestEntityTooLarge), Refused, 1},
		"nothing":           {status(http.StatusNoContent), BadAnswer, 1},
		"fault":             {status(http.StatusInternalServerError), Down, 3},
		"busy":              {status(http.StatusTooManyRequests), Busy, 3},
		"reset":             {reset(0), Down, 3},
		"reset mid-upload":  {reset(100), Down, 3},
		"redirects":         {redirect("https://127.0.0.1/elsewhere"), Elsewhere, 1},
		"500 then fine":     {after(2, status(http.StatusInternalServerError)), "", 3},
		"429 then fine":     {after(1, later429), "", 2},
		"reset then fine":   {after(2, reset(100)), "", 3},
		"link to a page":    {answer(`{"link":"https://127.0.0.1/x.html"}`), BadLink, 1},
		"link not HTTPS":    {answer(`{"link":"ftp://127.0.0.1/ipfs/a"}`), BadLink, 1},
		"link to a file":    {answer(`{"link":"file:///etc/passwd"}`), BadLink, 1},
		"link to private":   {answer(`{"link":"https://10.0.0.1/ipfs/QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"}`), BadLink, 1},
		"link with secrets": {answer(`{"link":"https://a:b@127.0.0.1/"}`), BadLink, 1},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNode(t)
			var asked atomic.Int32
			n.onPinning = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
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
			} else if err != nil || n.adds.Load() != 1 || !link.Uploaded {
				t.Errorf("%+v, %v", link, err)
			}
			// Time may be up before a request that must be too slow is there at all.
			if got := int(asked.Load()); got != c.tries && (c.want != Slow || got > c.tries) {
				t.Errorf("it was asked %d times, not %d", got, c.tries)
			}
		})
	}
}

func later429(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	w.Header().Set("Retry-After", "3600") // Patience.Longest is waited at most
	w.WriteHeader(http.StatusTooManyRequests)
}

// withTimeout is the pinning service with little time.
func withTimeout(t *testing.T, n *node) *Pinning {
	t.Helper()
	fetcher := n.fetcher()
	fetcher.Timeout = soon
	pinning, err := NewPinning(n.pinning.URL+"/file/create", n.gateway.URL, fetcher)
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
		"another CID": {func(n *node, _ cid.Cid) string { return n.gateway.URL + "/ipfs/" + other }, OtherCID},
		"a raw CID": {func(n *node, id cid.Cid) string {
			return n.gateway.URL + "/ipfs/" + cid.NewCidV1(cid.Raw, id.Hash()).String()
		}, OtherCID},
		"the same as v1": {func(n *node, id cid.Cid) string {
			return n.gateway.URL + "/ipfs/" + cid.NewCidV1(id.Type(), id.Hash()).String()
		}, ""},
		"another gateway": {func(_ *node, id cid.Cid) string { return "https://ipfs.io/ipfs/" + id.String() }, BadLink},
		"another port":    {func(n *node, id cid.Cid) string { return n.pinning.URL + "/ipfs/" + id.String() }, BadLink},
		"plain HTTP":      {func(n *node, id cid.Cid) string { return strings.Replace(n.linkTo(id), "https:", "http:", 1) }, BadLink},
		"into a folder":   {func(n *node, id cid.Cid) string { return n.linkTo(id) + "/cpu.yml" }, BadLink},
		"IPNS":            {func(n *node, id cid.Cid) string { return n.gateway.URL + "/ipns/" + id.String() }, BadLink},
		"no CID":          {func(n *node, _ cid.Cid) string { return n.gateway.URL + "/ipfs/latest" }, BadLink},
	} {
		n := newNode(t)
		n.linkOf = func(id cid.Cid) string { return c.link(n, id) }
		_, err := n.uploader(t).Put(t.Context(), "a", []byte(content))
		if c.want == "" && err != nil {
			t.Errorf("%s: %v", name, err)
		} else if c.want != "" {
			wantKind(t, name, err, c.want)
		}
	}
}

func (n *node) linkTo(id cid.Cid) string { return n.gateway.URL + "/ipfs/" + id.String() }

// Each way in which the gateway can misbehave.
func TestGatewayMisbehaves(t *testing.T) {
	for name, c := range map[string]struct {
		does hook
		want Kind
		once bool // is not asked again
	}{
		"wrong bytes":            {answer("the bytes of a file that is not a p..."), Differs, true},
		"more bytes":             {answer(content + "\n"), Differs, true},
		"fewer bytes":            {answer(content[:10]), Differs, true},
		"nothing":                {answer(""), Differs, true},
		"endless":                {endless, Differs, true},
		"page":                   {page, Page, true},
		"page called text":       {pageAs("text/plain"), Page, true},
		"large page":             {largePage, Page, true},
		"packed":                 {packed, Differs, true},
		"refuses":                {status(http.StatusForbidden), Refused, true},
		"not there":              {status(http.StatusNotFound), Missing, false},
		"fault":                  {status(http.StatusBadGateway), Down, false},
		"truncated":              {truncated, Down, false},
		"reset":                  {reset(0), Down, false},
		"slow head":              {stall(""), Slow, false},
		"slow body":              {stall("the "), Slow, false},
		"circle":                 {func(w http.ResponseWriter, r *http.Request, n http.Handler) { redirect(r.URL.Path)(w, r, n) }, Elsewhere, true},
		"redirects elsewhere":    {redirect("https://example.com/ipfs/QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"), Elsewhere, true},
		"redirects to private":   {redirect("https://192.168.0.1/"), Elsewhere, true},
		"redirects to metadata":  {redirect("https://169.254.169.254/"), Elsewhere, true},
		"redirects to a file":    {redirect("file:///etc/passwd"), Elsewhere, true},
		"redirects to HTTP":      {redirect("http://127.0.0.1/"), Elsewhere, true},
		"redirects to its start": {redirect("/"), Elsewhere, true},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNode(t)
			uploader := n.uploader(t)
			var asked atomic.Int32
			n.onGateway = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
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
			if n.adds.Load() != 1 {
				t.Errorf("%d uploads", n.adds.Load())
			}
			if got := asked.Load(); c.once && got != 1 && name != "circle" {
				t.Errorf("it was asked %d times", got)
			}
		})
	}
}

func pageAs(media string) hook {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", media)
		_, _ = io.WriteString(w, "<html><p>Soon.</p></html>")
	}
}

func largePage(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(bytes.Repeat([]byte("<p>"), 1<<12))
}

func packed(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	w.Header().Set("Content-Encoding", "br")
	_, _ = io.WriteString(w, content)
}

// Servers that nobody vouches for, and none at all.
func TestUntrusted(t *testing.T) {
	n := newNode(t)
	uploader := n.uploader(t)
	uploader.Fetcher = &fetch.Fetcher{AllowLoopback: true}
	_, err := uploader.Put(t.Context(), "a", []byte(content))
	wantKind(t, "the gateway", err, Untrusted)
	pinning, err := NewPinning(n.pinning.URL+"/file/create", n.gateway.URL, uploader.Fetcher)
	if err != nil {
		t.Fatal(err)
	}
	_, err = (&Uploader{Host: pinning, Fetcher: n.fetcher(), Patience: hurry}).Put(t.Context(), "a", []byte(content))
	wantKind(t, "the service", err, Untrusted)

	dead := n.uploader(t)
	n.pinning.Close()
	_, err = dead.Put(t.Context(), "a", []byte(content))
	wantKind(t, "nobody", err, Down)
	if !strings.Contains(err.Error(), "try again later") || !strings.Contains(err.Error(), n.pinning.URL) {
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
		api := serveTLS(t, func(w http.ResponseWriter, r *http.Request) {
			authorized = r.Header.Get("Authorization")
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, said)
		})
		host, err := NewIPFSNode(api.URL, "Bearer secret", n.gateway.URL, n.fetcher())
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

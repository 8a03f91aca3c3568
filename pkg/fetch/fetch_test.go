package fetch

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/opengpu-network/templates/pkg/fetch/fetchtest"
)

// soon is the time limit of fetches that must run into one.
const soon = 200 * time.Millisecond

func TestGet(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if encoding := r.Header.Get("Accept-Encoding"); encoding != "identity" {
			t.Errorf("packed answers are asked for: %q", encoding)
		}
		w.Header().Set("Content-Type", "Application/JSON; charset=utf-8")
		_, _ = io.WriteString(w, r.URL.RequestURI())
	})
	got, err := loopback(server).Get(t.Context(), server.URL+"/a%20b?c=d#e", 99)
	if err != nil {
		t.Fatal(err)
	}
	if string(got.Body) != "/a%20b?c=d" || got.MediaType != "application/json" || got.Status != 200 {
		t.Errorf("%+v", got)
	}
}

func TestLimits(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/chunked" {
			w.(http.Flusher).Flush()
		}
		_, _ = io.WriteString(w, "12345")
	})
	for _, path := range []string{"/", "/chunked"} {
		for limit, want := range map[int64]Kind{0: TooLarge, 4: TooLarge, 5: "", 6: "", -1: BadURL} {
			got, err := loopback(server).Get(t.Context(), server.URL+path, limit)
			if kind(err) != want || want == "" && string(got.Body) != "12345" {
				t.Errorf("%s with a limit of %d: %q, %v", path, limit, got.Body, err)
			}
		}
	}
}

// Each way in which a server misbehaves has a kind of its own.
func TestMisbehaviour(t *testing.T) {
	block := make(chan struct{})
	t.Cleanup(func() { close(block) })
	wait := func(r *http.Request) {
		select {
		case <-block:
		case <-r.Context().Done():
		}
	}
	for name, c := range map[string]struct {
		want   Kind
		slow   bool
		answer http.HandlerFunc
	}{
		"slow head": {TooSlow, true, func(_ http.ResponseWriter, r *http.Request) { wait(r) }},
		"slow body": {TooSlow, true, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "begun")
			w.(http.Flusher).Flush()
			wait(r)
		}},
		"endless body": {TooLarge, false, func(w http.ResponseWriter, _ *http.Request) {
			for err := error(nil); err == nil; {
				_, err = w.Write(make([]byte, 4096))
			}
		}},
		"large body announced": {TooLarge, true, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "9999999999")
			w.(http.Flusher).Flush()
			wait(r)
		}},
		"large head": {TooLarge, false, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Large", strings.Repeat("a", MaxHeader))
		}},
		"truncated": {Broken, false, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "10")
			_, _ = io.WriteString(w, "five…")
			panic(http.ErrAbortHandler)
		}},
		"truncated chunks": {Broken, false, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "five")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}},
		"reset":    {Broken, false, func(w http.ResponseWriter, _ *http.Request) { reset(t, w) }},
		"not HTTP": {Broken, false, func(w http.ResponseWriter, _ *http.Request) { raw(t, w, "SSH-2.0-OpenSSH_9\r\n") }},
		"informational flood": {TooLarge, false, func(w http.ResponseWriter, _ *http.Request) {
			raw(t, w, strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 10000))
		}},
		"page": {Page, false, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "Text/HTML; charset=utf-8")
			_, _ = io.WriteString(w, "<p>please wait</p>")
		}},
		"packed": {Encoded, false, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			packer := gzip.NewWriter(w)
			_, _ = packer.Write(make([]byte, 10<<20))
			_ = packer.Close()
		}},
		"not there":      {Status, false, func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }},
		"nothing":        {Status, false, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }},
		"not modified":   {Status, false, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) }},
		"circle":         {TooManyRedirects, false, to("/")},
		"to nowhere":     {Broken, false, to("")},
		"to no URL":      {Broken, false, to("http://[::1")},
		"to a file":      {NotHTTPS, false, to("file:///etc/passwd")},
		"to plain HTTP":  {NotHTTPS, false, to("http://127.0.0.1/")},
		"to private":     {Refused, false, to("https://10.0.0.1/")},
		"to link-local":  {Refused, false, to("https://[fe80::1]/")},
		"to metadata":    {Refused, false, to("https://169.254.169.254/latest/meta-data/")},
		"to credentials": {Credentials, false, to("https://user:secret@127.0.0.1/")},
		"to strangeness": {BadURL, false, to("https://127.1/")},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, c.answer)
			f := loopback(server)
			if c.slow {
				f.Timeout = soon
			}
			got, err := f.Get(t.Context(), server.URL, 1<<10)
			var problem *Error
			if !errors.As(err, &problem) || problem.Kind != c.want || got.Body != nil {
				t.Fatalf("%v: %v, and %q came, not %s", kind(err), err, got.Body, c.want)
			}
			if !strings.Contains(err.Error(), problem.URL) || problem.URL == "" || strings.Contains(err.Error(), "secret") {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestRedirects(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Referer") != "" {
			t.Error("tells where it came from")
		}
		if steps, found := strings.CutPrefix(r.URL.Path, "/steps/"); found && steps != "" {
			http.Redirect(w, r, "/steps/"+steps[1:], http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, "there")
	})
	f := loopback(server)
	for steps, most := range map[int]int{0: -1, 1: 1, 2: 2, DefaultRedirects: 0} {
		f.Redirects = most
		got, err := f.Get(t.Context(), server.URL+"/steps/"+strings.Repeat("x", steps), 9)
		if err != nil || string(got.Body) != "there" || got.URL.String() != server.URL+"/steps/" {
			t.Errorf("%d steps: %v", steps, err)
		}
		_, err = f.Get(t.Context(), server.URL+"/steps/"+strings.Repeat("x", steps+1), 9)
		if kind(err) != TooManyRedirects {
			t.Errorf("%d steps: %v", steps+1, err)
		}
	}
	f.Redirects = 0
	elsewhere := errors.New("that is elsewhere")
	f.Follow = func(from, to *url.URL) error {
		if from.Path != "/steps/x" || to.Path != "/steps/" {
			t.Errorf("asked about %s to %s", from, to)
		}
		return elsewhere
	}
	if _, err := f.Get(t.Context(), server.URL+"/steps/x", 9); kind(err) != Redirected || !errors.Is(err, elsewhere) {
		t.Errorf("a redirect that the caller refuses: %v", err)
	}
}

func TestUntrustedServers(t *testing.T) {
	server := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request came through") })
	f := loopback(server)
	f.Resolver = fetchtest.Resolver(t, func(string) []netip.Addr { return []netip.Addr{netip.MustParseAddr("127.0.0.1")} })
	port := server.Listener.Addr().(*net.TCPAddr).Port
	if _, err := f.Get(t.Context(), fmt.Sprintf("https://stranger.example.org:%d/", port), 9); kind(err) != TLS {
		t.Errorf("another name: %v", err)
	}
	f.Roots = x509.NewCertPool()
	if _, err := f.Get(t.Context(), server.URL, 9); kind(err) != TLS {
		t.Errorf("an unknown authority: %v", err)
	}
	f.Roots = nil
	if _, err := f.Get(t.Context(), server.URL, 9); kind(err) != TLS {
		t.Errorf("not known to the system: %v", err)
	}
	f.AllowLoopback = false
	if _, err := f.Get(t.Context(), server.URL, 9); kind(err) != Refused {
		t.Errorf("loopback: %v", err)
	}

	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "plain") }))
	defer plain.Close()
	f = &Fetcher{AllowLoopback: true}
	if got, err := f.Get(t.Context(), plain.URL, 9); err != nil || string(got.Body) != "plain" {
		t.Errorf("plain HTTP on loopback: %v", err)
	}
	if _, err := f.Get(t.Context(), strings.Replace(plain.URL, "http:", "https:", 1), 9); kind(err) != TLS {
		t.Errorf("HTTPS of a server that speaks HTTP: %v", err)
	}
	plain.Close()
	if _, err := f.Get(t.Context(), plain.URL, 9); kind(err) != Unreachable {
		t.Errorf("nobody listens: %v", err)
	}
	f.AllowLoopback = false
	if _, err := f.Get(t.Context(), plain.URL, 9); kind(err) != NotHTTPS {
		t.Errorf("plain HTTP: %v", err)
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	if _, err := loopback(server).Get(ctx, server.URL, 9); kind(err) != Interrupted || !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestPages(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<!DOCTYPE html><p>") })
	f := loopback(server)
	f.AllowPages = true
	if got, err := f.Get(t.Context(), server.URL, 99); err != nil || !got.IsPage() {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestPost(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/elsewhere":
			http.Redirect(w, r, "/", http.StatusTemporaryRedirect)
		case "/later":
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusTooManyRequests)
		default:
			w.WriteHeader(http.StatusCreated)
			fmt.Fprintf(w, "%s %s %s %s", r.Method, r.Header.Get("Content-Type"), r.Header.Get("Authorization"), body)
		}
	})
	f, upload := loopback(server), Upload{ContentType: "text/plain", Authorization: "Bearer x", Data: []byte("data")}
	got, err := f.Post(t.Context(), server.URL, upload, 99)
	if err != nil || string(got.Body) != "POST text/plain Bearer x data" || got.Status != http.StatusCreated {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := f.Post(t.Context(), server.URL+"/elsewhere", upload, 99); kind(err) != Redirected {
		t.Errorf("%v", err)
	}
	var problem *Error
	if _, err := f.Post(t.Context(), server.URL+"/later", upload, 99); !errors.As(err, &problem) ||
		problem.Status != http.StatusTooManyRequests || problem.RetryAfter != 7*time.Second {
		t.Errorf("%v", err)
	}
	if _, err := f.Get(t.Context(), server.URL, 99); kind(err) != Status {
		t.Errorf("a GET takes 201: %v", err)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "0": 0, "120": 2 * time.Minute, "-1": 0, "soon": 0, "99999999999999999999": 0,
		"Fri, 02 Jan 2026 03:05:05 GMT": time.Minute, "Fri, 02 Jan 2025 03:05:05 GMT": 0,
	} {
		if got := retryAfter(http.Header{"Retry-After": {text}}, now); got != want {
			t.Errorf("%q: %s", text, got)
		}
	}
}

// serve starts a server with TLS whose own complaints are not printed.
func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// loopback is a fetcher that trusts a server on loopback.
func loopback(server *httptest.Server) *Fetcher {
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return &Fetcher{AllowLoopback: true, Roots: roots}
}

func kind(err error) Kind {
	var problem *Error
	if errors.As(err, &problem) {
		return problem.Kind
	}
	return ""
}

func to(location string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", location)
		w.WriteHeader(http.StatusMovedPermanently)
	}
}

func raw(t *testing.T, w http.ResponseWriter, text string) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	_, _ = io.Copy(conn, bytes.NewReader([]byte(text)))
	_ = conn.Close()
}

func reset(t *testing.T, w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	if inner, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = inner.NetConn()
	}
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

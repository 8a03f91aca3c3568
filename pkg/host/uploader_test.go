package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	boxo "github.com/ipfs/boxo/gateway"
	"github.com/ipfs/go-cid"
	"github.com/opengpu-network/templates/pkg/fetch"
	"github.com/opengpu-network/templates/pkg/fetch/fetchtest"
	"github.com/opengpu-network/templates/pkg/ipfs"
	"github.com/prometheus/client_golang/prometheus"
)

// files are such as releases have, and such as are hard.
var files = map[string][]byte{
	"cpu.yml":         []byte("services:\n  handler:\n    image: a@sha256:00\n"),
	"empty":           {},
	"README.md":       []byte("<h1 align=\"center\">A page to gateways</h1>\n\n<p>" + strings.Repeat("text ", 200) + "</p>\n"),
	"metadata.json":   []byte(`{"name":"a"}`),
	"one-chunk":       bytes.Repeat([]byte{7}, ipfs.ChunkSize),
	"three-chunks":    bytes.Repeat([]byte("0123456789abcdef"), ipfs.ChunkSize/8+1),
	"assets/logo.png": []byte("\x89PNG\r\n\x1a\n\x00\x00"),
}

func TestPutOnIPFS(t *testing.T) {
	n := newNode(t)
	for name, uploader := range map[string]*Uploader{"pinning": n.uploader(t), "node": n.direct(t)} {
		for file, data := range files {
			link, err := uploader.Put(t.Context(), file, data)
			if err != nil {
				t.Errorf("%s: %s: %v", name, file, err)
				continue
			}
			if link.URL != n.Gateway.URL+"/ipfs/"+link.CID || !link.Uploaded || len(link.SHA256) != 64 {
				t.Errorf("%s: %s: %+v", name, file, link)
			}
		}
	}
	if got := int(n.Adds.Load()); got != 2*len(files) {
		t.Errorf("%d files were added", got)
	}
}

// The node's own configuration does not change the CID, but for what cannot be
// asked of it in one request, and then nothing is published.
func TestNodesConfiguration(t *testing.T) {
	n := newNode(t)
	n.Importer = map[string]string{"cid-version": "1", "raw-leaves": "true", "chunker": "size-1048576"}
	if _, err := n.direct(t).Put(t.Context(), "a", files["three-chunks"]); err != nil {
		t.Error(err)
	}
	n.Importer["max-file-links"] = "2"
	_, err := n.direct(t).Put(t.Context(), "a", files["three-chunks"])
	wantKind(t, "other links", err, OtherCID)
}

// A CIDv1 of the same block is the same content, and a subdomain is where it
// stands on many gateways.
func TestSubdomainGateway(t *testing.T) {
	n := newNode(t)
	backend, err := boxo.NewBlocksBackend(n.Blocks, boxo.WithPrometheusRegistry(prometheus.NewRegistry()))
	if err != nil {
		t.Fatal(err)
	}
	var server *httptest.Server
	requests := map[string]int{}
	config := boxo.Config{DeserializedResponses: true, MetricsRegistry: prometheus.NewRegistry()}
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests[r.Host]++
		config := config
		config.PublicGateways = map[string]*boxo.PublicGateway{r.Host[strings.LastIndex(r.Host, "gateway.test"):]: {
			Paths: []string{"/ipfs"}, UseSubdomains: true, DeserializedResponses: true,
		}}
		config.MetricsRegistry = prometheus.NewRegistry()
		boxo.NewHostnameHandler(config, backend, boxo.NewHandler(config, backend)).ServeHTTP(w, r)
	}))
	defer server.Close()
	address := "gateway.test" + server.URL[strings.LastIndex(server.URL, ":"):]
	fetcher := n.fetcher()
	fetcher.Resolver = fetchtest.Resolver(t, func(string) []netip.Addr { return []netip.Addr{netip.MustParseAddr("127.0.0.1")} })
	host, err := NewIPFSNode(n.API.URL, "", "http://"+address, fetcher)
	if err != nil {
		t.Fatal(err)
	}
	uploader := &Uploader{Host: host, Fetcher: fetcher, Patience: hurry}
	link, err := uploader.Put(t.Context(), "cpu.yml", files["cpu.yml"])
	if err != nil {
		t.Fatal(err)
	}
	id, err := cid.Decode(link.CID)
	if err != nil {
		t.Fatal(err)
	}
	subdomain := cid.NewCidV1(id.Type(), id.Hash()).String() + ".ipfs." + address
	if link.URL != "http://"+address+"/ipfs/"+link.CID || requests[address] != 1 || requests[subdomain] != 1 {
		t.Errorf("%+v after %v", link, requests)
	}
	// And as a link of its own.
	u, err := url.Parse("http://" + subdomain + "/")
	if err != nil {
		t.Fatal(err)
	}
	file, err := NewFile("cpu.yml", files["cpu.yml"])
	if err != nil || host.Check(u, file) != nil {
		t.Error(err, host.Check(u, file))
	}
}

func TestOneUpload(t *testing.T) {
	n := newNode(t)
	uploader := n.uploader(t)
	var group sync.WaitGroup
	var uploads atomic.Int32
	for range 8 {
		group.Go(func() {
			link, err := uploader.Put(t.Context(), "a", []byte("the same"))
			if err != nil {
				t.Error(err)
			}
			if link.Uploaded {
				uploads.Add(1)
			}
		})
	}
	group.Wait()
	link, err := uploader.Put(t.Context(), "b", []byte("the same"))
	if err != nil || link.Uploaded {
		t.Errorf("the same bytes by another name: %+v, %v", link, err)
	}
	if n.Adds.Load() != 1 || uploads.Load() != 1 {
		t.Errorf("%d uploads, %d told of", n.Adds.Load(), uploads.Load())
	}

	// Another run that knows the link.
	again := n.uploader(t)
	again.Known = map[string][]string{link.SHA256: {"https://example.com/elsewhere", link.URL}}
	if got, err := again.Put(t.Context(), "a", []byte("the same")); err != nil || got.Uploaded || got.URL != link.URL {
		t.Errorf("in another run: %+v, %v", got, err)
	}
	// Known links are proven too, and are of this host.
	for name, known := range map[string]string{
		"other content": n.Gateway.URL + "/ipfs/QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH",
		"another host":  "https://example.com/ipfs/" + link.CID,
		"nonsense":      "nonsense",
	} {
		again := n.uploader(t)
		again.Known = map[string][]string{link.SHA256: {known}}
		if got, err := again.Put(t.Context(), "a", []byte("the same")); err != nil || !got.Uploaded || got.URL != link.URL {
			t.Errorf("%s is known: %+v, %v", name, got, err)
		}
	}
	gone := n.uploader(t)
	gone.Known = map[string][]string{link.SHA256: {"https://example.com/elsewhere", link.URL}}
	asked := 0
	n.OnGateway = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if asked++; asked == 1 {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	}
	if got, err := gone.Put(t.Context(), "a", []byte("the same")); err != nil || !got.Uploaded || asked != 2 {
		t.Errorf("a known link that is gone: %+v, %v after %d requests", got, err, asked)
	}
}

func TestFailedIsForgotten(t *testing.T) {
	n := newNode(t)
	uploader := n.uploader(t)
	n.OnGateway = func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { _, _ = io.WriteString(w, "lies") }
	_, err := uploader.Put(t.Context(), "a", []byte("the bytes"))
	wantKind(t, "a gateway that lies", err, Differs)
	n.OnGateway = nil
	if link, err := uploader.Put(t.Context(), "a", []byte("the bytes")); err != nil || !link.Uploaded {
		t.Errorf("%+v, %v", link, err)
	}
}

func TestLateContent(t *testing.T) {
	n := newNode(t)
	uploader := n.uploader(t)
	uploader.Patience.Visible = time.Minute
	answers := []int{http.StatusNotFound, http.StatusGatewayTimeout, http.StatusTooManyRequests, http.StatusBadGateway}
	asked := 0
	n.OnGateway = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		asked++
		if asked <= len(answers) {
			w.Header().Set("Retry-After", "3600") // Patience.Longest is waited at most
			http.Error(w, "not yet", answers[asked-1])
			return
		}
		next.ServeHTTP(w, r)
	}
	link, err := uploader.Put(t.Context(), "a", []byte("late"))
	if err != nil || asked != len(answers)+1 || n.Adds.Load() != 1 {
		t.Errorf("%+v, %v after %d requests and %d uploads", link, err, asked, n.Adds.Load())
	}
}

func TestInterrupted(t *testing.T) {
	n := newNode(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	uploader := n.uploader(t)
	uploader.Patience = Patience{Pause: time.Hour, Longest: time.Hour, Visible: 2 * time.Hour}
	n.OnGateway = func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		http.Error(w, "not yet", http.StatusNotFound)
		time.AfterFunc(10*time.Millisecond, func() { cancel(enough) })
	}
	_, err := uploader.Put(ctx, "a", []byte("late"))
	wantKind(t, "between two tries", err, Interrupted)
	if !errors.Is(err, enough) {
		t.Error(err)
	}
	_, err = uploader.Put(ctx, "a", []byte("late"))
	wantKind(t, "before the first", err, Interrupted)
}

// What went wrong before the end is told too.
func TestInterruptedAfter(t *testing.T) {
	uploader := newNode(t).uploader(t)
	ctx, cancel := context.WithCancel(t.Context())
	tried := 0
	_, err := retry(ctx, tries{pause: time.Hour, longest: time.Hour}, func() (int, error) {
		tried++
		cancel()
		return 0, &Error{Kind: Missing, Err: errors.New("not yet"), again: true}
	})
	wantKind(t, "the last error", err, Missing)
	err = uploader.interrupted(ctx, File{Name: "a"}, err)
	wantKind(t, "interrupted", err, Interrupted)
	if tried != 1 || !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "not yet") {
		t.Errorf("after %d tries: %v", tried, err)
	}
}

func TestFiles(t *testing.T) {
	uploader := newNode(t).uploader(t)
	for _, name := range []string{"", ".", "..", "/a", "a/", "a//b", "a/../b", ".hidden", "a/.b", "a b", "a\"b", "a\r\nb", "\u00e4", strings.Repeat("a", 256)} {
		_, err := uploader.Put(t.Context(), name, nil)
		wantKind(t, name, err, BadFile)
	}
	_, err := uploader.Put(t.Context(), "a", make([]byte, MaxBytes+1))
	wantKind(t, "too large", err, BadFile)
}

func TestEndpoints(t *testing.T) {
	if p, err := NewPinning(OpenGPUPinning, OpenGPUGateway, nil); err != nil || !strings.Contains(p.String(), "capi.ogpuscan.io") {
		t.Error(p, err)
	}
	for _, c := range [][2]string{
		{"http://capi.ogpuscan.io/file/create", OpenGPUGateway}, {"https://127.0.0.1/", OpenGPUGateway}, {OpenGPUPinning, "cipfs.ogpuscan.io"},
		{OpenGPUPinning, "http://cipfs.ogpuscan.io"}, {OpenGPUPinning, "https://10.0.0.1"}, {OpenGPUPinning, OpenGPUGateway + "/ipfs/"},
		{OpenGPUPinning + "?token=secret", OpenGPUGateway},
	} {
		if _, err := NewPinning(c[0], c[1], nil); err == nil {
			t.Errorf("%q is let through", c)
		}
	}
	if _, err := NewIPFSNode("http://127.0.0.1:5001/", "Bearer x", "https://ipfs.io", nil); err != nil {
		t.Error(err)
	}
	for _, api := range []string{"http://10.0.0.1:5001", "http://127.0.0.1:5001/?a=b", "/ip4/127.0.0.1/tcp/5001"} {
		if _, err := NewIPFSNode(api, "", "https://ipfs.io", nil); err == nil {
			t.Errorf("%s is let through", api)
		}
	}
	// A name that turns out to be private.
	fetcher := &fetch.Fetcher{Resolver: fetchtest.Resolver(t, func(string) []netip.Addr { return []netip.Addr{netip.MustParseAddr("10.0.0.1")} })}
	pinning, err := NewPinning(OpenGPUPinning, OpenGPUGateway, fetcher)
	if err != nil {
		t.Fatal(err)
	}
	_, err = (&Uploader{Host: pinning, Fetcher: fetcher, Patience: hurry}).Put(t.Context(), "a", nil)
	wantKind(t, "a private address", err, Forbidden)
}

func wantKind(t *testing.T, what string, err error, want Kind) {
	t.Helper()
	var problem *Error
	if !errors.As(err, &problem) || problem.Kind != want {
		got := "no error"
		if problem != nil {
			got = fmt.Sprintf("%s: %v", problem.Kind, problem)
		}
		t.Errorf("%q: %s, not %s", what, got, want)
	}
}

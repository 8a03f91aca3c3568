package registry_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/opengpu-network/templates/pkg/registry"
)

const (
	indexType    = "application/vnd.oci.image.index.v1+json"
	manifestType = "application/vnd.oci.image.manifest.v1+json"
	configType   = "application/vnd.oci.image.config.v1+json"
)

func digestOf(data string) string { return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(data))) }

// shelf is what a small registry holds, by the end of a URL's path.
type shelf map[string]struct{ contentType, body string }

// put adds a manifest or a blob under its digest.
func (s shelf) put(contentType, body string) (descriptor string) {
	digest := digestOf(body)
	s[digest] = struct{ contentType, body string }{contentType, body}
	return fmt.Sprintf(`"mediaType":%q,"digest":%q,"size":%d`, contentType, digest, len(body))
}

func (s shelf) tag(tag, contentType, body string) {
	s[tag] = struct{ contentType, body string }{contentType, body}
}

// image adds an image for a platform and returns its manifest.
func (s shelf) image(os, architecture string) string {
	config := s.put(configType, fmt.Sprintf(`{"os":%q,"architecture":%q,"rootfs":{"type":"layers","diff_ids":[]}}`, os, architecture))
	return fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"config":{%s},"layers":[]}`, manifestType, config)
}

func index(entries ...string) string {
	return fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"manifests":[%s]}`, indexType, strings.Join(entries, ","))
}

func entry(descriptor, os, architecture string) string {
	return fmt.Sprintf(`{%s,"platform":{"os":%q,"architecture":%q}}`, descriptor, os, architecture)
}

func (s shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/v2/" {
		return
	}
	name := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	item, ok := s[name]
	if !ok {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"errors":[{"code":"MANIFEST_UNKNOWN"}]}`)
		return
	}
	w.Header().Set("Content-Type", item.contentType)
	_, _ = io.WriteString(w, item.body)
}

// serve starts a server on loopback and returns its address.
func serve(t *testing.T, handler http.Handler) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String()
}

// look fetches a reference and looks for its platform.
func look(ctx context.Context, c *registry.Client, text string) (*registry.Manifest, error) {
	r, err := registry.Parse(text)
	if err != nil {
		return nil, err
	}
	m, err := c.Fetch(ctx, r)
	if err != nil {
		return nil, err
	}
	return m, c.Supports(ctx, m, registry.DefaultPlatform)
}

func TestFetch(t *testing.T) {
	s := shelf{}
	image := s.image("linux", "amd64")
	child := s.put(manifestType, image)
	whole := index(entry(child, "linux", "amd64"), entry(s.put(manifestType, s.image("linux", "arm64")), "linux", "arm64"))
	s.put(indexType, whole)
	s.tag("index", indexType, whole)
	s.tag("single", manifestType, image)
	address := serve(t, s)
	for reference, want := range map[string]string{
		"/app:index":                     digestOf(whole),
		"/app:single":                    digestOf(image),
		"/app:gone@" + digestOf(whole):   digestOf(whole),
		"/app@" + digestOf(image):        digestOf(image),
		"/a/b/c:index":                   digestOf(whole),
		"/app:single@" + digestOf(whole): digestOf(whole),
	} {
		m, err := look(t.Context(), &registry.Client{}, address+reference)
		if err != nil || m.Digest != want || digestOf(string(m.Bytes)) != want || m.IsIndex() != (want == digestOf(whole)) {
			t.Errorf("%s: %v %v, want %s", reference, m, err, want)
		}
	}
}

// TestUnfit has images that are not what a template needs, from registries
// that are honest, and others from registries that are not.
func TestUnfit(t *testing.T) {
	s := shelf{}
	amd64 := s.put(manifestType, s.image("linux", "amd64"))
	arm64Image := s.image("linux", "arm64")
	arm64 := s.put(manifestType, arm64Image)
	nested := s.put(indexType, index(entry(amd64, "linux", "amd64")))
	absent := fmt.Sprintf(`"mediaType":%q,"digest":%q,"size":2`, manifestType, digestOf("x"))
	tag := func(contentType, body string) func() { return func() { s.tag("1", contentType, body) } }
	for name, c := range map[string]struct {
		prepare func()
		want    registry.Kind
	}{
		"no such tag":             {func() { delete(s, "1") }, registry.Missing},
		"another platform":        {tag(indexType, index(entry(arm64, "linux", "arm64"))), registry.NoPlatform},
		"single image of another": {tag(manifestType, arm64Image), registry.NoPlatform},
		"only attestations":       {tag(indexType, index(entry(amd64, "unknown", "unknown"))), registry.NoPlatform},
		"empty index":             {tag(indexType, index()), registry.NoPlatform},
		"platform's image absent": {tag(indexType, index(entry(absent, "linux", "amd64"))), registry.NoPlatform},
		"configuration absent":    {tag(manifestType, fmt.Sprintf(`{"schemaVersion":2,"config":{"mediaType":%q,"digest":%q,"size":1},"layers":[]}`, configType, digestOf("y"))), registry.NoPlatform},
		"no container image":      {tag(manifestType, fmt.Sprintf(`{"schemaVersion":2,"config":{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":%q,"size":1},"layers":[]}`, digestOf("y"))), registry.NoPlatform},

		"index claims a platform":     {tag(indexType, index(entry(arm64, "linux", "amd64"))), registry.Lying},
		"nested index":                {tag(indexType, index(entry(amd64, "linux", "amd64"), "{"+nested+"}")), registry.Lying},
		"index as a platform's image": {tag(indexType, index(entry(strings.Replace(nested, indexType, manifestType, 1), "linux", "amd64"))), registry.Lying},
		"wrong size":                  {tag(indexType, index(entry(strings.Replace(amd64, `"size":`, `"size":1`, 1), "linux", "amd64"))), registry.Lying},
		"image and index at once":     {tag(manifestType, strings.Replace(s.image("linux", "amd64"), `"layers"`, `"manifests":[],"layers"`, 1)), registry.Lying},
		"image served as an index":    {tag(indexType, s.image("linux", "amd64")), registry.Lying},
		"type left open, image":       {tag(indexType, strings.Replace(s.image("linux", "amd64"), fmt.Sprintf(`"mediaType":%q,"config"`, manifestType), `"config"`, 1)), registry.Lying},
		"web page":                    {tag("text/html; charset=utf-8", "<html>Log in to the hotel's network</html>"), registry.Lying},
		"web page as a manifest":      {tag(manifestType, "<html></html>"), registry.Lying},
		"no type":                     {tag("application/octet-stream", s.image("linux", "amd64")), registry.Lying},
		"oldest format":               {tag("application/vnd.docker.distribution.manifest.v1+prettyjws", `{"schemaVersion":1}`), registry.Lying},
		"oldest version":              {tag(manifestType, `{"schemaVersion":1,"config":{}}`), registry.Lying},
		"path for a digest":           {tag(manifestType, fmt.Sprintf(`{"schemaVersion":2,"config":{"mediaType":%q,"digest":"sha256:../../x","size":1},"layers":[]}`, configType)), registry.Lying},
		"endless":                     {tag(manifestType, strings.Repeat(" ", 5<<20)), registry.Lying},
	} {
		t.Run(name, func(t *testing.T) {
			// The shelf is one: these cases take turns.
			c.prepare()
			_, err := look(t.Context(), &registry.Client{}, serve(t, s)+"/app:1")
			check(t, err, c.want)
		})
	}
}

func check(t *testing.T, err error, want registry.Kind) {
	t.Helper()
	t.Log(err)
	if registry.KindOf(err) != want {
		t.Errorf("%v is %q, want %q", err, registry.KindOf(err), want)
	} else if e := err.(*registry.Error); e.Remedy() == "" || e.Message == "" || !strings.Contains(e.Reference, "/app:1") {
		t.Errorf("%+v says too little", e)
	}
}

// TestTrouble has registries that are not well.
func TestTrouble(t *testing.T) {
	s := shelf{}
	s.tag("1", manifestType, s.image("linux", "amd64"))
	other := serve(t, s)
	status := func(code int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
		}
	}
	// greets answers the greeting as a registry does, and then what it is told.
	greets := func(then http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/v2/" {
				then(w, r)
			}
		}
	}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    registry.Kind
	}{
		"denied":             {greets(status(http.StatusForbidden)), registry.Denied},
		"login wanted":       {status(http.StatusUnauthorized, "WWW-Authenticate", `Basic realm="x"`), registry.Denied},
		"rate limit":         {greets(status(http.StatusTooManyRequests)), registry.RateLimited},
		"rate limit, hours":  {greets(status(http.StatusTooManyRequests, "Retry-After", "7200")), registry.RateLimited},
		"rate limit, always": {status(http.StatusTooManyRequests, "Retry-After", "0"), registry.RateLimited},
		"broken":             {status(http.StatusBadGateway), registry.Down},
		"maintenance":        {greets(status(http.StatusServiceUnavailable, "Retry-After", "86400")), registry.Down},
		"no registry":        {status(http.StatusNotFound), registry.Lying},
		"teapot":             {greets(status(http.StatusTeapot)), registry.Lying},
		"page not found": {greets(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusNotFound)
		}), registry.Lying},
		"digest in the header": {greets(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Docker-Content-Digest", digestOf("something else"))
			s.ServeHTTP(w, r)
		}), registry.Lying},
		"redirect elsewhere": {greets(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://"+other+r.URL.Path, http.StatusTemporaryRedirect)
		}), registry.Lying},
		"greeting redirects elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://"+other+r.URL.Path, http.StatusTemporaryRedirect)
		}, registry.Lying},
		"redirect to a private address": {greets(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/blobs/") {
				http.Redirect(w, r, "https://169.254.169.254/latest/meta-data", http.StatusTemporaryRedirect)
				return
			}
			s.ServeHTTP(w, r)
		}), registry.Lying},
		"redirect without TLS": {greets(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/blobs/") {
				http.Redirect(w, r, "http://registry.example/", http.StatusTemporaryRedirect)
				return
			}
			s.ServeHTTP(w, r)
		}), registry.Lying},
		"circle": {greets(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path, http.StatusTemporaryRedirect)
		}), registry.Lying},
		"breaks off": {greets(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", manifestType)
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, "{")
		}), registry.Down},
		"hangs up": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, registry.Down},
		"login elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="http://169.254.169.254/token",service="x"`)
			w.WriteHeader(http.StatusUnauthorized)
		}, registry.Lying},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := look(t.Context(), &registry.Client{}, serve(t, c.handler)+"/app:1")
			check(t, err, c.want)
		})
	}
}

// TestSlow has registries that never answer, or never come to an end.
func TestSlow(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"silent": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"drips": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/v2/" {
				return
			}
			w.Header().Set("Content-Type", manifestType)
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, " ")
				w.(http.Flusher).Flush()
				time.Sleep(10 * time.Millisecond)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := look(t.Context(), &registry.Client{Timeout: 500 * time.Millisecond}, serve(t, handler)+"/app:1")
			check(t, err, registry.Slow)
		})
	}
}

func TestDownAndPrivate(t *testing.T) {
	for reference, want := range map[string]registry.Kind{
		"127.0.0.1:1/app:1":           registry.Down,
		"registry.invalid/app:1":      registry.Down,
		"10.255.255.1:5000/app:1":     registry.Private,
		"169.254.169.254/app:1":       registry.Private,
		"[fd00::1]:5000/app:1":        registry.Private,
		"[64:ff9b::a00:1]:5000/app:1": registry.Private,
		"[64:ff9b:1::a00:1]/app:1":    registry.Private,
		"[2002:a00:1::]/app:1":        registry.Private,
		"100.64.0.1/app:1":            registry.Private,
		"168.63.129.16/app:1":         registry.Private,
		"192.0.2.1/app:1":             registry.Private,
		"224.0.0.1/app:1":             registry.Private,
		"0.0.0.0:5000/app:1":          registry.Private,
	} {
		t.Run(reference, func(t *testing.T) {
			_, err := look(t.Context(), &registry.Client{Timeout: 5 * time.Second}, reference)
			check(t, err, want)
		})
	}
}

// TestUntrusted has a registry whose certificate nobody has signed.
func TestUntrusted(t *testing.T) {
	server := httptest.NewUnstartedServer(shelf{})
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	_, err := look(t.Context(), &registry.Client{}, server.Listener.Addr().String()+"/app:1")
	check(t, err, registry.Untrusted)
}

// TestRetryAfter has a registry that wants to be asked again, and then answers.
func TestRetryAfter(t *testing.T) {
	s := shelf{}
	s.tag("1", manifestType, s.image("linux", "amd64"))
	for code, header := range map[int]string{http.StatusTooManyRequests: "0", http.StatusServiceUnavailable: "", http.StatusBadGateway: "0"} {
		var asked atomic.Int32
		address := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/manifests/1") && asked.Add(1) < 3 {
				if header != "" {
					w.Header().Set("Retry-After", header)
				}
				w.WriteHeader(code)
				return
			}
			s.ServeHTTP(w, r)
		}))
		if _, err := look(t.Context(), &registry.Client{}, address+"/app:1"); err != nil || asked.Load() != 3 {
			t.Errorf("%d: %v after %d requests", code, err, asked.Load())
		}
	}
	address := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7200")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	_, err := look(t.Context(), &registry.Client{}, address+"/app:1")
	if e, ok := err.(*registry.Error); !ok || e.RetryAfter != 2*time.Hour {
		t.Errorf("%+v", err)
	}
}

// TestToken has a registry with a token server, as the public ones are.
func TestToken(t *testing.T) {
	s := shelf{}
	s.tag("1", manifestType, s.image("linux", "amd64"))
	var address string
	address = serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		switch {
		case r.URL.Path == "/token" && user == "me" && password == "mine" && r.URL.Query().Get("scope") == "repository:app:pull":
			_ = json.NewEncoder(w).Encode(map[string]string{"token": "the token"})
		case r.URL.Path == "/token":
			w.WriteHeader(http.StatusUnauthorized)
		case r.Header.Get("Authorization") != "Bearer the token":
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="http://%s/token",service="tests"`, address))
			w.WriteHeader(http.StatusUnauthorized)
		default:
			s.ServeHTTP(w, r)
		}
	}))
	if _, err := look(t.Context(), &registry.Client{Keychain: login{"me", "mine"}}, address+"/app:1"); err != nil {
		t.Error(err)
	}
	_, err := look(t.Context(), &registry.Client{Keychain: login{"me", "other"}}, address+"/app:1")
	check(t, err, registry.Denied)
	_, err = look(t.Context(), &registry.Client{}, address+"/app:1")
	check(t, err, registry.Denied)
}

type login struct{ user, password string }

func (l login) Resolve(authn.Resource) (authn.Authenticator, error) {
	return &authn.Basic{Username: l.user, Password: l.password}, nil
}

// TestBlobElsewhere has a registry that keeps its blobs on another host, which
// is common, and one whose other host gives something else.
func TestBlobElsewhere(t *testing.T) {
	s := shelf{}
	s.tag("1", manifestType, s.image("linux", "amd64"))
	away := func(to string) string {
		return serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/blobs/") {
				http.Redirect(w, r, "http://"+to+r.URL.Path, http.StatusTemporaryRedirect)
				return
			}
			s.ServeHTTP(w, r)
		}))
	}
	if _, err := look(t.Context(), &registry.Client{}, away(serve(t, s))+"/app:1"); err != nil {
		t.Error(err)
	}
	other := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"os":"linux","architecture":"amd64"}`)
	}))
	_, err := look(t.Context(), &registry.Client{}, away(other)+"/app:1")
	check(t, err, registry.Lying)
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	address := serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() }))
	if _, err := look(ctx, &registry.Client{}, address+"/app:1"); err != context.Canceled {
		t.Error(err)
	}
}

func TestParse(t *testing.T) {
	d := "sha256:" + strings.Repeat("a", 64)
	for text, want := range map[string][4]string{
		"nginx":                     {"nginx:latest", "docker.io", "library/nginx", ""},
		"nginx@" + d:                {"nginx@" + d, "docker.io", "library/nginx", d},
		"ollama/ollama:1@" + d:      {"ollama/ollama:1@" + d, "docker.io", "ollama/ollama", d},
		"docker.io/ollama/ollama:1": {"docker.io/ollama/ollama:1", "docker.io", "ollama/ollama", ""},
		"localhost:5000/a/b:v1.2":   {"localhost:5000/a/b:v1.2", "localhost:5000", "a/b", ""},
		"ghcr.io/a/b_c@" + d:        {"ghcr.io/a/b_c@" + d, "ghcr.io", "a/b_c", d},
	} {
		r, err := registry.Parse(text)
		if err != nil || r.String() != want[0] || r.Registry() != want[1] || r.Repository() != want[2] || r.Digest != want[3] {
			t.Errorf("%s: %v %v", text, r, err)
		}
	}
	for _, text := range []string{"", "Nginx", "a b", "nginx:", "a@sha256:12", "a@sha512:" + strings.Repeat("a", 128), "a:1\n", "${X}", strings.Repeat("a", 600)} {
		if r, err := registry.Parse(text); err == nil {
			t.Errorf("%q is read as %v", text, r)
		}
	}
}

func TestParsePlatform(t *testing.T) {
	for text, want := range map[string]bool{"linux/amd64": true, "linux/arm/v7": true, "linux": false, "": false, "linux/": false, "a/b/c/d": false, "linux/amd64/": false, "Linux/amd64": false} {
		p, err := registry.ParsePlatform(text)
		if (err == nil) != want || want && p.String() != text {
			t.Errorf("%q: %v %v", text, p, err)
		}
	}
}

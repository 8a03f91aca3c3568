package host

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/opengpu-network/templates/pkg/fetch"
)

// Folder is a folder of this machine that is served over HTTP on loopback, for
// the devnet. A file is at /<sha256>/<name>, so that nothing is ever overwritten
// by something else.
type Folder struct {
	root   *os.Root
	base   string
	server *http.Server
}

// OpenFolder uses a folder that is served at a URL on loopback, by ServeFolder of
// another process or by a server that has the Folder as its handler. It makes the
// folder where there is none. Close it when done.
func OpenFolder(dir, baseURL string) (*Folder, error) {
	u, err := (&fetch.Fetcher{AllowLoopback: true}).CheckURL(baseURL)
	if err != nil {
		return nil, fmt.Errorf("the folder's URL: %w", err)
	}
	if !fetch.LoopbackHost(u.Hostname()) || u.RawQuery != "" {
		return nil, fmt.Errorf("the folder's URL %s is not one of loopback: a folder is for local use only", u)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &Folder{root: root, base: strings.TrimSuffix(u.String(), "/")}, nil
}

// ServeFolder opens a folder and serves it until it is closed. The address is one
// of loopback; "127.0.0.1:0" takes any free port.
func ServeFolder(dir, address string) (*Folder, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	folder, err := OpenFolder(dir, "http://"+listener.Addr().String())
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	folder.server = &http.Server{Handler: folder, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
	go func() { _ = folder.server.Serve(listener) }()
	return folder, nil
}

// Close ends what ServeFolder began. The files stay.
func (f *Folder) Close() error {
	if f.server == nil {
		return f.root.Close()
	}
	return errors.Join(f.server.Close(), f.root.Close())
}

func (f *Folder) String() string { return "the folder " + f.root.Name() }

// URL is where the folder is served.
func (f *Folder) URL() string { return f.base }

// Upload writes the file. Readers never see half of it.
func (f *Folder) Upload(_ context.Context, file File) (string, error) {
	if err := f.root.MkdirAll(file.SHA256, 0o755); err != nil {
		return "", err
	}
	// What begins with a dot is not served.
	unfinished := file.SHA256 + "/." + rand.Text()
	err := f.root.WriteFile(unfinished, file.Data, 0o644)
	if err == nil {
		err = f.root.Rename(unfinished, place(file))
	}
	if err != nil {
		_ = f.root.Remove(unfinished)
		return "", err
	}
	return f.link(file), nil
}

// Check tells whether a link is exactly the file's.
func (f *Folder) Check(link *url.URL, file File) error {
	if want := f.link(file); link.String() != want {
		return &Error{Kind: BadLink, Link: link.String(), Err: fmt.Errorf("the link %.200q is not %s", link, want)}
	}
	return nil
}

func (f *Folder) link(file File) string { return f.base + "/" + place(file) }

// place is where a file is in the folder. Of its name only the last part is
// kept.
func place(file File) string { return file.SHA256 + "/" + path.Base(file.Name) }

// places are the paths that are served: no others of the folder.
var places = regexp.MustCompile(`^/[0-9a-f]{64}/[A-Za-z0-9_][A-Za-z0-9._-]*$`)

// mediaTypes are those that viewers need. Everything else is plain text to them.
var mediaTypes = map[string]string{
	".json": "application/json", ".png": "image/png", ".jpg": "image/jpeg", ".svg": "image/svg+xml", ".webp": "image/webp",
}

// ServeHTTP serves the files of the folder and nothing else: no lists, no other
// paths, and nothing outside of it.
func (f *Folder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD are served", http.StatusMethodNotAllowed)
		return
	}
	if !places.MatchString(r.URL.Path) {
		http.NotFound(w, r)
		return
	}
	// A link out of the folder, a pipe or a device is not there for readers.
	name := strings.TrimPrefix(r.URL.Path, "/")
	info, err := f.root.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		http.NotFound(w, r)
		return
	}
	file, err := f.root.Open(name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer file.Close()
	media, ok := mediaTypes[path.Ext(name)]
	if !ok {
		media = "text/plain; charset=utf-8"
	}
	w.Header().Set("Content-Type", media)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, "", time.Time{}, file)
}

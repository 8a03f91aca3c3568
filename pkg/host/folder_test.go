package host

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opengpu-network/templates/pkg/fetch"
)

func serveFolder(t *testing.T) (*Folder, *Uploader, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "files")
	folder, err := ServeFolder(dir, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = folder.Close() })
	return folder, &Uploader{Host: folder, Fetcher: &fetch.Fetcher{AllowLoopback: true}, Patience: hurry}, dir
}

func TestPutInFolder(t *testing.T) {
	folder, uploader, dir := serveFolder(t)
	for name, data := range files {
		link, err := uploader.Put(t.Context(), name, data)
		if err != nil || link.URL != folder.URL()+"/"+link.SHA256+"/"+filepath.Base(name) {
			t.Errorf("%s: %+v, %v", name, link, err)
		}
	}
	// Another process writes into the folder that this one serves.
	other, err := OpenFolder(dir, folder.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	second := &Uploader{Host: other, Fetcher: uploader.Fetcher, Patience: hurry}
	link, err := second.Put(t.Context(), "cpu.yml", files["cpu.yml"])
	if err != nil {
		t.Fatal(err)
	}
	// A file that was changed is told, and put right by the next upload.
	file := filepath.Join(dir, link.SHA256, "cpu.yml")
	if err := os.WriteFile(file, []byte("changed"), 0o644); err != nil {
		t.Fatal(err)
	}
	third := &Uploader{Host: other, Fetcher: uploader.Fetcher, Patience: hurry, Known: map[string][]string{link.SHA256: {"https://example.com/elsewhere", link.URL}}}
	if got, err := third.Put(t.Context(), "cpu.yml", files["cpu.yml"]); err != nil || !got.Uploaded {
		t.Errorf("%+v, %v", got, err)
	}
	entries, err := os.ReadDir(filepath.Dir(file))
	if err != nil || len(entries) != 1 {
		t.Errorf("something is left over: %v, %v", entries, err)
	}
	if _, err := (&Uploader{Host: folder, Patience: hurry}).Put(t.Context(), "a", nil); err == nil {
		t.Error("loopback is fetched from without being allowed")
	}
}

func TestFolderServesNothingElse(t *testing.T) {
	folder, uploader, dir := serveFolder(t)
	link, err := uploader.Put(t.Context(), "cpu.yml", []byte("a: b"))
	if err != nil {
		t.Fatal(err)
	}
	inside := filepath.Join(dir, link.SHA256)
	secret := filepath.Join(filepath.Dir(dir), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		os.Symlink(secret, filepath.Join(inside, "link")),
		os.Symlink("cpu.yml", filepath.Join(inside, ".hidden")),
		os.WriteFile(filepath.Join(dir, "notes"), []byte("secret"), 0o644),
		os.Mkdir(filepath.Join(inside, "folder"), 0o755),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	base := "/" + link.SHA256
	for _, path := range []string{
		"/", base, base + "/", base + "/link", base + "/.hidden", base + "/folder", base + "/nothing", "/notes", base + "/../notes",
		base + "/..%2f..%2fsecret", "/../secret", "//secret", base + "/cpu.yml/", "/" + strings.ToUpper(link.SHA256) + "/cpu.yml",
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/", nil)
		r.URL.Path = strings.ReplaceAll(path, "%2f", "/")
		folder.ServeHTTP(w, r)
		if w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: %d %q", path, w.Code, w.Body)
		}
	}
	response, err := http.Get(link.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || string(body) != "a: b" || response.Header.Get("Content-Type") != "text/plain; charset=utf-8" ||
		response.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%q, %v, %v", body, response.Header, err)
	}
	posted, err := http.Post(link.URL, "text/plain", strings.NewReader("other"))
	if err != nil {
		t.Fatal(err)
	}
	if posted.Body.Close(); posted.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", posted.StatusCode)
	}
}

func TestFolderIsLocal(t *testing.T) {
	dir := t.TempDir()
	for _, base := range []string{"https://example.com", "http://10.0.0.1", "http://127.0.0.1:80/?a=b", "file:///tmp", "http://0.0.0.0:80", ""} {
		if _, err := OpenFolder(dir, base); err == nil {
			t.Errorf("%q is let through", base)
		}
	}
	for _, address := range []string{"0.0.0.0:0", "[::]:0", ":0"} {
		if folder, err := ServeFolder(dir, address); err == nil {
			t.Errorf("is served on %s", folder.URL())
		}
	}
	// What cannot be written.
	folder, err := ServeFolder(dir, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	file, err := NewFile("a", []byte("a"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, file.SHA256), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = (&Uploader{Host: folder, Fetcher: &fetch.Fetcher{AllowLoopback: true}, Patience: hurry}).Put(t.Context(), "a", []byte("a"))
	wantKind(t, "a file is in the way", err, Failed)
}

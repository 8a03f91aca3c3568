package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/opengpu-network/templates/pkg/registry/registrytest"
)

// The cases under testdata/import are data. `in.json` is imported from a folder that
// also holds what is in `beside`, and a server on loopback has what is in `server`;
// {server} stands for its URL. `args.txt` holds more arguments. `want` is the template
// that comes out, and `output.txt` what the program says; where `error.txt` stands in
// its place, nothing comes out. -update writes what is expected.

// lintCounts is the line whose numbers change with the policies.
var lintCounts = regexp.MustCompile(`The linter finds \d+ errors?, \d+ warnings? and \d+ notices?\.`)

func TestImport(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join(root(t), "testdata", "import", "*", "in.json"))
	if err != nil || len(dirs) == 0 {
		t.Fatal("there are no cases", err)
	}
	for _, file := range dirs {
		dir := filepath.Dir(file)
		t.Run(filepath.Base(dir), func(t *testing.T) { importCase(t, dir) })
	}
}

func importCase(t *testing.T, dir string) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, err := os.ReadFile(filepath.Join(dir, "server", filepath.FromSlash(filepath.Clean("/"+r.URL.Path))))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		if strings.HasSuffix(r.URL.Path, ".html") {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
		} else {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		}
		_, _ = w.Write(bytes.ReplaceAll(data, []byte("{server}"), []byte("http://"+r.Host)))
	}))
	defer server.Close()
	masked := func(text string) string {
		text = strings.ReplaceAll(text, server.URL, "{server}")
		return strings.ReplaceAll(text, strings.TrimPrefix(server.URL, "http://"), "{host}")
	}

	t.Chdir(t.TempDir())
	in, err := os.ReadFile(filepath.Join(dir, "in.json"))
	if err == nil {
		err = os.WriteFile("in.json", bytes.ReplaceAll(in, []byte("{server}"), []byte(server.URL)), 0o600)
	}
	if _, there := os.Stat(filepath.Join(dir, "beside")); err == nil && there == nil {
		err = os.CopyFS(".", os.DirFS(filepath.Join(dir, "beside")))
	}
	if err == nil {
		err = os.Mkdir("templates", 0o755)
	}
	args := []string{"import", "in.json", "--network", "devnet"}
	if more, there := os.ReadFile(filepath.Join(dir, "args.txt")); there == nil {
		args = append(args, strings.Fields(string(more))...)
	}
	if err != nil {
		t.Fatal(err)
	}
	status, stdout, stderr := run(t, args...)
	said := masked(fmt.Sprintf("status %d\n%s%s", status, stdout, stderr))
	said = lintCounts.ReplaceAllString(said, "The linter finds … errors, … warnings and … notices.")
	made, err := filepath.Glob("templates/*")
	if err != nil {
		t.Fatal(err)
	}
	if hidden, err := filepath.Glob("templates/.*"); err != nil || len(hidden) > 0 {
		t.Errorf("something is left behind: %v %v", hidden, err)
	}
	if len(made) == 0 {
		golden(t, filepath.Join(dir, "error.txt"), said)
		if _, err := os.Stat(filepath.Join(dir, "want")); err == nil || status != statusUsage && status != statusFailed {
			t.Errorf("nothing was made, status %d:\n%s", status, said)
		}
		return
	}
	golden(t, filepath.Join(dir, "output.txt"), said)
	got, want := filesBelow(t, made[0]), filepath.Join(dir, "want", filepath.Base(made[0]))
	for name, text := range got {
		golden(t, filepath.Join(want, name), masked(text))
	}
	if diff := cmp.Diff(namesOf(filesBelow(t, want)), namesOf(got)); diff != "" || len(made) != 1 {
		t.Errorf("other files, or templates: %v\n%s", made, diff)
	}
	// What is said of the linter is what the linter says.
	_, report, _ := run(t, "lint", "--format", "json")
	var result struct {
		Summary struct{ Errors, Warnings, Notices int }
	}
	if err := json.Unmarshal([]byte(report), &result); err != nil {
		t.Fatal(err, report)
	}
	numbers := regexp.MustCompile(`\d+`).FindAllString(lintCounts.FindString(stdout), -1)
	if s := result.Summary; fmt.Sprint(numbers) != fmt.Sprintf("[%d %d %d]", s.Errors, s.Warnings, s.Notices) {
		t.Errorf("the linter finds %+v, but import says %v", s, numbers)
	}
	if strings.Contains(report, `"rule": "syntax/manifest"`) && !strings.Contains(said, "missing") {
		t.Errorf("the manifest does not fit its schema:\n%s", report)
	}
}

// filesBelow reads all files below a folder.
func filesBelow(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		files[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func namesOf(files map[string]string) map[string]bool {
	all := map[string]bool{}
	for name := range files {
		all[name] = true
	}
	return all
}

// sourceJSON is a configuration whose one compose file is where it is told.
func sourceJSON(where string) string {
	return fmt.Sprintf(`{"name": "My model", "imageEnvs": {"cpu": %q}, "minPayment": 1, "minAvailableLockup": 0, "maxExpiryDuration": 60}`, where)
}

// catalogFolder makes an empty catalog the working folder.
func catalogFolder(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.Mkdir("templates", 0o755); err != nil {
		t.Fatal(err)
	}
}

func importText(t *testing.T, text string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	if err := os.WriteFile("source.json", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return run(t, append([]string{"import", "source.json"}, args...)...)
}

func TestImportStandardInput(t *testing.T) {
	catalogFolder(t)
	if err := os.WriteFile("cpu.yml", []byte("services: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{
		`{"name": "My model", "docker_images": {"cpu": "example/model:1"}}`: statusClean,
		sourceJSON("cpu.yml"): statusFailed, // beside what?
	} {
		var out, err bytes.Buffer
		status := Main(context.Background(), []string{"ogpu-tpl", "import", "-", "--title", "Another title"}, World{
			In: strings.NewReader(text), Out: &out, Err: &err, Getenv: func(string) string { return "" }, Now: func() time.Time { return today },
		})
		if status != want {
			t.Errorf("status %d: %s%s", status, &out, &err)
		}
	}
	if manifest, err := os.ReadFile("templates/another-title/template.yaml"); err != nil || !strings.Contains(string(manifest), `title: "Another title"`) {
		t.Errorf("%v %s", err, manifest)
	}
}

// A folder that is there stays as it is, an empty one too.
func TestImportRefusesExisting(t *testing.T) {
	catalogFolder(t)
	text := `{"name": "My model", "docker_images": {"cpu": "example/model:1"}}`
	if err := os.Mkdir("templates/my-model", 0o755); err != nil {
		t.Fatal(err)
	}
	status, _, stderr := importText(t, text)
	if entries, err := os.ReadDir("templates/my-model"); status != statusUsage || !strings.Contains(stderr, "already there") || err != nil || len(entries) > 0 {
		t.Errorf("status %d: %s %v", status, stderr, entries)
	}
	if status, stdout, stderr := importText(t, text, "--name", "other"); status != statusClean || !strings.Contains(stdout, "templates/other") {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
}

func TestImportUsage(t *testing.T) {
	catalogFolder(t)
	for _, args := range [][]string{
		{}, {"a", "b"}, {"none.json"}, {"templates"}, {"source.json", "--name", "No Name"}, {"source.json", "--name", "../x"},
		{"source.json", "--title", "x"}, {"source.json", "--title", "a\x1b[31mb"}, {"source.json", "--network", "moon"}, {"source.json", "--templates", "none"},
		{"source.json", "--policies", "none"},
	} {
		if err := os.WriteFile("source.json", []byte(sourceJSON("https://example.com/cpu.yml")), 0o600); err != nil {
			t.Fatal(err)
		}
		if status, stdout, stderr := run(t, append([]string{"import"}, args...)...); status != statusUsage || strings.Contains(stderr, "\x1b") {
			t.Errorf("%q: status %d: %s%s", args, status, stdout, stderr)
		}
	}
}

// What leads out of the folder is not read, by whatever way.
func TestImportStaysInFolder(t *testing.T) {
	catalogFolder(t)
	secret := filepath.Join(t.TempDir(), "secret.yml")
	if err := os.WriteFile(secret, []byte("services: {secret: {}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, "link.yml"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Dir(secret), "folder"); err != nil {
		t.Fatal(err)
	}
	for _, where := range []string{secret, "link.yml", "folder/secret.yml", "../" + filepath.Base(filepath.Dir(secret)) + "/secret.yml", "file://" + secret, "."} {
		if status, stdout, stderr := importText(t, sourceJSON(where)); status != statusFailed {
			t.Errorf("%s: status %d: %s%s", where, status, stdout, stderr)
		}
	}
	if made, err := filepath.Glob("templates/*"); err != nil || len(made) > 0 {
		t.Error(made, err)
	}
}

// A server can make no more of it than a file of the allowed size.
func TestImportHostileServers(t *testing.T) {
	catalogFolder(t)
	if err := os.WriteFile("big.yml", bytes.Repeat([]byte("# line\n"), 100_000), 0o600); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/endless.yml":
			for line := bytes.Repeat([]byte("# line\n"), 1000); ; {
				if _, err := w.Write(line); err != nil {
					return
				}
			}
		case "/private.yml":
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data", http.StatusFound)
		case "/bytes.yml":
			w.Header().Set("Content-Type", "text/plain")
			_, _ = w.Write([]byte{0xff, 0xfe, 0})
		case "/circle.yml":
			http.Redirect(w, r, "/circle.yml", http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	for where, want := range map[string]string{
		"big.yml":                         "larger than",
		server.URL + "/endless.yml":       "larger than",
		server.URL + "/private.yml":       "refused",
		server.URL + "/bytes.yml":         "no text in UTF-8",
		server.URL + "/circle.yml":        "redirects more than",
		server.URL + "/none.yml":          "404",
		"http://169.254.169.254/":         "refused",
		"https://user:pass@example.com/x": "user name or a password",
		"ftp://example.com/cpu.yml":       "https://",
	} {
		status, stdout, stderr := importText(t, sourceJSON(where), "--network", "devnet")
		if status != statusFailed || !strings.Contains(stderr, "imageEnvs.cpu: ") || !strings.Contains(stderr, want) || strings.Contains(stderr, "pass@") {
			t.Errorf("%s: status %d: %s%s", where, status, stdout, stderr)
		}
	}
	if made, err := filepath.Glob("templates/*"); err != nil || len(made) > 0 {
		t.Error(made, err)
	}
}

// The steps that import names lead on: the images are pinned, and the manifest's
// record of them is gone.
func TestImportThenPin(t *testing.T) {
	dockerConfig(t)
	image := registrytest.Start(t, "") + "/acme/model:1"
	digest := push(t, image, newImage(t, "amd64"))
	catalogFolder(t)
	text := fmt.Sprintf(`{"name": "My model", "cpu": "cpu.yml", "docker_images": {"nvidia": %q}}`, image)
	if err := os.WriteFile("cpu.yml", []byte("services:\n  handler:\n    image: "+image+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, stdout, stderr := importText(t, text); status != statusClean || !strings.Contains(stdout, "ogpu-tpl pin my-model") {
		t.Fatalf("status %d: %s%s", status, stdout, stderr)
	}
	if status, stdout, stderr := run(t, "pin", "my-model"); status != statusClean {
		t.Fatalf("status %d: %s%s", status, stdout, stderr)
	}
	files := filesBelow(t, "templates/my-model")
	for _, name := range []string{"compose/cpu.yml", "compose/nvidia.yml"} {
		if !strings.Contains(files[name], image+"@"+digest) {
			t.Errorf("%s is not pinned:\n%s", name, files[name])
		}
	}
	if strings.Contains(files["template.yaml"], image) {
		t.Errorf("the manifest still records the image:\n%s", files["template.yaml"])
	}
	if _, stdout, stderr := run(t, "show", "my-model"); !strings.Contains(stdout, "My model (my-model 0.1.0)") {
		t.Error(stdout, stderr)
	}
}

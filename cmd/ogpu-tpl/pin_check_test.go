package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opengpu-network/templates/cmd/internal/full"
	"github.com/opengpu-network/templates/pkg/registry/registrytest"
)

// pinReport reads pin's report in JSON.
func pinReport(t *testing.T, status int, args ...string) (images map[string]full.PinImageJSON, summary map[string]int) {
	t.Helper()
	var got struct {
		Summary   map[string]int
		Templates []full.PinJSON
	}
	stdout := runPinWant(t, status, "", append(args, "--format", "json")...)
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err, stdout)
	}
	images = map[string]full.PinImageJSON{}
	for _, template := range got.Templates {
		for _, image := range template.Images {
			images[template.Template+" "+image.Reference] = image
		}
	}
	return images, got.Summary
}

// TestPinCheck is what a scheduled job sees: what has moved, what has vanished,
// and what images without a digest would be pinned to.
func TestPinCheck(t *testing.T) {
	dockerConfig(t)
	at, catalog := registrytest.Start(t, "")+"/", t.TempDir()
	fine, moved := push(t, at+"fine:1", newImage(t, "amd64")), push(t, at+"moved:1", newImage(t, "amd64"))
	unfit := push(t, at+"unfit:1", newImage(t, "amd64"))
	push(t, at+"arm:1", newImage(t, "arm64"))
	gone := "sha256:" + strings.Repeat("0", 64)
	pinTemplate(t, catalog, "open", "unpinned:\n  - {image: \""+at+"nobody:1\", reason: It is in no registry yet.}\n  - {image: \""+at+"arm:1\", reason: It is for ARM only yet.}\n",
		at+"fine:1", at+"nobody:1", at+"arm:1")
	pinTemplate(t, catalog, "pinned", "", at+"fine:1@"+fine, at+"moved:1@"+moved, at+"unfit:1@"+unfit, at+"fine:1@"+gone, at+"fine:2@"+fine)
	pinTemplate(t, catalog, "absent", "", at+"fine:3", at+"arm:1")
	now := push(t, at+"moved:1", newIndex(t, "amd64"))
	push(t, at+"unfit:1", newImage(t, "arm64"))

	images, summary := pinReport(t, statusFindings, "--templates", catalog, "--check")
	type told struct{ state, proposed, kind string }
	want := map[string]told{
		"open fine:1":             {"unpinned", "fine:1@" + fine, ""},
		"open nobody:1":           {"unpinned", "", "missing"},
		"open arm:1":              {"unpinned", "", "no-platform"},
		"pinned fine:1@" + fine:   {"pinned", "", ""},
		"pinned moved:1@" + moved: {"moved", "moved:1@" + now, ""},
		"pinned unfit:1@" + unfit: {"moved", "", "no-platform"},
		"pinned fine:1@" + gone:   {"gone", "fine:1@" + fine, "missing"},
		"pinned fine:2@" + fine:   {"tag-gone", "", ""},
		"absent fine:3":           {"missing", "", "missing"},
		"absent arm:1":            {"no-platform", "", "no-platform"},
	}
	got := map[string]told{}
	for name, image := range images {
		if image.Written != "" || len(image.Places) == 0 {
			t.Errorf("%+v", image)
		}
		got[strings.Replace(name, at, "", 1)] = told{image.State, strings.TrimPrefix(image.Proposed, at), image.Kind}
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(told{})); diff != "" {
		t.Error(diff)
	}
	if want := map[string]int{"unpinned": 3, "pinned": 1, "moved": 2, "gone": 1, "tag-gone": 1, "missing": 1, "no-platform": 1}; !cmp.Equal(want, summary) {
		t.Error(cmp.Diff(want, summary))
	}
	runPinWant(t, statusFindings, "would be "+at+"fine:1@"+fine, "--templates", catalog, "--check", "open")
	runPinWant(t, statusFindings, "which cannot be used\n +it is built for", "--templates", catalog, "--check", "pinned")
	// What the manifest records is known, whatever its registry says.
	pinTemplate(t, catalog, "open", "unpinned:\n  - {image: \""+at+"fine:1\", reason: Nobody has pinned it yet.}\n  - {image: \"127.0.0.1:1/a:1\", reason: Its registry is down.}\n", at+"fine:1", "127.0.0.1:1/a:1")
	runPinWant(t, statusClean, "would be .*unpinned +127.0.0.1:1/a:1\n +the registry cannot be reached", "--templates", catalog, "--check", "open")
	pinTemplate(t, catalog, "open", "", at+"fine:1", "127.0.0.1:1/a:1")
	runPinWant(t, statusFailed, "failed +127.0.0.1:1/a:1", "--templates", catalog, "--check", "open")
}

// TestPinOneAnswer has a registry whose tag names another image each time that it
// is asked. All files of a run get the same one.
func TestPinOneAnswer(t *testing.T) {
	dockerConfig(t)
	real, catalog := registrytest.Start(t, ""), t.TempDir()
	for i := range 8 {
		push(t, fmt.Sprintf("%s/app:%d", real, i), newImage(t, "amd64"))
	}
	var asked atomic.Int32
	upstream := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: real})
	fickle := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/manifests/latest") {
			r.URL.Path = fmt.Sprintf("/v2/app/manifests/%d", (asked.Add(1)-1)%8)
		}
		upstream.ServeHTTP(w, r)
	}))
	defer fickle.Close()
	at := strings.TrimPrefix(fickle.URL, "http://")
	files := []string{pinTemplate(t, catalog, "first", "", at+"/app", at+"/app:latest"), pinTemplate(t, catalog, "second", "", at+"/app:latest")}
	runPinWant(t, statusClean, "3 written", "--templates", catalog, "--parallel", "1")
	digests := map[string]int{}
	for _, file := range files {
		for _, line := range strings.Split(read(t, file), "\n") {
			if _, digest, ok := strings.Cut(line, "app:latest@"); ok {
				digests[digest]++
			}
		}
	}
	if len(digests) != 1 || asked.Load() != 1 {
		t.Errorf("asked %d times: %v", asked.Load(), digests)
	}
}

// TestPinReadOnly leaves a file alone that is closed to changes.
func TestPinReadOnly(t *testing.T) {
	dockerConfig(t)
	at, catalog := registrytest.Start(t, "")+"/", t.TempDir()
	push(t, at+"fine:1", newImage(t, "amd64"))
	file := pinTemplate(t, catalog, "first", "", at+"fine:1")
	chmod(t, file, 0o444)
	before := read(t, file)
	runPinWant(t, statusFailed, "first is left as it was: .*compose/cpu.yml cannot be written: it is read-only", "--templates", catalog)
	if read(t, file) != before {
		t.Error("it was written")
	}
	chmod(t, file, 0o640)
	runPinWant(t, statusClean, "1 written", "--templates", catalog)
	left, err := filepath.Glob(filepath.Join(filepath.Dir(file), ".*"))
	if err != nil || len(left) > 0 {
		t.Error(left, err)
	}
}

func chmod(t *testing.T, file string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(file, mode); err != nil {
		t.Fatal(err)
	}
}

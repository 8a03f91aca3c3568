package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/moby/moby/client"
	"github.com/opengpu-network/templates/cmd/internal/full"
	"github.com/opengpu-network/templates/pkg/enginetest"
	"github.com/opengpu-network/templates/pkg/registry/registrytest"
)

// tester is the user of the registry that wants a login, and his password.
const (
	tester   = "tester"
	password = "secret for tests"
	users    = tester + ":$2a$05$kg3FzGIi0ZCiX.GqH3VV2uAMIEnXfkBp0oUxgWGZsDaZT0UZG751y\n"
)

// dockerConfig gives a test a Docker configuration of its own, with the login
// of the registries that are named.
func dockerConfig(t *testing.T, logins ...string) {
	t.Helper()
	dir := t.TempDir()
	auths := map[string]any{}
	for _, registry := range logins {
		auths[registry] = map[string]string{"auth": base64.StdEncoding.EncodeToString([]byte(tester + ":" + password))}
	}
	text, err := json.Marshal(map[string]any{"auths": auths})
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "config.json"), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DOCKER_CONFIG", dir)
}

// newImage is an image for a platform.
func newImage(t *testing.T, architecture string) v1.Image {
	t.Helper()
	image, err := random.Image(64, 1)
	if err != nil {
		t.Fatal(err)
	}
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", architecture
	if image, err = mutate.ConfigFile(image, config); err != nil {
		t.Fatal(err)
	}
	return image
}

// newIndex is an image for several platforms.
func newIndex(t *testing.T, architectures ...string) v1.ImageIndex {
	t.Helper()
	var all []mutate.IndexAddendum
	for _, architecture := range architectures {
		all = append(all, mutate.IndexAddendum{Add: newImage(t, architecture), Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: architecture}}})
	}
	return mutate.AppendManifests(empty.Index, all...)
}

// push pushes an image or an index and returns its digest.
func push(t *testing.T, reference string, what remote.Taggable, options ...remote.Option) string {
	t.Helper()
	tag, err := name.NewTag(reference)
	if err != nil {
		t.Fatal(err)
	}
	var digest v1.Hash
	switch what := what.(type) {
	case v1.ImageIndex:
		if err = remote.WriteIndex(tag, what, options...); err == nil {
			digest, err = what.Digest()
		}
	case v1.Image:
		if err = remote.Write(tag, what, options...); err == nil {
			digest, err = what.Digest()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return digest.String()
}

// remove takes a tag or a digest away from a registry.
func remove(t *testing.T, reference string) {
	t.Helper()
	parsed, err := name.ParseReference(reference)
	if err == nil {
		err = remote.Delete(parsed)
	}
	if err != nil {
		t.Fatal(err)
	}
}

const pinManifest = `name: %s
version: 1.0.0
title: A template for tests
description: It is for tests.
license: Apache-2.0
maintainers:
  - {name: OpenGPU Network}
terms: {minPayment: "0.001", minAvailableLockup: "0", maxExpiryDuration: 86400, deliveryMethod: FIRST_RESPONSE}
environments:
  cpu: {hardware: {ram: 1GiB, cpus: 1, disk: 1GiB}}
functions:
  f:
    description: It does something.
    input: {type: object}
    output: {type: object}
    example: {input: {}, output: {}}
`

// pinTemplate writes a template whose services have the given images.
func pinTemplate(t *testing.T, catalog, name, more string, images ...string) (compose string) {
	t.Helper()
	dir := filepath.Join(catalog, name)
	text := "# A comment.\nservices:\n"
	for i, image := range images {
		text += fmt.Sprintf("  s%d:\n    image: %s # kept\n", i, image)
	}
	compose = filepath.Join(dir, "compose/cpu.yml")
	err := os.MkdirAll(filepath.Dir(compose), 0o755)
	for file, text := range map[string]string{compose: text, filepath.Join(dir, "template.yaml"): fmt.Sprintf(pinManifest, name) + more} {
		err = errors.Join(err, os.WriteFile(file, []byte(text), 0o644))
	}
	if err != nil {
		t.Fatal(err)
	}
	return compose
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// runPinWant runs pin and holds its status, and what it says, against patterns.
func runPinWant(t *testing.T, status int, want string, args ...string) string {
	t.Helper()
	got, stdout, stderr := run(t, append([]string{"pin"}, args...)...)
	if said := stdout + stderr; got != status || !regexp.MustCompile("(?s)"+want).MatchString(said) {
		t.Errorf("pin %v: status %d, want %d and %q:\n%s", args, got, status, want, said)
	}
	return stdout
}

// TestPin is the life of pinned images at a real registry.
func TestPin(t *testing.T) {
	dockerConfig(t)
	at, catalog := registrytest.Start(t, "")+"/", t.TempDir()
	index := push(t, at+"multi:1", newIndex(t, "arm64", "amd64"))
	single := push(t, at+"single:1", newImage(t, "amd64"))
	compose := pinTemplate(t, catalog, "first", "unpinned:\n  - {image: \""+at+"multi:1\", reason: Nobody knows it yet.}\n",
		at+"multi:1", "'"+at+"single:1'", at+"multi:1")
	original := read(t, compose)

	runPinWant(t, statusFindings, "unpinned +"+at+"single:1", "--templates", catalog, "--check")
	if read(t, compose) != original {
		t.Error("--check has written something")
	}
	runPinWant(t, statusClean, "is now .*2 written", "--templates", catalog)
	want := strings.ReplaceAll(strings.ReplaceAll(original, "multi:1", "multi:1@"+index), "single:1", "single:1@"+single)
	if got := read(t, compose); got != want {
		t.Fatalf("%s\nwant\n%s", got, want)
	}
	if manifest := read(t, filepath.Join(catalog, "first/template.yaml")); manifest != fmt.Sprintf(pinManifest, "first") {
		t.Errorf("the record stays:\n%s", manifest)
	}
	runPinWant(t, statusClean, "2 pinned", "--templates", catalog)
	runPinWant(t, statusClean, "2 pinned", "--templates", catalog, "--check")
	runPinWant(t, statusClean, "2 pinned", "--templates", catalog, "--update")

	// The tag moves, to an image that is there for another platform only.
	push(t, at+"single:1", newImage(t, "arm64"))
	runPinWant(t, statusFindings, "moved +"+at+"single:1", "--templates", catalog, "--check")
	runPinWant(t, statusClean, "1 pinned, 1 moved", "--templates", catalog)
	runPinWant(t, statusFindings, "no-platform.*built for", "--templates", catalog, "--update")
	if read(t, compose) != want {
		t.Error("something was written")
	}
	// It moves again, and both tags are taken.
	single = push(t, at+"single:1", newImage(t, "amd64"))
	index = push(t, at+"multi:1", newIndex(t, "amd64"))
	runPinWant(t, statusClean, "2 written", "--templates", catalog, "--update")
	want = strings.ReplaceAll(strings.ReplaceAll(original, "multi:1", "multi:1@"+index), "single:1", "single:1@"+single)
	if got := read(t, compose); got != want {
		t.Fatalf("%s\nwant\n%s", got, want)
	}

	remove(t, at+"multi@"+index)
	runPinWant(t, statusFindings, "gone +"+at+"multi:1.*1 pinned, 1 gone", "--templates", catalog, "--check")
	runPinWant(t, statusFindings, "gone", "--templates", catalog)
	push(t, at+"single:other", newImage(t, "amd64"))
	remove(t, at+"single:1")
	runPinWant(t, statusFindings, "tag-gone +"+at+"single:1", "--templates", catalog, "--check")
	if read(t, compose) != want {
		t.Error("something was written")
	}
}

// TestPinPlatform: the platform is that of the image, not what its index says.
func TestPinPlatform(t *testing.T) {
	dockerConfig(t)
	at, catalog := registrytest.Start(t, "")+"/", t.TempDir()
	push(t, at+"arm:1", newIndex(t, "arm64"))
	push(t, at+"both:1", newIndex(t, "arm64", "amd64"))
	compose := pinTemplate(t, catalog, "first", "", at+"arm:1", at+"both:1")
	before := read(t, compose)
	runPinWant(t, statusFindings, `no-platform +.*only for linux/arm64.*ready +.*both`, "--templates", catalog, "first")
	if read(t, compose) != before {
		t.Error("a template was written by half")
	}
	runPinWant(t, statusClean, "2 written", "--templates", catalog, "--platform", "linux/arm64", "first")
	runPinWant(t, statusFindings, "no-platform", "--templates", catalog, "--check", "first")
	// An index that names an image which is gone is of no use.
	image := newImage(t, "amd64")
	push(t, at+"half:1", mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "amd64"}}}))
	digest, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	remove(t, at+"half@"+digest.String())
	pinTemplate(t, catalog, "second", "", at+"half:1")
	runPinWant(t, statusFindings, "no-platform.*which the registry does not have", "--templates", catalog, "second")
}

// TestPinLogin has a registry that wants a login, and a user without.
func TestPinLogin(t *testing.T) {
	at, catalog := registrytest.Start(t, users), t.TempDir()
	digest := push(t, at+"/private:1", newImage(t, "amd64"), remote.WithAuth(&authn.Basic{Username: tester, Password: password}))
	compose := pinTemplate(t, catalog, "first", "", at+"/private:1")
	dockerConfig(t)
	runPinWant(t, statusFailed, "failed.*access is denied: .*docker login", "--templates", catalog)
	dockerConfig(t, at)
	runPinWant(t, statusClean, "1 written", "--templates", catalog)
	if text := read(t, compose); !strings.Contains(text, "image: "+at+"/private:1@"+digest+" # kept") {
		t.Error(text)
	}
	if err := os.WriteFile(filepath.Join(os.Getenv("DOCKER_CONFIG"), "config.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	runPinWant(t, statusFailed, "Docker's configuration cannot be read", "--templates", catalog, "--check")
}

// TestPinTrouble has one template whose registry is well, and others whose are
// not: each is told apart, and the first is pinned all the same.
func TestPinTrouble(t *testing.T) {
	dockerConfig(t)
	at, catalog := registrytest.Start(t, "")+"/", t.TempDir()
	push(t, at+"fine:1", newImage(t, "amd64"))
	fine := pinTemplate(t, catalog, "fine", "", at+"fine:1")
	var asked []string
	limits := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
		asked = append(asked, r.URL.Path)
	}))
	defer limits.Close()
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>\x1b[2J") }))
	defer page.Close()
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer slow.Close()
	untouched := map[string]string{}
	for name, server := range map[string]string{"limited": limits.URL, "lying": page.URL, "slow": slow.URL, "down": "http://127.0.0.1:1"} {
		host := strings.TrimPrefix(server, "http://")
		file := pinTemplate(t, catalog, name, "", at+"fine:1", host+"/app:1", host+"/app:1")
		untouched[file] = read(t, file)
	}
	stdout := runPinWant(t, statusFailed, "not every image could be looked at", "--templates", catalog, "--timeout", "3s", "--format", "json")
	var got struct{ Templates []full.PinJSON }
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err, stdout)
	}
	kinds := map[string]string{}
	for _, template := range got.Templates {
		for _, image := range template.Images {
			if image.State == "failed" {
				kinds[template.Template] = image.Kind
				if image.Message == "" || len(image.Places) != 2 || image.Places[0].Line != 6 || (image.RetryAfter == 3600) != (image.Kind == "rate-limited") {
					t.Errorf("%+v", image)
				}
			}
		}
	}
	if want := "map[down:down limited:rate-limited lying:lying slow:slow]"; fmt.Sprint(kinds) != want {
		t.Errorf("%v, want %s", kinds, want)
	}
	if !strings.Contains(read(t, fine), "fine:1@sha256:") {
		t.Error("the template whose registry is well is not pinned")
	}
	for file, text := range untouched {
		if read(t, file) != text {
			t.Errorf("%s was written by half", file)
		}
	}
	if len(asked) != 1 {
		t.Errorf("one reference was asked for with %v", asked)
	}
	// In text, nothing that a registry says can move the cursor.
	if status, stdout, _ := run(t, "pin", "--templates", catalog, "lying"); status != statusFailed || strings.Contains(stdout, "\x1b") {
		t.Errorf("%d %q", status, stdout)
	}
}

func TestPinUsage(t *testing.T) {
	dockerConfig(t)
	catalog := t.TempDir()
	pinTemplate(t, catalog, "first", "", "127.0.0.1:1/a:1")
	pinTemplate(t, catalog, "broken", "colour: red\n", "127.0.0.1:1/a:1")
	for _, c := range []struct {
		want string
		args []string
	}{
		{"no such template or file: \"fist\": did you mean \"first\"", []string{"fist"}},
		{"give one of them", []string{"--check", "--update"}},
		{"is no platform", []string{"--platform", "amd64"}},
		{"unknown format", []string{"--format", "xml"}},
		{"must be positive", []string{"--parallel", "0"}},
		{"is named twice", []string{"first", "first"}},
		{"give the template", []string{filepath.Join(catalog, "first/compose/cpu.yml")}},
	} {
		runPinWant(t, statusUsage, c.want, append([]string{"--templates", catalog}, c.args...)...)
	}
	runPinWant(t, statusFailed, "broken\n  the template is not well-formed: see ogpu-tpl lint broken", "--templates", catalog, "broken")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var said strings.Builder
	status := Main(ctx, []string{"ogpu-tpl", "pin", "--templates", catalog, "first"}, World{In: strings.NewReader(""), Out: &said, Err: &said, Getenv: func(string) string { return "" }})
	if status != statusFailed || said.String() != "ogpu-tpl: interrupted\n" {
		t.Errorf("%d %q", status, said.String())
	}
}

// TestImage builds, pushes and records the image of a template's own service.
// The registry wants a login, which the engine and the tool get from Docker's
// configuration.
func TestImage(t *testing.T) {
	at, catalog := registrytest.Start(t, users), t.TempDir()
	dockerConfig(t, at)
	image := at + "/service-for-tests:1.0.0"
	more := "service: {image: \"" + image + "\"}\nunpinned:\n  - {image: \"" + image + "\", reason: It is in no registry yet.}\n"
	compose := pinTemplate(t, catalog, "image-for-tests", more, image)
	service := filepath.Join(catalog, "image-for-tests/service")
	if err := os.Mkdir(service, 0o755); err != nil {
		t.Fatal(err)
	}
	docker := enginetest.Client(t, enginetest.Local(t))
	t.Cleanup(func() {
		for _, name := range []string{"ogpu-tpl-build/image-for-tests:1.0.0", image, at + "/elsewhere:2"} {
			_, _ = docker.ImageRemove(context.Background(), name, client.ImageRemoveOptions{Force: true})
		}
	})
	for file, text := range map[string]string{"Dockerfile": "FROM scratch\nCOPY hello /hello\n", "hello": "hello\n"} {
		if err := os.WriteFile(filepath.Join(service, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	original := read(t, compose)
	status, stdout, stderr := runCommand(t, command(t, "image", "--templates", catalog, "image-for-tests"))
	if status != statusClean || stderr != "" {
		t.Fatalf("status %d: %s%s", status, stdout, stderr)
	}
	pushed := regexp.MustCompile(`pushed (\S+@sha256:[0-9a-f]{64})`).FindStringSubmatch(stdout)
	if pushed == nil || read(t, compose) != strings.ReplaceAll(original, image, pushed[1]) {
		t.Fatalf("%s\n%s", stdout, read(t, compose))
	}
	want := fmt.Sprintf(pinManifest, "image-for-tests") + "service: {image: \"" + image + "\"}\n"
	if manifest := read(t, filepath.Join(catalog, "image-for-tests/template.yaml")); manifest != want {
		t.Errorf("%s\nwant\n%s", manifest, want)
	}
	runPinWant(t, statusClean, "1 pinned", "--templates", catalog, "--check")
	// Once more changes nothing; elsewhere it is the same image.
	status, stdout, stderr = runCommand(t, command(t, "image", "--templates", catalog, "image-for-tests", "--repository", at+"/elsewhere", "--tag", "2"))
	if status != statusClean || !strings.Contains(stdout, "recorded already") || !strings.Contains(stderr, "providers need the same image at "+image) {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}

	before := read(t, compose)
	dockerConfig(t)
	status, stdout, stderr = runCommand(t, command(t, "image", "--templates", catalog, "image-for-tests"))
	if status != statusFailed || !strings.Contains(stderr, "cannot be pushed") || !strings.Contains(stderr, "docker login") {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
	if err := os.WriteFile(filepath.Join(service, "Dockerfile"), []byte("FROM scratch\nCOPY nothing /\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	status, stdout, stderr = runCommand(t, command(t, "image", "--templates", catalog, "image-for-tests"))
	if status != statusFailed || !strings.Contains(stderr, "cannot be built") {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
	if read(t, compose) != before {
		t.Error("something was recorded")
	}
	pinTemplate(t, catalog, "no-service", "", "a:1")
	for _, args := range [][]string{{"no-service"}, {"image-for-tests", "--platform", "x"}, {"image-for-tests", "--tag", "a b"}, {"image-for-tests", "--build-arg", "x"}, {}} {
		if status, stdout, stderr := run(t, append([]string{"image", "--templates", catalog}, args...)...); status != statusUsage {
			t.Errorf("%v: status %d: %s%s", args, status, stdout, stderr)
		}
	}
}

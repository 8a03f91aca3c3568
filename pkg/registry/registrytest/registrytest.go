// Package registrytest gives tests a real image registry on loopback: the one
// of the distribution project, built from the module in testdata/registry. It
// is for tests only.
package registrytest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/opengpu-network/templates/pkg/programtest"
)

// folder is the module that builds the registry, from the repository's root.
const folder = "testdata/registry"

// Start starts an empty registry and returns its address, such as
// "127.0.0.1:43211". With users, which is what htpasswd writes, it wants a
// login. It is stopped and its images are gone when the test ends.
func Start(t testing.TB, users string) string {
	t.Helper()
	dir := t.TempDir()
	config := fmt.Sprintf("version: 0.1\nlog: {level: info, accesslog: {disabled: true}}\n"+
		"storage: {filesystem: {rootdirectory: %q}, delete: {enabled: true}}\nhttp: {addr: \"127.0.0.1:0\"}\n", filepath.Join(dir, "images"))
	if users != "" {
		file := filepath.Join(dir, "htpasswd")
		if err := os.WriteFile(file, []byte(users), 0o600); err != nil {
			t.Fatal(err)
		}
		config += fmt.Sprintf("auth: {htpasswd: {realm: tests, path: %q}}\n", file)
	}
	file := filepath.Join(dir, "config.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(programtest.Build(t, folder, "registry"), "serve", file)
	command.Env = append(os.Environ(), "OTEL_TRACES_EXPORTER=none")
	stderr, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	t.Cleanup(func() {
		_ = command.Process.Kill()
		<-read
		_ = command.Wait()
	})
	address := make(chan string, 1)
	go func() {
		defer close(read)
		defer close(address)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			if match := listening.FindStringSubmatch(lines.Text()); match != nil {
				address <- match[1]
			}
		}
	}()
	if listens, ok := <-address; ok {
		return listens
	}
	t.Fatal("the registry ended before it listened")
	return ""
}

var listening = regexp.MustCompile(`listening on (127\.0\.0\.1:[0-9]+)`)

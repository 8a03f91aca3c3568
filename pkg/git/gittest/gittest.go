// Package gittest runs the real Git for tests, without what the machine and its
// user have configured. It is for tests only.
package gittest

import (
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Run runs Git in the folder dir and returns what it prints, without white space
// around it. The test ends when Git fails.
func Run(t testing.TB, dir string, args ...string) string {
	t.Helper()
	return RunWith(t, dir, "", args...)
}

// RunWith is Run with a text on the standard input.
func RunWith(t testing.TB, dir, input string, args ...string) string {
	t.Helper()
	command := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "protocol.file.allow=always"}, args...)...)
	command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	command.Stdin = strings.NewReader(input)
	var out, problems strings.Builder
	command.Stdout, command.Stderr = &out, &problems
	if err := command.Run(); err != nil {
		t.Fatalf("git %q: %v: %s", args, err, problems.String())
	}
	return strings.TrimSpace(out.String())
}

// Handler serves a repository as Git hosts do: a file by commit and path, below a
// prefix.
func Handler(dir, prefix string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest, found := strings.CutPrefix(r.URL.Path, prefix)
		commit, path, _ := strings.Cut(rest, "/")
		output, err := exec.Command("git", "-C", dir, "cat-file", "blob", commit+":"+path).Output()
		if !found || err != nil {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(output)
	})
}

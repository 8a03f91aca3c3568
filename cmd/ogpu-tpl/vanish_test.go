package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestNoTemplateVanishes gives templates of which little or nothing can be read to
// the commands beside smoke: each is told of, and none counts as good.
func TestNoTemplateVanishes(t *testing.T) {
	beside(t)
	catalog := brokenCatalog(t)
	const offline = "--network devnet --rpc-url http://127.0.0.1:1"
	for _, c := range []struct {
		args   string
		status int
		says   []string
	}{
		{"pin --check no-compose-of-two no-compose empty", statusFailed, []string{
			"no-compose-of-two\n  the template is not well-formed", "no-compose\n  the template is not well-formed", "empty\n  the template is not well-formed",
		}},
		{"freeze no-compose", statusFailed, []string{"no-compose is not clean"}},
		{"freeze empty", statusFailed, []string{"empty is not clean"}},
		{"publish no-compose-of-two", statusFailed, []string{"no-compose-of-two is not clean"}},
		{"status " + offline + " no-compose no-compose-of-two empty no-yaml-no-compose", statusFailed, []string{
			"no-compose: the environment cpu has no compose file", "no-compose-of-two: the environment nvidia has no compose file",
			"empty: it cannot be read", "no-yaml-no-compose: it cannot be read",
		}},
		{"status " + offline + " good " + filepath.Join(catalog, "good"), statusUsage, []string{"the template good is named twice"}},
	} {
		args := strings.Fields(c.args)
		args = append(args[:1:1], append([]string{"--templates", catalog}, args[1:]...)...)
		status, stdout, stderr := run(t, args...)
		if status != c.status {
			t.Errorf("%s: status %d, want %d", c.args, status, c.status)
		}
		for _, want := range c.says {
			if !strings.Contains(stdout+stderr, want) {
				t.Errorf("%s does not say %q:\n%s%s", c.args, want, stdout, stderr)
			}
		}
	}
}

// TestChangedMatrixWantsEnvironments has a template for which there would be no
// job, so that a gate that counts failures would be green.
func TestChangedMatrixWantsEnvironments(t *testing.T) {
	r := catalogRepo(t)
	r.write("templates/three/README.md", "Nothing else.\n")
	status, stdout, stderr := run(t, "changed", "--templates", filepath.Join(r.dir, "templates"), "--since", "main", "--format", "matrix")
	if status != statusFailed || stdout != "" || !strings.Contains(stderr, "the template three has no environment") {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
}

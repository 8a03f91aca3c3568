package lint

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	templates "github.com/opengpu-network/templates"
	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/policy"
)

// A step that never ends, and does not listen, is left behind when the time is over or
// the run ends.
func TestWithinLeavesBehind(t *testing.T) {
	never := make(chan struct{})
	defer close(never)
	if _, err := within(context.Background(), time.Millisecond, func(context.Context) (int, error) { <-never; return 1, nil }); !errors.Is(err, errLate) {
		t.Errorf("the error is %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	_, err := within(ctx, time.Hour, func(context.Context) (int, error) {
		cancel() // it has begun
		<-never
		return 1, nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if n, err := within(context.Background(), time.Hour, func(context.Context) (int, error) { return 7, nil }); n != 7 || err != nil {
		t.Errorf("it is %d, %v", n, err)
	}
}

// slow is a rule that does not end for a file with a service named slow, and fails for
// one named broken.
const slow = `# METADATA
# title: Slow
# description: Slow.
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: None.
package custom.slow

violation contains {"path": [], "message": "slow"} if {
	some name, _ in input.project.services
	name == "slow"
	some i in numbers.range(1, 1000000)
	some j in numbers.range(1, 1000000)
	i + j < 0
}

violation contains {"path": [], "message": "broken", "other": 1} if {
	some name, _ in input.project.services
	name == "broken"
}
`

// linting is a linter with the slow rule, and a folder with a file for each service name.
func linting(t *testing.T, names ...string) (*Linter, []Target) {
	t.Helper()
	builtin, err := fs.Sub(templates.Policies, "policies")
	if err != nil {
		t.Fatal(err)
	}
	set, err := policy.Load(builtin, fstest.MapFS{"slow/slow.rego": {Data: []byte(slow)}}, templates.PolicyInputSchema)
	if err != nil {
		t.Fatal(err)
	}
	if err := set.Compile(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var targets []Target
	for _, name := range names {
		file := name + ".yml"
		if err := os.WriteFile(filepath.Join(dir, file), []byte("services:\n  "+name+":\n    image: nginx\n    privileged: true\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		targets = append(targets, Target{Dir: dir, File: file, Display: file})
	}
	return &Linter{Policies: set}, targets
}

func has(findings []finding.Finding, file, rule string) bool {
	return slices.ContainsFunc(findings, func(f finding.Finding) bool {
		return f.File == file && f.Rule == rule && f.Severity == finding.Error && f.Line > 0
	})
}

// What takes too long is a finding of that file, and all others are judged.
func TestLateIsAFinding(t *testing.T) {
	l, targets := linting(t, "good", "slow")
	// The good file must not be late, however busy the machine is.
	good, err := l.Run(context.Background(), targets[:1])
	if err != nil || !has(good.Findings, "good.yml", "trust/privileged") {
		t.Fatal(good.Findings, err)
	}
	l.Patience = 2 * time.Second
	for {
		result, err := l.Run(context.Background(), targets)
		if err != nil {
			t.Fatal(err)
		}
		if !has(result.Findings, "slow.yml", document.RuleLimits) {
			t.Fatalf("the slow file is not told of: %v", result.Findings)
		}
		if has(result.Findings, "slow.yml", "trust/privileged") {
			t.Error("rules are said to have judged the slow file")
		}
		if has(result.Findings, "good.yml", "trust/privileged") {
			return
		}
		l.Patience *= 2 // a busy machine
	}
}

// A rule that fails on one file is an error, and all other files are judged.
func TestFailureKeepsTheOthers(t *testing.T) {
	l, targets := linting(t, "broken", "good")
	result, err := l.Run(context.Background(), targets)
	failure := (*Failure)(nil)
	if !errors.As(err, &failure) || len(failure.Errs) != 1 || !errors.Is(err, policy.ErrFailed) || !strings.Contains(err.Error(), "broken.yml") {
		t.Errorf("the error is %v", err)
	}
	if !has(result.Findings, "good.yml", "trust/privileged") {
		t.Errorf("the findings are %v", result.Findings)
	}
}

// A run that ends does not wait for a rule that does not.
func TestCancelledRunEnds(t *testing.T) {
	l, targets := linting(t, "slow")
	l.Patience = time.Hour
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() {
		_, err := l.Run(ctx, targets)
		done <- err
	}()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// endless is a rule that does not end, for any file.
const endless = `# METADATA
# title: Endless
# description: Endless.
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: None.
package custom.endless

violation contains {"path": [], "message": "endless"} if {
	some i in numbers.range(1, 1000000)
	some j in numbers.range(1, 1000000)
	i + j < 0
}
`

// A signal ends lint, while it waits for a file that does not come and while rules run
// that do not end. The event is that the program opens a pipe among its policies.
func TestSignalEndsLint(t *testing.T) {
	for name, c := range map[string]struct {
		signal os.Signal
		// table is what comes out of the pipe; nothing does when it is empty.
		table string
	}{
		"while it reads":  {syscall.SIGTERM, ""},
		"while it judges": {syscall.SIGTERM, "custom: {tables: {a: {b: c}}}\n"},
		"interrupt":       {os.Interrupt, "custom: {tables: {a: {b: c}}}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			beside(t)
			dir := t.TempDir()
			pipe := filepath.Join(dir, "table.yaml")
			if err := os.Mkdir(filepath.Join(dir, "endless"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "endless", "endless.rego"), []byte(endless), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Fatal(err)
			}
			program, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			var out, said bytes.Buffer
			cmd := exec.Command(program, "lint", "../../docs/examples/unsafe.yml", "--policies", dir)
			cmd.Env = append(os.Environ(), asProgram+"=1")
			cmd.Stdout, cmd.Stderr = &out, &said
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer cmd.Process.Kill()
			// This waits for the reader.
			writer, err := os.OpenFile(pipe, os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer writer.Close()
			if c.table != "" {
				if _, err := writer.WriteString(c.table); err != nil {
					t.Fatal(err)
				}
				writer.Close()
			}
			if err := cmd.Process.Signal(c.signal); err != nil {
				t.Fatal(err)
			}
			// Without the signal it would wait for ever, or tell of a file that took too long.
			if err := cmd.Wait(); cmd.ProcessState.ExitCode() != statusFailed || out.Len() > 0 {
				t.Errorf("it ended with %v, and said %s%s", err, out.String(), said.String())
			}
		})
	}
}

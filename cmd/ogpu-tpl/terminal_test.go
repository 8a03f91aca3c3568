package main

import (
	"errors"
	"io"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/creack/pty"
)

// atTerminal runs the program at a terminal, and types the keys once it is asked.
func (s *stage) atTerminal(keys string, args ...string) (status int, said string) {
	s.t.Helper()
	c := command(s.t, append(args, s.missing(strings.Join(args, " "))...)...)
	c.Dir = s.dir
	for name, value := range s.env {
		c.Env = append(c.Env, name+"="+value)
	}
	terminal, err := pty.Start(c)
	if err != nil {
		s.t.Fatal(err)
	}
	defer terminal.Close()
	var text strings.Builder
	var answer sync.Once
	for {
		buffer := make([]byte, 4096)
		n, err := terminal.Read(buffer)
		text.Write(buffer[:n])
		if strings.HasSuffix(text.String(), "[y/N] ") {
			answer.Do(func() { _, _ = io.WriteString(terminal, keys) })
		}
		// Linux has an error for a terminal that nobody else has open.
		if errors.Is(err, io.EOF) || errors.Is(err, syscall.EIO) {
			break
		} else if err != nil {
			s.t.Fatal(err)
		}
	}
	_ = c.Wait()
	return c.ProcessState.ExitCode(), strings.ReplaceAll(text.String(), "\r", "")
}

// TestQuestions has somebody at a terminal, who is asked before coins are spent on the
// mainnet, and before a source is retired.
func TestQuestions(t *testing.T) {
	beside(t)
	s := newStage(t, networkOf(t, "# network: mainnet"))
	s.flags = append(s.flags, "--confirmations", "1")
	s.publisher("mainnet")
	const ctrlC, ctrlD = "\x03", "\x04"
	for _, command := range []struct{ args, question, done string }{
		{"publish echo --network mainnet --loopback --except cpu=only-for-a-test", "Send it to the mainnet? [y/N] ", "echo 1.0.0 is on the mainnet"},
		{"retire echo --network mainnet --loopback", "Retire it? That is for good. [y/N] ", "is final"},
	} {
		before := s.transactions()
		for _, keys := range []string{"\r", "n\r", "no\r", "maybe\r", "yess\r", "y n\r", ctrlD, ctrlC, "y" + ctrlC} {
			status, said := s.atTerminal(keys, strings.Fields(command.args)...)
			if status != statusFailed || strings.Count(said, command.question) != 1 || !strings.HasSuffix(said, "\nogpu-tpl: nothing was sent\n") {
				t.Errorf("%s, %q: status %d:\n%s", command.args, keys, status, said)
			}
			if now := s.transactions(); now != before {
				t.Fatalf("%s, %q: %d transactions were sent", command.args, keys, now-before)
			}
		}
		if status, said := s.atTerminal(" Yes \r", strings.Fields(command.args)...); status != statusClean || !strings.Contains(said, command.question) || !strings.Contains(said, command.done) {
			t.Fatalf("%s: status %d:\n%s", command.args, status, said)
		}
		if now := s.transactions(); now != before+1 {
			t.Errorf("%s: %d transactions were sent", command.args, now-before)
		}
	}
}

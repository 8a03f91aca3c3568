package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
)

// hostileNames are folders that a pull request could bring, beside two honest ones.
var hostileNames = []string{
	"$(touch pwn)", "`touch pwn`", "${x:-$(touch pwn)}", "$((a[$(touch pwn)]))", "<(touch pwn)", "=(touch pwn)", ">(touch pwn)",
	"(touch pwn)", "a;touch pwn", "a&&touch pwn", "a|touch pwn", "a\ntouch pwn", "a\rtouch pwn\r", "ollama $(touch pwn)", "ollama;touch pwn",
	"ollama`touch pwn`", "'$(touch pwn)'", "\"$(touch pwn)\"", "'; touch pwn; '", "\"; touch pwn; \"", "\\$(touch pwn)", "$'\\n'touch pwn",
	"-rf", "--templates=pwn", "~", "~root", "*", "?", "[a-z]*", "{a,b}", "!touch pwn", "#touch pwn", "%1", "\x1b[2J\x1b]0;pwn\x07", "\x15touch pwn\r",
	"a b", " a", "a\tb", "olla\u202ema", "ollam\u0430", "name:$(touch pwn)", "OLLAMA", "ollama.bak", "$IFS$(touch${IFS}pwn)", "x=$(touch pwn)", "e:touch pwn:",
}

// hostileCatalog is a folder with a catalog of such names, in which the shells are
// started, and a folder for PATH with a program in it that is worse than ours: it
// offers all of them.
func hostileCatalog(t *testing.T) (dir, bin string) {
	t.Helper()
	dir, bin = t.TempDir(), t.TempDir()
	for _, name := range append([]string{"ollama", "open-chat"}, hostileNames...) {
		folder := filepath.Join(dir, "templates", name)
		if err := os.Mkdir(filepath.Dir(folder), 0o755); err != nil && !errors.Is(err, os.ErrExist) {
			t.Fatal(err)
		}
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "template.yaml"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	executable, _ := itself(t, nil)
	offers := filepath.Join(bin, "offers")
	stand := fmt.Sprintf("#!/bin/sh\nif [ \"$1\" = completion ]; then exec '%s' \"$@\"; fi\nexec cat '%s'\n", executable, offers)
	all := strings.Join(append([]string{"ollama", "open-chat"}, hostileNames...), "\n") + "\n"
	for name, text := range map[string]string{"ogpu-tpl": stand, "offers": all} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir, bin
}

func shellCommand(t *testing.T, dir, bin string, args ...string) *exec.Cmd {
	t.Helper()
	_, variable := itself(t, nil)
	c := exec.CommandContext(t.Context(), args[0], args[1:]...)
	c.Dir = dir
	c.Env = []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TERM=dumb", "LANG=C.UTF-8", variable}
	return c
}

// checkUntouched fails when a name has made a shell do something.
func checkUntouched(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.Name() == "pwn" {
			t.Errorf("a shell ran what a folder is called: there is %q", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// partial are the beginnings of hostile names that somebody may have typed.
func partial() (words []string) {
	for _, name := range hostileNames {
		runes := []rune(name)
		words = append(words, string(runes[:1]), string(runes[:(len(runes)+1)/2]), name)
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// What the program offers of such a catalog, whoever asks.
func TestCompletionOffersNames(t *testing.T) {
	dir, _ := hostileCatalog(t)
	for _, command := range []string{"lint", "show", "publish"} {
		if _, stdout, _ := runIn(t, dir, command, "--generate-bash-completion"); stdout != "ollama\nopen-chat\n" {
			t.Errorf("%s offers %q", command, stdout)
		}
	}
}

// TestCompletionInShells asks bash and fish what they would insert.
func TestCompletionInShells(t *testing.T) {
	for shell, script := range map[string][2]string{
		// Each argument is what has been typed after lint.
		"bash": {"source <(ogpu-tpl completion bash)", `
			for typed; do
				COMP_WORDS=(ogpu-tpl lint "$typed"); COMP_CWORD=2; _ogpu_tpl ogpu-tpl "$typed" lint
				printf '%s\n' "${COMPREPLY[@]}"
			done`},
		"fish": {"ogpu-tpl completion fish | source", `
			for typed in $argv; complete -C "ogpu-tpl lint $typed" | string split -f1 \t; end`},
	} {
		t.Run(shell, func(t *testing.T) {
			dir, bin := hostileCatalog(t)
			ask := func(words ...string) string {
				args := append([]string{shell, "-c", script[0] + "\n" + script[1]}, words...)
				if shell == "bash" {
					args = append([]string{"bash", "--norc", "-c", script[0] + "\n" + script[1], "bash"}, words...)
				}
				c := shellCommand(t, dir, bin, args...)
				var out, problem bytes.Buffer
				c.Stdout, c.Stderr = &out, &problem
				if err := c.Run(); err != nil && shell == "bash" {
					t.Fatalf("%q: %v: %s", words, err, problem.String())
				}
				return out.String()
			}
			for typed, want := range map[string]string{"": "ollama", "olla": "ollama", "open-": "open-chat", "$(": "$(touch pwn)", "`t": "`touch pwn`", "*": "*"} {
				if got := ask(typed); shell == "bash" && !strings.Contains("\n"+got, "\n"+want+"\n") || !strings.Contains(got, want) && want[0] == 'o' {
					t.Errorf("%q completes to %q, which lacks %q", typed, got, want)
				}
			}
			ask(partial()...)
			checkUntouched(t, dir)
		})
	}
}

// TestCompletionAtTerminal presses TAB in the real shells.
func TestCompletionAtTerminal(t *testing.T) {
	for shell, start := range map[string][]string{
		"bash": {"bash --norc --noprofile -i", "bind 'set bell-style none' 'set enable-bracketed-paste off'; source <(ogpu-tpl completion bash)"},
		// Elsewhere TAB also expands what somebody has typed, before anything is completed.
		"zsh": {"zsh -f -i", "unsetopt beep; bindkey '^I' complete-word; autoload -Uz compinit; compinit -u -D; source <(ogpu-tpl completion zsh)"},
	} {
		t.Run(shell, func(t *testing.T) {
			dir, bin := hostileCatalog(t)
			s := newTyped(t, shellCommand(t, dir, bin, strings.Fields(start[0])...))
			s.line(start[1])
			// What TAB has made of the words is what echo prints.
			s.press("ogpu-tpl lint open-\t\x01echo +\x05+\r", "+ogpu-tpl lint open-chat")
			s.press("ogpu-tpl show ope\t\x01echo +\x05+\r", "+ogpu-tpl show open-chat")
			for _, word := range partial() {
				// A shell takes keys, not names: what is no sign would be a command to it.
				word = strings.Map(func(r rune) rune {
					if r < ' ' || r == 0x7f {
						return -1
					}
					return r
				}, word)
				s.press("ogpu-tpl lint "+word+"\t\t", "")
				s.cancel()
			}
			s.press("ogpu-tpl lint \t\t", "")
			s.cancel()
			checkUntouched(t, dir)
		})
	}
}

// typed is a shell at a terminal.
type typed struct {
	t        *testing.T
	terminal *os.File
	said     strings.Builder
	count    int
}

func newTyped(t *testing.T, c *exec.Cmd) *typed {
	t.Helper()
	c.Env = append(c.Env, "PS1=> ", "PS2=")
	terminal, err := pty.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
		terminal.Close()
	})
	return &typed{t: t, terminal: terminal}
}

// press types keys, and waits until the shell has said a text.
func (s *typed) press(keys, until string) {
	s.t.Helper()
	s.said.Reset()
	if _, err := io.WriteString(s.terminal, keys); err != nil {
		s.t.Fatal(err)
	}
	for !strings.Contains(s.said.String(), until) {
		buffer := make([]byte, 4096)
		n, err := s.terminal.Read(buffer)
		s.said.Write(buffer[:n])
		if errors.Is(err, io.EOF) || errors.Is(err, syscall.EIO) {
			s.t.Fatalf("%q: the shell has ended: %q", keys, s.said.String())
		} else if err != nil {
			s.t.Fatal(err)
		}
	}
}

// line runs a line.
func (s *typed) line(text string) {
	s.t.Helper()
	s.count++
	s.press(fmt.Sprintf("%s; echo do''ne-%d.\r", text, s.count), fmt.Sprintf("done-%d.", s.count))
}

// cancel throws away what has been typed, and waits for the next prompt.
func (s *typed) cancel() {
	s.t.Helper()
	// The first answers a question such as "show all 60 possibilities?".
	s.press("n\x15", "")
	s.line(":")
}

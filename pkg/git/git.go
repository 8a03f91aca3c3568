// Package git asks Git about a repository, and only for what it has stored. The
// repository may be a stranger's: nothing that its configuration, its attributes
// or its hooks name is ever run, nothing is fetched, and nothing is written.
package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// The reasons why Git cannot be asked.
var (
	ErrNoProgram    = errors.New("the program git is not installed: install it, or have it in PATH")
	ErrNoRepository = errors.New("is in no Git repository")
)

// MaxOutput is how much of what Git answers is read, in bytes. More is an error.
const MaxOutput = 64 << 20

// maxSaid is how much of Git's own words an error repeats, in bytes.
const maxSaid = 500

// Error is a command that Git refused.
type Error struct {
	// Command is the subcommand, such as "rev-parse".
	Command string
	// Status is the exit status, -1 when a signal ended it.
	Status int
	// Said is what Git wrote to its standard error. Parts of it come from the
	// repository.
	Said string
}

func (e *Error) Error() string {
	said := e.Said
	if said == "" {
		said = fmt.Sprintf("exit status %d", e.Status)
	}
	return fmt.Sprintf("git %s: %s", e.Command, said)
}

// Output runs a Git command in the folder dir and returns what it prints, byte for
// byte. It is for commands that read objects, references, the index and the names
// of files. Commands that look at the content of files, such as git status, run
// programs that the configuration names, whatever is done here.
func Output(ctx context.Context, dir string, args ...string) ([]byte, error) {
	var out bounded
	err := run(ctx, dir, nil, &out, args...)
	if out.over {
		return nil, fmt.Errorf("git %s: answers with more than %d bytes", args[0], MaxOutput)
	}
	return out.Bytes(), err
}

// bounded keeps what is written to it, up to MaxOutput.
type bounded struct {
	bytes.Buffer
	over bool
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > MaxOutput {
		b.over = true
		return 0, errors.New("too much")
	}
	return b.Buffer.Write(p)
}

// run runs Git. Nor may Git fetch what a partial clone lacks, or show other objects
// or another history in place of those that were asked for.
func run(ctx context.Context, dir string, in io.Reader, out io.Writer, args ...string) error {
	program, err := exec.LookPath("git")
	if err != nil {
		return ErrNoProgram
	}
	command := exec.CommandContext(ctx, program, append([]string{
		"-C", dir, "--no-pager", "--no-replace-objects", "--no-optional-locks", "--literal-pathspecs",
		"-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.untrackedCache=false", "-c", "safe.bareRepository=explicit",
	}, args...)...)
	// Variables such as GIT_DIR would show another repository.
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "GIT_") {
			command.Env = append(command.Env, variable)
		}
	}
	command.Env = append(command.Env, "LC_ALL=C", "LANGUAGE=",
		"GIT_ALLOW_PROTOCOL=none", "GIT_NO_LAZY_FETCH=1", "GIT_TERMINAL_PROMPT=0", "GIT_GRAFT_FILE="+os.DevNull)
	var said bytes.Buffer
	command.Stdin, command.Stdout, command.Stderr = in, out, &limited{&said, maxSaid}
	// Another program that is being started may hold Git's pipes for a moment, and for
	// longer on a busy machine.
	command.WaitDelay = 10 * time.Second
	err = command.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &exit):
		return &Error{args[0], exit.ExitCode(), strings.Join(strings.Fields(said.String()), " ")}
	default:
		return fmt.Errorf("git %s: %w", args[0], err)
	}
}

// limited writes the beginning of what it gets, and passes over the rest.
type limited struct {
	to   io.Writer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	some := p[:min(len(p), l.left)]
	l.left -= len(some)
	if _, err := l.to.Write(some); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Line is Output for commands that print one line. Only the end of the line is
// taken off.
func Line(ctx context.Context, dir string, args ...string) (string, error) {
	out, err := Output(ctx, dir, args...)
	return strings.TrimSuffix(string(out), "\n"), err
}

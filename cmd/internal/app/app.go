package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"
)

// The exit statuses, which docs/cli.md promises.
const (
	StatusClean    = 0 // done, and nothing found
	StatusFindings = 1 // done, and something found
	StatusUsage    = 2 // the command line is wrong
	StatusFailed   = 3 // the job could not be done
)

// ErrFindings ends a run whose job was done and that found something; what was
// found has been reported.
var ErrFindings = errors.New("findings")

// AsUsage makes an error one of the command line.
func AsUsage(err error) error { return usageError{err} }

// usageError is a mistake on the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// Usagef says what is wrong with the command line.
func Usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// Main runs the program and returns its exit status. Without full it has the commands
// that need files alone, and leaves the others to ogpu-tpl-full.
func Main(ctx context.Context, args []string, world World, full Full) int {
	app := New(world, full)
	if words, ok := completing(args); ok {
		if full == nil && isElsewhere(app, words) {
			if status, err := handOver(ctx, world, args); err == nil {
				return status
			}
			return StatusClean // nobody reads a message now
		}
		complete(app, world, words)
		return StatusClean
	}
	var err error
	if full == nil && isElsewhere(app, args[min(1, len(args)):]) {
		err = errElsewhere
	} else {
		err = app.RunContext(ctx, interspersed(app, args))
	}
	if errors.Is(err, errElsewhere) {
		var status int
		if status, err = handOver(ctx, world, args); err == nil {
			return status
		}
	}
	var usage usageError
	switch {
	case err == nil:
		return StatusClean
	case errors.Is(err, ErrFindings):
		return StatusFindings
	case errors.As(err, &usage):
		fmt.Fprintf(world.Err, "ogpu-tpl: %s\n", Safe(err.Error()))
		return StatusUsage
	case errors.Is(err, syscall.EPIPE):
		return StatusFailed // nobody listens any more
	default:
		fmt.Fprintf(world.Err, "ogpu-tpl: %s\n", Safe(err.Error()))
		return StatusFailed
	}
}

// New is the program's commands and what its help says of them.
func New(world World, full Full) *cli.App {
	app := &cli.App{
		Name:    "ogpu-tpl",
		Usage:   "lint, run, show, start and render the templates of an OpenGPU catalog",
		Version: Version(),
		Description: "A template is a folder with a manifest and one compose file for each kind of\n" +
			"hardware. Exit status: 0 clean, 1 findings, 2 wrong usage, 3 the job could not\nbe done.\n\n" +
			"Example: ogpu-tpl lint ollama",
		Reader: world.In, Writer: world.Out, ErrWriter: world.Err,
		HideHelpCommand: true,
		// A reason on the command line may hold a comma.
		DisableSliceFlagSeparator: true,
		// Main turns errors into exit statuses; the library must not exit.
		ExitErrHandler: func(*cli.Context, error) {},
		OnUsageError:   onUsageError,
		Action: func(c *cli.Context) error {
			if name := c.Args().First(); name != "" {
				return Usagef("unknown command %q%s", name, suggestCommand(c.App, name))
			}
			return cli.ShowAppHelp(c)
		},
		Commands: commands(world, full),
	}
	for _, command := range app.Commands {
		command.OnUsageError = onUsageError
		command.HideHelpCommand = true
		command.CustomHelpTemplate = helpTemplate(command)
	}
	return app
}

func onUsageError(c *cli.Context, err error, _ bool) error {
	message := err.Error()
	if name, ok := strings.CutPrefix(message, "flag provided but not defined: "); ok {
		name = strings.TrimLeft(name, "-")
		message = fmt.Sprintf("unknown flag --%s%s", name, suggestFlag(c, name))
	}
	return Usagef("%s; see %s --help", message, c.Command.HelpName)
}

// Version is the module's version as the build recorded it.
func Version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

// interspersed moves flags before the other arguments, so that
// `ogpu-tpl lint ollama --format json` works: the library stops at the first
// argument that is no flag.
func interspersed(app *cli.App, args []string) []string {
	at := slices.IndexFunc(args[min(1, len(args)):], func(arg string) bool { return !strings.HasPrefix(arg, "-") }) + 1
	if at < 1 || at >= len(args) {
		return args
	}
	command := app.Command(args[at])
	if command == nil {
		return args
	}
	if at+1 < len(args) { // a command of the command, such as `rules new`
		if inner := command.Command(args[at+1]); inner != nil {
			command, at = inner, at+1
		}
	}
	var flags, rest []string
	tail := args[at+1:]
	for i := 0; i < len(tail); i++ {
		arg := tail[i]
		switch {
		case arg == "--":
			rest = append(rest, tail[i+1:]...)
			i = len(tail)
		case arg == "--help" || arg == "-h":
			// The library would take an argument beside it for a help topic.
			return append(slices.Clone(args[:at+1]), "--help")
		case len(arg) < 2 || arg[0] != '-':
			rest = append(rest, arg)
		default:
			flags = append(flags, arg)
			if takesValue(command, arg) && i+1 < len(tail) {
				i++
				flags = append(flags, tail[i])
			}
		}
	}
	out := slices.Concat(args[:at+1], flags)
	if len(rest) > 0 {
		out = append(append(out, "--"), rest...)
	}
	return out
}

// takesValue is true for a flag whose value is the next argument.
func takesValue(command *cli.Command, arg string) bool {
	name := strings.TrimLeft(arg, "-")
	if strings.Contains(name, "=") {
		return false
	}
	for _, flag := range command.Flags {
		if slices.Contains(flag.Names(), name) {
			documented, ok := flag.(cli.DocGenerationFlag)
			return ok && documented.TakesValue()
		}
	}
	return false
}

func printf(w io.Writer, format string, args ...any) { fmt.Fprintf(w, format, args...) }

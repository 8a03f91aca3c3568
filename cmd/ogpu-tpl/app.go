package main

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
	statusClean    = 0 // done, and nothing found
	statusFindings = 1 // done, and something found
	statusUsage    = 2 // the command line is wrong
	statusFailed   = 3 // the job could not be done
)

// errFindings ends a run whose job was done and that found something; what was
// found has been reported.
var errFindings = errors.New("findings")

// usageError is a mistake on the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// Main runs the program and returns its exit status.
func Main(ctx context.Context, args []string, world World) int {
	app := newApp(world)
	if words, ok := completing(args); ok {
		complete(app, world, words)
		return statusClean
	}
	err := app.RunContext(ctx, interspersed(app, args))
	var usage usageError
	switch {
	case err == nil:
		return statusClean
	case errors.Is(err, errFindings):
		return statusFindings
	case errors.As(err, &usage):
		fmt.Fprintf(world.Err, "ogpu-tpl: %s\n", safe(err.Error()))
		return statusUsage
	case errors.Is(err, syscall.EPIPE):
		return statusFailed // nobody listens any more
	default:
		fmt.Fprintf(world.Err, "ogpu-tpl: %s\n", safe(err.Error()))
		return statusFailed
	}
}

func newApp(world World) *cli.App {
	app := &cli.App{
		Name:    "ogpu-tpl",
		Usage:   "lint, run, show, start and render the templates of an OpenGPU catalog",
		Version: version(),
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
				return usagef("unknown command %q%s", name, suggestCommand(c.App, name))
			}
			return cli.ShowAppHelp(c)
		},
		Commands: []*cli.Command{
			lintCommand(world), changedCommand(world), listCommand(world), showCommand(world), newCommand(world), importCommand(world),
			renderCommand(world), smokeCommand(world), pinCommand(world), imageCommand(world), freezeCommand(world), publishCommand(world),
			statusCommand(world), verifyCommand(world), historyCommand(world), retireCommand(world), devnetCommand(world), rulesCommand(world),
			completionCommand(world), relayCommand(world),
		},
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
	return usagef("%s; see %s --help", message, c.Command.HelpName)
}

// version is the module's version as the build recorded it.
func version() string {
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

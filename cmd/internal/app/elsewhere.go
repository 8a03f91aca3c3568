package app

import (
	"errors"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// Full is what ogpu-tpl-full has besides the commands of this package: all that talks
// to engines, registries and chains. It is most of what there is to compile.
type Full interface {
	// Commands are its commands, with everything but what they are for, which is said
	// here.
	Commands(world World) []*cli.Command
	// Sources are the sources on a chain that lint is given the addresses of.
	Sources(c *cli.Context, world World, addresses []string) (Sources, error)
}

// errElsewhere is that ogpu-tpl-full has to do it.
var errElsewhere = errors.New("is in " + fullName)

// commands are all commands, in the order in which help lists them.
func commands(world World, full Full) []*cli.Command {
	var others []*cli.Command
	if full != nil {
		others = full.Commands(world)
	}
	// from says what a command of ogpu-tpl-full is for. Where the program has it not, that
	// is all that is known of it.
	from := func(name, usage string) *cli.Command {
		for _, command := range others {
			if command.Name == name {
				command.Usage = usage
				return command
			}
		}
		return &cli.Command{Name: name, Usage: usage}
	}
	return []*cli.Command{
		lintCommand(world, full),
		changedCommand(world),
		listCommand(world),
		showCommand(world),
		newCommand(world),
		from("import", "make a template of a source's configuration"),
		renderCommand(world),
		from("smoke", "run templates on a Docker engine the way a provider does"),
		from("pin", "write the digests of images into templates, or tell which have moved"),
		from("image", "build and push the image of a template's own service, and record its digest"),
		from("freeze", "make a version of a template into files whose bytes never change"),
		from("publish", "put a version of a template on the chain, exactly once"),
		from("status", "compare the catalog with what is on the chain"),
		from("verify", "recompute every digest of a published source"),
		from("history", "list every version that a source ever had"),
		from("retire", "inactivate a source of the catalog, for good"),
		from("devnet", "run a chain of one's own, until it is interrupted"),
		rulesCommand(world),
		completionCommand(world),
	}
}

// isElsewhere is true when the command among the words is one of ogpu-tpl-full alone.
func isElsewhere(app *cli.App, words []string) bool {
	at := slices.IndexFunc(words, func(word string) bool { return !strings.HasPrefix(word, "-") })
	if at < 0 {
		return false
	}
	command := app.Command(words[at])
	return command != nil && command.Action == nil && len(command.Subcommands) == 0
}

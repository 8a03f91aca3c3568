// Package full is what ogpu-tpl-full has and ogpu-tpl has not: the commands that talk to
// engines, registries and chains, and lint's look at sources.
package full

import (
	"fmt"
	"io"

	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/urfave/cli/v2"
)

// Program is what makes the frame of the commands, with those of package app, the whole
// program.
type Program struct{}

// Commands are the commands of this package.
func (Program) Commands(world app.World) []*cli.Command {
	return []*cli.Command{
		importCommand(world), smokeCommand(world), pinCommand(world), imageCommand(world), freezeCommand(world), publishCommand(world),
		statusCommand(world), verifyCommand(world), historyCommand(world), retireCommand(world), devnetCommand(world),
	}
}

// Sources are the sources on a chain that lint is given the addresses of.
func (Program) Sources(c *cli.Context, world app.World, addresses []string) (app.Sources, error) {
	return sourcesOf(c, world, addresses)
}

func printf(w io.Writer, format string, args ...any) { fmt.Fprintf(w, format, args...) }

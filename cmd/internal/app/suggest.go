package app

import (
	"strings"

	"github.com/opengpu-network/templates/pkg/document"
	"github.com/urfave/cli/v2"
)

func suggestCommand(app *cli.App, name string) string {
	var known []string
	for _, command := range app.Commands {
		known = append(known, command.Names()...)
	}
	return document.Suggest(name, known)
}

func suggestFlag(c *cli.Context, name string) string {
	var known []string
	for _, flag := range append(c.Command.Flags, c.App.Flags...) {
		for _, n := range flag.Names() {
			known = append(known, "--"+n)
		}
	}
	return document.Suggest("--"+strings.TrimLeft(name, "-"), known)
}

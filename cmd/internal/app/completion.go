package app

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/chain/networks"
	"github.com/opengpu-network/templates/pkg/report"
	"github.com/urfave/cli/v2"
)

// completions are the scripts that make a shell ask the program itself.
//
//go:embed completion
var completions embed.FS

func completionCommand(world World) *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "print a script that completes commands in a shell",
		ArgsUsage: "bash|zsh|fish",
		Description: "Example, for bash:\n" +
			"  source <(ogpu-tpl completion bash)",
		Action: func(c *cli.Context) error {
			shell := c.Args().First()
			script, err := fs.ReadFile(completions, "completion/"+shell)
			if err != nil || c.NArg() != 1 {
				return Usagef("give a shell: bash, zsh or fish")
			}
			_, err = world.Out.Write(script)
			return err
		},
	}
}

// CompletionFlag is what the scripts add to the words that have been typed.
const CompletionFlag = "--generate-bash-completion"

// completing returns the words typed so far when a shell asks for the next.
func completing(args []string) (words []string, ok bool) {
	if len(args) < 2 || args[len(args)-1] != CompletionFlag {
		return nil, false
	}
	return args[1 : len(args)-1], true
}

// complete prints what may come next, a line each.
func complete(app *cli.App, world World, words []string) {
	for _, candidate := range candidates(app, words) {
		if offered.MatchString(candidate) {
			fmt.Fprintln(world.Out, candidate)
		}
	}
}

// offered is what names of commands, flags, templates and rules are made of. A shell
// takes each sign of it for itself, and a folder with another name is no template.
var offered = regexp.MustCompile(`^(--)?[a-z0-9]+([-/][a-z0-9]+)*$`)

func candidates(app *cli.App, words []string) (all []string) {
	var command *cli.Command
	last := ""
	for _, word := range words {
		if command == nil && !strings.HasPrefix(word, "-") {
			command = app.Command(word)
		}
		last = word
	}
	if command == nil {
		for _, c := range app.Commands {
			all = append(all, c.Name)
		}
		return all
	}
	switch last {
	case "--format", "-f":
		return report.Formats()
	case "--environment", "-e":
		return catalog.EnvironmentNames()
	case "--fail-on":
		return []string{"error", "warning", "notice"}
	case "--only", "--skip":
		return ruleNames()
	case "--network":
		return networks.Names()
	}
	if strings.HasPrefix(last, "-") {
		for _, flag := range command.VisibleFlags() {
			all = append(all, "--"+flag.Names()[0])
		}
		return all
	}
	switch command.Name {
	case "lint", "show", "render", "smoke", "pin", "image", "freeze", "publish", "status", "verify", "history", "retire":
		if dir, err := nearestTemplates(); err == nil {
			all, _ = catalog.Names(dir)
		}
	case "rules":
		all = ruleNames()
	case "completion":
		all = []string{"bash", "zsh", "fish"}
	}
	return all
}

func ruleNames() (names []string) {
	set, err := LoadPolicies("")
	if err != nil {
		return nil
	}
	for _, rule := range set.Rules() {
		names = append(names, rule.ID)
	}
	return names
}

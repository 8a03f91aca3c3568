package app

import (
	"fmt"
	"strings"

	"github.com/opengpu-network/templates/pkg/report"
	"github.com/urfave/cli/v2"
)

// optionsTemplate is where the library's own template lists the flags.
const optionsTemplate = `{{if .VisibleFlagCategories}}

OPTIONS:{{template "visibleFlagCategoryTemplate" .}}{{else if .VisibleFlags}}

OPTIONS:{{template "visibleFlagTemplate" .}}{{end}}`

// helpTemplate is the help of a command, its flags listed here: go-ethereum
// changes for the whole process how the library lists them.
func helpTemplate(command *cli.Command) string {
	var options strings.Builder
	for _, flag := range append(command.VisibleFlags(), cli.HelpFlag) {
		if documented, ok := flag.(cli.DocGenerationFlag); ok {
			options.WriteString(describeFlag(documented))
		}
	}
	head, _, _ := strings.Cut(cli.CommandHelpTemplate, optionsTemplate)
	return head + fmt.Sprintf("\n\nOPTIONS:\n{{%q}}", options.String())
}

// describeFlag is a flag's names, and below them what it is for.
func describeFlag(flag cli.DocGenerationFlag) string {
	usage := flag.GetUsage()
	placeholder := ""
	if before, rest, ok := strings.Cut(usage, "`"); ok {
		var after string
		placeholder, after, _ = strings.Cut(rest, "`")
		usage = before + placeholder + after
	}
	var names []string
	for _, name := range flag.Names() {
		if len(name) == 1 {
			names = append(names, "-"+name)
		} else {
			names = append(names, "--"+name)
		}
	}
	head := strings.Join(names, ", ")
	if flag.TakesValue() {
		if placeholder == "" {
			placeholder = "VALUE"
		}
		head += " " + placeholder
		if text := strings.Trim(flag.GetDefaultText(), `"`); text != "" {
			usage += " (default: " + text + ")"
		}
	}
	const indent = 8
	lines := report.Wrap(usage, pageWidth-indent, pageWidth-indent)
	return "   " + head + "\n" + strings.Repeat(" ", indent) + strings.Join(lines, "\n"+strings.Repeat(" ", indent)) + "\n"
}

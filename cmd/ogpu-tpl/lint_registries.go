package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/opengpu-network/templates/pkg/policy"
	"github.com/opengpu-network/templates/pkg/report"
	"github.com/urfave/cli/v2"
)

// addedRegistries says which registries are added to the built-in ones by the folder
// dir, on one line; "" when none is.
func addedRegistries(set *policy.Set, dir string) string {
	added := set.Registries()
	if len(added) == 0 {
		return ""
	}
	for i, place := range added {
		added[i] = place + "/"
	}
	return fmt.Sprintf("registries added by %s: %s", report.Escape(dir), strings.Join(added, ", "))
}

// warnRegistries says it where there is no report.
func warnRegistries(errs io.Writer, set *policy.Set, dir string) {
	if note := addedRegistries(set, dir); note != "" {
		printf(errs, "ogpu-tpl: %s\n", note)
	}
}

// tellRegistries says it below a report that people read. A report for programs has no
// place for it: then it goes to errs.
func tellRegistries(out, errs io.Writer, set *policy.Set, c *cli.Context) {
	note := addedRegistries(set, c.String("policies"))
	switch format := c.String("format"); {
	case note == "":
	case format == "markdown":
		fmt.Fprintf(out, "\n%s\n", code(note))
	case slices.Contains([]string{"text", "github"}, format):
		fmt.Fprintln(out, report.Inert(note))
	default:
		warnRegistries(errs, set, c.String("policies"))
	}
}

// code is a text as Markdown shows it as it is.
func code(text string) string {
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + " " + text + " " + fence
}

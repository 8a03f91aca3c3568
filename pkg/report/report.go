// Package report shows findings to people and to other programs: as text,
// JSON, SARIF, GitHub workflow commands, JUnit and Markdown. Findings quote what
// strangers wrote; no format lets that text move a terminal's cursor or pass
// for a command.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/opengpu-network/templates/pkg/finding"
)

// Rule is what a report says about a rule.
type Rule struct {
	ID, Title, Description, Remediation string
	Severity                            finding.Severity
	Waivable                            bool
	References                          []Reference
}

// Reference is a public document that a rule is grounded in.
type Reference struct{ Title, URL string }

// Checked counts what was looked at.
type Checked struct{ Templates, Files, Rules int }

// Result is what a run found.
type Result struct {
	// Findings are sorted; waived ones are among them.
	Findings []finding.Finding
	// Rules are those that were in force, sorted by id.
	Rules   []Rule
	Checked Checked
	// Skipped names the rules and categories that were left out.
	Skipped []string
	// Registries are those that were trusted beside the built-in ones, with their
	// namespaces.
	Registries []string
	// Source returns a file's text for quoting, nil when there is none. It is
	// called once for each file, as findings are sorted. It may be nil itself.
	Source func(file string) []byte
	// Version is that of the program.
	Version string
}

// Options say how a result is shown.
type Options struct {
	Format string
	// Color is for the text format.
	Color bool
	// Width is how many columns text may fill: zero is 80, and the least is 40.
	Width int
}

const (
	usualWidth = 80
	leastWidth = 40
)

var writers = map[string]func(io.Writer, Result, Options) error{
	"text":     writeText,
	"json":     writeJSON,
	"sarif":    writeSARIF,
	"github":   writeGitHub,
	"junit":    writeJUnit,
	"markdown": writeMarkdown,
}

// Formats lists the names of the formats.
func Formats() []string { return []string{"text", "json", "sarif", "github", "junit", "markdown"} }

// Write writes a result. The same result gives the same bytes.
func Write(w io.Writer, r Result, o Options) error {
	write, ok := writers[o.Format]
	if !ok {
		return fmt.Errorf("unknown format %q", o.Format)
	}
	if o.Width == 0 {
		o.Width = usualWidth
	}
	o.Width = max(o.Width, leastWidth)
	findings := make([]finding.Finding, len(r.Findings))
	for i, f := range r.Findings {
		f.Position = sound(f.Position)
		if !slices.Contains(finding.Severities(), f.Severity) {
			f.Severity = finding.Error // what nobody has weighed is grave
		}
		findings[i] = f
	}
	r.Findings = findings
	return write(w, r, o)
}

// sound returns a position whose parts agree: there is no column without a
// line, and no end that does not come after the start.
func sound(p finding.Position) finding.Position {
	switch {
	case p.Line < 1:
		return finding.Position{File: p.File}
	case p.Column < 1:
		p.Column = 0
	}
	if p.EndLine == 0 && p.EndColumn > 0 {
		p.EndLine = p.Line
	}
	ends := p.EndLine > p.Line && p.EndColumn >= 0 || p.EndLine == p.Line && p.Column > 0 && p.EndColumn > p.Column
	if !ends {
		p.EndLine, p.EndColumn = 0, 0
	}
	return p
}

// summary counts a result's findings.
type summary struct {
	Errors    int      `json:"errors"`
	Warnings  int      `json:"warnings"`
	Notices   int      `json:"notices"`
	Waived    int      `json:"waived"`
	Templates int      `json:"templates"`
	Files     int      `json:"files"`
	Rules     int      `json:"rules"`
	Skipped   []string `json:"skipped"`
	// Registries are missing where none was added.
	Registries []string `json:"registries,omitempty"`
}

func summarize(r Result) summary {
	s := summary{
		Templates: r.Checked.Templates, Files: r.Checked.Files, Rules: r.Checked.Rules,
		Skipped: append([]string{}, r.Skipped...), Registries: r.Registries,
	}
	for _, f := range r.Findings {
		switch {
		case f.Waived:
			s.Waived++
		case f.Severity == finding.Error:
			s.Errors++
		case f.Severity == finding.Warning:
			s.Warnings++
		default:
			s.Notices++
		}
	}
	return s
}

// line says a summary in words.
func (s summary) line() string {
	var b strings.Builder
	if s.Errors+s.Warnings+s.Notices == 0 {
		b.WriteString("Clean")
	} else {
		fmt.Fprintf(&b, "%s, %s, %s", count(s.Errors, "error"), count(s.Warnings, "warning"), count(s.Notices, "notice"))
	}
	if s.Waived > 0 {
		fmt.Fprintf(&b, " (%d waived)", s.Waived)
	}
	fmt.Fprintf(&b, ": %s", count(s.Files, "compose file"))
	if s.Templates > 0 {
		fmt.Fprintf(&b, " of %s", count(s.Templates, "template"))
	}
	fmt.Fprintf(&b, ", %s", count(s.Rules, "rule"))
	return b.String()
}

// remark is what a reader must know of a run to know what a clean one means.
type remark struct{ label, text string }

func (s summary) remarks() (all []remark) {
	if len(s.Skipped) > 0 {
		all = append(all, remark{"Skipped: ", strings.Join(s.Skipped, ", ")})
	}
	if len(s.Registries) > 0 {
		all = append(all, remark{"Registries added: ", strings.Join(s.Registries, ", ")})
	}
	return all
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// group is a finding that may stand for several that differ only in their
// environment, as happens in a file that several compose files include.
type group struct {
	finding.Finding
	environments []string
}

// groups returns the findings that are not waived.
func groups(findings []finding.Finding) (all []group) {
	type key struct {
		rule, message, template string
		position                finding.Position
	}
	index := map[key]int{}
	for _, f := range findings {
		if f.Waived {
			continue
		}
		k := key{f.Rule, f.Message, f.Template, f.Position}
		i, ok := index[k]
		if !ok {
			index[k] = len(all)
			all = append(all, group{Finding: f, environments: []string{f.Environment}})
		} else if !slices.Contains(all[i].environments, f.Environment) {
			all[i].environments = append(all[i].environments, f.Environment)
		}
	}
	return all
}

package report

import (
	"fmt"
	"io"
	"strings"
)

// How a workflow command escapes its message and its properties:
// https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
var (
	escapeData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	escapeProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func writeGitHub(w io.Writer, r Result, _ Options) error {
	var b strings.Builder
	for _, g := range groups(r.Findings) {
		var properties []string
		if g.File != "" {
			// An annotation of a file as a whole stands on its first line.
			properties = append(properties, "file="+escapeProperty.Replace(Escape(g.File)), fmt.Sprintf("line=%d", max(1, g.Line)))
		}
		if g.EndLine > g.Line {
			properties = append(properties, fmt.Sprintf("endLine=%d", g.EndLine))
		}
		if g.Column > 0 {
			properties = append(properties, fmt.Sprintf("col=%d", g.Column))
		}
		if g.EndLine == g.Line && g.EndColumn > 0 {
			properties = append(properties, fmt.Sprintf("endColumn=%d", g.EndColumn))
		}
		properties = append(properties, "title="+escapeProperty.Replace(Escape(g.Rule)))
		message := Escape(g.Message) + environments(g)
		if g.Remediation != "" {
			message += "\nFix: " + flat(g.Remediation)
		}
		fmt.Fprintf(&b, "::%s %s::%s\n", g.Severity, strings.Join(properties, ","), escapeData.Replace(message))
	}
	fmt.Fprintln(&b, Inert(Escape(summarize(r).line())))
	for _, remark := range summarize(r).remarks() {
		fmt.Fprintln(&b, Inert(remark.label+Escape(remark.text)))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

package report

import (
	"fmt"
	"io"
	"strings"
	"unicode"
)

// maxRows is how many findings the table for a job's page lists. GitHub drops a
// page that is larger than a mebibyte, whole.
const maxRows = 500

// writeMarkdown writes a table for the page of a CI job.
func writeMarkdown(w io.Writer, r Result, _ Options) error {
	var b strings.Builder
	fmt.Fprintf(&b, "### ogpu-tpl lint\n\n%s\n", literal(summarize(r).line()))
	for _, remark := range summarize(r).remarks() {
		fmt.Fprintf(&b, "\n%s%s\n", remark.label, literal(remark.text))
	}
	all := groups(r.Findings)
	if len(all) > 0 {
		b.WriteString("\n| | rule | where | what |\n| --- | --- | --- | --- |\n")
	}
	for _, g := range all[:min(maxRows, len(all))] {
		where := literal(g.File)
		if g.Line > 0 {
			where += fmt.Sprintf(":%d", g.Line)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", g.Severity, literal(g.Rule), where, literal(g.Message+environments(g)))
	}
	if more := len(all) - maxRows; more > 0 {
		fmt.Fprintf(&b, "\n%d more are not listed here.\n", more)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// literal makes text show itself in Markdown, on one line and in one cell of a
// table: no link, no image, no HTML. A backslash does that for every sign of ASCII.
func literal(text string) string {
	var b strings.Builder
	for _, r := range Escape(text) {
		if r < unicode.MaxASCII && (unicode.IsPunct(r) || unicode.IsSymbol(r)) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

package report

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/opengpu-network/templates/pkg/finding"
)

// The colours of the text format, as ANSI sequences.
const (
	red, yellow, blue, dim, bold, plain = "\x1b[31;1m", "\x1b[33;1m", "\x1b[34;1m", "\x1b[2m", "\x1b[1m", "\x1b[0m"
)

// newlines are the ends of lines in what rules say about themselves.
var newlines = regexp.MustCompile(`[ \t]*\n\s*`)

var severityColors = map[finding.Severity]string{finding.Error: red, finding.Warning: yellow, finding.Notice: blue}

// painter writes text with or without colour.
type painter struct {
	Options
	out    strings.Builder
	quoter quoter
}

func (p *painter) paint(color, text string) string {
	if !p.Color || text == "" {
		return text
	}
	return color + text + plain
}

func writeText(w io.Writer, r Result, o Options) error {
	p := &painter{Options: o, quoter: quoter{source: r.Source}}
	all := groups(r.Findings)
	for _, g := range all {
		p.finding(g)
	}
	if len(all) > 0 {
		hint := fmt.Sprintf("ogpu-tpl rules %s explains a rule.", Escape(all[0].Rule))
		fmt.Fprintf(&p.out, "%s\n", p.paint(dim, hint))
	}
	s := summarize(r)
	line := s.line()
	if len(all) == 0 {
		line = p.paint("\x1b[32;1m", "✓") + " " + line
	}
	fmt.Fprintln(&p.out, line)
	for _, remark := range s.remarks() {
		p.label("", remark.label, remark.text)
	}
	_, err := io.WriteString(w, p.out.String())
	return err
}

// finding prints one finding: what, where with the line quoted, and the fix.
func (p *painter) finding(g group) {
	const indent = 2
	head := fmt.Sprintf("%s[%s]", g.Severity, Escape(g.Rule))
	lines := Wrap(Escape(g.Message), p.Width-len(head)-len(": "), p.Width-indent)
	fmt.Fprintf(&p.out, "%s: %s\n", p.paint(severityColors[g.Severity], head), p.paint(bold, lines[0]))
	for _, line := range lines[1:] {
		fmt.Fprintf(&p.out, "%*s%s\n", indent, "", p.paint(bold, Inert(line)))
	}
	if g.File != "" {
		fmt.Fprintf(&p.out, "  %s %s%s\n", p.paint(blue, "-->"), place(g.Position), environments(g))
		p.quote(g)
	}
	if g.Remediation != "" {
		p.label(blue, "  = fix: ", g.Remediation)
	}
	fmt.Fprintln(&p.out)
}

// label prints text after a label, wrapped so that it stays right of it.
func (p *painter) label(color, label, text string) {
	width := p.Width - len(label)
	for i, line := range Wrap(flat(text), width, width) {
		if i > 0 {
			label, line = strings.Repeat(" ", len(label)), Inert(line)
		}
		fmt.Fprintf(&p.out, "%s%s\n", p.paint(color, label), line)
	}
}

// flat puts what a rule says in several lines on one, safe to print.
func flat(text string) string {
	return Escape(strings.TrimSpace(newlines.ReplaceAllString(text, " ")))
}

func place(at finding.Position) string {
	if at.Line == 0 {
		return Escape(at.File)
	}
	return fmt.Sprintf("%s:%d:%d", Escape(at.File), at.Line, at.Column)
}

// environments says which ones share a finding, when it is more than the one
// that the file stands for.
func environments(g group) string {
	if len(g.environments) < 2 {
		return ""
	}
	return " (" + Escape(strings.Join(g.environments, ", ")) + ")"
}

// quote prints the line that a finding is about with the spot underlined.
func (p *painter) quote(g group) {
	line, ok := p.quoter.at(g.Position)
	if !ok {
		return
	}
	number := fmt.Sprint(g.Line)
	before, spot, after := cut(line, g.Position, p.Width-len(number)-len("  | "))
	gutter := strings.Repeat(" ", len(number))
	bar := p.paint(blue, "|")
	// The widths are taken of what is printed: a mark at the start of the spot
	// joins the character before it.
	lead := columns(before)
	underline := p.paint(severityColors[g.Severity], strings.Repeat("^", max(1, columns(before+spot)-lead)))
	fmt.Fprintf(&p.out, " %s %s\n", gutter, bar)
	fmt.Fprintf(&p.out, " %s %s %s\n", p.paint(blue, number), bar, strings.TrimRight(before+spot+after, " "))
	fmt.Fprintf(&p.out, " %s %s %s%s\n", gutter, bar, strings.Repeat(" ", lead), underline)
}

// Wrap breaks text at spaces into lines of at most so many columns, the first
// line and the others. A longer word keeps a line of its own, so that it can be
// copied, unless it is beyond all measure.
func Wrap(text string, first, others int) (lines []string) {
	const longest = 400 // columns
	line, width := "", first
	for _, word := range strings.Fields(text) {
		if columns(word) > longest {
			word = Head(word, longest-1) + ellipsis
		}
		if line != "" && columns(line)+1+columns(word) > width {
			lines, line, width = append(lines, line), "", others
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

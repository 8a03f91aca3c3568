package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/opengpu-network/templates/pkg/finding"
)

// The colours of the text format, as ANSI sequences.
const (
	red, yellow, blue, dim, bold, plain = "\x1b[31;1m", "\x1b[33;1m", "\x1b[34;1m", "\x1b[2m", "\x1b[1m", "\x1b[0m"
)

var severityColors = map[finding.Severity]string{finding.Error: red, finding.Warning: yellow, finding.Notice: blue}

// painter writes text with or without colour.
type painter struct {
	Options
	out     strings.Builder
	sources map[string][]string
	source  func(file string) []byte
}

func (p *painter) paint(color, text string) string {
	if !p.Color || text == "" {
		return text
	}
	return color + text + plain
}

func writeText(w io.Writer, r Result, o Options) error {
	p := &painter{Options: o, sources: map[string][]string{}, source: r.Source}
	all := groups(r.Findings)
	for _, g := range all {
		p.finding(g)
	}
	if len(all) > 0 {
		hint := fmt.Sprintf("ogpu-tpl rules %s explains a rule.", all[0].Rule)
		fmt.Fprintf(&p.out, "%s\n", p.paint(dim, hint))
	}
	s := summarize(r)
	line := s.line()
	if len(all) == 0 {
		line = p.paint("\x1b[32;1m", "✓") + " " + line
	}
	fmt.Fprintln(&p.out, line)
	if len(s.Skipped) > 0 {
		for i, text := range wrap("Skipped: "+Escape(strings.Join(s.Skipped, ", ")), o.Width-2) {
			fmt.Fprintf(&p.out, "%s%s\n", strings.Repeat("  ", min(i, 1)), text)
		}
	}
	_, err := io.WriteString(w, p.out.String())
	return err
}

// finding prints one finding: what, where with the line quoted, and the fix.
func (p *painter) finding(g group) {
	head := fmt.Sprintf("%s[%s]", g.Severity, Escape(g.Rule))
	lines := wrapAfter(len(head)+2, Escape(g.Message), p.Width)
	fmt.Fprintf(&p.out, "%s: %s\n", p.paint(severityColors[g.Severity], head), p.paint(bold, lines[0]))
	for _, line := range lines[1:] {
		fmt.Fprintf(&p.out, "  %s\n", p.paint(bold, line))
	}
	fmt.Fprintf(&p.out, "  %s %s%s\n", p.paint(blue, "-->"), place(g.Position), environments(g))
	p.quote(g)
	for i, line := range wrap(g.Remediation, p.Width-9) {
		if g.Remediation == "" {
			break
		}
		label := "  = fix: "
		if i > 0 {
			label = "         "
		}
		fmt.Fprintf(&p.out, "%s%s\n", p.paint(blue, label), line)
	}
	fmt.Fprintln(&p.out)
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
	return " (" + strings.Join(g.environments, ", ") + ")"
}

// quote prints the line that a finding is about with the spot underlined.
func (p *painter) quote(g group) {
	at := g.Position
	lines, known := p.sources[at.File]
	if !known {
		if p.source != nil && at.Line > 0 {
			text := strings.TrimPrefix(string(p.source(at.File)), "\uFEFF")
			lines = strings.Split(text, "\n")
		}
		p.sources[at.File] = lines
	}
	if at.Line < 1 || at.Line > len(lines) || at.Column < 1 {
		return
	}
	number := fmt.Sprint(at.Line)
	before, spot, after := cut(strings.TrimSuffix(lines[at.Line-1], "\r"), at, p.Width-len(number)-5)
	gutter := strings.Repeat(" ", len(number))
	bar := p.paint(blue, "|")
	fmt.Fprintf(&p.out, " %s %s\n", gutter, bar)
	fmt.Fprintf(&p.out, " %s %s %s\n", p.paint(blue, number), bar, before+spot+after)
	underline := p.paint(severityColors[g.Severity], strings.Repeat("^", max(1, columns(spot))))
	fmt.Fprintf(&p.out, " %s %s %s%s\n", gutter, bar, strings.Repeat(" ", columns(before)), underline)
}

// cut splits a line into what stands before, in and after the spot, escaped,
// and trims it to the given number of columns around the spot.
func cut(line string, at finding.Position, width int) (before, spot, after string) {
	runes := []rune(line)
	start := min(at.Column-1, len(runes))
	end := start + 1
	if at.EndLine == at.Line && at.EndColumn > at.Column {
		end = at.EndColumn - 1
	}
	end = max(start, min(end, len(runes)))
	before, spot, after = detab(runes[:start]), detab(runes[start:end]), detab(runes[end:])
	const ellipsis = "…"
	if columns(before)+columns(spot)+columns(after) <= width {
		return before, spot, after
	}
	if columns(spot) > width/2 {
		spot = head(spot, width/2-1) + ellipsis
	}
	if lead := width / 3; columns(before) > lead {
		before = ellipsis + tail(before, lead-1)
	}
	if rest := width - columns(before) - columns(spot); columns(after) > rest {
		after = head(after, max(0, rest-1)) + ellipsis
	}
	return before, spot, after
}

// detab escapes a part of a line; a tab is two spaces wide.
func detab(runes []rune) string {
	return Escape(strings.ReplaceAll(string(runes), "\t", "  "))
}

// wrap breaks text into lines of at most width columns, at spaces.
func wrap(text string, width int) []string { return wrapAfter(0, text, width) }

// wrapAfter is wrap for text whose first line has used some columns already.
func wrapAfter(used int, text string, width int) (lines []string) {
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && used+columns(line)+1+columns(word) > width {
			lines, line, used = append(lines, line), "", 2
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

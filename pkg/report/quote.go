package report

import (
	"fmt"
	"strings"

	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/finding"
)

// quoter finds the lines that findings are about. It remembers one file and
// one line, as findings come sorted.
type quoter struct {
	source func(file string) []byte
	file   string
	lines  []string
	line   int
	runes  []rune
}

// at returns the code points of the line of a position, false when there is no
// such line.
func (q *quoter) at(p finding.Position) ([]rune, bool) {
	if q.source == nil || p.Line < 1 || p.Column < 1 {
		return nil, false
	}
	if q.lines == nil || q.file != p.File {
		q.file, q.lines, q.line = p.File, document.Lines(string(q.source(p.File))), 0
	}
	if p.Line > len(q.lines) || q.lines[p.Line-1] == "" {
		return nil, false
	}
	if q.line != p.Line {
		q.line, q.runes = p.Line, decode(q.lines[p.Line-1])
	}
	return q.runes, true
}

// decode returns the code points of a line. A byte that belongs to none
// becomes one beyond Unicode, which cells shows as the byte.
func decode(line string) []rune {
	runes := make([]rune, 0, len(line))
	for i, r := range line {
		if r == '\uFFFD' && !strings.HasPrefix(line[i:], "\uFFFD") {
			r = notUnicode + rune(line[i])
		}
		runes = append(runes, r)
	}
	return runes
}

const notUnicode = 0x110000

// show returns code points as text to print. The whole line is looked at, so
// that what is dangerous cannot hide across the cuts. A tab is two spaces.
func show(line []rune, start, end int) string {
	var b strings.Builder
	for i := start; i < end; i++ {
		switch r := line[i]; {
		case r >= notUnicode:
			fmt.Fprintf(&b, `\x%02x`, r-notUnicode)
		case r == '\t':
			b.WriteString("  ")
		case r == '#' && startsCommand(string(line[i:min(i+len("##teamcity["), len(line))])):
			b.WriteString(escapedHash)
		default:
			b.WriteString(escapeRune(r))
		}
	}
	return b.String()
}

const ellipsis = "…"

// cut splits a line into what stands before, in and after the spot, ready to
// be printed, and trims it to the given number of columns around the spot.
func cut(line []rune, at finding.Position, width int) (before, spot, after string) {
	start := min(at.Column-1, len(line))
	end := start + 1
	switch {
	case at.EndLine > at.Line:
		end = len(line) // it goes on in the next line
	case at.EndColumn > at.Column:
		end = at.EndColumn - 1
	}
	end = min(end, len(line))

	// However long the line is, no more of it than could be shown is measured.
	window := 4 * width
	first, last := max(0, start-window), min(len(line), end+window)
	middle := min(end, start+window)
	before, spot, after = show(line, first, start), show(line, start, middle), show(line, end, last)
	if middle == end && columns(before)+columns(spot)+columns(after) <= width && first == 0 && last == len(line) {
		return before, spot, after
	}
	if middle < end || columns(spot) > width/2 {
		spot = Head(spot, width/2-1) + ellipsis
	}
	// The start of the line says most about it, unless the spot is far off.
	if first > 0 || columns(before)+columns(spot) > width*3/4 {
		before = ellipsis + tail(before, width/4-1)
	}
	if rest := width - columns(before) - columns(spot); last < len(line) || columns(after) > rest {
		after = Head(after, rest-1) + ellipsis
	}
	return before, spot, after
}

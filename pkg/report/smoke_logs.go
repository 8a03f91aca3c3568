package report

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/opengpu-network/templates/pkg/record"
)

// sequences are the colours that a program may have written to its log.
var sequences = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// widestLogLine is how many columns of a line of a log are shown.
const widestLogLine = 400

// services prints the last lines of every log, then the state of every
// container.
func (p *painter) services(services []record.Service) {
	if len(services) == 0 {
		return
	}
	fmt.Fprintln(&p.out, p.paint(bold, "  last lines of each log:"))
	for line := range logLines(services) {
		fmt.Fprintln(&p.out, Inert("    "+line))
	}
	fmt.Fprintln(&p.out, p.paint(bold, "  state of each container:"))
	width := nameWidth(services)
	for _, s := range services {
		start := "    " + pad(Escape(s.Name), width) + " | "
		rest := p.Width - columns(start)
		for _, line := range Wrap(flat(s.State), rest, rest) {
			fmt.Fprintln(&p.out, Inert(start+line))
			start = strings.Repeat(" ", columns(start))
		}
	}
}

func nameWidth(services []record.Service) int {
	width := 0
	for _, s := range services {
		width = max(width, columns(Escape(s.Name)))
	}
	return min(width, widestName)
}

// logLines yields the last lines of every log after the name of their service,
// safe to print.
func logLines(services []record.Service) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		width := nameWidth(services)
		for _, s := range services {
			log := s.Log
			if len(log) == 0 {
				log = []string{"(it logged nothing)"}
			}
			for _, line := range log {
				// A carriage return ends what a terminal would have overwritten.
				text := Escape(strings.TrimRight(sequences.ReplaceAllString(line, ""), "\r\n"))
				if columns(text) > widestLogLine {
					text = Head(text, widestLogLine-1) + ellipsis
				}
				if !yield(pad(Escape(s.Name), width) + " | " + text) {
					return
				}
			}
		}
	}
}

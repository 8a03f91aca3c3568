package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/opengpu-network/templates/pkg/record"
)

const green = "\x1b[32;1m"

var statusColors = map[record.Status]string{
	record.Passed: green, record.Failed: red, record.Skipped: dim, record.Emulated: yellow, record.Pretended: yellow,
}

// caseMarks show how a case went.
var caseMarks = map[record.Status]struct{ color, mark string }{
	record.Passed: {green, "✓"}, record.Skipped: {dim, "-"},
}

// What strangers chose is aligned up to so many columns.
const (
	widestSubject = 48
	widestName    = 40
)

func writeSmokeText(w io.Writer, s Smoke, o Options) error {
	p := &painter{Options: o}
	statuses, subjects := 0, 0
	for _, r := range s.Records {
		statuses = max(statuses, len(verdict(r)))
		subjects = max(subjects, columns(subject(r)))
	}
	for i, r := range s.Records {
		p.headline(r, statuses, min(subjects, widestSubject))
		headline := p.out.Len()
		p.record(r)
		if last := i == len(s.Records)-1; last || p.out.Len() > headline {
			p.out.WriteByte('\n')
		}
	}
	fmt.Fprintln(&p.out, smokeLine(s))
	_, err := io.WriteString(w, p.out.String())
	return err
}

// subject names a run.
func subject(r record.Record) string {
	var parts []string
	for _, part := range []string{r.Template, r.Version, r.Environment} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return Escape(strings.Join(parts, " "))
}

// pad fills text up to a number of columns.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-columns(text)))
}

// headline says how a run went in one line, when it fits into one.
func (p *painter) headline(r record.Record, statuses, subjects int) {
	status := strings.ToUpper(string(verdict(r)))
	indent := strings.Repeat(" ", statuses+1)
	start := pad(status, statuses) + " "
	what := subject(r)
	said := measures(r)
	if verdict(r) == record.Skipped {
		said = flat(r.Reason)
	}
	p.out.WriteString(p.paint(statusColors[verdict(r)], status) + start[len(status):])
	if line := pad(what, subjects) + "   " + said; said != "" && columns(start+line) <= p.Width {
		fmt.Fprintf(&p.out, "%s%s\n", p.paint(bold, what), line[len(what):])
		return
	}
	fmt.Fprintln(&p.out, p.paint(bold, what))
	if said != "" {
		p.lines(indent, said)
	}
}

// lines prints text that is safe already, wrapped and indented.
func (p *painter) lines(indent, text string) {
	width := p.Width - len(indent)
	for _, line := range Wrap(text, width, width) {
		fmt.Fprintln(&p.out, Inert(indent+line))
	}
}

// of says how much was taken of what is stated.
func of(taken, stated int64) string {
	if stated > 0 {
		return memory(taken) + " of " + memory(stated)
	}
	return memory(taken)
}

// measures says what a run measured.
func measures(r record.Record) string {
	var said []string
	if r.Times.Ready > 0 {
		said = append(said, "ready "+span(r.Times.Ready))
	} else {
		said = append(said, "not ready")
	}
	if len(r.Cases) > 0 {
		said = append(said, count(len(r.Cases), "case"))
	}
	if r.Peak.Memory > 0 {
		said = append(said, "peak memory "+of(r.Peak.Memory, r.Peak.MemoryStated))
	}
	if r.Peak.VRAM > 0 {
		said = append(said, "peak VRAM "+of(r.Peak.VRAM, r.Peak.VRAMStated))
	}
	if r.Peak.Disk > 0 {
		said = append(said, "disk "+of(r.Peak.Disk, r.Peak.DiskStated))
	}
	sizes := map[string]int64{}
	var total int64
	for _, image := range r.Images {
		if _, counted := sizes[image.ID]; !counted {
			sizes[image.ID] = image.Size
			total += image.Size
		}
	}
	if len(sizes) == 1 {
		said = append(said, "image "+disk(total))
	} else if len(sizes) > 1 {
		said = append(said, fmt.Sprintf("%d images %s", len(sizes), disk(total)))
	}
	return strings.Join(said, ", ")
}

// record prints what there is to say below the headline.
func (p *painter) record(r record.Record) {
	p.cases(r.Cases)
	for _, image := range r.Images {
		if image.Built {
			p.label(blue, "  = built: ", fmt.Sprintf("%s of service %q, from the template's service folder", image.Reference, image.Service))
		}
	}
	if standIn(r) != "" {
		p.label(yellow, "  = "+standIn(r)+": ", noPass(r))
	}
	for _, note := range r.Notes {
		p.label(blue, "  = note: ", note)
	}
	for _, f := range r.Failures {
		p.failure(f)
	}
	if verdict(r) == record.Failed {
		p.services(r.Services)
	}
	if r.Kept != nil {
		// These are for copying: they are never broken.
		for _, kept := range []struct{ label, text string }{{"kept", r.Kept.Project}, {"reach", r.Kept.URL}, {"remove", r.Kept.Remove}} {
			if kept.text != "" {
				fmt.Fprintf(&p.out, "%s %s\n", p.paint(blue, "  = "+kept.label+":"), flat(kept.text))
			}
		}
	}
}

func (p *painter) cases(cases []record.Case) {
	names, times := 0, 0
	for _, c := range cases {
		names = max(names, columns(Escape(c.Name)))
		times = max(times, len(took(c)))
	}
	for _, c := range cases {
		shown, ok := caseMarks[c.Status]
		if !ok {
			shown.color, shown.mark = red, "✗"
		}
		fmt.Fprintf(&p.out, "  %s %s  %s  %s\n", p.paint(shown.color, shown.mark),
			pad(Escape(c.Name), min(names, widestName)), pad(took(c), times), p.paint(dim, Escape(c.Function)))
	}
}

// took says how long a case took.
func took(c record.Case) string {
	if c.Status == record.Skipped {
		return notReached
	}
	return span(c.Seconds)
}

// failure prints one thing that went wrong, as lint prints a finding.
func (p *painter) failure(f record.Failure) {
	const indent = 4
	head := "  " + fmt.Sprintf("error[%s]", Escape(f.Kind))
	lines := Wrap(flat(f.Message), p.Width-columns(head)-len(": "), p.Width-indent)
	fmt.Fprintf(&p.out, "%s: %s\n", p.paint(red, head), p.paint(bold, lines[0]))
	for _, line := range lines[1:] {
		fmt.Fprintf(&p.out, "%*s%s\n", indent, "", p.paint(bold, Inert(line)))
	}
	if where := whereOf(f); where != "" {
		fmt.Fprintf(&p.out, "    %s %s\n", p.paint(blue, "-->"), where)
	}
	if f.Remedy != "" {
		p.label(blue, "    = fix: ", f.Remedy)
	}
}

// whereOf names the case and the service that a failure is about.
func whereOf(f record.Failure) string {
	var where []string
	if f.Case != "" {
		where = append(where, "case "+Escape(f.Case))
	}
	if f.Service != "" {
		where = append(where, "service "+Escape(f.Service))
	}
	return strings.Join(where, ", ")
}

// smokeLine counts the runs by how they ended.
func smokeLine(s Smoke) string {
	counts := map[record.Status]int{}
	for _, r := range s.Records {
		counts[verdict(r)]++
	}
	var said []string
	for _, status := range []record.Status{record.Passed, record.Failed, record.Skipped, record.Emulated, record.Pretended} {
		if counts[status] == 0 {
			continue
		}
		text := fmt.Sprintf("%d %s", counts[status], status)
		if slices.Contains([]record.Status{record.Emulated, record.Pretended}, status) {
			text += " (not a pass)"
		}
		said = append(said, text)
	}
	if len(said) == 0 {
		return "Nothing was run"
	}
	return strings.Join(said, ", ")
}

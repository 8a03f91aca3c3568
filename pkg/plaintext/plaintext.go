// Package plaintext judges whether a text says to a reader what it says to a
// machine. It is the one place that knows which characters hide, move or pass
// for others; whoever reads, publishes or prints a stranger's text asks it.
package plaintext

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// Use is what a text is for, which decides how strict the judgement is.
type Use int

// The uses, each stricter than the one before.
const (
	// Prose is for people: READMEs, comments, descriptions on several lines. No
	// character in it hides, or moves others.
	Prose Use = iota
	// Line is prose on one line.
	Line
	// Value is for a machine, and people review it: what compose files hold. Its
	// words do not pass for others, and its spaces are spaces to a machine. It may
	// have several lines.
	Value
	// Name is what something is called: on one line, and in letters that do not
	// pass for those of another script.
	Name
)

// Fault is what is wrong with a text in one place.
type Fault struct {
	// Offset and End are where it begins and ends, in bytes.
	Offset, End int
	// Rune is the first character of it.
	Rune rune
	// LookAlike is true when the characters can be seen and pass for others, and
	// false when they are hidden, or move or hide others.
	LookAlike bool
	// Message completes "the text …". It names characters by their code points and
	// holds none of them.
	Message string
}

// maxFaults is how many faults of one text are told apart.
const maxFaults = 100

// Check returns what is wrong with a text, by place, at most a hundred faults.
// Characters of one kind in a row are one fault.
func Check(text string, use Use) []Fault {
	if plain(text, use) {
		return nil
	}
	faults := hidden(text, use)
	if use >= Value {
		faults = merge(faults, lookAlikes(text, use))
	}
	return faults[:min(len(faults), maxFaults)]
}

// Error returns the first fault of a text as an error, which completes "the text
// …", or nil.
func Error(text string, use Use) error {
	if faults := Check(text, use); len(faults) > 0 {
		return errors.New(faults[0].Message)
	}
	return nil
}

// plain is true for printable ASCII, which most text is.
func plain(text string, use Use) bool {
	for i := range len(text) {
		if c := text[i]; (c < ' ' || c > '~') && (c != '\n' && c != '\t' || !breaks(use)) {
			return false
		}
	}
	return true
}

// breaks is true for uses that may have several lines.
func breaks(use Use) bool { return use == Prose || use == Value }

// hidden finds the characters that hide, or move others.
func hidden(text string, use Use) (faults []Fault) {
	var run Fault
	var kind string
	count := 0
	end := func() {
		if count > 0 {
			run.Message = "holds " + codePoint(run.Rune) + ", " + kind
			if count > 1 {
				run.Message = fmt.Sprintf("holds %d characters in a row of which each is %s, the first %s", count, kind, codePoint(run.Rune))
			}
			faults = append(faults, run)
		}
		count = 0
	}
	marks := 0
	for i, size := 0, 0; i < len(text) && len(faults) <= maxFaults; i += size {
		var r rune
		r, size = utf8.DecodeRuneInString(text[i:])
		found := ""
		switch {
		case r == utf8.RuneError && size == 1:
			found = "a byte that is no UTF-8"
			r = rune(text[i])
		case r < utf8.RuneSelf:
			found = ascii(r, text[i+1:], use)
		default:
			found = beyondASCII(r, text, i, size, use)
		}
		if marks = stack(r, marks); found == "" && marks > maxMarks {
			found = "one mark too many on a letter"
		}
		if found == "" || found != kind {
			end()
		}
		if kind = found; found == "" {
			continue
		}
		if count == 0 {
			run = Fault{Offset: i, Rune: r}
		}
		run.End = i + size
		count++
	}
	end()
	return faults
}

// merge puts two lists of faults in order, and leaves out what is said twice.
func merge(a, b []Fault) []Fault {
	var all []Fault
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].Offset <= b[0].Offset:
			all, a = append(all, a[0]), a[1:]
		case len(all) > 0 && b[0].Offset < all[len(all)-1].End:
			b = b[1:]
		default:
			all, b = append(all, b[0]), b[1:]
		}
	}
	return all
}

func codePoint(r rune) string { return fmt.Sprintf("U+%04X", r) }

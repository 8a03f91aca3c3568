package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Escape makes text from a stranger safe to print on one line of a terminal:
// whatever would move the cursor, change direction or hide is shown as an
// escape sequence such as \x1b or \u202e.
func Escape(text string) string {
	if printable(text) {
		return text
	}
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		if r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, `\x%02x`, text[0])
		} else {
			b.WriteString(escapeRune(r))
		}
		text = text[size:]
	}
	return b.String()
}

func printable(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

// escapeRune returns a rune as it is, or as an escape sequence when it could
// do more than show itself.
func escapeRune(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case unicode.IsPrint(r) && !unicode.Is(unicode.Variation_Selector, r):
		return string(r)
	case r < 0x80:
		return fmt.Sprintf(`\x%02x`, r)
	case r > 0xffff:
		return fmt.Sprintf(`\U%08x`, r)
	default:
		return fmt.Sprintf(`\u%04x`, r)
	}
}

// Inert makes a line safe to print in a CI log, where a runner reads lines
// that look like its commands: `::error::` and `##[error]` at a line's start.
func Inert(line string) string {
	trimmed := strings.TrimLeft(line, " \t")
	if strings.HasPrefix(trimmed, "::") || strings.HasPrefix(trimmed, "##[") {
		return line[:len(line)-len(trimmed)] + `\` + trimmed
	}
	return line
}

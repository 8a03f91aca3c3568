package report

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/opengpu-network/templates/pkg/plaintext"
)

// Escape makes text from a stranger safe to print on one line of a terminal or
// of a CI log: whatever would move the cursor, change direction, hide or pass
// for a logging command is shown as an escape sequence such as \x1b or \u202e.
func Escape(text string) string {
	if harmless(text) {
		return text
	}
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[0])
		case startsCommand(text):
			b.WriteString(escapedHash)
		default:
			b.WriteString(escapeRune(r))
		}
		text = text[size:]
	}
	return b.String()
}

// escapedHash takes the place of the first # of a logging command.
const escapedHash = `\x23`

// startsCommand is true for text that starts like a logging command of GitHub,
// Azure or TeamCity. GitHub's runner looks for ##[ anywhere in a line.
func startsCommand(text string) bool {
	rest, ok := strings.CutPrefix(text, "##")
	return ok && (strings.HasPrefix(rest, "[") || strings.HasPrefix(rest, "vso[") || strings.HasPrefix(rest, "teamcity["))
}

// harmless is true for text that Escape leaves alone at first sight.
func harmless(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' {
			return false
		}
	}
	return !strings.Contains(text, "##")
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
	case plaintext.Shows(r):
		return string(r)
	case r < 0x80:
		return fmt.Sprintf(`\x%02x`, r)
	case r > 0xffff:
		return fmt.Sprintf(`\U%08x`, r)
	default:
		return fmt.Sprintf(`\u%04x`, r)
	}
}

// Inert makes a line safe to print in a CI log, where a runner takes a line
// whose text starts with :: or ##[ for its command. Escape comes first.
func Inert(line string) string {
	trimmed := strings.TrimLeft(line, " \t")
	if strings.HasPrefix(trimmed, "::") || strings.HasPrefix(trimmed, "##[") {
		return line[:len(line)-len(trimmed)] + `\` + trimmed
	}
	return line
}

package importer

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/opengpu-network/templates/pkg/plaintext"
	"golang.org/x/text/unicode/norm"
)

// Limits on texts, as the manifest's schema has them, in characters.
const (
	minTitle, maxTitle = 3, 60
	maxDescription     = 500
	minName, maxName   = 2, 60
)

// line makes one line of a stranger's text. Line breaks and tabs are only space. The
// error completes "the value …".
func line(text string, use plaintext.Use) (string, error) {
	line := strings.Join(strings.Fields(text), " ")
	for text, use := range map[string]plaintext.Use{strings.ReplaceAll(text, "\r", "\n"): plaintext.Prose, line: use} {
		if err := plaintext.Error(text, use); err != nil {
			return "", fmt.Errorf("%w: take it out", err)
		}
	}
	return line, nil
}

// cut shortens a text to so many characters, at a space where there is one.
func cut(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	runes := []rune(text)[:most-1]
	short := string(runes)
	if i := strings.LastIndexByte(short, ' '); i > len(short)/2 {
		short = short[:i]
	}
	return strings.TrimRight(short, " ,;:-") + "…"
}

// SuggestName makes a template's name of a source's name: small letters, digits
// and single hyphens. It is empty when nothing is left.
func SuggestName(text string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(text) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= 'A' && r <= 'Z':
			b.WriteRune(unicode.ToLower(r))
		case unicode.Is(unicode.Mn, r), r == '\'':
			// An accent of the letter before.
		default:
			b.WriteByte(' ')
		}
	}
	name := strings.Join(strings.Fields(b.String()), "-")
	if len(name) > maxName {
		name = name[:maxName]
		if i := strings.LastIndexByte(name, '-'); i > maxName/2 {
			name = name[:i]
		}
		name = strings.TrimRight(name, "-")
	}
	if len(name) < minName {
		return ""
	}
	return name
}

// markdown escapes a line so that Markdown shows it as it is.
func markdown(text string) string {
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == '<':
			b.WriteString("&lt;")
			continue
		case r == '&':
			b.WriteString("&amp;")
			continue
		case strings.ContainsRune("\\`*_[]!|~", r), i == 0 && strings.ContainsRune("#+->=", r):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// CheckTitle makes one line of a title and returns an error unless it may be a
// template's. The error completes "the title …".
func CheckTitle(text string) (string, error) {
	title, err := line(text, plaintext.Name)
	if n := utf8.RuneCountInString(title); err == nil && (n < minTitle || n > maxTitle) {
		err = fmt.Errorf("has %d characters and must have %d to %d", n, minTitle, maxTitle)
	}
	return title, err
}

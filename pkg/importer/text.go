package importer

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limits on texts, as the manifest's schema has them, in characters.
const (
	minTitle, maxTitle = 3, 60
	maxDescription     = 500
	minName, maxName   = 2, 60
)

// line makes one line of a stranger's text. The error completes "the value …".
func line(text string) (string, error) {
	for _, r := range text {
		if hidden(r) {
			return "", errors.New("holds a character that is not seen, or that moves others: take it out")
		}
	}
	return strings.Join(strings.Fields(text), " "), nil
}

// hidden is true for control characters, and for those that reorder or hide text.
// Line breaks and tabs are only space, and joined emoji are seen.
func hidden(r rune) bool {
	switch r {
	case '\n', '\r', '\t', '\u200d':
		return false
	case '\u2028', '\u2029', '\ufffd':
		return true
	}
	return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r)
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
	title, err := line(text)
	if n := utf8.RuneCountInString(title); err == nil && (n < minTitle || n > maxTitle) {
		err = fmt.Errorf("has %d characters and must have %d to %d", n, minTitle, maxTitle)
	}
	return title, err
}

package plaintext

import (
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/text/unicode/norm"
)

// Shows is true for a character that is seen, takes its own place and does nothing
// else, wherever it stands. It is the strictest judgement: that of a terminal, on
// which a character has no neighbours that could excuse it.
func Shows(r rune) bool {
	return r == utf8.RuneError || unicode.IsPrint(r) && invisible(r) == ""
}

// ascii says what is hidden about a character of ASCII, or nothing. rest follows it.
func ascii(r rune, rest string, use Use) string {
	switch {
	case r == '\n' && !breaks(use):
		return "a line break"
	case r == '\t' && !breaks(use):
		return "a tab"
	case r == '\n', r == '\t', r == '\r' && breaks(use) && rest != "" && rest[0] == '\n':
		return ""
	case r == '\r':
		return "a carriage return"
	case r == 0x1b:
		return "an escape, which begins commands to a terminal"
	case r < ' ' || r == 0x7f:
		return "a control character"
	default:
		return ""
	}
}

// beyondASCII says what is hidden about the character at text[i:i+size], or nothing.
func beyondASCII(r rune, text string, i, size int, use Use) string {
	kind := invisible(r)
	if kind == "" {
		if use >= Value && unicode.Is(unicode.Zs, r) {
			return "a space that is no space to a machine"
		}
		return ""
	}
	if r == utf8.RuneError {
		if breaks(use) {
			return "" // it is seen, and says that something was lost
		}
		return kind
	}
	if belongs(r, text[:i], text[i+size:]) {
		return ""
	}
	return kind
}

// directions are the controls that reorder what is shown: UAX #9.
var directions = map[rune]string{
	'\u061c': "an Arabic letter mark, which changes direction",
	'\u200e': "a left-to-right mark", '\u200f': "a right-to-left mark",
	'\u202a': "a left-to-right embedding", '\u202b': "a right-to-left embedding", '\u202c': "an end of a change of direction",
	'\u202d': "a left-to-right override", '\u202e': "a right-to-left override",
	'\u2066': "a left-to-right isolate", '\u2067': "a right-to-left isolate",
	'\u2068': "a first strong isolate", '\u2069': "an end of an isolate",
}

// zeroWidth take no place.
var zeroWidth = map[rune]string{
	'\u00ad': "a soft hyphen, which is mostly not shown",
	'\u200b': "a zero-width space", '\u200c': "a zero-width non-joiner", '\u200d': "a zero-width joiner",
	'\u2060': "a zero-width word joiner", '\ufeff': "a zero-width space (a byte order mark)",
}

// fillers are letters, marks and symbols of which nothing is seen, besides those
// that Unicode itself calls ignorable: a Braille pattern without dots, a note
// without a head, and a filler of Khitan.
var fillers = map[rune]bool{'\u2800': true, '\U0001d159': true, '\U00016fe4': true}

// invisible says what is hidden about a character beyond ASCII, whatever stands
// beside it, or nothing. What is not known to be seen counts as hidden.
func invisible(r rune) string {
	if kind := directions[r]; kind != "" {
		return kind
	}
	if kind := zeroWidth[r]; kind != "" {
		return kind
	}
	switch {
	case r == '\u0085' || r == '\u2028' || r == '\u2029':
		return "a line break that editors do not show"
	case r < 0xa0:
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return "a control character"
		}
		return ""
	case r >= 0xe0000 && r <= 0xe007f:
		return "a tag character"
	case unicode.Is(unicode.Variation_Selector, r):
		return "a variation selector, which is not seen"
	case fillers[r] || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r):
		return "an invisible filler"
	case unicode.Is(unicode.Co, r):
		return "a private-use character"
	case unicode.Is(unicode.Noncharacter_Code_Point, r):
		return "a noncharacter"
	case r == utf8.RuneError || r == '\ufffc':
		return "what stands for a character that was lost"
	case unicode.Is(unicode.Prepended_Concatenation_Mark, r):
		return "" // a sign of Arabic and others, which is seen
	case unicode.Is(unicode.Cf, r):
		return "a format character, which is not seen"
	case unicode.IsGraphic(r) || pictograph(r):
		return ""
	default:
		return "a character that Unicode " + unicode.Version + " does not know"
	}
}

const (
	textStyle  = '\ufe0e'
	emojiStyle = '\ufe0f'
	keycap     = '\u20e3'
	nonJoiner  = '\u200c'
	joiner     = '\u200d'
)

// belongs is true for a joiner or a variation selector where scripts and emoji are
// written with it, so that it is seen by what it does.
func belongs(r rune, before, after string) bool {
	if before == "" || after == "" && r != textStyle && r != emojiStyle {
		return false
	}
	previous, size := utf8.DecodeLastRuneInString(before)
	next, _ := utf8.DecodeRuneInString(after)
	switch r {
	case textStyle, emojiStyle:
		return pictograph(previous) ||
			next == keycap && (previous >= '0' && previous <= '9' || previous == '#' || previous == '*')
	case joiner, nonJoiner:
		// After the sign that takes a letter's vowel, joiners choose its form.
		if norm.NFD.PropertiesString(before[len(before)-size:]).CCC() == virama && unicode.IsLetter(next) {
			return true
		}
		if r == nonJoiner {
			return joins(previous) && unicode.Is(unicode.Arabic, next) && unicode.IsLetter(next)
		}
		if previous == emojiStyle || previous >= 0x1f3fb && previous <= 0x1f3ff { // a skin tone
			previous, _ = utf8.DecodeLastRuneInString(before[:len(before)-size])
		}
		return pictograph(previous) && pictograph(next)
	default:
		return false
	}
}

// virama is the combining class of that sign.
const virama = 9

// joins is true for a letter of Arabic that the next one joins: after the others a
// non-joiner changes nothing.
func joins(r rune) bool {
	const never = "ءآأؤإاةدذرزوىٱٲٳٵڈډڊڋڌڍڎڏڐڑڒړڔڕږڗژڙۀۃۄۅۆۇۈۉۊۋۍۏےۓەۮۯ"
	if !unicode.Is(unicode.Arabic, r) || !unicode.IsLetter(r) {
		return false
	}
	for _, other := range never {
		if r == other {
			return r == 'ى' // Persian and Urdu write it joined
		}
	}
	return true
}

// pictograph is true for what an emoji can be made of, also for what Unicode keeps
// for those to come: it is these whose width a style changes.
func pictograph(r rune) bool {
	if r < 0xa9 {
		return false
	}
	_, _, text, _ := uniseg.FirstGraphemeClusterInString(string(r)+string(textStyle), -1)
	_, _, emoji, _ := uniseg.FirstGraphemeClusterInString(string(r)+string(emojiStyle), -1)
	return text != emoji
}

// maxMarks is how many marks a letter may carry: more than any script writes, and
// less than spills over the lines above and below.
const maxMarks = 5

// stack counts the marks in a row that lie on or below a letter.
func stack(r rune, marks int) int {
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return marks + 1
	}
	return 0
}

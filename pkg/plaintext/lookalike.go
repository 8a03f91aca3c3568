package plaintext

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Which scripts may stand in one word follows UTS #39, section 5.2, "moderately
// restrictive": one script; those of Chinese, Japanese and Korean with each other;
// and Latin with these or with one other script of today that looks unlike it.
var (
	together = []string{"Latin", "Han", "Hiragana", "Katakana", "Bopomofo", "Hangul"}
	unlike   = []string{
		"Arabic", "Bengali", "Devanagari", "Ethiopic", "Georgian", "Gujarati", "Gurmukhi", "Hebrew", "Kannada", "Khmer",
		"Lao", "Malayalam", "Myanmar", "Oriya", "Sinhala", "Tamil", "Telugu", "Thaana", "Thai", "Tibetan",
	}
)

// twins are letters, without their accents, that pass for a letter of ASCII. Words
// of these languages can consist of them.
var twins = map[string]string{
	"Cyrillic": "асԁеһіјӏоԛрѕухүѵԝкАВЕЅІЈКМНОРԚСТХУҮԜѴӀԌᲀᲂ",
	"Greek":    "αγηικνορυχωϲϳΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹͿ",
	"Armenian": "օոսհցզքՍՏՕԼՈ",
}

// rings and strokes pass for letters of ASCII in a word of Latin letters alone.
const ringsAndStrokes = "וןס" + "ဝ" + "ഠ" + "ଠ" + "ዐሀ" + "〇丨丶" + "ㅇㅣㅡ"

// rare are letters of Latin itself that pass for those of ASCII. The dotless i is
// none: Turkish has it.
const rare = "ɑɡɩɪʟᴀᴄᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢꜰꜱʙɢʜɴʀʏǀƖꞬ"

// wholly are scripts of which most letters were shaped after Latin ones, or pass
// for them.
var wholly = []string{
	"Carian", "Cherokee", "Coptic", "Deseret", "Elbasan", "Gothic", "Lisu", "Lycian", "Lydian", "Old_Italic", "Old_Permic", "Osage",
	"Vithkuqi", "Warang_Citi",
}

// lookAlikes finds what passes for something else: letters of another script in a
// word, compatibility forms of plain letters in a name, and text in one script
// whose letters could all be those of another.
func lookAlikes(text string, use Use) (faults []Fault) {
	fault := func(offset int, r rune, format string, args ...any) {
		faults = append(faults, Fault{
			Offset: offset, End: offset + utf8.RuneLen(r), Rune: r, LookAlike: true, Message: fmt.Sprintf(format, args...),
		})
	}
	for start, word := range words(text) {
		if offset, r, ok := stranger(word); ok {
			fault(start+offset, r, "has a word that mixes scripts: %s is %s, and the letters beside it are not", codePoint(r), scriptName(r))
			continue
		}
		if use < Name {
			continue
		}
		for i, r := range word {
			if twin := compatible(r); twin != "" && !pictograph(r) {
				fault(start+i, r, "holds %s, which passes for a plain %s: write that", codePoint(r), twin)
				break
			}
			if script(r) == "Latin" && strings.ContainsRune(rare, base(r)) {
				fault(start+i, r, "holds %s, which passes for a letter of the Latin alphabet", codePoint(r))
				break
			}
		}
	}
	if offset, r, ok := disguised(text, use); ok && len(faults) == 0 {
		fault(offset, r, "could be taken for Latin: %s is %s, and like all the others of that script it looks like a letter of the Latin alphabet", codePoint(r), scriptName(r))
	}
	return faults
}

// words yields the words of a text with their offsets: letters, digits, and the
// marks on them.
func words(text string) func(yield func(int, string) bool) {
	part := func(r rune) bool { return unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Nl) || ignorable(r) }
	return func(yield func(int, string) bool) {
		for i := 0; i < len(text); {
			rest := text[i:]
			start := strings.IndexFunc(rest, part)
			if start < 0 {
				return
			}
			end := strings.IndexFunc(rest[start:], func(r rune) bool { return !part(r) })
			if end < 0 {
				end = len(rest) - start
			}
			if !yield(i+start, rest[start:start+end]) {
				return
			}
			i += start + end
		}
	}
}

// ignorable is true for what parts no word because nobody sees it.
func ignorable(r rune) bool {
	return r >= utf8.RuneSelf && !unicode.Is(unicode.Zs, r) && invisible(r) != ""
}

// stranger finds the first letter or digit of a word that may not stand beside the
// others. Where Latin is one of the scripts, that is one of the other.
func stranger(word string) (offset int, r rune, found bool) {
	var scripts []string
	for _, r := range word {
		if s := script(r); s != "" && !slices.Contains(scripts, s) && !science(r) {
			scripts = append(scripts, s)
		}
	}
	latin := slices.Contains(scripts, "Latin")
	odd := ""
	if !allowed(scripts) {
		if odd = scripts[1]; odd == "Latin" {
			odd = scripts[0]
		}
	}
	for i, r := range word {
		switch {
		case odd != "" && script(r) == odd && !science(r),
			latin && strings.ContainsRune(ringsAndStrokes, r),
			r >= utf8.RuneSelf && unicode.Is(unicode.Nd, r) && strings.ContainsFunc(word, isASCII):
			return i, r, true
		}
	}
	return 0, 0, false
}

func isASCII(r rune) bool { return r < utf8.RuneSelf }

func allowed(scripts []string) bool {
	if len(scripts) < 2 {
		return true
	}
	outside := slices.DeleteFunc(slices.Clone(scripts), func(s string) bool { return slices.Contains(together, s) })
	if len(outside) == 0 {
		return true
	}
	return len(scripts) == 2 && slices.Contains(scripts, "Latin") && slices.Contains(unlike, outside[0])
}

// science is true for a letter of Greek that looks like none of Latin: it may stand
// beside Latin ones, as in units and formulas.
func science(r rune) bool {
	return unicode.Is(unicode.Greek, r) && !strings.ContainsRune(twins["Greek"], base(r))
}

// disguised finds the first letter of a script whose letters in the text all pass
// for Latin ones. In values that counts only beside Latin: a value in one script is
// words of a language.
func disguised(text string, use Use) (offset int, r rune, found bool) {
	type seen struct {
		offset int
		r      rune
		honest bool
	}
	others := map[string]*seen{}
	latin := false
	for i, r := range text {
		s := script(r)
		if s == "" || s == "Latin" {
			latin = latin || s == "Latin"
			continue
		}
		if others[s] == nil {
			others[s] = &seen{offset: i, r: r}
		}
		if !strings.ContainsRune(twins[s], base(r)) && !slices.Contains(wholly, s) {
			others[s].honest = true
		}
	}
	if use < Name && !latin {
		return 0, 0, false
	}
	offset = len(text)
	for _, s := range others {
		if !s.honest && s.offset < offset {
			offset, r, found = s.offset, s.r, true
		}
	}
	return offset, r, found
}

// compatible returns the plain letter or digit that a character is another form of,
// as full-width and mathematical letters are, or nothing.
func compatible(r rune) string {
	if r <= 0xff || !unicode.In(r, unicode.Lu, unicode.Ll, unicode.Nd, unicode.Nl) {
		return ""
	}
	plain := norm.NFKD.String(string(r))
	if len(plain) > 0 && plain[0] < utf8.RuneSelf && strings.IndexFunc(plain, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return plain
	}
	return ""
}

// base is a letter without its accents.
func base(r rune) rune {
	first, _ := utf8.DecodeRuneInString(norm.NFD.String(string(r)))
	return first
}

// script is the script of a letter, a mark or a digit; empty for those that belong
// to several, or to none.
func script(r rune) string {
	if r < utf8.RuneSelf {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return "Latin"
		}
		return ""
	}
	if !unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Nl) || unicode.In(r, unicode.Common, unicode.Inherited) {
		return ""
	}
	for _, name := range common {
		if unicode.Is(unicode.Scripts[name], r) {
			return name
		}
	}
	for name, table := range unicode.Scripts {
		if unicode.Is(table, r) {
			return name
		}
	}
	return ""
}

// common are looked at first: looking at all takes a while.
var common = []string{"Latin", "Cyrillic", "Greek", "Han", "Hiragana", "Katakana", "Hangul", "Arabic", "Hebrew", "Devanagari", "Thai"}

// scriptName is a script as people write it.
func scriptName(r rune) string {
	if name := script(r); name != "" {
		return strings.ReplaceAll(name, "_", " ")
	}
	return "of another script"
}

package document

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Edit replaces the bytes from Start up to End of a text.
type Edit struct {
	Start, End int
	Text       string
}

// Splice makes edits, in whatever order they come. Everything else stays byte
// for byte. It is an error when two of them overlap.
func Splice(text string, edits []Edit) (string, error) {
	edits = slices.SortedFunc(slices.Values(edits), func(a, b Edit) int { return cmp.Compare(a.Start, b.Start) })
	var b strings.Builder
	at := 0
	for _, e := range edits {
		if e.Start < at || e.End < e.Start || e.End > len(text) {
			return "", errors.New("two edits of a file overlap")
		}
		b.WriteString(text[at:e.Start])
		b.WriteString(e.Text)
		at = e.End
	}
	b.WriteString(text[at:])
	return b.String(), nil
}

// Span returns the bytes that a scalar takes in the text that it was parsed
// from, its anchor and tag left out; no tag but !!str fits the string that is to
// stand there. It is not ok when the bytes cannot be found. Whoever edits them
// parses the result and compares: a mistake here must not do harm.
func Span(text string, node *yaml.Node) (start, end int, ok bool) {
	start, ok = Offset(text, node.Line, node.Column)
	if !ok {
		return 0, 0, false
	}
	for start < len(text) && (text[start] == '&' || text[start] == '!') {
		length := strings.IndexAny(text[start:], " \t\r\n")
		if length < 0 || text[start] == '!' && text[start:start+length] != "!!str" {
			return 0, 0, false
		}
		start += length
		start += len(text[start:]) - len(strings.TrimLeft(text[start:], " \t"))
	}
	if start == len(text) {
		return 0, 0, false
	}
	switch text[start] {
	case '"':
		end = closing(text, start+1, func(rest string) (skip int, done bool) {
			if rest[0] == '\\' {
				return 2, false
			}
			return 1, rest[0] == '"'
		})
	case '\'':
		end = closing(text, start+1, func(rest string) (skip int, done bool) {
			if strings.HasPrefix(rest, "''") {
				return 2, false
			}
			return 1, rest[0] == '\''
		})
	case '|', '>':
		header := start + strings.IndexAny(text[start:]+" ", " \t\r\n#")
		body := header + strings.IndexByte(text[header:]+"\n", '\n')
		if end = matching(text, min(body, len(text)), node.Value); end == min(body, len(text)) {
			end = header
		}
	default:
		end = matching(text, start, node.Value)
	}
	return start, end, end > start
}

// closing returns the offset after the closing quote, or -1.
func closing(text string, from int, next func(rest string) (skip int, done bool)) int {
	for i := from; i < len(text); {
		skip, done := next(text[i:])
		i += skip
		if done {
			return i
		}
	}
	return -1
}

// matching returns the offset after value in an unquoted scalar. YAML folds
// line breaks and indentation, so white space does not count.
func matching(text string, from int, value string) int {
	end := from
	for _, want := range value {
		if unicode.IsSpace(want) {
			continue
		}
		at := end
		for {
			r, size := utf8.DecodeRuneInString(text[at:])
			if size == 0 {
				return -1
			}
			at += size
			if r == want {
				end = at
				break
			}
			if !unicode.IsSpace(r) {
				return -1
			}
		}
	}
	return end
}

// Offset turns a line and a column, which count as positions do, into bytes.
func Offset(text string, line, column int) (int, bool) {
	at := len(text) - len(strings.TrimPrefix(text, "\uFEFF"))
	for ; line > 1; line-- {
		next := strings.IndexByte(text[at:], '\n')
		if next < 0 {
			return 0, false
		}
		at += next + 1
	}
	for ; column > 1; column-- {
		_, size := utf8.DecodeRuneInString(text[at:])
		if size == 0 {
			return 0, false
		}
		at += size
	}
	return at, true
}

package catalog

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/opengpu-network/templates/pkg/document"
	"go.yaml.in/yaml/v4"
)

// span is a part of the text, in bytes, and what replaces it.
type span struct {
	start, end int
	text       string
}

// apply makes the edits and reads the result again.
func (c *composeText) apply() ([]byte, error) {
	var spans []span
	for node, content := range c.edits {
		start, end, ok := c.find(node)
		if !ok {
			return nil, fmt.Errorf("line %d: the value cannot be edited: write it as one quoted string", node.Line)
		}
		spans = append(spans, span{start, end, writeScalar(content)})
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(b.start, a.start) })
	text := c.text
	for _, s := range spans {
		text = text[:s.start] + s.text + text[s.end:]
	}
	doc, problems := document.Parse("", []byte(text))
	if len(problems) > 0 {
		return nil, fmt.Errorf("line %d: the value cannot be set: the file would no longer be valid (%s)", problems[0].Line, problems[0].Message)
	}
	if !reflect.DeepEqual(withoutExtensions(doc.Value()), withoutExtensions(c.expected)) {
		return nil, errors.New("the value cannot be set: it would also change another place, such as one that shares its anchor")
	}
	return []byte(text), nil
}

// withoutExtensions drops top-level x- keys: an anchor there is only seen
// through its aliases.
func withoutExtensions(m map[string]any) map[string]any {
	kept := map[string]any{}
	for key, value := range m {
		if !strings.HasPrefix(key, "x-") {
			kept[key] = value
		}
	}
	return kept
}

// find returns the bytes that a scalar takes, its anchor and tag left out; no
// tag but !!str fits the string that is to stand there. A mistake here cannot
// do harm: apply compares what comes out.
func (c *composeText) find(node *yaml.Node) (start, end int, ok bool) {
	text := c.text
	start, ok = offset(text, node.Line, node.Column)
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

// offset turns a line and a column, which counts code points, into bytes.
func offset(text string, line, column int) (int, bool) {
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

// writeScalar writes a string as a quoted YAML scalar on one line. Single
// quotes keep JSON readable; double quotes can hold everything.
func writeScalar(text string) string {
	if strings.ContainsAny(text, `"\`) && !strings.ContainsFunc(text, mustEscape) {
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case mustEscape(r) && r <= 0xff:
			fmt.Fprintf(&b, `\x%02x`, r)
		case mustEscape(r) && r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		case mustEscape(r):
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// mustEscape is true for what YAML does not print, takes for a line break, or
// what an editor would hide.
func mustEscape(r rune) bool {
	switch {
	case r < ' ', r >= 0x7f && r <= 0x9f:
		return true
	case r == '\u2028', r == '\u2029', r == '\uFEFF':
		return true
	case r&0xfffe == 0xfffe:
		return true
	default:
		return unicode.Is(unicode.Cf, r)
	}
}

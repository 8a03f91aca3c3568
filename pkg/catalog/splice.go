package catalog

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/plaintext"
)

// apply makes the edits and reads the result again.
func (c *composeText) apply() ([]byte, error) {
	var edits []document.Edit
	for node, content := range c.edits {
		start, end, ok := document.Span(c.text, node)
		if !ok {
			return nil, fmt.Errorf("line %d: the value cannot be edited: write it as one quoted string", node.Line)
		}
		edits = append(edits, document.Edit{Start: start, End: end, Text: writeScalar(content)})
	}
	text, err := document.Splice(c.text, edits)
	if err != nil {
		return nil, err
	}
	doc, problems := document.ParseOwn([]byte(text))
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
	return r < ' ' || r >= 0x7f && !plaintext.Shows(r)
}

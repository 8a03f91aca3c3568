package document

import (
	"bytes"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/plaintext"
	"go.yaml.in/yaml/v4"
)

// Uses says what the scalar at a path of a document is for. Keys are names.
type Uses func(path []any) plaintext.Use

// CheckText looks for what a text hides, as a file that is not YAML: at most a
// hundred places of it. Files that are JSON or YAML by their names are also looked
// at for what they write as escapes.
func CheckText(file string, data []byte) []finding.Finding {
	var d *Document
	switch path.Ext(file) {
	case ".json", ".yml", ".yaml":
		// What is wrong with the file besides is for those who read it.
		d, _ = parse(file, data)
	}
	return checkText(file, string(data), d, nil)
}

// maxPlaces is how many places of one file are listed.
const maxPlaces = 100

// textChecker lists what the text of a file hides.
type textChecker struct {
	file, text string
	uses       Uses
	// starts are the offsets at which lines begin, as Lines splits them.
	starts []int
	found  []finding.Finding
	// told are the offsets at which something has been found.
	told map[int]bool
}

// checkText looks at a file as it is written, and then at what its scalars mean:
// escapes such as "\u202e" count by what they stand for. The document may be nil.
func checkText(file, text string, d *Document, uses Uses) []finding.Finding {
	c := &textChecker{file: file, text: text, uses: uses, told: map[int]bool{}}
	bom := len(text) - len(strings.TrimPrefix(text, "\uFEFF"))
	for _, f := range plaintext.Check(text[bom:], plaintext.Prose) {
		f.Offset += bom
		f.End += bom
		for offset := f.Offset; offset < f.End; offset++ {
			c.told[offset] = true
		}
		c.add(f, f.Offset, f.End, nil)
	}
	if d != nil {
		c.walk(d.Root, nil)
	}
	if len(c.found) > maxPlaces {
		c.found = append(c.found[:maxPlaces], finding.Finding{
			Rule: RuleHidden, Message: "holds more such characters, which are not listed", Position: finding.Position{File: file},
		})
	}
	return c.found
}

func (c *textChecker) add(f plaintext.Fault, start, end int, at []any) {
	rule := RuleHidden
	if f.LookAlike {
		rule = RuleLookAlike
	}
	p := finding.Position{File: c.file}
	p.Line, p.Column = c.place(start)
	p.EndLine, p.EndColumn = c.place(end)
	c.found = append(c.found, finding.Finding{Rule: rule, Message: f.Message, Position: p, Path: slices.Clone(at)})
}

// walk looks at the scalars below a node. Aliases are left to where they lead.
func (c *textChecker) walk(node *yaml.Node, at []any) {
	if len(c.found) > maxPlaces {
		return
	}
	switch node.Kind {
	case yaml.ScalarNode:
		use := plaintext.Prose
		if c.uses != nil {
			use = c.uses(at)
		}
		c.scalar(node, use, at)
	case yaml.SequenceNode:
		for i, child := range node.Content {
			c.walk(child, append(at, i))
		}
	case yaml.MappingNode:
		for pair := range slices.Chunk(node.Content, 2) {
			below := append(at, pair[0].Value)
			c.scalar(pair[0], plaintext.Name, below)
			c.walk(pair[1], below)
		}
	}
}

func (c *textChecker) scalar(node *yaml.Node, use plaintext.Use, at []any) {
	for _, f := range plaintext.Check(node.Value, use) {
		start, end := c.source(node, f.Rune, strings.Count(node.Value[:f.Offset], string(f.Rune)))
		if !c.told[start] {
			c.told[start] = true
			c.add(f, start, end, at)
		}
	}
}

// source finds where the file writes a character of a scalar, as itself or as an
// escape, so many of the same before it. What cannot be found is at the scalar's
// start.
func (c *textChecker) source(node *yaml.Node, want rune, before int) (start, end int) {
	begin := c.offset(node.Line, node.Column)
	text := c.text[begin:]
	escapes := node.Style&yaml.DoubleQuotedStyle != 0
	i := 0
	switch {
	case escapes:
		i = strings.IndexByte(text, '"') + 1
	case node.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		i = strings.IndexByte(text, '\n') + 1
	}
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if escapes && r == '"' {
			break
		}
		if escapes && r == '\\' {
			r, size = unescape(text[i:])
		}
		if r == want {
			if before == 0 {
				return begin + i, begin + i + size
			}
			before--
		}
		i += size
	}
	return begin, begin
}

// unescape reads an escape of a double-quoted scalar, which begins with a backslash:
// the character that it stands for, and how many bytes it takes.
func unescape(text string) (r rune, size int) {
	if len(text) < 2 {
		return utf8.RuneError, len(text)
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[text[1]]
	if digits > 0 && len(text) >= 2+digits {
		if n, err := strconv.ParseUint(text[2:2+digits], 16, 32); err == nil {
			return rune(n), 2 + digits
		}
	}
	if r, ok := escapes[text[1]]; ok {
		return r, 2
	}
	_, size = utf8.DecodeRuneInString(text[1:])
	return utf8.RuneError, 1 + size
}

// escapes are YAML's escapes of one letter.
var escapes = map[byte]rune{
	'0': 0, 'a': '\a', 'b': '\b', 't': '\t', '\t': '\t', 'n': '\n', 'v': '\v', 'f': '\f', 'r': '\r', 'e': 0x1b, ' ': ' ', '"': '"',
	'/': '/', '\\': '\\', 'N': '\u0085', '_': '\u00a0', 'L': '\u2028', 'P': '\u2029',
}

// lines finds the starts of the lines once.
func (c *textChecker) lines() []int {
	if c.starts != nil {
		return c.starts
	}
	c.starts = []int{len(c.text) - len(strings.TrimPrefix(c.text, "\uFEFF"))}
	for i, r := range c.text {
		switch {
		case r == '\r' && strings.HasPrefix(c.text[i+1:], "\n"):
		case r == '\n', r == '\r', r == '\u0085', r == '\u2028', r == '\u2029':
			c.starts = append(c.starts, i+utf8.RuneLen(r))
		}
	}
	return c.starts
}

// Place is the line and the column of an offset in a text, as findings count them.
func Place(text string, offset int) (line, column int) {
	return (&textChecker{text: text}).place(offset)
}

// place turns an offset into line and column.
func (c *textChecker) place(offset int) (line, column int) {
	starts := c.lines()
	line, found := slices.BinarySearch(starts, offset)
	if found {
		return line + 1, 1
	}
	line = max(line, 1)
	start := min(starts[line-1], offset)
	return line, utf8.RuneCountInString(c.text[start:offset]) + 1
}

// offset turns line and column into an offset.
func (c *textChecker) offset(line, column int) int {
	starts := c.lines()
	if line < 1 || line > len(starts) {
		return len(c.text)
	}
	offset := starts[line-1]
	for range column - 1 {
		_, size := utf8.DecodeRuneInString(c.text[offset:])
		offset += size
	}
	return offset
}

// IsText is true for what can be read as a text: UTF-8 without a zero byte.
func IsText(data []byte) bool { return utf8.Valid(data) && bytes.IndexByte(data, 0) < 0 }

// Package document reads one YAML file that a stranger wrote: within limits,
// with every problem reported at its place, and with the way back from a path
// in the data to line and column.
package document

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/opengpu-network/templates/pkg/finding"
	"go.yaml.in/yaml/v4"
)

// Limits on a single file. They are far above what a template needs and far
// below what would hurt the machine that reads it.
const (
	// MaxBytes is the size of the largest file that is read.
	MaxBytes = 256 << 10
	// MaxDepth is how deep collections may nest.
	MaxDepth = 64
	// MaxNodes is how many nodes a file may hold, each alias counted as all
	// that it stands for.
	MaxNodes = 10_000
	// MaxExpandedBytes is how much text a file may hold, counted likewise.
	MaxExpandedBytes = 1 << 20
)

// The rules that this package finds broken.
const (
	RuleYAML         = "syntax/yaml"
	RuleLimits       = "syntax/limits"
	RuleDuplicateKey = "syntax/duplicate-key"
	RuleHidden       = "syntax/hidden-character"
	RuleLookAlike    = "syntax/look-alike"
)

// Document is one YAML file and the tree that it parsed to.
type Document struct {
	// File is the name that findings carry.
	File string
	// Root is the top-level mapping.
	Root *yaml.Node

	lines []string
	size  Size
}

// Size is how much the document held when it was parsed, each alias counted as all that
// it stands for.
func (d *Document) Size() Size { return d.size }

// Read reads a regular file below root, at most MaxBytes of it. Whatever
// prevents that is a finding at the start of the file; display is the name that
// the finding carries. Nothing outside root is ever opened.
func Read(root *os.Root, name, display string) ([]byte, []finding.Finding) {
	problem := func(rule, format string, args ...any) []finding.Finding {
		return []finding.Finding{{Rule: rule, Message: fmt.Sprintf(format, args...), Position: finding.Position{File: display, Line: 1, Column: 1}}}
	}
	// Opening a named pipe would wait for its writer: look before opening.
	info, err := root.Stat(name)
	if err != nil {
		return nil, problem(RuleYAML, "cannot be read: %s", reason(err))
	}
	if !info.Mode().IsRegular() {
		return nil, problem(RuleYAML, "is not a regular file but a %s", modeName(info.Mode()))
	}
	file, err := root.Open(name)
	if err != nil {
		return nil, problem(RuleYAML, "cannot be read: %s", reason(err))
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, MaxBytes+1))
	if err != nil {
		return nil, problem(RuleYAML, "cannot be read: %s", reason(err))
	}
	if len(data) > MaxBytes {
		return nil, problem(RuleLimits, "is larger than %d bytes", MaxBytes)
	}
	return data, nil
}

// reason drops the operation and the path from a file system error: the
// finding already names the file, and the path may be a private one.
func reason(err error) string {
	var pathError *os.PathError
	if errors.As(err, &pathError) {
		return pathError.Err.Error()
	}
	return err.Error()
}

func modeName(mode os.FileMode) string {
	switch {
	case mode.IsDir():
		return "directory"
	case mode&os.ModeSymlink != 0:
		return "symbolic link"
	case mode&os.ModeNamedPipe != 0:
		return "named pipe"
	case mode&os.ModeSocket != 0:
		return "socket"
	default:
		return "device"
	}
}

// Parse parses data as one YAML document whose top level is a mapping. It
// returns every problem that it can find in one go. The document is nil when
// nothing can be made of the data; otherwise what was wrong has been taken
// out of the tree, so that the rest can still be judged.
func Parse(file string, data []byte) (*Document, []finding.Finding) {
	return ParseText(file, data, nil)
}

// ParseText is Parse for a document of which it is known what its texts are for;
// see Uses.
func ParseText(file string, data []byte, uses Uses) (*Document, []finding.Finding) {
	d, problems := parse(file, data)
	if len(data) > MaxBytes || !utf8.Valid(data) {
		return d, problems
	}
	return d, append(problems, checkText(file, string(data), d, uses)...)
}

// ParseOwn is Parse for what this program has written itself, with values that
// somebody set: these may hold whatever YAML can write.
func ParseOwn(data []byte) (*Document, []finding.Finding) { return parse("", data) }

func parse(file string, data []byte) (*Document, []finding.Finding) {
	d := &Document{File: file}
	at := func(rule string, line, column int, format string, args ...any) []finding.Finding {
		return []finding.Finding{{Rule: rule, Message: fmt.Sprintf(format, args...), Position: finding.Position{File: file, Line: line, Column: column}}}
	}
	if len(data) > MaxBytes {
		return nil, at(RuleLimits, 1, 1, "is larger than %d bytes", MaxBytes)
	}
	if !utf8.Valid(data) {
		line, column := invalidUTF8(data)
		return nil, at(RuleYAML, line, column, "is not valid UTF-8")
	}
	text := string(data)
	d.lines = Lines(text)

	var node yaml.Node
	decoder := yaml.NewDecoder(strings.NewReader(text))
	if err := decode(decoder, &node); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, at(RuleYAML, 1, 1, "is empty")
		}
		line, column, message := syntaxError(text, err)
		return nil, at(RuleYAML, line, column, "cannot be parsed: %s", message)
	}
	var problems []finding.Finding
	var next yaml.Node
	switch err := decode(decoder, &next); {
	case err == nil:
		line, column := next.Line, next.Column
		if len(next.Content) > 0 {
			line, column = next.Content[0].Line, next.Content[0].Column
		}
		problems = append(problems, at(RuleYAML, line, column, "holds several documents: only the first is read")...)
	case !errors.Is(err, io.EOF):
		line, column, message := syntaxError(text, err)
		problems = append(problems, at(RuleYAML, line, column, "cannot be parsed: %s", message)...)
	}
	if node.Kind != yaml.DocumentNode || len(node.Content) == 0 {
		return nil, append(problems, at(RuleYAML, 1, 1, "is empty")...)
	}
	d.Root = node.Content[0]
	if d.Root.Kind == yaml.ScalarNode && d.Root.ShortTag() == "!!null" {
		return nil, append(problems, at(RuleYAML, 1, 1, "is empty")...)
	}
	if d.Root.Kind != yaml.MappingNode {
		return nil, append(problems, at(RuleYAML, d.Root.Line, d.Root.Column, "must be a mapping at its top level")...)
	}
	c := &checker{document: d, sizes: map[*yaml.Node]Size{}}
	if !c.bounded(d.Root) {
		return nil, append(problems, c.problems...)
	}
	d.size = c.sizes[d.Root]
	c.check(d.Root, map[*yaml.Node]bool{})
	return d, append(problems, c.problems...)
}

// lineBreaks are what the YAML library ends a line with.
var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// Lines splits a file's text into the lines by which positions count, without
// their ends and without a byte order mark.
func Lines(text string) []string {
	return strings.Split(lineBreaks.Replace(strings.TrimPrefix(text, "\uFEFF")), "\n")
}

// decode guards against a parser that panics on hostile input.
func decode(decoder *yaml.Decoder, node *yaml.Node) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	return decoder.Decode(node)
}

// syntaxError finds the place and the words in an error of the YAML library.
// Its reader knows no lines, only how many bytes came before.
func syntaxError(text string, err error) (line, column int, message string) {
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		return 0, 0, strings.TrimPrefix(err.Error(), "yaml: ")
	}
	message, _, _ = strings.Cut(load.Message, " (value: ")
	if load.Mark.Line == 0 {
		before := text[:min(len(text), load.Mark.Index)]
		line = strings.Count(before, "\n") + 1
		return line, utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1, message
	}
	return load.Mark.Line, max(load.Mark.Column, 1), message
}

func invalidUTF8(data []byte) (line, column int) {
	line, column = 1, 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			break
		}
		if column++; r == '\n' {
			line, column = line+1, 1
		}
		data = data[size:]
	}
	return line, column
}

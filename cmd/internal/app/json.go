package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/opengpu-network/templates/pkg/report"
	"github.com/urfave/cli/v2"
)

// FormatFlag chooses between text and JSON.
func FormatFlag() cli.Flag {
	return &cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "the `FORMAT`: text or json"}
}

// AsJSON reads a formatFlag.
func AsJSON(c *cli.Context) (bool, error) {
	switch format := c.String("format"); format {
	case "text", "json":
		return format == "json", nil
	default:
		return false, Usagef("unknown format %q: use text or json", format)
	}
}

// WriteJSON writes a value for machines, which a terminal and a CI log can show too.
func WriteJSON(w io.Writer, value any) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	_, err := w.Write(inertJSON(text.Bytes()))
	return err
}

// inertJSON escapes what JSON lets pass and a terminal or a CI log does not:
// marks that turn text round, characters that nobody sees, and the beginning of a
// workflow command. It means the same.
func inertJSON(text []byte) []byte {
	text = bytes.ReplaceAll(text, []byte("##["), []byte(`\u0023#[`))
	var out bytes.Buffer
	for _, r := range string(text) {
		switch {
		case r < utf8.RuneSelf, report.Escape(string(r)) == string(r):
			out.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&out, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return bytes.ReplaceAll(out.Bytes(), []byte("\x7f"), []byte(`\u007f`))
}

// Inert is a stranger's text on one line, without what could move the cursor or
// pass for a workflow command.
func Inert(text string) string {
	return report.Inert(report.Escape(strings.TrimSpace(text)))
}

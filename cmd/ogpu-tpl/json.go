package main

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/opengpu-network/templates/pkg/report"
)

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

// inert is a stranger's text on one line, without what could move the cursor or
// pass for a workflow command.
func inert(text string) string {
	return report.Inert(report.Escape(strings.TrimSpace(text)))
}

package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/plaintext"
)

// jsonFinding is a finding as docs/cli.md promises it.
type jsonFinding struct {
	Rule        string           `json:"rule"`
	Severity    finding.Severity `json:"severity"`
	Message     string           `json:"message"`
	File        string           `json:"file"`
	Line        int              `json:"line"`
	Column      int              `json:"column"`
	Path        []any            `json:"path"`
	Template    string           `json:"template"`
	Environment string           `json:"environment"`
	Service     string           `json:"service"`
	Remediation string           `json:"remediation"`
	Waived      bool             `json:"waived"`
}

func writeJSON(w io.Writer, r Result, _ Options) error {
	findings := make([]jsonFinding, 0, len(r.Findings))
	for _, f := range r.Findings {
		findings = append(findings, jsonFinding{
			f.Rule, f.Severity, valid(f.Message), valid(f.File), f.Line, f.Column, append([]any{}, f.Path...),
			f.Template, f.Environment, f.Service, f.Remediation, f.Waived,
		})
	}
	return encode(w, map[string]any{"findings": findings, "summary": summarize(r)})
}

func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

// encode writes a value as JSON that is inert as well: what a terminal or a CI
// log could act on is escaped, and a reader gets the exact value all the same.
func encode(w io.Writer, value any) error {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	// Outside of strings there is neither a # nor anything beyond ASCII.
	text := commandStart.ReplaceAll(out.Bytes(), []byte(`#\u0023$1`))
	_, err := w.Write(escapeUnseen(text))
	return err
}

// commandStart is what startsCommand looks for.
var commandStart = regexp.MustCompile(`##(\[|vso\[|teamcity\[)`)

// escapeUnseen replaces what cannot be seen by JSON's escape sequences.
func escapeUnseen(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r < 0x7f || plaintext.Shows(r):
			out = append(out, text[:size]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		text = text[size:]
	}
	return out
}

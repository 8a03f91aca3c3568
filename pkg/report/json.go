package report

import (
	"encoding/json"
	"io"
	"strings"

	"github.com/opengpu-network/templates/pkg/finding"
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

func encode(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

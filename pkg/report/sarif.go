package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"

	"github.com/opengpu-network/templates/pkg/finding"
)

// The part of SARIF 2.1.0 that a linter fills:
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool       `json:"tool"`
		ColumnKind string          `json:"columnKind"`
		Artifacts  []sarifArtifact `json:"artifacts"`
		Results    []sarifResult   `json:"results"`
		Properties sarifSummary    `json:"properties"`
	}
	sarifSummary struct {
		Summary summary `json:"summary"`
	}
	sarifArtifact struct {
		Location sarifFile `json:"location"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID                   string          `json:"id"`
		Name                 string          `json:"name"`
		ShortDescription     sarifText       `json:"shortDescription"`
		FullDescription      sarifText       `json:"fullDescription"`
		Help                 sarifText       `json:"help"`
		HelpURI              string          `json:"helpUri,omitempty"`
		DefaultConfiguration sarifLevel      `json:"defaultConfiguration"`
		Properties           sarifProperties `json:"properties"`
	}
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifLevel struct {
		Level string `json:"level"`
	}
	sarifProperties struct {
		Tags      []string `json:"tags"`
		Precision string   `json:"precision"`
		Security  string   `json:"security-severity,omitempty"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		RuleIndex    *int               `json:"ruleIndex,omitempty"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Fingerprints map[string]string  `json:"partialFingerprints"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifFile   `json:"artifactLocation"`
		Region   sarifRegion `json:"region"`
	}
	sarifFile struct {
		URI   string `json:"uri"`
		Index *int   `json:"index,omitempty"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndLine     int `json:"endLine,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Justification string `json:"justification"`
	}
)

const home = "https://github.com/opengpu-network/templates"

// securitySeverity is the score that GitHub sorts trust findings by.
var securitySeverity = map[finding.Severity]string{finding.Error: "8.0", finding.Warning: "5.0", finding.Notice: "2.0"}

func writeSARIF(w io.Writer, r Result, _ Options) error {
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: "ogpu-tpl", Version: r.Version, InformationURI: home, Rules: []sarifRule{}}},
		ColumnKind: "unicodeCodePoints",
		Artifacts:  []sarifArtifact{},
		Results:    []sarifResult{},
		Properties: sarifSummary{summarize(r)},
	}
	rules := map[string]int{}
	for i, rule := range r.Rules {
		rules[rule.ID] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, describe(rule))
	}
	files, seen := map[string]int{}, map[string]int{}
	for _, f := range r.Findings {
		result := sarifResult{
			RuleID: f.Rule, Level: level(f.Severity), Message: sarifText{Text: unlinked(Escape(f.Message))},
			Locations: []sarifLocation{}, Fingerprints: map[string]string{},
		}
		if i, ok := rules[f.Rule]; ok {
			result.RuleIndex = &i
		}
		if f.File != "" {
			i, ok := files[f.File]
			if !ok {
				i, files[f.File] = len(files), len(files)
				run.Artifacts = append(run.Artifacts, sarifArtifact{sarifFile{URI: uri(f.File)}})
			}
			result.Locations = append(result.Locations, locate(f.Position, i))
		}
		// The fingerprint has no line in it, so that it survives one that moves.
		sum := sha256.Sum256(fmt.Append(nil, f.Rule, "\x00", f.File, "\x00", f.Environment, "\x00", fmt.Sprintf("%#v", f.Path)))
		fingerprint := hex.EncodeToString(sum[:16])
		seen[fingerprint]++
		result.Fingerprints["ogpuTpl/v1"] = fmt.Sprintf("%s:%d", fingerprint, seen[fingerprint])
		if f.Waived {
			result.Suppressions = []sarifSuppression{{Kind: "external", Justification: "waived in the template's manifest"}}
		}
		run.Results = append(run.Results, result)
	}
	return encode(w, sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0", Runs: []sarifRun{run},
	})
}

// unlinked keeps a message from holding a link: SARIF reads [text](target) as
// one, and a message quotes strangers.
func unlinked(message string) string {
	if !strings.Contains(message, "](") {
		return message
	}
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(message)
}

func describe(rule Rule) sarifRule {
	category := path.Dir(rule.ID)
	text, markdown := rule.Description+"\n\nFix: "+rule.Remediation, rule.Description+"\n\n**Fix:** "+rule.Remediation
	described := sarifRule{
		ID: rule.ID, Name: pascal(rule.ID), ShortDescription: sarifText{Text: rule.Title}, FullDescription: sarifText{Text: rule.Description},
		DefaultConfiguration: sarifLevel{level(rule.Severity)},
		Properties:           sarifProperties{Tags: []string{category}, Precision: "very-high"},
	}
	if category == "trust" {
		described.Properties.Tags = append(described.Properties.Tags, "security")
		described.Properties.Security = securitySeverity[rule.Severity]
	}
	for i, reference := range rule.References {
		if i == 0 {
			described.HelpURI = reference.URL
			text, markdown = text+"\n", markdown+"\n"
		}
		text += "\n" + reference.Title + ": " + reference.URL
		markdown += "\n- [" + reference.Title + "](" + reference.URL + ")"
	}
	described.Help = sarifText{Text: text, Markdown: markdown}
	return described
}

func level(severity finding.Severity) string {
	if severity == finding.Notice {
		return "note"
	}
	return severity.String()
}

// pascal makes an identifier of a rule's id, as SARIF wants a rule's name to
// be one: trust/host-file is TrustHostFile.
func pascal(id string) string {
	var b strings.Builder
	for word := range strings.FieldsFuncSeq(id, func(r rune) bool { return r == '/' || r == '-' }) {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

// locate returns the place of a finding in the file of the given index. A
// finding about a file as a whole stands on its first line, as GitHub shows
// none without a region.
func locate(at finding.Position, file int) sarifLocation {
	region := sarifRegion{StartLine: max(1, at.Line), StartColumn: at.Column, EndLine: at.EndLine, EndColumn: at.EndColumn}
	return sarifLocation{sarifPhysical{sarifFile{URI: uri(at.File), Index: &file}, region}}
}

// uri is a file's path as a relative reference, or as a file URI when it is
// absolute.
func uri(file string) string {
	segments := strings.Split(valid(file), "/")
	for i, segment := range segments {
		segments[i] = url.PathEscape(segment)
	}
	escaped := strings.Join(segments, "/")
	first, _, _ := strings.Cut(escaped, "/")
	switch {
	case path.IsAbs(file):
		return "file:///" + strings.TrimLeft(escaped, "/")
	case strings.Contains(first, ":"):
		return "./" + escaped // or else it would be a scheme
	}
	return escaped
}

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
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
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
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
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
		Results:    []sarifResult{},
	}
	index := map[string]int{}
	for i, rule := range r.Rules {
		index[rule.ID] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, describe(rule))
	}
	seen := map[string]int{}
	for _, f := range r.Findings {
		result := sarifResult{
			RuleID: f.Rule, Level: level(f.Severity), Message: sarifText{Text: valid(f.Message)},
			Locations: []sarifLocation{locate(f.Position)}, Fingerprints: map[string]string{},
		}
		if i, ok := index[f.Rule]; ok {
			result.RuleIndex = &i
		}
		// The fingerprint has no line in it, so that it survives one that moves.
		sum := sha256.Sum256(fmt.Append(nil, f.Rule, "\x00", f.File, "\x00", f.Environment, "\x00", fmt.Sprintf("%q", f.Path)))
		print := hex.EncodeToString(sum[:16])
		seen[print]++
		result.Fingerprints["ogpuTpl/v1"] = fmt.Sprintf("%s:%d", print, seen[print])
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

func describe(rule Rule) sarifRule {
	category := path.Dir(rule.ID)
	text, markdown := rule.Description+"\n\nFix: "+rule.Remediation, rule.Description+"\n\n**Fix:** "+rule.Remediation
	described := sarifRule{
		ID: rule.ID, Name: rule.ID, ShortDescription: sarifText{Text: rule.Title}, FullDescription: sarifText{Text: rule.Description},
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

func locate(at finding.Position) sarifLocation {
	region := sarifRegion{StartLine: max(1, at.Line), StartColumn: at.Column, EndLine: at.EndLine, EndColumn: at.EndColumn}
	if at.EndLine == at.Line && at.EndColumn <= at.Column {
		region.EndLine, region.EndColumn = 0, 0
	}
	return sarifLocation{sarifPhysical{sarifArtifact{uri(at.File)}, region}}
}

// uri is a file's path as a relative reference, whose first segment holds no
// colon.
func uri(file string) string {
	if first, _, _ := strings.Cut(file, "/"); strings.Contains(first, ":") {
		file = "./" + file
	}
	segments := strings.Split(valid(file), "/")
	for i, segment := range segments {
		segments[i] = url.PathEscape(segment)
	}
	return strings.Join(segments, "/")
}

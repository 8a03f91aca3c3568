// Package finding holds the vocabulary that every other package speaks: what
// was found, how bad it is, and where.
package finding

import (
	"cmp"
	"fmt"
	"slices"
)

// Severity says how bad a finding is. The zero value is not a severity.
type Severity int

// The severities, in rising order.
const (
	// Notice is advice. It never fails a run unless asked to.
	Notice Severity = iota + 1
	// Warning is missing hardening, or something that will probably fail.
	Warning
	// Error endangers the provider's host, the promise of a version or the
	// protocol's contract.
	Error
)

var severityNames = map[Severity]string{Notice: "notice", Warning: "warning", Error: "error"}

// Severities lists the severities from the gravest to the lightest.
func Severities() []Severity { return []Severity{Error, Warning, Notice} }

// ParseSeverity reads "error", "warning" or "notice".
func ParseSeverity(s string) (Severity, error) {
	for severity, name := range severityNames {
		if name == s {
			return severity, nil
		}
	}
	return 0, fmt.Errorf("unknown severity %q: use error, warning or notice", s)
}

func (s Severity) String() string {
	if name, ok := severityNames[s]; ok {
		return name
	}
	return fmt.Sprintf("severity(%d)", int(s))
}

// MarshalText writes the severity's name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the severity's name.
func (s *Severity) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSeverity(string(text))
	return err
}

// Position is a place in a file. Lines and columns count from 1, columns in
// Unicode code points. The end is exclusive; a zero end means that only the
// start is known. A zero Line means the file as a whole.
type Position struct {
	File      string
	Line      int
	Column    int
	EndLine   int
	EndColumn int
}

// Finding is one thing that was found, wherever it came from: a policy, a
// parser, the manifest, a waiver, or a running container.
type Finding struct {
	// Rule is the id of the rule, which is also its place: "trust/privileged".
	Rule     string
	Severity Severity
	// Message says what is wrong, in one sentence without the rule's name.
	Message string
	Position
	// Path leads to the node in the model: strings are keys, ints are indexes.
	Path []any
	// Template, Environment and Service name what the finding is about; each
	// may be empty.
	Template    string
	Environment string
	Service     string
	// Remediation says how to fix it.
	Remediation string
	// Waived is true when a waiver in the manifest accepts the finding.
	Waived bool
}

// Sort orders findings by file, line, column, rule, message and path, so that
// the same findings are always printed in the same order.
func Sort(findings []Finding) { slices.SortStableFunc(findings, compare) }

func compare(a, b Finding) int {
	return cmp.Or(
		cmp.Compare(a.File, b.File),
		cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Column, b.Column),
		-cmp.Compare(a.Severity, b.Severity),
		cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.Message, b.Message),
		cmp.Compare(a.Template, b.Template),
		cmp.Compare(a.Environment, b.Environment),
		cmp.Compare(fmt.Sprint(a.Path...), fmt.Sprint(b.Path...)),
	)
}

// Worst returns the gravest severity among the findings that are not waived,
// or zero when there is none.
func Worst(findings []Finding) Severity {
	var worst Severity
	for _, f := range findings {
		if !f.Waived {
			worst = max(worst, f.Severity)
		}
	}
	return worst
}

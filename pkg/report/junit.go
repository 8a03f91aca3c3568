package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/opengpu-network/templates/pkg/finding"
)

type (
	junitSuites struct {
		XMLName  xml.Name      `xml:"testsuites"`
		Name     string        `xml:"name,attr"`
		Tests    int           `xml:"tests,attr"`
		Failures int           `xml:"failures,attr"`
		Skipped  int           `xml:"skipped,attr"`
		Suites   []*junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		File    string        `xml:"file,attr,omitempty"`
		Failure *junitMessage `xml:"failure"`
		Skipped *junitMessage `xml:"skipped"`
		Output  string        `xml:"system-out,omitempty"`
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// writeJUnit writes a suite for each template or file and a case for each
// finding. A last case stands for all that was clean, so that a run without
// findings is not an empty one.
func writeJUnit(w io.Writer, r Result, _ Options) error {
	all := junitSuites{Name: "ogpu-tpl lint"}
	byName := map[string]*junitSuite{}
	suite := func(name string) *junitSuite {
		if byName[name] == nil {
			byName[name] = &junitSuite{Name: name}
			all.Suites = append(all.Suites, byName[name])
		}
		return byName[name]
	}
	for _, f := range r.Findings {
		name := f.Template
		if name == "" {
			name = f.File
		}
		suite(Escape(name)).add(junitCaseOf(f))
	}
	overall := suite("summary")
	clean := junitCase{Name: summarize(r).line(), Class: "ogpu-tpl"}
	if len(r.Skipped) > 0 {
		clean.Output = "Skipped: " + Escape(strings.Join(r.Skipped, ", "))
	}
	overall.add(clean)
	for _, s := range all.Suites {
		all.Tests, all.Failures, all.Skipped = all.Tests+s.Tests, all.Failures+s.Failures, all.Skipped+s.Skipped
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s *junitSuite) add(c junitCase) {
	s.Tests++
	if c.Failure != nil {
		s.Failures++
	}
	if c.Skipped != nil {
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

func junitCaseOf(f finding.Finding) junitCase {
	message := Escape(f.Message)
	text := fmt.Sprintf("%s\n%s\nFix: %s\n", place(f.Position), message, Escape(f.Remediation))
	c := junitCase{Name: Escape(f.Rule) + " " + place(f.Position), Class: Escape(f.Rule), File: Escape(f.File)}
	switch {
	case f.Waived:
		c.Skipped = &junitMessage{Message: "waived: " + message}
	case f.Severity == finding.Notice:
		c.Output = text
	default:
		c.Failure = &junitMessage{Message: message, Type: f.Severity.String(), Text: text}
	}
	return c
}

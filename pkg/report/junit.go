package report

import (
	"cmp"
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
		Name       string           `xml:"name,attr"`
		Tests      int              `xml:"tests,attr"`
		Failures   int              `xml:"failures,attr"`
		Skipped    int              `xml:"skipped,attr"`
		Time       string           `xml:"time,attr,omitempty"`
		Timestamp  string           `xml:"timestamp,attr,omitempty"`
		Properties *junitProperties `xml:"properties"`
		Cases      []junitCase      `xml:"testcase"`
	}
	junitProperties struct {
		List []junitProperty `xml:"property"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		File    string        `xml:"file,attr,omitempty"`
		Time    string        `xml:"time,attr,omitempty"`
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

// writeJUnit writes a suite for each template, or for each file that belongs to
// none, and in it a case for each rule that found something in a file. Neither
// name has a line in it, so that a tool can follow a case from run to run. A
// last case stands for all that was clean, so that a run without findings is
// not an empty one.
func writeJUnit(w io.Writer, r Result, _ Options) error {
	all := junitSuites{Name: "ogpu-tpl lint"}
	suites := map[string]*junitSuite{}
	type key struct{ suite, file, rule string }
	found := map[key][]finding.Finding{}
	var order []key
	for _, f := range r.Findings {
		k := key{cmp.Or(f.Template, f.File), f.File, f.Rule}
		if found[k] == nil {
			order = append(order, k)
		}
		found[k] = append(found[k], f)
	}
	add := func(name string, c junitCase) {
		s := suites[name]
		if s == nil {
			s = &junitSuite{Name: name}
			suites[name], all.Suites = s, append(all.Suites, s)
		}
		s.add(c)
	}
	for _, k := range order {
		add(Escape(k.suite), junitCaseOf(found[k]))
	}
	clean := junitCase{Name: summarize(r).line(), Class: "ogpu-tpl"}
	var remarks []string
	for _, remark := range summarize(r).remarks() {
		remarks = append(remarks, remark.label+Escape(remark.text))
	}
	clean.Output = strings.Join(remarks, "\n")
	add("summary", clean)
	return all.write(w)
}

// write adds up the suites and writes them.
func (all *junitSuites) write(w io.Writer) error {
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

// junitCaseOf makes a case of what one rule found in one file: a failure when
// an error or a warning stands, skipped when all is waived, and else a pass
// that tells of its notices.
func junitCaseOf(found []finding.Finding) junitCase {
	first := found[0]
	c := junitCase{Name: Escape(first.Rule), Class: Escape(first.File), File: Escape(first.File)}
	standing := groups(found)
	if len(standing) == 0 {
		c.Skipped = &junitMessage{Message: "waived in the template's manifest: " + Escape(first.Message)}
		return c
	}
	var text strings.Builder
	for _, g := range standing {
		fmt.Fprintf(&text, "%s: %s%s\n", place(g.Position), Escape(g.Message), environments(g))
	}
	for _, f := range found {
		if f.Waived {
			fmt.Fprintf(&text, "%s: waived: %s\n", place(f.Position), Escape(f.Message))
		}
	}
	if remediation := standing[0].Remediation; remediation != "" {
		fmt.Fprintf(&text, "Fix: %s\n", flat(remediation))
	}
	worst := finding.Worst(found)
	if worst == finding.Notice {
		c.Output = text.String()
		return c
	}
	message := Escape(standing[0].Message)
	if more := len(standing) - 1; more > 0 {
		message += fmt.Sprintf(" (and %d more)", more)
	}
	c.Failure = &junitMessage{Message: message, Type: worst.String(), Text: text.String()}
	return c
}

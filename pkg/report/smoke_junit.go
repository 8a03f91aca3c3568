package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/opengpu-network/templates/pkg/record"
)

// The test cases that each suite has beside the smoke cases. The names stay the
// same from run to run, so that a tool can follow them.
const (
	startCase    = "start"
	asLintedCase = "what runs is what was linted"
	wholeCase    = "the run as a whole"
	hardwareCase = "real hardware"
)

// notReached is why a test case was skipped that the run did not come to.
const notReached = "not reached"

// kindDiffers is the kind of failure of containers that are not as the compose
// file says.
const kindDiffers = "differs"

// writeSmokeJUnit writes a suite for each run. A run without real hardware has
// another name than one with it, so that no tool takes the one for the other.
func writeSmokeJUnit(w io.Writer, s Smoke) error {
	all := junitSuites{Name: "ogpu-tpl smoke"}
	for _, r := range s.Records {
		all.Suites = append(all.Suites, smokeSuite(r))
	}
	return all.write(w)
}

// smokeSuiteOf builds the suite of one run.
type smokeSuiteOf struct {
	*junitSuite
	record record.Record
}

func smokeSuite(r record.Record) *junitSuite {
	name := Escape(r.Template)
	if r.Environment != "" {
		name += " " + Escape(r.Environment)
	}
	if standIn(r) != "" {
		name += " (" + standIn(r) + ")"
	}
	s := smokeSuiteOf{&junitSuite{Name: name, Time: seconds(r.Times.Total), Properties: properties(r)}, r}
	if !r.Started.IsZero() {
		s.Timestamp = r.Started.UTC().Format("2006-01-02T15:04:05Z")
	}
	if verdict(r) == record.Skipped {
		s.put(startCase, "", nil, cmp.Or(flat(r.Reason), "skipped"))
		return s.junitSuite
	}
	s.fill()
	return s.junitSuite
}

// fill puts each failure into exactly one test case.
func (s smokeSuiteOf) fill() {
	r := s.record
	ready := r.Times.Ready > 0
	of := map[string][]record.Failure{}
	for _, f := range r.Failures {
		hasCase := slices.ContainsFunc(r.Cases, func(c record.Case) bool { return c.Name == f.Case })
		switch {
		case f.Case != "" && hasCase:
			of["case "+f.Case] = append(of["case "+f.Case], f)
		case f.Kind == kindDiffers:
			of[asLintedCase] = append(of[asLintedCase], f)
		case !ready:
			of[startCase] = append(of[startCase], f)
		default:
			of[wholeCase] = append(of[wholeCase], f)
		}
	}
	// The containers are compared at the end: what comes with it or after it was
	// reached when that was done.
	ended := ""
	if !ready || !r.Compared {
		ended = notReached
	}
	if !ready && len(of[startCase]) == 0 {
		of[startCase] = []record.Failure{{Kind: "not-ready", Message: "the stack did not come so far as to serve"}}
	}
	s.put(startCase, seconds(r.Times.Ready), of[startCase], "")
	s.put(asLintedCase, "", of[asLintedCase], ended)
	for i, c := range r.Cases {
		failures, skipped := of["case "+c.Name], ""
		delete(of, "case "+c.Name) // a second case of that name has none
		switch {
		case c.Status == record.Skipped:
			skipped = notReached
		case c.Status != record.Passed && len(failures) == 0:
			failures = []record.Failure{{Kind: string(record.Failed), Message: "the case failed", Case: c.Name}}
		}
		s.put("case "+cmp.Or(Escape(c.Name), fmt.Sprint(i)), seconds(c.Seconds), failures, skipped)
	}
	if verdict(r) == record.Failed && s.Failures == 0 && len(of[wholeCase]) == 0 {
		of[wholeCase] = []record.Failure{{Kind: string(record.Failed), Message: "the run failed and does not say why"}}
	}
	s.put(wholeCase, seconds(r.Times.Total), of[wholeCase], ended)
	if standIn(r) != "" {
		s.put(hardwareCase, "", nil, noPass(r))
	}
}

// put adds a test case: failed when it has failures, else skipped when there is
// a reason, else passed. The first that fails carries the logs.
func (s smokeSuiteOf) put(name, took string, failures []record.Failure, skipped string) {
	c := junitCase{Name: name, Class: s.Name, Time: took}
	switch {
	case len(failures) > 0:
		c.Failure = failureOf(failures)
		if s.Failures == 0 {
			c.Output = aftermath(s.record.Services)
		}
	case skipped != "":
		c.Skipped, c.Time = &junitMessage{Message: skipped}, ""
	}
	s.add(c)
}

func failureOf(failures []record.Failure) *junitMessage {
	var text strings.Builder
	for _, f := range failures {
		line := "[" + Escape(f.Kind) + "] " + flat(f.Message)
		if where := whereOf(f); where != "" {
			line += " (" + where + ")"
		}
		fmt.Fprintln(&text, Inert(line))
		if f.Remedy != "" {
			fmt.Fprintf(&text, "Fix: %s\n", flat(f.Remedy))
		}
	}
	message := flat(failures[0].Message)
	if more := len(failures) - 1; more > 0 {
		message += fmt.Sprintf(" (and %d more)", more)
	}
	return &junitMessage{Message: message, Type: Escape(failures[0].Kind), Text: text.String()}
}

// aftermath is the last lines of every log, then the state of every container.
func aftermath(services []record.Service) string {
	var text strings.Builder
	for line := range logLines(services) {
		fmt.Fprintln(&text, Inert(line))
	}
	for _, s := range services {
		fmt.Fprintln(&text, Inert(Escape(s.Name)+": "+flat(s.State)))
	}
	return text.String()
}

// properties says what ran, and on what.
func properties(r record.Record) *junitProperties {
	var p junitProperties
	add := func(name, value string) {
		if value != "" {
			p.List = append(p.List, junitProperty{name, Escape(value)})
		}
	}
	add("status", string(r.Status))
	add("hardware", cmp.Or(r.Hardware, standIn(r)))
	add("version", r.Version)
	add("digest", r.Digest)
	if r.Engine != nil {
		add("engine", r.Engine.Version)
		add("remote", fmt.Sprint(r.Engine.Remote))
	}
	if r.Host != nil {
		for _, gpu := range r.Host.GPUs {
			add("gpu", gpu.Name)
		}
	}
	if r.Peak.Memory > 0 {
		add("peak memory in bytes", fmt.Sprint(r.Peak.Memory))
	}
	if r.Peak.VRAM > 0 {
		add("peak VRAM in bytes", fmt.Sprint(r.Peak.VRAM))
	}
	if r.Peak.Disk > 0 {
		add("disk in bytes", fmt.Sprint(r.Peak.Disk))
	}
	for _, image := range r.Images {
		add("image of "+Escape(image.Service), imageOf(image))
	}
	return &p
}

func imageOf(image record.Image) string {
	text := image.Reference + " " + image.ID
	if image.Built {
		text += " (built here)"
	}
	return text
}

// seconds writes a time for JUnit.
func seconds(s float64) string {
	if s <= 0 {
		return ""
	}
	return fmt.Sprintf("%.3f", s)
}

package release

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/compose"
	"github.com/opengpu-network/templates/pkg/record"
)

var now = time.Date(2026, time.December, 1, 12, 0, 0, 0, time.UTC)

// proof is a record that proves the sample's environment.
func proof(t *testing.T, template *catalog.Template, environment catalog.Environment, project *compose.Project) record.Record {
	t.Helper()
	digest, err := project.Digest()
	must(t, err)
	r := record.Record{
		Template: "sample", Version: "1.2.0", Environment: environment.String(), Digest: digest,
		Status: record.Passed, Hardware: record.Real, Compared: true, Started: now.Add(-time.Hour), Engine: &record.Engine{Version: "20.10.24"},
		Times: record.Times{Pull: 3, Ready: 10, Total: 60},
		Host:  &record.Host{GPUs: []record.GPU{{Vendor: "nvidia"}}},
		Images: []record.Image{{
			Service: "echo", Digest: project.Images["echo"].Digest,
		}},
	}
	for _, c := range template.Manifest.SmokeCases(environment) {
		r.Cases = append(r.Cases, record.Case{Name: c.Name, Function: c.Function, Status: record.Passed, Seconds: 1})
	}
	if len(r.Cases) != 3 {
		t.Fatal(r.Cases)
	}
	return r
}

func TestProblems(t *testing.T) {
	template, projects := load(t, sample)
	frozen, err := Freeze(t.Context(), template, projects)
	must(t, err)
	for name, c := range map[string]struct {
		// change changes what is enough as it is; r is the record of nvidia.
		change func(e *Evidence, r *record.Record)
		// want is the one problem, or none.
		want string
	}{
		"all there":            {func(*Evidence, *record.Record) {}, ""},
		"a bad record too":     {func(e *Evidence, r *record.Record) { bad := *r; bad.Digest = ""; e.Records = append(e.Records, bad) }, ""},
		"of another template":  {func(e *Evidence, r *record.Record) { r.Template = "other" }, "nvidia: there is no smoke record: run ogpu-tpl smoke sample --environment nvidia"},
		"emulated":             {func(e *Evidence, r *record.Record) { r.Status = record.Emulated }, "nvidia: no smoke record proves it: the run emulated"},
		"pretended":            {func(e *Evidence, r *record.Record) { r.Hardware = record.Claimed }, "no smoke record proves it"},
		"another version":      {func(e *Evidence, r *record.Record) { r.Version = "1.0.0\x1b" }, `it is about version "1.0.0\x1b"`},
		"another model":        {func(e *Evidence, r *record.Record) { r.Digest = "sha256:00" }, "something in the model has changed"},
		"no engine":            {func(e *Evidence, r *record.Record) { r.Engine = nil }, "is not whole"},
		"no cases":             {func(e *Evidence, r *record.Record) { r.Cases = nil }, "is not whole"},
		"no time":              {func(e *Evidence, r *record.Record) { r.Started = time.Time{} }, "is not whole"},
		"no GPU":               {func(e *Evidence, r *record.Record) { r.Host.GPUs = nil }, "no GPU of the environment"},
		"another GPU":          {func(e *Evidence, r *record.Record) { r.Host.GPUs[0].Vendor = "amd" }, "no GPU of the environment"},
		"no host":              {func(e *Evidence, r *record.Record) { r.Host = nil }, "no GPU of the environment"},
		"a case that failed":   {func(e *Evidence, r *record.Record) { r.Cases[1].Status = record.Skipped }, `its case "bad" did not pass: "skipped"`},
		"a case less":          {func(e *Evidence, r *record.Record) { r.Cases = r.Cases[:2] }, "it does not have the case example-shout"},
		"the same case again":  {func(e *Evidence, r *record.Record) { r.Cases[2] = r.Cases[0] }, "it does not have the case example-shout"},
		"of another function":  {func(e *Evidence, r *record.Record) { r.Cases[2].Function = "echo" }, "it does not have the case example-shout"},
		"no image":             {func(e *Evidence, r *record.Record) { r.Images = nil }, "does not say which image echo ran"},
		"another image":        {func(e *Evidence, r *record.Record) { r.Images[0].Digest = one }, "echo ran an image with another digest"},
		"no digest":            {func(e *Evidence, r *record.Record) { r.Images[0].Digest = "" }, "echo ran an image with another digest"},
		"two images":           {func(e *Evidence, r *record.Record) { r.Images = append(r.Images, r.Images[0]) }, `two images of "echo"`},
		"built":                {func(e *Evidence, r *record.Record) { r.Images[0].Built = true }, "was built on the spot"},
		"of tomorrow":          {func(e *Evidence, r *record.Record) { r.Started = now.Add(24 * time.Hour) }, "its times cannot be true"},
		"ends tomorrow":        {func(e *Evidence, r *record.Record) { r.Times.Total = 86400 }, "its times cannot be true"},
		"a clock ahead":        {func(e *Evidence, r *record.Record) { r.Started = now.Add(10 * time.Minute) }, ""},
		"of long ago":          {func(e *Evidence, r *record.Record) { r.Started = time.Unix(0, 0) }, "its times cannot be true"},
		"without duration":     {func(e *Evidence, r *record.Record) { r.Times = record.Times{} }, "its times cannot be true"},
		"longer than itself":   {func(e *Evidence, r *record.Record) { r.Times.Ready = 100 }, "its times cannot be true"},
		"backwards":            {func(e *Evidence, r *record.Record) { r.Times.Pull = -1 }, "its times cannot be true"},
		"a case backwards":     {func(e *Evidence, r *record.Record) { r.Cases[0].Seconds = -1 }, "its times cannot be true"},
		"for ever":             {func(e *Evidence, r *record.Record) { r.Times.Total = 1e300 }, "its times cannot be true"},
		"a needless exception": {func(e *Evidence, r *record.Record) { e.Exceptions[catalog.NVIDIA] = "there is no such machine" }, "nvidia: there is an exception for it, and a smoke record that proves it: leave the exception out"},
		"an exception": {func(e *Evidence, r *record.Record) {
			r.Status = record.Failed
			e.Exceptions[catalog.NVIDIA] = "there is no such machine"
		}, ""},
		"an empty exception":     {func(e *Evidence, r *record.Record) { r.Status = record.Failed; e.Exceptions[catalog.NVIDIA] = "" }, "nvidia: the exception cannot be published"},
		"of another environment": {func(e *Evidence, r *record.Record) { e.Exceptions[catalog.AMD] = "there is no such machine" }, "amd: there is an exception for it, and the template does not support it"},
		"released as it is": {func(e *Evidence, r *record.Record) {
			e.Released = map[string]string{"1.2.0": frozen.Digest, "1.0.0": one}
		}, ""},
		"released before": {func(e *Evidence, r *record.Record) { e.Released = map[string]string{"1.2.0": one} }, "version 1.2.0 was released as " + one},
	} {
		e := Evidence{Exceptions: map[catalog.Environment]string{}, Now: now, Records: []record.Record{
			proof(t, template, catalog.CPU, projects[catalog.CPU]), proof(t, template, catalog.NVIDIA, projects[catalog.NVIDIA]),
		}}
		c.change(&e, &e.Records[1])
		problems := Problems(frozen, template, projects, e)
		if c.want == "" && len(problems) > 0 || c.want != "" && (len(problems) != 1 || !strings.Contains(problems[0], c.want)) {
			t.Errorf("%s: %q, want %q", name, problems, c.want)
		}
	}
	// Without a digest in the compose file, the record's does not matter.
	image := projects[catalog.CPU].Images["echo"]
	image.Digest = ""
	projects[catalog.CPU].Images["echo"] = image
	e := Evidence{Now: now, Records: []record.Record{proof(t, template, catalog.CPU, projects[catalog.CPU]), proof(t, template, catalog.NVIDIA, projects[catalog.NVIDIA])}}
	if problems := Problems(frozen, template, projects, e); len(problems) != 1 || !strings.Contains(problems[0], "has no digest: see ogpu-tpl pin") {
		t.Errorf("%q", problems)
	}
	if problems := Problems(frozen, template, projects, Evidence{Now: now}); len(problems) != 3 || !slices.ContainsFunc(problems, func(p string) bool { return strings.HasPrefix(p, "nvidia: there is no smoke record") }) {
		t.Errorf("%q", problems)
	}
}

func TestCheckReason(t *testing.T) {
	for _, reason := range []string{"there is no such machine", "Es gibt keine, größer als üblich", "手元に試験用の機械がありません今は", strings.Repeat("a", maxReason)} {
		if err := CheckReason(reason); err != nil {
			t.Errorf("%q: %v", reason, err)
		}
	}
	for reason, want := range map[string]string{
		"": "less than", "no": "less than", "          ": "less than", "1234567890123": "less than", "a b c d e f g h i": "less than",
		"there is\x1b[31m no machine": "cannot be printed", "there is no\nmachine at all": "cannot be printed",
		"there is no machine\u202e": "cannot be printed", "there is no machine\x7f": "cannot be printed", "there is no machine \xff": "cannot be printed",
		"there is\u00a0no machine": "cannot be printed", strings.Repeat("a", maxReason+1): "longer than",
	} {
		if err := CheckReason(reason); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", reason, err, want)
		}
	}
}

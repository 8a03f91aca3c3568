package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/opengpu-network/templates/pkg/record"
)

func passedRecord() record.Record {
	return record.Record{
		Template: "document-ocr", Version: "1.0.0", Environment: "cpu", Digest: "sha256:" + strings.Repeat("ab", 32),
		Status: record.Passed, Hardware: record.Real, Compared: true, Started: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC),
		Engine: &record.Engine{Version: "20.10.24", APIVersion: "1.41", OS: "linux", Arch: "amd64"},
		Host:   &record.Host{CPUs: 2, Memory: 8 << 30},
		Images: []record.Image{{Service: "handler", Reference: "opengpunetwork/document-ocr:1.0.0", ID: "sha256:" + strings.Repeat("12", 32), Size: 210_000_000, Built: true}},
		Cases: []record.Case{
			{Name: "one-line", Function: "recognize", Status: record.Passed, Seconds: 0.42},
			{Name: "bad-input", Function: "recognize", Status: record.Passed, Seconds: 0.012},
		},
		Times: record.Times{Build: 21.5, Ready: 2.1, Total: 31.75},
		Peak:  record.Peak{Memory: 61 << 20},
	}
}

func changed(change func(r *record.Record)) record.Record {
	r := passedRecord()
	change(&r)
	return r
}

func failedRecord() record.Record {
	return changed(func(r *record.Record) {
		r.Template, r.Environment, r.Status, r.Times.Total = "ollama", "nvidia", record.Failed, 192.4
		r.Images = []record.Image{{Service: "handler", ID: "a", Size: 1_500_000_000}, {Service: "ollama", ID: "b", Size: 3_000_000_000}, {Service: "again", ID: "b", Size: 3_000_000_000}}
		r.Host.GPUs = []record.GPU{{Vendor: "nvidia", Name: "NVIDIA H200", Memory: 139 << 30}}
		r.Peak.VRAM = 5 << 30
		r.Cases = []record.Case{
			{Name: "hello", Function: "text2text", Status: record.Failed, Seconds: 60},
			{Name: "a-longer-name", Function: "text2text", Status: record.Skipped},
		}
		r.Failures = []record.Failure{
			{Kind: "no-callback", Message: "no result came within 1m after the task was accepted", Case: "hello", Service: "handler",
				Remedy: "See the service's log below. The result goes to POST {CALLBACK_URL}/{task_address}; a firewall must let containers reach their host."},
			{Kind: "differs", Message: "the container has the capability NET_ADMIN, which the compose file does not give", Service: "ollama"},
			{Kind: "memory-over", Message: "the stack took 9 GiB of memory; the manifest states 8 GiB", Remedy: "State more `ram`."},
		}
		r.Services = []record.Service{
			{Name: "handler", State: "running (healthy)", Log: []string{"starting", "\x1b[32mINFO\x1b[0m task accepted\r", "Traceback: " + strings.Repeat("x", 2000)}},
			{Name: "ollama", State: "exited (137), out of memory"},
		}
		r.Kept = &record.Kept{Project: "ogpu-smoke-" + strings.Repeat("0", 32), URL: "http://127.0.0.1:32768", Remove: "docker rm -f $(docker ps -aq --filter label=com.docker.compose.project=ogpu-smoke-" + strings.Repeat("0", 32) + ")"}
	})
}

// smokeSets are records that every format must bear.
func smokeSets() map[string]Smoke {
	skipped := record.Record{Template: "ollama", Version: "1.0.0", Environment: "amd", Status: record.Skipped, Reason: "the engine's host has no /dev/kfd"}
	emulated := changed(func(r *record.Record) {
		r.Environment, r.Status, r.Hardware, r.Images[0].Built = "nvidia", record.Emulated, record.None, false
		r.Notes = []string{"The image runs on the CPU when there is no GPU, so the times say nothing about a GPU's, whichever it is."}
	})
	hostile := "\x1b[2J\n::error::forged\r##[error]\u202e\u200b \xff <b>&</b>\u2028\x00"
	set := func(records ...record.Record) Smoke { return Smoke{Records: records, Version: "v1.2.3"} }
	return map[string]Smoke{
		"none":   set(),
		"passed": set(passedRecord()),
		"failed": set(failedRecord()),
		"mixed": set(passedRecord(), failedRecord(), skipped, emulated, changed(func(r *record.Record) {
			r.Environment, r.Status, r.Hardware = "amd", record.Pretended, record.Claimed
		}), skipped),
		"start": set(record.Record{Template: "t", Version: "1.0.0", Environment: "cpu", Status: record.Failed, Hardware: record.Real,
			Failures: []record.Failure{{Kind: "image-missing", Message: `the image "a:1" is not there`, Remedy: "Push it."}}}),
		// Runs that ended before the containers were compared.
		"cut-short": set(
			changed(func(r *record.Record) {
				r.Status, r.Compared, r.Cases = record.Failed, false, []record.Case{{Name: "one-line", Function: "recognize", Status: record.Failed, Seconds: 3}, {Name: "bad-input", Function: "recognize", Status: record.Skipped}}
				r.Failures = []record.Failure{{Kind: "time-out", Message: "the run took longer than 5s", Remedy: "Give it more time with --timeout."}}
			}),
			changed(func(r *record.Record) {
				r.Status, r.Compared, r.Failures = record.Failed, false, []record.Failure{{Kind: "engine-lost", Message: "the engine went away while case bad-input", Case: "bad-input"}}
				r.Cases[1].Status = record.Failed
			}),
			record.Record{Template: "no-environment", Status: record.Failed, Failures: []record.Failure{{Kind: "lint", Message: "template.yaml:1: it is empty"}}}),
		// Records that nobody should be able to make.
		"contradictory": set(
			changed(func(r *record.Record) { r.Compared = false }),
			changed(func(r *record.Record) { r.Status, r.Hardware, r.Compared = record.Emulated, record.None, false }),
			changed(func(r *record.Record) { r.Hardware = record.None }),
			changed(func(r *record.Record) { r.Hardware = "borrowed" }),
			changed(func(r *record.Record) { r.Status = "splendid" }),
			changed(func(r *record.Record) { r.Status = record.Failed }),
			changed(func(r *record.Record) { r.Failures = []record.Failure{{Kind: "differs", Message: "all of it"}} }),
			changed(func(r *record.Record) { r.Cases[1].Status, r.Status = record.Failed, record.Failed }),
			changed(func(r *record.Record) {
				r.Status, r.Failures = record.Skipped, []record.Failure{{Kind: "exited", Message: "gone"}}
			}),
			changed(func(r *record.Record) {
				r.Status, r.Failures = record.Failed, []record.Failure{{Kind: "result-unfit", Message: "of no case that was run", Case: "other"}}
			}),
			changed(func(r *record.Record) {
				r.Cases, r.Status = append(r.Cases, r.Cases[0]), record.Failed
				r.Failures = []record.Failure{{Kind: "result-unfit", Message: "one of two of that name", Case: "one-line"}}
			})),
		"hostile": set(changed(func(r *record.Record) {
			r.Template, r.Version, r.Environment, r.Status, r.Hardware = "::error::"+hostile, hostile, hostile, record.Failed, hostile
			r.Cases = []record.Case{{Name: hostile, Function: hostile, Status: record.Status(hostile), Seconds: -1}, {Name: "", Seconds: 1e300}}
			r.Failures = []record.Failure{{Kind: hostile, Message: strings.Repeat("word ", 13) + "::add-mask::forged " + hostile, Remedy: hostile, Service: hostile, Case: hostile}}
			r.Services = []record.Service{{Name: "::error::" + hostile, State: strings.Repeat("word ", 20) + "::error::x", Log: []string{hostile, "::error::", "##[x]", "\x1b]0;title\a\x1b[31"}}}
			r.Notes = []string{hostile, strings.Repeat("::error:: ", 30)}
			r.Images = []record.Image{{Service: hostile, Reference: hostile, ID: hostile, Built: true, Size: -1}}
			r.Host.GPUs = []record.GPU{{Name: hostile}}
			r.Kept = &record.Kept{Project: hostile, URL: hostile, Remove: hostile}
		}), record.Record{Template: "t", Status: record.Skipped, Reason: strings.Repeat("::error:: ", 30) + hostile}),
	}
}

func writeSmoke(t *testing.T, s Smoke, o Options) string {
	t.Helper()
	var out bytes.Buffer
	if err := WriteSmoke(&out, s, o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestSmokeFormats(t *testing.T) {
	for name, s := range smokeSets() {
		for _, format := range SmokeFormats() {
			t.Run(name+"."+format, func(t *testing.T) {
				out := writeSmoke(t, s, Options{Format: format, Width: 100})
				file := filepath.Join("testdata/smoke", name+"."+format)
				if *update {
					if err := os.WriteFile(file, []byte(out), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if out != string(want) {
					t.Errorf("got\n%s\nwant\n%s", out, want)
				}
				checkForm(t, format, []byte(out))
			})
		}
	}
}

func TestSmokeUnknownFormat(t *testing.T) {
	err := WriteSmoke(io.Discard, Smoke{}, Options{Format: "sarif"})
	if err == nil || err.Error() != `unknown format "sarif": use text, json or junit` {
		t.Error(err)
	}
}

// A report in JSON is a record file.
func TestSmokeJSONIsARecord(t *testing.T) {
	s := Smoke{Records: []record.Record{passedRecord(), failedRecord()}, Version: "v1.2.3"}
	file, err := record.Read([]byte(writeSmoke(t, s, Options{Format: "json"})))
	if err != nil {
		t.Fatal(err)
	}
	if want := (record.File{Schema: record.Schema, Tool: "v1.2.3", Records: s.Records}); !reflect.DeepEqual(file, want) {
		t.Errorf("got %+v, want %+v", file, want)
	}
}

// Colour adds to the text, and changes nothing else.
func TestSmokeColor(t *testing.T) {
	sequence := regexp.MustCompile(`\x1b\[[0-9;]*m`)
	for name, s := range smokeSets() {
		colored, plain := writeSmoke(t, s, Options{Format: "text", Color: true}), writeSmoke(t, s, Options{Format: "text"})
		if len(s.Records) > 0 && !sequence.MatchString(colored) {
			t.Errorf("%s: there is no colour", name)
		}
		if got := sequence.ReplaceAllString(colored, ""); got != plain {
			t.Errorf("%s: without its colours the text is\n%s\nwant\n%s", name, got, plain)
		}
	}
}

func readSuites(t *testing.T, text string) []*junitSuite {
	t.Helper()
	var all junitSuites
	if err := xml.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	return all.Suites
}

// Only a run that passed on real hardware is a suite of that environment in
// which nothing fails and nothing is skipped.
func TestSmokeJUnitPassIsAPass(t *testing.T) {
	for name, s := range smokeSets() {
		suites := readSuites(t, writeSmoke(t, s, Options{Format: "junit"}))
		if len(suites) != len(s.Records) {
			t.Fatalf("%s: %d suites for %d records", name, len(suites), len(s.Records))
		}
		for i, suite := range suites {
			r := s.Records[i]
			own := suite.Name == Escape(r.Template)+" "+Escape(r.Environment)
			reads := own && suite.Failures == 0 && suite.Skipped == 0
			if passes := verdict(r) == record.Passed; reads != passes {
				t.Errorf("%s: %s reads as a pass: %v, is one: %v", name, suite.Name, reads, passes)
			}
			if failed := verdict(r) == record.Failed; failed != (suite.Failures > 0) {
				t.Errorf("%s: %s has %d failures, failed: %v", name, suite.Name, suite.Failures, failed)
			}
		}
	}
}

// What was not done does not read as done: the containers were compared, or
// nothing says that what ran is what was linted.
func TestSmokeJUnitPassesOnlyWhatWasDone(t *testing.T) {
	for name, s := range smokeSets() {
		for i, suite := range readSuites(t, writeSmoke(t, s, Options{Format: "junit"})) {
			r := s.Records[i]
			for _, c := range suite.Cases {
				passes := c.Failure == nil && c.Skipped == nil
				late := c.Name == asLintedCase || c.Name == wholeCase
				if passes && (verdict(r) == record.Skipped || late && !r.Compared || c.Name == startCase && r.Times.Ready == 0) {
					t.Errorf("%s: %q of %s passes, and was never done", name, c.Name, suite.Name)
				}
			}
		}
	}
}

// No failure is lost, and none is told twice.
func TestSmokeJUnitTellsEachFailureOnce(t *testing.T) {
	for name, s := range smokeSets() {
		for i, suite := range readSuites(t, writeSmoke(t, s, Options{Format: "junit"})) {
			var told strings.Builder
			for _, c := range suite.Cases {
				if c.Failure != nil {
					told.WriteString(c.Failure.Text)
				}
			}
			for _, f := range s.Records[i].Failures {
				if n := strings.Count(told.String(), flat(f.Message)); n != 1 {
					t.Errorf("%s: %s tells %d times of %q", name, suite.Name, n, f.Message)
				}
			}
		}
	}
}

func TestSpan(t *testing.T) {
	for want, seconds := range map[string]float64{
		"0ms": 0, "350ms": 0.35, "1.0s": 0.9999, "2.1s": 2.1, "1m00s": 59.96, "3m12s": 192.4, "1h01m": 3690,
	} {
		if got := span(seconds); got != want {
			t.Errorf("%v s is %s, want %s", seconds, got, want)
		}
	}
}

func TestQuantity(t *testing.T) {
	for want, got := range map[string]string{
		"0 B": memory(0), "61 MiB": memory(61 << 20), "1.5 GiB": memory(3 << 29), "1023 MiB": memory(1023 << 20), "210 MB": disk(210_000_000), "4.5 GB": disk(4_500_000_000),
		"8388608 TiB": memory(1<<63 - 1),
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// Whatever strangers write, no report of a run moves the cursor or forges a
// command.
func FuzzSmokeHostile(f *testing.F) {
	f.Add("name", "message", "state", "log", "passed", "real", 1.5)
	f.Add("\x1b[2J\n::error::x", "##[error]", "\u202e\t\x00", "::b\r", "skipped", "emulated", 0.0)
	f.Add(strings.Repeat("a ", 40)+"::error::x", "::add-mask::", "a\n##[x]", strings.Repeat("::b ", 400), "failed", "", -1.0)
	f.Fuzz(func(t *testing.T, name, message, state, log, status, hardware string, took float64) {
		s := Smoke{Version: name, Records: []record.Record{{
			Template: name, Version: message, Environment: state, Status: record.Status(status), Hardware: hardware, Reason: message,
			Digest: log, Notes: []string{log}, Times: record.Times{Ready: took, Total: took},
			Cases:    []record.Case{{Name: name, Function: state, Status: record.Status(status), Seconds: took}},
			Failures: []record.Failure{{Kind: state, Message: message, Remedy: log, Service: name, Case: name}},
			Services: []record.Service{{Name: name, State: state, Log: []string{log, message}}},
			Kept:     &record.Kept{Project: name, URL: log, Remove: message},
		}, {Template: message, Environment: name, Status: record.Status(status), Hardware: hardware, Reason: log}}}
		for _, format := range SmokeFormats() {
			var out bytes.Buffer
			err := WriteSmoke(&out, s, Options{Format: format})
			if unsupported := (*json.UnsupportedValueError)(nil); errors.As(err, &unsupported) {
				continue // JSON knows no infinity
			}
			if err != nil {
				t.Fatal(err)
			}
			checkForm(t, format, out.Bytes())
		}
	})
}

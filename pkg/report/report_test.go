package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/plaintext"
)

var update = flag.Bool("update", false, "write what the formats say as what is expected")

const source = `services:
  web:
    image: nginx:latest
	tabbed: "日本語" # 한국어 é
    command: ` + "\x1b[2J\u202eevil" + `
    environment: {LONG: "LONGTEXT"}
    labels: ["` + "e\u0301a\u0300" + `", "👩‍💻 🇩🇪", "##[add-mask]x"] # the end
    shell: |-
      one
`

func result(findings ...finding.Finding) Result {
	finding.Sort(findings)
	return Result{
		Findings: findings,
		Rules: []Rule{
			{ID: "contract/healthcheck", Title: "No healthcheck", Description: "Says why.", Remediation: "Add one.", Severity: finding.Warning, Waivable: true},
			{ID: "trust/privileged", Title: "Privileged container", Description: "A privileged container is root on the host.",
				Remediation: "Remove `privileged`.", Severity: finding.Error,
				References: []Reference{{"CIS Docker Benchmark", "https://www.cisecurity.org/benchmark/docker"}}},
		},
		Checked: Checked{Templates: 1, Files: 2, Rules: 2},
		Source: func(string) []byte {
			return []byte(strings.ReplaceAll(source, "LONGTEXT", strings.Repeat("0123456789", 1000)))
		},
		Version: "v1.2.3",
	}
}

func at(line, column, endColumn int) finding.Position {
	return finding.Position{File: "templates/demo/compose/cpu.yml", Line: line, Column: column, EndLine: line, EndColumn: endColumn}
}

// sets are results that every format must bear.
func sets() map[string]Result {
	privileged := finding.Finding{
		Rule: "trust/privileged", Severity: finding.Error, Message: `service "web" runs privileged: it can do to the host whatever root can`,
		Position: at(3, 12, 24), Path: []any{"services", "web", "ports", 0}, Template: "demo", Environment: "cpu", Service: "web",
		Remediation: "Remove `privileged`. If the service needs one capability, add that capability alone and say why it needs it.",
	}
	with := func(change func(f *finding.Finding)) finding.Finding {
		f := privileged
		change(&f)
		return f
	}
	skipping := result()
	skipping.Skipped = []string{"catalog", "trust/privileged"}
	adding := result()
	adding.Registries = []string{"ghcr.io/acme/", "registry.acme.example:5000/ml/"}
	return map[string]Result{
		"clean":   result(),
		"skipped": skipping,
		"added":   adding,
		"usual": result(privileged,
			with(func(f *finding.Finding) {
				f.Rule, f.Severity, f.Position = "contract/healthcheck", finding.Warning, at(2, 3, 6)
			}),
			with(func(f *finding.Finding) {
				f.Rule, f.Severity, f.Position = "catalog/privacy", finding.Notice, at(4, 10, 15)
			}),
			with(func(f *finding.Finding) { f.Waived = true; f.Rule = "contract/healthcheck" }),
			with(func(f *finding.Finding) { f.Environment = "nvidia" })),
		"file": result(with(func(f *finding.Finding) {
			f.Position, f.Path, f.Remediation = finding.Position{File: "templates/demo/README.md"}, nil, ""
		})),
		"hostile": result(
			with(func(f *finding.Finding) {
				f.Message = "service \"\x1b[31m\" says\n::error::forged\r##[error]\u202e\u200b\ufeff \xff <b>&</b> %0A\u2028"
				f.Position = at(5, 14, 99)
			}),
			with(func(f *finding.Finding) {
				f.File, f.Message = "::set-output name=a::b/\x1b[A, ü%:,.yml", "::error::"
			}),
			with(func(f *finding.Finding) {
				// What a runner obeys must not come to stand at the start of a line.
				f.Message = strings.Repeat("word ", 13) + "::add-mask::forged ##[add-mask]a ##vso[task.logissue]b [click](https://example.org)"
				f.Remediation = strings.Repeat("word ", 14) + "::error::forged\n\n\x1b[2J" + strings.Repeat("x", 1000)
				f.Position = at(7, 38, 39)
			}),
			with(func(f *finding.Finding) {
				f.Message = "hidden \u3164\u115f\ufe0f\U000e0041\u2800\u061c\u0085\x7f"
				f.File = "/abs/a b.yml"
			})),
		"wide": result(
			with(func(f *finding.Finding) { f.Position = at(4, 11, 14) }),
			with(func(f *finding.Finding) { f.Position = at(6, 26, 36) }),
			with(func(f *finding.Finding) { f.Position = at(6, 5000, 5010) }),
			with(func(f *finding.Finding) { f.Position = at(6, 20, 9000) }),
			with(func(f *finding.Finding) { f.Position = at(7, 15, 18) }),
			with(func(f *finding.Finding) { f.Position = at(7, 16, 17) }),
			with(func(f *finding.Finding) { f.Position = at(7, 27, 29) }),
			with(func(f *finding.Finding) { f.Position = at(7, 23, 26) }),
			with(func(f *finding.Finding) {
				f.Position = at(8, 12, 0)
				f.EndLine, f.EndColumn = 9, 10
			}),
			with(func(f *finding.Finding) { f.Position = at(99, 1, 2) }),
			with(func(f *finding.Finding) { f.Position = at(3, 900, 901) })),
	}
}

func TestFormats(t *testing.T) {
	for name, r := range sets() {
		for _, format := range Formats() {
			t.Run(name+"."+format, func(t *testing.T) {
				var out bytes.Buffer
				if err := Write(&out, r, Options{Format: format}); err != nil {
					t.Fatal(err)
				}
				file := filepath.Join("testdata", name+"."+format)
				if *update {
					if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(out.Bytes(), want) {
					t.Errorf("got\n%s\nwant\n%s", out.Bytes(), want)
				}
				checkForm(t, format, out.Bytes())
			})
		}
	}
}

// sarifSchema is the schema that OASIS publishes.
var sarifSchema = sync.OnceValue(func() *document.Schema {
	text, err := os.ReadFile("testdata/sarif-schema-2.1.0.json")
	if err != nil {
		panic(err)
	}
	schema, err := document.CompileSchema("sarif-schema-2.1.0.json", text)
	if err != nil {
		panic(err)
	}
	return schema
})

// checkForm holds a report against what its format demands.
func checkForm(t *testing.T, format string, out []byte) {
	t.Helper()
	switch format {
	case "json":
		if !json.Valid(out) {
			t.Error("is not JSON")
		}
		checkInert(t, format, string(out))
	case "sarif":
		var log any
		if err := json.Unmarshal(out, &log); err != nil {
			t.Fatal(err)
		}
		for _, v := range sarifSchema().Validate(log) {
			t.Errorf("does not fit the schema of SARIF 2.1.0: %v %s", v.Path, v.Message)
		}
		checkInert(t, format, string(out))
	case "junit":
		decoder := xml.NewDecoder(bytes.NewReader(out))
		for {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("is not XML: %v", err)
			}
		}
		checkInert(t, format, string(out))
	case "markdown":
		for line := range strings.Lines(string(out)) {
			// What is behind a backslash shows itself.
			plain := escaped.ReplaceAllString(strings.TrimSpace(line), "")
			if strings.ContainsAny(plain, "<>[]`!*_~$@&\\") || strings.HasPrefix(plain, "|") && strings.Count(plain, "|") != 5 {
				t.Errorf("is more than text: %s", line)
			}
		}
		checkInert(t, format, string(out))
	default:
		checkInert(t, format, string(out))
	}
}

var escaped = regexp.MustCompile(`\\.`)

// checkInert makes sure that nothing moves the cursor or forges a command.
func checkInert(t *testing.T, format, out string) {
	t.Helper()
	for line := range strings.Lines(out) {
		line = strings.TrimSuffix(line, "\n")
		for _, r := range line {
			if !plaintext.Shows(r) {
				t.Errorf("prints %U", r)
			}
		}
		// A runner trims a line before it looks for ::, and finds ##[ anywhere.
		isCommand := strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[")
		known := strings.HasPrefix(line, "::error ") || strings.HasPrefix(line, "::warning ") || strings.HasPrefix(line, "::notice ")
		if isCommand && (format != "github" || !known) {
			t.Errorf("forges a command: %s", line)
		}
	}
}

func TestNoLineIsTooLong(t *testing.T) {
	for name, r := range sets() {
		for _, width := range []int{40, 80, 120} {
			var out bytes.Buffer
			if err := Write(&out, r, Options{Format: "text", Width: width}); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(out.String()) {
				if w := columns(strings.TrimSuffix(line, "\n")); w > width && strings.Contains(line, " | ") {
					t.Errorf("%s: %d columns in %d: %s", name, w, width, line)
				}
			}
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	if err := Write(io.Discard, Result{}, Options{Format: "xml"}); err == nil {
		t.Error("an unknown format is no error")
	}
}

// Colour adds to the text, and changes nothing else.
func TestColor(t *testing.T) {
	sequence := regexp.MustCompile(`\x1b\[[0-9;]*m`)
	for name, r := range sets() {
		var colored, plain bytes.Buffer
		if err := errors.Join(Write(&colored, r, Options{Format: "text", Color: true}), Write(&plain, r, Options{Format: "text"})); err != nil {
			t.Fatal(err)
		}
		if !sequence.Match(colored.Bytes()) {
			t.Errorf("%s: there is no colour", name)
		}
		if got := sequence.ReplaceAllString(colored.String(), ""); got != plain.String() {
			t.Errorf("%s: without its colours the text is\n%s\nwant\n%s", name, got, plain.String())
		}
	}
}

// JSON is escaped so that it is inert, and means what was found all the same.
func TestJSONIsExact(t *testing.T) {
	const message = "\x1b[2J ##[error]x ##vso[y \\##[z \\u0023 \u202e\u2028\u0085\x7f\U000e0041 👩‍💻 <&>"
	var out bytes.Buffer
	f := finding.Finding{Rule: "trust/privileged", Severity: finding.Error, Message: message, Path: []any{"a", 0}}
	if err := Write(&out, result(f), Options{Format: "json"}); err != nil {
		t.Fatal(err)
	}
	var got struct{ Findings []struct{ Message string } }
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Findings[0].Message != message {
		t.Errorf("got %q, want %q", got.Findings[0].Message, message)
	}
}

// What identifies a result for code scanning survives lines that move.
func TestFingerprintsAreStable(t *testing.T) {
	prints := func(line int) string {
		f := finding.Finding{Rule: "trust/privileged", Severity: finding.Error, Position: at(line, 1, 5), Path: []any{"services", "web"}}
		var out bytes.Buffer
		if err := Write(&out, result(f), Options{Format: "sarif"}); err != nil {
			t.Fatal(err)
		}
		var log sarifLog
		if err := json.Unmarshal(out.Bytes(), &log); err != nil {
			t.Fatal(err)
		}
		return log.Runs[0].Results[0].Fingerprints["ogpuTpl/v1"]
	}
	if a, b := prints(3), prints(30); a != b || a == "" {
		t.Errorf("the fingerprint changes from %q to %q", a, b)
	}
}

// A file is read once, however many findings it has, and a result can have
// nothing to quote at all.
func TestSourceIsReadOnce(t *testing.T) {
	r, reads := sets()["wide"], 0
	text := r.Source
	r.Source = func(file string) []byte { reads++; return text(file) }
	if err := Write(io.Discard, r, Options{Format: "text"}); err != nil {
		t.Fatal(err)
	}
	if reads != 1 {
		t.Errorf("one file was read %d times", reads)
	}
	r.Source = nil
	if err := Write(io.Discard, r, Options{Format: "text"}); err != nil {
		t.Fatal(err)
	}
}

// Lines end where YAML ends them, so that its positions lead to the right one.
func TestLinesEndAsInYAML(t *testing.T) {
	r := result(finding.Finding{Rule: "trust/privileged", Severity: finding.Error, Position: at(6, 1, 7)})
	r.Source = func(string) []byte { return []byte("1\r2\r\n3\n4\u00855\u2028target\u20297") }
	var out bytes.Buffer
	if err := Write(&out, r, Options{Format: "text"}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), " 6 | target\n") {
		t.Errorf("line 6 is not quoted:\n%s", out.String())
	}
}

// BenchmarkWrite writes many findings, and many on one line that is very long.
func BenchmarkWrite(b *testing.B) {
	var many, long []finding.Finding
	for i := range 20_000 {
		f := finding.Finding{Rule: "trust/privileged", Severity: finding.Error, Message: "a message",
			Position: finding.Position{File: fmt.Sprintf("templates/%05d/template.yaml", i/5), Line: i%5 + 1, Column: 1}}
		many = append(many, f)
		f.Position = finding.Position{File: "compose.yml", Line: 1, Column: 50*i + 1}
		long = append(long, f)
	}
	for _, set := range []struct {
		name     string
		findings []finding.Finding
		text     string
	}{
		{"many", many, strings.Repeat("a line\n", 100)},
		{"long", long, strings.Repeat("a ", 500_000)},
	} {
		r := Result{Findings: set.findings, Source: func(string) []byte { return []byte(set.text) }}
		for _, format := range Formats() {
			b.Run(set.name+"/"+format, func(b *testing.B) {
				for b.Loop() {
					if err := Write(io.Discard, r, Options{Format: format}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// Whatever strangers write, no report moves the cursor or forges a command.
func FuzzHostile(f *testing.F) {
	f.Add("message", "file.yml", "line", "fix", 1, 1)
	f.Add("\x1b[2J\n::error::x", "::debug::", "\u202e\t\x00", "##[error]", 1, 2)
	f.Add(strings.Repeat("a ", 40)+"::error::x", "", "a\n##[x]", strings.Repeat("::b ", 40), 2, 3)
	f.Fuzz(func(t *testing.T, message, file, line, fix string, column, end int) {
		position := finding.Position{File: file, Line: 1, Column: column, EndLine: 1, EndColumn: end}
		r := Result{
			Findings: []finding.Finding{
				{Rule: "trust/privileged", Severity: finding.Error, Message: message, Remediation: fix, Position: position, Path: []any{line, 0}},
				{Rule: "trust/privileged", Severity: finding.Notice, Message: fix, Template: message, Environment: line,
					Position: finding.Position{File: file, Line: end, Column: column, EndLine: column}, Waived: column%2 == 0},
			},
			Skipped: []string{fix}, Registries: []string{message},
			Source: func(string) []byte { return []byte(line) },
		}
		for _, format := range Formats() {
			var out bytes.Buffer
			if err := Write(&out, r, Options{Format: format}); err != nil {
				t.Fatal(err)
			}
			checkForm(t, format, out.Bytes())
		}
	})
}

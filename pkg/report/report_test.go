package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/finding"
)

var update = flag.Bool("update", false, "write what the formats say as what is expected")

const source = `services:
  web:
    image: nginx:latest
	tabbed: "日本語" # 한국어 é
    command: ` + "\x1b[2J\u202eevil" + `
    environment: {LONG: "LONGTEXT"}
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
	return map[string]Result{
		"clean":   result(),
		"skipped": skipping,
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
			})),
		"wide": result(
			with(func(f *finding.Finding) { f.Position = at(4, 11, 14) }),
			with(func(f *finding.Finding) { f.Position = at(6, 26, 36) }),
			with(func(f *finding.Finding) { f.Position = at(6, 5000, 5010) }),
			with(func(f *finding.Finding) { f.Position = at(6, 20, 9000) }),
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
	case "sarif":
		var log any
		if err := json.Unmarshal(out, &log); err != nil {
			t.Fatal(err)
		}
		for _, v := range sarifSchema().Validate(log) {
			t.Errorf("does not fit the schema of SARIF 2.1.0: %v %s", v.Path, v.Message)
		}
	case "junit":
		decoder := xml.NewDecoder(bytes.NewReader(out))
		for {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("is not XML: %v", err)
			}
		}
	default:
		checkInert(t, format, string(out))
	}
}

// checkInert makes sure that nothing moves the cursor or forges a command.
func checkInert(t *testing.T, format, out string) {
	t.Helper()
	for line := range strings.Lines(out) {
		line = strings.TrimSuffix(line, "\n")
		for _, r := range line {
			if r != ' ' && !unicode.IsPrint(r) {
				t.Errorf("prints %U", r)
			}
		}
		isCommand := strings.HasPrefix(line, "::") || strings.HasPrefix(line, "##[")
		known := strings.HasPrefix(line, "::error file=") || strings.HasPrefix(line, "::warning file=") || strings.HasPrefix(line, "::notice file=")
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

// Whatever strangers write, no report moves the cursor or forges a command.
func FuzzHostile(f *testing.F) {
	f.Add("message", "file.yml", "line", 1, 1)
	f.Add("\x1b[2J\n::error::x", "::debug::", "\u202e\t\x00", 1, 2)
	f.Fuzz(func(t *testing.T, message, file, line string, column, end int) {
		column, end = column&0xffff, end&0xffff
		r := Result{
			Findings: []finding.Finding{{Rule: "trust/privileged", Severity: finding.Error, Message: message,
				Position: finding.Position{File: file, Line: 1, Column: column, EndLine: 1, EndColumn: end}}},
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

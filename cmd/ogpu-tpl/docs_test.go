package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opengpu-network/templates/cmd/internal/full"
	"github.com/opengpu-network/templates/pkg/document"
)

// block is a console block of a document: commands, each with what it prints.
var block = regexp.MustCompile("(?ms)^```console\n(.*?)^```$")

// What the documents show is what the program does: every `$ ogpu-tpl` line of
// a console block is run at the repository's root, and its output compared.
func TestDocuments(t *testing.T) {
	t.Chdir(root(t))
	documents, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, document := range append(documents, "README.md") {
		text, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		said := block.ReplaceAllStringFunc(string(text), func(shown string) string {
			body := block.FindStringSubmatch(shown)[1]
			var out strings.Builder
			out.WriteString("```console\n")
			for line := range strings.Lines(body) {
				command, ok := strings.CutPrefix(strings.TrimSpace(line), "$ ogpu-tpl ")
				if !ok {
					if strings.HasPrefix(line, "$") {
						t.Errorf("%s: only ogpu-tpl can be shown to work: %s", document, line)
					}
					continue
				}
				ran++
				_, stdout, stderr := run(t, strings.Fields(command)...)
				out.WriteString(line + stdout + stderr)
			}
			return out.String() + "```"
		})
		golden(t, document, said)
	}
	if ran == 0 {
		t.Error("no document shows a command")
	}
}

// policies/README.md is what the rules say of themselves.
func TestRulesDocument(t *testing.T) {
	_, stdout, _ := run(t, "rules", "--format", "markdown")
	golden(t, filepath.Join(root(t), "policies", "README.md"), stdout)
}

// What the documents show of runs that need a repository, a registry, or much time.
func TestDocumentedOutput(t *testing.T) {
	catalog := func(t *testing.T) gitRepo {
		r := gitRepo{t, t.TempDir()}
		copyTree(t, filepath.Join(root(t), "templates"), filepath.Join(r.dir, "templates"))
		r.git("init", "-q")
		r.commit()
		return r
	}
	for _, c := range []struct {
		document, language, begins string
		said                       func(t *testing.T, shown string) string
	}{
		{"docs/versions.md", "text", "error[version/major]", func(t *testing.T, _ string) string {
			r := catalog(t)
			r.edit("templates/ollama/template.yaml", "ram: 8GiB", "ram: 9GiB")
			t.Chdir(r.dir)
			_, stdout, _ := run(t, "lint", "--changed-since", "HEAD")
			return stdout[:strings.Index(stdout+"\n\n", "\n\n")] + "\n"
		}},
		{"docs/cli.md", "text", "TEMPLATE ", func(t *testing.T, _ string) string {
			r := catalog(t)
			r.git("mv", "templates/ollama", "templates/ollama-chat")
			r.edit("templates/document-ocr/template.yaml", "version: ", "version:  ")
			r.edit("templates/document-ocr/compose/cpu.yml", "services:", "services: ")
			t.Chdir(r.dir)
			_, stdout, _ := run(t, "changed", "--since", "HEAD")
			return stdout
		}},
		// A run takes long and measures something else each time: the cases are there.
		{"README.md", "", "PASSED document-ocr", func(t *testing.T, shown string) string {
			_, stdout, _ := run(t, "show", "document-ocr", "--templates", filepath.Join(root(t), "templates"), "--format", "json")
			var template struct {
				Smoke struct {
					Cases []struct{ Name, Function string }
				}
			}
			if err := json.Unmarshal([]byte(stdout), &template); err != nil {
				t.Fatal(err)
			}
			var cases, documented []string
			for _, c := range template.Smoke.Cases {
				cases = append(cases, c.Name+" "+c.Function)
			}
			for _, match := range regexp.MustCompile(`(?m)^  ✓ (\S+) .* (\S+)$`).FindAllStringSubmatch(shown, -1) {
				documented = append(documented, match[1]+" "+match[2])
			}
			if diff := cmp.Diff(cases, documented); diff != "" {
				t.Error(diff)
			}
			return shown
		}},
		// A registry must have moved a tag for this: the keys are the program's.
		{"docs/pin.md", "json", "{\n  \"summary\"", func(t *testing.T, shown string) string {
			var list struct {
				Summary   map[string]int `json:"summary"`
				Templates []full.PinJSON `json:"templates"`
			}
			if err := json.Unmarshal([]byte(shown), &list); err != nil {
				t.Fatal(err)
			}
			again, err := json.Marshal(list)
			if err != nil {
				t.Fatal(err)
			}
			var want, got any
			if json.Unmarshal(again, &want) != nil || json.Unmarshal([]byte(shown), &got) != nil || !cmp.Equal(want, got) {
				t.Error(cmp.Diff(want, got))
			}
			return shown
		}},
	} {
		t.Run(c.document, func(t *testing.T) {
			file := filepath.Join(root(t), c.document)
			text := read(t, file)
			before, shown, found := strings.Cut(text, "\n```"+c.language+"\n"+c.begins)
			shown, after, closed := strings.Cut(c.begins+shown, "```")
			if !found || !closed {
				t.Fatalf("%s shows nothing that begins with %s", c.document, c.begins)
			}
			golden(t, file, before+"\n```"+c.language+"\n"+c.said(t, shown)+"```"+after)
		})
	}
}

// A template's page shows what a function takes, and then what it returns.
func TestTemplatePages(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join(root(t), "templates/*/README.md"))
	if err != nil || len(pages) == 0 {
		t.Fatal(pages, err)
	}
	for _, page := range pages {
		name := filepath.Base(filepath.Dir(page))
		_, stdout, _ := run(t, "show", name, "--templates", filepath.Join(root(t), "templates"), "--format", "json")
		var template struct {
			Functions map[string]struct{ Input, Output json.RawMessage }
		}
		if err := json.Unmarshal([]byte(stdout), &template); err != nil {
			t.Fatal(err)
		}
		var shown []any
		for _, match := range fence.FindAllStringSubmatch(read(t, page), -1) {
			if match[2] == "json" {
				var value any
				if err := json.Unmarshal([]byte(match[3]), &value); err != nil {
					t.Fatal(page, err)
				}
				shown = append(shown, value)
			}
		}
		fits := func(schema json.RawMessage, value any) bool {
			compiled, err := document.CompileSchema(name, schema)
			if err != nil {
				t.Fatal(err)
			}
			return len(compiled.Validate(value)) == 0
		}
		if len(shown) != 2 {
			t.Errorf("%s shows %d pieces of JSON: one that a function takes and one that it returns are wanted", page, len(shown))
			continue
		}
		known := false
		for _, function := range template.Functions {
			known = known || fits(function.Input, shown[0]) && fits(function.Output, shown[1])
		}
		if !known {
			t.Errorf("%s: no function takes and returns what is shown", page)
		}
	}
}

var (
	link        = regexp.MustCompile(`\]\(([^)\s]*)\)`)
	headingLine = regexp.MustCompile(`(?m)^#+ (.+)$`)
)

// anchors are the names that GitHub gives to the headings of a document.
func anchors(text string) (names []string) {
	count := map[string]int{}
	for _, match := range headingLine.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		title := link.ReplaceAllString(match[1], "")
		name := strings.ReplaceAll(regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(title), ""), " ", "-")
		count[name]++
		if n := count[name]; n > 1 {
			name += fmt.Sprint("-", n-1)
		}
		names = append(names, name)
	}
	return names
}

// deadLinks are the links of a document that lead to no file or heading here.
func deadLinks(t *testing.T, file, text string) (dead []string) {
	t.Helper()
	text = regexp.MustCompile("`[^`]*`").ReplaceAllString(fence.ReplaceAllString(text, ""), "")
	for _, match := range link.FindAllStringSubmatch(text, -1) {
		path, anchor, hasAnchor := strings.Cut(match[1], "#")
		if strings.Contains(path, "://") {
			continue
		}
		to := file
		if path != "" {
			to = filepath.Join(filepath.Dir(file), path)
		}
		if _, err := os.Stat(to); err != nil || hasAnchor && !slices.Contains(anchors(read(t, to)), anchor) {
			dead = append(dead, match[1])
		}
	}
	return dead
}

func TestLinks(t *testing.T) {
	for _, file := range documents(t) {
		if dead := deadLinks(t, file, read(t, file)); len(dead) > 0 {
			t.Errorf("%s: these lead nowhere: %v", file, dead)
		}
	}
	// The test can fail.
	const wrong = "[a](gat.md) [b](gate.md#gpu) [c](#statuses) [d](gate.md#gpus) [e](../README.md) [f](https://example.com/x) `[g](x)`"
	if dead, want := deadLinks(t, filepath.Join(root(t), "docs/smoke.md"), wrong), []string{"gat.md", "gate.md#gpu", "#statuses"}; !slices.Equal(dead, want) {
		t.Errorf("dead are %v, want %v", dead, want)
	}
}

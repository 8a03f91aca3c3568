package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
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

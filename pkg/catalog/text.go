package catalog

import (
	"fmt"
	"net/http"
	"path"
	"path/filepath"
	"strings"

	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/plaintext"
)

// textUse says what the text at a path of the manifest is for. What is not known
// here is a name, which is judged most strictly.
func textUse(at []any) plaintext.Use {
	key := func(i int) string {
		if i >= len(at) {
			return ""
		}
		text, _ := at[i].(string)
		return text
	}
	switch key(0) {
	case "description":
		return plaintext.Line
	case "functions", "smoke":
		return plaintext.Prose // what is said to a function, in any language
	case "parameters":
		switch key(2) {
		case "description":
			return plaintext.Prose
		case "default", "enum", "pattern", "targets":
			return plaintext.Value
		}
	case "waivers", "unpinned":
		if key(2) == "reason" {
			return plaintext.Prose
		}
	}
	return plaintext.Name
}

// maxFileBytes is the size of the largest file that is looked at, and maxAllBytes
// that of all of them together.
const (
	maxFileBytes = MaxServiceFileBytes
	maxAllBytes  = 2 * MaxServiceBytes
)

// checkTexts looks at the names of all files, and at what those say that are text.
// The manifest has been read.
func (t *Template) checkTexts() (problems []finding.Finding) {
	var left int64 = maxAllBytes
	for _, f := range t.Files {
		for _, fault := range plaintext.Check(path.Base(f.Path), plaintext.Name) {
			rule := document.RuleHidden
			if fault.LookAlike {
				rule = document.RuleLookAlike
			}
			problems = append(problems, finding.Finding{
				Rule: rule, Message: "has a name that " + fault.Message, Position: finding.Position{File: t.display(f.Path)},
			})
		}
		if f.Path == ManifestFile || f.Kind != RegularFile && f.Kind != ServiceFile {
			continue
		}
		if f.Size > maxFileBytes {
			if f.Kind == RegularFile && f.Path != ReadmeFile && f.Path != t.Manifest.Logo { // which have limits of their own
				problems = append(problems, finding.Finding{
					Rule: document.RuleLimits, Message: fmt.Sprintf("is larger than %d bytes", maxFileBytes), Position: finding.Position{File: t.display(f.Path)},
				})
			}
			continue
		}
		if left -= f.Size; left < 0 {
			return append(problems, finding.Finding{
				Rule: document.RuleLimits, Message: fmt.Sprintf("holds files of more than %d bytes together", maxAllBytes),
				Position: finding.Position{File: filepath.ToSlash(t.Display)},
			})
		}
		problems = append(problems, t.checkText(f)...)
	}
	return problems
}

func (t *Template) checkText(f File) []finding.Finding {
	data, problems := t.readEntry(f, maxFileBytes)
	switch {
	case problems != nil:
		return problems
	case document.IsText(data):
		return document.CheckText(t.display(f.Path), data)
	case f.Kind == ServiceFile || known(data):
		return nil // nobody reads it as a text
	}
	return []finding.Finding{{
		Rule: document.RuleHidden, Position: finding.Position{File: t.display(f.Path)},
		Message: "is neither text in UTF-8 nor a picture, sound, film, font, archive or PDF: nobody can tell what it says",
	}}
}

// known is true for content of a kind that is told by how it begins, and is no text:
// https://mimesniff.spec.whatwg.org.
func known(data []byte) bool {
	kind, parameters, _ := strings.Cut(http.DetectContentType(data), ";")
	return parameters == "" && kind != "application/octet-stream" && !strings.HasPrefix(kind, "text/")
}

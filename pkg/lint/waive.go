package lint

import (
	"fmt"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/finding"
)

// The rules about waivers themselves.
const (
	ruleWaiverUnknown   = "syntax/waiver-unknown"
	ruleWaiverForbidden = "syntax/waiver-forbidden"
	ruleWaiverExpired   = "syntax/waiver-expired"
	ruleWaiverUnused    = "syntax/waiver-unused"
)

// maxWaiverYears is how far ahead a waiver may run: what is accepted is looked
// at again.
const maxWaiverYears = 1

// waive marks the findings that the manifest accepts, and reports waivers that
// accept nothing. whole is true when every environment was looked at: only
// then can a waiver be called unused.
func (l *Linter) waive(t *catalog.Template, findings []finding.Finding, whole bool) []finding.Finding {
	var problems []finding.Finding
	for i, w := range t.Manifest.Waivers {
		report := func(rule, format string, args ...any) {
			path := []any{"waivers", i, "rule"}
			problems = append(problems, finding.Finding{
				Rule: rule, Message: fmt.Sprintf(format, args...), Position: t.Locate(path), Path: path, Template: t.Name,
			})
		}
		rule, ok := l.Policies.Rule(w.Rule)
		switch {
		case w.Rule == "":
			continue // the manifest's schema has said so
		case !ok:
			var known []string
			for _, r := range l.Policies.Rules() {
				known = append(known, r.ID)
			}
			report(ruleWaiverUnknown, "there is no rule %q%s", w.Rule, document.Suggest(w.Rule, known))
			continue
		case !rule.Waivable:
			report(ruleWaiverForbidden, "the rule %s cannot be waived", w.Rule)
			continue
		case !w.ExpiredAt(l.Today.AddDate(maxWaiverYears, 0, 0)):
			report(ruleWaiverForbidden, "the waiver of %s runs until %s: give it a year at most", w.Rule, w.Expires)
			continue
		case w.ExpiredAt(l.Today):
			report(ruleWaiverExpired, "the waiver of %s has expired on %s", w.Rule, w.Expires)
			continue
		}
		used := false
		for j := range findings {
			if covers(w, findings[j]) {
				findings[j].Waived, used = true, true
			}
		}
		if !used && whole && l.selected(w.Rule) {
			report(ruleWaiverUnused, "the waiver of %s accepts nothing", w.Rule)
		}
	}
	return append(findings, l.known(problems)...)
}

func covers(w catalog.Waiver, f finding.Finding) bool {
	return f.Rule == w.Rule &&
		(w.Environment == "" || w.Environment == f.Environment) &&
		(w.Service == "" || w.Service == f.Service)
}

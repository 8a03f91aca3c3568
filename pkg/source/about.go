package source

import (
	"fmt"
	"slices"
	"strings"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/lint"
	"github.com/opengpu-network/templates/pkg/plaintext"
)

const (
	ruleMutableLink  = lint.SourceCategory + "/mutable-link"
	ruleMutableImage = lint.SourceCategory + "/mutable-image"
	ruleOtherContent = lint.SourceCategory + "/other-content"
	ruleEnvironments = lint.SourceCategory + "/environments"
	ruleInactive     = lint.SourceCategory + "/inactive"
	ruleTerms        = lint.SourceCategory + "/terms"
	ruleOwner        = lint.SourceCategory + "/owner"
	ruleClaim        = lint.SourceCategory + "/claim"
)

// writer gathers the findings about one source.
type writer struct {
	*Inspector
	n     *Inspection
	found []finding.Finding
}

// about says what is to be known of a source before anything that its files say.
// stamp is why its stamp is none, or nil.
func (i *Inspector) about(n *Inspection, stamp error) []finding.Finding {
	w := &writer{Inspector: i, n: n}
	w.links()
	w.texts()
	w.environments()
	w.state()
	w.terms()
	w.claim(stamp)
	slices.SortStableFunc(w.found, func(a, b finding.Finding) int { return int(b.Severity - a.Severity) })
	return w.found
}

// add adds a finding, unless its rule was not chosen.
func (w *writer) add(f finding.Finding, rule, format string, args ...any) {
	if w.Linter.Selected != nil && !w.Linter.Selected(rule) {
		return
	}
	f.Rule, f.Message, f.Template, f.Severity = rule, fmt.Sprintf(format, args...), w.n.Address.Hex(), finding.Error
	if known, ok := w.Linter.Policies.Rule(rule); ok {
		f.Severity, f.Remediation = known.Severity, known.Remediation
	}
	if f.File == "" {
		f.File = w.n.Address.Hex()
	}
	w.found = append(w.found, f)
}

// links tells of the metadata's link and of each compose file's.
func (w *writer) links() {
	w.link(w.n.Link, "metadata", "")
	for _, f := range w.n.Files {
		environment := f.Environment.String()
		w.link(f.Link, "compose file", environment)
		if len(f.Loose) > 0 {
			at := finding.Finding{Position: finding.Position{File: w.named(w.n, f.Link)}, Environment: environment}
			w.add(at, ruleMutableImage, "the compose file names images by tag alone, and whoever owns a name can put another image there: %s", listed(f.Loose))
		}
	}
	if w.n.Metadata != nil && len(w.n.Files) == 0 {
		what := "a compose file"
		if only := w.Linter.Environment; only != 0 {
			what += " for " + only.String()
		}
		w.add(finding.Finding{}, lint.RuleUnreadable, "the metadata names no link of %s: there is nothing to run", what)
	}
}

func (w *writer) link(l Link, what, environment string) {
	at := finding.Finding{Position: finding.Position{File: w.named(w.n, l)}, Environment: environment}
	whose := what
	if environment != "" && at.File == w.n.Address.Hex() {
		whose += " for " + environment // no link tells it
	}
	switch {
	case l.Data == nil:
		w.add(at, lint.RuleUnreadable, "the %s cannot be fetched from %s: %s", whose, quote(l.URL), reason(l.Err))
		return
	case l.Err != nil:
		w.add(at, lint.RuleUnreadable, "%s", within(l.Err.Error()))
	}
	switch l.Hold {
	case Nothing:
		w.add(at, ruleMutableLink, "the %s can change after a provider registered: its link %s", whose, l.Why)
	case Broken:
		w.add(at, ruleOtherContent, "the %s is not what its link says: the link %s", whose, l.Why)
	}
}

// texts tells of what the metadata hides from those to whom it is shown.
func (w *writer) texts() {
	if w.n.Metadata == nil {
		return
	}
	at := finding.Finding{Position: finding.Position{File: w.named(w.n, w.n.Link)}}
	for _, text := range []struct {
		what, text string
		use        plaintext.Use
	}{{"name", w.n.Metadata.Name, plaintext.Name}, {"description", w.n.Metadata.Description, plaintext.Prose}} {
		for _, f := range plaintext.Check(text.text, text.use) {
			rule := document.RuleHidden
			if f.LookAlike {
				rule = document.RuleLookAlike
			}
			w.add(at, rule, "the metadata's %s %s", text.what, f.Message)
		}
	}
}

// environments holds the chain's word against the metadata's.
func (w *writer) environments() {
	if w.n.Metadata == nil {
		return
	}
	var linked []catalog.Environment
	for environment, link := range w.n.Metadata.Compose() {
		if link != "" {
			linked = append(linked, environment)
		}
	}
	if on, in := w.n.Params.ImageEnvironments, catalog.Bits(linked); on != in {
		w.add(finding.Finding{Path: []any{"imageEnvironments"}}, ruleEnvironments, "the chain says that the source is for %s, and the metadata has links for %s", Environments(on), Environments(in))
	}
}

// state tells of the source's status, and of whom it obeys.
func (w *writer) state() {
	n := w.n
	if n.Status != chain.Active {
		w.add(finding.Finding{}, ruleInactive, "the source is %s", inWords(n.Status))
	}
	who := fmt.Sprintf("its client %s", n.Client)
	if n.Owner != n.Client {
		who = fmt.Sprintf("its owner %s, who is not its client %s,", n.Owner, n.Client)
	}
	if n.Params.Client != n.Client {
		who += fmt.Sprintf(" (the parameters name another client, %s)", n.Params.Client)
	}
	w.add(finding.Finding{}, ruleOwner, "%s can change the source's links and terms at any time, and on the source itself without an event; registered providers: %s", who, n.Registrants)
}

func inWords(s chain.Status) string {
	if s == chain.Inactive {
		return "inactive, which is for good"
	}
	return fmt.Sprintf("in the %s, which nobody knows", s)
}

// terms tells of parameters that no published template has.
func (w *writer) terms() {
	p := w.n.Params
	term := func(field, format string, args ...any) {
		w.add(finding.Finding{Path: []any{field}}, ruleTerms, field+" "+format, args...)
	}
	if p.MinPayment.Sign() == 0 {
		term("minPayment", "is 0: tasks need not pay anything")
	}
	if p.MaxExpiryDuration.Sign() == 0 {
		term("maxExpiryDuration", "is 0 seconds: no task can wait for its answer")
	}
	if p.PrivacyEnabled {
		term("privacyEnabled", "is true: nothing public says what that asks of a provider")
	}
	if p.OptionalParamsUrl != "" {
		term("optionalParamsUrl", "is reserved, and holds %s", quote(p.OptionalParamsUrl))
	}
	if p.DeliveryMethod > uint8(catalog.FirstResponse) {
		term("deliveryMethod", "is %d, and known are 0 and 1", p.DeliveryMethod)
	}
}

// claim tells which template the source says that it is.
func (w *writer) claim(stamp error) {
	at := finding.Finding{Position: finding.Position{File: w.named(w.n, w.n.Link)}, Path: []any{"template"}}
	if stamp != nil {
		w.add(at, lint.RuleUnreadable, "the metadata says which template it is in a way that cannot be read: %s", within(stamp.Error()))
	}
	if w.n.Metadata == nil || w.n.Metadata.Template == nil {
		return
	}
	worth := fmt.Sprintf("which proves nothing: publishers.yaml does not name the client %s", w.n.Client)
	if w.n.Known {
		worth = fmt.Sprintf("and publishers.yaml names its client %s", w.n.Client)
	}
	s := w.n.Metadata.Template
	w.add(at, ruleClaim, "the metadata says that the source is %s %s with the digest %s, %s", s.Name, s.Version, s.Digest, worth)
}

// Environments writes the chain's bits as names, such as "cpu and nvidia".
func Environments(bits uint8) string {
	var names []string
	for _, e := range catalog.AllEnvironments() {
		if bits&uint8(e) != 0 {
			names = append(names, e.String())
			bits &^= uint8(e)
		}
	}
	if bits != 0 {
		names = append(names, fmt.Sprintf("something unknown (%d)", bits))
	}
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, " and ")
}

// listed quotes the first of many names.
func listed(names []string) string {
	const most = 8
	var quoted []string
	for _, name := range names[:min(most, len(names))] {
		quoted = append(quoted, quote(name))
	}
	text := strings.Join(quoted, ", ")
	if more := len(names) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// within shortens an error that may quote much.
func within(text string) string {
	const most = 400
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

package policy

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/opengpu-network/templates/pkg/finding"
)

// Subject is what a rule looks at.
type Subject string

// The subjects.
const (
	// Template rules see a template once: its manifest and its folder.
	Template Subject = "template"
	// Compose rules see each compose file, with its template if it has one.
	Compose Subject = "compose"
	// Reader rules have no Rego: Go finds them broken while it reads. Their
	// module holds the metadata.
	Reader Subject = "reader"
)

// Rule is what the METADATA annotations of a rule's package say.
type Rule struct {
	// ID is the rule's place: "trust/privileged".
	ID          string
	Category    string
	Title       string
	Description string
	Severity    finding.Severity
	// Waivable is true when a template's manifest may waive the rule.
	Waivable    bool
	Subject     Subject
	Remediation string
	References  []Reference
	// Keys are those of the Compose Specification without which the rule has
	// nothing to say: it is asked only about files that use one of them. Empty
	// means that it is always asked.
	Keys []string
	// Custom is true for an organisation's own rule.
	Custom bool

	module *ast.Module
}

// Reference is a public document that a rule is grounded in.
type Reference struct{ Title, URL string }

var ruleName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// parseRule reads a module's metadata. Anything that is missing, unknown or
// ill-formed is an error: a rule nobody can explain is not run.
func parseRule(module *ast.Module, category, name string) (Rule, error) {
	rule := Rule{ID: category + "/" + name, Category: category, module: module}
	fail := func(format string, args ...any) (Rule, error) {
		return Rule{}, fmt.Errorf("%s: %s", module.Package.Location.File, fmt.Sprintf(format, args...))
	}
	if !ruleName.MatchString(name) {
		return fail("rule name %q must be lower-case words joined by hyphens", name)
	}
	var annotations *ast.Annotations
	for _, a := range module.Annotations {
		if a.Scope == "package" {
			annotations = a
		}
	}
	if annotations == nil {
		return fail("package %s has no METADATA", module.Package.Path)
	}
	rule.Title = annotations.Title
	rule.Description = strings.TrimSpace(annotations.Description)
	for _, resource := range annotations.RelatedResources {
		if resource.Ref.Scheme != "https" {
			return fail("related resource %q must be an https URL", (*url.URL)(&resource.Ref).String())
		}
		rule.References = append(rule.References, Reference{Title: resource.Description, URL: resource.Ref.String()})
	}
	custom := annotations.Custom
	for key := range custom {
		if !slices.Contains([]string{"severity", "waivable", "subject", "keys", "remediation"}, key) {
			return fail("unknown metadata custom.%s", key)
		}
	}
	severity, _ := custom["severity"].(string)
	var err error
	if rule.Severity, err = finding.ParseSeverity(severity); err != nil {
		return fail("custom.severity: %v", err)
	}
	waivable, ok := custom["waivable"].(bool)
	if !ok {
		return fail("custom.waivable must be true or false")
	}
	rule.Waivable = waivable
	subject, _ := custom["subject"].(string)
	if rule.Subject = Subject(subject); !slices.Contains([]Subject{Template, Compose, Reader}, rule.Subject) {
		return fail("custom.subject must be template, compose or reader, not %q", subject)
	}
	keys, given := custom["keys"].([]any)
	if custom["keys"] != nil && (!given || rule.Subject != Compose) {
		return fail("custom.keys must be a list of keys of the Compose Specification, for a rule about compose files")
	}
	for _, key := range keys {
		text, ok := key.(string)
		if !ok {
			return fail("custom.keys: %v is no key", key)
		}
		rule.Keys = append(rule.Keys, text)
	}
	remediation, _ := custom["remediation"].(string)
	rule.Remediation = strings.TrimSpace(remediation)
	for key, value := range map[string]string{"title": rule.Title, "description": rule.Description, "custom.remediation": rule.Remediation} {
		if value == "" {
			return fail("metadata %s is missing", key)
		}
	}
	if category == "trust" && len(rule.References) == 0 {
		return fail("a trust rule needs related_resources: what is it grounded in?")
	}
	violations := slices.ContainsFunc(module.Rules, func(r *ast.Rule) bool { return r.Head.Ref().String() == "violation" })
	if violations != (rule.Subject != Reader) {
		return fail("a rule defines the set `violation`, unless its subject is reader")
	}
	return rule, nil
}

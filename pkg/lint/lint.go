// Package lint brings the catalog, the compose reader and the policies
// together: it decides what is looked at, asks the policies about it, finds
// the place of each answer and applies the waivers.
package lint

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/compose"
	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/policy"
	"golang.org/x/sync/errgroup"
)

// Linter holds what is the same for every target.
type Linter struct {
	// Policies must be compiled, for the rules that Selected selects.
	Policies *policy.Set
	// Selected says which rules are asked; nil means all. The reader's own
	// rules always apply: what cannot be read cannot be judged.
	Selected func(rule string) bool
	// Environment is that of a custom source; zero means that it is inferred
	// from what the file asks for.
	Environment catalog.Environment
	// Today decides which waivers have expired.
	Today time.Time
	// Also looks at each template once more; nil is nobody. It is given the models of
	// all environments, or none unless the whole template can be read. It returns
	// findings of rules that have no Rego.
	Also func(ctx context.Context, t *catalog.Template, projects map[catalog.Environment]*compose.Project) []finding.Finding
	// Patience is how long reading and judging one compose file, or one manifest, may
	// take; zero is 20 seconds. What takes longer is a finding of that file.
	Patience time.Duration
	// Retain puts the models that were judged into the result, for those who
	// go on with exactly these. A whole catalog of them takes much memory.
	Retain bool
}

// Linted is one environment of a template as it was judged: one that the
// manifest states, or that has a compose file. A template with neither has one
// entry all the same, so that nobody takes it for one that was never asked for.
type Linted struct {
	// Template is closed: its manifest can be read, its files cannot.
	Template *catalog.Template
	// Environment is zero when the template has none.
	Environment catalog.Environment
	// Project is nil when there is no file, or nothing could be made of it.
	Project *compose.Project
	// Findings are those about this environment and about the template as a
	// whole, waived ones among them.
	Findings []finding.Finding
}

// Result is what a run found.
type Result struct {
	// Findings are sorted; waived ones are among them.
	Findings []finding.Finding
	// Templates and Files count what was looked at: templates, and compose
	// files with all that they include.
	Templates, Files int
	// Project is the model of a custom source, if it is retained and was the only
	// target; nil when nothing could be made of it.
	Project *compose.Project
	// Linted are the environments of templates, if they are retained, in the
	// order of the targets and of their environments. Every target has one.
	Linted []Linted
}

// Run lints all targets, on all cores. The error says that the job could not be done;
// there are no findings then, but with a Failure, which comes with those of all that
// could be judged.
func (l *Linter) Run(ctx context.Context, targets []Target) (Result, error) {
	results := make([]Result, len(targets))
	failures := make([]error, len(targets))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, target := range targets {
		group.Go(func() (err error) {
			results[i], err = l.target(ctx, target)
			if errors.Is(err, policy.ErrFailed) {
				failures[i], err = err, nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return Result{}, err
	}
	var all Result
	if len(results) == 1 && l.Retain {
		all.Project = results[0].Project
	}
	for _, r := range results {
		all.Findings = append(all.Findings, r.Findings...)
		all.Templates += r.Templates
		all.Files += r.Files
		all.Linted = append(all.Linted, r.Linted...)
	}
	finding.Sort(all.Findings)
	if failures = slices.DeleteFunc(failures, func(err error) bool { return err == nil }); len(failures) > 0 {
		return all, &Failure{failures}
	}
	return all, nil
}

func (l *Linter) target(ctx context.Context, target Target) (Result, error) {
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	if target.File != "" {
		return l.source(ctx, target)
	}
	return l.template(ctx, target)
}

// described is a template as its own rules judged it.
type described struct {
	*catalog.Template
	problems []finding.Finding
	found    []finding.Finding
	// input is the template for the rules about its compose files.
	input any
}

// describe opens a template and asks the rules about its manifest and its folder.
func (l *Linter) describe(ctx context.Context, target Target) (d described, err error) {
	d.Template, d.problems, err = catalog.Open(target.Dir, target.Display)
	if err != nil {
		return d, err
	}
	defer func() {
		if err != nil || ctx.Err() != nil {
			d.Close() // nobody waits for it any more
		}
	}()
	input, err := policy.NewInput(d.PolicyInput())
	if err != nil {
		return d, fmt.Errorf("%s: the manifest cannot be handed to the policies: %w", target.Display, err)
	}
	d.input = input.Value()
	violations, err := l.ask(ctx, policy.Template, map[string]any{"subject": "template", "template": d.input})
	if err != nil {
		return d, fmt.Errorf("%s: %w", target.Display, err)
	}
	d.found = l.known(d.problems)
	for _, v := range violations {
		position := d.Locate(v.Path)
		if v.File != "" {
			position = finding.Position{File: filepath.ToSlash(filepath.Join(target.Display, v.File))}
		}
		d.found = append(d.found, l.finding(v, position))
	}
	return d, nil
}

// template lints a template: its folder, then each of its compose files.
func (l *Linter) template(ctx context.Context, target Target) (Result, error) {
	t, err := within(ctx, l.patience(), func(ctx context.Context) (described, error) { return l.describe(ctx, target) })
	if errors.Is(err, errLate) && !l.Retain {
		return Result{Templates: 1, Findings: l.late(filepath.ToSlash(filepath.Join(target.Display, catalog.ManifestFile)))}, nil
	}
	if err != nil {
		return Result{}, err
	}
	defer t.Close()
	result := Result{Templates: 1, Findings: t.found}
	projects := map[catalog.Environment]*compose.Project{}
	for _, environment := range t.Environments() {
		if target.Environment != 0 && target.Environment != environment {
			continue
		}
		display := func(name string) string { return filepath.ToSlash(filepath.Join(target.Display, name)) }
		project, found, err := l.compose(ctx, t.Root(), t.ComposePath(environment), display, environment, t.input)
		if err != nil {
			return Result{}, err
		}
		result.Findings = append(withoutTold(result.Findings, found), found...)
		result.Files += files(project)
		projects[environment] = project
	}
	if l.Also != nil {
		result.Findings = append(result.Findings, l.also(ctx, t.Template, projects, len(t.problems) == 0 && target.Environment == 0)...)
	}
	for i := range result.Findings {
		result.Findings[i].Template = t.Name
	}
	result.Findings = l.waive(t.Template, result.Findings, target.Environment == 0)
	if l.Retain {
		result.Linted = retain(t.Template, target, projects, result.Findings)
	}
	return result, nil
}

// withoutTold leaves out what the folder's own findings say of the text of a file
// that is among those of a compose file, which say more.
func withoutTold(folder, compose []finding.Finding) []finding.Finding {
	type place struct {
		rule         string
		file         string
		line, column int
	}
	at := func(f finding.Finding) place { return place{f.Rule, f.File, f.Line, f.Column} }
	told := map[place]bool{}
	for _, f := range compose {
		told[at(f)] = true
	}
	return slices.DeleteFunc(folder, func(f finding.Finding) bool {
		return (f.Rule == document.RuleHidden || f.Rule == document.RuleLookAlike) && f.Environment == "" && told[at(f)]
	})
}

// also asks Also.
func (l *Linter) also(ctx context.Context, t *catalog.Template, projects map[catalog.Environment]*compose.Project, whole bool) []finding.Finding {
	for _, environment := range t.Manifest.Environments.List() {
		whole = whole && projects[environment] != nil
	}
	if !whole {
		projects = nil
	}
	return l.Weigh(l.Also(ctx, t, projects))
}

// Weigh gives findings of rules that have no Rego what their rules say, and leaves out
// those of rules that are not selected.
func (l *Linter) Weigh(problems []finding.Finding) []finding.Finding {
	return slices.DeleteFunc(l.known(problems), func(f finding.Finding) bool { return !l.selected(f.Rule) })
}

// retain makes an entry for each environment of a template that a target names.
func retain(t *catalog.Template, target Target, projects map[catalog.Environment]*compose.Project, findings []finding.Finding) []Linted {
	environments := []catalog.Environment{target.Environment}
	if target.Environment == 0 {
		environments = nil
		for _, e := range catalog.AllEnvironments() {
			if t.Manifest.Environments.Get(e) != nil || slices.Contains(t.Environments(), e) {
				environments = append(environments, e)
			}
		}
	}
	if len(environments) == 0 {
		environments = []catalog.Environment{0}
	}
	var retained []Linted
	for _, e := range environments {
		linted := Linted{Template: t, Environment: e, Project: projects[e]}
		for _, f := range findings {
			if f.Environment == "" || f.Environment == e.String() {
				linted.Findings = append(linted.Findings, f)
			}
		}
		finding.Sort(linted.Findings)
		retained = append(retained, linted)
	}
	return retained
}

// source lints a compose file that belongs to no template.
func (l *Linter) source(ctx context.Context, target Target) (Result, error) {
	root, err := os.OpenRoot(target.Dir)
	if err != nil {
		return Result{}, err
	}
	defer root.Close()
	dir := filepath.ToSlash(filepath.Dir(target.Display))
	display := func(name string) string { return filepath.ToSlash(filepath.Join(dir, name)) }
	project, found, err := l.compose(ctx, root, target.File, display, l.Environment, nil)
	return Result{Findings: found, Files: files(project), Project: project}, err
}

// files counts what a compose file was made of.
func files(p *compose.Project) int {
	if p == nil {
		return 1
	}
	return len(p.Files)
}

// compose lints one compose file. The project is nil when nothing could be
// made of it.
func (l *Linter) compose(ctx context.Context, root *os.Root, name string, display func(string) string, environment catalog.Environment, template any) (*compose.Project, []finding.Finding, error) {
	type judged struct {
		project *compose.Project
		found   []finding.Finding
	}
	j, err := within(ctx, l.patience(), func(ctx context.Context) (j judged, err error) {
		j.project, j.found, err = l.judge(ctx, root, name, display, environment, template)
		return j, err
	})
	if errors.Is(err, errLate) {
		j.found = l.late(display(name))
		if environment != 0 {
			j.found[0].Environment = environment.String()
		}
		err = nil
	}
	return j.project, j.found, err
}

// judge reads a compose file and asks the rules about it.
func (l *Linter) judge(ctx context.Context, root *os.Root, name string, display func(string) string, environment catalog.Environment, template any) (*compose.Project, []finding.Finding, error) {
	project, problems := compose.Load(ctx, root, name, display)
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	found := l.known(problems)
	if project != nil {
		if environment == 0 {
			environment = infer(project)
		}
		violations, err := l.ask(ctx, policy.Compose, composeInput(project, name, environment, template))
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", display(name), err)
		}
		listed, left := limit(violations)
		for _, v := range listed {
			position, ok := parsePosition(v.Position)
			if !ok || !slices.ContainsFunc(project.Files, func(name string) bool { return display(name) == position.File }) {
				position = project.Locate(v.Path)
			}
			found = append(found, l.finding(v, position))
		}
		for _, rule := range slices.Sorted(maps.Keys(left)) {
			found = append(found, l.known([]finding.Finding{{
				Rule: document.RuleLimits, Position: finding.Position{File: display(name)},
				Message: fmt.Sprintf("breaks %s in %d more places, which are not listed", rule, left[rule]),
			}})...)
		}
	}
	for i := range found {
		if environment != 0 {
			found[i].Environment = environment.String()
		}
		if path := found[i].Path; len(path) > 1 && path[0] == "services" {
			found[i].Service, _ = path[1].(string)
		}
	}
	return project, found, nil
}

// maxListed is how many findings of one rule are listed for one compose file:
// finding the place of each takes time.
const maxListed = 100

// limit keeps the first violations of each rule and counts the others.
func limit(violations []policy.Violation) (listed []policy.Violation, left map[string]int) {
	slices.SortFunc(violations, func(a, b policy.Violation) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(fmt.Sprint(a.Path...), fmt.Sprint(b.Path...)), cmp.Compare(a.Message, b.Message))
	})
	left = map[string]int{}
	seen := map[string]int{}
	for _, v := range violations {
		if seen[v.Rule]++; seen[v.Rule] > maxListed {
			left[v.Rule]++
		} else {
			listed = append(listed, v)
		}
	}
	return listed, left
}

// ask evaluates the policies.
func (l *Linter) ask(ctx context.Context, subject policy.Subject, document map[string]any) ([]policy.Violation, error) {
	input, err := policy.NewInput(document)
	if err != nil {
		return nil, fmt.Errorf("the model cannot be handed to the policies: %w", err)
	}
	return l.Policies.Evaluate(ctx, subject, input)
}

func (l *Linter) selected(rule string) bool { return l.Selected == nil || l.Selected(rule) }

func (l *Linter) finding(v policy.Violation, position finding.Position) finding.Finding {
	rule, _ := l.Policies.Rule(v.Rule)
	return finding.Finding{
		Rule: v.Rule, Severity: rule.Severity, Message: v.Message, Position: position, Path: v.Path, Remediation: rule.Remediation,
	}
}

// known gives the reader's findings what their rules say. A finding of an
// unknown rule is an error all the same.
func (l *Linter) known(problems []finding.Finding) []finding.Finding {
	found := make([]finding.Finding, 0, len(problems))
	for _, p := range problems {
		p.Severity = finding.Error
		if rule, ok := l.Policies.Rule(p.Rule); ok {
			p.Severity, p.Remediation = rule.Severity, rule.Remediation
		}
		found = append(found, p)
	}
	return found
}

// composeInput is the document of docs/schemas/policy-input.schema.json.
func composeInput(p *compose.Project, name string, environment catalog.Environment, template any) map[string]any {
	keys := make([]any, len(p.Keys))
	used := map[string]any{}
	for i, key := range p.Keys {
		used[key.Pattern] = true
		keys[i] = map[string]any{"key": key.Pattern, "path": key.Path}
	}
	variables := make([]any, len(p.Variables))
	for i, v := range p.Variables {
		variables[i] = map[string]any{
			"name": v.Name, "operator": v.Operator, "default": v.Default, "key": v.Pattern(), "path": v.Path,
			"position": fmt.Sprintf("%s:%d:%d", v.File, v.Line, v.Column),
		}
	}
	images := map[string]any{}
	for service, image := range p.Images {
		parsed := map[string]any{"reference": image.Reference, "registry": image.Registry, "repository": image.Repository}
		if image.Tag != "" {
			parsed["tag"] = image.Tag
		}
		if image.Digest != "" {
			parsed["digest"] = image.Digest
		}
		images[service] = parsed
	}
	document := map[string]any{
		"subject": "compose", "environment": environment.String(), "file": name,
		"project": p.Model, "keys": keys, "used": used, "variables": variables, "images": images, "hosts": hosts(p.Hosts()),
	}
	if template != nil {
		document["template"] = template
	}
	return document
}

func hosts(h compose.Hosts) map[string]any {
	plain := func(all map[string][]compose.Mention) map[string]any {
		out := make(map[string]any, len(all))
		for host, mentions := range all {
			listed := make([]any, len(mentions))
			for i, m := range mentions {
				listed[i] = map[string]any{"path": m.Path, "written": m.Written}
			}
			out[host] = listed
		}
		return out
	}
	return map[string]any{"addresses": plain(h.Addresses), "names": plain(h.Names)}
}

// parsePosition reads "file:line:column"; the file may hold colons itself.
func parsePosition(text string) (finding.Position, bool) {
	rest, column, ok := cutLast(text)
	if !ok {
		return finding.Position{}, false
	}
	file, line, ok := cutLast(rest)
	return finding.Position{File: file, Line: line, Column: column}, ok
}

func cutLast(text string) (before string, number int, ok bool) {
	i := strings.LastIndexByte(text, ':')
	if i < 0 {
		return "", 0, false
	}
	number, err := strconv.Atoi(text[i+1:])
	return text[:i], number, err == nil
}

package policy

import (
	"bytes"
	"context"
	"io/fs"
	"maps"
	"os"
	"path"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/format"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"
	templates "github.com/opengpu-network/templates"
)

func builtin(t testing.TB) fs.FS {
	t.Helper()
	fsys, err := fs.Sub(templates.Policies, "policies")
	if err != nil {
		t.Fatal(err)
	}
	return fsys
}

// The unit tests that stand beside the rules, each rule with its own.
func TestRego(t *testing.T) {
	set, err := Load(builtin(t), nil, templates.PolicyInputSchema)
	if err != nil {
		t.Fatal(err)
	}
	modules := map[string]*ast.Module{}
	maps.Copy(modules, set.helpers)
	for _, rule := range set.rules {
		modules[rule.ID] = rule.module
	}
	tested := map[string]bool{}
	err = fs.WalkDir(builtin(t), ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, "_test.rego") {
			return err
		}
		text, err := fs.ReadFile(builtin(t), name)
		if err != nil {
			return err
		}
		module, err := ast.ParseModuleWithOpts(name, string(text), ast.ParserOptions{RegoVersion: ast.RegoV1})
		modules[name] = module
		tested[path.Dir(name)] = true
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range set.Rules() {
		if rule.Subject != Reader && !tested[rule.ID] {
			t.Errorf("%s has no unit tests", rule.ID)
		}
	}
	runner := tester.NewRunner().SetModules(modules).SetStore(inmem.NewFromObject(set.data)).
		SetCompiler(ast.NewCompiler().WithCapabilities(capabilities())).
		RaiseBuiltinErrors(true).SetTimeout(time.Minute).CapturePrintOutput(true)
	results, err := runner.RunTests(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for result := range results {
		ran++
		if !result.Pass() {
			t.Errorf("%s.%s fails at %v: %v", result.Package, result.Name, result.Location, result.Error)
		}
	}
	if ran == 0 {
		t.Error("no test ran")
	}
}

// Every Rego file is formatted as `opa fmt` would.
func TestRegoIsFormatted(t *testing.T) {
	err := fs.WalkDir(builtin(t), ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".rego" {
			return err
		}
		text, err := fs.ReadFile(builtin(t), name)
		if err != nil {
			return err
		}
		formatted, err := format.SourceWithOpts(name, text, format.Opts{RegoVersion: ast.RegoV1})
		if err != nil {
			return err
		}
		if !bytes.Equal(text, formatted) {
			t.Errorf("policies/%s is not formatted: run, at the repository's root, go run github.com/open-policy-agent/opa@%s fmt -w policies/%s", name, opaVersion(t), path.Dir(name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// opaVersion is the version of OPA that the program is built with.
func opaVersion(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "github.com/open-policy-agent/opa ")
	if !found {
		t.Fatal("go.mod does not name OPA")
	}
	return strings.Fields(rest)[0]
}

const metadata = `# METADATA
# title: A rule
# description: Says why.
# custom:
#   severity: warning
#   waivable: true
#   subject: compose
#   remediation: Fix it.
`

// module is a well-formed rule of an organisation's own.
const module = metadata + `package custom.own

violation contains {"path": ["services", name], "message": "is there"} if some name, _ in input.project.services
`

func custom(files ...string) fs.FS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		fsys[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return fsys
}

// An organisation can add rules, with tables and helpers of its own.
func TestOwnRules(t *testing.T) {
	fsys := custom("own/own.rego", metadata+`package custom.own

import data.custom.lib.words

violation contains {"path": ["services", name], "message": words.say(name)} if {
	some name, _ in input.project.services
	name in data.custom.tables.names
}
`, "lib/words.rego", "package custom.lib.words\n\nsay(name) := sprintf(\"%s is there\", [name])\n",
		"data/names.yaml", "custom:\n  tables:\n    names: [a]\n")
	set, err := Load(builtin(t), fsys, templates.PolicyInputSchema)
	if err != nil {
		t.Fatal(err)
	}
	only := func(id string) bool { return id == "custom/own" }
	if err := set.Compile(context.Background(), only); err != nil {
		t.Fatal(err)
	}
	violations := ask(t, set)
	if len(violations) != 1 || violations[0].Message != "a is there" || violations[0].Rule != "custom/own" {
		t.Errorf("violations are %+v", violations)
	}
}

func ask(t *testing.T, set *Set) []Violation {
	t.Helper()
	input, err := NewInput(map[string]any{"subject": "compose", "project": map[string]any{"services": map[string]any{
		"a": map[string]any{"image": "a"}, "b": map[string]any{"image": "b"},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	violations, err := set.Evaluate(context.Background(), Compose, input)
	if err != nil {
		t.Fatal(err)
	}
	return violations
}

// Whatever is wrong with a policy stops the run: none of it counts as a pass.
func TestPoliciesFailClosed(t *testing.T) {
	for name, c := range map[string]struct {
		files []string
		want  string
	}{
		"nothing":           {nil, "holds no rules"},
		"only a test":       {[]string{"own/own_test.rego", "package custom.own_test\n"}, "holds no rules"},
		"no parse":          {[]string{"own/own.rego", "package custom.own\nviolation contains {"}, "own/own.rego:2"},
		"empty":             {[]string{"own/own.rego", ""}, "empty"},
		"built-in package":  {[]string{"privileged/privileged.rego", strings.Replace(module, "custom.own", "trust.privileged", 1)}, "live under package custom"},
		"built-in helper":   {[]string{"lib/lib.rego", "package lib.compose\n\nx := 1\n"}, "live under package custom"},
		"root package":      {[]string{"own/own.rego", strings.Replace(module, "custom.own", "custom", 1)}, "has two parts"},
		"deep package":      {[]string{"own/own.rego", strings.Replace(module, "custom.own", "custom.own.deep", 1)}, "has two parts"},
		"wrong place":       {[]string{"other/own.rego", module}, "belongs in own/own.rego"},
		"no metadata":       {[]string{"own/own.rego", strings.TrimPrefix(module, metadata)}, "has no METADATA"},
		"no severity":       {[]string{"own/own.rego", strings.Replace(module, "#   severity: warning\n", "", 1)}, "custom.severity"},
		"bad severity":      {[]string{"own/own.rego", strings.Replace(module, "warning", "fatal", 1)}, "unknown severity"},
		"no remediation":    {[]string{"own/own.rego", strings.Replace(module, "#   remediation: Fix it.\n", "", 1)}, "custom.remediation is missing"},
		"unknown metadata":  {[]string{"own/own.rego", strings.Replace(module, "#   waivable", "#   enabled: false\n#   waivable", 1)}, "unknown metadata custom.enabled"},
		"reader":            {[]string{"own/own.rego", metadata[:strings.Index(metadata, "compose")] + "reader\n#   remediation: Fix it.\npackage custom.own\n"}, "looks at template or compose"},
		"no violation":      {[]string{"own/own.rego", metadata + "package custom.own\n\ndeny contains 1\n"}, "defines the set `violation`"},
		"built-in table":    {[]string{"own/own.rego", module, "t.yaml", "tables: {miners: {}}\n"}, "can be added to is registries"},
		"not tables":        {[]string{"own/own.rego", module, "t.yaml", "custom: {own: {violation: []}}\n"}, "holds one key, tables"},
		"misspelt input":    {[]string{"own/own.rego", strings.Replace(module, "input.project.services", "input.project.servces", 1)}, "do not compile"},
		"misspelt key":      {[]string{"own/own.rego", strings.Replace(module, "if some name, _ in input.project.services", "if {\n\tsome name, service in input.project.services\n\tservice.privilged\n}", 1)}, "do not compile"},
		"misspelt deep key": {[]string{"own/own.rego", strings.Replace(module, "if some name, _ in input.project.services", "if {\n\tsome name, service in input.project.services\n\tservice.deploy.resources.limit.memory > 1\n}", 1)}, "do not compile"},
		"wrong type":        {[]string{"own/own.rego", strings.Replace(module, "if some name, _ in input.project.services", "if {\n\tsome name, service in input.project.services\n\tstartswith(service.mem_limit, \"1\")\n}", 1)}, "do not compile"},
		"network":           {[]string{"own/own.rego", module + "\nx := http.send({\"method\": \"get\", \"url\": \"http://example.com\"})\n"}, "do not compile"},
		"environment":       {[]string{"own/own.rego", module + "\nx := opa.runtime()\n"}, "do not compile"},
		"clock":             {[]string{"own/own.rego", module + "\nx := time.now_ns()\n"}, "do not compile"},
		"files by schema":   {[]string{"own/own.rego", module + "\nx := json.match_schema(1, {\"$ref\": \"file:///etc/passwd\"})\n"}, "do not compile"},
		"undefined helper":  {[]string{"own/own.rego", strings.Replace(module, "if some", "if missing(1)\n\nviolation contains {} if some", 1)}, "do not compile"},
		"fails while run":   {[]string{"own/own.rego", module + "\nviolation contains {\"path\": [to_number(name)], \"message\": \"x\"} if some name, _ in input.project.services\n"}, "failed while it ran"},
		"conflict":          {[]string{"own/own.rego", module + "\nx := name if some name, _ in input.project.services\n\nviolation contains {\"path\": [x], \"message\": \"x\"}\n"}, "failed while it ran"},
		"no object":         {[]string{"own/own.rego", module + "\nviolation contains \"text\"\n"}, "must be an object"},
		"no message":        {[]string{"own/own.rego", module + "\nviolation contains {\"path\": []}\n"}, "needs a path and a message"},
		"no path":           {[]string{"own/own.rego", module + "\nviolation contains {\"message\": \"x\"}\n"}, "needs a path and a message"},
		"fractional index":  {[]string{"own/own.rego", module + "\nviolation contains {\"message\": \"x\", \"path\": [1.5]}\n"}, "an index is an integer"},
		"object in path":    {[]string{"own/own.rego", module + "\nviolation contains {\"message\": \"x\", \"path\": [{}]}\n"}, "use strings and integers"},
		"unknown member":    {[]string{"own/own.rego", module + "\nviolation contains {\"message\": \"x\", \"path\": [], \"severity\": \"notice\"}\n"}, "unknown member"},
		"message no string": {[]string{"own/own.rego", module + "\nviolation contains {\"message\": 1, \"path\": []}\n"}, "is no string"},
		"large":             {[]string{"own/own.rego", module + strings.Repeat("#", maxPolicyBytes)}, "larger than"},
	} {
		t.Run(name, func(t *testing.T) {
			set, err := Load(builtin(t), custom(c.files...), templates.PolicyInputSchema)
			if err == nil {
				err = set.Compile(context.Background(), func(id string) bool { return id == "custom/own" })
			}
			if err == nil {
				input, inputErr := NewInput(map[string]any{"project": map[string]any{"services": map[string]any{"a": map[string]any{}, "b": map[string]any{}}}})
				if inputErr != nil {
					t.Fatal(inputErr)
				}
				_, err = set.Evaluate(context.Background(), Compose, input)
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want %q in it", err, c.want)
			}
		})
	}
	if _, err := Load(custom(), nil, templates.PolicyInputSchema); err == nil {
		t.Error("an empty set of built-in policies is taken for a pass")
	}
	if _, err := (&Set{}).Evaluate(context.Background(), Compose, Input{}); err == nil {
		t.Error("policies that were never compiled are taken for a pass")
	}
	if _, err := Load(builtin(t), os.DirFS("/nonexistent"), templates.PolicyInputSchema); err == nil {
		t.Error("a policy folder that is not there is taken for a pass")
	}
}

package catalog

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/opengpu-network/templates/pkg/document"
)

// SmokeProblems checks the smoke cases: that each is for something the template
// has, and that what it sends and expects agrees with its function. What does
// not fit the manifest's schema is not looked at again.
func (m *Manifest) SmokeProblems() []Problem {
	if m.Smoke == nil {
		return nil
	}
	c := smokeChecker{manifest: m, schemas: map[string]functionSchemas{}, names: map[string]bool{}}
	for i, smokeCase := range m.Smoke.Cases[:min(len(m.Smoke.Cases), MaxSmokeCases)] {
		c.at = []any{"smoke", "cases", i}
		c.check(smokeCase.complete())
	}
	return c.problems
}

type smokeChecker struct {
	manifest *Manifest
	problems []Problem
	// schemas are those of the functions that cases were for so far.
	schemas map[string]functionSchemas
	names   map[string]bool
	// at leads to the case that is being checked.
	at []any
}

// functionSchemas are the schemas of a function; one that does not compile is
// nil, as SchemaProblems reports it.
type functionSchemas struct{ input, output *document.Schema }

func (c *smokeChecker) report(path []any, format string, args ...any) {
	c.problems = append(c.problems, Problem{slices.Concat(c.at, path), fmt.Sprintf(format, args...)})
}

func (c *smokeChecker) check(smokeCase SmokeCase) {
	c.checkName(smokeCase)
	for i, name := range smokeCase.Environments {
		if environment, err := ParseEnvironment(name); err == nil && c.manifest.Environments.Get(environment) == nil {
			c.report([]any{"environments", i}, "the template does not support the environment %q", name)
		}
	}
	c.checkExpect(smokeCase)
	if smokeCase.Function == "" {
		return
	}
	if _, ok := c.manifest.Functions[smokeCase.Function]; !ok {
		names := slices.Sorted(maps.Keys(c.manifest.Functions))
		c.report([]any{"function"}, "the template has no function %q%s", smokeCase.Function, document.Suggest(smokeCase.Function, names))
		return
	}
	c.checkValues(smokeCase, c.schemasOf(smokeCase.Function))
}

// checkName makes sure that every case of a report has its own name.
func (c *smokeChecker) checkName(smokeCase SmokeCase) {
	name := smokeCase.Name
	if name == "" {
		return
	}
	if c.names[name] {
		c.report([]any{"name"}, "another case has the name %q", name)
	}
	c.names[name] = true
	if function, ok := strings.CutPrefix(name, exampleCase); ok {
		if _, ok := c.manifest.Functions[function]; ok {
			c.report([]any{"name"}, "%q is the name of the case that is made of the function's example", name)
		}
	}
}

func (c *smokeChecker) checkExpect(smokeCase SmokeCase) {
	expect := smokeCase.Expect
	if expect.Status == StatusRefused {
		for _, comparison := range []struct {
			key   string
			given bool
		}{{"schema", expect.Schema != nil}, {"equals", expect.Equals.Given}, {"includes", expect.Includes.Given}} {
			if comparison.given {
				c.report([]any{"expect", comparison.key}, "a task that must be refused has no result to compare")
			}
		}
		return
	}
	if expect.Schema == nil {
		return
	}
	if reference := findReference(expect.Schema, []any{"expect", "schema"}); reference != nil {
		c.report(reference, "%v is not for a case's schema: write the schema out", reference[len(reference)-1])
	} else if _, err := compileSchema(expect.Schema); err != nil {
		c.report([]any{"expect", "schema"}, "the case's schema is no JSON Schema: %v", err)
	}
}

// checkValues holds what a case sends and expects against its function.
func (c *smokeChecker) checkValues(smokeCase SmokeCase, schemas functionSchemas) {
	if schemas.input != nil {
		violations := schemas.input.Validate(smokeCase.Input)
		switch {
		case smokeCase.Expect.Status == StatusAccepted:
			for _, v := range violations {
				c.report(slices.Concat([]any{"input"}, v.Path), "the input does not fit the function's schema: %s", v.Message)
			}
		case smokeCase.Expect.Status == StatusRefused && len(violations) == 0:
			c.report([]any{"input"}, "the input fits the function's schema, so nothing says that it must be refused")
		}
	}
	if equals := smokeCase.Expect.Equals; equals.Given && schemas.output != nil && smokeCase.Expect.Status == StatusAccepted {
		for _, v := range schemas.output.Validate(equals.JSON) {
			c.report(slices.Concat([]any{"expect", "equals"}, v.Path), "the expected result does not fit the function's output schema: %s", v.Message)
		}
	}
}

func (c *smokeChecker) schemasOf(name string) functionSchemas {
	schemas, known := c.schemas[name]
	if !known {
		f := c.manifest.Functions[name]
		schemas = functionSchemas{input: wholeSchema(f.Input), output: wholeSchema(f.Output)}
		c.schemas[name] = schemas
	}
	return schemas
}

// wholeSchema compiles a function's schema, or returns nil when it is none.
func wholeSchema(schema map[string]any) *document.Schema {
	if schema == nil || findReference(schema, nil) != nil {
		return nil
	}
	compiled, err := compileSchema(schema)
	if err != nil {
		return nil
	}
	return compiled
}

package policy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
)

// ErrFailed says that a policy failed while it ran, so that its answer is not known.
var ErrFailed = errors.New("a policy failed while it ran")

// Violation is one place where an input breaks a rule.
type Violation struct {
	Rule    string
	Message string
	// Path leads to the node in the model, or in the manifest for a rule about
	// a template. Strings are keys, ints are indexes.
	Path []any
	// File names a file of the template when the violation is about that.
	File string
	// Position is the place that an entry of the input carried, as
	// "file:line:column", when the path alone does not lead there.
	Position string
}

// shard is a part of the rules that is compiled apart from the others, so that
// compiling, which takes most of a short run, uses two cores.
type shard struct {
	queries map[Subject]rego.PreparedEvalQuery
}

// forbidden are the built-in functions that would make a run depend on
// anything but its input, or reach out of it. The JSON Schema functions follow
// references to files.
var forbidden = []string{
	"http.send", "net.lookup_ip_addr", "opa.runtime", "rand.intn", "uuid.rfc4122", "time.now_ns",
	"rego.parse_module", "json.match_schema", "json.verify_schema", "providers.aws.sign_req",
	"io.jwt.decode_verify", "graphql.schema_is_valid", "trace", "print",
}

// capabilities is what Rego may do in a policy.
func capabilities() *ast.Capabilities {
	c := ast.CapabilitiesForThisVersion()
	c.Builtins = slices.DeleteFunc(c.Builtins, func(b *ast.Builtin) bool { return slices.Contains(forbidden, b.Name) })
	c.AllowNet = []string{}
	return c
}

// Compile compiles the policies against the input's schema. It must be called
// once before Evaluate; a set that is only listed need not be compiled. Rules
// that selected leaves out are not asked; a nil selected asks all. An
// organisation's own rules must compile whether they are selected or not.
func (s *Set) Compile(ctx context.Context, selected func(rule string) bool) error {
	var asked []string
	for _, rule := range s.rules {
		if selected == nil || selected(rule.ID) {
			asked = append(asked, rule.ID)
		}
	}
	var err error
	s.shards, err = s.compiled.once(strings.Join(asked, " "), func() ([]shard, error) {
		return s.compile(ctx, func(rule string) bool { return slices.Contains(asked, rule) })
	})
	return err
}

// compiled remembers what has been compiled, by the rules that are asked.
type compiled struct {
	mu     sync.Mutex
	shards map[string][]shard
}

func (c *compiled) once(asked string, compile func() ([]shard, error)) ([]shard, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if shards, ok := c.shards[asked]; ok {
		return shards, nil
	}
	shards, err := compile()
	if err != nil {
		return nil, err
	}
	if c.shards == nil {
		c.shards = map[string][]shard{}
	}
	c.shards[asked] = shards
	return shards, nil
}

func (s *Set) compile(ctx context.Context, selected func(rule string) bool) ([]shard, error) {
	var schema any
	if err := json.Unmarshal(s.schema, &schema); err != nil {
		return nil, fmt.Errorf("the schema of the policies' input: %w", err)
	}
	schemas := ast.NewSchemaSet()
	schemas.Put(ast.SchemaRootRef, checkable(schema))
	store := inmem.NewFromObject(s.data)
	// The trust rules share helpers that search all texts of a file, and are
	// about half of all rules.
	var shards [2]shard
	var errs [2]error
	var wait sync.WaitGroup
	for i := range shards {
		wait.Go(func() {
			shards[i], errs[i] = s.compileShard(ctx, schemas, store, selected, func(r Rule) bool { return (r.Category == "trust") == (i == 0) })
		})
	}
	wait.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("the policies do not compile: %w", err)
	}
	return shards[:], nil
}

// checkable rewrites a JSON Schema so that OPA's type checker sees all of it.
// The checker reads the first of several types for all, and passes over
// additionalProperties: so where the members of a map with free names are
// objects themselves, they are given as one member, which is what iterating over
// the map then yields.
func checkable(schema any) any {
	switch schema := schema.(type) {
	case map[string]any:
		out := make(map[string]any, len(schema))
		for key, value := range schema {
			out[key] = checkable(value)
		}
		if member, ok := out["additionalProperties"].(map[string]any); ok && member["properties"] != nil {
			out["properties"] = map[string]any{"*": member}
		}
		if _, several := out["type"].([]any); several {
			delete(out, "type")
		}
		delete(out, "additionalProperties")
		return out
	case []any:
		out := make([]any, len(schema))
		for i, item := range schema {
			out[i] = checkable(item)
		}
		return out
	}
	return schema
}

func (s *Set) compileShard(ctx context.Context, schemas *ast.SchemaSet, store storage.Store, selected func(rule string) bool, member func(Rule) bool) (shard, error) {
	modules := maps.Clone(s.helpers)
	var asked []Rule
	for _, rule := range s.rules {
		wanted := rule.Subject != Reader && selected(rule.ID)
		if !member(rule) || !wanted && !rule.Custom {
			continue
		}
		modules[rule.ID] = rule.module
		if wanted {
			asked = append(asked, rule)
		}
	}
	entry, err := ast.ParseModuleWithOpts("entry.rego", entry(asked), ast.ParserOptions{RegoVersion: ast.RegoV1})
	if err != nil {
		return shard{}, err
	}
	modules["entry.rego"] = entry
	compiler := ast.NewCompiler().WithCapabilities(capabilities()).WithSchemas(schemas).WithStrict(true)
	if compiler.Compile(modules); compiler.Failed() {
		return shard{}, compiler.Errors
	}
	c := shard{queries: map[Subject]rego.PreparedEvalQuery{}}
	for _, subject := range []Subject{Template, Compose} {
		if !slices.ContainsFunc(asked, func(r Rule) bool { return r.Subject == subject }) {
			continue
		}
		query := rego.New(
			rego.Compiler(compiler), rego.Store(store), rego.Capabilities(capabilities()), rego.StrictBuiltinErrors(true),
			rego.Query("data.entry."+string(subject)),
		)
		if c.queries[subject], err = query.PrepareForEval(ctx); err != nil {
			return shard{}, err
		}
	}
	return c, nil
}

// entry is a module that gathers the violations of rules by subject, so that
// one query asks them all and no helper is evaluated that nobody needs. A rule
// that has nothing to say without certain keys is asked only when one is used.
func entry(rules []Rule) string {
	var b strings.Builder
	b.WriteString("package entry\n\n")
	for i, rule := range rules {
		_, name, _ := strings.Cut(rule.ID, "/")
		condition := ""
		if len(rule.Keys) > 0 {
			condition = fmt.Sprintf("used_%d; ", i)
		}
		for _, key := range rule.Keys {
			fmt.Fprintf(&b, "used_%d if input.used[%q]\n", i, key)
		}
		fmt.Fprintf(&b, "%s contains [%q, v] if { %ssome v in data.%s[%q].violation }\n", rule.Subject, rule.ID, condition, rule.Category, name)
	}
	return b.String()
}

// Input is a document that policies can look at.
type Input struct{ value ast.Value }

// NewInput converts plain data; see docs/schemas/policy-input.schema.json.
func NewInput(document map[string]any) (Input, error) {
	value, err := ast.InterfaceToValue(document)
	return Input{value}, err
}

// Value is the document for use as a part of another, so that what several
// inputs share is converted once.
func (i Input) Value() any { return i.value }

// Evaluate asks all rules of a subject about an input. The violations come in
// no particular order. It may be called from several goroutines. How long it may take is
// for the context to say.
func (s *Set) Evaluate(ctx context.Context, subject Subject, input Input) ([]Violation, error) {
	if s.shards == nil {
		return nil, errors.New("the policies have not been compiled")
	}
	var violations []Violation
	for _, shard := range s.shards {
		query, ok := shard.queries[subject]
		if !ok {
			continue // no rule has this subject
		}
		found, err := evaluate(ctx, query, input)
		if err != nil {
			return nil, err
		}
		violations = append(violations, found...)
	}
	return violations, nil
}

func evaluate(ctx context.Context, query rego.PreparedEvalQuery, input Input) ([]Violation, error) {
	results, err := query.Eval(ctx, rego.EvalParsedInput(input.value))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFailed, err)
	}
	if len(results) != 1 || len(results[0].Expressions) != 1 {
		return nil, fmt.Errorf("%w: it has no result", ErrFailed)
	}
	entries, ok := results[0].Expressions[0].Value.([]any)
	if !ok {
		return nil, fmt.Errorf("%w: its result is no set", ErrFailed)
	}
	violations := make([]Violation, 0, len(entries))
	for _, entry := range entries {
		v, err := violation(entry)
		if err != nil {
			return nil, err
		}
		violations = append(violations, v)
	}
	return violations, nil
}

// failed is a failure whose text says all.
type failed string

func (f failed) Error() string { return string(f) }

// Is makes it an ErrFailed.
func (f failed) Is(target error) bool { return target == ErrFailed }

// violation checks the form of what a rule returned.
func violation(entry any) (Violation, error) {
	pair, _ := entry.([]any)
	if len(pair) != 2 {
		return Violation{}, fmt.Errorf("%w: its result has no rule", ErrFailed)
	}
	id, _ := pair[0].(string)
	fail := func(format string, args ...any) (Violation, error) {
		return Violation{}, failed(fmt.Sprintf("rule %s: a violation %s", id, fmt.Sprintf(format, args...)))
	}
	fields, ok := pair[1].(map[string]any)
	if !ok {
		return fail("must be an object, not %v", pair[1])
	}
	v := Violation{Rule: id}
	for key, value := range fields {
		text, isText := value.(string)
		switch key {
		case "message":
			v.Message = text
		case "file":
			v.File = text
		case "position":
			v.Position = text
		case "path":
			segments, ok := value.([]any)
			if !ok {
				return fail("has a path that is no array: %v", value)
			}
			isText = true
			for _, segment := range segments {
				switch segment := segment.(type) {
				case string:
					v.Path = append(v.Path, segment)
				case json.Number:
					index, err := segment.Int64()
					if err != nil {
						return fail("has %s in its path: an index is an integer", segment)
					}
					v.Path = append(v.Path, int(index))
				default:
					return fail("has %v in its path: use strings and integers", segment)
				}
			}
		default:
			return fail("has the unknown member %q", key)
		}
		if !isText {
			return fail("has a %s that is no string", key)
		}
	}
	if v.Message == "" || fields["path"] == nil {
		return fail("needs a path and a message")
	}
	return v, nil
}

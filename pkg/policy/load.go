// Package policy compiles Rego policies, evaluates them over an input document
// and returns what they found. It fails closed: policies that are empty, that
// do not compile, that lack metadata or that fail while they run are an error
// and never a pass.
package policy

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"go.yaml.in/yaml/v4"
)

// Limits on an organisation's own policies.
const (
	maxPolicyFiles = 2000
	maxPolicyBytes = 1 << 20
)

const (
	// customRoot is the package and the data path under which an
	// organisation's own policies live.
	customRoot = "custom"
	// libRoot is where helpers live that are no rules.
	libRoot = "lib"
	// tablesRoot is the data path of the tables.
	tablesRoot = "tables"
)

// Set is a set of policies.
type Set struct {
	rules []Rule
	byID  map[string]Rule
	// helpers are the modules that are no rules.
	helpers map[string]*ast.Module
	data    map[string]any
	schema  []byte
	shards  []shard
	// compiled is what has been compiled of this set and of its copies.
	compiled *compiled
	// registries are those that an organisation's folder adds.
	registries []string
}

// Load parses the built-in policies and, when custom is not nil, an
// organisation's own. Nothing is compiled yet; see Compile. The schema is that
// of the input document.
func Load(builtin, custom fs.FS, schema []byte) (*Set, error) {
	s := &Set{byID: map[string]Rule{}, helpers: map[string]*ast.Module{}, data: map[string]any{}, schema: schema, compiled: &compiled{}}
	if err := s.add(builtin, "", false); err != nil {
		return nil, err
	}
	if len(s.rules) == 0 {
		return nil, errors.New("there are no built-in policies")
	}
	if custom != nil {
		before := len(s.rules)
		if err := s.add(custom, customRoot, true); err != nil {
			return nil, err
		}
		if len(s.rules) == before && len(s.registries) == 0 {
			return nil, errors.New("the policy folder holds no rules: a rule is <name>/<name>.rego")
		}
	}
	slices.SortFunc(s.rules, func(a, b Rule) int { return strings.Compare(a.ID, b.ID) })
	return s, nil
}

// Copy returns the same set, not compiled yet. What is compiled of one is not compiled
// again for the other, so that a process can ask for the same policies many times.
func (s *Set) Copy() *Set {
	same := *s
	same.shards = nil
	return &same
}

// Rules lists all rules, sorted by id.
func (s *Set) Rules() []Rule { return slices.Clone(s.rules) }

// Rule returns the rule of an id.
func (s *Set) Rule(id string) (Rule, bool) {
	rule, ok := s.byID[id]
	return rule, ok
}

type file struct {
	name string
	text []byte
}

func (s *Set) add(fsys fs.FS, category string, custom bool) error {
	regos, tables, err := read(fsys)
	if err != nil {
		return err
	}
	modules, err := parse(regos)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		if err := s.addModule(name, modules[name], custom); err != nil {
			return err
		}
	}
	for _, table := range tables {
		if err := s.addTable(table, custom); err != nil {
			return err
		}
	}
	return nil
}

// read lists the modules and the tables of a file system; tests are left out.
func read(fsys fs.FS) (regos, tables []file, err error) {
	count := 0
	err = fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		ext := path.Ext(name)
		if entry.IsDir() || strings.HasSuffix(name, "_test.rego") || ext != ".rego" && ext != ".yaml" && ext != ".yml" {
			return nil
		}
		if count++; count > maxPolicyFiles {
			return fmt.Errorf("more than %d policy files", maxPolicyFiles)
		}
		f, err := fsys.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		text, err := io.ReadAll(io.LimitReader(f, maxPolicyBytes+1))
		if err != nil {
			return err
		}
		if len(text) > maxPolicyBytes {
			return fmt.Errorf("%s: is larger than %d bytes", name, maxPolicyBytes)
		}
		if ext == ".rego" {
			regos = append(regos, file{name, text})
		} else {
			tables = append(tables, file{name, text})
		}
		return nil
	})
	return regos, tables, err
}

// parse parses all modules, on all cores, and reports all that do not parse.
func parse(regos []file) (map[string]*ast.Module, error) {
	parsed := make([]*ast.Module, len(regos))
	errs := make([]error, len(regos))
	options := ast.ParserOptions{ProcessAnnotation: true, RegoVersion: ast.RegoV1, Capabilities: capabilities()}
	var wait sync.WaitGroup
	for i, f := range regos {
		wait.Go(func() { parsed[i], errs[i] = ast.ParseModuleWithOpts(f.name, string(f.text), options) })
	}
	wait.Wait()
	modules := map[string]*ast.Module{}
	for i, module := range parsed {
		if errs[i] == nil && module == nil {
			errs[i] = fmt.Errorf("%s: is empty", regos[i].name)
		}
		modules[regos[i].name] = module
	}
	return modules, errors.Join(errs...)
}

// addModule files a module under its package, which must be its place:
// <category>/<rule>/<rule>.rego is package <category>.<rule>.
func (s *Set) addModule(name string, module *ast.Module, custom bool) error {
	var segments []string
	for _, term := range module.Package.Path[1:] {
		segment, _ := term.Value.(ast.String)
		segments = append(segments, string(segment))
	}
	root := segments[0]
	if custom != (root == customRoot) {
		if custom {
			return fmt.Errorf("%s: package %s: an organisation's own policies live under package %s, and can add rules only", name, strings.Join(segments, "."), customRoot)
		}
		return fmt.Errorf("%s: package %s is reserved for an organisation's own policies", name, customRoot)
	}
	helper := root == libRoot || custom && len(segments) > 1 && segments[1] == libRoot
	if helper {
		key := name
		if custom {
			key = customRoot + "/" + name
		}
		s.helpers[key] = module
		return nil
	}
	if len(segments) != 2 || custom && segments[1] == tablesRoot {
		return fmt.Errorf("%s: package %s: a rule's package has two parts, its category and its name", name, strings.Join(segments, "."))
	}
	category, rule := segments[0], segments[1]
	place := path.Join(category, rule, rule+".rego")
	if custom {
		place = path.Join(rule, rule+".rego")
	}
	if name != place {
		return fmt.Errorf("%s: the rule %s/%s belongs in %s", name, category, rule, place)
	}
	parsed, err := parseRule(module, category, rule)
	if err != nil {
		return err
	}
	if custom && parsed.Subject == Reader {
		return fmt.Errorf("%s: a rule of your own looks at template or compose", name)
	}
	parsed.Custom = custom
	s.byID[parsed.ID] = parsed
	s.rules = append(s.rules, parsed)
	return nil
}

// addTable merges a table into the data: `tables:` for the built-in ones,
// `custom: {tables: …}` for an organisation's, which may also add registries.
func (s *Set) addTable(f file, custom bool) error {
	var content map[string]any
	if err := yaml.Unmarshal(f.text, &content); err != nil {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	target := s.data
	if tables, ok := content[tablesRoot]; custom && ok && len(content) == 1 {
		if err := s.addRegistries(tables); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		return nil
	}
	if custom {
		inner, ok := content[customRoot].(map[string]any)
		if !ok || len(content) != 1 {
			return fmt.Errorf("%s: its only top-level key must be %s: tables of your own live there; or %s, to add %s", f.name, customRoot, tablesRoot, registriesTable)
		}
		content = inner
		if s.data[customRoot] == nil {
			s.data[customRoot] = map[string]any{}
		}
		target, _ = s.data[customRoot].(map[string]any)
	}
	tables, ok := content[tablesRoot].(map[string]any)
	if !ok || len(content) != 1 {
		return fmt.Errorf("%s: holds one key, %s, and under it the tables by name", f.name, tablesRoot)
	}
	if target[tablesRoot] == nil {
		target[tablesRoot] = map[string]any{}
	}
	all, _ := target[tablesRoot].(map[string]any)
	for name, table := range tables {
		if _, ok := all[name]; ok {
			return fmt.Errorf("%s: the table %q is already there", f.name, name)
		}
		all[name] = table
	}
	return nil
}

package compose

import (
	"cmp"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/template"
	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/plaintext"
	"go.yaml.in/yaml/v4"
)

// source is one file of a project.
type source struct {
	// name is the path below the root, with slashes.
	name string
	data []byte
	doc  *document.Document
	// changed is true once something has been taken out of the tree: the data
	// is then no longer what it says.
	changed bool
	// includes are the files that the source includes, in order.
	includes []*source
	// project is the folder that relative includes start from.
	project string
	// index holds the services by name; nil is not yet, or no longer.
	index map[string]*yaml.Node
}

// services are the services of a file by name, those of merges among them.
func (s *source) services() map[string]*yaml.Node {
	if s.index == nil {
		s.index = map[string]*yaml.Node{}
		if match := document.Find(s.doc.Root, []any{"services"}); match.Depth == 1 {
			for key, service := range document.Pairs(match.Node) {
				if _, ok := s.index[key.Value]; !ok {
					s.index[key.Value] = service
				}
			}
		}
	}
	return s.index
}

// content is the source as compose-go may read it.
func (s *source) content() ([]byte, error) {
	if !s.changed {
		return s.data, nil
	}
	// In a flow mapping an empty value is not read back: write it out.
	s.scalars(func(_ []any, node *yaml.Node) {
		if node.Value == "" && node.ShortTag() == "!!null" {
			node.Tag, node.Value = "!!null", "null"
		}
	})
	return yaml.Marshal(s.doc.Root)
}

// sources reads a compose file and all that it includes and extends, from
// within the root only. Whatever cannot be followed is a finding and is taken
// out, so that compose-go never follows it either.
type sources struct {
	root    *os.Root
	display func(name string) string
	mapping template.Mapping
	byName  map[string]*source
	all     []*source
	// bytes is how large all of them are.
	bytes    int
	problems []finding.Finding
}

func (r *sources) report(s *source, rule string, node *yaml.Node, path []any, format string, args ...any) {
	r.problems = append(r.problems, finding.Finding{
		Rule: rule, Message: fmt.Sprintf(format, args...), Position: s.doc.Position(node), Path: path,
	})
}

// open reads a file once, and follows what it draws in. It is nil when the
// file cannot be used; the reason is then among the problems.
func (r *sources) open(name, project string, stack []string) *source {
	if s, ok := r.byName[name]; ok {
		return s
	}
	r.byName[name] = nil
	data, problems := document.Read(r.root, name, r.display(name))
	r.problems = append(r.problems, problems...)
	if problems != nil {
		return nil
	}
	if r.bytes += len(data); r.bytes > maxSourceBytes {
		r.problems = append(r.problems, finding.Finding{
			Rule: ruleLimits, Position: finding.Position{File: r.display(name), Line: 1, Column: 1},
			Message: fmt.Sprintf("is more than %d bytes with the files that are read before it", maxSourceBytes),
		})
		return nil
	}
	doc, problems := document.ParseText(r.display(name), data, func([]any) plaintext.Use { return plaintext.Value })
	r.problems = append(r.problems, problems...)
	if doc == nil {
		return nil
	}
	s := &source{name: name, data: data, doc: doc, changed: problems != nil, project: project}
	r.byName[name] = s
	r.all = append(r.all, s)
	r.follow(s, append(slices.Clone(stack), name))
	return s
}

func (r *sources) follow(s *source, stack []string) {
	if list := document.Find(s.doc.Root, []any{"include"}); list.Complete && list.Depth == 1 {
		r.followIncludes(s, list.Node, stack)
	}
	services := document.Find(s.doc.Root, []any{"services"})
	if services.Depth == 0 {
		return
	}
	for key, service := range document.Pairs(services.Node) {
		name := key.Value
		file := document.Find(service, []any{"extends", "file"})
		if file.Depth < 2 || file.Node.Kind != yaml.ScalarNode {
			continue
		}
		target, reason := r.resolve(path.Dir(s.name), file.Node.Value)
		if reason == "" && r.open(target, path.Dir(target), nil) == nil {
			reason = "cannot be read"
		}
		if reason != "" {
			r.report(s, ruleInclude, file.Node, []any{"services", name, "extends", "file"}, "service %q extends %q, which %s", name, file.Node.Value, reason)
			s.remove(service, "extends")
		}
	}
}

func (r *sources) followIncludes(s *source, list *yaml.Node, stack []string) {
	kept := list.Content[:0:0]
	for i, item := range list.Content {
		if r.followInclude(s, item, []any{"include", i}, stack) {
			kept = append(kept, item)
		} else {
			s.changed = true
		}
	}
	list.Content = kept
}

// followInclude is false when the item must not reach compose-go.
func (r *sources) followInclude(s *source, item *yaml.Node, at []any, stack []string) bool {
	paths := []*yaml.Node{item}
	if found := document.Find(item, []any{"path"}); item.Kind != yaml.ScalarNode {
		if found.Depth == 0 {
			return true // the schema says what is wrong
		}
		if paths = []*yaml.Node{found.Node}; found.Node.Kind == yaml.SequenceNode {
			paths = found.Node.Content
		}
	}
	ok := true
	project := ""
	for _, key := range []string{"env_file", "project_directory"} {
		found := document.Find(item, []any{key})
		if item.Kind == yaml.ScalarNode || found.Depth == 0 {
			continue
		}
		switch {
		case key == "env_file":
			r.report(s, ruleInclude, found.Key, append(slices.Clone(at), key), "an include reads variables from a file, which is not part of what is published")
			s.remove(item, key)
		case found.Node.Kind == yaml.ScalarNode:
			target, reason := r.resolve(s.project, found.Node.Value)
			if reason != "" && target == "" {
				r.report(s, ruleInclude, found.Node, append(slices.Clone(at), key), "the project directory %q %s", found.Node.Value, reason)
				ok = false
			}
			project = target
		}
	}
	for i, node := range paths {
		if node.Kind != yaml.ScalarNode {
			continue
		}
		target, reason := r.resolve(s.project, node.Value)
		if reason == "" && slices.Contains(stack, target) {
			reason = "includes this file in turn"
		}
		if reason == "" {
			base := project
			if base == "" {
				base = path.Dir(target)
			}
			included := r.open(target, base, stack)
			if included == nil {
				reason = "cannot be read"
			} else if i == 0 || !slices.Contains(s.includes, included) {
				s.includes = append(s.includes, included)
			}
		}
		if reason != "" {
			r.report(s, ruleInclude, node, at, "includes %q, which %s", node.Value, reason)
			ok = false
		}
	}
	return ok
}

// resolve turns a reference into a path below the root, or says why it may not
// be followed.
func (r *sources) resolve(dir, reference string) (target, reason string) {
	if rule, _ := checkScalar(reference, r.mapping); rule != "" {
		return "", "cannot be interpolated"
	}
	reference, _ = substitute(reference, r.mapping)
	switch {
	case strings.Contains(reference, "://"), strings.HasPrefix(reference, "oci:"), strings.HasPrefix(reference, "git@"),
		strings.HasPrefix(reference, "github.com/"), strings.Contains(reference, ".git#"):
		return "", "is remote: nothing is fetched"
	case path.IsAbs(reference), strings.HasPrefix(reference, "~"), strings.Contains(reference, `\`):
		return "", "lies outside the template's folder"
	}
	target = path.Join(dir, reference)
	if target == ".." || strings.HasPrefix(target, "../") {
		return "", "lies outside the template's folder"
	}
	if len(r.all) >= maxSources && r.byName[target] == nil {
		return "", fmt.Sprintf("is one file too many: %d are read", maxSources)
	}
	if _, err := r.root.Stat(target); os.IsNotExist(err) {
		return target, "does not exist"
	} else if err != nil {
		return "", "lies outside the template's folder"
	}
	return target, ""
}

// remove takes a key out of a mapping.
func (s *source) remove(mapping *yaml.Node, key string) {
	for mapping.Kind == yaml.AliasNode {
		mapping = mapping.Alias
	}
	s.changed, s.index = true, nil
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			mapping.Content = slices.Delete(mapping.Content, i, i+2)
			return
		}
		if mapping.Content[i].ShortTag() == "!!merge" {
			for _, merged := range append([]*yaml.Node{mapping.Content[i+1]}, mapping.Content[i+1].Content...) {
				if merged.Kind != yaml.ScalarNode && document.Find(merged, []any{key}).Depth == 1 {
					s.remove(merged, key)
				}
			}
		}
	}
}

// prune takes the node at a path out of the tree.
func (s *source) prune(at []any) {
	if len(at) == 0 {
		return
	}
	last := len(at) - 1
	parent := document.Find(s.doc.Root, at[:last])
	if parent.Depth < last {
		return
	}
	switch key := at[last].(type) {
	case string:
		if parent.Node.Kind == yaml.MappingNode {
			s.remove(parent.Node, key)
		}
	case int:
		if parent.Node.Kind == yaml.SequenceNode && key < len(parent.Node.Content) {
			parent.Node.Content = slices.Delete(parent.Node.Content, key, key+1)
			s.changed = true
		}
	}
}

// pruneAll takes out the nodes at several paths, the later items of a list
// first so that the others keep their index.
func (s *source) pruneAll(paths [][]any) {
	slices.SortFunc(paths, func(a, b []any) int { return slices.CompareFunc(b, a, compareSegments) })
	for _, at := range paths {
		s.prune(at)
	}
}

// pruneNodes takes out the given scalars, wherever an alias brings them.
func (s *source) pruneNodes(broken map[*yaml.Node]bool) {
	if len(broken) == 0 {
		return
	}
	s.changed, s.index = true, nil
	var walk func(node *yaml.Node)
	gone := func(node *yaml.Node) bool { return broken[node] || node.Kind == yaml.AliasNode && broken[node.Alias] }
	walk = func(node *yaml.Node) {
		kept := node.Content[:0:0]
		for i, child := range node.Content {
			switch {
			case node.Kind == yaml.MappingNode && i%2 == 0:
				if !gone(node.Content[i+1]) {
					kept = append(kept, child, node.Content[i+1])
				}
			case node.Kind != yaml.MappingNode && !gone(child):
				kept = append(kept, child)
			}
		}
		node.Content = kept
		for _, child := range kept {
			walk(child)
		}
	}
	walk(s.doc.Root)
}

func compareSegments(a, b any) int {
	x, xIsIndex := a.(int)
	y, yIsIndex := b.(int)
	if xIsIndex && yIsIndex {
		return cmp.Compare(x, y)
	}
	return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b))
}

// scalars calls visit for every scalar of the file, at every place that an
// alias or a merge brings it to.
func (s *source) scalars(visit func(at []any, node *yaml.Node)) {
	var walk func(node *yaml.Node, at []any)
	walk = func(node *yaml.Node, at []any) {
		for node.Kind == yaml.AliasNode {
			node = node.Alias
		}
		switch node.Kind {
		case yaml.ScalarNode:
			visit(at, node)
		case yaml.SequenceNode:
			for i, child := range node.Content {
				walk(child, append(at, i))
			}
		case yaml.MappingNode:
			seen := map[string]bool{}
			for key, child := range document.Pairs(node) {
				if !seen[key.Value] {
					seen[key.Value] = true
					walk(child, append(at, key.Value))
				}
			}
		}
	}
	walk(s.doc.Root, nil)
}

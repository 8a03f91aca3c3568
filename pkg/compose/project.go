// Package compose reads one compose file, and whatever it includes or extends
// within its folder, into one resolved model that remembers where every node
// came from. It is hermetic: nothing of the machine, no network and no file
// outside the folder has a part in the model.
package compose

import (
	"context"
	"iter"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/distribution/reference"
	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/finding"
	"go.yaml.in/yaml/v4"
)

// The rules that this package finds broken.
const (
	ruleInclude       = "syntax/include"
	ruleInterpolation = "syntax/interpolation"
	ruleLimits        = document.RuleLimits
	ruleModel         = "syntax/model"
	ruleSchema        = "syntax/schema"
)

// Project is one compose file, resolved.
type Project struct {
	// Model is the canonical model, as docs/schemas/policy-input.schema.json
	// describes it: sizes in bytes, times in seconds, CPUs in cores.
	Model map[string]any
	// Canonical is the same model in Compose's own terms: one self-contained
	// compose document in which the provider's variables are still open, as
	// `${NAME}`, and a literal dollar sign is `$$`. It is what runs.
	Canonical map[string]any
	// Keys are the keys of the Compose Specification that the files use.
	Keys []Key
	// Variables are the variables that the files use, in order.
	Variables []Variable
	// Images holds each service's image reference, parsed. A service without
	// one, or with one that cannot be parsed, is not in it.
	Images map[string]Image
	// Files are the files that the project was made of, the compose file
	// first, as paths below the root.
	Files []string

	locate func(path []any) finding.Position
}

// Image is a parsed image reference.
type Image struct {
	Reference string
	// Registry is the host, "docker.io" when none is written.
	Registry string
	// Repository is the path at the registry: "library/nginx".
	Repository string
	// Tag and Digest are empty when they are not written.
	Tag    string
	Digest string
}

// Load reads the compose file of the given name below root. The name that
// findings carry is what display makes of a path below root. All that is wrong
// is among the findings; the project is nil when nothing can be made of the
// file, and otherwise holds all that was not wrong.
func Load(ctx context.Context, root *os.Root, name string, display func(name string) string) (*Project, []finding.Finding) {
	name = path.Clean(name)
	r := &sources{root: root, display: display, byName: map[string]*source{}}
	env := environment("61001")
	r.mapping = func(name string) (string, bool) { value, ok := env[name]; return value, ok }
	main := r.open(name, path.Dir(name), nil)
	if main == nil {
		return nil, r.problems
	}
	if !r.bounded(main) {
		return nil, r.problems
	}
	p := &Project{}
	for _, s := range r.all {
		p.Files = append(p.Files, s.name)
		p.Variables = append(p.Variables, s.variables()...)
	}
	rootKeys := main.rootKeys()
	resolver := newResolver(r, main)
	if resolver.port == "" {
		return nil, append(r.problems, finding.Finding{
			Rule: ruleLimits, Message: "holds too many port numbers to be judged", Position: finding.Position{File: main.doc.File},
		})
	}
	model := resolver.model(ctx)
	if model == nil {
		return nil, r.problems
	}
	resolver.checkTypes(model)
	p.Keys = specification().keys(model, nil, rootKeys)
	restored(model, resolver.port)
	p.Canonical, _ = clone(model).(map[string]any)
	p.Model = meaning(model)
	p.locate = resolver.locator(p.Model)
	var problems []finding.Finding
	p.Images, problems = images(p)
	return p, append(r.problems, problems...)
}

// Locate returns the place of the node that a path in the model leads to, in
// whichever file it was written. Something absent has the place of the key
// that should hold it.
func (p *Project) Locate(path []any) finding.Position { return p.locate(path) }

// rootKeys lists the keys that compose-go resolves away, so that they are not
// in the model.
func (s *source) rootKeys() (found []Key) {
	root := map[string]any{}
	for _, name := range []string{"version", "name", "include"} {
		if match := document.Find(s.doc.Root, []any{name}); match.Depth == 1 {
			root[name] = document.Value(match.Node)
		}
	}
	services := map[string]any{}
	if match := document.Find(s.doc.Root, []any{"services"}); match.Depth == 1 {
		for key, service := range document.Pairs(match.Node) {
			if extends := document.Find(service, []any{"extends"}); extends.Depth == 1 {
				services[key.Value] = map[string]any{"extends": document.Value(extends.Node)}
			}
		}
	}
	found = specification().keys(root, nil, nil)
	for _, key := range specification().keys(map[string]any{"services": services}, nil, nil) {
		if key.Pattern != "services" {
			found = append(found, key)
		}
	}
	return found
}

// variables lists the variables that a file uses, at every place that an alias
// or a merge brings them to. An extension is read only where one does so.
func (s *source) variables() (all []Variable) {
	for v := range s.uses() {
		all = append(all, v)
	}
	return all
}

func (s *source) uses() iter.Seq[Variable] {
	return func(yield func(Variable) bool) {
		more := true
		s.scalars(func(at []any, node *yaml.Node) {
			if first, _ := at[0].(string); !more || strings.HasPrefix(first, "x-") || !strings.Contains(node.Value, "$") {
				return
			}
			if strings.Count(node.Value, "$") > maxVariablesPerScalar || nesting(node.Value) > maxVariableNesting {
				return // checkScalar refuses it: looking into it takes too long
			}
			for _, v := range scan(node.Value) {
				v.Path, v.Position = slices.Clone(at), s.doc.Position(node)
				if more = more && yield(v); !more {
					return
				}
			}
		})
	}
}

// Pattern is the key of the Compose Specification in which a variable is used.
func (v Variable) Pattern() string {
	node, pattern := specification(), ""
	for _, segment := range v.Path {
		name, _ := segment.(string)
		switch child := node.named[name]; {
		case child != nil:
			node, pattern = child, child.pattern
		case node.any != nil:
			node = node.any
		default:
			return pattern
		}
	}
	return pattern
}

func images(p *Project) (map[string]Image, []finding.Finding) {
	all := map[string]Image{}
	var problems []finding.Finding
	services, _ := p.Model["services"].(map[string]any)
	for _, name := range sortedKeys(services) {
		service, _ := services[name].(map[string]any)
		written, ok := service["image"].(string)
		if !ok {
			continue
		}
		named, err := reference.ParseNormalizedNamed(written)
		if err != nil {
			at := []any{"services", name, "image"}
			problems = append(problems, finding.Finding{Rule: ruleModel, Message: "is no image reference: " + err.Error(), Position: p.Locate(at), Path: at, Service: name})
			continue
		}
		image := Image{Reference: written, Registry: reference.Domain(named), Repository: reference.Path(named)}
		if tagged, ok := named.(reference.Tagged); ok {
			image.Tag = tagged.Tag()
		}
		if digested, ok := named.(reference.Digested); ok {
			image.Digest = digested.Digest().String()
		}
		all[name] = image
	}
	return all, problems
}

package compose

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/interpolation"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/schema"
	"github.com/compose-spec/compose-go/v2/tree"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/xhit/go-str2duration/v2"
	"go.yaml.in/yaml/v4"
)

// projectName stands for the name that the provider gives the stack.
const projectName = "template"

// resolver makes one model of a project's files with compose-go, and finds out
// what is wrong when compose-go refuses.
type resolver struct {
	*sources
	main *source
	port string
	env  types.Mapping
	// textKeys are the keys whose value, or an entry of it, is text.
	textKeys map[string]bool
	// items remembers what list items become in the model.
	items map[*yaml.Node][]any
	// indexes remembers where in a list they stand.
	indexes map[*yaml.Node]map[string]int
}

func newResolver(r *sources, main *source) *resolver {
	var scalars []string
	textKeys := map[string]bool{}
	for _, s := range r.all {
		s.scalars(func(at []any, node *yaml.Node) {
			scalars = append(scalars, node.Value)
			if tag := node.ShortTag(); tag != "!!str" {
				return
			}
			// A cast may be for the key itself, or for each entry below it.
			for i := max(0, len(at)-2); i < len(at); i++ {
				if key, ok := at[i].(string); ok {
					textKeys[key] = true
				}
			}
		})
	}
	port := choosePort(scalars)
	return &resolver{
		sources: r, main: main, port: port, env: environment(port), textKeys: textKeys, items: map[*yaml.Node][]any{}, indexes: map[*yaml.Node]map[string]int{},
	}
}

func (r *resolver) lookup(name string) (string, bool) {
	value, ok := r.env[name]
	return value, ok
}

// model returns compose-go's canonical model, or nil when there is no making
// sense of the files even after all that is wrong has been taken out of them.
func (r *resolver) model(ctx context.Context) map[string]any {
	r.checkScalars()
	r.checkExtends()
	model, err := r.load(ctx)
	if err == nil {
		return model
	}
	before := len(r.problems)
	r.checkSchema()
	if model, err = r.load(ctx); err == nil {
		return model
	}
	r.isolate(ctx)
	if model, err = r.load(ctx); err == nil {
		return model
	}
	if len(r.problems) == before {
		r.problems = append(r.problems, finding.Finding{
			Rule: ruleModel, Message: words(err), Position: finding.Position{File: r.main.doc.File, Line: 1, Column: 1},
		})
	}
	return nil
}

// load runs compose-go over the files. When there are several they are laid
// out in a folder of their own, so that it finds those that were checked and
// nothing else.
func (r *resolver) load(ctx context.Context) (map[string]any, error) {
	if len(r.all) == 1 {
		// Nothing to merge: what has been parsed already will do.
		return r.runOne(ctx, r.main.name, r.main.doc.Value())
	}
	dir, err := os.MkdirTemp("", "ogpu-tpl-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	// Whoever asked may not wait for the end, and the program neither.
	defer context.AfterFunc(ctx, func() { os.RemoveAll(dir) })()
	for _, s := range r.all {
		content, err := s.content()
		if err != nil {
			return nil, err
		}
		file := filepath.Join(dir, filepath.FromSlash(s.name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return nil, err
		}
		if err := os.WriteFile(file, content, 0o600); err != nil {
			return nil, err
		}
	}
	file := filepath.Join(dir, filepath.FromSlash(r.main.name))
	return r.run(ctx, types.ConfigDetails{
		WorkingDir:  filepath.Dir(file),
		ConfigFiles: []types.ConfigFile{{Filename: file}},
		Environment: r.env.Clone(),
	})
}

// runOne runs compose-go over a single model that draws in no other file.
func (r *resolver) runOne(ctx context.Context, name string, model map[string]any) (map[string]any, error) {
	return r.run(ctx, types.ConfigDetails{
		WorkingDir:  "/nonexistent",
		ConfigFiles: []types.ConfigFile{{Filename: name, Config: model}},
		Environment: r.env.Clone(),
	})
}

// run calls compose-go, which panics on some malformed input.
func (r *resolver) run(ctx context.Context, details types.ConfigDetails) (model map[string]any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("cannot be understood: %v", p)
		}
	}()
	return loader.LoadModelWithContext(ctx, details, hermetic, r.fewerCasts)
}

// fewerCasts keeps those of compose-go's type casts that some text in the files
// could need. Compose-go holds every text against every cast, which is most of
// the time that interpolation takes.
func (r *resolver) fewerCasts(o *loader.Options) {
	casts := map[tree.Path]interpolation.Cast{}
	for pattern, cast := range o.Interpolate.TypeCastMapping {
		segments := pattern.Parts()
		for len(segments) > 0 && segments[len(segments)-1] == tree.PathMatchAll {
			segments = segments[:len(segments)-1]
		}
		if r.textKeys[segments[len(segments)-1]] {
			casts[pattern] = cast
		}
	}
	o.Interpolate.TypeCastMapping = casts
}

func hermetic(o *loader.Options) {
	o.SetProjectName(projectName, true)
	o.ResolvePaths = false
	o.SkipNormalization = true
	o.SkipResolveEnvironment = true
	o.SkipResolveLabels = true
	o.Interpolate.Substitute = substitute
}

var portRange = regexp.MustCompile(`(\d{1,5})-(\d{1,5})`)

// checkScalars takes out every scalar that compose-go could not bear.
func (r *resolver) checkScalars() {
	for _, s := range r.all {
		ports := 0
		broken := map[*yaml.Node]bool{}
		s.scalars(func(at []any, node *yaml.Node) {
			if broken[node] {
				return
			}
			rule, message := checkScalar(node.Value, r.lookup)
			if rule == "" && node.ShortTag() == "!!timestamp" {
				rule, message = ruleSchema, "is a date, which Compose writes in a form of its own: quote it"
			}
			if rule == "" && node.ShortTag() == "!!float" && isSize(at) {
				rule, message = ruleSchema, "is a size that Compose passes over: write whole bytes, or text such as 512mb"
			}
			if rule == "" && isPort(at) {
				value, _ := substitute(node.Value, r.lookup)
				if ports += span(value); ports > maxPorts {
					rule, message = ruleLimits, fmt.Sprintf("the port ranges of this file span more than %d ports", maxPorts)
				}
			}
			if rule != "" {
				r.report(s, rule, node, slices.Clone(at), "%s", message)
				broken[node] = true
			}
		})
		s.pruneNodes(broken)
	}
}

// isSize is true for the keys that hold bytes.
func isSize(at []any) bool {
	key, _ := at[len(at)-1].(string)
	return slices.Contains([]string{"mem_limit", "mem_reservation", "memswap_limit", "memory", "shm_size", "size"}, key)
}

func isPort(at []any) bool {
	return slices.Contains(at, any("ports")) || slices.Contains(at, any("expose"))
}

// span is how many ports a port mapping stands for.
func span(mapping string) int {
	widest := 1
	for _, match := range portRange.FindAllStringSubmatch(mapping, 4) {
		first, _ := strconv.Atoi(match[1])
		last, _ := strconv.Atoi(match[2])
		widest = max(widest, last-first+1)
	}
	return widest
}

// checkExtends takes out every extends that leads nowhere or in a circle.
func (r *resolver) checkExtends() {
	for _, s := range r.all {
		services := document.Find(s.doc.Root, []any{"services"})
		var broken [][]any
		for key, service := range document.Pairs(services.Node) {
			if services.Depth == 0 || document.Find(service, []any{"extends"}).Depth == 0 {
				continue
			}
			if message, node := r.followExtends(s, key.Value); message != "" {
				at := []any{"services", key.Value, "extends"}
				r.report(s, ruleModel, node, at, "%s", message)
				broken = append(broken, at)
			}
		}
		s.pruneAll(broken)
	}
}

func (r *resolver) followExtends(s *source, name string) (message string, at *yaml.Node) {
	first := name
	seen := map[string]bool{}
	for {
		if len(seen) > maxExtends {
			return fmt.Sprintf("service %q is made of more than %d services that extend one another", first, maxExtends), at
		}
		if seen[s.name+"\x00"+name] {
			return fmt.Sprintf("service %q extends itself in a circle", first), at
		}
		seen[s.name+"\x00"+name] = true
		next, service, node := r.extended(s, name)
		if node == nil {
			return "", nil
		}
		if at == nil {
			at = node
		}
		if next == nil {
			return "", nil // already reported when the file was opened
		}
		if next.services()[service] == nil && !r.included(next, service) {
			return fmt.Sprintf("service %q extends %q, which is not there", name, service), at
		}
		s, name = next, service
	}
}

// included is true when one of the files that s includes has the service.
func (r *resolver) included(s *source, service string) bool {
	return slices.ContainsFunc(s.includes, func(i *source) bool {
		return i.services()[service] != nil || r.included(i, service)
	})
}

// extended returns the file and the service that a service extends, and the
// node that says so; the node is nil when it extends nothing.
func (r *sources) extended(s *source, name string) (next *source, service string, node *yaml.Node) {
	named := s.services()[name]
	if named == nil {
		return nil, "", nil
	}
	extends := document.Find(named, []any{"extends"})
	if extends.Depth < 1 {
		return nil, "", nil
	}
	if extends.Node.Kind == yaml.ScalarNode {
		return s, extends.Node.Value, extends.Node
	}
	ref := document.Find(extends.Node, []any{"service"})
	if ref.Depth == 0 || ref.Node.Kind != yaml.ScalarNode {
		return nil, "", nil
	}
	file := document.Find(extends.Node, []any{"file"})
	if file.Depth == 0 {
		return s, ref.Node.Value, ref.Node
	}
	target, _ := r.resolve(path.Dir(s.name), file.Node.Value)
	return r.byName[target], ref.Node.Value, ref.Node
}

// composeSchema is compiled only for files that compose-go refuses, to report
// all that is wrong and not only the first.
var composeSchema = sync.OnceValues(func() (*document.Schema, error) {
	return document.CompileSchema("compose-spec.json", []byte(schema.Schema), &jsonschema.Format{
		Name: "duration",
		Validate: func(v any) error {
			_, err := str2duration.ParseDuration(fmt.Sprint(v))
			return err
		},
	})
})

func (r *resolver) checkSchema() {
	compiled, err := composeSchema()
	if err != nil {
		r.problems = append(r.problems, finding.Finding{Rule: ruleSchema, Message: err.Error()})
		return
	}
	for _, s := range r.all {
		problems := s.doc.ValidateSchema(ruleSchema, compiled)
		var broken [][]any
		for _, p := range problems {
			broken = append(broken, p.Path)
		}
		r.problems = append(r.problems, problems...)
		s.pruneAll(broken)
	}
}

func serviceWith(name, key string, value any) map[string]any {
	service := map[string]any{"image": "scratch"}
	service[key] = clone(value)
	return map[string]any{"services": map[string]any{name: service}}
}

// checkDependencies finds services that wait for each other in a circle, and
// stacks with so many ways through that compose-go, which follows each of them,
// would not come to an end. It takes their dependencies out.
func (r *resolver) checkDependencies(model map[string]any) {
	services, _ := model["services"].(map[string]any)
	dependencies := func(name string) map[string]any {
		service, _ := services[name].(map[string]any)
		all, _ := service["depends_on"].(map[string]any)
		return all
	}
	// ways counts the ways from a service to the end; -1 while it is counted.
	ways := map[string]int{}
	circle := ""
	var count func(name string) int
	count = func(name string) int {
		if known, ok := ways[name]; ok {
			if known < 0 && circle == "" {
				circle = name
			}
			return max(known, 0)
		}
		ways[name] = -1
		total := 1
		for _, next := range sortedKeys(dependencies(name)) {
			total = min(total+count(next), maxWays+1)
		}
		ways[name] = total
		return total
	}
	total := 0
	for _, name := range sortedKeys(services) {
		total = min(total+count(name), maxWays+1)
	}
	at := []any{"services"}
	switch {
	case circle != "":
		at = append(at, circle, "depends_on")
		r.problems = append(r.problems, finding.Finding{Rule: ruleModel, Message: fmt.Sprintf("service %q waits for itself in a circle", circle), Position: r.locator(model)(at), Path: at})
	case total > maxWays:
		r.problems = append(r.problems, finding.Finding{Rule: ruleLimits, Message: fmt.Sprintf("the services depend on each other in more than %d ways", maxWays), Position: r.locator(model)(at), Path: at})
	default:
		return
	}
	for _, service := range services {
		if service, ok := service.(map[string]any); ok {
			delete(service, "depends_on")
		}
	}
}

// noise is what compose-go puts around the words that matter: where it was
// (the finding has the position) and what it was doing.
var noise = regexp.MustCompile(`^((validating|failed to parse) [^:]*: |decoding failed due to the following error\(s\): |error while interpolating [^:]*: |failed to cast to expected type: |strconv\.\w+: )+`)

// refusedByCompose begins what compose-go says, and nothing else.
const refusedByCompose = "is refused by Compose: "

// words makes one line of compose-go's error.
func words(err error) string {
	message := strings.Join(strings.Fields(err.Error()), " ")
	message = noise.ReplaceAllString(message, "")
	message = strings.TrimSuffix(message, ": invalid compose project")
	message = strings.NewReplacer(string(markOpen), "", string(markClose), "").Replace(message)
	return refusedByCompose + lowerFirst(message)
}

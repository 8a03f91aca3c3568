package lint

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/compose"
	"github.com/opengpu-network/templates/pkg/policy"
)

// named are the maps of a service whose names are the author's.
var named = []string{"annotations", "args", "depends_on", "driver_opts", "environment", "extra_hosts", "labels", "networks", "options", "storage_opt", "sysctls", "ulimits"}

// times gives a map each of its entries n times, under names of their own.
func times(m map[string]any, n int) map[string]any {
	out := map[string]any{}
	for name, value := range m {
		out[name] = value
		for i := range n - 1 {
			out[copyName(name, i+1)] = value
		}
	}
	return out
}

func copyName(name string, i int) string {
	if i == 0 {
		return name
	}
	return fmt.Sprintf("%s-%d", name, i)
}

// wide is a value in which each list has its items n times, and each map with free
// names its entries.
func wide(value any, n int) any {
	switch value := value.(type) {
	case []any:
		var out []any
		for range n {
			for _, item := range value {
				out = append(out, wide(item, n))
			}
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for key, item := range value {
			out[key] = wide(item, 1)
			if list, ok := item.([]any); ok {
				out[key] = wide(list, n)
			} else if m, ok := item.(map[string]any); ok {
				out[key] = wide(m, n)
				if slices.Contains(named, key) {
					out[key] = times(m, n)
				}
			}
		}
		return out
	}
	return value
}

// many is an input with each service n times, in all its parts.
func many(input map[string]any, n int) map[string]any {
	out := maps.Clone(input)
	project := maps.Clone(input["project"].(map[string]any))
	for _, section := range []string{"services", "volumes", "networks", "configs", "secrets"} {
		if entries, ok := project[section].(map[string]any); ok {
			project[section] = times(entries, n)
		}
	}
	out["project"] = project
	out["images"] = times(input["images"].(map[string]any), n)
	for _, list := range []string{"keys", "variables"} {
		var all []any
		for _, entry := range input[list].([]any) {
			for i := range n {
				entry := maps.Clone(entry.(map[string]any))
				if path, ok := entry["path"].([]any); ok && len(path) > 1 {
					path = slices.Clone(path)
					path[1] = copyName(fmt.Sprint(path[1]), i)
					entry["path"] = path
				}
				all = append(all, entry)
			}
		}
		out[list] = all
	}
	return out
}

// join puts the services of several inputs into one.
func join(inputs []map[string]any) map[string]any {
	all := map[string]any{"subject": "compose", "file": "compose.yml", "images": map[string]any{}, "used": map[string]any{}}
	project := map[string]any{}
	keys, variables := []any{}, []any{}
	for i, input := range inputs {
		input = rename(input, fmt.Sprintf("c%d-", i))
		all["environment"] = input["environment"]
		maps.Copy(all["images"].(map[string]any), input["images"].(map[string]any))
		maps.Copy(all["used"].(map[string]any), input["used"].(map[string]any))
		for section, entries := range input["project"].(map[string]any) {
			if entries, ok := entries.(map[string]any); ok {
				if project[section] == nil {
					project[section] = map[string]any{}
				}
				maps.Copy(project[section].(map[string]any), entries)
			}
		}
		keys = append(keys, input["keys"].([]any)...)
		variables = append(variables, input["variables"].([]any)...)
	}
	all["project"], all["keys"], all["variables"] = project, keys, variables
	return all
}

// rename gives the services of an input a prefix.
func rename(input map[string]any, prefix string) map[string]any {
	prefixed := func(m map[string]any) map[string]any {
		out := map[string]any{}
		for name, value := range m {
			out[prefix+name] = value
		}
		return out
	}
	out := maps.Clone(input)
	project := maps.Clone(input["project"].(map[string]any))
	services, _ := project["services"].(map[string]any)
	project["services"] = prefixed(services)
	out["project"] = project
	out["images"] = prefixed(input["images"].(map[string]any))
	for _, list := range []string{"keys", "variables"} {
		all := []any{}
		for _, entry := range input[list].([]any) {
			entry := maps.Clone(entry.(map[string]any))
			if path, ok := entry["path"].([]any); ok && len(path) > 1 && path[0] == "services" {
				path = slices.Clone(path)
				path[1] = prefix + fmt.Sprint(path[1])
				entry["path"] = path
			}
			all = append(all, entry)
		}
		out[list] = all
	}
	return out
}

// nodes is the size of a value.
func nodes(value any) int {
	total := 1
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			total += nodes(item)
		}
	case map[string]any:
		for _, item := range value {
			total += nodes(item)
		}
	}
	return total
}

// caseInputs are what the rules are asked about in all cases, by environment.
func caseInputs(t *testing.T) map[string][]map[string]any {
	t.Helper()
	files, err := filepath.Glob("../../testdata/lint/*/*/compose.yml")
	more, _ := filepath.Glob("../../testdata/lint/*/*/*/compose/*.yml")
	if err != nil || len(files) == 0 || len(more) == 0 {
		t.Fatal("there are no cases", err)
	}
	inputs := map[string][]map[string]any{}
	for _, file := range append(files, more...) {
		root, err := os.OpenRoot(filepath.Dir(file))
		if err != nil {
			t.Fatal(err)
		}
		project, _ := compose.Load(context.Background(), root, filepath.Base(file), func(name string) string { return name })
		root.Close()
		if project == nil {
			continue
		}
		services, _ := project.Model["services"].(map[string]any)
		if len(services) > 20 {
			continue // that one is about limits
		}
		environment := infer(project)
		if named, err := catalog.ParseEnvironment(strings.TrimSuffix(filepath.Base(file), ".yml")); err == nil {
			environment = named
		}
		input := composeInput(project, "compose.yml", environment, nil)
		inputs[environment.String()] = append(inputs[environment.String()], input)
	}
	return inputs
}

// The work of every rule grows with what it looks at, and not with the square of that.
// The cases hold something for each rule to look at: their services are put together,
// and then each of them is there twice, four and eight times; and each list and map
// in them likewise. Steps of the evaluator are counted, not time.
func TestRulesGrowInAStraightLine(t *testing.T) {
	const together = 10
	set := policies(t, nil)
	for environment, inputs := range caseInputs(t) {
		for batch := range slices.Chunk(inputs, together) {
			input := join(batch)
			first := fmt.Sprint(slices.Sorted(maps.Keys(input["images"].(map[string]any))))
			for how, grow := range map[string]func(n int) map[string]any{
				"services": func(n int) map[string]any { return many(input, n) },
				"items": func(n int) map[string]any {
					out := maps.Clone(input)
					project := map[string]any{}
					for section, entries := range input["project"].(map[string]any) {
						grown := map[string]any{}
						for name, entry := range entries.(map[string]any) {
							grown[name] = wide(entry, n)
						}
						project[section] = grown
					}
					out["project"] = project
					out["variables"] = wide(input["variables"], n)
					return out
				},
			} {
				t.Run(environment+" "+how, func(t *testing.T) {
					t.Parallel()
					var steps []map[string]int
					var sizes []int
					for _, n := range []int{2, 4, 8} {
						grown := grow(n)
						sizes = append(sizes, nodes(grown))
						document, err := policy.NewInput(grown)
						if err != nil {
							t.Fatal(err)
						}
						counted, err := set.Steps(context.Background(), policy.Compose, document)
						if err != nil {
							t.Fatal(err)
						}
						steps = append(steps, counted)
					}
					for _, module := range slices.Sorted(maps.Keys(steps[2])) {
						once, twice := steps[1][module]-steps[0][module], steps[2][module]-steps[1][module]
						size := float64(sizes[2]-sizes[1]) / float64(sizes[1]-sizes[0])
						if twice > 500 && float64(twice) > 1.3*size*float64(once) {
							t.Errorf("%s takes %d, %d and %d steps for twice, four and eight times the %s of %.300s", module, steps[0][module], steps[1][module], steps[2][module], how, first)
						}
					}
				})
			}
		}
	}
}

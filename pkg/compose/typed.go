package compose

import (
	"fmt"
	"maps"
	"strings"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/opengpu-network/templates/pkg/finding"
)

// checkTypes reports what the typed reading of a canonical model refuses. All of it is
// read once; only when that is refused are its parts read, each beside no more than
// what it refers to.
func (r *resolver) checkTypes(model map[string]any) {
	services, _ := model["services"].(map[string]any)
	for _, service := range services {
		// Whether an image is missing is for a rule to say.
		if service, ok := service.(map[string]any); ok && service["image"] == nil && service["build"] == nil && service["provider"] == nil {
			service["image"] = "scratch"
			defer delete(service, "image")
		}
	}
	r.checkDependencies(model)
	whole, ok := clone(model).(map[string]any)
	if !ok {
		return
	}
	err := r.typed(whole)
	if err == nil {
		return
	}
	locate := r.locator(model)
	report := func(at []any, err error) {
		r.problems = append(r.problems, finding.Finding{Rule: ruleModel, Message: words(err), Position: locate(at), Path: at})
	}
	before := len(r.problems)
	s := search{model: model, report: report, try: func(part map[string]any) error {
		addStubs(part, model)
		return r.typed(part)
	}}
	s.run(err)
	if len(r.problems) == before {
		report([]any{"services"}, err)
	}
}

// typed turns a canonical model, which it consumes, into compose-go's typed project, which checks
// that references lead somewhere and values have their form.
func (r *resolver) typed(model map[string]any) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("cannot be understood: %v", p)
		}
	}()
	// The network `default` is always there, declared or not.
	networks, _ := model["networks"].(map[string]any)
	if _, declared := networks["default"]; !declared {
		networks = maps.Clone(networks)
		if networks == nil {
			networks = map[string]any{}
		}
		networks["default"] = nil
		model["networks"] = networks
	}
	details := types.ConfigDetails{WorkingDir: "/nonexistent", Environment: r.env.Clone()}
	o := loader.ToOptions(&details, []func(*loader.Options){hermetic})
	_, err = loader.ModelToProject(model, o, details)
	return err
}

// addStubs gives a part of a model something with the name of each entry of the model
// that its services may refer to, so that it is refused for nothing that it lacks. A
// name that only looks like one does no harm.
func addStubs(part, model map[string]any) {
	for name := range names(part["services"]) {
		for _, section := range []string{"services", "networks", "volumes", "configs", "secrets", "models"} {
			all, _ := model[section].(map[string]any)
			entry, declared := all[name]
			if !declared {
				continue
			}
			entries, _ := part[section].(map[string]any)
			if entries == nil {
				entries = map[string]any{}
				part[section] = entries
			}
			if _, there := entries[name]; !there {
				entries[name] = stub(section, entry)
			}
		}
	}
}

// stub is the least that stands for an entry.
func stub(section string, entry any) any {
	switch section {
	case "services":
		stub := map[string]any{"image": "scratch"}
		service, _ := entry.(map[string]any)
		// What refers to a service may ask whether it is built, and whether it runs.
		if service["build"] != nil {
			stub["build"] = map[string]any{"context": "."}
		}
		if profiles, ok := service["profiles"]; ok {
			stub["profiles"] = clone(profiles)
		}
		return stub
	case "configs", "secrets":
		return map[string]any{"external": true}
	case "models":
		return map[string]any{"model": "scratch"}
	}
	return nil
}

// names are the words of a model that may be names of entries: each key and each text,
// also after `service:` and before a colon.
func names(value any) map[string]bool {
	found := map[string]bool{}
	add := func(text string) {
		for _, text := range []string{text, strings.TrimPrefix(text, types.ServicePrefix)} {
			before, _, _ := strings.Cut(text, ":")
			found[text], found[before] = true, true
		}
	}
	var walk func(value any)
	walk = func(value any) {
		switch value := value.(type) {
		case string:
			add(value)
		case []any:
			for _, item := range value {
				walk(item)
			}
		case map[string]any:
			for key, item := range value {
				add(key)
				walk(item)
			}
		}
	}
	walk(value)
	return found
}

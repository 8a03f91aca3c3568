package compose

import (
	"context"

	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/finding"
)

// Limits on the search for what compose-go refuses. What is beyond them is not told
// apart from what has been found: something has been, and the file is refused.
const (
	// maxRefused is how many refused parts of one file are reported.
	maxRefused = 100
	// maxTried is how many nodes of one file compose-go is asked about, each as often
	// as it is, with perTry for each question.
	maxTried = 50_000
	perTry   = 30
)

// search finds the parts of a refused model that are refused by themselves: it tries
// half of the entries, then half of those, and so on; within an entry of a service its
// keys, and within a key the items, in the same way. Each try reads only the parts that
// it is about, so what a search costs grows with the size of the model, times the
// logarithm of how many parts it has.
type search struct {
	model  map[string]any
	try    func(part map[string]any) error
	report func(at []any, err error)

	tried, refused int
}

// run searches, knowing why all of it is refused. It is false when no part is refused by
// itself.
func (s *search) run(err error) bool {
	all := s.entries()
	return len(all) > 0 && s.among(all, err)
}

// entries lists the entries of all sections.
func (s *search) entries() (all [][]any) {
	for _, section := range sortedKeys(s.model) {
		entries, ok := s.model[section].(map[string]any)
		if !ok || section == "include" {
			continue
		}
		for _, name := range sortedKeys(entries) {
			all = append(all, []any{section, name})
		}
	}
	return all
}

// among looks for what is refused in parts that are refused together.
func (s *search) among(parts [][]any, err error) bool {
	if len(parts) == 1 {
		// When none of what it is made of is refused, it does not go together.
		if within := s.within(parts[0]); len(within) == 0 || !s.among(within, err) {
			s.found(parts[0], err)
		}
		return true
	}
	half := len(parts) / 2
	first := s.half(parts[:half])
	return s.half(parts[half:]) || first
}

func (s *search) half(parts [][]any) bool {
	if len(parts) == 0 || s.refused >= maxRefused || s.tried >= maxTried {
		return false
	}
	part := s.only(parts)
	s.tried += perTry + weight(part)
	err := s.try(part)
	return err != nil && s.among(parts, err)
}

// weight is how many nodes a value has.
func weight(value any) int {
	total := 1
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			total += weight(item)
		}
	case map[string]any:
		for _, item := range value {
			total += weight(item)
		}
	}
	return total
}

func (s *search) found(at []any, err error) {
	s.refused++
	s.report(at, err)
}

// within lists what can be tried of a part by itself: the keys of a service, and the
// items of a key.
func (s *search) within(at []any) (parts [][]any) {
	if at[0] != "services" || len(at) > 3 {
		return nil
	}
	add := func(segment any) { parts = append(parts, append(at[:len(at):len(at)], segment)) }
	switch value := dig(s.model, at).(type) {
	case []any:
		for i := range value {
			add(i)
		}
	case map[string]any:
		for _, key := range sortedKeys(value) {
			if len(at) > 2 || key != "extends" {
				add(key)
			}
		}
	}
	return parts
}

// only copies parts of the model that have one parent.
func (s *search) only(parts [][]any) map[string]any {
	out := map[string]any{}
	for _, at := range parts {
		section, _ := at[0].(string)
		name, _ := at[1].(string)
		entries, _ := out[section].(map[string]any)
		if entries == nil {
			entries = map[string]any{}
			out[section] = entries
		}
		value := clone(dig(s.model, at))
		if len(at) == 2 {
			if service, ok := value.(map[string]any); ok && section == "services" {
				delete(service, "extends")
				if service["image"] == nil && service["build"] == nil {
					service["image"] = "scratch"
				}
			}
			entries[name] = value
			continue
		}
		service, _ := entries[name].(map[string]any)
		if service == nil {
			service = map[string]any{"image": "scratch"}
			entries[name] = service
		}
		key, _ := at[2].(string)
		if len(at) == 3 {
			service[key] = value
			continue
		}
		switch segment := at[3].(type) {
		case int:
			list, _ := service[key].([]any)
			service[key] = append(list, value)
		case string:
			members, _ := service[key].(map[string]any)
			if members == nil {
				members = map[string]any{}
				service[key] = members
			}
			members[segment] = value
		}
	}
	return out
}

// isolate takes out of each file the parts that compose-go refuses by themselves.
func (r *resolver) isolate(ctx context.Context) {
	for _, s := range r.all {
		var broken [][]any
		search := search{model: s.doc.Value()}
		search.try = func(part map[string]any) error {
			if ctx.Err() != nil {
				return nil
			}
			_, err := r.runOne(ctx, s.name, part)
			return err
		}
		search.report = func(at []any, err error) {
			position := s.doc.At(document.Find(s.doc.Root, at))
			r.problems = append(r.problems, finding.Finding{Rule: ruleModel, Message: words(err), Position: position, Path: at})
			broken = append(broken, at)
		}
		search.half(search.entries())
		s.pruneAll(broken)
	}
}

package readback

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// maxText is how long a value is at most when it is shown, in bytes.
const maxText = 200

func (c *comparison) differ(service, field, want, got string) {
	c.differences = append(c.differences, Difference{Service: clip(service), Field: clip(field), Want: clip(want), Got: clip(got)})
}

func (s *subject) differ(field, want, got string) {
	s.comparison.differ(s.model.Name, field, want, got)
}

// same compares two values of which the zero value means that nothing is set.
func same[T comparable](s *subject, field string, want, got T) {
	if want != got {
		s.differ(field, show(want), show(got))
	}
}

// list compares two lists whose order matters.
func (s *subject) list(field string, want, got []string) {
	if !slices.Equal(want, got) {
		s.differ(field, showList(want), showList(got))
	}
}

// set compares two lists whose order does not matter.
func (s *subject) set(field string, want, got []string) {
	s.list(field, sorted(want), sorted(got))
}

// mapping compares two mappings, and reports each key that differs.
func (s *subject) mapping(field string, want, got map[string]string) {
	s.comparison.mapping(s.model.Name, field, want, got)
}

func (c *comparison) mapping(service, field string, want, got map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(merge(want, got))) {
		w, wanted := want[key]
		g, there := got[key]
		if wanted != there || w != g {
			c.differ(service, field, assignment(key, w, wanted), assignment(key, g, there))
		}
	}
}

func assignment(key, value string, there bool) string {
	if !there {
		return "no " + key
	}
	return key + "=" + value
}

func merge(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, b)
	return all
}

func sorted(items []string) []string {
	return slices.Sorted(slices.Values(items))
}

func show(value any) string {
	if text := fmt.Sprint(value); text != "" {
		return text
	}
	return "nothing"
}

func showList(items []string) string {
	if len(items) == 0 {
		return "none"
	}
	return strings.Join(items, ", ")
}

// clip makes text that others wrote fit for one line of a report.
func clip(text string) string {
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	quoted := strconv.Quote(text)
	// Quoting shows what cannot be printed; its other marks only disturb.
	return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(quoted[1 : len(quoted)-1])
}

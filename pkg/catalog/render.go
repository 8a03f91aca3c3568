package catalog

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/opengpu-network/templates/pkg/document"
	"go.yaml.in/yaml/v4"
)

// Render returns a compose file with parameters set: values holds the text of
// each by the parameter's name; parameters that are not named keep what stands
// in the file. Only the places that take the values change, everything else
// stays byte for byte. A value cannot break out of its place, whatever it
// holds: the result is read again and must differ from the input in exactly
// those places.
//
// Where a target has a key, the variable holds a JSON object, and what is
// written means the same read as JSON and as a Python literal.
//
// The error names every parameter that is unknown or has a bad value.
func Render(composeYAML []byte, manifest *Manifest, environment Environment, values map[string]string) ([]byte, error) {
	if manifest.Environments.Get(environment) == nil {
		return nil, fmt.Errorf("template %s has no environment %s", manifest.Name, environment)
	}
	settings, err := manifest.settings(values)
	if err != nil {
		return nil, err
	}
	if len(settings) == 0 {
		return slices.Clone(composeYAML), nil
	}
	file, err := openComposeText(composeYAML)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ComposePath(environment), err)
	}
	var problems []error
	for _, s := range settings {
		if err := file.set(s); err != nil {
			problems = append(problems, fmt.Errorf("%s: variable %s of service %q %w", ComposePath(environment), s.variable, s.service, err))
		}
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	rendered, err := file.apply()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ComposePath(environment), err)
	}
	return rendered, nil
}

// place is one environment variable of one service.
type place struct{ service, variable string }

// setting is the new content of one variable of one service.
type setting struct {
	place
	// value is the whole variable; it is not used when there are members.
	value string
	// members are the members of the JSON object that the variable holds.
	members []member
}

// settings checks the values and sorts them by the variable that they go to.
func (m *Manifest) settings(values map[string]string) ([]setting, error) {
	var problems []error
	byVariable := map[place]*setting{}
	// owners names the parameter that a place belongs to.
	owners := map[Target]string{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		parameter, ok := m.Parameters[name]
		if !ok {
			problems = append(problems, m.unknownParameter(name))
			continue
		}
		value, err := parameter.Parse(values[name])
		if err != nil {
			problems = append(problems, fmt.Errorf("the value of parameter %s %w", name, err))
			continue
		}
		for _, target := range parameter.Targets {
			if other, taken := owner(owners, target); taken {
				problems = append(problems, fmt.Errorf("parameters %s and %s both set the variable %s of service %q", other, name, target.Variable, target.Service))
				continue
			}
			owners[target] = name
			at := place{target.Service, target.Variable}
			if byVariable[at] == nil {
				byVariable[at] = &setting{place: at}
			}
			if target.Key == "" {
				byVariable[at].value = value.String()
				continue
			}
			literal, err := value.literal()
			if err != nil {
				problems = append(problems, fmt.Errorf("the value of parameter %s %w", name, err))
				continue
			}
			byVariable[at].members = append(byVariable[at].members, member{target.Key, literal})
		}
	}
	var settings []setting
	for _, s := range byVariable {
		settings = append(settings, *s)
	}
	slices.SortFunc(settings, func(a, b setting) int {
		return cmp.Or(cmp.Compare(a.service, b.service), cmp.Compare(a.variable, b.variable))
	})
	return settings, errors.Join(problems...)
}

// owner returns the parameter that already sets a target: the same member, or
// the whole variable on either side.
func owner(owners map[Target]string, target Target) (string, bool) {
	for taken, name := range owners {
		if taken.Service == target.Service && taken.Variable == target.Variable &&
			(taken.Key == target.Key || taken.Key == "" || target.Key == "") {
			return name, true
		}
	}
	return "", false
}

func (m *Manifest) unknownParameter(name string) error {
	known := slices.Sorted(maps.Keys(m.Parameters))
	if len(known) == 0 {
		return fmt.Errorf("unknown parameter %q: template %s has none", name, m.Name)
	}
	return fmt.Errorf("unknown parameter %q%s (known: %s)", name, document.Suggest(name, known), strings.Join(known, ", "))
}

// composeText is a compose file as text, with the edits that are to be made.
type composeText struct {
	text     string
	document *document.Document
	edits    map[*yaml.Node]string
	// expected is what the edited file must read as.
	expected map[string]any
}

func openComposeText(data []byte) (*composeText, error) {
	doc, problems := document.ParseOwn(data)
	if len(problems) > 0 {
		p := problems[0]
		return nil, fmt.Errorf("line %d, column %d: %s", p.Line, p.Column, p.Message)
	}
	return &composeText{text: string(data), document: doc, edits: map[*yaml.Node]string{}, expected: doc.Value()}, nil
}

// set notes the edit for one variable. The error completes "the variable …".
func (c *composeText) set(s setting) error {
	path := []any{"services", s.service, "environment"}
	environment := document.Find(c.document.Root, path)
	if !environment.Complete || environment.Depth != len(path) {
		return errors.New("is not set in the file")
	}
	match := document.Find(environment.Node, []any{s.variable})
	if match.Depth != 1 || match.Node.Kind != yaml.ScalarNode {
		return errors.New("is not set in the file")
	}
	node, prefix, current := match.Node, "", match.Node.Value
	if environment.Node.Kind == yaml.SequenceNode {
		var ok bool
		prefix = s.variable + "="
		if current, ok = strings.CutPrefix(node.Value, prefix); !ok {
			return errors.New("has no value in the file to replace")
		}
	} else if node.ShortTag() == "!!null" {
		return errors.New("has no value in the file to replace")
	}
	value := s.value
	if len(s.members) > 0 {
		var err error
		if value, err = setMembers(current, s.members); err != nil {
			return err
		}
	}
	content := prefix + escapeDollars(value)
	if earlier, ok := c.edits[node]; ok && earlier != content {
		return errors.New("shares its place in the file with another variable that gets another value")
	}
	if !c.expect(s.place, content) {
		return errors.New("does not stand where the file says")
	}
	c.edits[node] = content
	return nil
}

// expect notes what must be read where the variable stands; it is false when
// nothing is read there.
func (c *composeText) expect(s place, content string) bool {
	services, _ := c.expected["services"].(map[string]any)
	service, _ := services[s.service].(map[string]any)
	if environment, ok := service["environment"].(map[string]any); ok {
		_, found := environment[s.variable]
		environment[s.variable] = content
		return found
	}
	items, _ := service["environment"].([]any)
	// Of several entries for a variable the last one counts, and is edited.
	for i := len(items) - 1; i >= 0; i-- {
		if item, ok := items[i].(string); ok && strings.HasPrefix(item, s.variable+"=") {
			items[i] = content
			return true
		}
	}
	return false
}

// setMembers sets members of the JSON object that a variable holds in a
// compose file. The error completes "the variable …".
func setMembers(current string, members []member) (string, error) {
	text, ok := unescapeDollars(current)
	if !ok {
		return "", errors.New("holds a variable of its own, so it is no JSON object")
	}
	object, err := parseObject(text)
	if err != nil {
		return "", err
	}
	for _, m := range members {
		i := slices.IndexFunc(object, func(o member) bool { return o.name == m.name })
		if i < 0 {
			object = append(object, m)
		} else {
			object[i] = m
		}
	}
	return writeObject(object), nil
}

// escapeDollars keeps Compose from reading a variable into a value.
func escapeDollars(text string) string { return strings.ReplaceAll(text, "$", "$$") }

// unescapeDollars undoes escapeDollars; it is false when a variable is left.
func unescapeDollars(text string) (string, bool) {
	plain := strings.ReplaceAll(text, "$$", "\x00")
	return strings.ReplaceAll(plain, "\x00", "$"), !strings.Contains(plain, "$")
}

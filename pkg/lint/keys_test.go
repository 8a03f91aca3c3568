package lint

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	templates "github.com/opengpu-network/templates"
	"github.com/opengpu-network/templates/pkg/compose"
	"github.com/opengpu-network/templates/pkg/policy"
	"go.yaml.in/yaml/v4"
)

// Closed by default: every key of the Compose Specification is decided on, and
// nothing else is. When the specification grows this fails until somebody has
// added the new key to policies/data/keys.yaml.
func TestEveryKeyIsDecided(t *testing.T) {
	text, err := templates.Policies.ReadFile("policies/data/keys.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Tables struct {
			Keys map[string]struct {
				Allow string
				Rule  string
				Rules []string
				Since map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	builtin, err := fs.Sub(templates.Policies, "policies")
	if err != nil {
		t.Fatal(err)
	}
	set, err := policy.Load(builtin, nil, templates.PolicyInputSchema)
	if err != nil {
		t.Fatal(err)
	}
	specified := compose.SpecificationKeys()
	if len(specified) < 200 {
		t.Fatalf("only %d keys are specified", len(specified))
	}
	for _, key := range specified {
		if _, ok := file.Tables.Keys[key]; !ok {
			t.Errorf("nobody has decided on %s", key)
		}
	}
	for key, decision := range file.Tables.Keys {
		if !slices.Contains(specified, key) {
			t.Errorf("%s is not in the specification", key)
		}
		rules := decision.Rules
		if decision.Rule != "" {
			rules = append(rules, decision.Rule)
		}
		if (len(rules) > 0) == (strings.TrimSpace(decision.Allow) != "") {
			t.Errorf("%s is neither allowed with a reason nor judged by a rule", key)
		}
		for _, id := range rules {
			if _, ok := set.Rule(id); !ok {
				t.Errorf("%s is judged by %s, which is no rule", key, id)
			}
		}
	}
}

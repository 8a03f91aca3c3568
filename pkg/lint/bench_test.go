package lint

import (
	"context"
	"io/fs"
	"os"
	"testing"

	templates "github.com/opengpu-network/templates"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/compose"
	"github.com/opengpu-network/templates/pkg/policy"
)

func policies(b testing.TB, selected func(string) bool) *policy.Set {
	b.Helper()
	builtin, err := fs.Sub(templates.Policies, "policies")
	if err != nil {
		b.Fatal(err)
	}
	set, err := policy.Load(builtin, nil, templates.PolicyInputSchema)
	if err != nil {
		b.Fatal(err)
	}
	if err := set.Compile(context.Background(), selected); err != nil {
		b.Fatal(err)
	}
	return set
}

// BenchmarkCompile is the parsing and compiling that each run starts with.
func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		policies(b, nil)
	}
}

// BenchmarkLoad is reading one compose file.
func BenchmarkLoad(b *testing.B) {
	t := template(b)
	b.ReportAllocs()
	for b.Loop() {
		if p, _ := compose.Load(context.Background(), t.Root(), t.ComposePath(catalog.NVIDIA), func(name string) string { return name }); p == nil {
			b.Fatal("no project")
		}
	}
}

// BenchmarkRules is asking all rules about one compose file, then each rule
// alone: where a rule costs much more than the others, look at how it asks.
func BenchmarkRules(b *testing.B) {
	t := template(b)
	project, _ := compose.Load(context.Background(), t.Root(), t.ComposePath(catalog.NVIDIA), func(name string) string { return name })
	input, err := policy.NewInput(composeInput(project, "compose/nvidia.yml", catalog.NVIDIA, t.PolicyInput()))
	if err != nil {
		b.Fatal(err)
	}
	ask := func(b *testing.B, set *policy.Set) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := set.Evaluate(context.Background(), policy.Compose, input); err != nil {
				b.Fatal(err)
			}
		}
	}
	all := policies(b, nil)
	b.Run("all", func(b *testing.B) { ask(b, all) })
	for _, rule := range all.Rules() {
		if rule.Subject != policy.Compose {
			continue
		}
		set := policies(b, func(id string) bool { return id == rule.ID })
		b.Run(rule.ID, func(b *testing.B) { ask(b, set) })
	}
}

func template(b *testing.B) *catalog.Template {
	b.Helper()
	if _, err := os.Stat("../../templates/ollama"); err != nil {
		b.Fatal(err)
	}
	t, _, err := catalog.Open("../../templates/ollama", "ollama")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { t.Close() })
	return t
}

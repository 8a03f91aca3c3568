package bump

import (
	"fmt"

	"github.com/opengpu-network/templates/pkg/catalog"
)

// Smoke says what a template is no longer tried with as it was. No release has smoke
// cases, so none of it asks for a version; who reads the change should look at it.
func Smoke(base, head Side) (notes []string) {
	before, after := base.Template.Manifest, head.Template.Manifest
	for _, c := range casesOf(before) {
		said := "is gone"
		for _, other := range casesOf(after) {
			if other.Name == c.Name {
				said = "is another"
				if equal(c, other) {
					said = ""
				}
			}
		}
		if said != "" {
			notes = append(notes, fmt.Sprintf("the case %s %s", c.Name, said))
		}
	}
	if was, is := before.ReadyLimit(), after.ReadyLimit(); is > was {
		notes = append(notes, fmt.Sprintf("it may take %s to start, and %s before", is, was))
	}
	return notes
}

func casesOf(m *catalog.Manifest) []catalog.SmokeCase {
	if m.Smoke == nil {
		return nil
	}
	return m.Smoke.Cases
}

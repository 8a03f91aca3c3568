package app

import "testing"

// Nothing that the program offers is left out because a shell could take it for itself.
func TestAllIsOffered(t *testing.T) {
	app := New(World{}, nil)
	for _, words := range [][]string{nil, {"rules"}, {"lint", "--only"}, {"lint", "--network"}, {"lint", "--format"}, {"lint", "-"}} {
		all := candidates(app, words)
		if len(all) == 0 {
			t.Errorf("%q: nothing is offered", words)
		}
		for _, candidate := range all {
			if !offered.MatchString(candidate) {
				t.Errorf("%q: %q is left out", words, candidate)
			}
		}
	}
}

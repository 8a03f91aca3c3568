// Package bump compares two versions of a template and says which change asks for
// which version. What it cannot prove harmless asks for a major one.
package bump

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/compose"
	"github.com/opengpu-network/templates/pkg/release"
)

// Side is one version of a template.
type Side struct {
	// Template is closed: what has been read of it can be asked for.
	Template *catalog.Template
	// Projects are the resolved compose files of the environments that the
	// manifest states.
	Projects map[catalog.Environment]*compose.Project
	// Release is what the two freeze to.
	Release *release.Release
}

// Change is one thing that differs.
type Change struct {
	// Kind is the id of a Kind.
	Kind string
	// Level is what it asks for.
	Level Level
	// What says what differs, as a sentence without its full stop. Parts of it come
	// from the template.
	What string
}

// changes collects what differs.
type changes []Change

func (c *changes) add(kind, format string, args ...any) {
	*c = append(*c, Change{kind, level(kind), fmt.Sprintf(format, args...)})
}

// Compare lists what differs between the version on the base and the one at the
// head, sorted from what asks for most. The versions themselves do not count, nor
// does what is no part of a release and of what its users see. There is always a
// change when the two would be released with other bytes.
func Compare(base, head Side) []Change {
	var all changes
	before, after := base.Template.Manifest, head.Template.Manifest
	compareTerms(&all, before.Terms, after.Terms)
	compareEnvironments(&all, base, head)
	compareParameters(&all, before.Parameters, after.Parameters)
	compareFunctions(&all, before.Functions, after.Functions)
	if before.Title != after.Title {
		all.add(title, "the title is another")
	}
	if before.Description != after.Description {
		all.add(title, "the description is another")
	}
	compareFiles(&all, base.Release, head.Release)
	slices.SortStableFunc(all, func(a, b Change) int { return -cmp.Compare(a.Level, b.Level) })
	return all
}

// Unreadable is the only change that can be told when the version on the base
// cannot be compared, with the reason.
func Unreadable(reason error) []Change {
	var all changes
	all.add(unreadableBase, "what is on the base cannot be compared: %v", reason)
	return all
}

// Needed is the highest level among changes.
func Needed(all []Change) (needed Level) {
	for _, change := range all {
		needed = max(needed, change.Level)
	}
	return needed
}

// compareFiles finds what differs in the frozen bytes and has not been told yet.
func compareFiles(all *changes, base, head *release.Release) {
	told := func(kinds ...string) bool {
		return slices.ContainsFunc(*all, func(c Change) bool { return slices.Contains(kinds, c.Kind) })
	}
	before, after := digests(base), digests(head)
	names := maps.Clone(before)
	maps.Copy(names, after)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if before[name] == after[name] || name == release.StatementFile {
			continue
		}
		switch {
		case name == release.ReadmeFile:
			all.add(readme, "the README is another")
		case strings.HasPrefix(name, "logo."):
			if !told(logo) {
				all.add(logo, "the logo is another")
			}
		case before[name] == "" || after[name] == "":
			// An environment that is added or gone.
		default:
			if !slices.ContainsFunc(*all, func(c Change) bool { return strings.HasPrefix(c.What, name+": ") }) {
				all.add(composeOther, "%s: is written in another way", name)
			}
		}
	}
	if !slices.Equal(base.Statement.Waivers, head.Statement.Waivers) {
		all.add(waivers, "the waivers are others")
	}
	if len(*all) == 0 && !sameStatement(base, head) {
		all.add(contentOther, "%s is another", release.StatementFile)
	}
}

func digests(r *release.Release) map[string]string {
	all := map[string]string{}
	for _, f := range r.Files {
		all[f.Path] = f.SHA256
	}
	return all
}

// sameStatement compares what two releases state, but for their versions.
func sameStatement(base, head *release.Release) bool {
	a, b := *base.Statement, *head.Statement
	a.Version, b.Version = "", ""
	return equal(a, b)
}

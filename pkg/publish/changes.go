package publish

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/opengpu-network/templates/pkg/release"
)

// Change is something that an update changes, besides the parameters on the
// chain.
type Change struct {
	// Field names it: a key of the metadata, a file, or an environment.
	Field string `json:"field"`
	// What happens to it, such as "is new". Parts of it come from the chain.
	What string `json:"what"`
}

// Changes lists what differs between the metadata that is published, which has a
// stamp, and that of another release. Links do not count: files have digests.
func Changes(published, next *release.Metadata) (changes []Change) {
	add := func(field, old, new string) {
		if old != new {
			changes = append(changes, Change{field, fmt.Sprintf("%q, and was %q", new, old)})
		}
	}
	add("name", published.Name, next.Name)
	add("description", published.Description, next.Description)
	old, new := published.Template, next.Template
	files := map[string]release.HostedFile{}
	for _, f := range old.Files {
		files[f.Path] = f
	}
	for _, f := range new.Files {
		before, there := files[f.Path]
		delete(files, f.Path)
		switch {
		case !there:
			changes = append(changes, Change{f.Path, fmt.Sprintf("is new, %d bytes", f.Size)})
		case before.SHA256 != f.SHA256:
			changes = append(changes, Change{f.Path, fmt.Sprintf("sha256 %s, and was %s", f.SHA256, before.SHA256)})
		}
	}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		changes = append(changes, Change{path, "is gone"})
	}
	environments := maps.Clone(old.Environments)
	maps.Copy(environments, new.Environments)
	for _, name := range slices.Sorted(maps.Keys(environments)) {
		before, was := old.Environments[name]
		after, is := new.Environments[name]
		switch {
		case !was:
			changes = append(changes, Change{"environment " + name, "is new"})
		case !is:
			changes = append(changes, Change{"environment " + name, "is gone"})
		default:
			field := "hardware of " + name
			if old, new := asJSON(before.Hardware), asJSON(after.Hardware); old != new {
				changes = append(changes, Change{field, Show(field, new) + ", and was " + Show(field, old)})
			}
		}
	}
	return append(changes, claims(old.About, new.About)...)
}

// claims lists what differs of what is known of two releases besides their bytes.
func claims(old, new release.About) (changes []Change) {
	add := func(field, old, new string) {
		switch {
		case old == new:
		case old == "":
			changes = append(changes, Change{field, fmt.Sprintf("is new: %q", new)})
		case new == "":
			changes = append(changes, Change{field, fmt.Sprintf("is gone, and was %q", old)})
		default:
			changes = append(changes, Change{field, fmt.Sprintf("%q, and was %q", new, old)})
		}
	}
	exceptions := maps.Clone(old.Exceptions)
	if exceptions == nil {
		exceptions = map[string]string{}
	}
	maps.Copy(exceptions, new.Exceptions)
	for _, environment := range slices.Sorted(maps.Keys(exceptions)) {
		add("exception for "+environment, old.Exceptions[environment], new.Exceptions[environment])
	}
	add("marks", strings.Join(old.Marks, "; "), strings.Join(new.Marks, "; "))
	add("repository", old.Origin.Repository, new.Origin.Repository)
	add("commit", old.Origin.Commit, new.Origin.Commit)
	return changes
}

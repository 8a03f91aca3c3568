package app

import (
	"io"
	"strings"

	"github.com/opengpu-network/templates/pkg/policy"
	"github.com/opengpu-network/templates/pkg/report"
)

// addedRegistries are the registries that a folder of policies adds to the built-in
// ones, as an image's name begins there.
func addedRegistries(set *policy.Set) []string {
	added := set.Registries()
	for i, place := range added {
		added[i] = place + "/"
	}
	return added
}

// WarnRegistries says what the folder dir adds where there is no report.
func WarnRegistries(errs io.Writer, set *policy.Set, dir string) {
	if added := addedRegistries(set); len(added) > 0 {
		printf(errs, "ogpu-tpl: registries added by %s: %s\n", report.Escape(dir), strings.Join(added, ", "))
	}
}

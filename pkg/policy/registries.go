package policy

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/distribution/reference"
)

// registriesTable names the places that images may come from.
const registriesTable = "registries"

const (
	// maxRegistries is how many places an organisation may add: all of them stand
	// in every report.
	maxRegistries = 100
	// maxPlaceSegments is how many segments of a name the rule looks at.
	maxPlaceSegments = 4
)

// Registries are the places that an organisation's folder adds to those that images
// may come from, sorted.
func (s *Set) Registries() []string { return slices.Clone(s.registries) }

// addRegistries adds places to the built-in table. It is the one table that others
// may add to, and nothing in it can be changed.
func (s *Set) addRegistries(tables any) error {
	byName, _ := tables.(map[string]any)
	added, ok := byName[registriesTable].(map[string]any)
	if !ok || len(byName) != 1 {
		return fmt.Errorf("the only table that can be added to is %s, a map of places to who answers for the images there", registriesTable)
	}
	all, _ := s.data[tablesRoot].(map[string]any)
	listed, ok := all[registriesTable].(map[string]any)
	if !ok {
		return fmt.Errorf("there is no built-in table %s to add to", registriesTable)
	}
	for _, place := range slices.Sorted(maps.Keys(added)) {
		if err := checkPlace(place); err != nil {
			return fmt.Errorf("%s: %.100q: %w", registriesTable, place, err)
		}
		if _, ok := listed[place]; ok {
			return fmt.Errorf("%s: %q is already there: leave it out", registriesTable, place)
		}
		if why, _ := added[place].(string); strings.TrimSpace(why) == "" {
			return fmt.Errorf("%s: %q: say who answers for the images there", registriesTable, place)
		}
		listed[place] = added[place]
		s.registries = append(s.registries, place)
	}
	if len(s.registries) > maxRegistries {
		return fmt.Errorf("%s: more than %d places are added", registriesTable, maxRegistries)
	}
	slices.Sort(s.registries)
	return nil
}

// checkPlace returns an error unless a place is a registry and a namespace, in the one
// form in which the rule looks them up.
func checkPlace(place string) error {
	if segments := strings.Count(place, "/") + 1; segments > maxPlaceSegments {
		return fmt.Errorf("has more than %d parts", maxPlaceSegments)
	}
	// An image there must have exactly the name that Docker gives it.
	image := place + "/image"
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil || reference.TrimNamed(named).Name() != image || !strings.Contains(place, "/") {
		return errors.New("write a registry and a namespace of it, such as ghcr.io/acme: a whole registry cannot be added")
	}
	return nil
}

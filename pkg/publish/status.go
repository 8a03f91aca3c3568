package publish

import (
	"fmt"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/release"
)

// State is how a source stands to the template in the catalog.
type State string

// The states.
const (
	// Current is the catalog's version, with the same digest and terms.
	Current State = "current"
	// Behind is a lower version than the catalog's: it waits for publish.
	Behind State = "behind"
	// Ahead is a higher version than the catalog's: the catalog is an old one.
	Ahead State = "ahead"
	// Drifted is the catalog's version, with something else in it.
	Drifted State = "drifted"
	// Retired is an inactive source.
	Retired State = "retired"
	// Unpublished is a template without a source.
	Unpublished State = "unpublished"
	// Foreign is a source of a template that is not in the catalog.
	Foreign State = "not in the catalog"
)

// StateOf compares a source with the release of the catalog, which is nil where
// the catalog does not have the template. Drift says what differs.
func StateOf(p Published, local *release.Release) (state State, drift []string, err error) {
	if p.Status != chain.Active {
		return Retired, nil, nil
	}
	if local == nil {
		return Foreign, nil, nil
	}
	version, err := catalog.ParseVersion(local.Version)
	if err != nil {
		return "", nil, err
	}
	if p.Owner != p.Client {
		drift = append(drift, fmt.Sprintf("owner: %s, and the client is %s", p.Owner, p.Client))
	}
	switch {
	case p.Version.LessThan(version) && len(drift) == 0:
		return Behind, nil, nil
	case p.Version.GreaterThan(version) && len(drift) == 0:
		return Ahead, nil, nil
	case !p.Version.Equal(version):
		return Drifted, drift, nil
	}
	if p.Stamp().Digest != local.Digest {
		drift = append(drift, fmt.Sprintf("digest: %s, and %s in the catalog", p.Stamp().Digest, local.Digest))
	}
	params, err := Params(p.Client, local.Statement, p.Params.ImageMetadataUrl)
	if err != nil {
		return "", nil, err
	}
	for _, change := range chain.Diff(params, p.Params) {
		drift = append(drift, fmt.Sprintf("%s: %s, and %s in the catalog", change.Field, Show(change.Field, change.New), Show(change.Field, change.Old)))
	}
	if len(drift) > 0 {
		return Drifted, drift, nil
	}
	return Current, nil, nil
}

// Of are the published sources of one template, those of the major version when
// one is given.
func Of(published []Published, name string, major *uint64) (own []Published) {
	for _, p := range published {
		if p.Stamp().Name == name && (major == nil || p.Version.Major() == *major) {
			own = append(own, p)
		}
	}
	return own
}

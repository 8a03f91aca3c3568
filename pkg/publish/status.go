package publish

import (
	"cmp"
	"context"
	"fmt"
	"slices"

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
	// Kept is a version of a lower major: it stays until it is retired.
	Kept State = "kept"
	// Retired is an inactive source.
	Retired State = "retired"
	// Unpublished is a template without a source.
	Unpublished State = "unpublished"
	// Foreign is a source of a template that is not in the catalog.
	Foreign State = "not in the catalog"
)

// StateOf compares a source with the release of the catalog, which is nil where
// the catalog does not have the template, and with the statement of the release
// that it is. Drift says what differs.
func StateOf(p Published, local *release.Release, own *release.Statement) (state State, drift []string, err error) {
	if p.Status != chain.Active {
		return Retired, nil, nil
	}
	if p.Owner != p.Client {
		drift = append(drift, fmt.Sprintf("owner: %s, and the client is %s", p.Owner, p.Client))
	}
	params, err := Params(p.Client, own, p.Params.ImageMetadataUrl)
	if err != nil {
		return "", nil, err
	}
	for _, change := range chain.Diff(params, p.Params) {
		drift = append(drift, fmt.Sprintf("%s: %s, and %s in the release", change.Field, Show(change.Field, change.New), Show(change.Field, change.Old)))
	}
	if state, err = versionState(p, local); err != nil {
		return "", nil, err
	}
	if state == Current && p.Stamp().Digest != local.Digest {
		drift = append(drift, fmt.Sprintf("digest: %s, and %s in the catalog", p.Stamp().Digest, local.Digest))
	}
	if len(drift) > 0 {
		state = Drifted
	}
	return state, drift, nil
}

// versionState compares versions alone.
func versionState(p Published, local *release.Release) (State, error) {
	if local == nil {
		return Foreign, nil
	}
	version, err := catalog.ParseVersion(local.Version)
	switch {
	case err != nil:
		return "", err
	case p.Version.Major() < version.Major():
		return Kept, nil
	case p.Version.LessThan(version):
		return Behind, nil
	case p.Version.GreaterThan(version):
		return Ahead, nil
	}
	return Current, nil
}

// Statement is what the release of a source says of itself. It is fetched, unless
// the source is the release of the catalog, which may be nil.
func (s *Surveyor) Statement(ctx context.Context, p Published, local *release.Release) (*release.Statement, error) {
	if local != nil && local.Digest == p.Stamp().Digest {
		return local.Statement, nil
	}
	files := p.Stamp().Files
	i := slices.IndexFunc(files, func(f release.HostedFile) bool { return f.Path == release.StatementFile })
	if i < 0 {
		return nil, &MetadataError{p.Address, fmt.Errorf("it lists no %s", release.StatementFile)}
	}
	checks, data := s.fetchFile(ctx, files[i])
	for _, check := range checks {
		if check.Outcome != Agrees {
			return nil, fmt.Errorf("%s of the source %s cannot be read: %s", check.Field, p.Address, cmp.Or(check.Problem, "it is another file"))
		}
	}
	return release.ParseStatement(data)
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

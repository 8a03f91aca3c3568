package registry

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// accepted are the manifests that are asked for. The oldest format is not
// among them: its digest is not that of its bytes.
var accepted = []string{
	string(types.OCIImageIndex), string(types.DockerManifestList), string(types.OCIManifestSchema1), string(types.DockerManifestSchema2),
}

// content is what matters in a manifest or an index.
type content struct {
	SchemaVersion int             `json:"schemaVersion"`
	MediaType     string          `json:"mediaType"`
	Manifests     []v1.Descriptor `json:"manifests"`
	Config        *v1.Descriptor  `json:"config"`
	Layers        []v1.Descriptor `json:"layers"`
}

// parse reads a manifest, and makes sure that all readers take it for the
// same: what could be both an index and an image is refused.
func parse(mediaType string, body []byte) (content, error) {
	var c content
	if !slices.Contains(accepted, mediaType) {
		return c, fail(Lying, "the registry answers with %q, which is neither an image's manifest nor an index", mediaType)
	}
	if err := json.Unmarshal(body, &c); err != nil {
		return c, fail(Lying, "the registry answers with a manifest that cannot be read")
	}
	index := types.MediaType(mediaType).IsIndex()
	switch {
	case c.SchemaVersion != 2:
		return c, fail(Lying, "the manifest has the schema version %d", c.SchemaVersion)
	case c.MediaType != "" && c.MediaType != mediaType:
		return c, fail(Lying, "the registry says that the manifest is %q, and the manifest says that it is %q", mediaType, c.MediaType)
	case index && (c.Config != nil || c.Layers != nil), !index && (c.Config == nil || c.Manifests != nil):
		return c, fail(Lying, "the manifest is not what its type %q says", mediaType)
	case !index && !digestForm.MatchString(c.Config.Digest.String()):
		return c, fail(Lying, "the manifest names its configuration without a sha256 digest")
	case index && slices.ContainsFunc(c.Manifests, func(d v1.Descriptor) bool { return d.MediaType.IsIndex() }):
		return c, fail(Lying, "the index holds another index, which engines do not read alike")
	}
	return c, nil
}

// IsIndex is true for an image of several platforms.
func (m *Manifest) IsIndex() bool { return types.MediaType(m.MediaType).IsIndex() }

// Supports makes sure that an image can be pulled for a platform: that it says
// so, that its registry has what it names, and that this says so too. The
// errors are of type *Error, or the context's; NoPlatform is the answer "no".
func (c *Client) Supports(ctx context.Context, m *Manifest, platform Platform) error {
	limited, cancel := c.limit(ctx)
	defer cancel()
	if err := m.supports(limited, platform); err != nil {
		return asError(ctx, m.Reference.String(), err)
	}
	return nil
}

func (m *Manifest) supports(ctx context.Context, platform Platform) error {
	image := m.content
	if m.IsIndex() {
		at := slices.IndexFunc(m.content.Manifests, func(d v1.Descriptor) bool { return platform.Fits(platformOf(d.Platform)) })
		if at < 0 {
			return fail(NoPlatform, "it is not there for %s, only for %s", platform, m.platforms())
		}
		named := m.content.Manifests[at]
		if !digestForm.MatchString(named.Digest.String()) {
			return fail(Lying, "the index names %s without a sha256 digest", platform)
		}
		child, err := m.session.manifest(ctx, m.Reference, named.Digest.String())
		switch {
		case KindOf(err) == Missing:
			return fail(NoPlatform, "its index names %s for %s, which the registry does not have", named.Digest, platform)
		case err != nil:
			return err
		case child.IsIndex() || named.MediaType != "" && child.MediaType != string(named.MediaType) || int64(len(child.Bytes)) != named.Size:
			return fail(Lying, "the manifest %s is not what the index says", named.Digest)
		}
		image = child.content
	}
	if kind := image.Config.MediaType; kind != types.OCIConfigJSON && kind != types.DockerConfigJSON {
		return fail(NoPlatform, "it is no container image, but %.100q", string(kind))
	}
	text, err := m.session.blob(ctx, *image.Config)
	if KindOf(err) == Missing {
		return fail(NoPlatform, "its configuration %s is not at the registry", image.Config.Digest)
	} else if err != nil {
		return err
	}
	var config struct{ OS, Architecture, Variant string }
	if err := json.Unmarshal(text, &config); err != nil {
		return fail(Lying, "the image's configuration is no JSON")
	}
	built := Platform{config.OS, config.Architecture, config.Variant}
	switch {
	case !m.IsIndex() && !platform.Fits(built):
		return fail(NoPlatform, "it is built for %.40q, not for %s", built, platform)
	case built.OS != platform.OS || built.Architecture != platform.Architecture:
		return fail(Lying, "the index says that %s is for %s, and the image says that it is for %.40q", image.Config.Digest, platform, built)
	}
	return nil
}

// platforms lists some of what an index holds.
func (m *Manifest) platforms() string {
	const most = 6
	var names []string
	for _, d := range m.content.Manifests {
		if p := platformOf(d.Platform); p.OS != "" && p.OS != "unknown" && platformPart.MatchString(p.OS) && platformPart.MatchString(p.Architecture) && len(names) < most {
			names = append(names, p.String())
		}
	}
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

package readback

import (
	"path"

	"github.com/distribution/reference"
)

// image compares which image runs, and learns what the image itself declares.
func (s *subject) image() {
	if want := s.state.Expected[s.model.Name]; want == "" {
		s.differ("image", "an image that was pulled or built before the start", s.real.Image)
	} else {
		same(s, "image", want, s.real.Image)
	}
	name := s.model.Image
	if name == "" {
		name = s.project.Name + "-" + s.model.Name
	}
	same(s, "image", name, s.config.Image)

	inspected, ok := s.state.Images[s.real.Image]
	if !ok {
		s.differ("image", "an image that the engine has", s.real.Image)
		return
	}
	if inspected.Config != nil {
		s.declared = *inspected.Config
	}
	if named, err := reference.ParseNormalizedNamed(name); err == nil {
		if pinned, ok := named.(reference.Canonical); ok && !hasDigest(inspected.RepoDigests, pinned) {
			s.differ("image", "an image with the digest "+pinned.Digest().String(), showList(inspected.RepoDigests))
		}
	}
	if s.model.Platform != "" {
		platform := path.Join(inspected.Os, inspected.Architecture)
		if full := path.Join(platform, inspected.Variant); s.model.Platform != platform && s.model.Platform != full {
			s.differ("platform", s.model.Platform, full)
		}
	}
}

// hasDigest tells whether an image is known by the pinned digest, in the pinned
// repository.
func hasDigest(digests []string, pinned reference.Canonical) bool {
	for _, digest := range digests {
		named, err := reference.ParseNormalizedNamed(digest)
		if err != nil {
			continue
		}
		if known, ok := named.(reference.Canonical); ok && known.Name() == pinned.Name() && known.Digest() == pinned.Digest() {
			return true
		}
	}
	return false
}

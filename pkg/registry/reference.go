package registry

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/distribution/reference"
)

// maxReference is the length in bytes of the longest reference that is read.
const maxReference = 512

// digestForm is the only digest that the tool pins by.
var digestForm = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// Reference is an image reference, as Docker reads it.
type Reference struct {
	// Name is the part before the tag, as it was written: "nginx",
	// "ghcr.io/me/app".
	Name string
	// Tag is "latest" when neither tag nor digest is written, and empty when
	// only a digest is.
	Tag string
	// Digest is empty when none is written.
	Digest string

	named reference.Named
}

// Parse reads a reference. The error completes "the image …".
func Parse(text string) (Reference, error) {
	if len(text) > maxReference {
		return Reference{}, fmt.Errorf("%.40q… is longer than %d bytes", text, maxReference)
	}
	named, err := reference.ParseNormalizedNamed(text)
	if err != nil {
		return Reference{}, fmt.Errorf("%q is no image reference: %w", text, err)
	}
	r := Reference{named: reference.TrimNamed(named)}
	r.Name, _, _ = strings.Cut(text, "@")
	if tagged, ok := named.(reference.Tagged); ok {
		r.Tag = tagged.Tag()
		r.Name = strings.TrimSuffix(r.Name, ":"+r.Tag)
	}
	if digested, ok := named.(reference.Digested); ok {
		if r.Digest = digested.Digest().String(); !digestForm.MatchString(r.Digest) {
			return Reference{}, fmt.Errorf("%q has a digest that is not sha256", text)
		}
	}
	if r.Tag == "" && r.Digest == "" {
		r.Tag = "latest"
	}
	return r, nil
}

// Registry is the registry's host, "docker.io" when none is written.
func (r Reference) Registry() string { return reference.Domain(r.named) }

// Repository is the path at the registry: "library/nginx".
func (r Reference) Repository() string { return reference.Path(r.named) }

// WithDigest is the same reference pinned by a digest, "sha256:…".
func (r Reference) WithDigest(digest string) Reference { r.Digest = digest; return r }

// WithoutDigest is the reference by its tag alone. Without a tag it is empty.
func (r Reference) WithoutDigest() (Reference, bool) { r.Digest = ""; return r, r.Tag != "" }

// ByDigest is the reference by its digest alone.
func (r Reference) ByDigest() Reference { r.Tag = ""; return r }

// String is the reference in full: name:tag@digest.
func (r Reference) String() string {
	text := r.Name
	if r.Tag != "" {
		text += ":" + r.Tag
	}
	if r.Digest != "" {
		text += "@" + r.Digest
	}
	return text
}

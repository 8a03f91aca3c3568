package release

import (
	"path"

	"github.com/opengpu-network/templates/pkg/catalog"
)

// MetadataFile is the name of the metadata among the files that are hosted.
const MetadataFile = "metadata.json"

// Metadata is what a source's imageMetadataUrl leads to: the keys that the
// network's readers use, and one that says which release it is. An environment
// that the template does not support is an empty string.
type Metadata struct {
	CPU         string `json:"cpu"`
	NVIDIA      string `json:"nvidia"`
	AMD         string `json:"amd"`
	Name        string `json:"name"`
	Description string `json:"description"`
	LogoURL     string `json:"logoUrl"`
	Template    Stamp  `json:"template"`
}

// Stamp names a release.
type Stamp struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Digest  string `json:"digest"`
	// Links are where the release's files are, by their paths.
	Links map[string]string `json:"links"`
}

// MetadataOf makes the metadata of a release whose files have links.
func MetadataOf(t *catalog.Template, r *Release, links map[string]string) ([]byte, error) {
	return encode(Metadata{
		CPU: links[catalog.ComposePath(catalog.CPU)], NVIDIA: links[catalog.ComposePath(catalog.NVIDIA)], AMD: links[catalog.ComposePath(catalog.AMD)],
		Name: t.Manifest.Title, Description: t.Manifest.Description, LogoURL: links[path.Base(t.Manifest.Logo)],
		Template: Stamp{r.Name, r.Version, r.Digest, links},
	})
}

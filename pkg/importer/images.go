package importer

import (
	"maps"
	"slices"
	"strings"

	"github.com/distribution/reference"
	"github.com/opengpu-network/templates/pkg/document"
)

// maxUnpinned is how many images without a digest a manifest may list.
const maxUnpinned = 50

// unpinned are the images without a digest, as the compose files write them,
// sorted. What lint refuses anyway is left out.
func (i *Import) unpinned() []string {
	found := map[string]bool{}
	for _, image := range i.Images {
		found[image] = true
	}
	for name, data := range i.Files {
		if name == i.LogoFile {
			continue
		}
		doc, _ := document.Parse(name, data)
		if doc == nil {
			continue
		}
		services, _ := doc.Value()["services"].(map[string]any)
		for _, service := range services {
			members, _ := service.(map[string]any)
			if image, ok := members["image"].(string); ok {
				found[image] = true
			}
		}
	}
	maps.DeleteFunc(found, func(image string, _ bool) bool {
		_, err := reference.ParseNormalizedNamed(image)
		return err != nil || len(image) > 255 || strings.Contains(image, "@")
	})
	images := slices.Sorted(maps.Keys(found))
	return images[:min(len(images), maxUnpinned)]
}

// Unpinned is true when a compose file names an image without a digest.
func (i *Import) Unpinned() bool { return len(i.unpinned()) > 0 }

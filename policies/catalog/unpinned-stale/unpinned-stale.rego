# METADATA
# title: Image recorded as unpinned that is not
# description: >-
#   The manifest says that an image is not pinned yet. When the compose file pins it, or does not use it at all, the record is old:
#   publishing would be refused for a reason that is gone. Whether an image is used at all is decided for templates with one
#   environment only.
# custom:
#   severity: warning
#   waivable: true
#   subject: compose
#   remediation: Remove the entry from `unpinned` in template.yaml.
package catalog["unpinned-stale"]

import data.lib.images

violation contains {"path": image.path, "message": message} if {
	some entry in input.template.manifest.unpinned
	some image in images.images
	startswith(image.reference, sprintf("%s@", [entry.image]))
	message := sprintf("service %q pins the image %q, which the manifest records as unpinned", [image.service, entry.image])
}

violation contains {"path": ["services"], "message": message} if {
	count(input.template.manifest.environments) == 1
	some entry in input.template.manifest.unpinned
	every image in images.images {
		not startswith(sprintf("%s@", [image.reference]), sprintf("%s@", [entry.image]))
	}
	message := sprintf("no service uses the image %q, which the manifest records as unpinned", [entry.image])
}

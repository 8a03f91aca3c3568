# METADATA
# title: Image recorded as not yet pinned
# description: >-
#   The manifest says that nobody knows this image's digest yet. The template
#   can be linted and tried on a devnet, but publishing it anywhere else is
#   refused until the image is pinned.
# related_resources:
# - description: Docker documentation, pin base image versions
#   ref: https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
# custom:
#   severity: notice
#   waivable: false
#   subject: compose
#   remediation: Pin the image by its digest, then take it out of `unpinned` in template.yaml.
package trust["image-unpinned"]

import data.lib.images

violation contains {"path": image.path, "message": message} if {
	input.template.manifest.unpinned
	some image in images.images
	image.digest == ""
	images.recorded(image.reference)
	message := sprintf("service %q uses the image %q, recorded as not yet pinned: it cannot be published outside the devnet", [image.service, image.reference])
}

# METADATA
# title: Image of the service that nothing uses
# description: >-
#   The key `service` names the image that is built from the template's folder. When the compose file does not use it, what is built is
#   not what runs. Whether an image is used at all is decided for templates with one environment only, as the environments of others
#   may use different ones.
# custom:
#   severity: warning
#   waivable: true
#   subject: compose
#   remediation: Write the image in `service` as the compose file does, with the same repository and tag; the digest may be left out.
package catalog["service-image"]

import data.lib.images

violation contains {"path": ["services"], "message": message} if {
	count(input.template.manifest.environments) == 1
	built := input.template.manifest.service.image
	every image in images.images {
		undigested(image.reference) != undigested(built)
	}
	message := sprintf("no service uses the image %q, which is built from the template's folder service", [built])
}

undigested(reference) := split(reference, "@")[0]

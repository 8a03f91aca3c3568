# METADATA
# title: Service without an image
# description: >-
#   A service has to name the image that it runs. Without one there is nothing
#   to check, and Compose refuses to start the stack.
# related_resources:
# - description: Compose Specification, image
#   ref: https://docs.docker.com/reference/compose-file/services/#image
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: Give the service an `image` that is pinned by its digest.
package trust["image-missing"]

violation contains {"path": ["services", name, "image"], "message": message} if {
	some name, service in input.project.services
	object.get(service, "image", "") == ""

	# Rules of their own refuse these two.
	not service.build
	not service.provider
	message := sprintf("service %q has no image", [name])
}

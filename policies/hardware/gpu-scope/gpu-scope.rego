# METADATA
# title: GPU for a service that needs none
# description: >-
#   A GPU that is given to a database, a proxy or a client of another service is lost to other sources, and the driver's
#   interface is open to software that has no use for it. The rule knows such images from a table, and by tags that say `cpu`.
# related_resources:
# - description: Docker, GPU support in Compose
#   ref: https://docs.docker.com/compose/how-tos/gpu-support/
# custom:
#   severity: warning
#   waivable: true
#   subject: compose
#   remediation: Take the GPU from this service and leave it to the one that computes on it.
package hardware["gpu-scope"]

import data.lib.services

violation contains {"path": entry.path, "message": message} if {
	input.environment != "cpu"
	some entry in ((services.device_requests | services.nvidia_detours) | services.amd_devices)
	idle(entry.service)
	message := sprintf("service %q asks for a GPU, but its image %q uses none", [entry.service, input.images[entry.service].reference])
}

idle(service) if services.image_traits[service].gpu == false

idle(service) if regex.match(`(^|[-_.])cpu($|[-_.])`, lower(input.images[service].tag))

# METADATA
# title: Number of GPUs not stated
# description: >-
#   A request without a count, or with `all`, takes every GPU of the provider, also those that work for other sources.
#   A request by device id pins the card that happens to have this number, whatever else runs on it. Only a count lets
#   a provider plan.
# related_resources:
# - description: Docker, GPU support in Compose
#   ref: https://docs.docker.com/compose/how-tos/gpu-support/
# - description: Compose Specification, reservations of devices
#   ref: https://docs.docker.com/reference/compose-file/deploy/#devices
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: >-
#     Say how many GPUs the service needs with `count`, most often `count: 1`, and leave out `device_ids`.
package hardware["gpu-count"]

import data.lib.services

violation contains {"path": array.concat(entry.path, ["count"]), "message": message} if {
	input.environment == "nvidia"
	some entry in services.device_requests
	not entry.request.device_ids
	object.get(entry.request, "count", -1) == -1
	message := sprintf("service %q takes every GPU of the provider: it does not say how many it needs", [entry.service])
}

violation contains {"path": array.concat(entry.path, ["count"]), "message": message} if {
	input.environment == "nvidia"
	some entry in services.device_requests
	entry.request.count != -1
	entry.request.count < 1
	message := sprintf("service %q asks for %d GPUs", [entry.service, entry.request.count])
}

violation contains {"path": array.concat(entry.path, ["device_ids"]), "message": message} if {
	input.environment == "nvidia"
	some entry in services.device_requests
	ids := concat(", ", entry.request.device_ids)
	message := sprintf("service %q picks GPUs by id, %q: which cards these are differs from provider to provider", [entry.service, ids])
}

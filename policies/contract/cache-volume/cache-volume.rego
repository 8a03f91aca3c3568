# METADATA
# title: Downloads that are not kept
# description: >-
#   Models are gigabytes. What a service downloads into its own container is gone when the container is made anew, and the
#   provider downloads it again at each start. A named volume keeps it. The rule knows from a table where well-known images
#   keep their downloads, and which variables move them.
# related_resources:
# - description: Docker, volumes
#   ref: https://docs.docker.com/engine/storage/volumes/
# custom:
#   severity: warning
#   waivable: true
#   subject: compose
#   remediation: 'Mount a named volume there, such as `volumes: ["cache:/root/.cache/huggingface"]`, and declare it at the top level.'
package contract["cache-volume"]

import data.lib.compose
import data.lib.services

violation contains {"path": ["services", name, "volumes"], "message": message} if {
	some name, traits in services.image_traits
	some cache in traits.caches
	service := input.project.services[name]
	place := location(service, cache)
	not kept(service, place)
	message := sprintf("service %q downloads to %q, which is not in a named volume", [name, place])
}

location(service, cache) := compose.clean(array.concat(moved, [cache.path])[0]) if {
	moved := [sprintf("%s%s", [value, variable.suffix]) |
		some variable in cache.variables
		value := service.environment[variable.name]
		is_string(value)
		startswith(value, "/")
	]
}

# A bind mount keeps it too; that it is one is another rule's business.
kept(service, place) if {
	some volume in service.volumes
	volume.type in {"volume", "bind"}
	object.get(volume, "source", "") != ""
	related(place, volume.target)
}

related(place, target) if startswith(sprintf("%s/", [place]), sprintf("%s/", [target]))

related(place, target) if startswith(target, sprintf("%s/", [place]))

# METADATA
# title: Needs a newer Docker than providers have
# description: >-
#   Providers run Docker Engine 20.10 or newer with Compose 2.20 or newer. A
#   file that needs more is refused there, or the key is ignored in silence.
#   Which key came when is kept in policies/data/keys.yaml.
# related_resources:
# - description: Docker Engine release notes
#   ref: https://docs.docker.com/engine/release-notes/
# - description: Docker Compose release notes
#   ref: https://docs.docker.com/compose/releases/release-notes/
# - description: Docker documentation, CDI devices
#   ref: https://docs.docker.com/reference/cli/docker/container/run/#cdi-devices
# custom:
#   severity: error
#   waivable: true
#   subject: compose
#   remediation: Use what Engine 20.10 and Compose 2.20 understand. For NVIDIA GPUs that is `deploy.resources.reservations.devices` with `driver nvidia`.
package contract["engine-floor"]

violation contains {"path": entry.path, "message": message} if {
	some key, _ in input.used
	newer := beyond(data.tables.keys[key].since)
	some entry in input.keys
	entry.key == key
	message := sprintf("%q needs %s, and providers may have %s", [entry.key, newer, floor])
}

violation contains {"path": path, "message": message} if {
	some name, service in input.project.services
	some [at, requests] in [
		[["gpus"], object.get(service, "gpus", [])],
		[["deploy", "resources", "reservations", "devices"], object.get(service, ["deploy", "resources", "reservations", "devices"], [])],
	]
	some i, request in requests
	lower(request.driver) == "cdi"
	path := array.concat(["services", name], array.concat(at, [i, "driver"]))
	message := sprintf("service %q reserves a device through %q, which needs Docker Engine 25.0, and providers may have %s", [name, request.driver, floor])
}

# A source that is no path is the name of a CDI device: vendor.com/class=name.
violation contains {"path": ["services", name, "devices", i, "source"], "message": message} if {
	some name, service in input.project.services
	some i, device in service.devices
	regex.match(`^[A-Za-z][^/]*/[^/=]+=`, device.source)
	message := sprintf("service %q names the CDI device %q, which needs Docker Engine 25.0, and providers may have %s", [name, device.source, floor])
}

floor := sprintf("Docker Engine %s and Compose %s", [data.tables.floor.engine, data.tables.floor.compose])

beyond(since) := sprintf("Docker Engine %s", [since.engine]) if {
	later(since.engine, data.tables.floor.engine)
} else := sprintf("Compose %s", [since.compose]) if {
	later(since.compose, data.tables.floor.compose)
}

later(version, than) if numbers_of(version) > numbers_of(than)

numbers_of(version) := [to_number(part) | some part in split(version, ".")]

# METADATA
# title: Hardware not stated
# description: >-
#   A provider registers when its machine fits what the manifest says. What is not said it finds out when tasks fail, and a
#   number that means nothing in an environment makes it doubt the others.
# custom:
#   severity: error
#   waivable: true
#   subject: template
#   remediation: >-
#     State `ram`, `cpus` and `disk` for every environment, `vram`, `computeCapability` and `driver` for NVIDIA, `vram`
#     and `gfx` for AMD, and nothing else.
package hardware.stated

fields := {
	"cpu": {"ram", "cpus", "disk"},
	"nvidia": {"ram", "cpus", "disk", "vram", "computeCapability", "driver"},
	"amd": {"ram", "cpus", "disk", "vram", "gfx"},
}

violation contains {"path": ["environments", name, "hardware", field], "message": message} if {
	some name, environment in input.template.manifest.environments
	some field in fields[name]
	empty(object.get(environment, ["hardware", field], ""))
	message := sprintf("environment %q does not state %q", [name, field])
}

violation contains {"path": ["environments", name, "hardware", field], "message": message} if {
	some name, environment in input.template.manifest.environments
	some field in (object.keys(environment.hardware) - fields[name])
	message := sprintf("environment %q states %q, which means nothing there", [name, field])
}

empty("")

empty([])

# METADATA
# title: Anonymous volume
# description: >-
#   A volume without a name cannot be found again. The next start makes a new one, and the old one stays on the provider's
#   disk until somebody cleans up.
# related_resources:
# - description: Docker, volumes
#   ref: https://docs.docker.com/engine/storage/volumes/
# custom:
#   severity: warning
#   waivable: true
#   subject: compose
#   remediation: Give the volume a name and declare it at the top level, or use `tmpfs` for what need not last.
package contract["anonymous-volume"]

violation contains {"path": ["services", name, "volumes", i], "message": message} if {
	some name, service in input.project.services
	some i, volume in service.volumes
	volume.type == "volume"
	object.get(volume, "source", "") == ""
	message := sprintf("service %q keeps %q in a volume without a name", [name, object.get(volume, "target", "")])
}

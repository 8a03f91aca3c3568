# METADATA
# title: Limits of a block device of the host
# description: >-
#   `blkio_config` names devices of the machine on which the file was written. On
#   a provider the same name is another disk, or no disk, and then the container
#   does not start. A weight for a device takes from what else runs there.
# related_resources:
# - description: Compose Specification, blkio_config
#   ref: https://docs.docker.com/reference/compose-file/services/#blkio_config
# custom:
#   severity: warning
#   waivable: true
#   subject: compose
#   keys:
#   - services.*.blkio_config
#   remediation: Remove the limits that name a device.
package trust["block-device"]

violation contains {"path": ["services", name, "blkio_config", key, i, "path"], "message": message} if {
	some name, service in input.project.services
	some key, limits in service.blkio_config
	is_array(limits)
	some i, limit in limits
	message := sprintf("service %q sets %s for %q, a device of the host", [name, key, object.get(limit, "path", "")])
}

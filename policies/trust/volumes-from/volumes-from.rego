# METADATA
# title: Volumes of another container
# description: >-
#   `volumes_from` takes over every mount of another container, which may be one that has nothing to
#   do with the stack. Named volumes say openly what is shared and with whom.
# related_resources:
# - description: "MITRE ATT&CK for Containers, T1611 Escape to Host"
#   ref: https://attack.mitre.org/techniques/T1611/
# - description: Docker documentation, Compose file reference, services, volumes_from
#   ref: https://docs.docker.com/reference/compose-file/services/#volumes_from
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.volumes_from
#   remediation: >-
#     Name the volumes under `volumes` and mount them in each service that needs them.
package trust["volumes-from"]

violation contains {"path": ["services", name, "volumes_from", i], "message": message} if {
	some name, service in input.project.services
	some i, source in service.volumes_from
	message := sprintf("service %q takes over all mounts of %q", [name, source])
}

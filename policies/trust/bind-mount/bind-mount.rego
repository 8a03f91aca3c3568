# METADATA
# title: Mount of the host
# description: >-
#   A bind mount gives a service a part of the provider's file system: to read, or to write what the
#   host later runs. It also cannot work, as only the compose file is published. Mounts of images,
#   named pipes and cluster volumes bring in content that nothing here has checked.
# related_resources:
# - description: CIS Docker Benchmark v1.6.0, 5.6 Ensure sensitive host system directories are not mounted on containers
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: "MITRE ATT&CK for Containers, T1611 Escape to Host"
#   ref: https://attack.mitre.org/techniques/T1611/
# - description: Docker documentation, Bind mounts
#   ref: https://docs.docker.com/engine/storage/bind-mounts/
# - description: Docker documentation, Compose file reference, services, volumes
#   ref: https://docs.docker.com/reference/compose-file/services/#volumes
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: >-
#     Use a named volume for data that stays, `tmpfs` for data that does not, and `configs` with
#     `content` for small files.
package trust["bind-mount"]

violation contains {"path": ["services", name, "volumes", i, "source"], "message": message} if {
	some name, service in input.project.services
	some i, volume in service.volumes
	foreign(volume)
	message := sprintf("service %q mounts %q (%s): only named volumes and tmpfs are a template's own", [name, object.get(volume, "source", ""), object.get(volume, "type", "no type")])
}

foreign(volume) if not object.get(volume, "type", "") in {"volume", "tmpfs"}

# A volume whose name is a path is a bind mount by another spelling.
foreign(volume) if regex.match(`^[.~]|[/\\\\]`, volume.source)

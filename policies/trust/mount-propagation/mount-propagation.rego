# METADATA
# title: Mount that reaches back to the host
# description: >-
#   With shared or slave propagation mounts made in a container appear on the host, or those of the
#   host in the container. The options of a bind mount also relabel the host's files for SELinux, or
#   open the file systems mounted below it. For tmpfs, the engine takes the same options and others
#   that turn it into something else, or bring back set-user-id programs and device files.
# related_resources:
# - description: CIS Docker Benchmark v1.6.0, 5.20 Ensure mount propagation mode is not set to shared
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: Docker documentation, Bind mounts, configure bind propagation
#   ref: https://docs.docker.com/engine/storage/bind-mounts/#configure-bind-propagation
# - description: "MITRE ATT&CK for Containers, T1611 Escape to Host"
#   ref: https://attack.mitre.org/techniques/T1611/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.volumes.*.bind
#   - services.*.tmpfs
#   remediation: >-
#     Remove the option, and the bind mount with it. For tmpfs use `size`, `mode`, `uid`, `gid`, `exec` and `ro` alone.
package trust["mount-propagation"]

violation contains {"path": ["services", name, "volumes", i, "bind", "propagation"], "message": message} if {
	some name, service in input.project.services
	some i, volume in service.volumes
	not object.get(volume, ["bind", "propagation"], "") in {"", "private", "rprivate"}
	message := sprintf("service %q mounts with the propagation %q, which shares mounts with the host", [name, volume.bind.propagation])
}

violation contains {"path": ["services", name, "volumes", i, "bind", "selinux"], "message": message} if {
	some name, service in input.project.services
	some i, volume in service.volumes
	volume.bind.selinux != ""
	message := sprintf("service %q relabels files of the host for SELinux (%q)", [name, volume.bind.selinux])
}

violation contains {"path": ["services", name, "volumes", i, "bind", "recursive"], "message": message} if {
	some name, service in input.project.services
	some i, volume in service.volumes
	not object.get(volume, ["bind", "recursive"], "") in {"", "disabled"}
	message := sprintf("service %q asks for what is mounted below a directory of the host (%q)", [name, volume.bind.recursive])
}

violation contains {"path": ["services", name, "tmpfs", i], "message": message} if {
	some name, service in input.project.services
	some i, entry in service.tmpfs
	some option in split(concat(":", array.slice(split(entry, ":"), 1, count(entry))), ",")
	not regex.match(harmless, option)
	message := sprintf("service %q mounts memory with the option %q", [name, option])
}

harmless := concat("", [
	`^(size=[0-9]{1,15}([kKmMgG][bB]?|%)?|mode=[0-7]{3,4}|[ug]id=[0-9]{1,10}|nr_inodes=[1-9][0-9]{0,7}[kKmM]?`,
	`|defaults|rw|ro|exec|noexec|nosuid|nodev|noatime|nodiratime|relatime|strictatime|)$`,
])

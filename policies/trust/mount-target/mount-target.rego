# METADATA
# title: Mount where the runtime works
# description: >-
#   The runtime sets up a container as root of the host, and follows what it finds. It masks files of the kernel with the /dev/null
#   of the container: a volume over /dev may hold a link instead. It mounts the engine's own files, and vendors' toolkits write links
#   and libraries: a volume in the way decides where. The same goes for a mount below a volume that another container can write at that
#   moment: a link planted there leads the mount elsewhere (CVE-2021-30465). What may not be mounted over is kept in
#   policies/data/paths.yaml.
# related_resources:
# - description: runc, CVE-2025-31133, masked paths
#   ref: https://github.com/opencontainers/runc/security/advisories/GHSA-9493-h29p-rfm2
# - description: runc, CVE-2021-30465, links in shared volumes
#   ref: https://github.com/opencontainers/runc/security/advisories/GHSA-c3xm-pvg7-gh7r
# - description: "MITRE ATT&CK for Containers, T1611 Escape to Host"
#   ref: https://attack.mitre.org/techniques/T1611/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.volumes
#   - services.*.tmpfs
#   - services.*.configs
#   - services.*.secrets
#   remediation: >-
#     Mount at a directory of your own, such as /data, from the root on and without `..`. Shared memory is sized with `shm_size` or with
#     tmpfs at /dev/shm. Mount volumes that services share beside each other, not into each other.
package trust["mount-target"]

import data.lib.compose
import data.lib.mounts
import data.lib.paths
import data.lib.services
import data.tables.paths as table

violation contains {"path": mount.path, "message": message} if {
	some mount in mounts.mounts
	message := sprintf("service %q mounts at %q, %s", [mount.service, mount.target, problem(compose.dollar(mount.target))])
}

problem(target) := "which is no path from the root on" if {
	not startswith(target, "/")
} else := "which is no plain path: where `..` leads depends on the image" if {
	not paths.canonical(target)
} else := sprintf("the place of %s", [why]) if {
	why := paths.closed(paths.canonical(target))
} else := sprintf("over %s", [covered]) if {
	covered := over[paths.canonical(target)]
}

# The directories above those that are closed, each with the first that it holds.
over[above] := first if {
	some above in {above | some path, _ in table.closed; some above in paths.upwards(path)}
	not table.closed[above]
	first := min({path | some path, _ in table.closed; above in paths.upwards(path)})
}

over["/"] := "everything"

violation contains {"path": inner.path, "message": message} if {
	count(shared) > 0
	some inner in placed
	some above in paths.upwards(inner.at)
	above != inner.at
	[inner.service, above] in shared
	message := sprintf("service %q has a mount at %q inside the volume at %q, in which another container can plant a link meanwhile", [inner.service, inner.at, above])
}

violation contains {"path": ["services", name, "volumes"], "message": message} if {
	some name in services.gpu_services
	some at, whose in table.toolkit
	some above in paths.upwards(at)
	[name, above] in shared
	message := sprintf("service %q has a volume at %q, where %s mounts, and another container can plant a link meanwhile", [name, above, whose])
}

placed := [object.union(mount, {"at": at}) |
	some mount in mounts.mounts
	at := paths.canonical(mount.target)
]

# Where each service has a volume that a container can write while the service
# starts: one of another service, or of the same service more than once. This and
# what it is made of are made whole: asked for one by one, each question would
# walk all mounts.
shared := {[mount.service, mount.at] |
	some mount in placed
	mount.source != ""
	written(mount.source, mount.service)
}

written(source, name) if count(writers[source] - {name}) > 0

written(source, name) if {
	name in writers[source]
	services.scale(input.project.services[name]) > 1
}

writers := writing

writing[source] contains name if {
	some name, service in input.project.services
	some volume in service.volumes
	volume.type == "volume"
	not volume.read_only
	source := volume.source
}

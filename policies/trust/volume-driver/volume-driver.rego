# METADATA
# title: Volume that is more than a local volume
# description: >-
#   The local driver mounts whatever its options name: a directory of the host, an overlay, /proc, a
#   block device, a share on the network. Other drivers are plug-ins that run as root on the host. A
#   template needs plain volumes, or memory in the form of tmpfs.
# related_resources:
# - description: CIS Docker Benchmark v1.6.0, 5.6 Ensure sensitive host system directories are not mounted on containers
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: "MITRE ATT&CK for Containers, T1611 Escape to Host"
#   ref: https://attack.mitre.org/techniques/T1611/
# - description: Docker documentation, Volumes
#   ref: https://docs.docker.com/engine/storage/volumes/
# - description: Docker documentation, Volume drivers and driver options
#   ref: https://docs.docker.com/reference/cli/docker/volume/create/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - volumes.*.driver
#   - volumes.*.driver_opts
#   remediation: >-
#     Remove `driver` and `driver_opts`. For a volume in memory use `type: tmpfs`, `device: tmpfs`
#     and, in `o`, sizes and modes only.
package trust["volume-driver"]

violation contains {"path": ["volumes", name, "driver"], "message": message} if {
	some name, volume in input.project.volumes
	not object.get(volume, "driver", "") in {"", "local"}
	message := sprintf("volume %q uses the driver %q, a plug-in of the host", [name, volume.driver])
}

violation contains {"path": path, "message": message} if {
	some name, volume in input.project.volumes
	count(object.get(volume, "driver_opts", {})) > 0
	not in_memory(volume.driver_opts)
	path := array.concat(["volumes", name, "driver_opts"], place(volume.driver_opts))
	[type, device, flags] := [object.get(volume.driver_opts, key, "") | some key in ["type", "device", "o"]]
	message := sprintf("volume %q is no plain volume: its options mount the device %q as %q with %q", [name, device, type, flags])
}

in_memory(options) if {
	options.type == "tmpfs"
	object.get(options, "device", "tmpfs") in {"tmpfs", ""}
	object.keys(options) - {"type", "device", "o"} == set()
	every flag in split(object.get(options, "o", "rw"), ",") {
		# Flags such as bind or remount would turn it into something else.
		regex.match(`^((size|mode|uid|gid|nr_inodes)=[0-9a-z%]+|rw|ro|nodev|nosuid|noexec|noatime)$`, flag)
	}
}

# The device says best what is wrong, then the flags.
place(options) := ["device"] if {
	options.device
} else := ["o"] if {
	options.o
} else := []

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
#     and, in `o`, a size such as `size=1g`, with `mode`, `uid` and `gid` if need be.
package trust["volume-driver"]

import data.tables.bounds

violation contains {"path": ["volumes", name, "driver"], "message": message} if {
	some name, volume in input.project.volumes
	not object.get(volume, "driver", "") in {"", "local"}
	message := sprintf("volume %q uses the driver %q, a plug-in of the host", [name, volume.driver])
}

violation contains {"path": path, "message": message} if {
	some name, volume in input.project.volumes
	count(object.get(volume, "driver_opts", {})) > 0
	not in_memory(volume.driver_opts)
	not unsized(volume.driver_opts)
	path := array.concat(["volumes", name, "driver_opts"], place(volume.driver_opts))
	[type, device, flags] := [object.get(volume.driver_opts, key, "") | some key in ["type", "device", "o"]]
	message := sprintf("volume %q is no plain volume: its options mount the device %q as %q with %q", [name, device, type, flags])
}

violation contains {"path": path, "message": message} if {
	some name, volume in input.project.volumes
	unsized(volume.driver_opts)
	path := array.concat(["volumes", name, "driver_opts"], place(object.filter(volume.driver_opts, ["o"])))
	message := sprintf("volume %q is memory without a size of at most %d bytes: what is written to it stays when the container starts again, and no limit counts it", [name, bounds.volatile])
}

violation contains {"path": ["volumes"], "message": message} if {
	whole := sum([size |
		some volume in input.project.volumes
		in_memory(volume.driver_opts)
		size := max([bytes(trim_prefix(flag, "size=")) | some flag in split(volume.driver_opts.o, ","); startswith(flag, "size=")])
	])
	whole > bounds.volatile
	message := sprintf("the volumes in memory may hold %d bytes together: more than %d are never needed, as no limit of a container counts them", [whole, bounds.volatile])
}

in_memory(options) if {
	options.type == "tmpfs"
	object.get(options, "device", "tmpfs") in {"tmpfs", ""}
	object.keys(options) - {"type", "device", "o"} == set()
	flags := split(object.get(options, "o", "rw"), ",")
	every flag in flags {
		# Flags such as bind or remount would turn it into something else.
		regex.match(`^(size=[1-9][0-9]{0,11}[kKmMgG]?|nr_inodes=[1-9][0-9]{0,6}k?|(mode|uid|gid)=[0-9]+|rw|ro|nodev|nosuid|noexec|noatime)$`, flag)
	}
	sized(flags)
}

# unsized is true where only the size is missing or wrong.
unsized(options) if {
	not in_memory(options)
	flags := [flag | some flag in split(object.get(options, "o", ""), ","); not startswith(flag, "size="); flag != ""]
	in_memory(object.union(options, {"o": concat(",", array.concat(["size=1"], flags))}))
}

# What a container writes to such a volume stays when the container starts again, and
# counts towards no limit from then on. Without a size it is half the host's memory.
sized(flags) if {
	sizes := [flag | some flag in flags; startswith(flag, "size=")]
	count(sizes) > 0
	every flag in sizes {
		bytes(trim_prefix(flag, "size=")) <= bounds.volatile
	}
}

bytes(text) := to_number(regex.replace(text, `[a-zA-Z]$`, "")) * factor if {
	factor := object.get({"k": 1024, "m": 1048576, "g": 1073741824}, lower(regex.find_n(`.$`, text, 1)[0]), 1)
}

# The device says best what is wrong, then the flags.
place(options) := ["device"] if {
	options.device
} else := ["o"] if {
	options.o
} else := []

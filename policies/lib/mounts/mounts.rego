# METADATA
# title: All that is mounted or put into a container at a place of the author's choice
# description: >-
#   Volumes of every type, tmpfs in its short form, configs and secrets, each
#   with the path to it and the target as Compose hands it to the engine. Only a
#   named volume has a source.
package lib.mounts

mounts := array.concat(
	array.concat(
		[{"service": name, "path": ["services", name, "volumes", i, "target"], "target": target, "source": source(volume)} |
			some name, service in input.project.services
			some i, volume in service.volumes
			target := object.get(volume, "target", "")
		],
		[{"service": name, "path": ["services", name, "tmpfs", i], "target": split(entry, ":")[0], "source": ""} |
			some name, service in input.project.services
			some i, entry in service.tmpfs
		],
	),
	array.concat(
		[{"service": name, "path": ["services", name, "configs", i, "target"], "target": within("/", reference), "source": ""} |
			some name, service in input.project.services
			some i, reference in service.configs
		],
		[{"service": name, "path": ["services", name, "secrets", i, "target"], "target": within("/run/secrets/", reference), "source": ""} |
			some name, service in input.project.services
			some i, reference in service.secrets
		],
	),
)

source(volume) := object.get(volume, "source", "") if {
	volume.type == "volume"
} else := ""

# within is where Compose puts a config or a secret: one without a target has
# its name, and a relative target starts in a directory.
within(directory, reference) := target if {
	target := object.get(reference, "target", "")
	startswith(target, "/")
} else := sprintf("%s%s", [directory, reference.target]) if {
	object.get(reference, "target", "") != ""
} else := sprintf("%s%s", [directory, object.get(reference, "source", "")])

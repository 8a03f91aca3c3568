# METADATA
# title: Every image that a compose file runs or mounts
# description: >-
#   Services, hooks that run in an image of their own, and volumes of type
#   image. `name` is registry and repository, `/` for a reference that cannot
#   be read; `digest` is empty when there is none.
package lib.images

images := array.concat(
	[image |
		some name, service in input.project.services
		service.image != ""
		known := object.get(input, ["images", name], {"registry": "", "repository": ""})
		image := {
			"path": ["services", name, "image"],
			"service": name,
			"reference": service.image,
			"name": concat("/", [known.registry, known.repository]),
			"digest": object.get(known, "digest", ""),
		}
	],
	[image |
		some [path, reference] in inner
		image := object.union(parse(reference), {"path": path, "service": path[1], "reference": reference})
	],
)

inner := array.concat(
	[[["services", name, "pre_start", i, "image"], hook.image] |
		some name, service in input.project.services
		some i, hook in service.pre_start
		hook.image != ""
	],
	[[["services", name, "volumes", i, "source"], mount.source] |
		some name, service in input.project.services
		some i, mount in service.volumes
		mount.type == "image"
		mount.source != ""
	],
)

# parse reads a reference the way Docker does.
parse(reference) := {"name": concat("/", [host, repository]), "digest": digest} if {
	parts := split(reference, "@")
	digest := concat("", regex.find_n(`^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$`, concat("@", array.slice(parts, 1, count(parts))), 1))
	segments := split(regex.replace(parts[0], `:[^/]*$`, ""), "/")
	[host, rest] := domain(segments)
	repository := official(host, rest)
}

domain(segments) := [host, array.slice(segments, 1, count(segments))] if {
	count(segments) > 1
	regex.match(`[.:]|^localhost$`, segments[0])
	host := object.get({"index.docker.io": "docker.io", "registry-1.docker.io": "docker.io"}, segments[0], segments[0])
} else := ["docker.io", segments]

official("docker.io", [name]) := concat("/", ["library", name])

official(host, rest) := concat("/", rest) if not single_name(host, rest)

single_name("docker.io", [_])

# recorded is true when the manifest records exactly this reference as not yet
# pinned. A compose file without a manifest records nothing.
recorded(reference) if {
	some entry in input.template.manifest.unpinned
	entry.image == reference
}

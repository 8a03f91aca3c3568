# METADATA
# title: Way to a container engine
# description: >-
#   Whoever can talk to the engine of Docker, containerd, CRI-O, Podman or BuildKit can start a
#   container that owns the host, and a read-only mount of the socket does not change that. The
#   socket is as reachable through a directory above it, a named volume, or the engine's TCP port.
# related_resources:
# - description: CIS Docker Benchmark v1.6.0, 5.32 Ensure that the Docker socket is not mounted inside any containers
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: OWASP Docker Security Cheat Sheet, rule 1 Do not expose the Docker daemon socket (even to the containers)
#   ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
# - description: "MITRE ATT&CK for Containers, T1552.007 Container API"
#   ref: https://attack.mitre.org/techniques/T1552/007/
# - description: "MITRE ATT&CK for Containers, T1611 Escape to Host"
#   ref: https://attack.mitre.org/techniques/T1611/
# - description: Docker documentation, Protect the Docker daemon socket
#   ref: https://docs.docker.com/engine/security/protect-access/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: >-
#     Remove the mount or the address. A template must work without an engine of its own.
package trust["engine-socket"]

import data.lib.compose

# The sockets by their own names, wherever they lie, and the engine's TCP ports.
pattern := `(?i)\b(docker(\.raw)?|containerd|crio|cri-dockerd|dockershim|podman|buildkitd|balena(-engine)?)\.sock\b|docker_engine|:237[56]\b`

# Directories that hold the sockets or the engine's own state.
directories := {
	"/",
	"/run",
	"/run/buildkit",
	"/run/containerd",
	"/run/crio",
	"/run/docker",
	"/run/k3s",
	"/run/k3s/containerd",
	"/run/podman",
	"/run/user",
	"/var",
	"/var/lib/containerd",
	"/var/lib/docker",
}

# Variables that tell clients where their engine is.
variables := {"BUILDKIT_HOST", "CONTAINERD_ADDRESS", "CONTAINER_HOST", "CONTAINER_RUNTIME_ENDPOINT", "DOCKER_HOST"}

violation contains {"path": ["services", name, "volumes", i, "source"], "message": message} if {
	some name, service in input.project.services
	some i, volume in service.volumes
	reaches(volume.source)
	message := sprintf("service %q mounts %q, which leads to the socket or the state of a container engine", [name, volume.source])
}

violation contains {"path": ["volumes", name, "driver_opts", "device"], "message": message} if {
	some name, volume in input.project.volumes
	reaches(volume.driver_opts.device)
	message := sprintf("volume %q is made of %q, which leads to the socket or the state of a container engine", [name, volume.driver_opts.device])
}

violation contains {"path": [section, name, "file"], "message": message} if {
	some section in ["configs", "secrets"]
	some name, resource in input.project[section]
	reaches(resource.file)
	message := sprintf("%q under %s is the file %q, which leads to the socket or the state of a container engine", [name, section, resource.file])
}

violation contains {"path": piece.path, "message": message} if {
	regex.match(pattern, compose.haystack)
	some piece in compose.pieces
	regex.match(pattern, piece.text)
	message := sprintf("%s names the way to a container engine in %q", [compose.owner(piece.path), piece.text])
}

violation contains {"path": ["services", name, "environment", variable], "message": message} if {
	some name, service in input.project.services
	some variable in variables
	value := service.environment[variable]
	not value in {"", null}
	not regex.match(pattern, value)
	message := sprintf("service %q is told by %s to use the container engine at %q", [name, variable, value])
}

reaches(source) if regex.match(pattern, source)

reaches(source) if resolved(source) in directories

reaches(source) if startswith(resolved(source), "/run/user/")

# /var/run is a link to /run on every system that Docker supports.
resolved(source) := path if {
	path := trim_prefix(compose.clean(source), "/var")
	startswith(path, "/run")
} else := compose.clean(source)

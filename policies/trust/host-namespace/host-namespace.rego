# METADATA
# title: Namespace of the host or of a foreign container
# description: >-
#   Namespaces are the walls between a container and everything else on the machine. A service that
#   joins one of the host, or of a container outside its own stack, sees and reaches what the
#   provider keeps there. Any value that is not known to stay within the stack counts as foreign.
# related_resources:
# - description: "CIS Docker Benchmark v1.6.0, 5.10 Ensure that the host's network namespace is not shared"
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: "CIS Docker Benchmark v1.6.0, 5.16 Ensure that the host's process namespace is not shared"
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: "CIS Docker Benchmark v1.6.0, 5.17 Ensure that the host's IPC namespace is not shared"
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: "CIS Docker Benchmark v1.6.0, 5.21 Ensure that the host's UTS namespace is not shared"
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: "CIS Docker Benchmark v1.6.0, 5.31 Ensure that the host's user namespaces are not shared"
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: "CIS Docker Benchmark v1.6.0, 5.30 Ensure that Docker's default bridge docker0 is not used"
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: "MITRE ATT&CK for Containers, T1611 Escape to Host"
#   ref: https://attack.mitre.org/techniques/T1611/
# - description: Docker documentation, Compose file reference, services, network_mode
#   ref: https://docs.docker.com/reference/compose-file/services/#network_mode
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.cgroup
#   - services.*.ipc
#   - services.*.network_mode
#   - services.*.pid
#   - services.*.userns_mode
#   - services.*.uts
#   remediation: >-
#     Remove the key. Services of one stack reach each other by name over `networks`, and may share a
#     namespace by `service:NAME`.
package trust["host-namespace"]

# What each key may say without leaving the stack, besides `service:` with the
# name of one of its services. The user and UTS namespaces have no such value.
private := {
	"cgroup": {"private"},
	"ipc": {"private", "shareable", "none"},
	"network_mode": {"none"},
	"pid": set(),
	"userns_mode": set(),
	"uts": set(),
}

violation contains {"path": ["services", name, key], "message": message} if {
	some name, service in input.project.services
	some key, modes in private
	mode := service[key]
	not mode in modes
	not within_stack(key, mode)
	message := sprintf("service %q sets %s to %q, which leads out of its own stack", [name, key, mode])
}

within_stack(_, "")

within_stack(key, mode) if {
	key in {"ipc", "network_mode", "pid"}
	startswith(mode, "service:")
	input.project.services[substring(mode, 8, -1)]
}

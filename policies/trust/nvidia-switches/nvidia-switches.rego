# METADATA
# title: Switch that hands out more than a GPU for computing
# description: >-
#   NVIDIA's container toolkit reads variables of the container's environment and then mounts what they name: displays, storage and
#   network devices of the host, or GPUs past the reservation. A template reserves a GPU in the compose file and needs no more than
#   compute and utility.
# related_resources:
# - description: NVIDIA Container Toolkit, environment variables
#   ref: https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/docker-specialized.html
# - description: MITRE ATT&CK for Containers, T1611 Escape to Host
#   ref: https://attack.mitre.org/techniques/T1611/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.environment
#   remediation: >-
#     Remove the variable. `NVIDIA_DRIVER_CAPABILITIES` may hold `compute` and `utility`, and `NVIDIA_REQUIRE_…` may state what the
#     driver must be.
package trust["nvidia-switches"]

violation contains {"path": ["services", name, "environment", variable], "message": message} if {
	some name, service in input.project.services
	some variable, value in service.environment
	startswith(variable, "NVIDIA_")
	not allowed(variable, value)
	message := sprintf("service %q sets %s, which NVIDIA's toolkit obeys", [name, variable])
}

allowed(variable, _) if startswith(variable, "NVIDIA_REQUIRE_")

allowed("NVIDIA_DRIVER_CAPABILITIES", value) if {
	is_string(value)
	every word in split(value, ",") {
		trim_space(word) in {"compute", "utility"}
	}
}

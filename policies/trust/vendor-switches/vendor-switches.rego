# METADATA
# title: Switch that a vendor's runtime obeys
# description: >-
#   Container runtimes of AMD, Intel, Huawei and others read variables of the container's environment and add the devices, libraries
#   and rights that they name. Where such a runtime is the provider's default, that gives a template devices that it never asked for in
#   the compose file. What only the programs inside read is let through. Both are kept in policies/data/environment.yaml.
# related_resources:
# - description: AMD, container runtime toolkit
#   ref: https://instinct.docs.amd.com/projects/container-toolkit/en/latest/container-runtime/running-workloads.html
# - description: Intel Gaudi, container runtime
#   ref: https://docs.habana.ai/en/latest/Installation_Guide/Additional_Installation/Docker_Installation.html
# - description: MITRE ATT&CK for Containers, T1611 Escape to Host
#   ref: https://attack.mitre.org/techniques/T1611/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.environment
#   - services.*.pre_start.*.environment
#   - services.*.post_start.*.environment
#   - services.*.pre_stop.*.environment
#   remediation: >-
#     Remove the variable, and ask for devices in the compose file. What a program inside is to use of them say `CUDA_VISIBLE_DEVICES`,
#     `HIP_VISIBLE_DEVICES` and their like.
package trust["vendor-switches"]

import data.lib.compose
import data.tables.environment as table

violation contains {"path": setting.path, "message": message} if {
	some setting in compose.settings
	regex.match(pattern, setting.name)
	not table.programs[setting.name]
	not startswith(setting.name, "NVIDIA_")
	not setting.value in {"none", "void"}
	message := sprintf("service %q sets %s, which a vendor's container runtime may obey", [setting.service, setting.name])
}

pattern := concat("|", table.vendors)

# METADATA
# title: Hardware that cannot be meant
# description: >-
#   A number outside all bounds is a slip, most often one of the unit: `ram: 16` is sixteen bytes. A compute capability, a
#   driver or a gfx target that does not exist fits no provider at all, and a driver older than the GPU it is for does
#   not know the GPU.
# related_resources:
# - description: NVIDIA, CUDA GPUs and their compute capability
#   ref: https://developer.nvidia.com/cuda-gpus
# - description: LLVM, AMD GPU targets
#   ref: https://llvm.org/docs/AMDGPUUsage.html
# custom:
#   severity: warning
#   waivable: true
#   subject: template
#   remediation: >-
#     Write sizes with their unit (`16g`), the compute capability as "7.5", the driver as "525.60.13", gfx
#     targets as gfx1100. When the hardware is newer than this tool, waive the finding.
package hardware.plausible

table := data.tables.hardware

violation contains {"path": ["environments", name, "hardware", field], "message": message} if {
	some name, environment in input.template.manifest.environments
	some field, bound in table.bounds
	value := environment.hardware[field]
	outside(value, bound)
	message := sprintf("environment %q needs %v of %s, which is not within %v and %v", [name, value, field, bound.min, bound.max])
}

outside(value, bound) if value < bound.min

outside(value, bound) if value > bound.max

violation contains {"path": ["environments", name, "hardware", "computeCapability"], "message": message} if {
	some name, environment in input.template.manifest.environments
	capability := environment.hardware.computeCapability
	not table.compute_capabilities[capability]
	message := sprintf("environment %q needs the compute capability %q, which no GPU is known to have", [name, capability])
}

violation contains {"path": ["environments", name, "hardware", "driver"], "message": message} if {
	some name, environment in input.template.manifest.environments
	driver := environment.hardware.driver
	not branch(driver)
	message := sprintf("environment %q needs the driver %q, which is no version of NVIDIA's driver", [name, driver])
}

violation contains {"path": ["environments", name, "hardware", "driver"], "message": message} if {
	some name, environment in input.template.manifest.environments
	oldest := table.compute_capabilities[environment.hardware.computeCapability]
	branch(environment.hardware.driver) < oldest
	message := sprintf(
		"environment %q needs the compute capability %q and the driver %q, but driver %d is the first that knows such GPUs",
		[name, environment.hardware.computeCapability, environment.hardware.driver, oldest],
	)
}

branch(driver) := number if {
	regex.match(`^[1-9][0-9]{2}(\.[0-9]{1,3}){0,2}$`, driver)
	number := to_number(split(driver, ".")[0])
}

violation contains {"path": ["environments", name, "hardware", "gfx", i], "message": message} if {
	some name, environment in input.template.manifest.environments
	some i, target in environment.hardware.gfx
	not table.gfx[target]
	message := sprintf("environment %q names the gfx target %q, which no GPU is known to have", [name, target])
}

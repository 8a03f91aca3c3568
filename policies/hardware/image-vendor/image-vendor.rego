# METADATA
# title: Image built for another vendor's GPU
# description: >-
#   A ROCm image finds no GPU in the NVIDIA environment, and a CUDA image finds none in the AMD environment: the stack
#   starts and fails, or computes on the processor at a fraction of the speed. The vendor is read from the image's name
#   and tag, and from a table of known images. A CUDA image in the CPU environment is only large.
# related_resources:
# - description: ROCm, Docker images
#   ref: https://rocm.docs.amd.com/projects/install-on-linux/en/latest/how-to/docker.html
# custom:
#   severity: error
#   waivable: true
#   subject: compose
#   remediation: Use the image's variant for this environment, or leave the environment out of the template.
package hardware["image-vendor"]

import data.lib.services

violation contains {"path": ["services", name, "image"], "message": message} if {
	input.environment in {"nvidia", "cpu"}
	some name, image in input.images
	full := text(image)
	says_rocm(full)
	not says_cuda(full)
	message := sprintf("service %q runs %q, which is built for AMD GPUs, in the environment %q", [name, image.reference, input.environment])
}

violation contains {"path": ["services", name, "image"], "message": message} if {
	input.environment == "amd"
	some name, image in input.images
	full := text(image)
	not says_rocm(full)
	cuda(name, full)
	message := sprintf("service %q runs %q, which is built for NVIDIA GPUs, in the AMD environment", [name, image.reference])
}

violation contains {"path": ["services", name, "image"], "message": message} if {
	input.environment == "amd"
	some name, traits in services.image_traits
	traits.rocm_tag
	image := input.images[name]
	known(image)
	not says_rocm(text(image))
	message := sprintf("service %q runs %q: for AMD this image needs a tag that says \"rocm\"", [name, image.reference])
}

text(image) := lower(sprintf("%s/%s:%s", [image.registry, image.repository, object.get(image, "tag", "")]))

says_rocm(full) if regex.match(`(^|[^a-z0-9])(rocm|gfx[0-9])`, full)

says_cuda(full) if regex.match(`(^|[^a-z0-9])(cuda|cudnn|tensorrt|nvcr\.io|cu1[0-9]{2}($|[^0-9]))`, full)

cuda(_, full) if says_cuda(full)

cuda(name, _) if services.image_traits[name].vendor == "nvidia"

# A digest without a tag may be any variant.
known(image) if image.tag

known(image) if not image.digest

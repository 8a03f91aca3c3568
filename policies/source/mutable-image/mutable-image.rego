# METADATA
# title: Images whose content can change
# description: >-
#   The compose file names images by tag alone. Whoever owns the name at the
#   registry can put another image there after a provider registered.
#   `trust/image-digest` tells of each of them at its place; this finding says it
#   beside the links.
# related_resources:
# - description: Docker documentation, pin base image versions
#   ref: https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Write each image as `name:tag@sha256:…`; `ogpu-tpl pin` does it for a
#     template.
package source["mutable-image"]

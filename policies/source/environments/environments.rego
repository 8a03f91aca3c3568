# METADATA
# title: Chain and metadata name other environments
# description: >-
#   The chain says for which hardware a source has compose files, and the metadata
#   says where they are. When the two differ, a provider may register for an
#   environment that has nothing to run, or never see one.
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Publish `imageEnvironments` as the sum of the environments that have a link:
#     CPU is 1, NVIDIA 2, AMD 4.
package source.environments

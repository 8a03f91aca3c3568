# METADATA
# title: Not a readable YAML file
# description: >-
#   The file cannot be read as one YAML document: it is no regular file, it is
#   empty or no mapping, it holds invalid UTF-8, an unknown tag or several
#   documents, or its syntax is broken. What cannot be read cannot be judged, and
#   Compose would refuse it or read something else.
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Write one UTF-8 file with one YAML document whose top level is a mapping.
package syntax.yaml

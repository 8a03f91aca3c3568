# METADATA
# title: Key given twice
# description: >-
#   A mapping holds the same key twice. Readers disagree on which of the two
#   counts, so that what was checked need not be what runs.
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Remove one of the two keys.
package syntax["duplicate-key"]

# METADATA
# title: Waiver that has expired
# description: >-
#   A waiver holds until the day that it names, so that its reason is looked at
#   again. After that day it accepts nothing.
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Fix what the waiver accepts, or review its reason and give it a new date.
package syntax["waiver-expired"]

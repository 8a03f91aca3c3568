# METADATA
# title: Owner that can change the source
# description: >-
#   Whoever owns a source can set all of its parameters at any time, the links
#   among them. Done on the source itself, no event of the registry tells of it.
#   Providers stay registered. This is so for every source.
# custom:
#   severity: notice
#   waivable: false
#   subject: reader
#   remediation: >-
#     See who the owner is, and look at the source again from time to time:
#     `ogpu-tpl history ADDRESS` tells what has changed so far.
package source.owner

# METADATA
# title: Part of a source that cannot be read
# description: >-
#   The source's metadata, or a compose file that it names, cannot be fetched or
#   is of no known form. What cannot be read cannot be judged, so this rule always
#   applies. Everything is fetched over HTTPS, from public addresses, within
#   limits on size, time and redirects.
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Serve the file over HTTPS, as data and not as a web page, at the address
#     that the source states. As a provider, do not register for an environment
#     that cannot be read.
package source.unreadable

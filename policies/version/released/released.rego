# METADATA
# title: Note of releases that says something else
# description: >-
#   `releases.json` names the digest of each version that was released, and anyone
#   checks what is on the chain against it. So an entry that was there stays as it
#   was, and one that is new is what freezing the template in that version gives, as
#   it is in the change or as the branch had it. It is checked with --changed-since.
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Publishing writes the file: take back what was changed by hand.
package version.released

# METADATA
# title: Text that hides something
# description: >-
#   A text says something else to a reader than to a machine, or does something to
#   whoever prints it: it holds characters that reverse its direction, that nobody
#   sees, that mean whatever a font makes of them, or that a terminal obeys. The rule
#   holds for all files of a template, comments, names of files and the source of its
#   service among them, and for escapes such as "\u202e" in YAML and JSON. Emoji may
#   be joined, Persian and the scripts of India may use joiners where these are seen,
#   and a pictograph may say that it is meant as text or as emoji. Values of compose
#   files and names have no other spaces than the usual one, and names, titles and the
#   template's description are on one line.
# related_resources:
# - description: Trojan Source, invisible vulnerabilities (CVE-2021-42574)
#   ref: https://trojansource.codes/
# - description: Unicode Technical Standard 55, source code handling
#   ref: https://www.unicode.org/reports/tr55/
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Take the character out. Where a program's source needs it, write an escape of
#     that language.
package syntax["hidden-character"]

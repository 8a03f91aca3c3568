# METADATA
# title: Name that passes for another
# description: >-
#   A name, a key or a value of a compose file has letters that look like those of
#   another script: a Cyrillic letter within a Latin word, a full-width or mathematical
#   form of a plain letter, or a name that is wholly written in letters that could all
#   be Latin. People take it for a name that they trust. A name in one script of any
#   language is welcome, and so are the scripts that are written together, as those of
#   Japanese.
# related_resources:
# - description: Unicode Technical Standard 39, security mechanisms
#   ref: https://www.unicode.org/reports/tr39/
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Write each word in one script, with the letters of a keyboard.
package syntax["look-alike"]

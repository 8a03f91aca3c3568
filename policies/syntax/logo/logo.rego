# METADATA
# title: Logo that is more than a picture
# description: >-
#   Front ends show the logo, some of them as part of their own page. An SVG holds
#   shapes, gradients, clip paths, masks and text, with the attributes that these need,
#   and refers to nothing but its own parts: no script, no handler of an event, no link,
#   no foreign object, no animation, no style sheet, no picture, no entity, no
#   processing instruction. It is UTF-8, and what it draws is bounded. A PNG is
#   whole, has no more than 4096 pixels a side, no animation, no text, no EXIF data, and
#   nothing after its end.
# related_resources:
# - description: W3C, SVG Integration, secure static mode
#   ref: https://www.w3.org/TR/svg-integration/#secure-static-mode
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Export the logo as a plain, optimised SVG without metadata, or as a PNG without.
package syntax.logo

# METADATA
# title: License nobody knows
# description: >-
#   Without a license that others recognise nobody may copy the template. SPDX identifiers say which one is meant. A license of
#   one's own is named LicenseRef-something, with its text beside the manifest.
# related_resources:
# - description: SPDX License List
#   ref: https://spdx.org/licenses/
# custom:
#   severity: warning
#   waivable: true
#   subject: template
#   remediation: Set `license` to an SPDX identifier such as Apache-2.0 or MIT.
package catalog.license

violation contains {"path": ["license"], "message": message} if {
	license := input.template.manifest.license
	some word in split(license, " ")
	not known(word)
	message := sprintf("the license %q is no SPDX identifier that the catalog knows", [word])
}

known(word) if word in {"AND", "OR", "WITH"}

known(word) if data.tables.licenses[word]

known(word) if regex.match(`^LicenseRef-[A-Za-z0-9.-]+$`, word)

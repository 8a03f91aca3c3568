# METADATA
# title: Privacy that nothing provides
# description: >-
#   `privacyEnabled` is a flag of the source and nothing more: today's SDK encrypts neither tasks nor results. Who reads it may
#   believe otherwise.
# custom:
#   severity: notice
#   waivable: true
#   subject: template
#   remediation: Leave `privacyEnabled` false, or say in the README what it means for this template.
package catalog.privacy

violation contains {"path": ["terms", "privacyEnabled"], "message": "privacy is switched on, but nothing in today's SDK encrypts anything"} if {
	input.template.manifest.terms.privacyEnabled == true
}

# METADATA
# title: Terms out of bounds
# description: >-
#   The terms go on the chain and bind clients and providers. A payment of nothing invites tasks that only keep providers busy;
#   an amount or a time outside all bounds is a slip, most often one of the unit.
# custom:
#   severity: error
#   waivable: false
#   subject: template
#   remediation: >-
#     Write `minPayment` and `minAvailableLockup` as exact decimal amounts of OGPU, such as "0.001", and
#     `maxExpiryDuration` in seconds, from one minute to 30 days.
package catalog.terms

amounts := {"minPayment": "minPaymentWei", "minAvailableLockup": "minAvailableLockupWei"}

# An amount is known by its wei: what cannot be read exactly has none.
violation contains {"path": ["terms", field], "message": message} if {
	some field, key in amounts
	input.template.manifest
	not input.template.terms[key]
	message := sprintf("%q states no exact amount of OGPU", [field])
}

violation contains {"path": ["terms", field], "message": message} if {
	some field, key in amounts
	wei := input.template.terms[key]
	regex.match(`^[0-9]{1,80}$`, wei)
	problem := compare(to_number(wei), to_number(data.tables.terms[field].min), to_number(data.tables.terms[field].max))
	message := sprintf("%q is %s OGPU: %s", [field, object.get(input.template.manifest, ["terms", field], "?"), problem])
}

violation contains {"path": ["terms", "maxExpiryDuration"], "message": message} if {
	duration := input.template.manifest.terms.maxExpiryDuration
	bound := data.tables.terms.maxExpiryDuration
	problem := compare(duration, bound.min, bound.max)
	message := sprintf("\"maxExpiryDuration\" is %d seconds: %s", [duration, problem])
}

compare(value, least, most) := "that is too little to be meant" if {
	value < least
} else := "that is too much to be meant" if {
	value > most
}

package catalog.terms_test

import data.catalog.terms as rule

paths(payment, lockup, duration) := found if {
	template := {
		"manifest": {"terms": {"maxExpiryDuration": duration}},
		"terms": {"minPaymentWei": payment, "minAvailableLockupWei": lockup},
	}
	found := {v.path[1] | some v in rule.violation} with input as {"template": template}
}

test_silent if {
	paths("1000000000000000", "0", 86400) == set()
	paths("1000000000000000000000", "1000000000000000000000000", 2592000) == set()
	rule.violation == set() with input as {"subject": "compose"}
}

test_amounts_are_compared_exactly if {
	paths("1000000000000000000001", "0", 60) == {"minPayment"}
	paths("1", "1000000000000000000000001", 60) == {"minAvailableLockup"}
}

test_bounds if {
	paths("0", "0", 59) == {"minPayment", "maxExpiryDuration"}
	paths("1", "0", 2592001) == {"maxExpiryDuration"}
}

test_no_amount if {
	found := {v.path | some v in rule.violation} with input as {"template": {"manifest": {}}}
	found == {["terms", "minPayment"], ["terms", "minAvailableLockup"]}
}

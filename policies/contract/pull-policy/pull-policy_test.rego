package contract["pull-policy_test"]

import data.contract["pull-policy"] as rule

fires(service) if {
	found := {v.path | some v in rule.violation} with input as {"project": {"services": {"a": service}}}
	found == {["services", "a", "pull_policy"]}
}

test_silent if {
	not fires({})
	not fires({"pull_policy": "missing"})
}

test_fires if {
	every policy in ["always", "never", "build", "daily", "every_12h", "refresh"] {
		fires({"pull_policy": policy})
	}
}

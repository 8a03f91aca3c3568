package contract.profiles_test

import data.contract.profiles as rule

test_fires if {
	found := {v.path | some v in rule.violation} with input as {"project": {"services": {"a": {"profiles": ["debug"]}}}}
	found == {["services", "a", "profiles"]}
}

test_silent if rule.violation == set() with input as {"project": {"services": {"a": {}, "b": {"profiles": []}}}}

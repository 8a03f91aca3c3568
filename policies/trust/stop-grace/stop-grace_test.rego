package trust["stop-grace_test"]

import data.trust["stop-grace"] as rule

test_fires if {
	{v.path | some v in rule.violation} == {["services", "web", "stop_grace_period"]} with input as {"project": {"services": {"web": {"stop_grace_period": 301}}}}
}

test_silent if {
	rule.violation == set() with input as {"project": {"services": {"web": {"stop_grace_period": 300}, "other": {}}}}
}

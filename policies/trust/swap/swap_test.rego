package trust.swap_test

import data.trust.swap as rule

test_fires if {
	{v.path[1] | some v in rule.violation} == {"all", "more", "bare"} with input as {"project": {"services": {
		"all": {"memswap_limit": -1, "mem_limit": 100},
		"more": {"memswap_limit": 300, "deploy": {"resources": {"limits": {"memory": 100}}}},
		"bare": {"memswap_limit": 300},
	}}}
}

test_silent if {
	rule.violation == set() with input as {"project": {"services": {
		"none": {"memswap_limit": 100, "mem_limit": 100},
		"usual": {"memswap_limit": 200, "mem_limit": 100},
		"unset": {"memswap_limit": 0},
		"absent": {},
	}}}
}

package hardware["limits-agree_test"]

import data.hardware["limits-agree"] as rule

manifest := {"environments": {"cpu": {"hardware": {"ram": 1000, "cpus": 0.3}}}}

paths(all) := found if {
	found := {v.path | some v in rule.violation} with input as {"environment": "cpu", "template": {"manifest": manifest}, "project": {"services": all}}
}

test_silent if {
	paths({"a": {"mem_limit": 600, "cpus": 0.1, "memswap_limit": 600}, "b": {"mem_limit": 400, "cpus": 0.2, "mem_reservation": 400}}) == set()
}

test_sums_rest_without_a_template if {
	found := rule.violation with input as {"environment": "cpu", "project": {"services": {"a": {"mem_limit": 9999, "cpus": 9}}}}
	found == set()
}

test_sums if {
	paths({"a": {"mem_limit": 600}, "b": {"mem_limit": 401}}) == {["services"]}
	paths({"a": {"cpus": 0.4}}) == {["services"]}
	paths({"a": {"mem_limit": 600, "scale": 2}}) == {["services"]}
}

test_swap if {
	paths({"a": {"mem_limit": 500, "memswap_limit": -1}}) == set()
	paths({"a": {"mem_limit": 500, "memswap_limit": 400}}) == {["services", "a", "memswap_limit"]}
}

test_reservations if {
	paths({"a": {"mem_limit": 400, "mem_reservation": 500}}) == {["services", "a", "mem_reservation"]}
	resources := {"limits": {"memory": 4, "cpus": 0.1}, "reservations": {"memory": 5, "cpus": 0.2}}
	at := ["services", "a", "deploy", "resources", "reservations"]
	paths({"a": {"deploy": {"resources": resources}}}) == {array.concat(at, ["memory"]), array.concat(at, ["cpus"])}
}

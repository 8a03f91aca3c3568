package trust["healthcheck-rate_test"]

import data.trust["healthcheck-rate"] as rule

keys(healthcheck) := found if {
	found := {v.path[3] | some v in rule.violation} with input.project.services as {"a": {"healthcheck": object.union({"test": ["CMD", "true"]}, healthcheck)}}
}

test_below_a_second if {
	every key in ["interval", "start_interval", "timeout"] {
		every value in [0.001, 0.000000001, 0.999, -1] {
			keys({key: value}) == {key}
		}
	}
}

test_retries if {
	every value in [-1, 1001, 9223372036854775807] {
		keys({"retries": value}) == {"retries"}
	}
}

many(number, healthcheck) if {
	found := {v.path | some v in rule.violation} with input.project.services as {sprintf("s%d", [i]): {"healthcheck": healthcheck} |
		some i in numbers.range(1, number)
	}
	found == {["services"]}
}

test_together if {
	many(6, {"test": ["CMD", "true"], "interval": 1})
	many(32, {"test": ["CMD", "true"], "interval": 5})
	many(32, {"test": ["CMD", "true"], "interval": 300, "start_interval": 2})
	found := {v.path | some v in rule.violation} with input.project.services as {"a": {"scale": 8, "healthcheck": {"test": ["CMD", "true"], "interval": 1.5}}}
	found == {["services"]}
}

test_silent if {
	keys({"interval": 1, "start_interval": 1, "timeout": 1, "retries": 1000}) == set()
	keys({"interval": 0, "start_interval": 0, "timeout": 0, "retries": 0}) == set()
	keys({}) == set()
	not many(5, {"test": ["CMD", "true"], "interval": 1})
	not many(32, {"test": ["CMD", "true"]})
	not many(32, {"test": ["NONE"], "interval": 1})
	not many(32, {"disable": true, "test": ["CMD", "true"], "interval": 1})
}

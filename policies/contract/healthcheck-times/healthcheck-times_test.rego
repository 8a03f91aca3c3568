package contract["healthcheck-times_test"]

import data.contract["healthcheck-times"] as rule

keys(healthcheck) := found if {
	found := {v.path[3] | some v in rule.violation} with input as {"project": {"services": {"a": {"healthcheck": healthcheck}}}}
}

test_silent if {
	keys({"interval": 30, "timeout": 5, "start_period": 900, "retries": 5}) == set()
	keys({"interval": 0, "timeout": 0, "start_period": 0, "retries": 0}) == set()
	keys({}) == set()
}

test_too_small if keys({"interval": 1.5}) == {"interval"}

test_too_large if keys({"interval": 600, "timeout": 90, "start_period": 7200, "retries": 101}) == {"interval", "timeout", "start_period", "retries"}

# trust/healthcheck-rate tells of these.
test_errors_are_told_once if keys({"interval": 0.5, "timeout": 0.01, "retries": -1}) == set()

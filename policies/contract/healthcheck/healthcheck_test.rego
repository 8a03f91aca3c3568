package contract.healthcheck_test

import data.contract.healthcheck as rule

messages(service) := found if {
	found := {v.message | some v in rule.violation} with input as {"project": {"services": {"a": service}}}
}

test_silent if messages({"healthcheck": {"test": ["CMD", "true"]}}) == set()

test_missing if messages({}) == {`service "a" has no healthcheck`}

test_without_a_test if messages({"healthcheck": {"interval": 5}}) == {`service "a" has a healthcheck without a test`}

test_off if {
	messages({"healthcheck": {"disable": true}}) == {`service "a" switches its healthcheck off`}
	messages({"healthcheck": {"test": ["NONE"]}}) == {`service "a" switches its healthcheck off`}
}

test_one_shots_need_none if {
	all := {"a": {"depends_on": {"b": {"condition": "service_completed_successfully"}}, "healthcheck": {"test": ["CMD", "true"]}}, "b": {}}
	rule.violation == set() with input as {"project": {"services": all}}
}

package hardware["log-limit_test"]

import data.hardware["log-limit"] as rule
import data.trust.logging

paths(service) := found if {
	found := {v.path | some v in rule.violation} with input as {"project": {"services": {"a": service}}}
}

missing := {["services", "a", "logging"]}

test_missing if {
	paths({}) == missing
	paths({"logging": null}) == missing
	paths({"logging": {}}) == missing
	paths({"logging": {"options": {}}}) == missing
	paths({"logging": {"driver": ""}}) == missing
}

test_each_service if {
	found := {v.path[1] | some v in rule.violation} with input as {"project": {"services": {"a": {}, "b": {"logging": {"driver": "local"}}, "c": {}}}}
	found == {"a", "c"}
}

test_silent if {
	paths({"logging": {"driver": "local", "options": {"max-size": "10m", "max-file": "3"}}}) == set()
	paths({"logging": {"driver": "local"}}) == set()
	paths({"logging": {"driver": "none"}}) == set()
	paths({"logging": {"driver": "json-file", "options": {"max-size": "10m"}}}) == set()
	paths({"logging": {"options": {"max-size": "10m"}}}) == set()
}

# What is stated without a bound is told once, by trust/logging.
test_told_once if {
	every stated in [{"driver": "json-file"}, {"driver": "json-file", "options": {"max-file": "3"}}, {"options": {"max-file": "3"}}, {"driver": "syslog"}] {
		paths({"logging": stated}) == set()
		found := logging.violation with input as {"project": {"services": {"a": {"logging": stated}}}}
		count(found) == 1
	}
}

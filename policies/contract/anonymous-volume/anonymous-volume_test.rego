package contract["anonymous-volume_test"]

import data.contract["anonymous-volume"] as rule

paths(volumes) := found if {
	found := {v.path | some v in rule.violation} with input as {"project": {"services": {"a": {"volumes": volumes}}}}
}

test_silent if paths([{"type": "volume", "source": "cache", "target": "/x"}, {"type": "tmpfs", "target": "/y"}]) == set()

test_fires if paths([{"type": "volume", "target": "/x"}, {"type": "volume", "source": ""}]) == {["services", "a", "volumes", 0], ["services", "a", "volumes", 1]}

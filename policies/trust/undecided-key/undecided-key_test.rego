package trust["undecided-key_test"]

import data.trust["undecided-key"] as rule

test_fires_on_a_new_key if {
	{v.path | some v in rule.violation} == {["services", "web", "teleport"]} with input as {"used": {"services.*.image": true, "services.*.teleport": true}, "keys": [
		{"key": "services.*.image", "path": ["services", "web", "image"]},
		{"key": "services.*.teleport", "path": ["services", "web", "teleport"]},
	]}
}

test_silent if {
	rule.violation == set() with input as {"used": {"services": true, "services.*.ports.*.published": true, "volumes.*.driver_opts": true}, "keys": [
		{"key": "services", "path": ["services"]},
		{"key": "services.*.ports.*.published", "path": ["services", "web", "ports", 0, "published"]},
		{"key": "volumes.*.driver_opts", "path": ["volumes", "cache", "driver_opts"]},
	]}
	rule.violation == set() with input as {}
}

test_every_entry_is_a_decision if {
	every entry in data.tables.keys {
		decided(entry)
		object.keys(entry) - {"allow", "rule", "rules", "since"} == set()
		count(object.keys(entry) & {"allow", "rule", "rules"}) == 1
	}
}

decided(entry) if count(entry.allow) > 10

decided(entry) if regex.match(`^(trust|hardware|contract|syntax)/[a-z-]+$`, entry.rule)

decided(entry) if {
	count(entry.rules) > 1
	every rule in entry.rules {
		regex.match(`^(trust|hardware|contract|syntax)/[a-z-]+$`, rule)
	}
}

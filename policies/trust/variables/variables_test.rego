package trust.variables_test

import data.trust.variables as rule

fires(name, operator, key) if {
	path := split(key, ".")
	found := {v.path | some v in rule.violation} with input as {"variables": [{
		"name": name,
		"operator": operator,
		"key": key,
		"path": path,
		"position": "compose.yml:1:1",
	}]}
	found == {path}
}

test_fires_on_other_names if {
	fires("HOME", "", "services.*.environment")
	fires("HF_TOKEN", ":-", "services.*.environment")
	fires("port", "", "services.*.ports")
	fires("KEY", ":?", "services.*.environment")
}

test_fires_in_other_places if {
	fires("PORT", "", "services.*.volumes")
	fires("PORT", "", "services.*.ports.*.target")
	fires("CALLBACK_URL", "", "services.*.ports")
	fires("PORT", ":-", "services.*.ports")
	fires("PORT", "-", "services.*.ports.*.published")
	fires("PORT", ":-", "services.*.command")
	fires("PORT", "", "name")
}

test_fires_on_alternatives if {
	fires("PORT", ":+", "services.*.environment")
	fires("PORT", "+", "services.*.environment")
}

test_fires_on_requiring_what_may_be_absent if {
	fires("SOURCE_ADDRESS", ":?", "services.*.environment")
	fires("PROTOCOL_VERSION", "?", "services.*.environment")
}

test_position_is_kept if {
	{v.position | some v in rule.violation} == {"compose.yml:7:9"} with input as {"variables": [{
		"name": "HOME",
		"operator": "",
		"key": "name",
		"path": ["name"],
		"position": "compose.yml:7:9",
	}]}
}

test_silent if {
	not fires("PORT", "", "services.*.ports")
	not fires("PORT", ":?", "services.*.ports.*.published")
	not fires("CALLBACK_URL", "", "services.*.environment")
	not fires("CALLBACK_URL", "?", "services.*.environment")
	not fires("PROTOCOL_VERSION", ":-", "services.*.environment")
	not fires("SOURCE_ADDRESS", "-", "services.*.post_start.*.environment")
	not fires("PORT", "", "services.*.command")
	not fires("PORT", "", "services.*.healthcheck.test")
	not fires("TAG", "", "services.*.image")
}

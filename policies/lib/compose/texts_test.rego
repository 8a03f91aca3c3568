package lib.texts_test

import data.lib.compose

test_settings_and_hooks if {
	settings := compose.settings with input as {"project": {"services": {"web": {
		"environment": {"A": "$$x", "B": null},
		"post_start": [{"environment": {"C": "c"}}],
	}}}}
	settings == [
		{"path": ["services", "web", "environment", "A"], "service": "web", "name": "A", "value": "$x"},
		{"path": ["services", "web", "post_start", 0, "environment", "C"], "service": "web", "name": "C", "value": "c"},
	]
}

test_commands if {
	commands := compose.commands with input as {"project": {"services": {"web": {
		"entrypoint": ["sh", "-c"],
		"command": ["serve 'a  b'"],
		"healthcheck": {"test": ["CMD", "true"]},
		"pre_stop": [{"command": ["bye"]}],
	}}}}
	[c.path | some c in commands] == [
		["services", "web", "entrypoint"],
		["services", "web", "command"],
		["services", "web", "healthcheck", "test"],
		["services", "web", "pre_stop", 0, "command"],
	]
	commands[1].tokens == ["serve", "a", "b"]
}

test_labels if {
	labels := compose.labels with input as {"project": {
		"services": {"web": {
			"labels": {"a": "1"},
			"deploy": {"labels": {"b": "2"}},
			"build": {"labels": {"c": "3"}},
			"volumes": [{"volume": {"labels": {"d": "4"}}}],
		}},
		"volumes": {"cache": {"labels": {"e": "5"}}},
		"networks": {"default": {"labels": {"f": "6"}}},
	}}
	{l.name: l.path | some l in labels} == {
		"a": ["services", "web", "labels", "a"],
		"b": ["services", "web", "deploy", "labels", "b"],
		"c": ["services", "web", "build", "labels", "c"],
		"d": ["services", "web", "volumes", 0, "volume", "labels", "d"],
		"e": ["volumes", "cache", "labels", "e"],
		"f": ["networks", "default", "labels", "f"],
	}
}

test_haystack_of_nothing if {
	compose.haystack == "" with input as {"project": {"services": {"web": {}}}}
}

test_literal if {
	compose.literal(`{"a": true}`) == {"a": true}
	compose.literal(`{'a': None}`) == {"a": null}
	not compose.literal(`{"a": f()}`)
	not compose.literal(`{"a": 1e999999}`)
}

test_owner if {
	compose.owner(["services", "web", "image"]) == `service "web"`
	compose.owner(["configs", "x"]) == `config "x"`
}

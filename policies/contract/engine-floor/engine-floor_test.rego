package contract["engine-floor_test"]

import data.contract["engine-floor"] as rule

fires(key) if {
	found := {v.path | some v in rule.violation} with input as {"used": {key: true}, "keys": [{"key": key, "path": ["services", "web"]}]}
	found == {["services", "web"]}
}

test_fires_on_newer_keys if {
	fires("services.*.gpus")
	fires("services.*.annotations")
	fires("services.*.healthcheck.start_interval")
	fires("services.*.volumes.*.volume.subpath")
	fires("configs.*.content")
	fires("models")
}

test_message_names_both if {
	{v.message | some v in rule.violation} == {"\"services.*.gpus\" needs Compose 2.30, and providers may have Docker Engine 20.10 and Compose 2.20"} with input as {"used": {"services.*.gpus": true}, "keys": [{"key": "services.*.gpus", "path": ["services", "web", "gpus"]}]}
}

test_fires_on_cdi if {
	{v.path | some v in rule.violation} == {
		["services", "web", "gpus", 0, "driver"],
		["services", "web", "deploy", "resources", "reservations", "devices", 1, "driver"],
		["services", "web", "devices", 0, "source"],
	} with input as {"project": {"services": {"web": {
		"gpus": [{"driver": "CDI"}],
		"deploy": {"resources": {"reservations": {"devices": [{"driver": "nvidia"}, {"driver": "cdi"}]}}},
		"devices": [{"source": "nvidia.com/gpu=all"}, {"source": "/dev/kfd"}, {"source": "./x=y"}],
	}}}}
}

test_silent if {
	not fires("services.*.image")
	not fires("services.*.attach")
	not fires("include")
	not fires("services.*.depends_on.*.required")
	rule.violation == set() with input as {"project": {"services": {"web": {}}}}
}

test_versions_are_numbers if {
	every entry in data.tables.keys {
		every version in object.get(entry, "since", {}) {
			regex.match(`^[0-9]+\.[0-9]+(\.[0-9]+)?$`, version)
		}
		object.keys(object.get(entry, "since", {})) - {"engine", "compose"} == set()
	}
}

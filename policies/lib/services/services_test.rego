package lib.services_test

import data.lib.services

of(all) := {"subject": "compose", "project": {"services": all}}

test_publishers if {
	services.publishers == {"a"} with input as of({"a": {"ports": [{"target": 1}]}, "b": {"ports": []}, "c": {}})
}

test_protocol_ports if {
	ports := [{"target": 5555}, {"target": 80, "published": "${PORT}"}, {"target": 80, "published": "5555"}]
	found := {p.path | some p in services.protocol_ports} with input as of({"a": {"ports": ports}})
	found == {["services", "a", "ports", 0], ["services", "a", "ports", 1]}
}

test_limits_in_every_form if {
	all := {
		"short": {"mem_limit": 5, "cpus": 0.5, "pids_limit": 9},
		"long": {"deploy": {"resources": {"limits": {"memory": 6, "cpus": 2, "pids": 8}}}},
		"both": {"mem_limit": 5, "deploy": {"resources": {"limits": {"memory": 4}}}},
		"quota": {"cpu_quota": 150000, "cpu_period": 50000},
		"none": {"mem_limit": 0, "pids_limit": -1, "cpus": 0, "cpu_quota": 0},
		"over": {"mem_limit": 5, "pids_limit": -1, "cpus": 1, "deploy": {"resources": {"limits": {"memory": -1, "cpus": 0.0000000001, "pids": 4}}}},
		"under": {"pids_limit": 7, "cpu_quota": 999, "deploy": {"resources": {"limits": {"memory": 0, "pids": -1}}}},
		"default": {"cpu_quota": 50000},
		"period": {"cpu_period": 50000},
	}
	services.memory_limit == {"short": 5, "long": 6, "both": 4} with input as of(all)
	services.cpu_limit == {"short": 0.5, "long": 2, "quota": 3, "default": 0.5} with input as of(all)
	services.pids_limit == {"short": 9, "long": 8, "over": 4, "under": 7} with input as of(all)
}

test_scale if {
	services.scale({}) == 1
	services.scale({"scale": 0}) == 0
	services.scale({"deploy": {"replicas": 3}}) == 3
}

test_gpu_services_in_every_form if {
	all := {
		"gpus": {"gpus": [{"count": 1}]},
		"deploy": {"deploy": {"resources": {"reservations": {"devices": [{"driver": "nvidia"}]}}}},
		"runtime": {"runtime": "NVIDIA-cdi"},
		"variable": {"environment": {"NVIDIA_VISIBLE_DEVICES": "all"}},
		"bare": {"environment": {"NVIDIA_VISIBLE_DEVICES": null}},
		"void": {"environment": {"NVIDIA_VISIBLE_DEVICES": "void"}},
		"node": {"devices": [{"source": "/dev/nvidia0"}]},
		"kfd": {"devices": [{"source": "//dev/./kfd"}]},
		"render": {"devices": [{"source": "/dev/dri/renderD128"}]},
		"other": {"devices": [{"source": "/dev/driver"}, {}]},
		"none": {},
	}
	services.gpu_services == {"gpus", "deploy", "runtime", "variable", "bare", "node", "kfd", "render"} with input as of(all)
}

test_one_shots if {
	all := {"a": {"depends_on": {"b": {"condition": "service_completed_successfully"}, "c": {"condition": "service_started"}}}}
	services.one_shots == {"b"} with input as of(all)
}

test_checked if {
	services.checked({"healthcheck": {"test": ["CMD", "true"]}})
	not services.checked({"healthcheck": {"test": ["NONE"]}})
	not services.checked({"healthcheck": {"test": ["CMD", "true"], "disable": true}})
	not services.checked({"healthcheck": {"interval": 5}})
	not services.checked({})
}

test_restart if {
	services.restart({"restart": "on-failure:3"}).policy == "on-failure"
	services.restart({"restart": "no", "deploy": {"restart_policy": {}}}).policy == "always"
	services.restart({"deploy": {"restart_policy": {"condition": "none"}}}).policy == "no"
	not services.restart({})
}

test_image_traits if {
	services.image_traits == {"a": {"gpu": false}} with input.images as {"a": {"registry": "docker.io", "repository": "library/x"}, "b": {"registry": "r", "repository": "x"}}
		with data.tables.image_traits as {"docker.io/library/x": {"gpu": false}}
}

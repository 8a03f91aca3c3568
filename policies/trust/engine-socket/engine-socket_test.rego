package trust["engine-socket_test"]

import data.trust["engine-socket"] as rule

at(project) := {v.path | some v in found} if {
	found := rule.violation with input as {"project": project}
}

mounts(source) if {
	at({"services": {"web": {"volumes": [{"type": "bind", "source": source, "target": "/x"}]}}}) == {["services", "web", "volumes", 0, "source"]}
}

test_sockets if {
	every source in [
		"/var/run/docker.sock",
		"/run/containerd/containerd.sock",
		"/run/crio/crio.sock",
		"/run/podman/podman.sock",
		"/run/buildkit/buildkitd.sock",
		"/srv/elsewhere/docker.sock",
		"../../../run/docker.sock",
		"~/.docker/run/docker.sock",
		`\\.\pipe\docker_engine`,
	] {
		mounts(source)
	}
}

test_directories_above if {
	every source in ["/", "/run", "/var/run", "/var//run/.", "/var", "/run/user/1000", "/var/run/podman", "/var/lib/docker"] {
		mounts(source)
	}
}

test_named_volume_and_secret if {
	at({"volumes": {"v": {"driver_opts": {"device": "/var//run"}}}}) == {["volumes", "v", "driver_opts", "device"]}
	at({"secrets": {"s": {"file": "/run/docker.sock"}}}) == {["secrets", "s", "file"]}
	at({"configs": {"c": {"file": "/run/docker.sock"}}}) == {["configs", "c", "file"]}
}

test_addresses if {
	at({"services": {"web": {"environment": {
		"DOCKER_HOST": "tcp://host.docker.internal:2375",
		"CONTAINER_HOST": "ssh://root@host",
		"OTHER": "unix:///var/run/docker.sock",
		"EMPTY": "",
		"BUILDKIT_HOST": null,
	}}}}) == {
		["services", "web", "environment", "DOCKER_HOST"],
		["services", "web", "environment", "CONTAINER_HOST"],
		["services", "web", "environment", "OTHER"],
	}
	at({"services": {"web": {"command": ["curl", "http://10.0.0.1:2376/info"]}}}) == {["services", "web", "command", 1]}
}

test_silent if {
	at({
		"services": {"web": {
			"volumes": [{"type": "volume", "source": "run", "target": "/run"}, {"type": "tmpfs", "target": "/var/run"}],
			"environment": {"URL": "http://x:23750", "FILE": "docker.socket"},
		}},
		"volumes": {"run": {}},
	}) == set()
}

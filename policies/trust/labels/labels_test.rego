package trust.labels_test

import data.trust.labels as rule

fires(label) if {
	found := {v.path | some v in rule.violation} with input as {"project": {"services": {"web": {"labels": {label: "x"}}}}}
	found == {["services", "web", "labels", label]}
}

test_fires_on_prefixes if {
	every label in [
		"traefik.enable",
		"Traefik.HTTP.routers.x.rule",
		"caddy",
		"caddy_0.reverse_proxy",
		"swag",
		"swag_port",
		"com.centurylinklabs.watchtower.enable",
		"ofelia.job-exec.x.command",
		"autoheal",
		"diun.enable",
		"com.docker.compose.project",
		"io.portainer.accesscontrol.public",
		"co.elastic.logs/enabled",
		"com.datadoghq.ad.checks",
		"io.kubernetes.pod.name",
		"wud.watch",
		"prometheus.io/scrape",
	] {
		fires(label)
	}
}

test_fires_in_every_place if {
	{v.path | some v in rule.violation} == {
		["services", "web", "deploy", "labels", "traefik.enable"],
		["services", "web", "annotations", "run.oci.handler"],
		["services", "web", "environment", "VIRTUAL_HOST"],
		["volumes", "cache", "labels", "docker-volume-backup.exec-pre"],
		["networks", "default", "labels", "com.docker.compose.network"],
	} with input as {"project": {
		"services": {"web": {
			"deploy": {"labels": {"traefik.enable": "true"}},
			"annotations": {"run.oci.handler": "krun", "org.opencontainers.image.title": "x"},
			"environment": {"VIRTUAL_HOST": "x.example"},
		}},
		"volumes": {"cache": {"labels": {"docker-volume-backup.exec-pre": "x"}}},
		"networks": {"default": {"labels": {"com.docker.compose.network": "x"}}},
	}}
}

test_silent if {
	every label in [
		"org.opencontainers.image.title",
		"org.label-schema.name",
		"com.example.purpose",
		"traefiklike",
		"caddying.x",
		"com.dockery.x",
		"maintainer",
		"",
	] {
		not fires(label)
	}
}

test_prefixes_are_short_enough_to_be_found if {
	every prefix, software in object.union(data.tables.labels, data.tables.documentation) {
		is_string(software)
		rule.known(prefix, object.union(data.tables.labels, data.tables.documentation))
	}
}

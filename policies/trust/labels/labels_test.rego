package trust.labels_test

import data.trust.labels as rule

fires(label) if {
	found := {v.path | some v in rule.violation} with input as {"project": {"services": {"web": {"labels": {label: "x"}}}}}
	found == {["services", "web", "labels", label]}
}

message(label) := found if {
	[found] := [v.message | some v in rule.violation] with input as {"project": {"services": {"web": {"labels": {label: "x"}}}}}
}

test_fires_on_what_is_obeyed if {
	every label in [
		"traefik.enable",
		"Traefik.HTTP.routers.x.rule",
		"caddy_0.reverse_proxy",
		"com.centurylinklabs.watchtower.enable",
		"openwatch.enable",
		"socket-proxy.allow.get",
		"org.hotio.pullio.script.update",
		"UFW_MANAGED",
		"com.docker.compose.project",
		"io.portainer.accesscontrol.public",
		"co.elastic.logs/enabled",
		"prometheus.io/scrape",
	] {
		fires(label)
		endswith(message(label), " on the host obeys")
	}
	contains(message("openwatch.pre-update"), "OpenGPU's own updater")
}

# What nobody here has heard of is refused alike.
test_fires_on_what_is_unknown if {
	every label in [
		"com.example.purpose",
		"maintainer",
		"homepage.name",
		"",
		" ",
		"org.opencontainers.image",
		"org.opencontainers.image.",
		"org.opencontainers.image..title",
		"org.opencontainers.image.title ",
		"ORG.opencontainers.image.title",
		"org.opencontainers.images.title",
		"org.opencontainers.image_title",
		"org.opencontainers.image/title",
		"org.opencontainers.image.title=x",
		"org.opencontainers.image.tit\u200ble",
		"org\uff0eopencontainers.image.title",
		"org.opencontainers.runtime.title",
		"org.label-schema",
		"network.opengpu.smoke",
		"network.opengpu.smoke.expires",
		"network.opengpu.templates.x",
	] {
		fires(label)
	}
}

test_fires_in_every_place if {
	{v.path | some v in rule.violation} == {
		["services", "web", "deploy", "labels", "traefik.enable"],
		["services", "web", "build", "labels", "x"],
		["services", "web", "annotations", "run.oci.handler"],
		["services", "web", "volumes", 0, "volume", "labels", "x"],
		["volumes", "cache", "labels", "docker-volume-backup.exec-pre"],
		["networks", "default", "labels", "com.docker.compose.network"],
		["secrets", "key", "labels", "x"],
		["configs", "file", "labels", "x"],
	} with input as {"project": {
		"services": {"web": {
			"deploy": {"labels": {"traefik.enable": "true"}},
			"build": {"labels": {"x": ""}},
			"volumes": [{"volume": {"labels": {"x": ""}}}],
			"annotations": {"run.oci.handler": "krun", "org.opencontainers.image.title": "x"},
		}},
		"volumes": {"cache": {"labels": {"docker-volume-backup.exec-pre": "x"}}},
		"networks": {"default": {"labels": {"com.docker.compose.network": "x"}}},
		"secrets": {"key": {"labels": {"x": "x"}}},
		"configs": {"file": {"labels": {"x": "x"}}},
	}}
}

test_bounds if {
	long := concat("", [x | some _ in numbers.range(1, 1025); x := "a"])
	{v.path | some v in rule.violation} == {["services", "web", "annotations", "org.label-schema.name"]} with input as {"project": {"services": {"web": {"annotations": {
		"org.label-schema.name": long,
		"org.label-schema.version": substring(long, 0, 1024),
	}}}}}
	many := {sprintf("org.label-schema.x%d", [i]): "" | some i in numbers.range(1, 33)}
	{v.path | some v in rule.violation} == {["networks", "n", "labels"]} with input as {"project": {"networks": {
		"n": {"labels": many},
		"m": {"labels": object.remove(many, ["org.label-schema.x1"])},
	}}}
}

test_silent if {
	every label in [
		"org.opencontainers.image.title",
		"org.opencontainers.image.ref.name",
		"org.label-schema.name",
		"org.label-schema.vcs-url",
		"network.opengpu.template.note",
		"network.opengpu.template.model_card",
	] {
		not fires(label)
	}
}

test_prefixes_are_short_enough_to_be_found if {
	table := data.tables.labels
	every prefix, software in object.union(table.obeyed, table.documentation) {
		is_string(software)
		rule.known(prefix, object.union(table.obeyed, table.documentation))
	}
	every prefix, _ in table.documentation {
		rule.documents(concat(".", [prefix, "x"]))
	}
}

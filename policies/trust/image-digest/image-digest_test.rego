package trust["image-digest_test"]

import data.trust["image-digest"] as rule

digest := "sha256:78387bc3881b8273120a12ebe6c1ab22b018ccc2c9adf565ae1ac9b536e184ea"

paths(given) := found if {
	found := {v.path | some v in rule.violation} with input as given
}

test_fires_on_tags_everywhere if {
	paths({
		"project": {"services": {"web": {
			"image": "python:3.12-slim",
			"pre_start": [{"image": "alpine@sha256:abc"}],
			"volumes": [{"type": "image", "source": "alpine:3"}, {"type": "volume", "source": "cache"}],
		}}},
		"images": {"web": {"registry": "docker.io", "repository": "library/python", "tag": "3.12-slim"}},
	}) == {
		["services", "web", "image"],
		["services", "web", "pre_start", 0, "image"],
		["services", "web", "volumes", 0, "source"],
	}
}

test_fires_on_what_cannot_be_read if {
	paths({"project": {"services": {"web": {"image": "Not An Image"}}}}) == {["services", "web", "image"]}
}

test_fires_on_another_record if {
	paths({
		"template": {"manifest": {"unpinned": [{"image": "python:3.12"}]}},
		"project": {"services": {"web": {"image": "python:3.12-slim"}}},
		"images": {"web": {"registry": "docker.io", "repository": "library/python", "tag": "3.12-slim"}},
	}) == {["services", "web", "image"]}
}

test_silent if {
	paths({
		"template": {"manifest": {"unpinned": [{"image": "alpine:3"}]}},
		"project": {"services": {
			"web": {
				"image": concat("@", ["python:3.12-slim", digest]),
				"pre_start": [{"image": concat("@", ["alpine", digest])}, {"command": ["true"]}],
			},
			"other": {"image": "alpine:3"},
			"none": {},
		}},
		"images": {
			"web": {"registry": "docker.io", "repository": "library/python", "digest": digest},
			"other": {"registry": "docker.io", "repository": "library/alpine", "tag": "3"},
		},
	}) == set()
}

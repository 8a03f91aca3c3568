package trust["image-unpinned_test"]

import data.trust["image-unpinned"] as rule

digest := "sha256:78387bc3881b8273120a12ebe6c1ab22b018ccc2c9adf565ae1ac9b536e184ea"

paths(given) := found if {
	found := {v.path | some v in rule.violation} with input as given
}

test_fires_on_a_recorded_image if {
	paths({
		"template": {"manifest": {"unpinned": [{"image": "opengpunetwork/hfr-client:latest"}]}},
		"project": {"services": {"web": {"image": "opengpunetwork/hfr-client:latest"}}},
		"images": {"web": {"registry": "docker.io", "repository": "opengpunetwork/hfr-client", "tag": "latest"}},
	}) == {["services", "web", "image"]}
}

test_silent if {
	pinned := concat("@", ["python:3.12-slim", digest])
	paths({
		"template": {"manifest": {"unpinned": [{"image": pinned}]}},
		"project": {"services": {"web": {"image": pinned}, "other": {"image": "alpine:3"}}},
		"images": {
			"web": {"registry": "docker.io", "repository": "library/python", "digest": digest},
			"other": {"registry": "docker.io", "repository": "library/alpine", "tag": "3"},
		},
	}) == set()
	paths({"project": {"services": {"web": {"image": "alpine:3"}}}}) == set()
}

package lib.images_test

import data.lib.images

digest := "sha256:78387bc3881b8273120a12ebe6c1ab22b018ccc2c9adf565ae1ac9b536e184ea"

test_parse if {
	every pair in [
		["alpine", "docker.io/library/alpine"],
		["alpine:3", "docker.io/library/alpine"],
		["docker.io/alpine:3", "docker.io/library/alpine"],
		["index.docker.io/a/b", "docker.io/a/b"],
		["a/b:1", "docker.io/a/b"],
		["localhost/a", "localhost/a"],
		["host:5000/a", "host:5000/a"],
		["ghcr.io/a/b/c:1", "ghcr.io/a/b/c"],
	] {
		images.parse(pair[0]) == {"name": pair[1], "digest": ""}
	}
	images.parse(concat("@", ["alpine:3", digest])) == {"name": "docker.io/library/alpine", "digest": digest}
	images.parse("alpine@sha256:abc").digest == ""
	images.parse(concat("@", ["alpine", digest, "x"])).digest == ""
	images.parse("") == {"name": "docker.io/library/", "digest": ""}
}

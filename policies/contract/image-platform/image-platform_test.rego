package contract["image-platform_test"]

import data.contract["image-platform"] as rule

fires(service) if {
	found := {v.path | some v in rule.violation} with input as {"project": {"services": {"a": service}}}
	found == {["services", "a", "platform"]}
}

test_silent if {
	not fires({})
	not fires({"platform": "linux/amd64"})
	not fires({"platform": "Linux/x86_64"})
}

test_fires if {
	fires({"platform": "linux/arm64"})
	fires({"platform": "windows/amd64"})
	fires({"platform": "linux/amd64/v4"})
}

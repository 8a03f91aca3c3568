package trust.models_test

import data.trust.models as rule

at(project) := {v.path | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": project}
}

test_fires if {
	at({"models": {"llm": {"model": "ai/smollm2"}}}) == {["models", "llm"]}
	at({"services": {"web": {"models": {"llm": {}}}}}) == {["services", "web", "models"]}
}

test_silent if at({"models": {}, "services": {"web": {"image": "x"}}}) == set()

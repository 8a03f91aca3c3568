package trust.scheduling_test

import data.trust.scheduling as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

test_fires if {
	at({"cpu_rt_period": "1ms", "cpu_rt_runtime": 950000}) == {["cpu_rt_period"], ["cpu_rt_runtime"]}
	at({"cpuset": "0-3"}) == {["cpuset"]}
	at({"storage_opt": {"size": "1T"}}) == {["storage_opt"]}
	at({"cpu_shares": 2048}) == {["cpu_shares"]}
	at({"blkio_config": {"weight": 1000}}) == {["blkio_config", "weight"]}
}

test_limits if {
	at({"ulimits": {"rtprio": {"soft": 0, "hard": 99}}}) == {["ulimits", "rtprio"]}
	at({"ulimits": {"nice": {"soft": -1, "hard": -1}}}) == {["ulimits", "nice"]}
	at({"ulimits": {"memlock": {"soft": -1, "hard": -1}}}) == {["ulimits", "memlock"]}
}

test_silent if {
	at({"cpu_rt_period": 0, "cpu_rt_runtime": "0", "cpuset": ""}) == set()
	at({"cpu_shares": 512, "blkio_config": {"weight": "100"}}) == set()
	at({"blkio_config": {"weight": "many"}}) == set()
	at({"blkio_config": "nonsense"}) == set()
	at({"ulimits": {"memlock": {"soft": -1, "hard": -1}, "nofile": {"soft": 1, "hard": 2}}, "mem_limit": 1024}) == set()
	at({"ulimits": {"memlock": {"soft": -1, "hard": -1}}, "deploy": {"resources": {"limits": {"memory": 1024}}}}) == set()
	at({"ulimits": {"rtprio": {"soft": 0, "hard": 0}}}) == set()
}

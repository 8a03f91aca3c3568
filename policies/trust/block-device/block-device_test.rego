package trust["block-device_test"]

import data.trust["block-device"] as rule

test_fires if {
	{v.message | some v in rule.violation} == {
		`service "web" sets device_read_bps for "/dev/sda", a device of the host`,
		`service "web" sets weight_device for "/dev/sdb", a device of the host`,
	} with input as {"project": {"services": {"web": {"blkio_config": {
		"weight": 300,
		"device_read_bps": [{"path": "/dev/sda", "rate": 100}],
		"weight_device": [{"path": "/dev/sdb", "weight": 900}],
	}}}}}
}

test_silent if {
	rule.violation == set() with input as {"project": {"services": {"web": {"blkio_config": {"weight": 300}}, "other": {}}}}
}

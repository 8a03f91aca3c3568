package publish

import "testing"

func TestShow(t *testing.T) {
	for _, c := range []struct{ field, value, want string }{
		{"minPayment", "1000000000000000", "0.001 OGPU (1000000000000000 wei)"},
		{"minPayment", "1", "0.000000000000000001 OGPU (1 wei)"},
		{"minAvailableLockup", "0", "0 OGPU"},
		{"minAvailableLockup", "much", "much"},
		{"maxExpiryDuration", "59", "59 s"},
		{"maxExpiryDuration", "60", "60 s (1m)"},
		{"maxExpiryDuration", "86400", "86400 s (24h)"},
		{"maxExpiryDuration", "9300000000", "9300000000 s"},
		{"maxExpiryDuration", "115792089237316195423570985008687907853269984665640564039457584007913129639935", "115792089237316195423570985008687907853269984665640564039457584007913129639935 s"},
		{"imageEnvironments", "7", "cpu nvidia amd"},
		{"imageEnvironments", "9", "cpu and 8"},
		{"imageEnvironments", "cpu", "cpu"},
		{"deliveryMethod", "0", "MANUAL_CONFIRMATION"},
		{"deliveryMethod", "1", "FIRST_RESPONSE"},
		{"deliveryMethod", "2", "2"},
		{"hardware of cpu", `{"ram":268435456,"cpus":1}`, "256MiB RAM, 1 CPU"},
		{"hardware of nvidia", `{"vram":8589934592,"cpus":0.5,"computeCapability":"8.0","driver":"535"}`, "8GiB VRAM, 0.5 CPUs, compute capability 8.0, driver 535"},
		{"hardware of amd", `{"gfx":["gfx90a","gfx942"]}`, "gfx90a gfx942"},
		{"hardware of cpu", "{", "{"},
		{"description", "1", "1"},
	} {
		if got := Show(c.field, c.value); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.field, c.value, got, c.want)
		}
	}
}

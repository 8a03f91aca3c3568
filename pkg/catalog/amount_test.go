package catalog

import (
	"math/big"
	"strings"
	"testing"
)

func TestParseAmount(t *testing.T) {
	for in, want := range map[string]struct{ wei, text string }{
		"0":                      {"0", "0"},
		"1":                      {"1000000000000000000", "1"},
		"0.001":                  {"1000000000000000", "0.001"},
		"0.1":                    {"100000000000000000", "0.1"},
		"0.3":                    {"300000000000000000", "0.3"},
		"10.50":                  {"10500000000000000000", "10.5"},
		"0.000000000000000001":   {"1", "0.000000000000000001"},
		"123.456789012345678901": {"123456789012345678901", "123.456789012345678901"},
	} {
		got, err := ParseAmount(in)
		if err != nil || got.Wei().String() != want.wei || got.String() != want.text {
			t.Errorf("ParseAmount(%q) = %s wei, %s, %v; want %s wei, %s", in, got.Wei(), got, err, want.wei, want.text)
		}
	}
	most := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 256), big.NewInt(1))
	if a, err := ParseAmount((Amount{wei: most}).String()); err != nil || a.Wei().Cmp(most) != 0 {
		t.Errorf("the largest amount reads as %s, %v", a.Wei(), err)
	}
	more := Amount{wei: new(big.Int).Add(most, big.NewInt(1))}
	for _, in := range []string{
		"", " 1", "1 ", "+1", "-1", "1.", ".5", "01", "1e18", "0x10", "1_000", "1,5", "inf", "nan", "١",
		"0.0000000000000000001", more.String(), strings.Repeat("9", 1000),
	} {
		if got, err := ParseAmount(in); err == nil {
			t.Errorf("ParseAmount(%q) = %s, want an error", in, got)
		}
	}
}

func TestAmountIsNotShared(t *testing.T) {
	a, err := ParseAmount("1")
	if err != nil {
		t.Fatal(err)
	}
	a.Wei().SetInt64(5)
	if a.String() != "1" {
		t.Errorf("a caller changed the amount to %s", a)
	}
	if zero := (Amount{}); zero.Given() || zero.String() != "0" {
		t.Errorf("the zero amount is %s, given %t", zero, zero.Given())
	}
}

func TestParseSize(t *testing.T) {
	for in, want := range map[string]Size{"1MiB": MiB, "16GiB": 16 * GiB, "1024MiB": GiB, "2TiB": 2 * TiB} {
		got, err := ParseSize(in)
		if err != nil || got != want {
			t.Errorf("ParseSize(%q) = %d, %v; want %d", in, got, err, want)
		}
		if again, err := ParseSize(got.String()); err != nil || again != got {
			t.Errorf("%s does not read back: %d, %v", got, again, err)
		}
	}
	for _, in := range []string{"", "0GiB", "16", "16GB", "16 GiB", "16gib", "1.5GiB", "-1GiB", "9999999TiB", "99999999999999999999MiB"} {
		if got, err := ParseSize(in); err == nil {
			t.Errorf("ParseSize(%q) = %d, want an error", in, got)
		}
	}
}

func TestEnvironments(t *testing.T) {
	for i, e := range AllEnvironments() {
		if got, err := ParseEnvironment(EnvironmentNames()[i]); err != nil || got != e {
			t.Errorf("%s reads as %s, %v", EnvironmentNames()[i], got, err)
		}
	}
	if got := Bits(AllEnvironments()); got != 7 {
		t.Errorf("all environments are %d", got)
	}
	if _, err := ParseEnvironment("nvida"); err == nil || !strings.Contains(err.Error(), `did you mean "nvidia"`) {
		t.Errorf("nvida: %v", err)
	}
	for _, m := range []DeliveryMethod{ManualConfirmation, FirstResponse} {
		if got, err := ParseDeliveryMethod(m.String()); err != nil || got != m {
			t.Errorf("%s reads as %s, %v", m, got, err)
		}
	}
}

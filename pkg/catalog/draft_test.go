package catalog

import (
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAmountOfWei(t *testing.T) {
	most := new(big.Int).Lsh(big.NewInt(1), maxAmountBits)
	for wei, want := range map[string]string{
		"0": "0", "1": "0.000000000000000001", "1000000000000000": "0.001", "1000000000000000000": "1", "1500000000000000000": "1.5",
		new(big.Int).Sub(most, big.NewInt(1)).String(): "115792089237316195423570985008687907853269984665640564039457.584007913129639935",
	} {
		n, _ := new(big.Int).SetString(wei, 10)
		amount, err := AmountOfWei(n)
		if err != nil || !amount.Given() || amount.String() != want || amount.Wei().Cmp(n) != 0 {
			t.Errorf("%s: %s, %v", wei, amount, err)
		}
		n.SetInt64(7)
		if amount.String() != want {
			t.Errorf("%s is not the amount's own", wei)
		}
	}
	for _, n := range []*big.Int{big.NewInt(-1), most} {
		if amount, err := AmountOfWei(n); err == nil {
			t.Errorf("%s is taken for %s", n, amount)
		}
	}
}

func TestDraft(t *testing.T) {
	method := FirstResponse
	amount, err := ParseAmount("0.25")
	if err != nil {
		t.Fatal(err)
	}
	opts := ScaffoldOptions{
		Name: "drafted", Environments: []Environment{CPU, NVIDIA},
		Draft: &Draft{
			Title: `a: "b" [[.Name]] #`, Description: "- one\\two 'three' {{.}}", MinPayment: amount, DeliveryMethod: &method, VRAM: 3 * GiB,
			Images: map[Environment]string{CPU: "acme/a:1"}, Unpinned: []Unpinned{{"acme/a:1", "Nobody knows it yet."}},
		},
		Files: map[string][]byte{"compose/nvidia.yml": []byte("services: {}\n"), "logo.svg": nil},
	}
	dir := filepath.Join(t.TempDir(), "drafted")
	if err := Scaffold(dir, opts); err != nil {
		t.Fatal(err)
	}
	template, problems, err := Open(dir, dir)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	defer template.Close()
	m := template.Manifest
	if m.Title != opts.Draft.Title || m.Description != opts.Draft.Description || m.Logo != "" || m.Terms.MinPayment.String() != "0.25" ||
		m.Terms.DeliveryMethod != FirstResponse || m.Environments.NVIDIA.Hardware.VRAM != 3*GiB || len(m.Unpinned) != 1 || len(m.Parameters) != 0 {
		t.Errorf("%+v", m)
	}
	for name, want := range map[string]string{"compose/cpu.yml": `image: "acme/a:1"`, "compose/nvidia.yml": "services: {}\n"} {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
	}
	if _, err := os.Lstat(filepath.Join(dir, "logo.svg")); err == nil {
		t.Error("a file that was left out is there")
	}
	for _, bad := range []ScaffoldOptions{
		{Draft: &Draft{Title: "two\nlines"}}, {Draft: &Draft{Description: "a\u2028b"}}, {Draft: &Draft{Images: map[Environment]string{CPU: "a\nb"}}},
		{Files: map[string][]byte{"../outside": []byte("x")}}, {Files: map[string][]byte{"/outside": []byte("x")}},
	} {
		bad.Name, bad.Environments = "bad", []Environment{CPU}
		if err := Scaffold(filepath.Join(t.TempDir(), "bad"), bad); err == nil {
			t.Errorf("%+v is written", bad)
		}
	}
}

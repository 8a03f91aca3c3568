package bump

import (
	"strings"
	"testing"

	"github.com/opengpu-network/templates/pkg/catalog"
)

func TestNext(t *testing.T) {
	for _, c := range []struct{ base, patch, minor, major string }{
		{"1.2.3", "1.2.4", "1.3.0", "2.0.0"},
		{"1.2.3+build", "1.2.4", "1.3.0", "2.0.0"},
		{"0.2.3", "0.2.4", "0.2.4", "0.3.0"},
		{"0.0.3", "0.0.4", "0.0.4", "0.1.0"},
		{"2.0.0-rc.1", "2.0.0", "2.0.0", "2.0.0"},
		{"1.3.0-rc.1", "1.3.0", "1.3.0", "2.0.0"},
		{"1.2.1-rc.1", "1.2.1", "1.3.0", "2.0.0"},
		{"0.3.0-rc.1", "0.3.0", "0.3.0", "0.3.0"},
		{"0.3.1-rc.1", "0.3.1", "0.3.1", "0.4.0"},
	} {
		base, err := catalog.ParseVersion(c.base)
		if err != nil {
			t.Fatal(err)
		}
		for level, want := range map[Level]string{Patch: c.patch, Minor: c.minor, Major: c.major} {
			next := Next(base, level)
			if next.String() != want {
				t.Errorf("%s, %s: %s, want %s", c.base, level, next, want)
			}
			if !next.GreaterThan(base) || !Enough(base, next, level) {
				t.Errorf("%s, %s: %s is not enough", c.base, level, next)
			}
		}
	}
}

func TestProblems(t *testing.T) {
	patch := []Change{{readme, Patch, "the README is another"}}
	minor := append([]Change{{functionAdded, Minor, "the function \"a\" is new"}}, patch...)
	major := append([]Change{{expiry, Major, "one"}, {expiry, Major, "two"}}, minor...)
	var many []Change
	for range maxTold + 5 {
		many = append(many, major[0])
	}
	for _, c := range []struct {
		base, head string
		changes    []Change
		want       string
	}{
		{"1.2.3", "1.2.3", nil, ""},
		{"1.2.3", "1.2.4", nil, ""},
		{"1.2.3", "1.2.2", nil, "version/lower: the version is 1.2.2, and 1.2.3 on the base is higher, although nothing has changed that asks for another: write 1.2.3"},
		{"1.2.3+a", "1.2.3+b", nil, "version/lower: the version is 1.2.3+b, which is no higher than 1.2.3+a on the base, although nothing has changed that asks for another: write 1.2.3+a"},
		{"1.2.3", "1.2.3", patch, "version/patch: the README is another; that asks for a patch version: 1.2.3 → 1.2.4"},
		{"1.2.3", "1.2.3+more", patch, "version/patch: the README is another; that asks for a patch version: 1.2.3 → 1.2.4"},
		{"1.2.3", "1.2.4-rc.1", patch, ""},
		{"1.2.3", "1.2.4", patch, ""},
		{"1.2.3", "1.2.4", minor, "version/minor: the function \"a\" is new; that asks for a minor version: 1.2.3 → 1.3.0"},
		{"1.2.3", "1.3.0", minor, ""},
		{"1.2.3", "1.9.9", major, "version/major: one; that asks for a major version: 1.2.3 → 2.0.0|version/major: two; that asks for a major version: 1.2.3 → 2.0.0"},
		{"1.2.3", "2.0.0-alpha", major, ""},
		{"1.2.3", "3.0.0", major, ""},
		{"1.2.3", "1.0.0", major, "version/lower: the version is 1.0.0, and 1.2.3 on the base is higher: write 2.0.0 (one)"},
		{"0.2.3", "0.2.4", major, "version/major: one; that asks for a major version: 0.2.3 → 0.3.0|version/major: two; that asks for a major version: 0.2.3 → 0.3.0"},
		{"0.2.3", "0.3.0", major, ""},
		{"0.2.3", "1.0.0", patch, ""},
		{"2.0.0-rc.1", "2.0.0-rc.2", major, ""},
		{"2.0.0-rc.2", "2.0.0-rc.1", major, "version/lower: the version is 2.0.0-rc.1, and 2.0.0-rc.2 on the base is higher: write 2.0.0 (one)"},
		{"1.2.1-rc.1", "1.2.1", minor, "version/minor: the function \"a\" is new; that asks for a minor version: 1.2.1-rc.1 → 1.3.0"},
		{"one", "0.0.1", major, ""},
		{"1.2.3", "two", patch, "version/compare: the version cannot be read, and has to be higher than 1.2.3 on the base"},
	} {
		var got []string
		for _, p := range Problems(c.base, c.head, c.changes) {
			got = append(got, p.Rule+": "+p.Message)
		}
		if strings.Join(got, "|") != c.want {
			t.Errorf("%s → %s:\n%s\nwant\n%s", c.base, c.head, strings.Join(got, "|"), c.want)
		}
	}
	if got := Problems("1.0.0", "1.0.0", many); len(got) != maxTold+1 || !strings.HasPrefix(got[maxTold].Message, "5 more changes") {
		t.Errorf("%+v", got)
	}
}

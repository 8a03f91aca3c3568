package document

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opengpu-network/templates/pkg/finding"
)

func summary(problems []finding.Finding) string {
	var lines []string
	for _, p := range problems {
		lines = append(lines, fmt.Sprintf("%d:%d %s %s", p.Line, p.Column, p.Rule, p.Message))
	}
	return strings.Join(lines, "\n")
}

func TestParseProblems(t *testing.T) {
	bomb := "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
	for i := range 6 {
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i), 10), ","))
	}
	for name, c := range map[string]struct{ in, want string }{
		"good":           {"a: 1\n", ""},
		"byte order":     {"\uFEFFa: 1\n", ""},
		"empty":          {"", "1:1 syntax/yaml is empty"},
		"comment":        {"# nothing\n", "1:1 syntax/yaml is empty"},
		"null":           {"~\n", "1:1 syntax/yaml is empty"},
		"list":           {"- a\n", "1:1 syntax/yaml must be a mapping at its top level"},
		"flow":           {"a: [1,2\nb: 3\n", "2:2 syntax/yaml cannot be parsed: did not find expected ',' or ']'"},
		"tab":            {"a:\n\t- b\n", "2:1 syntax/yaml cannot be parsed: found character that cannot start any token"},
		"nested":         {"ü: b: c\n", "1:5 syntax/yaml cannot be parsed: mapping values are not allowed in this context"},
		"unknown anchor": {"a: *x\n", "1:4 syntax/yaml cannot be parsed: unknown anchor 'x' referenced"},
		"control":        {"é: \"ü\x01\"\n", "1:6 syntax/yaml cannot be parsed: control characters are not allowed\n1:6 syntax/hidden-character holds U+0001, a control character"},
		"utf8":           {"a: 1\nb: é\xff\n", "2:5 syntax/yaml is not valid UTF-8"},
		"documents":      {"a: 1\n---\nb: 2\n", "3:1 syntax/yaml holds several documents: only the first is read"},
		"duplicate":      {"a: 1\nb: 2\na: 3\n", "3:1 syntax/duplicate-key key \"a\" is already given on line 1"},
		"both":           {"a: {x: 1, x: 2}\na: {y: 1, y: 2}\n", "1:11 syntax/duplicate-key key \"x\" is already given on line 1\n2:1 syntax/duplicate-key key \"a\" is already given on line 1\n2:11 syntax/duplicate-key key \"y\" is already given on line 2"},
		"number key":     {"a: 1\n2: x\n", "2:1 syntax/yaml has a key that is not a string: quote it"},
		"complex key":    {"? [a]\n: 1\n", "1:3 syntax/yaml has a key that is not a string: quote it"},
		"tag":            {"a: !run x\n", "1:4 syntax/yaml has the tag \"!run\", which is not for a template"},
		"reset":          {"a: !reset x\nb: !override {c: !!binary eA==}\n", "1:4 syntax/yaml has the tag \"!reset\", which is not for a template\n2:4 syntax/yaml has the tag \"!override\", which is not for a template\n2:18 syntax/yaml has the tag \"!!binary\", which is not for a template"},
		"uri tag":        {"a: !<tag:example.com,2020:x> y\n", "1:4 syntax/yaml has the tag \"tag:example.com,2020:x\", which is not for a template"},
		"merge tag":      {"!!merge a: {b: c}\n", "1:1 syntax/yaml has a key with a tag"},
		"line separator": {"# note\u2028a: 1\n", "1:7 syntax/hidden-character holds U+2028, a line break that editors do not show"},
		"windows lines":  {"a: 1\r\nb: 2\r\n", ""},
		"merge":          {"a:\n  <<: 3\n", "2:7 syntax/yaml `<<` takes a mapping, an alias of one, or a list of these"},
		"self alias":     {"a: &x [*x]\n", "1:4 syntax/yaml has an alias that contains itself"},
		"bomb":           {bomb, "1:1 syntax/limits holds more than 10000 nodes once its aliases are expanded"},
		"text bomb":      {"a: &a " + strings.Repeat("x", 2000) + "\nb: [" + strings.Repeat("*a, ", 1000) + "*a]\n", "1:1 syntax/limits holds more than 1048576 bytes once its aliases are expanded"},
		"deep":           {strings.Repeat("{a: ", 200) + "1" + strings.Repeat("}", 200), "1:254 syntax/limits nests deeper than 64 levels"},
		"large":          {"a: " + strings.Repeat("x", MaxBytes), "1:1 syntax/limits is larger than 262144 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := Parse("f.yml", []byte(c.in))
			if got := summary(problems); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestLocate(t *testing.T) {
	d, problems := Parse("f.yml", []byte(`x-base: &base
  image: "a\"b" # comment
  environment:
    - KEY=value
    - OTHER
services:
  web:
    <<: *base
    ports: ["80:80", '1:2']
    empty:
    list:
      - é: 1
        name: x
`))
	if problems != nil {
		t.Fatal(problems)
	}
	for _, c := range []struct {
		path []any
		want string
	}{
		{[]any{"services", "web", "image"}, "2:10-16"},
		{[]any{"services", "web", "environment", "KEY"}, "4:7-16"},
		{[]any{"services", "web", "environment", "OTHER"}, "5:7-12"},
		{[]any{"services", "web", "environment", "NONE"}, "3:3-14"},
		{[]any{"services", "web", "ports", 1, "target"}, "9:22-27"},
		{[]any{"services", "web", "ports"}, "9:5-10"},
		{[]any{"services", "web", "privileged"}, "7:3-6"},
		{[]any{"services", "web", "empty", "deep"}, "10:5-10"},
		{[]any{"services", "web", "list", 0, "name"}, "13:15-16"},
		{[]any{"services", "web", "list", 0, "gone"}, "12:9-13"},
		{[]any{"services", "nobody"}, "6:1-9"},
		{[]any{"volumes"}, "1:1-0"},
	} {
		p := d.Locate(c.path)
		if got := fmt.Sprintf("%d:%d-%d", p.Line, p.Column, p.EndColumn); got != c.want {
			t.Errorf("%v is at %s, want %s", c.path, got, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("a: &x {b: [1, *x]}\n<<: {c: d}\n"))
	f.Add([]byte("a: !!binary x\n? a\n: - b\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, problems := Parse("f.yml", data)
		if d == nil && len(problems) == 0 {
			t.Fatal("neither a document nor a problem")
		}
		for _, p := range problems {
			if p.Line < 0 || p.Column < 0 || p.Message == "" || p.Rule == "" {
				t.Fatalf("bad finding %+v", p)
			}
		}
		if d != nil {
			d.Value()
			d.Locate([]any{"a", "b", 0})
		}
	})
}

package importer

import (
	"encoding/json"
	"fmt"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/quick"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/plaintext"
)

func TestSuggestName(t *testing.T) {
	for text, want := range map[string]string{
		"OpenChat - text2image":   "openchat-text2image",
		"  My  LLM\tModel v1.0 ":  "my-llm-model-v1-0",
		"Übersetzer: Größe":       "ubersetzer-gro-e",
		"Nicolas' model":          "nicolas-model",
		"../../etc/passwd":        "etc-passwd",
		"模型":                      "",
		"a":                       "",
		"":                        "",
		strings.Repeat("ab ", 40): strings.TrimSuffix(strings.Repeat("ab-", 20), "-"),
		strings.Repeat("x", 99):   strings.Repeat("x", 60),
	} {
		got := SuggestName(text)
		if got != want || got != "" && catalog.CheckName(got) != nil {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]bool{"abc": true, " a b ": true, "ab": false, "a\x00bc": false, strings.Repeat("é", 60): true, strings.Repeat("é", 61): false} {
		if _, err := CheckTitle(text); (err == nil) != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestLinks(t *testing.T) {
	hash := strings.Repeat("0123456789", 4)
	for text, want := range map[string]struct{ page, moving string }{
		"https://raw.githubusercontent.com/o/r/refs/heads/main/a.yml":       {"", "main"},
		"https://raw.githubusercontent.com/o/r/dev/a.yml":                   {"", "dev"},
		"https://raw.githubusercontent.com/o/r/" + hash + "/main/a.yml":     {"", ""},
		"https://raw.githubusercontent.com/o/r/" + hash[:12] + "/a.yml":     {"", hash[:12]},
		"https://github.com/o/r/raw/v1.0/a.yml":                             {"", "v1.0"},
		"https://github.com/o/r/blob/main/a%20b.yml":                        {"https://raw.githubusercontent.com/o/r/main/a%20b.yml", ""},
		"https://www.github.com/o/r/blob/refs/heads/x/a.yml":                {"https://raw.githubusercontent.com/o/r/refs/heads/x/a.yml", ""},
		"https://gitlab.com/g/s/r/-/raw/main/a.yml":                         {"", "main"},
		"https://gitlab.com/g/s/r/-/blob/main/a.yml":                        {"https://gitlab.com/g/s/r/-/raw/main/a.yml", ""},
		"https://huggingface.co/o/r/resolve/main/a.yml":                     {"", "main"},
		"https://huggingface.co/o/r/blob/main/a.yml":                        {"https://huggingface.co/o/r/resolve/main/a.yml", ""},
		"https://cipfs.ogpuscan.io/ipfs/QmNWFLL13ujf3KUTJvfNx42bA5fWDV96qq": {"", ""},
		"https://example.com/":                                              {"", ""},
		"https://example.com":                                               {"", ""},
		"https://raw.githubusercontent.com/":                                {"", ""},
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		got := page(u)
		if (got == "") != (want.page == "") || !strings.Contains(got, want.page) {
			t.Errorf("%s is the page of %q, not %q", text, got, want.page)
		}
		if got := moving(u); want.page == "" && got != want.moving {
			t.Errorf("%s moves with %q, not %q", text, got, want.moving)
		}
	}
}

// Every amount arrives to the last wei, in whatever unit and form it is written.
func TestAmountsAreExact(t *testing.T) {
	exact := func(high, low uint64, shift uint8) bool {
		amount := new(big.Int).SetUint64(high)
		amount.Lsh(amount, 64).Or(amount, new(big.Int).SetUint64(low)).Rsh(amount, uint(shift)%128)
		digits := fmt.Sprintf("%019s", amount.String())
		written := digits[:len(digits)-18] + "." + digits[len(digits)-18:]
		if whole := strings.TrimLeft(written[:len(written)-19], "0"); whole == "" {
			written = "0" + written[len(written)-19:]
		}
		for form, text := range map[string]string{
			"number": fmt.Sprintf(`"minPayment": %s`, amount), "text": fmt.Sprintf(`"min_payment": "%s"`, amount),
			"hexadecimal": fmt.Sprintf(`"minPayment": "0x%x"`, amount), "OGPU": fmt.Sprintf(`"constraints": {"min_payment": %s}`, written),
			"exponent": fmt.Sprintf(`"constraints": {"min_payment": %se-18}`, amount),
		} {
			config, err := Parse([]byte(`{"cpu": "cpu.yml", ` + text + `}`))
			if err != nil || config.MinPayment.Wei().Cmp(amount) != 0 {
				t.Errorf("%s: %s wei as %s becomes %+v: %v", form, amount, text, config, err)
				return false
			}
			again, err := catalog.ParseAmount(config.MinPayment.String())
			if err != nil || again.Wei().Cmp(amount) != 0 {
				t.Errorf("%s wei are written as %s", amount, config.MinPayment)
				return false
			}
		}
		return true
	}
	if err := quick.Check(exact, nil); err != nil {
		t.Error(err)
	}
}

func TestNumbersAreBounded(t *testing.T) {
	for _, text := range []string{`1e101`, `1e-101`, `1e999999999999`, `"1e999999999"`, `"0x"`, `"0x1 "`, `"1_000"`, `" 1"`, `"+1"`, `"Inf"`, `"NaN"`, `"1/3"`, `""`, `true`, `[1]`, `{}`, `-1`, `"-0x1"`, strings.Repeat("9", 500)} {
		if _, err := Parse([]byte(`{"cpu": "cpu.yml", "minPayment": ` + text + `}`)); err == nil {
			t.Errorf("%s is taken for an amount", text)
		}
	}
}

func TestLimits(t *testing.T) {
	if _, err := Parse([]byte(`{"name": "` + strings.Repeat("x", MaxBytes) + `"}`)); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Error(err)
	}
	var many strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&many, `"key%d": 1, "imageEnvs%d": [], `, i, i)
	}
	config, err := Parse([]byte(`{` + many.String() + `"cpu": "cpu.yml", "name": "` + strings.Repeat("long ", 1000) + `"}`))
	if err != nil || len(config.Notes) > maxNotes+1 {
		t.Fatalf("%v %d notes", err, len(config.Notes))
	}
	imported, err := Gatherer{Offline: true}.Gather(t.Context(), config)
	if err != nil || len([]rune(imported.Name)) > maxTitle || !strings.HasSuffix(imported.Name, "…") {
		t.Errorf("%v %+v", err, imported)
	}
	// Windows' editors begin files with a mark.
	if _, err := Parse([]byte("\xef\xbb\xbf{\"cpu\": \"cpu.yml\"}")); err != nil {
		t.Error(err)
	}
}

// FuzzParse reads anything. What it takes has texts that can be shown, and becomes a
// template whose manifest fits its schema.
func FuzzParse(f *testing.F) {
	cases, err := filepath.Glob("../../testdata/import/*/in.json")
	if err != nil || len(cases) == 0 {
		f.Fatal("there are no cases", err)
	}
	for _, name := range cases {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		config, err := Parse(data)
		if err != nil {
			if config != nil || err.Error() == "" {
				t.Fatalf("%v, %v", config, err)
			}
			return
		}
		for _, text := range []string{config.Name, config.Description, config.Logo.Where, config.Metadata.Where} {
			if plaintext.Check(text, plaintext.Line) != nil {
				t.Fatalf("%q holds what is not seen", text)
			}
		}
		imported, err := Gatherer{Offline: true}.Gather(t.Context(), config)
		if err != nil {
			return
		}
		dir := filepath.Join(t.TempDir(), "fuzz")
		if err := imported.Write(dir, "fuzz"); err != nil {
			t.Fatal(err)
		}
		template, problems, err := catalog.Open(dir, dir)
		if err != nil || len(problems) > 0 {
			text, _ := os.ReadFile(filepath.Join(dir, catalog.ManifestFile))
			t.Fatalf("%v %v\n%s", err, problems, text)
		}
		defer template.Close()
		m := template.Manifest
		if config.MinPayment.Given() && m.Terms.MinPayment.Wei().Cmp(config.MinPayment.Wei()) != 0 || config.Name != "" && imported.Name != "" && m.Title != imported.Name {
			said, _ := json.Marshal(m)
			t.Fatalf("%+v became %s", config, said)
		}
	})
}

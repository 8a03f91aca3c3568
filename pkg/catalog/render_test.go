package catalog

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// renderManifest sets places of every kind.
func renderManifest() *Manifest {
	text := func(service, variable, key string) Parameter {
		return Parameter{Type: StringType, Targets: []Target{{Service: service, Variable: variable, Key: key}}}
	}
	number := text("handler", "ARGS", "temperature")
	number.Type = NumberType
	integer := text("handler", "ARGS", "top k")
	integer.Type = IntegerType
	boolean := text("handler", "FLAG", "")
	boolean.Type = BooleanType
	return &Manifest{
		Name:         "sample",
		Environments: Environments{CPU: &EnvironmentSpec{}},
		Parameters: map[string]Parameter{
			"text": text("handler", "TEXT", ""), "model": text("handler", "ARGS", "model"), "new": text("handler", "ARGS", "new"),
			"temperature": number, "top-k": integer, "flag": boolean,
			"listed": text("side", "TEXT", ""), "listed-model": text("side", "ARGS", "model"),
		},
	}
}

const renderCompose = `# A comment that stays.
services:
  handler:
    image: example.org/image:1   # this one too
    environment:
      TEXT: "x"
      ARGS: '{"task": "é", "model": "m", "temperature": 0.5, "top k": 3, "device": -1}'
      FLAG: "false"
      OTHER: "$$HOME and ${PORT}"
  side:
    image: example.org/image:1
    environment:
      - TEXT=x
      - 'ARGS={"model": "m"}'
`

// loadEnvironment reads what Compose would hand to a service.
func loadEnvironment(t testing.TB, text []byte, service string) map[string]string {
	t.Helper()
	project, err := loader.LoadWithContext(context.Background(), types.ConfigDetails{
		WorkingDir:  "/nowhere",
		ConfigFiles: []types.ConfigFile{{Filename: "compose.yml", Content: text}},
		// What a provider sets, and nothing of this machine.
		Environment: types.Mapping{"PORT": "8080", "CALLBACK_URL": "http://host.docker.internal:20000"},
	}, func(o *loader.Options) {
		o.SetProjectName("sample", true)
		o.SkipResolveEnvironment = true
		o.SkipNormalization = true
	})
	if err != nil {
		t.Fatalf("Compose cannot read what was rendered: %v\n%s", err, text)
	}
	environment := map[string]string{}
	for name, value := range project.Services[service].Environment {
		if value != nil {
			environment[name] = *value
		}
	}
	return environment
}

// hostileValues are the values that break careless renderers.
func hostileValues() []string {
	return []string{
		"", " ", "x", " leading and trailing ", "'", `"`, `\`, `\\`, `\n`, "\n", "\r\n", "\t", "a\nb: c\n- d", "# no comment", "x # no comment",
		"$", "$$", "$HOME", "${PORT}", "$${PORT}", "${", "$(id)", "`id`", "%", "{", "}", "[", "]", "{}", "*a", "&a", "!tag", "|", ">", "---", "...", "? x", "- x", "@", ":", ": ", "a: b", ",",
		"null", "~", "true", "yes", "1", "0x10", "1e3", ".inf", "2027-05-31", "<<", "=",
		`"}, "x": {"`, `', 'x': '`, `"); import os; os.system("id"); ("`, `__import__('os').system('id')`, `\u0041`, `\x41`, `\N{BULLET}`, `\101`, "\\\n",
		"é", "日本語", "😀", "👩‍👩‍👧", "\u0085", "\u00a0", "\u2028", "\u2029", "\ufeff", "\u200b", "\u202e", "\ufffd", "\ufffe", "\uffff", "\U0001ffff", "\U0010ffff",
		"\x01", "\x07", "\x08", "\x0b", "\x0c", "\x1b[31m", "\x1f", "\x7f", "\u009b", strings.Repeat("x", 5000), strings.Repeat("é ", 500),
	}
}

func TestRenderHostileValues(t *testing.T) {
	manifest := renderManifest()
	for _, value := range hostileValues() {
		checkRender(t, manifest, value)
	}
}

// TestRenderRandomValues mixes the hostile values.
func TestRenderRandomValues(t *testing.T) {
	manifest := renderManifest()
	random := rand.New(rand.NewPCG(1, 2))
	parts := hostileValues()
	for range 300 {
		var b strings.Builder
		for range 1 + random.IntN(5) {
			b.WriteString(parts[random.IntN(len(parts)-2)])
		}
		checkRender(t, manifest, b.String())
	}
}

// checkRender sets every text parameter to a value and reads it back the way
// that Compose, a JSON reader and Python do.
func checkRender(t testing.TB, manifest *Manifest, value string) {
	t.Helper()
	text, err := Render([]byte(renderCompose), manifest, CPU, map[string]string{
		"text": value, "model": value, "new": value, "temperature": "-1.5e-07", "listed": value, "listed-model": value,
	})
	if err != nil {
		t.Fatalf("%q: %v", value, err)
	}
	handler, side := loadEnvironment(t, text, "handler"), loadEnvironment(t, text, "side")
	if handler["TEXT"] != value || side["TEXT"] != value {
		t.Errorf("%q became %q and %q", value, handler["TEXT"], side["TEXT"])
	}
	if handler["OTHER"] != "$HOME and 8080" || handler["FLAG"] != "false" || len(handler) != 4 || len(side) != 2 {
		t.Errorf("%q changed something else: %q, %q", value, handler, side)
	}
	want := map[string]any{"task": "é", "model": value, "new": value, "temperature": -1.5e-07, "top k": 3.0, "device": -1.0}
	checkLiteral(t, handler["ARGS"], want)
	checkLiteral(t, side["ARGS"], map[string]any{"model": value})
	// Lines that hold no target stay as they are.
	before, after := strings.Split(renderCompose, "\n"), strings.Split(string(text), "\n")
	if len(before) != len(after) {
		t.Fatalf("%q: %d lines became %d", value, len(before), len(after))
	}
	for i := range before {
		if before[i] != after[i] && !strings.Contains(before[i], "TEXT") && !strings.Contains(before[i], "ARGS") {
			t.Errorf("%q changed line %d to %q", value, i+1, after[i])
		}
	}
}

// checkLiteral reads text as JSON and with a reader of what JSON and Python
// have in common; both must give the same.
func checkLiteral(t testing.TB, text string, want map[string]any) {
	t.Helper()
	var decoded map[string]any
	if err := json.Unmarshal([]byte(text), &decoded); err != nil {
		t.Fatalf("%q is no JSON: %v", text, err)
	}
	common, err := readCommon(text)
	if err != nil {
		t.Fatalf("%q does not mean the same in Python: %v", text, err)
	}
	if !equalJSON(t, decoded, want) || !equalJSON(t, common, want) {
		t.Errorf("%q reads as %q and %q, want %q", text, decoded, common, want)
	}
}

func equalJSON(t testing.TB, a, b any) bool {
	t.Helper()
	left, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	right, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(left) == string(right)
}

func TestRenderKeepsTheRest(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain":             {"    environment:\n      TEXT: a b   # why\n", "    environment:\n      TEXT: \"new\"   # why\n"},
		"plain on lines":    {"    environment:\n      TEXT: a\n        b\n\n        c\n      Z: 1\n", "    environment:\n      TEXT: \"new\"\n      Z: 1\n"},
		"single":            {"    environment:\n      TEXT: 'it''s' # why\n", "    environment:\n      TEXT: \"new\" # why\n"},
		"double":            {"    environment:\n      TEXT: \"a \\\" b\"\n", "    environment:\n      TEXT: \"new\"\n"},
		"double on lines":   {"    environment:\n      TEXT: \"a\n        b\"\n", "    environment:\n      TEXT: \"new\"\n"},
		"literal":           {"    environment:\n      TEXT: |-   # why\n        a\n\n        b\n      Z: 1\n", "    environment:\n      TEXT: \"new\"\n      Z: 1\n"},
		"folded":            {"    environment:\n      TEXT: >\n        a\n        b\n", "    environment:\n      TEXT: \"new\"\n"},
		"number":            {"    environment: {A: 1, TEXT: 5, Z: 2}\n", "    environment: {A: 1, TEXT: \"new\", Z: 2}\n"},
		"flow":              {"    environment: {TEXT: a, Z: 2}\n", "    environment: {TEXT: \"new\", Z: 2}\n"},
		"list":              {"    environment:\n      - A=1\n      - TEXT=a=b # why\n", "    environment:\n      - A=1\n      - \"TEXT=new\" # why\n"},
		"list, twice":       {"    environment:\n      - TEXT=a\n      - TEXT=b\n", "    environment:\n      - TEXT=a\n      - \"TEXT=new\"\n"},
		"flow list":         {"    environment: [A=1, TEXT=a, 'Z=2']\n", "    environment: [A=1, \"TEXT=new\", 'Z=2']\n"},
		"empty":             {"    environment:\n      TEXT: \"\"\n", "    environment:\n      TEXT: \"new\"\n"},
		"unicode":           {"    environment: {É: é, TEXT: 日本語}\n", "    environment: {É: é, TEXT: \"new\"}\n"},
		"carriage return":   {"    environment:\r\n      TEXT: a\r\n      Z: 1\r\n", "    environment:\r\n      TEXT: \"new\"\r\n      Z: 1\r\n"},
		"anchor":            {"    environment:\n      TEXT: &t a\n", "    environment:\n      TEXT: &t \"new\"\n"},
		"string tag":        {"    environment:\n      TEXT: !!str 5\n", "    environment:\n      TEXT: !!str \"new\"\n"},
		"quoted key":        {"    environment:\n      \"TEXT\" : a\n", "    environment:\n      \"TEXT\" : \"new\"\n"},
		"no newline at end": {"    environment:\n      TEXT: a", "    environment:\n      TEXT: \"new\""},
	} {
		t.Run(name, func(t *testing.T) {
			head := "services:\n  handler:\n    image: x\n"
			got, err := Render([]byte(head+c.in), renderManifest(), CPU, map[string]string{"text": "new"})
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != head+c.want {
				t.Errorf("got %q, want %q", got, head+c.want)
			}
		})
	}
}

func TestRenderThroughAnchors(t *testing.T) {
	in := "x-env: &env\n  TEXT: a\nservices:\n  handler:\n    environment:\n      <<: *env\n      Z: 1\n"
	got, err := Render([]byte(in), renderManifest(), CPU, map[string]string{"text": "new"})
	if want := strings.Replace(in, "TEXT: a", `TEXT: "new"`, 1); err != nil || string(got) != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

func TestRenderErrors(t *testing.T) {
	set := func(name, value string) map[string]string { return map[string]string{name: value} }
	handler := func(environment string) string { return "services:\n  handler:\n    environment:\n" + environment }
	for name, c := range map[string]struct {
		compose string
		values  map[string]string
		want    string
	}{
		"unknown":           {renderCompose, set("modle", "x"), `unknown parameter "modle": did you mean "model"? (known: flag, listed, listed-model, model, new, temperature, text, top-k)`},
		"two problems":      {renderCompose, map[string]string{"nope": "x", "top-k": "x"}, "the value of parameter top-k must be an integer"},
		"no number":         {renderCompose, set("temperature", "nan"), "must be a finite number"},
		"infinite":          {renderCompose, set("temperature", "1e999"), "must be a finite number"},
		"hexadecimal":       {renderCompose, set("temperature", "0x1p4"), "must be a finite number"},
		"leading zero":      {renderCompose, set("top-k", "007"), "must be an integer"},
		"large integer":     {renderCompose, set("top-k", "9223372036854775808"), "must be an integer"},
		"boolean":           {renderCompose, set("flag", "True"), "must be true or false"},
		"NUL":               {renderCompose, set("text", "a\x00b"), "NUL"},
		"invalid UTF-8":     {renderCompose, set("text", "a\xffb"), "UTF-8"},
		"too long":          {renderCompose, set("text", strings.Repeat("x", MaxValueLength+1)), "is longer than 16384 characters"},
		"no service":        {"services:\n  other: {}\n", set("text", "x"), `variable TEXT of service "handler" is not set in the file`},
		"no variable":       {handler("      Z: 1\n"), set("text", "x"), "is not set in the file"},
		"null":              {handler("      TEXT:\n"), set("text", "x"), "has no value in the file"},
		"bare":              {handler("      - TEXT\n"), set("text", "x"), "has no value in the file"},
		"mapping":           {handler("      TEXT: {a: 1}\n"), set("text", "x"), "is not set in the file"},
		"reset":             {"services:\n  handler:\n    environment: !reset\n      TEXT: a\n", set("text", "x"), "is not for a template"},
		"no JSON":           {handler("      ARGS: x\n"), set("model", "x"), "holds no valid JSON"},
		"no object":         {handler("      ARGS: '[1]'\n"), set("model", "x"), "holds no JSON object"},
		"true":              {handler("      ARGS: '{\"a\": [true]}'\n"), set("model", "x"), "holds the JSON value true"},
		"null member":       {handler("      ARGS: '{\"a\": {\"b\": null}}'\n"), set("model", "x"), "holds the JSON value null"},
		"twice":             {handler("      ARGS: '{\"a\": 1, \"a\": 2}'\n"), set("model", "x"), `holds a JSON object with the member "a" twice`},
		"infinite member":   {handler("      ARGS: '{\"a\": 1e999}'\n"), set("model", "x"), "holds a number that is too large"},
		"variable":          {handler("      ARGS: '{\"a\": \"${PORT}\"}'\n"), set("model", "x"), "holds a variable of its own"},
		"shared anchor":     {"services:\n  a:\n    environment: &e\n      TEXT: a\n  handler:\n    environment: *e\n", set("text", "x"), "shares its anchor"},
		"tag in the way":    {handler("      TEXT: !!int 5\n"), set("text", "x"), "the value cannot be edited"},
		"duplicate key":     {handler("      TEXT: a\n      TEXT: b\n"), set("text", "x"), "line 5, column 7"},
		"no YAML":           {"{", set("text", "x"), "compose/cpu.yml: line"},
		"several documents": {renderCompose + "---\na: 1\n", set("text", "x"), "several documents"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Render([]byte(c.compose), renderManifest(), CPU, c.values)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %q, %v; want the error %q", got, err, c.want)
			}
		})
	}
	if _, err := Render([]byte(renderCompose), renderManifest(), AMD, nil); err == nil || !strings.Contains(err.Error(), "no environment amd") {
		t.Errorf("amd: %v", err)
	}
}

func TestRenderConflicts(t *testing.T) {
	manifest := renderManifest()
	clash := manifest.Parameters["text"]
	manifest.Parameters["again"] = clash
	whole := manifest.Parameters["model"]
	whole.Targets = []Target{{Service: "handler", Variable: "ARGS"}}
	manifest.Parameters["whole"] = whole
	keyed := manifest.Parameters["flag"]
	keyed.Targets = []Target{{Service: "handler", Variable: "ARGS", Key: "flag"}}
	manifest.Parameters["keyed-flag"] = keyed
	for _, c := range []struct {
		values map[string]string
		want   string
	}{
		{map[string]string{"text": "a", "again": "a"}, `parameters again and text both set the variable TEXT of service "handler"`},
		{map[string]string{"model": "a", "whole": "{}"}, "parameters model and whole both set the variable ARGS"},
		{map[string]string{"keyed-flag": "true"}, "is a boolean, which JSON and Python write differently"},
	} {
		if _, err := Render([]byte(renderCompose), manifest, CPU, c.values); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v", c.values, err)
		}
	}
}

func TestParameterParse(t *testing.T) {
	low, high, three := -1.0, 2.5, 3
	integer, number := Parameter{Type: IntegerType, Minimum: &low, Maximum: &high}, Parameter{Type: NumberType, Minimum: &low, Maximum: &high}
	word := Parameter{Type: StringType, MaxLength: &three, Pattern: "^[a-zé]+$"}
	choice := Parameter{Type: NumberType, Enum: []any{1, 0.5}}
	for _, c := range []struct {
		parameter Parameter
		in, want  string
	}{
		{integer, "-1", "-1"}, {integer, "-0", "0"}, {integer, "2", "2"}, {integer, "3", ""}, {integer, "-2", ""}, {integer, "+1", ""}, {integer, "1.0", ""}, {integer, " 1", ""},
		{number, "2.5", "2.5"}, {number, "2.50", "2.5"}, {number, "-0.0", "0"}, {number, "25e-1", "2.5"}, {number, "2.6", ""}, {number, ".5", ""}, {number, "1_0", ""}, {number, "1e-999", "0"},
		{word, "é", "é"}, {word, "ééé", "ééé"}, {word, "éééé", ""}, {word, "A", ""}, {word, "", ""},
		{choice, "1", "1"}, {choice, "1.0", "1"}, {choice, "0.5", "0.5"}, {choice, "2", ""},
	} {
		got, err := c.parameter.Parse(c.in)
		if got.String() != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s %q = %q, %v; want %q", c.parameter.Type, c.in, got, err, c.want)
		}
	}
}

func FuzzRenderValue(f *testing.F) {
	for _, value := range hostileValues() {
		f.Add(value)
	}
	manifest := renderManifest()
	f.Fuzz(func(t *testing.T, value string) {
		if !utf8.ValidString(value) || strings.ContainsRune(value, 0) || utf8.RuneCountInString(value) > MaxValueLength {
			return // refused, which TestRenderErrors shows
		}
		checkRender(t, manifest, value)
	})
}

// FuzzRenderCompose renders into any file: it must refuse or set the value.
func FuzzRenderCompose(f *testing.F) {
	f.Add([]byte(renderCompose), "x")
	f.Add([]byte("services:\n  handler:\n    environment: &e [TEXT=a, *x]\n"), "x")
	f.Add([]byte("services:\n  handler:\n    environment:\n      TEXT: |2-\n          a\n"), "x")
	manifest := renderManifest()
	f.Fuzz(func(t *testing.T, compose []byte, value string) {
		text, err := Render(compose, manifest, CPU, map[string]string{"text": value, "model": value})
		if err != nil {
			return
		}
		again, err := Render(text, manifest, CPU, map[string]string{"text": value, "model": value})
		if err != nil || string(again) != string(text) {
			t.Errorf("rendering again gives %q, %v, after %q", again, err, text)
		}
	})
}

func TestScaffold(t *testing.T) {
	for _, environments := range [][]Environment{{CPU}, {NVIDIA}, {AMD}, {AMD, CPU, NVIDIA}} {
		parent := t.TempDir()
		dir := filepath.Join(parent, "my-template")
		if err := Scaffold(dir, ScaffoldOptions{Name: "my-template", Environments: environments}); err != nil {
			t.Fatal(err)
		}
		template, problems := open(t, dir)
		if len(problems) > 0 {
			t.Errorf("findings:\n%s", lines(problems))
		}
		checkComplete(t, template)
		if Bits(template.Environments()) != Bits(environments) {
			t.Errorf("asked for %v, got %v", environments, template.Environments())
		}
		for _, environment := range template.Environments() {
			text, err := os.ReadFile(filepath.Join(dir, template.ComposePath(environment)))
			if err != nil {
				t.Fatal(err)
			}
			if got := loadEnvironment(t, text, "handler")["LOG_LEVEL"]; got != "info" {
				t.Errorf("LOG_LEVEL is %q", got)
			}
		}
		if err := Scaffold(dir, ScaffoldOptions{Name: "my-template", Environments: environments}); err == nil || !strings.Contains(err.Error(), "is already there") {
			t.Errorf("a second time: %v", err)
		}
		if entries, err := os.ReadDir(parent); err != nil || len(entries) != 1 {
			t.Errorf("left behind: %v, %v", entries, err)
		}
	}
}

func TestScaffoldErrors(t *testing.T) {
	parent := t.TempDir()
	for _, opts := range []ScaffoldOptions{
		{Name: "x", Environments: []Environment{CPU}},
		{Name: "../x", Environments: []Environment{CPU}},
		{Name: "Upper", Environments: []Environment{CPU}},
		{Name: "two--hyphens", Environments: []Environment{CPU}},
		{Name: strings.Repeat("x", 61), Environments: []Environment{CPU}},
		{Name: "none"},
	} {
		if err := Scaffold(filepath.Join(parent, "new"), opts); err == nil {
			t.Errorf("%+v is accepted", opts)
		}
	}
	if err := Scaffold(filepath.Join(parent, "no", "new"), ScaffoldOptions{Name: "new", Environments: []Environment{CPU}}); err == nil {
		t.Error("a parent that is not there is accepted")
	}
	if entries, err := os.ReadDir(parent); err != nil || len(entries) != 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestScaffoldNames(t *testing.T) {
	for name, want := range map[string]string{"ab": "Ab template", "text-to-image": "Text to image", "abc": "Abc"} {
		if got := title(name); got != want {
			t.Errorf("title(%q) = %q, want %q", name, got, want)
		}
	}
	files, err := scaffold(ScaffoldOptions{Name: strings.Repeat("x", maxNameLength), Environments: AllEnvironments()})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, problems := parseManifest(ManifestFile, files[ManifestFile]); len(problems) > 0 {
		t.Errorf("the longest name: %s", lines(problems))
	}
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	if want := []string{"README.md", "compose/amd.yml", "compose/cpu.yml", "compose/nvidia.yml", "logo.svg", "template.yaml"}; !slices.Equal(names, want) {
		t.Errorf("files %v", names)
	}
}

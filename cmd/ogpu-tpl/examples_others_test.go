package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/opengpu-network/templates/pkg/document"
	"go.yaml.in/yaml/v4"
)

func goCommand(name string) error {
	if !slices.Contains([]string{"build", "generate", "install", "run", "test", "tool", "vet"}, name) {
		return fmt.Errorf("go has no command %s", name)
	}
	return nil
}

var testName = regexp.MustCompile(`(?m)^func ((?:Test|Benchmark|Fuzz)\w*)\(`)

// goTest looks up the tests that `go test` is asked for. Each alternative of a pattern
// must be one.
func (e *examples) goTest(args []string) error {
	var flags flag.FlagSet
	flags.Init("go test", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	run, bench := flags.String("run", "", ""), flags.String("bench", "", "")
	for _, name := range []string{"benchtime", "timeout", "fuzz", "fuzztime"} {
		flags.String(name, "", "")
	}
	for _, name := range []string{"update", "benchmem", "v"} {
		flags.Bool(name, false, "")
	}
	var packages []string
	for len(args) > 0 {
		if err := flags.Parse(args); err != nil {
			return err
		}
		if args = flags.Args(); len(args) > 0 {
			packages, args = append(packages, args[0]), args[1:]
		}
	}
	var there []string
	for _, dir := range packages {
		files, err := filepath.Glob(filepath.Join(e.root, dir, "*_test.go"))
		if err != nil || len(files) == 0 {
			return fmt.Errorf("the package %s has no test (%v)", dir, err)
		}
		for _, file := range files {
			for _, found := range testName.FindAllStringSubmatch(read(e.t, file), -1) {
				there = append(there, found[1])
			}
		}
	}
	for kind, pattern := range map[string]string{"Test": *run, "Benchmark": *bench} {
		for one := range strings.SplitSeq(pattern, "|") {
			one, _, _ = strings.Cut(one, "/") // the rest names cases of a test
			name, err := regexp.Compile(one)
			if err != nil {
				return err
			}
			if one != "" && one != "^$" && !slices.ContainsFunc(there, func(test string) bool { return strings.HasPrefix(test, kind) && name.MatchString(test) }) {
				return fmt.Errorf("there is no %s %q", strings.ToLower(kind), one)
			}
		}
	}
	return nil
}

const (
	ourRepository  = "OpenGPU-Network/templates"
	workflowFolder = ".github/workflows"
)

// into reads a YAML file of this repository.
func (e *examples) into(file string, value any) error {
	text, err := os.ReadFile(filepath.Join(e.root, file))
	if err == nil {
		err = yaml.Unmarshal(text, value)
	}
	return err
}

// gh looks up the workflows, and their inputs.
func (e *examples) gh(args []string) error {
	var flags flag.FlagSet
	flags.Init("gh", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.String("ref", "", "")
	flags.String("source-ref", "", "")
	given := map[string]bool{}
	flags.Func("raw-field", "", func(field string) error {
		key, _, _ := strings.Cut(field, "=")
		given[key] = true
		return nil
	})
	repo, signer := flags.String("repo", ourRepository, ""), flags.String("signer-workflow", "", "")
	if len(args) < 3 {
		return errors.New("something is missing")
	}
	if err := flags.Parse(args[3:]); err != nil {
		return err
	}
	if *repo != ourRepository {
		return fmt.Errorf("%s is another repository", *repo)
	}
	switch strings.Join(args[:2], " ") {
	case "attestation verify":
		file, ok := strings.CutPrefix(*signer, ourRepository+"/")
		if !ok {
			return errors.New("any workflow could have signed it")
		}
		return e.into(file, new(any))
	case "workflow run":
		var workflow struct {
			On struct {
				Dispatch struct {
					Inputs map[string]struct{ Required bool }
				} `yaml:"workflow_dispatch"`
			}
		}
		if err := e.into(filepath.Join(workflowFolder, args[2]), &workflow); err != nil {
			return err
		}
		for name, input := range workflow.On.Dispatch.Inputs {
			if input.Required && !given[name] {
				return fmt.Errorf("%s needs the input %s", args[2], name)
			}
			delete(given, name)
		}
		if len(given) > 0 {
			return fmt.Errorf("%s has no such input: %v", args[2], given)
		}
		return nil
	}
	return errors.New("nobody knows this command of gh")
}

// yaml looks at a piece of a manifest, of publishers.yaml, or of what runs the action,
// the hook or commands.
func (e *examples) yaml(text string) (lines int, err error) {
	var value any
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		return 0, err
	}
	for _, schema := range []string{"template", "publishers"} {
		if err := e.pieceOf(schema, value); !errors.Is(err, errOther) {
			return 0, err
		}
	}
	return e.steps(value)
}

var errOther = errors.New("it is a piece of something else")

// pieceOf holds the top keys of a value against a schema of docs/schemas, if they are
// of those.
func (e *examples) pieceOf(name string, value any) error {
	piece, ok := plain(value).(map[string]any)
	if !ok {
		return errOther
	}
	var schema map[string]any
	file := "docs/schemas/" + name + ".schema.json"
	if err := e.into(file, &schema); err != nil {
		return err
	}
	for key := range piece {
		if schema["properties"].(map[string]any)[key] == nil {
			return errOther
		}
	}
	delete(schema, "required")
	text, err := json.Marshal(schema)
	if err != nil {
		return err
	}
	compiled, err := document.CompileSchema(name, text)
	if err != nil {
		return err
	}
	if wrong := compiled.Validate(piece); len(wrong) > 0 {
		return fmt.Errorf("%s: %v", file, wrong)
	}
	return nil
}

// plain is a value as JSON has it: dates are text, and what the reader fills in is
// there.
func plain(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key := range v {
			v[key] = plain(v[key])
		}
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case time.Time:
		return v.Format(time.DateOnly)
	case string:
		if v == "0x…" {
			return "0x" + strings.Repeat("0", 40)
		}
	}
	return value
}

// steps looks for steps of jobs and for hooks, at any depth.
func (e *examples) steps(value any) (lines int, err error) {
	var parts []any
	switch v := value.(type) {
	case []any:
		parts = v
	case map[string]any:
		if run, ok := v["run"].(string); ok {
			n, err := e.shell(run + "\n")
			if lines += n; err != nil {
				return lines, err
			}
		}
		with, _ := v["with"].(map[string]any)
		if uses, _ := v["uses"].(string); strings.HasPrefix(uses, ourRepository+"@") {
			var action struct{ Inputs map[string]any }
			if err := e.into("action.yml", &action); err != nil {
				return lines, err
			}
			for name := range with {
				if _, ok := action.Inputs[name]; !ok {
					return lines, fmt.Errorf("the action has no input %s", name)
				}
			}
		}
		if file, ok := with["go-version-file"].(string); ok {
			if _, err := os.Stat(filepath.Join(e.root, file)); err != nil {
				return lines, err
			}
		}
		if hooks, ok := v["hooks"].([]any); ok {
			var known []struct{ ID string }
			if err := e.into(".pre-commit-hooks.yaml", &known); err != nil {
				return lines, err
			}
			for _, hook := range hooks {
				id, _ := hook.(map[string]any)["id"].(string)
				if !slices.ContainsFunc(known, func(h struct{ ID string }) bool { return h.ID == id }) {
					return lines, fmt.Errorf("there is no hook %q", id)
				}
			}
		}
		for _, part := range v {
			parts = append(parts, part)
		}
	}
	for _, part := range parts {
		n, err := e.steps(part)
		if lines += n; err != nil {
			return lines, err
		}
	}
	return lines, nil
}

// Package scaffold writes the files that a new rule starts from: the rule with its
// metadata, its unit tests, and a case of the whole program. They load and compile as
// they are, and their tests are red until somebody says what the rule is about.
package scaffold

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing/fstest"
	"text/template"
	"unicode"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/format"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/policy"
)

//go:embed files
var files embed.FS

// Custom is the category of the rules of an organisation's own, which are in a
// folder of theirs.
const Custom = "custom"

// CaseDir is where the cases of the whole program are that must be found, from the
// repository's root.
const CaseDir = "testdata/lint/err"

// policyDir is where the built-in rules are, from the repository's root.
const policyDir = "policies"

// Limits on what is written into a rule's metadata.
const (
	maxNameLength  = 60  // bytes
	maxTitleLength = 100 // characters
)

// Options say what a new rule is like.
type Options struct {
	// Category and Name make the rule's id. Both are lower-case words joined by
	// hyphens.
	Category, Name string
	// Title is the metadata's title, one line. Empty leaves it to be filled in.
	Title string
	// Severity is how much a finding of the rule counts.
	Severity finding.Severity
	// Waivable is true when a manifest may waive the rule.
	Waivable bool
	// Subject is policy.Compose or policy.Template.
	Subject policy.Subject
	// NewCategory lets a built-in rule begin a category.
	NewCategory bool
}

// ErrUsage is wrapped by errors about the options: the names of rules and
// categories, and what is there already. All others are about the disk.
var ErrUsage = errors.New("usage")

type usageError struct{ error }

func (usageError) Is(target error) bool { return target == ErrUsage }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// Files are the places of a new rule's files.
type Files struct {
	// Dir holds the rule and its unit tests.
	Dir string
	// Case is the folder of the case of the whole program; empty for a rule of an
	// organisation's own.
	Case string
}

// BuiltIn writes a rule into the repository whose root is given. It refuses names
// and categories that cannot be or are already there, and on an error leaves nothing
// behind.
func BuiltIn(root string, opts Options) (Files, error) {
	if err := opts.check(); err != nil {
		return Files{}, err
	}
	if opts.Category == Custom {
		return Files{}, usagef("a rule of category %s is an organisation's own: name its folder", Custom)
	}
	if err := opts.checkCategory(filepath.Join(root, policyDir)); err != nil {
		return Files{}, err
	}
	made := Files{
		Dir:  filepath.Join(root, policyDir, opts.Category, opts.Name),
		Case: filepath.Join(root, filepath.FromSlash(CaseDir), opts.Category+"-"+opts.Name),
	}
	return made, write(root, opts, made)
}

// Own writes a rule of an organisation's own into the folder dir, which must exist.
// It refuses names that cannot be or are already there, and on an error leaves
// nothing behind.
func Own(dir string, opts Options) (Files, error) {
	if err := opts.check(); err != nil {
		return Files{}, err
	}
	if opts.Category != Custom {
		return Files{}, usagef("a rule of your own has the category %s: %s/%s", Custom, Custom, opts.Name)
	}
	if slices.Contains([]string{"lib", "tables"}, opts.Name) {
		return Files{}, usagef("a rule cannot be called %s: %s.%s holds what is no rule", opts.Name, Custom, opts.Name)
	}
	made := Files{Dir: filepath.Join(dir, opts.Name)}
	return made, write(dir, opts, made)
}

var word = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

func (opts Options) check() error {
	for _, name := range []string{opts.Category, opts.Name} {
		if len(name) > maxNameLength || !word.MatchString(name) {
			return usagef("%q is no name for a rule or a category: use lower-case words and digits joined by hyphens, at most %d characters", name, maxNameLength)
		}
	}
	if opts.Subject != policy.Compose && opts.Subject != policy.Template {
		return usagef("unknown subject %q: use %s or %s", opts.Subject, policy.Compose, policy.Template)
	}
	if strings.ContainsFunc(opts.Title, func(r rune) bool { return !unicode.IsPrint(r) }) || len([]rune(opts.Title)) > maxTitleLength {
		return usagef("the title must be one line of at most %d characters", maxTitleLength)
	}
	return nil
}

// notCategories are the packages of the policies that hold no rules. A rule's
// category is a package at the top, where the program has one of its own, entry.
var notCategories = []string{"data", "entry", "lib", "tables"}

// checkCategory looks at what categories the folder with the policies has.
func (opts Options) checkCategory(dir string) error {
	categories, err := Categories(dir)
	if err != nil {
		return err
	}
	forRego, there := categories[opts.Category]
	switch {
	case slices.Contains(notCategories, opts.Category) || ast.IsKeyword(opts.Category) || opts.Category == "input":
		return usagef("%s cannot be a category: Rego or the program means something else by it", opts.Category)
	case there && !forRego:
		return usagef("the rules of %s are found by Go while it reads, and have no Rego: choose another category", opts.Category)
	case !there && !opts.NewCategory:
		var known []string
		for _, category := range slices.Sorted(maps.Keys(categories)) {
			if categories[category] {
				known = append(known, category)
			}
		}
		return usagef("there is no category %q: use %s, or begin one with --new-category", opts.Category, strings.Join(known, ", "))
	}
	return nil
}

// Categories are those of the rules below the folder dir, and whether they hold
// rules in Rego. Other categories hold only what Go finds while it reads.
func Categories(dir string) (map[string]bool, error) {
	// The schema is for compiling only.
	set, err := policy.Load(os.DirFS(dir), nil, nil)
	if err != nil {
		return nil, err
	}
	categories := map[string]bool{}
	for _, rule := range set.Rules() {
		categories[rule.Category] = categories[rule.Category] || rule.Subject != policy.Reader
	}
	return categories, nil
}

// write makes the files in a folder with a hidden name below base, and moves them to
// their places when all of them are written.
func write(base string, opts Options, made Files) (err error) {
	for _, dir := range []string{made.Dir, made.Case} {
		if _, err := os.Lstat(dir); dir != "" && err == nil {
			return usagef("%s is already there", dir)
		} else if dir != "" && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	rego, err := opts.rego()
	if err != nil {
		return err
	}
	draft, err := os.MkdirTemp(base, ".new-rule-")
	if err != nil {
		return fmt.Errorf("the rule cannot be written: %w", err)
	}
	defer os.RemoveAll(draft)
	if err := writeFiles(filepath.Join(draft, "rule"), rego); err != nil {
		return err
	}
	moves := [][2]string{{filepath.Join(draft, "rule"), made.Dir}}
	if made.Case != "" {
		if err := opts.writeCase(filepath.Join(draft, "case")); err != nil {
			return err
		}
		moves = append(moves, [2]string{filepath.Join(draft, "case"), made.Case})
	}
	return moveAll(moves)
}

// moveAll moves folders to their places, all or none. Of a place only the folder
// above may be missing.
func moveAll(moves [][2]string) (err error) {
	var undo []func() error
	defer func() {
		if err != nil {
			for _, back := range slices.Backward(undo) {
				err = errors.Join(err, back())
			}
		}
	}()
	for _, move := range moves {
		above := filepath.Dir(move[1])
		switch err := os.Mkdir(above, 0o755); {
		case err == nil:
			// Somebody else may have put something there by now: then it stays.
			undo = append(undo, func() error { _ = os.Remove(above); return nil })
		case !errors.Is(err, fs.ErrExist):
			return err
		}
		if err := os.Rename(move[0], move[1]); err != nil {
			return err
		}
		undo = append(undo, func() error { return os.RemoveAll(move[1]) })
	}
	return nil
}

func writeFiles(dir string, files map[string][]byte) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// text is what the files may use.
type text struct {
	Options
	Title, Package, TestPackage string
}

// rego returns the rule and its unit tests, formatted, by their names. What a run
// would refuse is an error.
func (opts Options) rego() (map[string][]byte, error) {
	values := text{
		Options: opts, Title: scalar(opts.Title),
		Package: pkg(opts.Category, opts.Name), TestPackage: pkg(opts.Category, opts.Name+"_test"),
	}
	rego := map[string][]byte{}
	for name, source := range map[string]string{opts.Name + ".rego": ".rego.tmpl", opts.Name + "_test.rego": "_test.rego.tmpl"} {
		b, err := execute(string(opts.Subject)+source, values)
		if err != nil {
			return nil, err
		}
		if rego[name], err = format.SourceWithOpts(name, b, format.Opts{RegoVersion: ast.RegoV1}); err != nil {
			return nil, fmt.Errorf("the rule that would be written is none: %w", err)
		}
	}
	return rego, opts.load(rego[opts.Name+".rego"])
}

// load reads the rule as the program does.
func (opts Options) load(rule []byte) error {
	place := path.Join(opts.Category, opts.Name, opts.Name+".rego")
	if opts.Category == Custom {
		// What is asked of a rule does not depend on its category.
		place = path.Join("own", opts.Name, opts.Name+".rego")
		rule = bytes.Replace(rule, []byte("\npackage "+Custom), []byte("\npackage own"), 1)
	}
	_, err := policy.Load(fstest.MapFS{place: &fstest.MapFile{Data: rule}}, nil, nil)
	return err
}

// pkg writes a package's name so that it may hold any word.
func pkg(category, name string) string { return fmt.Sprintf("%s[%q]", category, name) }

// plain is a title that YAML takes for text without quotes.
var plain = regexp.MustCompile(`^[A-Z][a-z0-9]*( [A-Za-z0-9-]+)+$`)

// scalar writes a title into YAML.
func scalar(title string) string {
	if title == "" {
		title = "TODO: say in a few words what is wrong"
	}
	if plain.MatchString(title) {
		return title
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(title) + `"`
}

func execute(name string, values text) ([]byte, error) {
	parsed, err := template.New("").Delims("[[", "]]").Option("missingkey=error").ParseFS(files, "files/*.tmpl")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = parsed.ExecuteTemplate(&b, name, values)
	return b.Bytes(), err
}

// sample is the template of a case about templates.
const sample = "sample"

// writeCase writes the case of the whole program: what is looked at, and the finding
// that is expected as soon as the rule finds it.
func (opts Options) writeCase(dir string) error {
	if opts.Subject == policy.Template {
		return opts.writeTemplateCase(dir)
	}
	compose, err := files.ReadFile("files/compose.yml.tmpl")
	if err != nil {
		return err
	}
	return writeFiles(dir, map[string][]byte{
		"compose.yml":  compose,
		"expected.txt": opts.expected(" --environment cpu", "compose.yml", compose, "  wrong:", "wrong"),
	})
}

func (opts Options) writeTemplateCase(dir string) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	if err := catalog.Scaffold(filepath.Join(dir, sample), catalog.ScaffoldOptions{Name: sample, Environments: []catalog.Environment{catalog.CPU}}); err != nil {
		return err
	}
	manifest, err := os.ReadFile(filepath.Join(dir, sample, catalog.ManifestFile))
	if err != nil {
		return err
	}
	expected := opts.expected("", path.Join(sample, catalog.ManifestFile), manifest, "title: Sample", "Sample")
	return os.WriteFile(filepath.Join(dir, "expected.txt"), expected, 0o644)
}

// expected is one finding at a word of a line.
func (opts Options) expected(args, file string, content []byte, line, word string) []byte {
	before, _, _ := strings.Cut(string(content), line)
	id := opts.Category + "/" + opts.Name
	return fmt.Appendf(nil, "# args: --only %s%s\n%s:%d:%d %s %s\n", id, args, file, strings.Count(before, "\n")+1, strings.Index(line, word)+1, opts.Severity, id)
}

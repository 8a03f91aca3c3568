package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	templates "github.com/opengpu-network/templates"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/policy"
	"github.com/opengpu-network/templates/pkg/report"
	"github.com/urfave/cli/v2"
	"golang.org/x/term"
)

func TemplatesFlag() cli.Flag {
	return &cli.StringFlag{Name: "templates", Usage: "the `DIR` with the templates; unless said, the nearest folder named templates"}
}

func PoliciesFlag() cli.Flag {
	return &cli.StringFlag{Name: "policies", Usage: "add an organisation's own policies and registries from `DIR`"}
}

// TemplatesDir is the folder given with --templates, or the nearest one.
func TemplatesDir(c *cli.Context) (string, error) {
	if dir := c.String("templates"); dir != "" {
		info, err := os.Stat(dir)
		if err == nil && !info.IsDir() {
			err = errors.New("is no folder")
		}
		if err != nil {
			return "", Usagef("--templates %s: %w", dir, Cause(err))
		}
		return dir, nil
	}
	return nearestTemplates()
}

// ErrNoTemplates is that no catalog is near.
var ErrNoTemplates = errors.New("there is no templates folder here or above: go to a catalog, or name its folder with --templates")

// nearestTemplates is the nearest folder named templates that holds one, here
// or above.
func nearestTemplates() (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir, up := here, ""; ; dir, up = filepath.Dir(dir), filepath.Join(up, "..") {
		if manifests, _ := filepath.Glob(filepath.Join(escape(dir), "templates", "*", catalog.ManifestFile)); len(manifests) > 0 {
			return filepath.Join(up, "templates"), nil
		}
		if dir == filepath.Dir(dir) {
			return "", usageError{ErrNoTemplates}
		}
	}
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// escape makes a path safe as the fixed part of a glob pattern.
func escape(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// OpenTemplate opens the template of a name, or in a folder. Its findings are
// for lint to report.
func OpenTemplate(c *cli.Context) (*catalog.Template, error) {
	if c.NArg() != 1 {
		return nil, Usagef("give one template; see ogpu-tpl %s --help", c.Command.Name)
	}
	name := c.Args().First()
	dir := name
	if !strings.ContainsAny(name, `/\`) && name != "." && name != ".." {
		folder, err := TemplatesDir(c)
		if err != nil {
			return nil, err
		}
		dir = filepath.Join(folder, name)
	}
	if _, err := os.Lstat(filepath.Join(dir, catalog.ManifestFile)); errors.Is(err, fs.ErrNotExist) {
		return nil, Usagef("there is no template %q%s", name, suggestTemplate(c, name))
	}
	t, problems, err := catalog.Open(dir, dir)
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		t.Close()
		return nil, fmt.Errorf("the template %s is not well-formed: see ogpu-tpl lint %s", name, name)
	}
	return t, nil
}

// LoadPolicies loads the built-in policies and those of a folder, if one is
// given.
func LoadPolicies(dir string) (*policy.Set, error) {
	if dir == "" {
		set, err := builtin()
		if err != nil {
			return nil, err
		}
		return set.Copy(), nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, Usagef("--policies %s: %w", dir, Cause(err))
	}
	defer root.Close()
	return load(root.FS())
}

// builtin are the built-in policies. They are parsed once in a process, and compiled once
// for each choice of rules: a run needs them once, the tests have hundreds of runs.
var builtin = sync.OnceValues(func() (*policy.Set, error) { return load(nil) })

func load(custom fs.FS) (*policy.Set, error) {
	builtin, err := fs.Sub(templates.Policies, "policies")
	if err != nil {
		return nil, err
	}
	return policy.Load(builtin, custom, templates.PolicyInputSchema)
}

func describe(rule policy.Rule) report.Rule {
	described := report.Rule{
		ID: rule.ID, Title: rule.Title, Description: rule.Description, Remediation: rule.Remediation,
		Severity: rule.Severity, Waivable: rule.Waivable,
	}
	for _, reference := range rule.References {
		described.References = append(described.References, report.Reference{Title: reference.Title, URL: reference.URL})
	}
	return described
}

// Colored follows the usual conventions: --no-color, then NO_COLOR, then
// FORCE_COLOR or CLICOLOR_FORCE, then whether a terminal listens.
func Colored(c *cli.Context, world World) bool {
	set := func(name string) bool { v := world.Getenv(name); return v != "" && v != "0" }
	switch {
	case c.Bool("no-color") || world.Getenv("NO_COLOR") != "":
		return false
	case set("FORCE_COLOR") || set("CLICOLOR_FORCE"):
		return true
	case world.Getenv("TERM") == "dumb" || world.Getenv("CLICOLOR") == "0":
		return false
	}
	file, ok := world.Out.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// pageWidth is how many columns the pages of show and rules fill.
const pageWidth = 78

// Width is how many columns a report may fill: those of the terminal, within
// reason, or 80.
func Width(world World) int {
	const usual, most = 80, 120
	if columns, err := strconv.Atoi(world.Getenv("COLUMNS")); err == nil && columns > 0 {
		return min(max(columns, 40), most)
	}
	if file, ok := world.Out.(*os.File); ok {
		if columns, _, err := term.GetSize(int(file.Fd())); err == nil && columns > 0 {
			return min(max(columns, 40), most)
		}
	}
	return usual
}

// Cause drops the operation and the path from a file system error.
func Cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// Safe shows a message on a terminal without what could move the cursor: parts
// of it may come from a stranger's file.
func Safe(message string) string {
	lines := strings.Split(strings.ReplaceAll(message, "\t", "  "), "\n")
	for i, line := range lines {
		lines[i] = report.Inert(report.Escape(line))
	}
	return strings.Join(lines, "\n")
}

// List is the values of a flag that may be repeated, or hold several with
// commas between them.
func List(c *cli.Context, flag string) (values []string) {
	for _, value := range c.StringSlice(flag) {
		values = append(values, strings.Split(value, ",")...)
	}
	return values
}

// BuildArgs reads --build-arg.
func BuildArgs(c *cli.Context) (map[string]string, error) {
	arguments := map[string]string{}
	for _, argument := range c.StringSlice("build-arg") {
		name, value, ok := strings.Cut(argument, "=")
		if !ok || name == "" {
			return nil, Usagef("--build-arg %s: write NAME=VALUE", argument)
		}
		arguments[name] = value
	}
	return arguments, nil
}

func OneOf(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

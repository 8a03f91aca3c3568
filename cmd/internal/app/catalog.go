package app

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/report"
	"github.com/urfave/cli/v2"
)

func listCommand(world World) *cli.Command {
	return &cli.Command{
		Name:        "list",
		Usage:       "list the templates of the catalog",
		ArgsUsage:   " ",
		Description: "Example: ogpu-tpl list --format json",
		Flags:       []cli.Flag{TemplatesFlag(), FormatFlag()},
		Action:      func(c *cli.Context) error { return runList(c, world) },
	}
}

func runList(c *cli.Context, world World) error {
	if c.NArg() > 0 {
		return Usagef("list takes no argument: see ogpu-tpl show %s", c.Args().First())
	}
	inJSON, err := AsJSON(c)
	if err != nil {
		return err
	}
	dir, err := TemplatesDir(c)
	if err != nil {
		return err
	}
	names, err := catalog.Names(dir)
	if err != nil {
		return err
	}
	type entry struct {
		Name         string   `json:"name"`
		Version      string   `json:"version"`
		Title        string   `json:"title"`
		Environments []string `json:"environments"`
	}
	entries := make([]entry, 0, len(names))
	for _, name := range names {
		t, _, err := catalog.Open(filepath.Join(dir, name), filepath.Join(dir, name))
		if err != nil {
			return err
		}
		t.Close()
		e := entry{Name: name, Version: t.Manifest.Version, Title: t.Manifest.Title, Environments: []string{}}
		for _, environment := range t.Environments() {
			e.Environments = append(e.Environments, environment.String())
		}
		entries = append(entries, e)
	}
	if inJSON {
		return WriteJSON(world.Out, entries)
	}
	table := tabwriter.NewWriter(world.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tVERSION\tENVIRONMENTS\tTITLE")
	for _, e := range entries {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", report.Escape(e.Name), report.Escape(e.Version), strings.Join(e.Environments, " "), report.Escape(e.Title))
	}
	return table.Flush()
}

func showCommand(world World) *cli.Command {
	return &cli.Command{
		Name:        "show",
		Usage:       "show what a template does, needs and costs",
		ArgsUsage:   "NAME",
		Description: "Example: ogpu-tpl show huggingface-pipeline",
		Flags:       []cli.Flag{TemplatesFlag(), FormatFlag()},
		Action:      func(c *cli.Context) error { return runShow(c, world) },
	}
}

func runShow(c *cli.Context, world World) error {
	inJSON, err := AsJSON(c)
	if err != nil {
		return err
	}
	t, err := OpenTemplate(c)
	if err != nil {
		return err
	}
	defer t.Close()
	if inJSON {
		return WriteJSON(world.Out, t.Manifest)
	}
	show(world.Out, t.Manifest)
	return nil
}

// show prints a manifest for people. The manifest is well-formed, but its
// texts are a stranger's.
func show(w io.Writer, m *catalog.Manifest) {
	line := func(label, format string, args ...any) {
		fmt.Fprintf(w, "%-13s %s\n", label, report.Escape(fmt.Sprintf(format, args...)))
	}
	fmt.Fprintf(w, "%s\n\n", report.Escape(m.Title+" ("+m.Name+" "+m.Version+")"))
	for _, text := range report.Wrap(report.Escape(m.Description), pageWidth, pageWidth) {
		fmt.Fprintln(w, text)
	}
	fmt.Fprintln(w)
	line("License", "%s", m.License)
	var people []string
	for _, p := range m.Maintainers {
		people = append(people, p.Name)
	}
	line("Maintainers", "%s", strings.Join(people, ", "))
	if m.Homepage != "" {
		line("Homepage", "%s", m.Homepage)
	}
	line("Payment", "at least %s OGPU a task", m.Terms.MinPayment)
	line("Lockup", "at least %s OGPU available", m.Terms.MinAvailableLockup)
	line("Expiry", "at most %d seconds ahead", m.Terms.MaxExpiryDuration)
	line("Delivery", "%s", m.Terms.DeliveryMethod)

	fmt.Fprintln(w, "\nEnvironments")
	for _, environment := range m.Environments.List() {
		line("  "+environment.String(), "%s", hardware(m.Environments.Get(environment).Hardware))
	}
	fmt.Fprintln(w, "\nFunctions")
	for _, name := range slices.Sorted(maps.Keys(m.Functions)) {
		line("  "+name, "%s", m.Functions[name].Description)
		example, err := json.Marshal(m.Functions[name].Example.Input)
		if err == nil {
			line("", "example: %s", example)
		}
	}
	if len(m.Parameters) > 0 {
		fmt.Fprintln(w, "\nParameters")
	}
	for _, name := range slices.Sorted(maps.Keys(m.Parameters)) {
		p := m.Parameters[name]
		line("  "+name, "%s; default %v. %s", p.Type, p.Default, p.Description)
	}
	if len(m.Unpinned) > 0 {
		fmt.Fprintln(w, "\nNot pinned yet")
	}
	for _, u := range m.Unpinned {
		line("  image", "%s", u.Image)
	}
}

func hardware(h catalog.Hardware) string {
	var parts []string
	add := func(format string, value any, given bool) {
		if given {
			parts = append(parts, fmt.Sprintf(format, value))
		}
	}
	add("%v VRAM", h.VRAM, h.VRAM > 0)
	add("%v RAM", h.RAM, h.RAM > 0)
	add("%v CPUs", h.CPUs, h.CPUs > 0)
	add("%v disk", h.Disk, h.Disk > 0)
	add("compute capability %v", h.ComputeCapability, h.ComputeCapability != "")
	add("driver %v", h.Driver, h.Driver != "")
	add("%v", strings.Join(h.GFX, " "), len(h.GFX) > 0)
	return strings.Join(parts, ", ")
}

func newCommand(world World) *cli.Command {
	return &cli.Command{
		Name:      "new",
		Usage:     "start a new template that lints clean as it is",
		ArgsUsage: "NAME",
		Description: "Examples:\n" +
			"  ogpu-tpl new my-model\n" +
			"  ogpu-tpl new my-model --environment cpu --environment nvidia",
		Flags: []cli.Flag{
			TemplatesFlag(),
			&cli.StringSliceFlag{Name: "environment", Aliases: []string{"e"}, Usage: "an `ENVIRONMENT` that it supports: " + OneOf(catalog.EnvironmentNames()) + "; cpu unless said"},
		},
		Action: func(c *cli.Context) error { return runNew(c, world) },
	}
}

func runNew(c *cli.Context, world World) error {
	if c.NArg() != 1 {
		return Usagef("give the new template's name; see ogpu-tpl new --help")
	}
	environments, err := environments(c)
	if err != nil {
		return err
	}
	if len(environments) == 0 {
		environments = []catalog.Environment{catalog.CPU}
	}
	folder, err := GrowingDir(c)
	if err != nil {
		return err
	}
	name := c.Args().First()
	dir := filepath.Join(folder, name)
	if err := catalog.Scaffold(dir, catalog.ScaffoldOptions{Name: name, Environments: environments}); err != nil {
		return usageError{err}
	}
	printf(world.Out, "Made %s. Next:\n"+
		"  1. Name your image in %s, and in `unpinned` of %s.\n"+
		"  2. Say in %s what the template does and needs.\n"+
		"  3. Check it: ogpu-tpl lint %s\n",
		dir, filepath.Join(dir, "compose"), catalog.ManifestFile, filepath.Join(dir, catalog.ManifestFile), name)
	return nil
}

// GrowingDir is the folder that a new template is put into.
func GrowingDir(c *cli.Context) (string, error) {
	folder, err := TemplatesDir(c)
	if err != nil && c.String("templates") == "" && isDir("templates") {
		return "templates", nil // a catalog that is to get its first template
	}
	return folder, err
}

// environments reads a repeated --environment.
func environments(c *cli.Context) (all []catalog.Environment, err error) {
	for _, name := range List(c, "environment") {
		environment, err := catalog.ParseEnvironment(name)
		if err != nil {
			return nil, Usagef("--environment: %w", err)
		}
		if !slices.Contains(all, environment) {
			all = append(all, environment)
		}
	}
	return all, nil
}

func renderCommand(world World) *cli.Command {
	return &cli.Command{
		Name:      "render",
		Usage:     "print a template's compose file with parameters set",
		ArgsUsage: "NAME",
		Description: "Parameters that are not set keep the values that stand in the compose file.\n" +
			"ogpu-tpl show NAME lists them. A value can never break out of its place.\n\n" +
			"Example:\n" +
			"  ogpu-tpl render huggingface-pipeline --environment cpu --set task=text-generation",
		Flags: []cli.Flag{
			TemplatesFlag(),
			&cli.StringFlag{Name: "environment", Aliases: []string{"e"}, Usage: "the `ENVIRONMENT` whose file is rendered; the first that the template has, unless said"},
			// Values hold commas: one flag is one parameter.
			&cli.GenericFlag{Name: "set", Value: &assignments{}, Usage: "set a parameter: `NAME=VALUE`; may be repeated"},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write to `FILE`"},
		},
		Action: func(c *cli.Context) error { return runRender(c, world) },
	}
}

// assignments collects repeated NAME=VALUE flags.
type assignments struct{ values map[string]string }

// Set takes one NAME=VALUE.
func (a *assignments) Set(text string) error {
	name, value, ok := strings.Cut(text, "=")
	if !ok || name == "" {
		return fmt.Errorf("%q is not of the form NAME=VALUE", text)
	}
	if _, twice := a.values[name]; twice {
		return fmt.Errorf("the parameter %q is set twice", name)
	}
	if a.values == nil {
		a.values = map[string]string{}
	}
	a.values[name] = value
	return nil
}

func (a *assignments) String() string { return "" }

func runRender(c *cli.Context, world World) error {
	t, err := OpenTemplate(c)
	if err != nil {
		return err
	}
	defer t.Close()
	environment, err := renderEnvironment(c, t, world)
	if err != nil {
		return err
	}
	data, problems := document.Read(t.Root(), t.ComposePath(environment), t.ComposeDisplay(environment))
	if len(problems) > 0 {
		return fmt.Errorf("%s %s", problems[0].File, problems[0].Message)
	}
	values, _ := c.Generic("set").(*assignments)
	rendered, err := catalog.Render(data, t.Manifest, environment, values.values)
	if err != nil {
		return usageError{err}
	}
	if forgotten := t.Manifest.Forgotten(values.values); len(forgotten) > 0 {
		printf(world.Err, "ogpu-tpl: %s kept the default: does it go with what you set?\n", strings.Join(forgotten, ", "))
	}
	return Deliver(c.String("output"), world.Out, rendered)
}

func renderEnvironment(c *cli.Context, t *catalog.Template, world World) (catalog.Environment, error) {
	available := t.Environments()
	var names []string
	for _, e := range available {
		names = append(names, e.String())
	}
	name := c.String("environment")
	if name == "" {
		if len(available) == 0 {
			return 0, fmt.Errorf("%s has no compose file", t.Name)
		}
		if len(available) > 1 {
			printf(world.Err, "ogpu-tpl: this is the file for %s; --environment takes %s\n", available[0], OneOf(names))
		}
		return available[0], nil
	}
	environment, err := catalog.ParseEnvironment(name)
	if err != nil {
		return 0, Usagef("--environment: %w", err)
	}
	if !slices.Contains(available, environment) {
		return 0, Usagef("%s does not support %s, only %s", t.Name, name, strings.Join(names, ", "))
	}
	return environment, nil
}

func suggestTemplate(c *cli.Context, name string) string {
	dir, err := TemplatesDir(c)
	if err != nil {
		return ""
	}
	names, _ := catalog.Names(dir)
	return document.Suggest(name, names)
}

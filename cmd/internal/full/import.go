package full

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/chain/networks"
	"github.com/opengpu-network/templates/pkg/fetch"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/importer"
	"github.com/opengpu-network/templates/pkg/lint"
	"github.com/opengpu-network/templates/pkg/policy"
	"github.com/urfave/cli/v2"
)

func importCommand(world app.World) *cli.Command {
	return &cli.Command{
		Name:      "import",
		ArgsUsage: "FILE",
		Description: "FILE is JSON, or - for standard input: the SDK's configuration, a SourceInfo, the\n" +
			"SourceParams of the chain, the metadata of a source, or the older form with\n" +
			"docker_images. Compose files are fetched, or taken from beside FILE. What FILE does\n" +
			"not say is a placeholder, marked TODO.\n\n" +
			"Examples:\n" +
			"  ogpu-tpl import source.json\n" +
			"  ogpu-tpl import - --name my-model < source.json\n" +
			"  ogpu-tpl import source.json --offline",
		Flags: []cli.Flag{
			app.TemplatesFlag(),
			app.PoliciesFlag(),
			&cli.StringFlag{Name: "name", Usage: "the template's `NAME`; made of the source's name unless said"},
			&cli.StringFlag{Name: "title", Usage: "the `TITLE` that people see; the source's name unless said"},
			&cli.BoolFlag{Name: "offline", Usage: "fetch nothing: write the rest, and tell what is missing"},
			&cli.StringFlag{Name: "network", Value: "mainnet", Usage: "the `NETWORK` that the source is for: " + app.OneOf(networks.Names()) + "; on the devnet this machine's own addresses are fetched from too"},
		},
		Action: func(c *cli.Context) error { return runImport(c, world) },
	}
}

func runImport(c *cli.Context, world app.World) error {
	if c.NArg() != 1 {
		return app.Usagef("give one file, or - for standard input; see ogpu-tpl import --help")
	}
	if !slices.Contains(networks.Names(), c.String("network")) {
		return app.Usagef("unknown network %q: use %s", c.String("network"), app.OneOf(networks.Names()))
	}
	if name := c.String("name"); c.IsSet("name") {
		if err := catalog.CheckName(name); err != nil {
			return app.Usagef("--name: %w", err)
		}
	}
	folder, err := app.GrowingDir(c)
	if err != nil {
		return err
	}
	set, err := app.LoadPolicies(c.String("policies"))
	if err != nil {
		return err
	}
	app.WarnRegistries(world.Err, set, c.String("policies"))
	file := c.Args().First()
	data, beside, err := readImport(file, world)
	if err != nil {
		return err
	}
	if beside != nil {
		defer beside.Close()
	}
	config, err := importer.Parse(data)
	if err != nil {
		return notImported(file, err)
	}
	if c.IsSet("title") {
		if config.Name, err = importer.CheckTitle(c.String("title")); err != nil {
			return app.Usagef("--title: %w", err)
		}
	}
	gatherer := importer.Gatherer{
		Fetcher: &fetch.Fetcher{AllowLoopback: c.String("network") == networks.Devnet}, Beside: beside, Offline: c.Bool("offline"),
	}
	imported, err := gatherer.Gather(c.Context, config)
	if err != nil {
		return notImported(file, err)
	}
	name := c.String("name")
	if name == "" {
		name = importer.SuggestName(imported.Name)
	}
	if name == "" {
		return app.Usagef("%s has no name that a template's could be made of: give one with --name", file)
	}
	dir := filepath.Join(folder, name)
	if err := imported.Write(dir, name); err != nil {
		return app.AsUsage(err)
	}
	counts, err := lintImported(c.Context, world, set, dir)
	if err != nil {
		return fmt.Errorf("%s is there, but it cannot be linted: %w", dir, err)
	}
	printImport(world, imported, dir, name, counts)
	if len(imported.Missing) > 0 {
		return app.ErrFindings
	}
	return nil
}

// readImport reads FILE, and opens the folder that it lies in. Standard input lies
// in none.
func readImport(file string, world app.World) ([]byte, *os.Root, error) {
	if file == "-" {
		data, err := io.ReadAll(io.LimitReader(world.In, importer.MaxBytes+1))
		if err != nil {
			err = fmt.Errorf("standard input cannot be read: %w", err)
		}
		return data, nil, err
	}
	data, err := app.ReadLimited(file, importer.MaxBytes)
	if err != nil {
		return nil, nil, app.Usagef("%s: %w", file, app.Cause(err))
	}
	root, err := os.OpenRoot(filepath.Dir(file))
	return data, root, err
}

// notImported says what is wrong with FILE, each problem on its line.
func notImported(file string, err error) error {
	if file == "-" {
		file = "standard input"
	}
	if problems := (importer.Problems)(nil); errors.As(err, &problems) {
		return fmt.Errorf("%s cannot be imported:\n  %w", file, err)
	}
	return fmt.Errorf("%s cannot be imported: %w", file, err)
}

// lintImported counts what the linter finds in the new template, by severity.
func lintImported(ctx context.Context, world app.World, set *policy.Set, dir string) (map[finding.Severity]int, error) {
	if err := set.Compile(ctx, func(string) bool { return true }); err != nil {
		return nil, err
	}
	linter := &lint.Linter{Policies: set, Today: world.Now()}
	result, err := linter.Run(ctx, []lint.Target{{Dir: dir, Display: dir}})
	if err != nil {
		return nil, err
	}
	counts := map[finding.Severity]int{}
	for _, f := range result.Findings {
		if !f.Waived {
			counts[f.Severity]++
		}
	}
	return counts, nil
}

// printImport says what was made, what to look at, and what comes next.
func printImport(world app.World, imported *importer.Import, dir, name string, counts map[finding.Severity]int) {
	printf(world.Out, "Made %s", app.Safe(dir))
	for _, file := range slices.Sorted(maps.Keys(imported.Files)) {
		printf(world.Out, "\n  %s, %d bytes", file, len(imported.Files[file]))
	}
	for _, environment := range catalog.AllEnvironments() {
		if image := imported.Images[environment]; image != "" {
			printf(world.Out, "\n  %s, written around the image %s", catalog.ComposePath(environment), app.Safe(image))
		}
	}
	printf(world.Out, "\n")
	printTerms(world, imported)
	if len(imported.Notes) > 0 {
		printf(world.Out, "\nLook at this:\n")
	}
	for _, note := range imported.Notes {
		printf(world.Out, "  - %s\n", app.Safe(note))
	}
	for _, missing := range imported.Missing {
		printf(world.Err, "ogpu-tpl: missing: %s\n", app.Safe(missing))
	}
	printf(world.Out, "\nThe linter finds %s.\n\nNext:\n", counted(counts))
	step := 0
	next := func(format string, args ...any) {
		step++
		printf(world.Out, "  %d. %s\n", step, app.Safe(fmt.Sprintf(format, args...)))
	}
	if len(imported.Missing) > 0 {
		next("Get what is missing.")
	}
	next("Fill in what %s marks with TODO, and the functions above all.", filepath.Join(dir, catalog.ManifestFile))
	if imported.Unpinned() {
		next("Images have tags and no digests: ogpu-tpl pin %s", name)
	}
	next("See what the linter finds: ogpu-tpl lint %s", name)
}

// printTerms shows the terms that were imported, in both units: it is wei that goes
// on the chain.
func printTerms(world app.World, imported *importer.Import) {
	for _, term := range []struct {
		name   string
		amount catalog.Amount
	}{{"payment", imported.MinPayment}, {"lockup", imported.MinAvailableLockup}} {
		if term.amount.Given() {
			printf(world.Out, "  %s: at least %s OGPU, which is %s wei\n", term.name, term.amount, term.amount.Wei())
		}
	}
	if imported.MaxExpiryDuration > 0 {
		printf(world.Out, "  expiry: at most %d seconds\n", imported.MaxExpiryDuration)
	}
	if imported.DeliveryMethod != nil {
		printf(world.Out, "  delivery: %s\n", imported.DeliveryMethod)
	}
}

// counted is "1 error, 0 warnings and 2 notices".
func counted(counts map[finding.Severity]int) string {
	var parts []string
	for _, severity := range finding.Severities() {
		part := fmt.Sprintf("%d %s", counts[severity], severity)
		if counts[severity] != 1 {
			part += "s"
		}
		parts = append(parts, part)
	}
	return fmt.Sprintf("%s, %s and %s", parts[0], parts[1], parts[2])
}

package full

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/opengpu-network/templates/pkg/chain/networks"
	"github.com/opengpu-network/templates/pkg/release"
	"github.com/urfave/cli/v2"
)

func freezeCommand(world app.World) *cli.Command {
	return &cli.Command{
		Name:      "freeze",
		ArgsUsage: "NAME",
		Description: "Each environment becomes one self-contained compose file. The release digest\n" +
			"covers these, the README, the logo, the terms and the hardware; where they came\n" +
			"from stands beside them. For a real network every image must be pinned and every\n" +
			"environment proven by a smoke record.\n\n" +
			"Examples:\n" +
			"  ogpu-tpl freeze document-ocr\n" +
			"  ogpu-tpl freeze ollama --network mainnet --record smoke.json --host pinning\n" +
			"  ogpu-tpl freeze ollama --network testnet --record smoke.json --except amd=\"no such machine yet\"",
		Flags: append(freezeFlags(),
			&cli.StringFlag{Name: "network", Value: networks.Devnet, Usage: "the `NETWORK` that it is for: " + app.OneOf(networks.Names()) + "; on the devnet unpinned and unproven is allowed"},
			&cli.StringFlag{Name: "host", Usage: hostFlagUsage},
			&cli.DurationFlag{Name: "host-timeout", Value: hostTimeout, Usage: "how long a file may take to appear at its address"},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write the release into the folder `DIR`", DefaultText: "dist/NAME-VERSION"},
			app.FormatFlag(),
		),
		Action: func(c *cli.Context) error { return runFreeze(c, world) },
	}
}

// freezeFlags are the flags that freezingOf reads, but for the network.
func freezeFlags() []cli.Flag {
	return []cli.Flag{
		app.TemplatesFlag(),
		app.PoliciesFlag(),
		&cli.StringSliceFlag{Name: "record", Usage: "a smoke record `FILE`; may be repeated"},
		&cli.StringSliceFlag{Name: "except", Usage: "an environment without a record, as `ENVIRONMENT=REASON`; the reason is published"},
	}
}

// freezingOf reads what FreezeTemplate needs from a command line with freezeFlags
// and one template.
func freezingOf(c *cli.Context, network string) (Freezing, error) {
	if c.NArg() != 1 {
		return Freezing{}, app.Usagef("give one template; see ogpu-tpl %s --help", c.Command.Name)
	}
	// A template is found by its folder too, wherever that is.
	templates, err := app.TemplatesDir(c)
	if err != nil && c.String("templates") != "" {
		return Freezing{}, err
	}
	evidence, err := readEvidence(c.StringSlice("record"), c.StringSlice("except"))
	if err != nil {
		return Freezing{}, err
	}
	return Freezing{
		Template: c.Args().First(), Templates: templates, Policies: c.String("policies"),
		Network: network, Records: evidence.Records, Exceptions: evidence.Exceptions,
	}, nil
}

func runFreeze(c *cli.Context, world app.World) error {
	inJSON, err := app.AsJSON(c)
	if err != nil {
		return err
	}
	what, err := freezingOf(c, c.String("network"))
	if err != nil {
		return err
	}
	f, err := FreezeTemplate(c.Context, world, what)
	if err != nil {
		return err
	}
	dir := c.String("output")
	if dir == "" {
		dir = filepath.Join("dist", f.Name+"-"+f.Version)
	}
	// The same folder in all that follows: a link before ".." makes it two.
	dir = filepath.Clean(dir)
	if err := checkOutput(dir, f.Template.Dir, what.Templates); err != nil {
		return err
	}
	if err := f.CheckFolder(dir); err != nil {
		return err
	}
	var at *Hosted
	var unserved error
	beside := map[string][]byte{}
	if text := c.String("host"); text != "" {
		at, unserved = serve(c.Context, hosting{Host: text, Timeout: c.Duration("host-timeout"), Output: dir}, f)
		if at == nil {
			return unserved
		}
		if at.metadata != nil {
			beside[MetadataFile(f.Network)] = at.metadata
		}
	} else {
		at = hostedBefore(dir, f.Network) // the folder can only hold this release
	}
	about, err := json.MarshalIndent(f.provenance(at), "", "  ")
	if err != nil {
		return err
	}
	beside[ProvenanceFile(f.Network)] = append(about, '\n')
	// What was served before something failed is kept for the next run.
	if err := errors.Join(unserved, f.Write(dir, beside)); err != nil {
		return err
	}
	if inJSON {
		return app.WriteJSON(world.Out, struct {
			*release.Release
			Hosted *Hosted `json:"hosted,omitempty"`
		}{f.Release, at})
	}
	printRelease(world, f, at, dir)
	return nil
}

// checkOutput refuses what cannot be meant: a release among the sources that it is
// made of. The templates folder is "" where there is none.
func checkOutput(dir, template, templates string) error {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return app.Usagef("--output %s: is no folder", dir)
	}
	for _, source := range []string{template, templates} {
		if source == "" {
			continue
		}
		inside, err := lies(dir, source)
		if err != nil {
			return err
		}
		if inside {
			return app.Usagef("--output %s: lies in %s, which holds templates and no releases: name a folder elsewhere", dir, source)
		}
	}
	return nil
}

// lies is true when a folder, which need not be there yet, is another one or lies
// in it, by whatever links.
func lies(dir, in string) (bool, error) {
	in, err := filepath.Abs(in)
	if err == nil {
		in, err = filepath.EvalSymlinks(in)
	}
	if err != nil {
		return false, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return false, err
	}
	rest := ""
	for {
		there, err := filepath.EvalSymlinks(dir)
		if err == nil {
			relative, err := filepath.Rel(in, filepath.Join(there, rest))
			return err == nil && filepath.IsLocal(relative), nil
		}
		if dir == filepath.Dir(dir) {
			return false, nil
		}
		dir, rest = filepath.Dir(dir), filepath.Join(filepath.Base(dir), rest)
	}
}

func printRelease(world app.World, f *Frozen, at *Hosted, dir string) {
	printf(world.Out, "%s %s\n%s\n", f.Name, f.Version, f.Digest)
	for _, file := range f.Files {
		printf(world.Out, "  %-20s  %7d bytes  %s\n", file.Path, file.Size, file.CID)
	}
	for _, mark := range f.About.Marks {
		printf(world.Out, "for the devnet only: %s\n", app.Safe(mark))
	}
	if at != nil {
		printf(world.Out, "at %s\n", app.Safe(at.MetadataURL))
	}
	printf(world.Out, "in %s\n", app.Safe(dir))
}

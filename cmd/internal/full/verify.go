package full

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/chain/networks"
	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/lint"
	"github.com/opengpu-network/templates/pkg/publish"
	"github.com/opengpu-network/templates/pkg/publish/publishers"
	"github.com/urfave/cli/v2"
)

func verifyCommand(world app.World) *cli.Command {
	return &cli.Command{
		Name:      "verify",
		ArgsUsage: "NAME|ADDRESS",
		Description: "Reads the source from the chain, fetches its metadata and its files, recomputes\n" +
			"every digest and CID, and tells field by field what agrees with itself and with\n" +
			"the catalog. Exit status 1 when something differs, 3 when something could not be\n" +
			"compared.\n\n" +
			"Examples:\n" +
			"  ogpu-tpl verify ollama --network mainnet\n" +
			"  ogpu-tpl verify 0x5FbDB2315678afecb367f032d93F642f64180aa3 --network testnet",
		Flags:  slices.Concat([]cli.Flag{app.TemplatesFlag()}, app.NetworkFlags(), []cli.Flag{app.FormatFlag()}),
		Action: func(c *cli.Context) error { return runVerify(c, world) },
	}
}

func runVerify(c *cli.Context, world app.World) error {
	inJSON, err := app.AsJSON(c)
	if err != nil {
		return err
	}
	what, err := openSubject(c, world)
	if err != nil {
		return err
	}
	defer what.Close()
	results, worst := []*publish.Verification{}, publish.Agrees
	for _, source := range what.sources {
		v, err := what.verify(c.Context, c, world, source)
		if err != nil {
			return err
		}
		results = append(results, v)
		worst = worst.Or(v.Outcome())
	}
	if inJSON {
		if err := app.WriteJSON(world.Out, results); err != nil {
			return err
		}
	} else {
		for _, v := range results {
			printVerification(world, what.choice.Name, v)
		}
	}
	return outcomeError(worst)
}

// subject is what a command such as verify is about: a template by its name, or
// one source.
type subject struct {
	*connection
	choice    chosen
	publisher *publishers.Publisher
	at        chain.Block
	// name is the template's; empty for an address.
	name    string
	sources []chain.Source
	// held is what the catalog holds, once it was read.
	held map[string]local
}

// openSubject finds the sources of the one argument: of a name those that are
// active, or all when none is.
func openSubject(c *cli.Context, world app.World) (*subject, error) {
	if c.NArg() != 1 {
		return nil, app.Usagef("give one template or address; see ogpu-tpl %s --help", c.Command.Name)
	}
	choice, err := chooseNetwork(c, world)
	if err != nil {
		return nil, err
	}
	s := &subject{choice: choice}
	if err := s.find(c, c.Args().First()); err != nil {
		if s.connection != nil {
			s.Close()
		}
		return nil, err
	}
	return s, nil
}

func (s *subject) find(c *cli.Context, argument string) error {
	isAddress := app.LooksLikeAddress(argument)
	if p, err := publisherOn(c, s.choice.Name); err == nil {
		s.publisher = &p
	} else if !isAddress {
		return err
	}
	address, err := networks.ParseAddress(argument)
	if isAddress && err != nil {
		return app.AsUsage(err)
	}
	if s.connection, err = openNetwork(c.Context, s.choice); err != nil {
		return err
	}
	if s.at, err = s.Head(c.Context); err != nil {
		return err
	}
	if isAddress {
		source, err := s.Source(c.Context, address, s.at)
		s.sources = []chain.Source{source}
		return err
	}
	s.name = argument
	published, err := s.Survey(c.Context, s.publisher.Client, s.at)
	if err != nil {
		return err
	}
	own := publish.Of(published, s.name, nil)
	if len(own) == 0 {
		return fmt.Errorf("%s is not on the %s: none of the sources of the client %s is this template%s", s.name, s.choice.Name, s.publisher.Client, suggestPublished(published, s.name))
	}
	if slices.ContainsFunc(own, func(p publish.Published) bool { return p.Status == chain.Active }) {
		own = slices.DeleteFunc(own, func(p publish.Published) bool { return p.Status != chain.Active })
	}
	for _, p := range own {
		s.sources = append(s.sources, p.Source)
	}
	return nil
}

func suggestPublished(published []publish.Published, name string) string {
	var names []string
	for _, p := range published {
		names = append(names, p.Stamp().Name)
	}
	return document.Suggest(name, names)
}

// verify compares one source. The catalog has a say about the sources of its own
// client only: a name in a stranger's metadata means nothing.
func (s *subject) verify(ctx context.Context, c *cli.Context, world app.World, source chain.Source) (*publish.Verification, error) {
	var expected publish.Expected
	var unread error // why what the catalog holds is not known
	if s.publisher != nil && (s.name != "" || source.Client == s.publisher.Client) {
		expected.Client = &s.publisher.Client
		// Whatever is wrong with the metadata, Verify says.
		if metadata, err := s.Metadata(ctx, source); err == nil && metadata.Template != nil {
			l, err := s.local(ctx, c, world, metadata.Template.Name)
			switch {
			case errors.Is(err, lint.ErrNoTarget), errors.Is(err, app.ErrNoTemplates):
			case err != nil:
				unread = err
			default:
				unread = l.Err
				expected.Template, expected.Release = l.Template, l.Release
			}
		}
	}
	v, err := s.Verify(ctx, source, expected)
	if err == nil && unread != nil {
		v.Checks = append(v.Checks, publish.Check{Field: "catalog", Outcome: publish.Unknown, Problem: unread.Error()})
	}
	return v, err
}

// local is what the catalog holds of the template that the sources are, read once
// for all of them.
func (s *subject) local(ctx context.Context, c *cli.Context, world app.World, name string) (local, error) {
	if _, read := s.held[name]; !read {
		held, err := locals(ctx, c, world, []string{name})
		if err != nil {
			return local{}, err
		}
		s.held = held
	}
	return s.held[name], nil
}

func printVerification(world app.World, network string, v *publish.Verification) {
	what := "it names no template of a catalog"
	if v.Template != "" {
		what = v.Template + " " + v.Version
	}
	printf(world.Out, "%s on the %s: %s\n", v.Source, network, app.Inert(what))
	width := 0
	for _, check := range v.Checks {
		width = max(width, len(check.Field))
	}
	for _, check := range v.Checks {
		printf(world.Out, "  %-8s %-*s  %s\n", check.Outcome, width, app.Inert(check.Field), app.Inert(describeCheck(check)))
	}
	printf(world.Out, "%s\n", summary(v))
	unread := slices.ContainsFunc(v.Checks, func(check publish.Check) bool { return check.Field == "catalog" })
	switch v.Catalog {
	case "":
		if unread {
			return
		}
		printf(world.Out, "The source was compared with itself only: it is not of the catalog's client, or the catalog has no such template.\n")
	case v.Version:
	default:
		printf(world.Out, "The catalog has version %s, so the files were compared with what the source itself says of them.\n", v.Catalog)
	}
}

// outcomeError is the exit status of a verification.
func outcomeError(outcome publish.Outcome) error {
	switch outcome {
	case publish.Differs:
		return app.ErrFindings
	case publish.Unknown:
		return errors.New("not everything could be compared: see above")
	}
	return nil
}

// summary counts the comparisons of a verification.
func summary(v *publish.Verification) string {
	count := map[publish.Outcome]int{}
	for _, c := range v.Checks {
		count[c.Outcome]++
	}
	var parts []string
	for _, outcome := range []publish.Outcome{publish.Agrees, publish.Differs, publish.Unknown} {
		switch n := count[outcome]; {
		case n == 0:
		case outcome == publish.Unknown:
			parts = append(parts, fmt.Sprintf("%d unknown", n))
		case n == 1:
			parts = append(parts, "1 "+string(outcome))
		default:
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.TrimSuffix(string(outcome), "s")))
		}
	}
	return fmt.Sprintf("%d comparisons: %s", len(v.Checks), strings.Join(parts, ", "))
}

// describeCheck says what a comparison came to.
func describeCheck(c publish.Check) string {
	got := publish.Show(c.Field, c.Got)
	switch c.Outcome {
	case publish.Unknown:
		return c.Problem
	case publish.Differs:
		return fmt.Sprintf("%s, and should be %s", got, publish.Show(c.Field, c.Want))
	}
	return got
}

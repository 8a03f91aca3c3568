package full

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/chain/networks"
	"github.com/opengpu-network/templates/pkg/publish"
	"github.com/opengpu-network/templates/pkg/publish/publishers"
	"github.com/opengpu-network/templates/pkg/release"
	"github.com/urfave/cli/v2"
	"golang.org/x/sync/errgroup"
)

func statusCommand(world app.World) *cli.Command {
	return &cli.Command{
		Name:      "status",
		ArgsUsage: "[NAME…]",
		Description: "For each template and network: the version in the catalog, the one on the chain,\n" +
			"the source's address, and whether they agree. It needs no key. Without --network\n" +
			"it asks each network that publishers.yaml names, and the devnet if one runs.\n" +
			"Exit status 1 when something has drifted.\n\n" +
			"Examples:\n" +
			"  ogpu-tpl status\n" +
			"  ogpu-tpl status ollama --network mainnet --format json",
		Flags:  slices.Concat([]cli.Flag{app.TemplatesFlag()}, app.NetworkFlags(), []cli.Flag{app.FormatFlag()}),
		Action: func(c *cli.Context) error { return runStatus(c, world) },
	}
}

// StatusRow is one template on one network.
type StatusRow struct {
	Template string        `json:"template"`
	Network  string        `json:"network"`
	Catalog  string        `json:"catalog,omitempty"`
	Chain    string        `json:"chain,omitempty"`
	Source   string        `json:"source,omitempty"`
	State    publish.State `json:"state"`
	// Drift says what differs.
	Drift []string `json:"drift,omitempty"`
}

func runStatus(c *cli.Context, world app.World) error {
	inJSON, err := app.AsJSON(c)
	if err != nil {
		return err
	}
	choices, err := networksAsked(c, world)
	if err != nil {
		return err
	}
	held, err := locals(c.Context, c, world, c.Args().Slice())
	if err != nil {
		return err
	}
	clients, err := allPublishers(c)
	if err != nil {
		return err
	}
	rows := []StatusRow{}
	var failed []error
	for _, name := range slices.Sorted(maps.Keys(held)) {
		if err := held[name].Err; err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", name, err))
		}
	}
	for _, choice := range choices {
		publisher, ok := clients[choice.Name]
		if !ok {
			failed = append(failed, fmt.Errorf("%s %w for the %s", publishers.File, publishers.ErrNone, choice.Name))
			continue
		}
		found, err := statusOn(c.Context, choice, publisher, held, c.NArg() == 0)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", choice.Name, err))
		}
		rows = append(rows, found...)
	}
	if inJSON {
		err = app.WriteJSON(world.Out, rows)
	} else {
		err = printStatus(world.Out, rows)
	}
	if err != nil {
		return err
	}
	if err := errors.Join(failed...); err != nil {
		return err
	}
	if slices.ContainsFunc(rows, func(r StatusRow) bool { return r.State == publish.Drifted }) {
		return app.ErrFindings
	}
	return nil
}

// networksAsked are the network that is named, or all that can be asked.
func networksAsked(c *cli.Context, world app.World) ([]chosen, error) {
	choice, err := chooseNetwork(c, world)
	if err != nil {
		return nil, err
	}
	if choice.named || choice.url != "" {
		return []chosen{choice}, nil
	}
	clients, err := allPublishers(c)
	if err != nil {
		return nil, err
	}
	var all []chosen
	for _, network := range networks.All() {
		if _, ok := clients[network.Name]; !ok || network.Name == networks.Devnet && !listens(network.RPC) {
			continue
		}
		all = append(all, chosen{Network: network, named: true, loopback: network.Name == networks.Devnet || c.Bool("loopback")})
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("there is no network to ask: %s names none, and %w", publishers.File, errNoDevnet)
	}
	return all, nil
}

// statusOn compares the catalog with one network. With whole it lists sources of
// templates that the catalog does not have, too.
func statusOn(ctx context.Context, choice chosen, publisher publishers.Publisher, held map[string]local, whole bool) (rows []StatusRow, err error) {
	network, err := openNetwork(ctx, choice)
	if err != nil {
		return nil, err
	}
	defer network.Close()
	at, err := network.Head(ctx)
	if err != nil {
		return nil, err
	}
	published, err := network.Survey(ctx, publisher.Client, at)
	if err != nil {
		return nil, err
	}
	published = slices.DeleteFunc(published, func(p publish.Published) bool {
		l, ok := held[p.Stamp().Name]
		return !ok && !whole || l.Err != nil
	})
	statements, err := network.statements(ctx, published, held)
	if err != nil {
		return nil, err
	}
	for i, p := range published {
		l := held[p.Stamp().Name]
		row := StatusRow{Template: p.Stamp().Name, Network: choice.Name, Chain: p.Version.String(), Source: p.Address.Hex()}
		if l.Release != nil {
			row.Catalog = l.Release.Version
		}
		if row.State, row.Drift, err = publish.StateOf(p, l.Release, statements[i]); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	for _, name := range slices.Sorted(maps.Keys(held)) {
		if l := held[name]; l.Err == nil && len(publish.Of(published, name, nil)) == 0 {
			rows = append(rows, StatusRow{Template: name, Network: choice.Name, Catalog: l.Release.Version, State: publish.Unpublished})
		}
	}
	slices.SortStableFunc(rows, func(a, b StatusRow) int { return strings.Compare(a.Template, b.Template) })
	return rows, nil
}

// statements are what the releases of sources say of themselves; nil for those
// that are retired.
func (c *connection) statements(ctx context.Context, published []publish.Published, held map[string]local) ([]*release.Statement, error) {
	all := make([]*release.Statement, len(published))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for i, p := range published {
		if p.Status != chain.Active {
			continue
		}
		group.Go(func() (err error) {
			all[i], err = c.Statement(ctx, p, held[p.Stamp().Name].Release)
			return err
		})
	}
	return all, group.Wait()
}

func printStatus(out io.Writer, rows []StatusRow) error {
	if len(rows) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "TEMPLATE\tNETWORK\tCATALOG\tCHAIN\tSOURCE\tSTATE")
	for _, r := range rows {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", app.Inert(r.Template), r.Network, orDash(r.Catalog), orDash(app.Inert(r.Chain)), orDash(r.Source), r.State)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, r := range rows {
		for _, drift := range r.Drift {
			printf(out, "%s on the %s: %s\n", app.Inert(r.Template), r.Network, app.Inert(drift))
		}
	}
	return nil
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

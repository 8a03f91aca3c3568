package full

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/publish"
	"github.com/urfave/cli/v2"
)

func historyCommand(world app.World) *cli.Command {
	return &cli.Command{
		Name:      "history",
		ArgsUsage: "NAME|ADDRESS",
		Description: "Version, digest, block, time and transaction of each. Parameters that changed\n" +
			"without an event, because the owner set them on the source itself, are told of.\n\n" +
			"Examples:\n" +
			"  ogpu-tpl history ollama --network mainnet\n" +
			"  ogpu-tpl history 0x5FbDB2315678afecb367f032d93F642f64180aa3 --network testnet --format json",
		Flags: slices.Concat([]cli.Flag{app.TemplatesFlag()}, app.NetworkFlags(), []cli.Flag{
			&cli.Uint64Flag{Name: "from-block", Usage: "read events from this `BLOCK` on", DefaultText: "firstBlock in publishers.yaml, or 0"},
			app.FormatFlag(),
		}),
		Action: func(c *cli.Context) error { return runHistory(c, world) },
	}
}

// historyRow is one entry for machines.
type historyRow struct {
	Source      string          `json:"source"`
	Event       chain.EventKind `json:"event"`
	Template    string          `json:"template,omitempty"`
	Version     string          `json:"version,omitempty"`
	Digest      string          `json:"digest,omitempty"`
	Status      string          `json:"status,omitempty"`
	Block       uint64          `json:"block"`
	Time        string          `json:"time"`
	Transaction string          `json:"transaction,omitempty"`
	From        string          `json:"from,omitempty"`
	// Changes are the parameters that differ from those before.
	Changes []fieldChange `json:"changes,omitempty"`
	// Problem says what is not known.
	Problem string `json:"problem,omitempty"`
}

// fieldChange is one parameter that differs, for machines: amounts in wei,
// durations in seconds.
type fieldChange struct {
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

func fieldChanges(changes []chain.Change) (all []fieldChange) {
	for _, c := range changes {
		all = append(all, fieldChange(c))
	}
	return all
}

func runHistory(c *cli.Context, world app.World) error {
	inJSON, err := app.AsJSON(c)
	if err != nil {
		return err
	}
	what, err := openSubject(c, world)
	if err != nil {
		return err
	}
	defer what.Close()
	first := c.Uint64("from-block")
	if !c.IsSet("from-block") && what.publisher != nil && what.name != "" {
		first = what.publisher.FirstBlock
	}
	rows := []historyRow{}
	for _, source := range what.sources {
		entries, err := what.connection.Surveyor.History(c.Context, source.Address, first, what.at)
		if err != nil {
			return err
		}
		published := slices.ContainsFunc(entries, func(e publish.Entry) bool { return e.Kind == chain.Published })
		if len(entries) > 0 && !published {
			printf(world.Err, "%s was published before block %d: its history before that block is not listed; see --from-block\n", source.Address, first)
		}
		for _, entry := range entries {
			rows = append(rows, historyRowOf(source.Address, entry))
		}
	}
	if inJSON {
		return app.WriteJSON(world.Out, rows)
	}
	if len(rows) == 0 {
		printf(world.Out, "Nothing happened on the %s from block %d on.\n", what.choice.Name, first)
	}
	printHistory(world.Out, what.choice.Name, rows)
	return nil
}

func historyRowOf(source common.Address, e publish.Entry) historyRow {
	row := historyRow{Source: source.Hex(), Event: e.Kind, Block: e.Block.Number, Time: e.Block.Time.Format(time.RFC3339), Changes: fieldChanges(e.Changes), Problem: e.Problem}
	if e.Transaction != (common.Hash{}) {
		row.Transaction, row.From = e.Transaction.Hex(), e.From.Hex()
	}
	if e.Kind == chain.StatusChanged {
		row.Status = e.Status.String()
	}
	switch {
	case e.Stamp != nil:
		row.Template, row.Version, row.Digest = e.Stamp.Name, e.Stamp.Version, e.Stamp.Digest
	case e.Unreadable != nil:
		row.Problem = e.Unreadable.Error()
	case e.Params != nil:
		row.Problem = "its metadata names no template"
	}
	return row
}

func printHistory(out io.Writer, network string, rows []historyRow) {
	source := ""
	line := func(name, format string, args ...any) {
		printf(out, "    %-11s %s\n", name, app.Inert(fmt.Sprintf(format, args...)))
	}
	for _, r := range rows {
		if r.Source != source {
			source = r.Source
			printf(out, "%s on the %s\n", source, network)
		}
		when := strings.TrimSuffix(strings.Replace(r.Time, "T", " ", 1), "Z") + " UTC"
		switch r.Event {
		case chain.Changed:
			printf(out, "  %s  block %d or before: changed by its owner, without an event\n", when, r.Block)
		case chain.StatusChanged:
			printf(out, "  %s  block %d: %s\n", when, r.Block, r.Status)
		default:
			printf(out, "  %s  block %d: %s\n", when, r.Block, app.Inert(strings.TrimSpace(string(r.Event)+" "+r.Version)))
		}
		if r.Digest != "" {
			line("release", "%s", r.Digest)
		}
		if r.Transaction != "" {
			line("transaction", "%s", r.Transaction)
			line("from", "%s", r.From)
		}
		for _, c := range r.Changes {
			line("change", "%s: %s, and was %s", c.Field, publish.Show(c.Field, c.New), publish.Show(c.Field, c.Old))
		}
		if r.Problem != "" {
			line("unknown", "%s", r.Problem)
		}
	}
}

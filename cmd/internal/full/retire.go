package full

import (
	"context"
	"fmt"
	"slices"

	"github.com/ethereum/go-ethereum/common"
	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/chain/networks"
	"github.com/opengpu-network/templates/pkg/publish"
	"github.com/urfave/cli/v2"
)

func retireCommand(world app.World) *cli.Command {
	return &cli.Command{
		Name:      "retire",
		ArgsUsage: "NAME|ADDRESS",
		Description: "No task can be published for it any more, and nothing brings it back: the next\n" +
			"version of the template must be a new major version, with a source of its own.\n" +
			"It asks first. The template in the catalog may be gone already.\n\n" +
			"Examples:\n" +
			"  ogpu-tpl retire ollama --network testnet\n" +
			"  ogpu-tpl retire ollama --major 1 --network mainnet --keystore key.json --yes",
		Flags: slices.Concat([]cli.Flag{app.TemplatesFlag()}, app.NetworkFlags(), []cli.Flag{
			&cli.Uint64Flag{Name: "major", Usage: "the source of this major `VERSION`", DefaultText: "the only active one"},
		}, sendFlags()),
		Action: func(c *cli.Context) error { return runRetire(c, world) },
	}
}

func runRetire(c *cli.Context, world app.World) error {
	r, err := retirementOf(c)
	if err != nil {
		return err
	}
	choice, err := chooseNetwork(c, world)
	if err != nil {
		return err
	}
	sender, err := newSender(c)
	if err != nil {
		return err
	}
	if !choice.named {
		printf(world.Out, "%s\n", noNetworkNamed)
	}
	publisher, err := publisherOn(c, choice.Name)
	if err != nil {
		return err
	}
	if sender.Signer, err = openSigner(c.Context, c, world, choice.Name, publisher.Client); err != nil {
		return err
	}
	r.client = publisher.Client
	if r.connection, err = openNetwork(c.Context, choice); err != nil {
		return err
	}
	defer r.Close()
	sender.Client = r.Client
	at, err := r.Head(c.Context)
	if err != nil {
		return err
	}
	source, what, err := r.find(c.Context, at)
	if err != nil {
		return err
	}
	what = app.Inert(fmt.Sprintf("%s at %s on the %s", what, source.Address, choice.Name))
	if source.Status != chain.Active {
		printf(world.Out, "There is nothing to do: %s is retired already\n", what)
		return nil
	}
	printf(world.Out, "%s\n  providers  %s\n  tasks      %s\n", what, registered(source.Registrants), source.Tasks)
	if !c.Bool("yes") {
		if err := confirm(c.Context, world, "Retire it? That is for good."); err != nil {
			return err
		}
	}
	sent, err := sender.Once(c.Context, func(ctx context.Context, at chain.Block) (*chain.Call, error) {
		now, _, err := r.find(ctx, at)
		if err != nil || now.Status != chain.Active {
			return nil, err
		}
		if now.Address != source.Address {
			return nil, fmt.Errorf("%s has another source now, %s: run again", r.name, now.Address)
		}
		call := chain.InactivateSource(choice.Network, source.Address)
		return &call, nil
	})
	if err != nil {
		return err
	}
	if sent != nil {
		printf(world.Out, "The transaction %s is final, in block %d\n", sent.Hash, sent.Block)
	}
	printf(world.Out, "%s is retired\n", what)
	return nil
}

// retirement is one run of retire.
type retirement struct {
	*connection
	client common.Address
	// name is what is to be retired, and address is set when it is one.
	name    string
	address *common.Address
	major   *uint64
}

// retirementOf reads what is to be retired.
func retirementOf(c *cli.Context) (*retirement, error) {
	if c.NArg() != 1 {
		return nil, app.Usagef("give one template; see ogpu-tpl retire --help")
	}
	r := &retirement{name: c.Args().First()}
	if c.IsSet("major") {
		major := c.Uint64("major")
		r.major = &major
	}
	if app.LooksLikeAddress(r.name) {
		address, err := networks.ParseAddress(r.name)
		if err != nil {
			return nil, app.AsUsage(err)
		}
		if r.address = &address; r.major != nil {
			return nil, app.Usagef("--major is for a template's name: an address says which source is meant")
		}
	}
	return r, nil
}

// find finds the source at the block, and what it is. One that is named by its
// address may have metadata that nobody can read any more.
func (r *retirement) find(ctx context.Context, at chain.Block) (chain.Source, string, error) {
	if r.address == nil {
		published, err := r.Survey(ctx, r.client, at)
		if err != nil {
			return chain.Source{}, "", err
		}
		p, err := publish.ToRetire(published, r.name, r.major)
		if err != nil {
			return chain.Source{}, "", err
		}
		return p.Source, p.Stamp().Name + " " + p.Version.String(), nil
	}
	source, err := r.Source(ctx, *r.address, at)
	if err != nil {
		return chain.Source{}, "", err
	}
	if source.Client != r.client {
		return chain.Source{}, "", fmt.Errorf("the source %s is not of the client %s", r.address, r.client)
	}
	metadata, err := r.Metadata(ctx, source)
	switch {
	case err != nil:
		return source, "a source with metadata that cannot be read", nil
	case metadata.Template == nil:
		return source, "a source that names no template", nil
	}
	return source, metadata.Template.Name + " " + metadata.Template.Version, nil
}

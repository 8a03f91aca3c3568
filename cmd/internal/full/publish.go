package full

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/chain/networks"
	"github.com/opengpu-network/templates/pkg/host"
	"github.com/opengpu-network/templates/pkg/publish"
	"github.com/opengpu-network/templates/pkg/release"
	"github.com/urfave/cli/v2"
)

func publishCommand(world app.World) *cli.Command {
	return &cli.Command{
		Name:      "publish",
		ArgsUsage: "NAME",
		Description: "Lints and freezes the template, serves its files, sends one transaction, waits\n" +
			"until it is final, and verifies what is on the chain. The first version of a\n" +
			"template, and of each major version, is a new source; a later one updates that\n" +
			"source. What is there already is not sent again. On the devnet, which runs on\n" +
			"this machine, nothing is needed: no wallet, no network.\n\n" +
			"Examples:\n" +
			"  ogpu-tpl publish huggingface-pipeline\n" +
			"  ogpu-tpl publish ollama --network testnet --record smoke.json --dry-run\n" +
			"  ogpu-tpl publish ollama --network mainnet --record smoke.json --keystore key.json",
		Flags: slices.Concat(
			freezeFlags(),
			app.NetworkFlags(),
			[]cli.Flag{
				&cli.StringFlag{Name: "host", Usage: hostFlagUsage, DefaultText: "pinning"},
				&cli.DurationFlag{Name: "host-timeout", Value: hostTimeout, Usage: "how long a file may take to appear at its address"},
				&cli.BoolFlag{Name: "dry-run", Usage: "show what would be sent; upload and send nothing"},
			},
			sendFlags(),
			[]cli.Flag{
				&cli.StringFlag{Name: "journal", Usage: "the `DIR` that keeps what a run must not do twice", DefaultText: "in the user's cache"},
				app.FormatFlag(),
			},
		),
		Action: func(c *cli.Context) error { return runPublish(c, world) },
	}
}

// heading is what a run does with which release, for machines.
type heading struct {
	Network  string         `json:"network"`
	ChainID  uint64         `json:"chainId"`
	Action   publish.Action `json:"action"`
	Template string         `json:"template"`
	Version  string         `json:"version"`
	Digest   string         `json:"digest"`
}

func (p *publication) heading(action publish.Action) heading {
	return heading{p.choice.Name, p.choice.ChainID, action, p.frozen.Name, p.frozen.Version, p.frozen.Digest}
}

// Receipt is what a run did, for machines.
type Receipt struct {
	heading
	Source   string `json:"source"`
	Metadata string `json:"metadataUrl"`
	// Transaction, Block and GasUsed are absent when nothing was sent.
	Transaction *common.Hash          `json:"transaction,omitempty"`
	Block       uint64                `json:"block,omitempty"`
	GasUsed     uint64                `json:"gasUsed,omitempty"`
	Verified    *publish.Verification `json:"verified,omitempty"`
}

// publication is one run of publish.
type publication struct {
	*connection
	choice  chosen
	world   app.World
	frozen  *Frozen
	client  common.Address
	host    host.Linker
	journal *publish.Journal
	// hostTimeout is --host-timeout.
	hostTimeout time.Duration
	// dry is --dry-run.
	dry   bool
	quiet bool // only JSON goes to the output
	// waits is true once it was said that something is waited for.
	waits bool
	// waitsFor is the transaction whose confirmations are waited for.
	waitsFor common.Hash
	plan     plan
}

func runPublish(c *cli.Context, world app.World) error {
	inJSON, err := app.AsJSON(c)
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
	what, err := freezingOf(c, choice.Name)
	if err != nil {
		return err
	}
	publisher, err := publisherOn(c, choice.Name)
	if err != nil {
		return err
	}
	p := &publication{choice: choice, world: world, client: publisher.Client, quiet: inJSON, hostTimeout: c.Duration("host-timeout"), dry: c.Bool("dry-run")}
	if p.hostTimeout <= 0 {
		return app.Usagef("--host-timeout must be positive")
	}
	if !choice.named {
		p.say(noNetworkNamed)
	}
	if p.frozen, err = FreezeTemplate(c.Context, world, what); err != nil {
		return err
	}
	sender.Progress = p.progress
	if !p.dry {
		if sender.Signer, err = openSigner(c.Context, c, world, choice.Name, p.client); err != nil {
			return err
		}
	}
	if p.connection, err = openOrStart(c.Context, choice); err != nil {
		return err
	}
	defer p.Close()
	sender.Client = p.Client
	if err := p.openHost(c.String("host")); err != nil {
		return err
	}
	if closer, ok := p.host.(io.Closer); ok {
		defer closer.Close()
	}
	// What may still be undone is not yet there.
	look := sender.Settled
	if p.dry {
		look = p.Head
	}
	at, err := look(c.Context)
	if err != nil {
		return err
	}
	decision, err := p.preview(c.Context, at, sender.Limits)
	if err != nil {
		return err
	}
	if decision.Action == publish.Nothing {
		p.say("There is nothing to do: this version is on the %s already, with the same digest. No transaction is sent.", choice.Name)
		return p.finish(c.Context, &publish.Result{Action: publish.Nothing, Source: *decision.Source})
	}
	if p.dry {
		p.say("Nothing was uploaded or sent.")
		if p.quiet {
			return app.WriteJSON(world.Out, p.plan)
		}
		return nil
	}
	if choice.Name == "mainnet" && !c.Bool("yes") {
		if err := confirm(c.Context, world, "Send it to the mainnet?"); err != nil {
			return err
		}
	}
	return p.send(c.Context, c.String("journal"), sender)
}

// openHost opens the host that serves the files.
func (p *publication) openHost(text string) (err error) {
	if text == "" {
		text = "pinning"
		if p.uploads != "" {
			text += "=" + p.uploads + "," + p.gateway
		}
	}
	if p.host, err = openHost(text, p.frozen.About.Origin.Commit, p.fetcher); err != nil {
		return app.Usagef("--host: %w", err)
	}
	return nil
}

// send uploads, sends and verifies.
func (p *publication) send(ctx context.Context, journalDir string, sender *chain.Sender) (err error) {
	if journalDir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return fmt.Errorf("the journal has no place: give --journal: %w", err)
		}
		journalDir = filepath.Join(cache, "ogpu-tpl", "journal")
	}
	name := fmt.Sprintf("%d-%s-%s.json", p.choice.ChainID, strings.ToLower(p.client.Hex()), p.frozen.Name)
	if p.journal, err = publish.OpenJournal(ctx, filepath.Join(journalDir, name)); err != nil {
		return err
	}
	defer p.journal.Close()
	if p.journal.Lost != nil {
		p.fact("warning", "the journal of an earlier run cannot be read, and is put aside: %v", p.journal.Lost)
	}
	sender.Memory = p.journal
	p.say("Uploading to %s", p.host)
	uploader := &host.Uploader{Host: p.host, Fetcher: p.fetcher, Patience: host.Patience{Visible: p.hostTimeout}, Known: p.journal.Links()}
	at, err := p.frozen.put(ctx, uploader)
	if at != nil { // also what was uploaded before something failed
		if err := p.keepLinks(at); err != nil {
			return fmt.Errorf("the journal cannot be kept: %w", err)
		}
	}
	if err != nil {
		return err
	}
	result, err := publish.Send(ctx, sender, p.Surveyor, p.frozen.Release, at.MetadataURL)
	if err != nil {
		return err
	}
	return p.finish(ctx, result)
}

// noteReleased notes the release's digest beside the template, also when an
// earlier run has sent it.
func (p *publication) noteReleased() {
	if p.choice.Name == networks.Devnet {
		return
	}
	if err := release.AddReleased(p.frozen.Template.Dir, p.frozen.Version, p.frozen.Digest); err != nil {
		p.fact("warning", "%s of the template cannot be written: %v", release.ReleasesFile, err)
	}
}

// keepLinks remembers where the files are.
func (p *publication) keepLinks(at *Hosted) error {
	for _, f := range p.frozen.Files {
		if link := at.Links[f.Path]; link != "" {
			if err := p.journal.KeepLink(f.SHA256, link); err != nil {
				return err
			}
		}
	}
	if at.MetadataURL == "" {
		return nil
	}
	metadata, err := host.NewFile(MetadataFile(p.choice.Name), at.Metadata)
	if err != nil {
		return err
	}
	return p.journal.KeepLink(metadata.SHA256, at.MetadataURL)
}

// finish verifies what is on the chain, and says where it is.
func (p *publication) finish(ctx context.Context, result *publish.Result) error {
	v, err := p.Verify(ctx, result.Source.Source, publish.Expected{Client: &p.client, Template: p.frozen.Template, Release: p.frozen.Release})
	if err != nil {
		return err
	}
	if !p.dry {
		p.noteReleased()
	}
	r := Receipt{
		heading: p.heading(result.Action), Source: result.Source.Address.Hex(),
		Metadata: result.Source.Params.ImageMetadataUrl, Verified: v,
	}
	if result.Sent != nil {
		r.Transaction, r.Block, r.GasUsed = &result.Sent.Hash, result.Sent.Block, result.Sent.Receipt.GasUsed
		p.say("The transaction is final, in block %d", r.Block)
	}
	p.say("%s %s is on the %s", r.Template, r.Version, r.Network)
	p.fact("source", "%s", r.Source)
	p.fact("metadata", "%s", r.Metadata)
	for _, check := range v.Checks {
		if check.Outcome != publish.Agrees {
			p.fact(string(check.Outcome), "%s: %s", check.Field, describeCheck(check))
		}
	}
	p.fact("verified", "%s", summary(v))
	if v.Outcome() == publish.Differs {
		p.say("What is on the chain is not what was published. A new version of the template puts it right.")
	}
	if p.local != nil {
		p.say("This devnet ends with the command. To keep one: ogpu-tpl devnet")
	}
	if p.quiet {
		if err := app.WriteJSON(p.world.Out, r); err != nil {
			return err
		}
	}
	return outcomeError(v.Outcome())
}

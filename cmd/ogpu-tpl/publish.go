package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/host"
	"github.com/opengpu-network/templates/pkg/publish"
	"github.com/opengpu-network/templates/pkg/release"
	"github.com/opengpu-network/templates/pkg/report"
	"github.com/urfave/cli/v2"
	"golang.org/x/term"
)

func publishCommand(world World) *cli.Command {
	return &cli.Command{
		Name:      "publish",
		Usage:     "put a version of a template on the chain, exactly once",
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
		Flags: flags(
			freezeFlags(),
			networkFlags(),
			[]cli.Flag{
				&cli.StringFlag{Name: "host", Usage: hostFlagUsage, DefaultText: "pinning"},
				&cli.BoolFlag{Name: "dry-run", Usage: "show what would be sent; upload and send nothing"},
			},
			sendFlags(),
			[]cli.Flag{
				&cli.StringFlag{Name: "journal", Usage: "the `DIR` that keeps what a run must not do twice", DefaultText: "in the user's cache"},
				&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "print text or json"},
			},
		),
		Action: func(c *cli.Context) error { return runPublish(c, world) },
	}
}

func flags(lists ...[]cli.Flag) (all []cli.Flag) {
	for _, list := range lists {
		all = append(all, list...)
	}
	return all
}

// receipt is what a run did, for machines.
type receipt struct {
	Network  string         `json:"network"`
	ChainID  uint64         `json:"chainId"`
	Action   publish.Action `json:"action"`
	Template string         `json:"template"`
	Version  string         `json:"version"`
	Digest   string         `json:"digest"`
	Source   string         `json:"source"`
	Metadata string         `json:"metadataUrl"`
	// Transaction, Block and GasUsed are absent when nothing was sent.
	Transaction *common.Hash          `json:"transaction,omitempty"`
	Block       uint64                `json:"block,omitempty"`
	GasUsed     uint64                `json:"gasUsed,omitempty"`
	Verified    *publish.Verification `json:"verified,omitempty"`
}

// plan is what a dry run would send, for machines: amounts in wei, durations in
// seconds.
type plan struct {
	Network  string         `json:"network"`
	ChainID  uint64         `json:"chainId"`
	Action   publish.Action `json:"action"`
	Template string         `json:"template"`
	Version  string         `json:"version"`
	Digest   string         `json:"digest"`
	From     string         `json:"from"`
	To       string         `json:"to"`
	Data     hexutil.Bytes  `json:"data"`
	// Source, Published and Providers are absent for a new source.
	Source    string `json:"source,omitempty"`
	Published string `json:"published,omitempty"`
	Providers string `json:"providers,omitempty"`
	// Parameters are those that differ, of a new source all of them; Old is then
	// empty.
	Parameters []fieldChange `json:"parameters"`
	// Changes are what else differs.
	Changes  []publish.Change `json:"changes,omitempty"`
	Warnings []string         `json:"warnings,omitempty"`
	// Gas is the most that it may take, and Cost the most that this costs, in wei.
	Gas  uint64 `json:"gas"`
	Cost string `json:"cost"`
}

func planOf(p *publication, decision publish.Decision, params chain.Params, metadata *release.Metadata, call *chain.Call) plan {
	all := plan{
		Network: p.choice.Name, ChainID: p.choice.ChainID, Action: decision.Action,
		Template: p.frozen.Name, Version: p.frozen.Version, Digest: p.frozen.Digest,
		From: p.client.Hex(), To: call.To.Hex(), Data: call.Data, Warnings: p.frozen.About.Marks,
	}
	if source := decision.Source; source != nil {
		all.Source, all.Published, all.Providers = source.Address.Hex(), source.Version.String(), source.Registrants.String()
		all.Parameters = fieldChanges(chain.Diff(source.Params, params))
		all.Changes = publish.Changes(source.Metadata, metadata)
		return all
	}
	for _, c := range chain.Diff(unlike(params), params) {
		all.Parameters = append(all.Parameters, fieldChange{Field: c.Field, New: c.New})
	}
	return all
}

// publication is one run of publish.
type publication struct {
	*connection
	choice  chosen
	world   World
	frozen  *frozen
	client  common.Address
	host    host.Linker
	journal *publish.Journal
	quiet   bool // only JSON goes to the output
	// waitsFor is the transaction whose confirmations are waited for.
	waitsFor common.Hash
	plan     plan
}

func runPublish(c *cli.Context, world World) error {
	if format := c.String("format"); format != "text" && format != "json" {
		return usagef("unknown format %q: use text or json", format)
	}
	choice, err := chooseNetwork(c, world)
	if err != nil {
		return err
	}
	limits, err := limitsOf(c)
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
	p := &publication{choice: choice, world: world, client: publisher.Client, quiet: c.String("format") == "json"}
	if !choice.named {
		p.say(noNetworkNamed)
	}
	if p.frozen, err = freezeTemplate(c.Context, world, what); err != nil {
		return err
	}
	sender := &chain.Sender{Limits: limits, Confirmations: c.Uint64("confirmations"), Patience: c.Duration("timeout"), Progress: p.progress}
	if !c.Bool("dry-run") {
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
	decision, err := p.preview(c.Context, limits)
	if err != nil || decision.Action == publish.Nothing {
		return errors.Join(err, p.nothing(c.Context, decision, err))
	}
	if c.Bool("dry-run") {
		p.say("Nothing was uploaded or sent.")
		if p.quiet {
			return writeJSON(world.Out, p.plan)
		}
		return nil
	}
	if choice.Name == "mainnet" && !c.Bool("yes") {
		if err := confirm(world, "Send it to the mainnet?"); err != nil {
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
		return usagef("--host: %w", err)
	}
	return nil
}

// preview shows what is to be done, and makes sure that it can be paid for. It
// changes nothing anywhere.
func (p *publication) preview(ctx context.Context, limits chain.Limits) (publish.Decision, error) {
	at, err := p.Head(ctx)
	if err != nil {
		return publish.Decision{}, err
	}
	decision, err := p.Plan(ctx, p.client, p.frozen.Release, at)
	if err != nil || decision.Action == publish.Nothing {
		return decision, err
	}
	p.say("%s %s", p.frozen.Name, p.frozen.Version)
	p.fact("release", "%s", p.frozen.Digest)
	p.fact("network", "%s, chain %d, at block %d", p.choice.Name, p.choice.ChainID, at.Number)
	p.fact("client", "%s", p.client)
	for _, mark := range p.frozen.About.Marks {
		p.fact("warning", "%s", mark)
	}
	metadata, metadataURL, err := p.expectedMetadata()
	if err != nil {
		return decision, err
	}
	params, err := publish.Params(p.client, p.frozen.Statement, metadataURL)
	if err != nil {
		return decision, err
	}
	p.sayDecision(decision, params, metadata)
	call := decision.Call(p.Network, params)
	p.plan = planOf(p, decision, params, metadata, call)
	gas, err := p.EstimateGas(ctx, p.client, *call, at)
	if err != nil {
		return decision, err
	}
	fee, err := p.Fee(ctx, at)
	if err != nil {
		return decision, err
	}
	gas = chain.WithRoom(gas)
	p.fact("gas", "at most %d, which cost at most %s OGPU", gas, chain.OGPU(chain.Cost(gas, fee)))
	p.plan.Gas, p.plan.Cost = gas, chain.Cost(gas, fee).String()
	if err := limits.Check(gas, fee); err != nil {
		return decision, err
	}
	return decision, p.Afford(ctx, p.client, gas, fee, at)
}

// sayDecision shows the call, decoded, and every field that an update changes.
func (p *publication) sayDecision(decision publish.Decision, params chain.Params, metadata *release.Metadata) {
	if decision.Action == publish.Publish {
		p.fact("call", "publishSource of the Nexus %s: a new source", p.Network.Nexus)
		for _, field := range chain.Diff(unlike(params), params) {
			p.field(field.Field, "%s", orNothing(publish.Show(field.Field, field.New)))
		}
		for _, other := range decision.Others {
			p.fact("note", "the source of version %s stays, until it is retired: %s", other.Version, other.Address)
		}
		return
	}
	source := decision.Source
	p.fact("call", "updateSource of the Nexus %s", p.Network.Nexus)
	p.fact("source", "%s", source.Address)
	p.fact("providers", "%s", registered(source.Registrants))
	p.field("version", "%s, and was %s", p.frozen.Version, source.Version)
	for _, c := range chain.Diff(source.Params, params) {
		p.field(c.Field, "%s, and was %s", orNothing(publish.Show(c.Field, c.New)), orNothing(publish.Show(c.Field, c.Old)))
	}
	for _, c := range publish.Changes(source.Metadata, metadata) {
		p.field(c.Field, "%s", c.What)
	}
}

// registered says how many providers are.
func registered(number *big.Int) string {
	if number.IsUint64() && number.Uint64() == 1 {
		return "1 is registered"
	}
	if number.Sign() == 0 {
		return "none is registered"
	}
	return number.String() + " are registered"
}

// unlike differs from the parameters in every field.
func unlike(params chain.Params) chain.Params {
	return chain.Params{
		MinPayment: big.NewInt(-1), MinAvailableLockup: big.NewInt(-1), MaxExpiryDuration: big.NewInt(-1),
		PrivacyEnabled: !params.PrivacyEnabled, OptionalParamsUrl: "-", DeliveryMethod: math.MaxUint8,
	}
}

// expectedMetadata is what the metadata will be, and where, as far as the host's
// links can be told before they are given.
func (p *publication) expectedMetadata() (*release.Metadata, string, error) {
	links := map[string]string{}
	for _, f := range p.frozen.Files {
		file, err := host.NewFile(f.Path, f.Data)
		if err != nil {
			return nil, "", err
		}
		links[f.Path] = p.host.Link(file)
	}
	text, err := release.MetadataOf(p.frozen.Template, p.frozen.Release, links, p.frozen.About)
	if err != nil {
		return nil, "", err
	}
	file, err := host.NewFile(metadataFile(p.choice.Name), text)
	if err != nil {
		return nil, "", err
	}
	metadata, err := release.ParseMetadata(text)
	return metadata, p.host.Link(file), err
}

// nothing ends a run that had nothing to do.
func (p *publication) nothing(ctx context.Context, decision publish.Decision, err error) error {
	if err != nil {
		return nil
	}
	p.say("There is nothing to do: this version is on the %s already, with the same digest. No transaction is sent.", p.choice.Name)
	return p.finish(ctx, &publish.Result{Action: publish.Nothing, Source: *decision.Source})
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
	uploader := &host.Uploader{Host: p.host, Fetcher: p.fetcher, Known: p.journal.Links()}
	at, err := p.frozen.put(ctx, uploader)
	if err != nil {
		return err
	}
	if err := p.keepLinks(at); err != nil {
		return fmt.Errorf("the journal cannot be kept: %w", err)
	}
	result, err := publish.Send(ctx, sender, p.Surveyor, p.frozen.Release, at.MetadataURL)
	if err != nil {
		return err
	}
	if p.choice.Name != chain.Devnet {
		if err := release.AddReleased(p.frozen.Template.Dir, p.frozen.Version, p.frozen.Digest); err != nil {
			p.fact("warning", "%s of the template cannot be written: %v", release.ReleasesFile, err)
		}
	}
	return p.finish(ctx, result)
}

// keepLinks remembers where the files are.
func (p *publication) keepLinks(at *hosted) error {
	for _, f := range p.frozen.Files {
		if err := p.journal.KeepLink(f.SHA256, at.Links[f.Path]); err != nil {
			return err
		}
	}
	metadata, err := host.NewFile(metadataFile(p.choice.Name), at.Metadata)
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
	r := receipt{
		Network: p.choice.Name, ChainID: p.choice.ChainID, Action: result.Action,
		Template: p.frozen.Name, Version: p.frozen.Version, Digest: p.frozen.Digest,
		Source: result.Source.Address.Hex(), Metadata: result.Source.Params.ImageMetadataUrl, Verified: v,
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
		if err := writeJSON(p.world.Out, r); err != nil {
			return err
		}
	}
	return outcomeError(v.Outcome())
}

// outcomeError is the exit status of a verification.
func outcomeError(outcome publish.Outcome) error {
	switch outcome {
	case publish.Differs:
		return errFindings
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
	got := orNothing(publish.Show(c.Field, c.Got))
	switch c.Outcome {
	case publish.Unknown:
		return c.Problem
	case publish.Differs:
		return fmt.Sprintf("%s, and should be %s", got, orNothing(publish.Show(c.Field, c.Want)))
	}
	return got
}

func orNothing(text string) string {
	if text == "" {
		return "empty"
	}
	return text
}

func (p *publication) say(format string, args ...any) {
	out := p.world.Out
	if p.quiet {
		out = p.world.Err
	}
	printf(out, "%s\n", report.Inert(report.Escape(fmt.Sprintf(format, args...))))
}

// fact is a line below what was said, with its name in front.
func (p *publication) fact(name, format string, args ...any) {
	p.say("  %-10s %s", name, fmt.Sprintf(format, args...))
}

// field is a line below a fact.
func (p *publication) field(name, format string, args ...any) {
	p.say("    %-20s %s", name, fmt.Sprintf(format, args...))
}

// progress tells of the steps of a transaction.
func (p *publication) progress(step chain.Step) {
	switch step.Kind {
	case chain.Sending:
		p.say("Sending transaction %s with nonce %d", step.Transaction, step.Nonce)
	case chain.Confirming:
		if step.Wanted > 1 && step.Confirmations < step.Wanted && p.waitsFor != step.Transaction {
			p.waitsFor = step.Transaction
			p.say("It is in a block: waiting for %d confirmations", step.Wanted)
		}
	case chain.Overtaken:
		p.say("Another transaction of the account came first: looking again")
	case chain.Undone:
		p.say("The chain was reorganised, and the transaction is no longer in a block: waiting for the next")
	}
}

// limitsOf reads --max-gas and --max-cost.
func limitsOf(c *cli.Context) (chain.Limits, error) {
	cost, err := catalog.ParseAmount(c.String("max-cost"))
	if err != nil {
		return chain.Limits{}, usagef("--max-cost %w", err)
	}
	return chain.Limits{Gas: c.Uint64("max-gas"), Cost: cost.Wei()}, nil
}

// confirm asks a human.
func confirm(world World, question string) error {
	file, ok := world.In.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return usagef("nobody can be asked here: add --yes if you are sure")
	}
	printf(world.Err, "%s [y/N] ", question)
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(io.LimitReader(world.In, 100)).ReadString('\n')
		answer <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case text := <-answer:
		if text == "y" || text == "yes" {
			return nil
		}
	case <-time.After(10 * time.Minute):
	}
	return errors.New("nothing was sent")
}

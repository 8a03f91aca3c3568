package full

import (
	"context"
	"math"
	"math/big"

	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/host"
	"github.com/opengpu-network/templates/pkg/publish"
	"github.com/opengpu-network/templates/pkg/release"
)

// plan is what a dry run would send, for machines: amounts in wei, durations in
// seconds.
type plan struct {
	heading
	From string        `json:"from"`
	To   string        `json:"to"`
	Data hexutil.Bytes `json:"data"`
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
		heading: p.heading(decision.Action), From: p.client.Hex(), To: call.To.Hex(), Data: call.Data,
		Warnings: p.frozen.About.Marks,
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

// preview shows what is to be done, and makes sure that it can be paid for. It
// changes nothing anywhere.
func (p *publication) preview(ctx context.Context, at chain.Block, limits chain.Limits) (publish.Decision, error) {
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
			p.field(field.Field, "%s", publish.Show(field.Field, field.New))
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
		p.field(c.Field, "%s, and was %s", publish.Show(c.Field, c.New), publish.Show(c.Field, c.Old))
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
	file, err := host.NewFile(MetadataFile(p.choice.Name), text)
	if err != nil {
		return nil, "", err
	}
	metadata, err := release.ParseMetadata(text)
	return metadata, p.host.Link(file), err
}

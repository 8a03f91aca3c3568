// Package publish brings a release to the chain, and tells what of the catalog
// is there. It knows what a release is and what a source is; how files are
// served and how transactions are sent is for others.
package publish

import (
	"fmt"
	"math/big"

	"github.com/Masterminds/semver/v3"
	"github.com/ethereum/go-ethereum/common"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/chain/networks"
	"github.com/opengpu-network/templates/pkg/release"
)

// Action is what is to be done for a release.
type Action string

// The actions.
const (
	// Publish makes a new source: for the first version of a template, and for the
	// first of each major version.
	Publish Action = "publish"
	// Update changes the source of the same major version.
	Update Action = "update"
	// Nothing is for a release that is there.
	Nothing Action = "nothing"
)

// Decision is what is to be done, and why.
type Decision struct {
	Action Action
	// Source is the one to update, or the one that is there.
	Source *Published
	// Others are the active sources of the template's other major versions.
	Others []Published
}

// RefusalError is a release that must not be published as it is.
type RefusalError struct{ Message string }

func (e *RefusalError) Error() string { return e.Message }

func refuse(format string, args ...any) error { return &RefusalError{fmt.Sprintf(format, args...)} }

// Decide says what is to be done for a version of a template with a release
// digest, given all sources of the catalog's. Versions of one major share a
// source, because providers stay registered to it. The error is a *RefusalError.
func Decide(published []Published, name string, version *semver.Version, digest string) (Decision, error) {
	var decision Decision
	var active, retired []Published // of this major version
	newer := ""
	majors := map[uint64]Published{} // the active source of each
	for _, p := range published {
		if p.Stamp().Name != name {
			continue
		}
		if p.Status == chain.Active {
			if other, twice := majors[p.Version.Major()]; twice {
				return Decision{}, refuse("%s %d has more than one active source, %s and %s: retire one of them by its address", name, p.Version.Major(), other.Address, p.Address)
			}
			majors[p.Version.Major()] = p
		}
		switch {
		case p.Version.Equal(version) && p.Stamp().Digest != digest:
			return Decision{}, refuse("version %s of %s is published as %s at %s, and is %s here: give it a new version", version, name, p.Stamp().Digest, p.Address, digest)
		case p.Version.Major() == version.Major() && p.Status == chain.Active:
			active = append(active, p)
		case p.Version.Major() == version.Major():
			retired = append(retired, p)
		case p.Status == chain.Active:
			decision.Others = append(decision.Others, p)
		}
		if p.Version.Major() > version.Major() {
			newer = p.Version.String()
		}
	}
	switch {
	case len(active) == 0 && len(retired) > 0:
		return Decision{}, refuse("the source %s of %s %d was retired, which is for good: a new major version is a new source", retired[0].Address, name, version.Major())
	case len(active) == 0 && newer != "":
		return Decision{}, refuse("version %s of %s is lower than %s, which is published: give it a higher version", version, name, newer)
	case len(active) == 0:
		decision.Action = Publish
		return decision, nil
	}
	decision.Source = &active[0]
	switch source := decision.Source; {
	case source.Version.GreaterThan(version):
		return Decision{}, refuse("version %s of %s is lower than %s, which is published at %s: give it a higher version", version, name, source.Version, source.Address)
	case source.Version.Equal(version):
		decision.Action = Nothing
	default:
		decision.Action = Update
	}
	return decision, nil
}

// Call is the call that the decision comes to; nil when there is nothing to do.
func (d Decision) Call(network networks.Network, params chain.Params) *chain.Call {
	var call chain.Call
	switch d.Action {
	case Publish:
		call = chain.PublishSource(network, params)
	case Update:
		call = chain.UpdateSource(network, d.Source.Address, params)
	default:
		return nil
	}
	return &call
}

// Params are what the source of a release holds.
func Params(client common.Address, statement *release.Statement, metadataURL string) (chain.Params, error) {
	method, err := catalog.ParseDeliveryMethod(statement.Terms.DeliveryMethod)
	if err != nil {
		return chain.Params{}, err
	}
	payment, ok1 := new(big.Int).SetString(statement.Terms.MinPayment, 10)
	lockup, ok2 := new(big.Int).SetString(statement.Terms.MinAvailableLockup, 10)
	if !ok1 || !ok2 {
		return chain.Params{}, fmt.Errorf("%q or %q is no amount in wei", statement.Terms.MinPayment, statement.Terms.MinAvailableLockup)
	}
	var environments []catalog.Environment
	for name := range statement.Environments {
		environment, err := catalog.ParseEnvironment(name)
		if err != nil {
			return chain.Params{}, err
		}
		environments = append(environments, environment)
	}
	return chain.Params{
		Client: client, ImageMetadataUrl: metadataURL, ImageEnvironments: catalog.Bits(environments),
		MinPayment: payment, MinAvailableLockup: lockup, MaxExpiryDuration: big.NewInt(statement.Terms.MaxExpiryDuration),
		PrivacyEnabled: statement.Terms.PrivacyEnabled, DeliveryMethod: uint8(method),
		// The contract sets it to the block's time.
		LastUpdateTime: new(big.Int),
	}, nil
}

// ToRetire is the source of a template that retiring it means: the one of the
// major version, or the only active one. One that is retired already is returned
// when no other can be meant. The error is a *RefusalError.
func ToRetire(published []Published, name string, major *uint64) (Published, error) {
	var active, retired []Published
	for _, p := range Of(published, name, major) {
		if p.Status == chain.Active {
			active = append(active, p)
		} else {
			retired = append(retired, p)
		}
	}
	switch {
	case len(active) == 1:
		return active[0], nil
	case len(active) > 1:
		return Published{}, refuse("%s has more than one active source, %s at %s and %s at %s: say which with --major, or by its address", name,
			active[0].Version, active[0].Address, active[1].Version, active[1].Address)
	case len(retired) > 0:
		return retired[len(retired)-1], nil
	}
	return Published{}, refuse("none of the client's sources is the template %s: see ogpu-tpl status", name)
}

package full

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ethereum/go-ethereum/common"
	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/chain/networks"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/lint"
	"github.com/opengpu-network/templates/pkg/publish/publishers"
	"github.com/opengpu-network/templates/pkg/source"
	"github.com/urfave/cli/v2"
)

// inspecting is the sources on a chain that lint is asked about.
type inspecting struct {
	choice    chosen
	addresses []common.Address
	// publisher is whose sources are the catalog's; nil when nobody says.
	publisher *publishers.Publisher
	// at is the block at which they were read, and found what was found.
	at    chain.Block
	found []*source.Inspection
}

// sourcesOf finds whose the sources are, and the network that they are on.
func sourcesOf(c *cli.Context, world app.World, addresses []string) (app.Sources, error) {
	s := &inspecting{}
	for _, argument := range addresses {
		address, err := networks.ParseAddress(argument)
		if err != nil {
			return nil, app.AsUsage(err)
		}
		s.addresses = append(s.addresses, address)
	}
	var err error
	if s.choice, err = chooseNetwork(c, world); err != nil {
		return nil, err
	}
	// A provider has no catalog, and needs none.
	switch p, err := publisherOn(c, s.choice.Name); {
	case err == nil:
		s.publisher = &p
	case c.IsSet("publishers") && !errors.Is(err, publishers.ErrNone):
		return nil, err
	}
	return s, nil
}

// Run reads the sources and lints what they name. What comes of it is in addition
// to the result. The errors are about sources that could not be looked at, while others
// could; a last one says that none could.
func (s *inspecting) Run(c *cli.Context, linter *lint.Linter, result *lint.Result) ([]error, error) {
	network, err := openNetwork(c.Context, s.choice)
	if err != nil {
		return nil, err
	}
	defer network.Close()
	if s.at, err = network.Head(c.Context); err != nil {
		return nil, err
	}
	var sources []chain.Source
	var failures []error
	for _, address := range s.addresses {
		of, err := network.Source(c.Context, address, s.at)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		sources = append(sources, of)
	}
	inspector := &source.Inspector{Fetcher: network.fetcher, Linter: *linter, Known: func(of chain.Source) bool {
		return s.publisher != nil && s.publisher.Client == of.Client
	}}
	found, failed := inspector.Inspect(c.Context, sources)
	failures = append(failures, failed...)
	if err := c.Context.Err(); err != nil {
		return nil, err
	}
	if s.found = found; len(found) == 0 {
		return nil, errors.Join(failures...)
	}
	// What is to be known of a source comes before what its files say, and both
	// before what this machine's files say: they may be named like links.
	var about, linted []finding.Finding
	for _, found := range s.found {
		about = append(about, found.About...)
		linted = append(linted, found.Linted...)
		for _, file := range found.Files {
			if file.Err == nil {
				result.Files++
			}
		}
	}
	result.Findings = append(append(about, linted...), result.Findings...)
	return failures, nil
}

// Text is what a link led to, to be quoted. A link is never looked for among the
// files of this machine.
func (s *inspecting) Text(name string) []byte {
	for _, found := range s.found {
		for _, file := range found.Files {
			if file.URL == name {
				return file.Data
			}
		}
	}
	if app.LooksLikeAddress(name) || strings.Contains(name, "://") {
		return nil
	}
	return app.Quoted(name)
}

// Print says for people, before all findings, what each source is and what of it
// can change.
func (s *inspecting) Print(w io.Writer) {
	for _, found := range s.found {
		name := "no name that can be read"
		if found.Metadata != nil {
			name = fmt.Sprintf("%.100q", found.Metadata.Name)
		}
		printf(w, "%s on the %s, at block %d: %s\n", found.Address, s.choice.Name, s.at.Number, app.Safe(name))
		known := ""
		if found.Known {
			known = ", whom publishers.yaml names"
		}
		line(w, "client", found.Client.Hex()+known)
		if found.Owner != found.Client {
			line(w, "owner", found.Owner.Hex()+", who can change all of this")
		}
		line(w, "status", fmt.Sprintf("%s; registered providers: %s; tasks so far: %s", found.Status, found.Registrants, found.Tasks))
		line(w, "terms", terms(found.Params))
		printLink(w, "metadata", found.Link, nil)
		for _, file := range found.Files {
			printLink(w, file.Environment.String(), file.Link, file.Loose)
		}
		if m := found.Metadata; m != nil && m.Template != nil {
			line(w, "claims", fmt.Sprintf("to be %s %s: see ogpu-tpl verify %s --network %s", m.Template.Name, m.Template.Version, found.Address, s.choice.Name))
		}
		printf(w, "\n")
	}
}

func line(w io.Writer, label, text string) { printf(w, "  %-9s %s\n", label, app.Safe(text)) }

func printLink(w io.Writer, label string, l source.Link, loose []string) {
	word := "CAN CHANGE: it "
	switch {
	case l.Data == nil:
		word = "CANNOT BE FETCHED"
	case l.Hold == source.Broken:
		word = "WRONG BYTES: it "
	case l.Hold != source.Nothing:
		word = "stays: it "
	}
	line(w, label, fmt.Sprintf("%.300q", l.URL))
	line(w, "", word+l.Why)
	if l.Data != nil && l.Err != nil {
		line(w, "", "CANNOT BE READ")
	}
	if len(loose) > 0 {
		line(w, "", fmt.Sprintf("CAN CHANGE: images named by tag alone: %d", len(loose)))
	}
}

func terms(p chain.Params) string {
	method := fmt.Sprintf("delivery method %d", p.DeliveryMethod)
	if p.DeliveryMethod <= uint8(catalog.FirstResponse) {
		method = catalog.DeliveryMethod(p.DeliveryMethod).String()
	}
	return fmt.Sprintf("a task pays %s OGPU at least; %s OGPU are locked up; a task may wait %s s; %s; for %s",
		chain.OGPU(p.MinPayment), chain.OGPU(p.MinAvailableLockup), p.MaxExpiryDuration, method, source.Environments(p.ImageEnvironments))
}

package app

import (
	"io"
	"strings"

	"github.com/opengpu-network/templates/pkg/lint"
	"github.com/urfave/cli/v2"
)

// Sources are sources on a chain that lint is asked about.
type Sources interface {
	// Run reads them and lints what they name. What comes of it is in addition to the
	// result. The errors are about sources that could not be looked at, while others
	// could; a last one says that none could.
	Run(c *cli.Context, linter *lint.Linter, result *lint.Result) ([]error, error)
	// Text is what a link led to, to be quoted; nil for what is none of theirs.
	Text(name string) []byte
	// Print says for people, before all findings, what each source is.
	Print(w io.Writer)
}

// inspecting is the sources among lint's arguments; empty when there is none.
type inspecting struct{ sources Sources }

// inspectingOf takes the addresses out of lint's arguments, and returns the others.
func inspectingOf(c *cli.Context, world World, full Full) (*inspecting, []string, error) {
	s := &inspecting{}
	var addresses, others []string
	for _, argument := range c.Args().Slice() {
		if LooksLikeAddress(argument) {
			addresses = append(addresses, argument)
		} else {
			others = append(others, argument)
		}
	}
	switch {
	case len(addresses) == 0:
		return s, others, misplaced(c)
	case full == nil:
		return nil, nil, errElsewhere
	}
	var err error
	s.sources, err = full.Sources(c, world, addresses)
	return s, others, err
}

// misplaced refuses what has no meaning without an address.
func misplaced(c *cli.Context) error {
	for _, flag := range []string{"network", "rpc-url", "publishers"} {
		if c.IsSet(flag) {
			return Usagef("--%s is for sources on a chain: give the address of one", flag)
		}
	}
	only := List(c, "only")
	for _, name := range only {
		if name != lint.SourceCategory && !strings.HasPrefix(name, lint.SourceCategory+"/") {
			return nil
		}
	}
	if len(only) > 0 {
		return Usagef("the rules of %s are about sources on a chain: give the address of one", lint.SourceCategory)
	}
	return nil
}

func (s *inspecting) any() bool { return s.sources != nil }

func (s *inspecting) run(c *cli.Context, linter *lint.Linter, result *lint.Result) ([]error, error) {
	if !s.any() {
		return nil, nil
	}
	return s.sources.Run(c, linter, result)
}

// text is what is to be quoted of a link or a file.
func (s *inspecting) text(name string) []byte {
	if !s.any() {
		return Quoted(name)
	}
	return s.sources.Text(name)
}

func (s *inspecting) print(w io.Writer) {
	if s.any() {
		s.sources.Print(w)
	}
}

// inForce are the rules that a report is about: those about sources only when one
// was looked at.
func (s *inspecting) inForce(id string) bool {
	return s.any() || !strings.HasPrefix(id, lint.SourceCategory+"/")
}

package release

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/strictjson"
)

// Schema names the form of release.json. It changes when a reader of the old
// form would misread the new one.
const Schema = "ogpu-tpl/release/v1"

// Statement is release.json: what a provider must know besides the compose
// files, in exact numbers.
type Statement struct {
	Schema  string `json:"schema"`
	Name    string `json:"name"`
	Version string `json:"version"`
	Terms   Terms  `json:"terms"`
	// Environments are those of the template, by name.
	Environments map[string]Environment `json:"environments"`
	// Waivers are the findings of lint that the catalog accepts, sorted.
	Waivers []Waiver `json:"waivers,omitempty"`
}

// Terms are the numbers that go on the chain.
type Terms struct {
	// MinPayment and MinAvailableLockup are in wei, as decimal numbers.
	MinPayment         string `json:"minPayment"`
	MinAvailableLockup string `json:"minAvailableLockup"`
	// MaxExpiryDuration in seconds.
	MaxExpiryDuration int64  `json:"maxExpiryDuration"`
	DeliveryMethod    string `json:"deliveryMethod"`
	PrivacyEnabled    bool   `json:"privacyEnabled"`
}

// Environment is one compose file and the hardware that it needs.
type Environment struct {
	// Compose is the path of the compose file among the release's files.
	Compose  string   `json:"compose"`
	Hardware Hardware `json:"hardware"`
}

// Hardware is what must be free. What the manifest does not state is absent.
type Hardware struct {
	// VRAM, RAM and Disk in bytes.
	VRAM              int64    `json:"vram,omitempty"`
	RAM               int64    `json:"ram,omitempty"`
	Disk              int64    `json:"disk,omitempty"`
	CPUs              float64  `json:"cpus,omitempty"`
	ComputeCapability string   `json:"computeCapability,omitempty"`
	Driver            string   `json:"driver,omitempty"`
	GFX               []string `json:"gfx,omitempty"`
}

// Waiver says why the catalog accepts what a rule finds in the compose files.
// The day on which the catalog looks at it again is not part of a release: that
// it was looked at makes no new version.
type Waiver struct {
	// Rule is the id of the rule, such as trust/root-user.
	Rule string `json:"rule"`
	// Environment and Service are what it is about; all when absent.
	Environment string `json:"environment,omitempty"`
	Service     string `json:"service,omitempty"`
	Reason      string `json:"reason"`
}

// statement is what the manifest says, in the form of release.json.
func statement(t *catalog.Template) Statement {
	m := t.Manifest
	s := Statement{
		Schema: Schema, Name: t.Name, Version: m.Version,
		Terms: Terms{
			MinPayment: m.Terms.MinPayment.Wei().String(), MinAvailableLockup: m.Terms.MinAvailableLockup.Wei().String(),
			MaxExpiryDuration: m.Terms.MaxExpiryDuration, DeliveryMethod: m.Terms.DeliveryMethod.String(), PrivacyEnabled: m.Terms.PrivacyEnabled,
		},
		Environments: map[string]Environment{},
	}
	for _, environment := range m.Environments.List() {
		h := m.Environments.Get(environment).Hardware
		s.Environments[environment.String()] = Environment{catalog.ComposePath(environment), Hardware{
			int64(h.VRAM), int64(h.RAM), int64(h.Disk), h.CPUs, h.ComputeCapability, h.Driver, h.GFX,
		}}
	}
	for _, w := range m.Waivers {
		s.Waivers = append(s.Waivers, Waiver{w.Rule, w.Environment, w.Service, strings.Join(strings.Fields(w.Reason), " ")})
	}
	// In which order the manifest has them is no content.
	slices.SortFunc(s.Waivers, func(a, b Waiver) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Environment, b.Environment), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Reason, b.Reason))
	})
	return s
}

var (
	catalogName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	wei         = regexp.MustCompile(`^(0|[1-9][0-9]{0,77})$`)
)

// ParseStatement reads release.json strictly: it must be byte for byte what this
// program writes, so that nobody can read anything else in it.
func ParseStatement(data []byte) (*Statement, error) {
	if len(data) > MaxFileBytes {
		return nil, fmt.Errorf("%s is larger than %d bytes", StatementFile, MaxFileBytes)
	}
	var s Statement
	if err := strictjson.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", StatementFile, err)
	}
	if s.Schema != Schema {
		return nil, fmt.Errorf("%s has the form %.60q, not %q: use the version of ogpu-tpl that knows it", StatementFile, s.Schema, Schema)
	}
	if again, err := encode(s); err != nil || !bytes.Equal(again, data) {
		return nil, fmt.Errorf("%s is not in the form in which ogpu-tpl writes it", StatementFile)
	}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", StatementFile, err)
	}
	return &s, nil
}

func (s *Statement) check() error {
	if !catalogName.MatchString(s.Name) {
		return fmt.Errorf("%.60q is no name of a template", s.Name)
	}
	if _, err := catalog.ParseVersion(s.Version); err != nil {
		return fmt.Errorf("%.60q is no version", s.Version)
	}
	for _, amount := range []string{s.Terms.MinPayment, s.Terms.MinAvailableLockup} {
		if !wei.MatchString(amount) {
			return fmt.Errorf("%.60q is no amount in wei", amount)
		}
	}
	if _, err := catalog.ParseDeliveryMethod(s.Terms.DeliveryMethod); err != nil || s.Terms.MaxExpiryDuration < 1 {
		return errors.New("the delivery method or the longest expiry is none")
	}
	if len(s.Environments) == 0 {
		return errors.New("it has no environment")
	}
	for name, e := range s.Environments {
		environment, err := catalog.ParseEnvironment(name)
		if err != nil || e.Compose != catalog.ComposePath(environment) {
			return fmt.Errorf("%.60q with %.60q is no environment", name, e.Compose)
		}
		if h := e.Hardware; h.VRAM < 0 || h.RAM < 0 || h.Disk < 0 || h.CPUs < 0 {
			return fmt.Errorf("the hardware of %s is negative", name)
		}
	}
	return nil
}

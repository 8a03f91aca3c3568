package publish

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/Masterminds/semver/v3"
	"github.com/ethereum/go-ethereum/common"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/release"
)

// onChain is a source for each line, such as "echo 1.0.0 a active": its digest
// is the third word, and its address says which line it is.
func onChain(t *testing.T, lines ...string) (all []Published) {
	t.Helper()
	for i, line := range lines {
		words := strings.Fields(line)
		p := Published{
			Source:   chain.Source{Address: common.BigToAddress(big.NewInt(int64(i + 1))), Status: chain.Active},
			Metadata: &release.Metadata{Template: &release.Stamp{Name: words[0], Version: words[1], Digest: words[2]}},
			Version:  semver.MustParse(words[1]),
		}
		if words[3] == "retired" {
			p.Status = chain.Inactive
		}
		all = append(all, p)
	}
	return all
}

func TestDecide(t *testing.T) {
	for _, c := range []struct {
		name, version string // of echo, whose digest is "a"
		published     []string
		want          Action
		source        int64 // by its line, counted from 1
		others        int
		refusal       string
	}{
		{"first", "1.0.0", nil, Publish, 0, 0, ""},
		{"beside others", "1.0.0", []string{"other 1.0.0 b active", "other 2.0.0 b retired"}, Publish, 0, 0, ""},
		{"the same", "1.0.0", []string{"echo 1.0.0 a active"}, Nothing, 1, 0, ""},
		{"update", "1.1.0", []string{"other 1.0.0 b active", "echo 1.0.0 b active"}, Update, 2, 0, ""},
		{"new major", "2.0.0", []string{"echo 1.0.0 b active"}, Publish, 0, 1, ""},
		{"new major after a retired one", "2.0.0", []string{"echo 1.0.0 b retired"}, Publish, 0, 0, ""},
		{"old major", "1.0.1", []string{"echo 1.0.0 b active", "echo 2.0.0 c active"}, Update, 1, 1, ""},
		{"active beside retired", "1.1.0", []string{"echo 1.0.0 b retired", "echo 1.0.1 c active"}, Update, 2, 0, ""},
		{"other digest", "1.0.0", []string{"echo 1.0.0 b active"}, "", 0, 0, "give it a new version"},
		{"other digest, retired", "1.0.0", []string{"echo 1.0.0 b retired"}, "", 0, 0, "give it a new version"},
		{"lower", "1.0.0", []string{"echo 1.0.1 b active"}, "", 0, 0, "lower than 1.0.1"},
		{"lower major", "1.0.0", []string{"echo 2.0.0 b active"}, "", 0, 0, "lower than 2.0.0"},
		{"before a release", "1.0.0-rc.1", []string{"echo 1.0.0 b active"}, "", 0, 0, "lower than 1.0.0"},
		{"retired", "1.0.1", []string{"echo 1.0.0 b retired"}, "", 0, 0, "was retired, which is for good"},
		{"the same, retired", "1.0.0", []string{"echo 1.0.0 a retired"}, "", 0, 0, "was retired, which is for good"},
		{"two active", "1.1.0", []string{"echo 1.0.0 a active", "echo 1.0.1 b active"}, "", 0, 0, "more than one active source"},
		{"two active of another major", "2.0.0", []string{"echo 1.0.0 a active", "echo 1.0.0 a active"}, "", 0, 0, "more than one active source"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Decide(onChain(t, c.published...), "echo", semver.MustParse(c.version), "a")
			var refusal *RefusalError
			if c.refusal != "" {
				if !errors.As(err, &refusal) || !strings.Contains(err.Error(), c.refusal) {
					t.Errorf("%v, want %q", err, c.refusal)
				}
				return
			}
			if err != nil || got.Action != c.want || len(got.Others) != c.others {
				t.Fatalf("%+v, %v", got, err)
			}
			if (got.Source != nil) != (c.source > 0) || got.Source != nil && got.Source.Address.Big().Int64() != c.source {
				t.Errorf("the source is %+v, want %d", got.Source, c.source)
			}
		})
	}
}

func TestToRetire(t *testing.T) {
	one := uint64(1)
	for _, c := range []struct {
		name      string
		published []string
		major     *uint64
		want      int64
		refusal   string
	}{
		{"the only one", []string{"other 1.0.0 a active", "echo 1.0.0 a active"}, nil, 2, ""},
		{"the only active one", []string{"echo 1.0.0 a retired", "echo 2.0.0 a active"}, nil, 2, ""},
		{"of a major", []string{"echo 1.0.0 a active", "echo 2.0.0 a active"}, &one, 1, ""},
		{"retired already", []string{"echo 1.0.0 a retired"}, nil, 1, ""},
		{"several", []string{"echo 1.0.0 a active", "echo 2.0.0 a active"}, nil, 0, "--major"},
		{"none", []string{"other 1.0.0 a active"}, nil, 0, "is the template echo"},
		{"none of the major", []string{"echo 2.0.0 a active"}, &one, 0, "is the template echo"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ToRetire(onChain(t, c.published...), "echo", c.major)
			if c.refusal != "" {
				if err == nil || !strings.Contains(err.Error(), c.refusal) {
					t.Errorf("%v, want %q", err, c.refusal)
				}
			} else if err != nil || got.Address.Big().Int64() != c.want {
				t.Errorf("%s, %v", got.Address, err)
			}
		})
	}
}

package publishers

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/common"
)

func TestParsePublishers(t *testing.T) {
	const client = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
	got, err := Parse("publishers.yaml", []byte("# ours\ntestnet:\n  client: \""+client+"\"\n  firstBlock: 12\nmainnet: {client: \""+strings.ToLower(client)+"\"}\n"))
	want := Publisher{common.HexToAddress(client), 12}
	if err != nil || len(got) != 2 || got["testnet"] != want || got["mainnet"].Client != want.Client || got["mainnet"].FirstBlock != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	for _, text := range []string{"", "\n", "# nobody yet\n\n  # testnet: {}\n"} {
		if got, err := Parse("publishers.yaml", []byte(text)); err != nil || len(got) != 0 {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		`mainet: {client: "` + client + `"}`:                     `did you mean "mainnet"`,
		`mainnet: {client: "` + client[:41] + `7"}`:              "mistyped",
		`mainnet: {client: "0x00"}`:                              "publishers.yaml:1",
		`mainnet: {client: "0x` + strings.Repeat("0", 40) + `"}`: "nobody's",
		`mainnet: {}`: "client",
		`mainnet: {client: "` + client + `", firstBlock: -1}`:         "publishers.yaml:1",
		`mainnet: {client: "` + client + `", since: 1}`:               "unknown key",
		"mainnet: {client: \"" + client + "\"}\nmainnet: {client: 1}": "publishers.yaml:2",
		"- mainnet":  "publishers.yaml:1",
		"mainnet: [": "publishers.yaml",
	} {
		if got, err := Parse("publishers.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v, want %q", text, got, err, want)
		}
	}
}

// TestPublishersOfTheCatalog reads the file that the catalog has.
func TestPublishersOfTheCatalog(t *testing.T) {
	if _, err := Read("../../" + File); err != nil {
		t.Error(err)
	}
	if got, err := Read(filepath.Join(t.TempDir(), File)); err != nil || got != nil {
		t.Error(got, err)
	}
	dir := t.TempDir()
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, File)); err != nil {
		t.Fatal(err)
	}
	if got, err := Read(filepath.Join(dir, File)); err == nil {
		t.Error(got)
	}
}

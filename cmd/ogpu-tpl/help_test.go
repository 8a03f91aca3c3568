package main

import (
	"strings"
	"testing"

	"github.com/opengpu-network/templates/cmd/internal/app"
)

// TestHelpNamesEveryFlag: each command tells of each of its flags, with what it
// takes, and of nothing that is not for users.
func TestHelpNamesEveryFlag(t *testing.T) {
	for _, command := range newApp(World{}).Commands {
		if command.Hidden {
			continue
		}
		status, stdout, stderr := run(t, command.Name, "--help")
		if status != statusClean || !strings.Contains(stdout, "ogpu-tpl "+command.Name+" - "+command.Usage) {
			t.Errorf("%s: status %d: %s%s", command.Name, status, stdout, stderr)
		}
		for _, flag := range command.VisibleFlags() {
			if name := "\n   --" + flag.Names()[0]; !strings.Contains(stdout, name) {
				t.Errorf("%s does not tell of %s", command.Name, name)
			}
		}
		_, options, _ := strings.Cut(stdout, "OPTIONS:")
		for _, unwanted := range []string{"`", "--loopback", " value\n"} {
			if strings.Contains(options, unwanted) {
				t.Errorf("the help of %s holds %q:\n%s", command.Name, unwanted, stdout)
			}
		}
	}
}

func TestCompletionKnowsTheChainCommands(t *testing.T) {
	t.Chdir(root(t))
	for typed, want := range map[string]string{
		"":                    "publish status verify history retire devnet",
		"publish":             "ollama",
		"verify":              "ollama",
		"status --network":    "devnet testnet mainnet",
		"publish ollama -":    "--network --rpc-url --dry-run --keystore --signer --yes",
		"retire --format":     "json",
		"history --from-bloc": "--from-block",
	} {
		status, stdout, _ := run(t, append(strings.Fields(typed), app.CompletionFlag)...)
		for _, word := range strings.Fields(want) {
			if status != statusClean || !strings.Contains("\n"+stdout, "\n"+word+"\n") {
				t.Errorf("%q: %q is missing in:\n%s", typed, word, stdout)
			}
		}
		if strings.Contains(stdout, "--loopback") {
			t.Errorf("%q: %s", typed, stdout)
		}
	}
}

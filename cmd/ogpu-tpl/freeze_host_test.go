package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opengpu-network/templates/cmd/internal/full"
	"github.com/opengpu-network/templates/pkg/release"
)

// TestFreezeHostsInAFolder serves the files from a folder over HTTP, as the
// devnet does, and finds all of them from the metadata's address alone.
func TestFreezeHostsInAFolder(t *testing.T) {
	dir, output := t.TempDir(), filepath.Join(t.TempDir(), "out")
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer server.Close()
	template := filepath.Join(root(t), "templates/ollama")
	args := []string{"freeze", template, "--output", output, "--format", "json", "--host", "folder=" + dir + "," + server.URL}
	status, stdout, stderr := run(t, args...)
	var printed struct {
		release.Release
		Hosted full.Hosted
	}
	if err := json.Unmarshal([]byte(stdout), &printed); err != nil || status != statusClean {
		t.Fatalf("status %d: %v\n%s%s", status, err, stdout, stderr)
	}
	var metadata release.Metadata
	if err := json.Unmarshal([]byte(fetched(t, printed.Hosted.MetadataURL)), &metadata); err != nil {
		t.Fatal(err)
	}
	if metadata.Name != "Ollama chat" || metadata.Template.Digest != printed.Digest || len(metadata.Template.Files) != len(printed.Files) {
		t.Errorf("%+v", metadata)
	}
	for name, link := range map[string]string{"compose/cpu.yml": metadata.CPU, "compose/nvidia.yml": metadata.NVIDIA, "compose/amd.yml": metadata.AMD, "logo.svg": metadata.LogoURL} {
		frozen, err := os.ReadFile(filepath.Join(output, name))
		if err != nil || fetched(t, link) != string(frozen) {
			t.Errorf("%s is not at %s: %v", name, link, err)
		}
	}
	// The same once more is the same.
	if _, again, _ := run(t, args...); again != stdout {
		t.Errorf("%s, then %s", stdout, again)
	}
	// A real network takes no loopback address.
	status, _, stderr = run(t, append(args, "--network", "testnet", "--except", "cpu=only for a test", "--except", "nvidia=only for a test", "--except", "amd=only for a test")...)
	if status == statusClean || !strings.Contains(stderr, "loopback") && !strings.Contains(stderr, "https") {
		t.Errorf("status %d: %s", status, stderr)
	}
}

func TestFreezeRefusesHosts(t *testing.T) {
	for _, text := range []string{"ftp", "ipfs", "ipfs=http://127.0.0.1:5001", "folder=x", "folder=x,https://example.com", "git=https://example.com/main/{path}", "pinning=x"} {
		status, stdout, stderr := run(t, "freeze", filepath.Join(root(t), "templates/ollama"), "--output", filepath.Join(t.TempDir(), "out"), "--host", text)
		if status != statusUsage {
			t.Errorf("%s: status %d: %s%s", text, status, stdout, stderr)
		}
	}
}

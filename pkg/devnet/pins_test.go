package devnet

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/opengpu-network/templates/pkg/host"
	"github.com/opengpu-network/templates/pkg/ipfs"
)

// The pinning service takes every file that is ever uploaded to it.
func TestLargestFile(t *testing.T) {
	if maxFile != host.MaxBytes {
		t.Errorf("a file may have %d bytes here and %d in pkg/host", maxFile, host.MaxBytes)
	}
}

func TestFull(t *testing.T) {
	keep := func(p *pins, text string) error {
		t.Helper()
		id, err := ipfs.FileCID(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return p.keep(id, []byte(text))
	}
	many := newPins("http://127.0.0.1:1")
	for i := range maxFiles {
		if err := keep(many, strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := keep(many, "one more"); !errors.Is(err, errFull) {
		t.Errorf("one more than %d files: %v", maxFiles, err)
	}
	if err := keep(many, "0"); err != nil {
		t.Errorf("a file that is there already: %v", err)
	}
	large := newPins("http://127.0.0.1:1")
	large.total = maxTotal - 3
	if err := keep(large, "four"); !errors.Is(err, errFull) {
		t.Errorf("more than %d bytes: %v", maxTotal, err)
	}
	if err := keep(large, "3 3"); err != nil {
		t.Errorf("as much as fits: %v", err)
	}
}

func TestMediaType(t *testing.T) {
	for data, want := range map[string]string{
		"\x89PNG\x0D\x0A\x1A\x0A":     "image/png",
		"\xff\xd8\xff\xe0":            "image/jpeg",
		"RIFF\x00\x00\x00\x00WEBPVP8": "image/webp",
		`{"name": "a"}`:               "application/json",
		"<html><script>1</script>":    "text/plain; charset=utf-8",
		"<svg onload=1>":              "text/plain; charset=utf-8",
		"services: {}\n":              "text/plain; charset=utf-8",
		"":                            "text/plain; charset=utf-8",
	} {
		if got := mediaType([]byte(data)); got != want {
			t.Errorf("%q is %s, want %s", data, got, want)
		}
	}
}

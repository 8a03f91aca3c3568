package main

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/opengpu-network/templates/pkg/enginetest"
	"github.com/opengpu-network/templates/pkg/record"
)

// baseImage stands for debian:bookworm-slim where no image registry is reached.
const baseImage = "ogpu-tpl-test/debian:bookworm"

// makeBase makes that image, once on an engine.
func makeBase(t testing.TB) {
	t.Helper()
	enginetest.Local(t)
	enginetest.Exclusive(t)
	base := exec.CommandContext(t.Context(), filepath.Join(root(t), "testdata/docker/base.sh"), baseImage)
	if out, err := base.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// TestSmokeDocumentOCR builds and runs a template of the catalog for real: it
// reads a picture of text. Then it runs where each layer is a copy.
func TestSmokeDocumentOCR(t *testing.T) {
	t.Parallel()
	makeBase(t)
	c := command(t, "smoke", filepath.Join(root(t), "templates/document-ocr"), "--build-arg", "BASE="+baseImage, "--format", "json")
	status, stdout, stderr := runCommand(t, c)
	file, err := record.Read([]byte(stdout))
	if err != nil || status != statusClean {
		t.Fatalf("status %d: %v\n%s%s", status, err, stdout, stderr)
	}
	r := file.Records[0]
	if r.Status != record.Passed || len(r.Images) != 1 || !r.Images[0].Built || r.Peak.Memory == 0 || r.Peak.Memory > r.Peak.MemoryStated {
		t.Errorf("%+v", r)
	}
	if len(r.Cases) < 2 {
		t.Errorf("there are %d cases: a good and a bad one are wanted", len(r.Cases))
	}
	for _, c := range r.Cases {
		if c.Status != record.Passed {
			t.Errorf("%+v", c)
		}
	}
	t.Run("where layers are copied", smokeOnVFS)
}

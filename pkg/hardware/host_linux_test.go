package hardware

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/moby/moby/client"
	"github.com/opengpu-network/templates/pkg/enginetest"
)

// TestReadHost holds what this kernel says against what its engine says.
func TestReadHost(t *testing.T) {
	got, err := ReadHost()
	if err != nil {
		t.Fatal(err)
	}
	info, err := enginetest.Client(t, enginetest.Local(t)).Info(t.Context(), client.InfoOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got.CPUs != info.Info.NCPU || got.Memory != info.Info.MemTotal || got.Kernel != info.Info.KernelVersion {
		t.Errorf("the kernel says %+v, the engine %d CPUs, %d bytes, %s", got, info.Info.NCPU, info.Info.MemTotal, info.Info.KernelVersion)
	}
	if got.Host().Memory != got.Memory {
		t.Errorf("the record's host is %+v", got.Host())
	}
}

// TestNotFromKernel puts files of a disk where the kernel's would be.
func TestNotFromKernel(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "version"), []byte("NVRM version: made up\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := kernel(dir, procMagic); err == nil {
		t.Error("a folder of a disk is taken for procfs")
	}
	k := kernelFS{os.DirFS(dir), procMagic}
	if data, err := readFile(k, "version"); err == nil {
		t.Errorf("%q is taken for the kernel's", data)
	}
	if _, err := readFile(k, "missing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

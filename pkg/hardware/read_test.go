package hardware

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

const testData = "../../testdata/hardware"

// host reads a host's procfs and sysfs from an archive, and the facts that are
// wanted of it.
func host(t testing.TB, name string) (proc, sys fstest.MapFS, want Facts) {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join(testData, "hosts", name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	proc, sys = fstest.MapFS{}, fstest.MapFS{}
	for _, file := range archive.Files {
		root, path, _ := strings.Cut(file.Name, "/")
		switch {
		case root == "proc":
			proc[path] = &fstest.MapFile{Data: file.Data}
		case root == "sys":
			sys[path] = &fstest.MapFile{Data: file.Data}
		case file.Name == "want.json":
			decoder := json.NewDecoder(bytes.NewReader(file.Data))
			decoder.DisallowUnknownFields()
			if err := decoder.Decode(&want); err != nil {
				t.Fatal(err)
			}
		default:
			t.Fatalf("%s: the file %s is of no use", name, file.Name)
		}
	}
	return proc, sys, want
}

func facts(t testing.TB, name string) Facts {
	t.Helper()
	proc, sys, _ := host(t, name)
	return Read(proc, sys)
}

func TestRead(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testData, "hosts", "*.txtar"))
	if err != nil || len(files) < 9 {
		t.Fatalf("there are %d hosts to read: %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			proc, sys, want := host(t, name)
			got := Read(proc, sys)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("facts, wanted and got:\n%s", diff)
			}
			printed, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			decoded, err := DecodeFacts(bytes.NewReader(printed))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, decoded); diff != "" {
				t.Errorf("facts, as printed and as decoded:\n%s", diff)
			}
		})
	}
}

// TestReadOtherKinds looks at what is no regular file, too large, too many or
// not readable.
func TestReadOtherKinds(t *testing.T) {
	proc := fstest.MapFS{
		"driver/nvidia/version": &fstest.MapFile{Data: bytes.Repeat([]byte("x"), maxFileBytes+1)},
		"meminfo":               &fstest.MapFile{Mode: fs.ModeNamedPipe},
		"sys/kernel/osrelease":  &fstest.MapFile{Mode: fs.ModeDir},
	}
	sys := fstest.MapFS{kfdNodes: &fstest.MapFile{Data: []byte("no folder")}}
	want := []string{
		"sys/kernel/osrelease cannot be read: not a regular file",
		"meminfo cannot be read: not a regular file",
		fmt.Sprintf("driver/nvidia/version cannot be read: larger than %d bytes", maxFileBytes),
		kfdNodes + " cannot be read: not a folder",
	}
	got := Read(proc, sys)
	if diff := cmp.Diff(Facts{Problems: want}, got); diff != "" {
		t.Errorf("facts, wanted and got:\n%s", diff)
	}

	proc, _, _ = host(t, "nvidia-h200")
	for i := range maxGPUs + 8 {
		name := fmt.Sprintf("driver/nvidia/gpus/0000:%02x:00.0/information", i+16)
		proc[name] = proc["driver/nvidia/gpus/0000:04:00.0/information"]
	}
	got = Read(proc, fstest.MapFS{})
	if len(got.NVIDIA.GPUs) != maxGPUs || len(got.Problems) != 1 || !strings.Contains(got.Problems[0], "more than 64") {
		t.Errorf("%d GPUs, problems %q", len(got.NVIDIA.GPUs), got.Problems)
	}
	for i := range maxEntries {
		proc[fmt.Sprintf("driver/nvidia/gpus/%d", i)] = &fstest.MapFile{}
	}
	if got = Read(proc, fstest.MapFS{}); len(got.NVIDIA.GPUs) != 0 || len(got.Problems) != 1 {
		t.Errorf("%d GPUs, problems %q", len(got.NVIDIA.GPUs), got.Problems)
	}
}

// denied refuses to open some files, as the kernel does to a container that may
// not open the GPU's device.
type denied struct{ fstest.MapFS }

func (d denied) Open(name string) (fs.File, error) {
	if strings.HasSuffix(name, "nodes/1/properties") {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return d.MapFS.Open(name)
}

func TestReadHiddenAMDNode(t *testing.T) {
	proc, sys, _ := host(t, "amd-rx7900")
	got := Read(proc, denied{sys})
	d := Decide(AMD, got, Offer{Known: true, Accepted: true})
	if len(got.AMD.GPUs) != 0 || !got.AMD.Loaded || d.Available() || !strings.Contains(d.Reason, "nodes/1/properties cannot be read") {
		t.Errorf("facts %+v, decision %+v", got, d)
	}
}

func TestAMDMemoryUsed(t *testing.T) {
	_, sys, _ := host(t, "amd-mi210")
	if got, err := AMDMemoryUsed(sys); err != nil || got != 10485760+4300210176 {
		t.Errorf("%d bytes, %v", got, err)
	}
	for _, name := range []string{"none", "hostile"} {
		_, sys, _ = host(t, name)
		if got, err := AMDMemoryUsed(sys); err == nil {
			t.Errorf("%s: %d bytes", name, got)
		}
	}
	// Facts that came from another host say the same.
	if got, err := facts(t, "amd-mi210").AMDMemoryUsed(); err != nil || got != 10485760+4300210176 {
		t.Errorf("of the facts: %d bytes, %v", got, err)
	}
	for name, f := range map[string]Facts{
		"no GPU":         facts(t, "nvidia-h200"),
		"does not tell":  {AMD: Driver{GPUs: []GPU{{Name: "x"}}}},
		"more than that": {AMD: Driver{GPUs: []GPU{{Memory: 1, Used: math.MaxInt64}, {Memory: 1, Used: 1}}}},
	} {
		if got, err := f.AMDMemoryUsed(); err == nil {
			t.Errorf("%s: %d bytes", name, got)
		}
	}
}

func TestDecodeFacts(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":       ``,
		"no JSON":       `hello`,
		"too large":     `{"kernel":"` + strings.Repeat("x", maxFactsBytes) + `"}`,
		"negative":      `{"cpus":-1}`,
		"negative VRAM": `{"amd":{"gpus":[{"memory":-1}]}}`,
		"NaN":           `{"memory":NaN}`,
		"fraction":      `{"memory":1.5}`,
		"out of range":  `{"memory":99999999999999999999}`,
		"control":       `{"nvidia":{"gpus":[{"name":"\u001b[2J"}]}}`,
		"long name":     `{"kernel":"` + strings.Repeat("x", maxText+1) + `"}`,
		"many GPUs":     `{"nvidia":{"gpus":[` + strings.Repeat(`{},`, 2*maxGPUs) + `{}]}}`,
	} {
		if got, err := DecodeFacts(strings.NewReader(text)); err == nil {
			t.Errorf("%s: accepted as %+v", name, got)
		}
	}
}

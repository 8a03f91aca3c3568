package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/opengpu-network/templates/pkg/enginetest"
	"github.com/opengpu-network/templates/pkg/record"
	"github.com/opengpu-network/templates/pkg/report"
)

// gpuImage is what the templates of these tests run, each with a tag of its own.
const gpuImage = "opengpunetwork/gpu-for-tests"

// writeGPU writes the template in testdata/smoke/gpu into a catalog under
// another name, with the image of the tag and with changes to its manifest and
// to its service in the NVIDIA environment.
func writeGPU(t testing.TB, catalog, name, tag string, manifest, service map[string]any) {
	t.Helper()
	dir := filepath.Join(catalog, name)
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root(t), "testdata/smoke/gpu"))); err != nil {
		t.Fatal(err)
	}
	edit(t, filepath.Join(dir, "template.yaml"), func(m map[string]any) {
		m["name"] = name
		m["unpinned"].([]any)[0].(map[string]any)["image"] = gpuImage + ":" + tag
		merge(m, manifest)
		for _, environment := range []string{"nvidia", "amd"} {
			file := filepath.Join(dir, "compose", environment+".yml")
			if _, has := m["environments"].(map[string]any)[environment]; !has {
				if err := os.Remove(file); err != nil {
					t.Fatal(err)
				}
				continue
			}
			edit(t, file, func(project map[string]any) {
				echo := project["services"].(map[string]any)["echo"].(map[string]any)
				echo["image"] = gpuImage + ":" + tag
				if environment == "nvidia" {
					merge(echo, service)
				}
			})
		}
	})
}

// onlyNVIDIA takes the other environment out of a manifest.
func onlyNVIDIA() map[string]any { return map[string]any{"environments": map[string]any{"amd": nil}} }

// gpuFiles are the files of an image: the echo service, the groups that own
// AMD's devices, and, unless it is left out, a stand-in for nvidia-smi.
func gpuFiles(t testing.TB, withSMI bool) []byte {
	t.Helper()
	files := map[string]string{"echo": echoBinary(t)}
	if withSMI {
		files["usr/bin/nvidia-smi"] = buildGo(t, "testdata/hardware/nvidia-smi", "nvidia-smi")
	}
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	put := func(name string, data []byte) {
		err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(data))})
		if err == nil {
			_, err = w.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		put(name, data)
	}
	put("etc/group", []byte("root:x:0:\nvideo:x:44:\nrender:x:109:\n"))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

// importGPU makes an image of the files, with variables as NAME=value.
func importGPU(t testing.TB, host, tag string, files []byte, env ...string) {
	t.Helper()
	args := []string{"--host", host, "import", "-c", `ENTRYPOINT ["/echo"]`}
	for _, variable := range env {
		name, value, _ := strings.Cut(variable, "=")
		args = append(args, "-c", "ENV "+name+`="`+value+`"`)
	}
	c := exec.CommandContext(t.Context(), "docker", append(args, "-", gpuImage+":"+tag)...)
	c.Stdin = bytes.NewReader(files)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("docker", "--host", host, "rmi", "-f", gpuImage+":"+tag).Run() })
}

// recordsOf reads the records of a run from its file or from what it printed.
func recordsOf(t testing.TB, text []byte) map[string]record.Record {
	t.Helper()
	file, err := record.Read(text)
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	records := map[string]record.Record{}
	for _, r := range file.Records {
		records[r.Template+" "+r.Environment] = r
	}
	return records
}

// recordsIn reads a record file.
func recordsIn(t testing.TB, file string) map[string]record.Record {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return recordsOf(t, text)
}

// failedAs is true for a record whose only failure is of the kind and says so.
func failedAs(r record.Record, kind, says string) bool {
	return r.Status == record.Failed && len(r.Failures) == 1 && r.Failures[0].Kind == kind && r.Failures[0].Remedy != "" &&
		strings.Contains(r.Failures[0].Message, says)
}

// standsIn is true for a record of a run in which all but the hardware was as it
// should be.
func standsIn(r record.Record, status record.Status, hardware string) bool {
	return r.Status == status && r.Hardware == hardware && len(r.Failures) == 0 && len(r.Cases) == 2 &&
		r.Cases[0].Status == record.Passed && r.Cases[1].Status == record.Passed && r.Host != nil && len(r.Host.GPUs) == 0
}

// granted is what the engine gave to a container.
type granted struct {
	DeviceRequests []struct {
		Driver       string
		Count        int
		Capabilities [][]string
	}
	Devices  []struct{ PathOnHost string }
	GroupAdd []string
	Runtime  string
}

// removeKept removes the stacks of the tag's image that were kept on the machine's
// engine.
func removeKept(t testing.TB, tag string) {
	list := docker(t, "ps", "-a", "--filter", "ancestor="+gpuImage+":"+tag, "--format", `{{.ID}} {{.Label "com.docker.compose.project"}}`)
	for line := range strings.Lines(list) {
		id, project, _ := strings.Cut(strings.TrimSpace(line), " ")
		docker(t, "rm", "-f", id)
		docker(t, "network", "rm", project+"_default")
	}
}

// inspectKept returns what a kept stack on the machine's engine was given.
func inspectKept(t testing.TB, r record.Record) (g granted) {
	t.Helper()
	if r.Kept == nil {
		t.Fatalf("%s %s was not kept: %+v", r.Template, r.Environment, r.Failures)
	}
	text := docker(t, "inspect", "--format", "{{json .HostConfig}}", r.Kept.Project+"-echo-1")
	if err := json.Unmarshal([]byte(text), &g); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return g
}

// TestSmokeEmulated runs templates without the GPU that they ask for, in each
// form that lint lets through, on an engine that would refuse each of them.
func TestSmokeEmulated(t *testing.T) {
	t.Parallel()
	// This image has no groups by name: a stack that asks for one does not start.
	enginetest.Exclusive(t)
	enginetest.ImportBinary(t, enginetest.Client(t, enginetest.Local(t)), gpuImage+":plain", echoBinary(t))
	catalog, dir := t.TempDir(), t.TempDir()
	waiver := map[string]any{"rule": "contract/engine-floor", "reason": "It is for a test.", "expires": time.Now().AddDate(0, 1, 0).Format(time.DateOnly)}
	writeGPU(t, catalog, "gpu", "plain", map[string]any{"waivers": []any{waiver}}, map[string]any{
		"gpus":    []any{map[string]any{"driver": "nvidia", "count": 1}},
		"devices": []any{"nvidia.com/gpu=0"},
	})
	writeGPU(t, catalog, "runtime", "plain", onlyNVIDIA(), map[string]any{"runtime": "nvidia"})

	t.Run("is no pass", func(t *testing.T) {
		defer removeKept(t, "plain")
		file := filepath.Join(dir, "record.json")
		status, stdout, stderr := runCommand(t, command(t, "smoke", "--templates", catalog, "gpu", "--emulate", "--keep", "--record", file))
		records := recordsIn(t, file)
		if status != statusClean {
			t.Fatalf("status %d: %s%s", status, stdout, stderr)
		}
		for _, name := range []string{"gpu nvidia", "gpu amd"} {
			r := records[name]
			if !standsIn(r, record.Emulated, record.None) || r.Peak.VRAM != 0 {
				t.Errorf("%s: %+v", name, r)
			}
			if g := inspectKept(t, r); len(g.DeviceRequests)+len(g.Devices)+len(g.GroupAdd) > 0 || g.Runtime != "runc" {
				t.Errorf("%s was given %+v", name, g)
			}
		}
		checkStandIn(t, stdout, 2, "EMULATED", "2 emulated (not a pass)", "without the GPU: it is no pass of nvidia", "no pass of amd")
		var junit bytes.Buffer
		if err := report.WriteSmoke(&junit, report.Smoke{Records: slices.Collect(maps.Values(records))}, report.Options{Format: "junit"}); err != nil {
			t.Fatal(err)
		}
		checkStandIn(t, junit.String(), 2, `<testsuite name="gpu nvidia (emulated)"`, `<testsuite name="gpu amd (emulated)"`, `name="status" value="emulated"`)
	})
	t.Run("is not enough for --require", func(t *testing.T) {
		status, stdout, stderr := runCommand(t, command(t, "smoke", "--templates", catalog, "gpu", "-e", "nvidia", "--emulate", "--require", "nvidia", "--format", "json"))
		if r := recordsOf(t, []byte(stdout))["gpu nvidia"]; status != statusFindings || !failedAs(r, "required", "has no NVIDIA GPU") || len(r.Cases) > 0 {
			t.Errorf("status %d: %s%s", status, stdout, stderr)
		}
	})
	t.Run("changes nothing of what lint refuses", func(t *testing.T) {
		status, stdout, stderr := runCommand(t, command(t, "smoke", "--templates", catalog, "runtime", "--emulate", "--format", "json"))
		if r := recordsOf(t, []byte(stdout))["runtime nvidia"]; status != statusFindings || !failedAs(r, "lint", "trust/runtime") {
			t.Errorf("status %d: %s%s", status, stdout, stderr)
		}
	})
	checkNothingLeft(t)
}

// checkStandIn makes sure that a report has the words, says of each run that it is
// no pass, and says of none that it passed.
func checkStandIn(t testing.TB, text string, runs int, says ...string) {
	t.Helper()
	for _, words := range says {
		if !strings.Contains(text, words) {
			t.Errorf("%q is missing:\n%s", words, text)
		}
	}
	if strings.Contains(strings.ToLower(text), "passed") || strings.Count(strings.Join(strings.Fields(text), " "), "no pass of") != runs {
		t.Errorf("it does not say of %d runs that they are no pass:\n%s", runs, text)
	}
}

// TestSmokeWithoutAGPU has a plain engine on a host without a GPU.
func TestSmokeWithoutAGPU(t *testing.T) {
	catalog := t.TempDir()
	writeGPU(t, catalog, "gpu", "never-made", nil, nil)
	status, stdout, stderr := runCommand(t, command(t, "smoke", "--templates", catalog, "gpu", "--format", "json"))
	records := recordsOf(t, []byte(stdout))
	for environment, reason := range map[string]string{"nvidia": "its kernel has no NVIDIA driver loaded", "amd": "its kernel has no AMD compute driver loaded"} {
		if r := records["gpu "+environment]; r.Status != record.Skipped || !strings.Contains(r.Reason, reason) {
			t.Errorf("%s: %+v", environment, r)
		}
	}
	if status != statusFailed || !strings.Contains(stderr, "nothing was run") {
		t.Errorf("status %d: %s", status, stderr)
	}
	// Pretending needs an engine that plays along.
	_, stdout, _ = runCommand(t, command(t, "smoke", "--templates", catalog, "gpu", "-e", "nvidia", "--pretend", "--format", "json"))
	if r := recordsOf(t, []byte(stdout))["gpu nvidia"]; r.Status != record.Skipped || strings.Contains(r.Reason, "claims") {
		t.Errorf("%+v", r)
	}
	status, stdout, _ = runCommand(t, command(t, "smoke", "--templates", catalog, "gpu", "-e", "nvidia", "--format", "json"))
	if r := recordsOf(t, []byte(stdout))["gpu nvidia"]; status != statusFindings || !failedAs(r, "required", "its kernel has no NVIDIA driver loaded") {
		t.Errorf("status %d: %+v", status, r)
	}
	checkNothingLeft(t)
}

// TestSmokePretendedGPU has an engine on another host that accepts requests for
// NVIDIA's GPUs, because a stub of the toolkit's hook is on its path, and hands out
// nothing.
func TestSmokePretendedGPU(t *testing.T) {
	t.Parallel()
	binary := program(t)
	far := enginetest.Start(t, enginetest.Options{Path: filepath.Join(root(t), "testdata/hardware/hook")})
	t.Run("NVIDIA", func(t *testing.T) { testPretendedNVIDIA(t, binary, far) })
	t.Run("AMD", func(t *testing.T) { testPretendedAMD(t, binary, far) })
}

// testPretendedNVIDIA runs images that bring a program that takes nvidia-smi's
// place.
func testPretendedNVIDIA(t *testing.T, binary string, far *enginetest.Engine) {
	catalog, dir := t.TempDir(), t.TempDir()
	files := gpuFiles(t, true)
	smoke := func(t testing.TB, args ...string) (int, string, string) {
		return runCommand(t, programCommand(t, binary, []string{"DOCKER_HOST=" + far.Host}, append([]string{"smoke", "--templates", catalog}, args...)...))
	}
	const claims = "the engine claims to hand out an NVIDIA GPU, but the engine's host has no NVIDIA GPU: its kernel has no NVIDIA driver loaded"

	importGPU(t, far.Host, "used", files, "FAKE_USED=100 100 612 400")
	writeGPU(t, catalog, "used", "used", onlyNVIDIA(), nil)
	// What nvidia-smi prints is memory in use in MiB, at first and while the stack
	// runs, or something else. A failure has a kind; all others are pretended.
	cases := map[string]struct {
		env     []string
		service map[string]any
		kind    string
		says    string
		peak    int64 // in MiB
	}{
		"idle": {env: []string{"FAKE_USED=100 110 104"}, kind: "gpu-unused", says: "at most 110MiB of its memory was in use, 100MiB before the start", peak: 10},
		"over": {env: []string{"FAKE_USED=4 1029"}, kind: "vram-over", says: "the stack took 1.001GiB of GPU memory; the manifest states 1GiB", peak: 1025},
		"unseen": {env: []string{"FAKE_USED=4 612"}, service: map[string]any{"environment": map[string]any{"FAKE_LIE": "No devices were found"}},
			kind: "gpu-unused", says: "the GPU is not visible in the container: nvidia-smi says: No devices were found", peak: 608},
		"negative":     {env: []string{"FAKE_USED=-5"}, kind: "gpu-unused", says: `what nvidia-smi printed cannot be believed: "-5" is no size in MiB`},
		"not-a-number": {env: []string{"FAKE_USED=4 612 NaN"}, kind: "gpu-unused", says: `what nvidia-smi printed cannot be believed: "NaN" is no size in MiB`, peak: -1},
		"endless":      {env: []string{"FAKE_LIE=endless-lines"}, kind: "gpu-unused", says: "what nvidia-smi printed cannot be believed: "},
		"no-smi":       {says: "it cannot be shown that the GPU was used: the memory of the GPU cannot be told: the container has no /usr/bin/nvidia-smi"},
	}
	all := []string{"-e", "nvidia", "--pretend"}
	for name, c := range cases {
		if name == "no-smi" {
			importGPU(t, far.Host, name, gpuFiles(t, false))
		} else {
			importGPU(t, far.Host, name, files, c.env...)
		}
		writeGPU(t, catalog, name, name, onlyNVIDIA(), c.service)
		all = append(all, name)
	}

	t.Run("is no pass", func(t *testing.T) {
		status, stdout, stderr := smoke(t, "used", "-e", "nvidia", "--pretend", "--format", "junit", "--record", filepath.Join(dir, "used.json"))
		r := recordsIn(t, filepath.Join(dir, "used.json"))["used nvidia"]
		if status != statusClean || !standsIn(r, record.Pretended, record.Claimed) || !r.Engine.Remote {
			t.Errorf("status %d: %+v\n%s", status, r, stderr)
		}
		const why = "the GPU was used: the container sees it, and took 512MiB of its memory"
		if r.Peak.VRAM != 512<<20 || r.Peak.VRAMStated != 1<<30 || !slices.Contains(r.Notes, why) {
			t.Errorf("peak %+v, notes %q", r.Peak, r.Notes)
		}
		checkStandIn(t, stdout, 1, `<testsuite name="used nvidia (pretended)"`, `name="status" value="pretended"`, "the GPU is one that only the engine claims to have: the run is no pass of nvidia")
		nothingLeft(t, far.Host)
	})
	t.Run("is not asked for", func(t *testing.T) {
		for _, c := range []struct {
			args   []string
			status int
			kind   string // Empty: the run is skipped.
		}{
			{nil, statusFailed, ""},
			{[]string{"-e", "nvidia"}, statusFindings, "required"},
			{[]string{"-e", "nvidia", "--pretend", "--require", "nvidia"}, statusFindings, "required"},
		} {
			status, stdout, stderr := smoke(t, append(c.args, "used", "--format", "json")...)
			r := recordsOf(t, []byte(stdout))["used nvidia"]
			fits := failedAs(r, c.kind, claims)
			if c.kind == "" {
				fits = r.Status == record.Skipped && r.Reason == claims
			}
			if status != c.status || !fits || len(r.Cases) > 0 {
				t.Errorf("%v: status %d: %+v\n%s", c.args, status, r, stderr)
			}
		}
		nothingLeft(t, far.Host)
	})
	t.Run("is used or not", func(t *testing.T) {
		status, stdout, stderr := smoke(t, append(all, "--record", filepath.Join(dir, "all.json"))...)
		records := recordsIn(t, filepath.Join(dir, "all.json"))
		if status != statusFindings || len(records) != len(cases) {
			t.Fatalf("status %d: %s%s", status, stdout, stderr)
		}
		for name, c := range cases {
			r := records[name+" nvidia"]
			if c.kind != "" && (!failedAs(r, c.kind, c.says) || r.Hardware != record.Claimed) {
				t.Errorf("%s: %s %+v, want %s", name, r.Status, r.Failures, c.kind)
			}
			if c.kind == "" && (!standsIn(r, record.Pretended, record.Claimed) || !strings.Contains(strings.Join(r.Notes, "\n"), c.says)) {
				t.Errorf("%s: %+v", name, r)
			}
			if c.peak >= 0 && r.Peak.VRAM != c.peak<<20 {
				t.Errorf("%s: peak %d MiB, want %d", name, r.Peak.VRAM>>20, c.peak)
			}
		}
		if !strings.Contains(stdout, "6 failed, 1 pretended (not a pass)") {
			t.Error(stdout)
		}
		checkOneAtATime(t, records)
		nothingLeft(t, far.Host)
	})
}

// checkOneAtATime makes sure that no two runs were there at once.
func checkOneAtATime(t testing.TB, records map[string]record.Record) {
	t.Helper()
	var all []record.Record
	for _, r := range records {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b record.Record) int { return a.Started.Compare(b.Started) })
	// The start is cut off and the length rounded to a millisecond.
	const rounding = 2 * time.Millisecond
	for i := 1; i < len(all); i++ {
		before, after := all[i-1], all[i]
		end := before.Started.Add(time.Duration(before.Times.Total * float64(time.Second)))
		if after.Started.Before(end.Add(-rounding)) {
			t.Errorf("%s started at %s, before %s ended at %s", after.Template, after.Started, before.Template, end)
		}
	}
}

// testPretendedAMD makes the device nodes of AMD's driver, without the driver:
// the engine hands them out, and nobody can tell whether they are used.
func testPretendedAMD(t *testing.T, binary string, far *enginetest.Engine) {
	pretendAMD(t)
	enginetest.Exclusive(t)
	local := enginetest.Local(t)
	files := gpuFiles(t, false)
	catalog := t.TempDir()
	writeGPU(t, catalog, "gpu", "amd", nil, nil)
	for _, host := range []string{local, far.Host} {
		importGPU(t, host, "amd", files)
	}
	smoke := func(t testing.TB, host string, args ...string) (int, map[string]record.Record) {
		args = append([]string{"smoke", "--templates", catalog, "gpu", "--format", "json"}, args...)
		status, stdout, _ := runCommand(t, programCommand(t, binary, []string{"DOCKER_HOST=" + host}, args...))
		return status, recordsOf(t, []byte(stdout))
	}
	const untold = "it cannot be shown that the GPU was used: the memory of the GPU cannot be told"
	const claims = "the engine claims to hand out an AMD GPU, but the engine's host has no AMD GPU"

	for name, host := range map[string]string{"here": local, "there": far.Host} {
		t.Run(name, func(t *testing.T) {
			args := []string{"-e", "amd", "--pretend"}
			if host == local {
				args = append(args, "--keep")
				defer removeKept(t, "amd")
			}
			status, records := smoke(t, host, args...)
			r := records["gpu amd"]
			if status != statusClean || !standsIn(r, record.Pretended, record.Claimed) || r.Peak.VRAM != 0 || !strings.Contains(strings.Join(r.Notes, "\n"), untold) {
				t.Errorf("status %d: %+v", status, r)
			}
			if host != local {
				nothingLeft(t, far.Host)
			} else if g := inspectKept(t, r); len(g.Devices) != 2 || g.Devices[0].PathOnHost != "/dev/kfd" || g.Devices[1].PathOnHost != "/dev/dri" ||
				!slices.Equal(g.GroupAdd, []string{"video", "render"}) {
				t.Errorf("given %+v", g)
			}
		})
	}
	t.Run("is not asked for", func(t *testing.T) {
		status, records := smoke(t, local)
		if r := records["gpu amd"]; status != statusFailed || r.Status != record.Skipped || !strings.Contains(r.Reason, claims) {
			t.Errorf("status %d: %+v", status, r)
		}
		status, records = smoke(t, local, "-e", "amd", "--pretend", "--require", "amd")
		if r := records["gpu amd"]; status != statusFindings || !failedAs(r, "required", claims) {
			t.Errorf("status %d: %+v", status, r)
		}
	})
	checkNothingLeft(t)
}

// pretendAMD makes device nodes that no driver stands behind. Tests that do so
// take turns, over a lock on their folder.
func pretendAMD(t testing.TB) {
	t.Helper()
	dev, err := os.Open("/dev")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dev.Close() })
	if err := syscall.Flock(int(dev.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir("/dev/dri", 0o755); err == nil {
		t.Cleanup(func() { _ = os.Remove("/dev/dri") })
	} else if !errors.Is(err, os.ErrExist) {
		t.Fatal(err)
	}
	for path, number := range map[string]int{"/dev/kfd": 235 << 8, "/dev/dri/renderD128": 226<<8 | 128} {
		if err := syscall.Mknod(path, syscall.S_IFCHR|0o666, number); err == nil {
			t.Cleanup(func() { _ = os.Remove(path) })
		} else if !errors.Is(err, os.ErrExist) {
			t.Fatal(err)
		}
	}
}

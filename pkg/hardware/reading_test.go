package hardware

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	uuid  = "GPU-5d49bdf4-b8d0-21ce-9260-a89c66748d92"
	uuid2 = "GPU-5d49bdf4-b8d0-21ce-9260-a89c66748d93"
)

func TestParseReadings(t *testing.T) {
	got, err := parseReadings(uuid+", NVIDIA H100 80GB HBM3, 81559, 4, 535.104.12, 9.0\n"+uuid2+", NVIDIA A100-SXM4-40GB, 40960, 40960, 535.104.12, 8.0\n", 6)
	if err != nil {
		t.Fatal(err)
	}
	want := []Reading{
		{uuid, "NVIDIA H100 80GB HBM3", 81559 << 20, 4 << 20, "535.104.12", "9.0"},
		{uuid2, "NVIDIA A100-SXM4-40GB", 40960 << 20, 40960 << 20, "535.104.12", "8.0"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("readings, wanted and got:\n%s", diff)
	}
	h100 := facts(t, "nvidia-h100")
	if err := Contradicts(want[:1], h100); err == nil || !strings.Contains(err.Error(), uuid) {
		t.Errorf("a GPU that the kernel does not know: %v", err)
	}
	known := want[0]
	known.UUID = h100.NVIDIA.GPUs[1].UUID
	if err := Contradicts([]Reading{known}, h100); err != nil {
		t.Error(err)
	}
	known.Driver = "535.104.13"
	if err := Contradicts([]Reading{known}, h100); err == nil {
		t.Error("another driver than the kernel's is believed")
	}
}

// lines are what nvidia-smi never prints; each stands for a hostile image.
var lies = map[string]string{
	"nothing":          "",
	"blank line":       "\n",
	"no columns":       "hello\n",
	"too few columns":  uuid + ", GPU, 100, 4, 535.1\n",
	"too many columns": uuid + ", GPU, 100, 4, 535.1, 9.0, 1\n",
	"header":           "uuid, name, memory.total [MiB], memory.used [MiB], driver_version, compute_cap\n",
	"no UUID":          "GPU-1, GPU, 100, 4, 535.1, 9.0\n",
	"negative":         uuid + ", GPU, 100, -4, 535.1, 9.0\n",
	"plus":             uuid + ", GPU, 100, +4, 535.1, 9.0\n",
	"NaN":              uuid + ", GPU, NaN, 4, 535.1, 9.0\n",
	"infinite":         uuid + ", GPU, Inf, 4, 535.1, 9.0\n",
	"exponent":         uuid + ", GPU, 1e9, 4, 535.1, 9.0\n",
	"hexadecimal":      uuid + ", GPU, 0x64, 4, 535.1, 9.0\n",
	"fraction":         uuid + ", GPU, 100.5, 4, 535.1, 9.0\n",
	"unit":             uuid + ", GPU, 100 MiB, 4, 535.1, 9.0\n",
	"beyond int64":     uuid + ", GPU, 9223372036854775808, 4, 535.1, 9.0\n",
	"overflow":         uuid + ", GPU, 8796093022209, 4, 535.1, 9.0\n",
	"beyond any GPU":   uuid + ", GPU, 67108865, 4, 535.1, 9.0\n",
	"used over total":  uuid + ", GPU, 100, 101, 535.1, 9.0\n",
	"control":          uuid + ", \x1b[2J, 100, 4, 535.1, 9.0\n",
	"no name":          uuid + ", , 100, 4, 535.1, 9.0\n",
	"long line":        uuid + ", " + strings.Repeat("x", maxLine) + ", 100, 4, 535.1, 9.0\n",
	"no driver":        uuid + ", GPU, 100, 4, latest, 9.0\n",
	"no capability":    uuid + ", GPU, 100, 4, 535.1, high\n",
	"twice":            strings.Repeat(uuid+", GPU, 100, 4, 535.1, 9.0\n", 2),
	"carriage return":  uuid + ", GPU, 100, 4, 535.1, 9.0\r\n",
}

func TestParseReadingsRefusesLies(t *testing.T) {
	for name, text := range lies {
		got, err := parseReadings(text, 6)
		if err == nil || errors.Is(err, ErrUntold) {
			t.Errorf("%s: %+v, %v", name, got, err)
		} else if len(err.Error()) > 300 || strings.ContainsAny(err.Error(), "\x1b\n") {
			t.Errorf("%s: the error repeats what should not be shown: %q", name, err)
		}
	}
	if _, err := parseReadings(uuid+", GPU, [N/A], [N/A], 535.1, 9.0\n", 6); !errors.Is(err, ErrUntold) {
		t.Errorf("what the driver does not tell: %v", err)
	}
}

func TestSamplesRefuseLies(t *testing.T) {
	feed := func(text string) (peaks []int64, err error) {
		s := &samples{now: map[string]int64{uuid: 4 << 20, uuid2: 1 << 20}, totals: map[string]int64{uuid: 100 << 20, uuid2: 100 << 20},
			started: time.Now(), saw: func(used int64) { peaks = append(peaks, used>>20) }}
		// In pieces, as a stream comes.
		for _, b := range []byte(text) {
			if _, err := s.Write([]byte{b}); err != nil {
				return peaks, err
			}
		}
		return peaks, nil
	}
	peaks, err := feed(uuid + ", 50\n" + uuid2 + ", 30\n" + uuid + ", 2\n")
	if diff := cmp.Diff([]int64{51, 80, 32}, peaks); diff != "" || err != nil {
		t.Errorf("%v, sums wanted and got:\n%s", err, diff)
	}
	for name, text := range map[string]string{
		"another GPU":     "GPU-00000000-0000-0000-0000-000000000000, 4\n",
		"negative":        uuid + ", -4\n",
		"NaN":             uuid + ", NaN\n",
		"used over total": uuid + ", 101\n",
		"columns":         uuid + ", 4, 4\n",
		"endless line":    strings.Repeat("9", maxLine+1),
		"too much":        strings.Repeat(uuid+", 4\n", 1<<20),
	} {
		if _, err := feed(text); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func frame(kind byte, text string) string {
	header := []byte{kind, 0, 0, 0, 0, 0, 0, 0}
	binary.BigEndian.PutUint32(header[4:], uint32(len(text)))
	return string(header) + text
}

func TestSplit(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if err := split(strings.NewReader(frame(1, "a")+frame(2, "b")+frame(1, "")+frame(1, "c")), &stdout, &stderr); err != nil || stdout.String() != "ac" || stderr.String() != "b" {
		t.Errorf("%v: %q, %q", err, &stdout, &stderr)
	}
	for name, stream := range map[string]string{
		"no such stream": frame(7, "a"),
		"cut header":     frame(1, "a")[:5],
		// A length of 4 GiB reserves nothing and ends with the stream.
		"cut frame": "\x01\x00\x00\x00\xff\xff\xff\xffabc",
	} {
		if err := split(strings.NewReader(stream), io.Discard, io.Discard); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestSightOf(t *testing.T) {
	for name, c := range map[string]struct {
		status         int
		stdout, stderr string
		want           Visibility
	}{
		"one GPU":       {0, "GPU 0: NVIDIA H100 80GB HBM3 (UUID: " + uuid + ")\n", "", Visible},
		"MIG":           {0, "GPU 0: NVIDIA A100 (UUID: " + uuid + ")\n  MIG 1g.5gb Device 0: (UUID: MIG-1f292bf8-f63f-570f-a866-efaab3ceb50a)\n", "", Visible},
		"none":          {0, "No devices found.\n", "", NotVisible},
		"silence":       {0, "", "", NotVisible},
		"none, 6":       {6, "No devices were found\n", "", NotVisible},
		"no driver":     {9, "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", "", NotVisible},
		"no access":     {255, "Failed to initialize NVML: Unknown Error\n", "", NotVisible},
		"no program":    {127, `OCI runtime exec failed: exec failed: unable to start container process: exec: "/usr/bin/nvidia-smi": stat /usr/bin/nvidia-smi: no such file or directory: unknown`, "", Untold},
		"does not load": {127, "", "", Untold},
		"other":         {3, "", "This operation is not available", Untold},
		"prose":         {0, "All is well, believe me.\n", "", Untold},
		"no UUID":       {0, "GPU 0: X (UUID: GPU-------------------------------------)\n", "", Untold},
	} {
		if got := sightOf(c.status, c.stdout, c.stderr); got.Visibility != c.want || got.Reason == "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	seen := Sight{Visibility: Visible, UUIDs: []string{uuid}}
	if got := seen.Within(facts(t, "none")); got.Visibility != NotVisible {
		t.Errorf("a GPU that the kernel does not know: %+v", got)
	}
	h100 := facts(t, "nvidia-h100")
	seen.UUIDs = []string{h100.NVIDIA.GPUs[0].UUID}
	if got := seen.Within(h100); got.Visibility != Visible {
		t.Errorf("a GPU that the kernel knows: %+v", got)
	}
}

func FuzzParseReadings(f *testing.F) {
	f.Add(uuid + ", NVIDIA H100, 81559, 4, 535.104.12, 9.0\n")
	for _, text := range lies {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		readings, err := parseReadings(text, 6)
		if err == nil && len(readings) == 0 {
			t.Error("no GPU and no error")
		}
		for _, r := range readings {
			if err == nil && (r.Used < 0 || r.Used > r.Total || r.Total > maxMebibytes<<20 || r.Name != clean(r.Name)) {
				t.Errorf("believed: %+v", r)
			}
		}
	})
}

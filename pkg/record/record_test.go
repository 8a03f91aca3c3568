package record

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	good := File{Schema: Schema, Tool: "1.0.0", Records: []Record{{Template: "echo", Status: Passed, Hardware: Real, Compared: true}}}
	text, err := json.Marshal(good)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Read(text); err != nil || got.Records[0].Template != "echo" {
		t.Errorf("%+v %v", got, err)
	}
	for name, c := range map[string]struct{ text, want string }{
		"no JSON":       {`{`, "cannot be read"},
		"another form":  {`{"schema":"x"}`, "write it anew"},
		"no status":     {`{"schema":"` + Schema + `","records":[{}]}`, "unknown status"},
		"contradiction": {`{"schema":"` + Schema + `","records":[{"status":"passed","hardware":"emulated","compared":true}]}`, "contradicts itself"},
		"not compared":  {`{"schema":"` + Schema + `","records":[{"status":"passed","hardware":"real"}]}`, "contradicts itself"},
		"failure":       {`{"schema":"` + Schema + `","records":[{"status":"passed","hardware":"real","compared":true,"failures":[{"kind":"x"}]}]}`, "contradicts itself"},
		"twice":         {`{"schema":"` + Schema + `","records":[{"status":"failed","hardware":"real","Status":"passed"}]}`, "stands twice"},
		"too large":     {strings.Repeat(" ", MaxBytes+1), "larger than"},
	} {
		if _, err := Read([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// FuzzRead reads anything: what it takes never passes without real hardware.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"schema":"` + Schema + `","records":[{"status":"passed","hardware":"real","compared":true}]}`))
	f.Add([]byte(`{"schema":"` + Schema + `","records":[{"status":"emulated","hardware":"emulated"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Read(data)
		if err != nil {
			return
		}
		for _, r := range file.Records {
			if r.Status == Passed && (r.Hardware != Real || !r.Compared || len(r.Failures) > 0) {
				t.Errorf("%+v", r)
			}
		}
	})
}

package catalog

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"1s": time.Second, "90s": 90 * time.Second, "10m": 10 * time.Minute, "1h30m": 90 * time.Minute,
		"1h1s": time.Hour + time.Second, "999999h": 999999 * time.Hour,
	} {
		d, err := ParseDuration(text)
		if err != nil || time.Duration(d) != want {
			t.Errorf("%s is %v, %v", text, time.Duration(d), err)
		}
		again, err := ParseDuration(d.String())
		if err != nil || again != d {
			t.Errorf("%s is written as %s, which is %v, %v", text, d, again, err)
		}
	}
	const longest = 999999 * (time.Hour + time.Minute + time.Second)
	if d, err := ParseDuration("999999h999999m999999s"); err != nil || time.Duration(d) != longest {
		t.Errorf("the longest is %v, %v", time.Duration(d), err)
	}
	for _, text := range []string{"", "0s", "5", "s", "1.5h", "-1s", "+1s", "1s1m", "500ms", "1 m", "01m", "1m0s", "1234567s", "1m\n", "１s"} {
		if d, err := ParseDuration(text); err == nil || !strings.Contains(err.Error(), "such as 90s, 10m or 1h30m") {
			t.Errorf("%q is %v, %v", text, d, err)
		}
	}
	if got := Duration(0).String(); got != "0s" {
		t.Errorf("nothing is written as %s", got)
	}
}

func TestDurationJSON(t *testing.T) {
	text, err := json.Marshal(map[string]Duration{"d": Duration(90 * time.Second)})
	if err != nil || string(text) != `{"d":"1m30s"}` {
		t.Errorf("%s, %v", text, err)
	}
	var read struct{ D Duration }
	if err := json.Unmarshal(text, &read); err != nil || read.D != Duration(90*time.Second) {
		t.Errorf("%v, %v", read.D, err)
	}
	for _, text := range []string{`{"d": 90}`, `{"d": "soon"}`} {
		if err := json.Unmarshal([]byte(text), &read); err == nil {
			t.Errorf("%s is read", text)
		}
	}
}

func TestLimitIsTheLargest(t *testing.T) {
	if err := parseLimit("2h", MaxReady); err != nil {
		t.Error(err)
	}
	if err := parseLimit("2h1s", MaxReady); err == nil || err.Error() != "must be at most 2h" {
		t.Error(err)
	}
}

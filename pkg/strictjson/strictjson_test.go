package strictjson

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestUnmarshal(t *testing.T) {
	for _, text := range []string{
		`{}`, `[]`, `null`, `1`, `"a"`, ` {"a": {"a": 1}, "b": [{"a": 1}, {"a": "a"}], "c": ["a", "a"]} `,
		strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth),
	} {
		var got, want any
		if err := Unmarshal([]byte(text), &got); err != nil || json.Unmarshal([]byte(text), &want) != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		``:                               "end of JSON",
		`{"a":`:                          "end of JSON",
		`{"a":1,"a":2}`:                  `the key "a" stands twice`,
		`{"a":1,"A":2}`:                  `the key "A" stands twice`,
		`{"s":1,"\u017f":2}`:             "stands twice",
		`{"a":[{"b":{"c":0,"c":{}}}]}`:   `the key "c" stands twice`,
		`{"a":1} {}`:                     "after top-level value",
		`{"a":1}x`:                       "invalid character",
		`{"a":1}}`:                       "invalid character",
		"\"\xff\"":                       "not UTF-8",
		`{"\ud800":1,"\ud801":2}`:        "stands twice",
		`{a:1}`:                          "invalid character",
		`NaN`:                            "invalid character",
		strings.Repeat("[", MaxDepth+1):  "nests deeper",
		strings.Repeat("[", 1_000_000):   "nests deeper",
		strings.Repeat(`{"a":`, 100_000): "nests deeper",
	} {
		var got any
		if err := Unmarshal([]byte(text), &got); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v, want %q", text, err, want)
		}
	}
}

// FuzzUnmarshal reads anything: what it takes encoding/json takes too, and means
// the same after it was written again.
func FuzzUnmarshal(f *testing.F) {
	for _, seed := range []string{`{"a":[1,{"b":null}],"c":"d"}`, `{"a":1,"a":2}`, `[`, `{"a":1}}`, `"\ud800"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var got, again any
		if Unmarshal(data, &got) != nil {
			return
		}
		text, err := json.Marshal(got)
		if err == nil {
			err = Unmarshal(text, &again)
		}
		if err != nil || !json.Valid(data) || !reflect.DeepEqual(got, again) {
			t.Errorf("%q: %v, then %v: %v", data, got, again, err)
		}
	})
}

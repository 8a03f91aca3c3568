package smoke

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"
)

// FuzzDecodeResult reads anything that a service could send: it is either one
// JSON value or a failure that says what is wrong.
func FuzzDecodeResult(f *testing.F) {
	for _, seed := range []string{`{"text":"x"}`, `{} {}`, ``, `[1e999999]`, `"\ud800"`, "\xff", `{"a":1,"a":2}`, `nul`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		value, problem := decodeResult(body)
		if (problem == nil) != json.Valid(body) {
			t.Errorf("%q: %v %v", body, value, problem)
		}
		if problem != nil && (problem.Kind == "" || problem.Remedy == "" || !utf8.ValidString(problem.Message)) {
			t.Errorf("%+v", problem)
		}
	})
}

// FuzzAccepted reads anything that a service could answer to a task: only one
// that names the task is taken.
func FuzzAccepted(f *testing.F) {
	const task = "0x00000000000000000000000000000000000000aa"
	for _, seed := range []string{`{"task_address":"` + task + `","status":"accepted"}`, `{"task_address":"0x0"}`, `[]`, `null`, ``, `{"TASK_ADDRESS":"` + task + `","Status":"accepted"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if err := accepted(body, task); err == nil && !bytes.Contains(bytes.ToLower(body), []byte("accepted")) && !bytes.Contains(body, []byte(`\`)) {
			t.Errorf("%q is taken", body)
		}
	})
}

package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/opengpu-network/templates/cmd/internal/app"
)

// What is written means the same to programs, and does nothing to terminals.
func TestJSONIsInert(t *testing.T) {
	for _, text := range []string{"plain", "é ✓ 漢字", "\u202eright to left\u2066", "\x1b[2J\x7f\u0085", "##[error]no", `\##[`, "\u2028 \u2800 \u200d", "\U000e0041 \U0001f600", "\n::error::x"} {
		var out bytes.Buffer
		if err := app.WriteJSON(&out, []string{text}); err != nil {
			t.Fatal(err)
		}
		var back []string
		if err := json.Unmarshal(out.Bytes(), &back); err != nil || back[0] != text {
			t.Errorf("%q becomes %q: %v", text, back, err)
		}
		if harm := harmful.FindString(out.String()); harm != "" || bytes.Contains(out.Bytes(), []byte("##[")) {
			t.Errorf("%q is written as %s", text, out.String())
		}
	}
}

package engine

import (
	"strings"
	"testing"
)

// TestPushed has the notes that engines send while they push. Which of them a real
// engine sends is for TestImage, which runs on engines with either store.
func TestPushed(t *testing.T) {
	a, b := "sha256:"+strings.Repeat("a", 64), "sha256:"+strings.Repeat("b", 64)
	for note, want := range map[string]string{
		`{"Tag": "1", "Digest": "` + a + `", "Size": 7}`: a,
		`{"Tag": "2", "Digest": "` + a + `", "Size": 7}`: "",
		`{"manifestPushedInsteadOfIndex": true, "originalIndex": {"digest": "` + a + `"}, "selectedManifest": {"digest": "` + b + `"}}`: b,
		`{"contentMissing": true, "desc": {"digest": "` + a + `"}}`:                                                                     "",
		`{"Tag": 1}`: "", `[]`: "", `null`: "", `{`: "",
	} {
		if got := pushed([]byte(note), "1"); got != want {
			t.Errorf("%s: %q, want %q", note, got, want)
		}
	}
}

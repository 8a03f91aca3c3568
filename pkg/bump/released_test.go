package bump

import (
	"errors"
	"fmt"
	"testing"
)

// TestJudge: what the change leaves alone is none of its doing, and what it does is told
// up to a limit, beyond which nothing is proven either.
func TestJudge(t *testing.T) {
	asked := 0
	refuse := func(version, digest string) (string, error) {
		asked++
		return fmt.Sprintf("no %s %s", version, digest), nil
	}
	for _, c := range []struct{ base, tip, head, want string }{
		{"", "", "", ""},
		{"a", "a", "a", ""},
		{"a", "b", "a", ""},
		{"a", "b", "b", ""},
		{"", "b", "", ""},
		{"", "b", "b", ""},
		{"a", "", "a", ""},
		{"a", "", "", ""},
		{"", "", "c", "no 1 c"},
		{"a", "a", "", "version 1 is gone, which was released as a"},
		{"a", "b", "", "version 1 is gone, which was released as b"},
		{"a", "a", "c", "version 1 has the digest c, and was released as a"},
		{"a", "b", "c", "version 1 has the digest c, and was released as b"},
		{"a", "", "c", "version 1 has the digest c, and was released as a"},
		{"", "b", "c", "version 1 has the digest c, and main has come to say since this change started that it was released as b"},
	} {
		note := func(digest string) map[string]string {
			if digest == "" {
				return nil
			}
			return map[string]string{"1": digest}
		}
		got, err := Notes{note(c.base), note(c.tip), note(c.head)}.Judge("main", refuse)
		message := ""
		if len(got) == 1 {
			message = got[0].Message
		}
		if err != nil || message != c.want || len(got) > 1 {
			t.Errorf("%+v: %v %v", c, got, err)
		}
	}
	many := Notes{Head: map[string]string{}}
	for i := range 10_000 {
		many.Head[fmt.Sprint(i)] = "x"
	}
	asked = 0
	got, err := many.Judge("main", refuse)
	if err != nil || len(got) != maxTold+1 || asked != maxTold || got[maxTold].Message != fmt.Sprintf("%d more versions are new, gone or others", 10_000-maxTold) {
		t.Errorf("%d %d %v", len(got), asked, err)
	}
	failed := errors.New("x")
	if _, err := many.Judge("main", func(string, string) (string, error) { return "", failed }); !errors.Is(err, failed) {
		t.Error(err)
	}
}

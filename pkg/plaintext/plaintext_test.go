package plaintext

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

var uses = map[string]Use{"prose": Prose, "line": Line, "value": Value, "name": Name}

// read yields the lines of a file of cases: the use, the text, and what follows.
func read(t testing.TB, file string, each func(line string, use Use, text, rest string)) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		name, rest, _ := strings.Cut(line, " ")
		use, known := uses[name]
		quoted, err := strconv.QuotedPrefix(rest)
		if !known || err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		text, err := strconv.Unquote(quoted)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		each(line, use, text, strings.TrimSpace(rest[len(quoted):]))
	}
}

func TestFaults(t *testing.T) {
	read(t, "testdata/faults.txt", func(line string, use Use, text, want string) {
		faults := Check(text, use)
		if len(faults) == 0 {
			t.Errorf("%s: nothing is found", line)
			return
		}
		f := faults[0]
		if got := fmt.Sprintf("%d+%d: %s", f.Offset, f.End-f.Offset, f.Message); got != want {
			t.Errorf("%s:\n got %s", line, got)
		}
		// What is wrong for one use is wrong for the stricter ones, but for what a line break is.
		for stricter := use + 1; stricter <= Name; stricter++ {
			if len(Check(text, stricter)) == 0 && stricter != Value {
				t.Errorf("%s: use %d lets it pass", line, stricter)
			}
		}
	})
}

func TestClean(t *testing.T) {
	read(t, "testdata/clean.txt", func(line string, use Use, text, _ string) {
		for _, f := range Check(text, use) {
			t.Errorf("%s: %s", line, f.Message)
		}
	})
}

// Every character of Unicode is either shown or has a reason why it is not, and no
// message holds one that is not.
func TestEveryCharacter(t *testing.T) {
	for r := rune(0x80); r <= utf8.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		if r > 0x40000 && r < 0xe0000 || r > 0xf0100 {
			r += 250 // nothing but planes without characters, and for private use
		}
		r = min(r, utf8.MaxRune)
		faults := Check("a"+string(r)+"a", Prose)
		if Shows(r) && len(faults) > 0 {
			t.Errorf("U+%04X shows, and is a fault: %s", r, faults[0].Message)
		}
		for _, f := range faults {
			checkMessage(t, f.Message)
		}
	}
}

func checkMessage(t *testing.T, message string) {
	t.Helper()
	for _, r := range message {
		if r < ' ' || r > '~' {
			t.Errorf("the message %q holds what it is about", message)
		}
	}
}

// However long and however wrong a text is, looking at it takes steps in proportion
// to its length.
func TestWork(t *testing.T) {
	for name, part := range map[string]string{
		"plain": "word ", "hidden": "a\u202e", "mixed": "p\u0430y ", "one word": "p\u0430", "marks": "\u0301", "Cyrillic": "слово ", "cherokee": "Ꭲ",
		"joined": "👩\u200d", "twins": "\u0430", "zero width": "\u200b",
	} {
		allocations := func(n int) float64 {
			text := strings.Repeat(part, n)
			return testing.AllocsPerRun(1, func() { Check(text, Name) })
		}
		if few, many := allocations(1000), allocations(8000); many > 16*few+1000 {
			t.Errorf("%s: %v allocations for 1,000, %v for 8,000", name, few, many)
		}
	}
}

func FuzzCheck(f *testing.F) {
	each := func(_ string, use Use, text, _ string) { f.Add(text, int(use)) }
	read(f, "testdata/faults.txt", each)
	read(f, "testdata/clean.txt", each)
	f.Fuzz(func(t *testing.T, text string, number int) {
		use := Use(uint(number) % 4)
		var faults []Fault
		if n := testing.AllocsPerRun(1, func() { faults = Check(text, use) }); n > float64(100+20*len(text)) {
			t.Errorf("%d bytes took %v allocations", len(text), n)
		}
		last := 0
		for _, fault := range faults {
			if fault.Offset < last || fault.End <= fault.Offset || fault.End > len(text) {
				t.Errorf("%q: the fault %+v is out of place", text, fault)
			}
			last = fault.End
			checkMessage(t, fault.Message)
		}
		if len(faults) == 0 && use == Prose {
			if !utf8.ValidString(text) {
				t.Errorf("%q is no UTF-8", text)
			}
			for _, r := range text {
				if invisible(r) != "" && !strings.ContainsRune("\n\t\r\u200c\u200d\ufe0e\ufe0f\ufffd", r) {
					t.Errorf("%q passes with U+%04X", text, r)
				}
			}
		}
		if len(faults) > 0 && use == Prose && len(Check(text, Line)) == 0 {
			t.Errorf("%q passes as a line and not as prose", text)
		}
	})
}

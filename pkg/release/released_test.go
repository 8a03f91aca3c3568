package release

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

const (
	one = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
	two = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
)

func TestReleased(t *testing.T) {
	dir := t.TempDir()
	if all, err := Released(dir); err != nil || len(all) != 0 {
		t.Errorf("%v %v", all, err)
	}
	file := filepath.Join(dir, ReleasesFile)
	write := func(text string) { must(t, os.WriteFile(file, []byte(text), 0o600)) }
	write(`{"1.0.0": "` + one + `", "1.1.0-rc.1+a": "` + two + `"}`)
	if all, err := Released(dir); err != nil || len(all) != 2 || all["1.0.0"] != one {
		t.Errorf("%v %v", all, err)
	}
	for text, want := range map[string]string{
		``:                      "end of JSON",
		`null`:                  "it is null",
		`[]`:                    "object such as",
		`{"1.0.0":null}`:        "is no digest of version 1.0.0",
		`{"1.0.0":1}`:           "object such as",
		`{"1.0.0":""}`:          "is no digest",
		`{"1.0.0":"sha256:00"}`: "is no digest",
		`{"1.0.0":"` + strings.ToUpper(one) + `"}`:               "is no digest",
		`{"1.0.0":"` + strings.TrimPrefix(one, "sha256:") + `"}`: "is no digest",
		`{"v1.0.0":"` + one + `"}`:                               `"v1.0.0" is no version`,
		`{"1.0":"` + one + `"}`:                                  `"1.0" is no version`,
		`{"01.0.0":"` + one + `"}`:                               "is no version",
		`{"":"` + one + `"}`:                                     "is no version",
		`{"1.0.0":"` + one + `","1.0.0":"` + two + `"}`:          "stands twice",
		`{"1.0.0":"` + one + `"}{}`:                              "after top-level value",
		`{"1.0.0":{"testnet":"` + one + `"}}`:                    "object such as",
		strings.Repeat(" ", MaxReleasesBytes+1):                  "larger than",
	} {
		write(text)
		_, err := Released(dir)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), ReleasesFile) {
			t.Errorf("%.80s: %v, want %q", text, err, want)
		}
		if AddReleased(dir, "2.0.0", one) == nil {
			t.Errorf("%.80s: noted all the same", text)
		}
		if after, err := os.ReadFile(file); err != nil || string(after) != text {
			t.Errorf("%.80s is replaced by %s: %v", text, after, err)
		}
	}
	must(t, os.Remove(file))
	must(t, syscall.Mkfifo(file, 0o600))
	if _, err := Released(dir); err == nil || !strings.Contains(err.Error(), "no regular file") {
		t.Error(err)
	}
	must(t, os.Remove(file))
	must(t, os.Symlink("/etc/hostname", file))
	if _, err := Released(dir); err == nil {
		t.Error("a link is followed")
	}
	if _, err := Released(filepath.Join(dir, "none")); err == nil {
		t.Error("there is no folder")
	}
}

func TestAddReleased(t *testing.T) {
	dir := t.TempDir()
	must(t, AddReleased(dir, "1.10.0", two))
	must(t, AddReleased(dir, "1.0.0", one))
	must(t, AddReleased(dir, "1.0.0", one))
	for _, wrong := range [][3]string{{"1.0.0", two, "was released as " + one}, {"1.0", one, "is no version"}, {"1.2.0", "sha256:", "is no digest"}} {
		if err := AddReleased(dir, wrong[0], wrong[1]); err == nil || !strings.Contains(err.Error(), wrong[2]) {
			t.Errorf("%v: %v", wrong, err)
		}
	}
	want := "{\n  \"1.0.0\": \"" + one + "\",\n  \"1.10.0\": \"" + two + "\"\n}\n"
	if all := files(t, dir); len(all) != 1 || all[ReleasesFile] != want {
		t.Errorf("%q", all)
	}
	// Many at once lose nothing of each other.
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			if err := AddReleased(dir, fmt.Sprintf("2.%d.0", i), one); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if all, err := Released(dir); err != nil || len(all) != 22 || len(files(t, dir)) != 1 {
		t.Errorf("%v %v", all, err)
	}
}

func TestLocateReleased(t *testing.T) {
	text := "{\n  \"1.0.0\": \"" + one + "\", \"1.0.1\"\n:\t\"" + two + "\"}\n"
	for version, want := range map[string]string{
		"1.0.0": "x/y/releases.json 2:3-2:85",
		"1.0.1": "x/y/releases.json 2:87-3:76",
		"1.0.2": "x/y/releases.json 1:1-0:0",
		"":      "x/y/releases.json 1:1-0:0",
	} {
		if p := LocateReleased("x/y", []byte(text), version); fmt.Sprintf("%s %d:%d-%d:%d", p.File, p.Line, p.Column, p.EndLine, p.EndColumn) != want {
			t.Errorf("%s: %+v, want %s", version, p, want)
		}
	}
}

// FuzzReleased: whatever is read has its entries where they are said to stand, and what
// is not read is located somewhere all the same.
func FuzzReleased(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"1.0.0":"` + one + `"}`, " {\r\n\"1.0.0\" :\t\"" + one + "\" ,\n\"1.0.1\":\"" + two + "\" } ", `{"\u0031.0.0":"` + one + `"}`, `[`, `{"1.0.0"`, `{"é":1}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		all, err := ParseReleased(text)
		if err != nil {
			all = map[string]string{"1.0.0": ""}
		}
		for version := range all {
			p := LocateReleased("x", text, version)
			if p.Line < 1 || p.Column < 1 {
				t.Fatalf("%+v", p)
			}
			if err != nil {
				continue
			}
			// The lines from there on, up to the end.
			lines := strings.Split(string(text), "\n")[p.Line-1 : p.EndLine]
			last := len(lines) - 1
			lines[last] = string([]rune(lines[last])[:p.EndColumn-1])
			lines[0] = string([]rune(lines[0])[p.Column-1:])
			if again, err := ParseReleased([]byte("{" + strings.Join(lines, "\n") + "}")); err != nil || len(again) != 1 || again[version] != all[version] {
				t.Errorf("%q: %s stands at %+v: %v %v", text, version, p, again, err)
			}
		}
	})
}

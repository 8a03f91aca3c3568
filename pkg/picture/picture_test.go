package picture

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/png"
	"os"
	"strings"
	"testing"
)

const head = `<svg xmlns="http://www.w3.org/2000/svg">`

// made are files that are too long to be written down.
var made = map[string]string{
	"LATIN1": head + "<title>caf\xe9</title></svg>",
	"BOMB":   head + `<g id="a0"><rect/><rect/></g>` + bomb(30) + "</svg>",
	"DEEP":   head + strings.Repeat("<g>", 100) + strings.Repeat("</g>", 100) + "</svg>",
	"MANY":   head + strings.Repeat("<g/>", 10_000) + "</svg>",
}

func bomb(levels int) (text string) {
	for i := range levels {
		use := `<use href="#a` + string(rune('0'+i%10)) + strings.Repeat("x", i/10) + `"/>`
		text += `<g id="a` + string(rune('0'+(i+1)%10)) + strings.Repeat("x", (i+1)/10) + `">` + use + use + "</g>"
	}
	return text
}

func lines(t testing.TB, file string) (all []string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if !strings.HasPrefix(line, "#") {
			all = append(all, strings.TrimSuffix(line, "\n"))
		}
	}
	return all
}

func whole(text string) []byte {
	if text, ok := made[text]; ok {
		return []byte(text)
	}
	if inside, ok := strings.CutPrefix(text, " "); ok {
		return []byte(head + inside + "</svg>")
	}
	return []byte(text)
}

func TestFaults(t *testing.T) {
	for _, line := range lines(t, "testdata/faults.txt") {
		want, text, _ := strings.Cut(line, "\t")
		found := false
		var all []string
		for _, f := range CheckSVG(whole(text)) {
			found = found || strings.Contains(f.Message, want)
			all = append(all, f.Message)
		}
		if !found {
			t.Errorf("%s: got %q, want %q", text, all, want)
		}
	}
}

func TestClean(t *testing.T) {
	for _, text := range lines(t, "testdata/clean.txt") {
		for _, f := range CheckSVG(whole(text)) {
			t.Errorf("%s:\n%d: %s", text, f.Offset, f.Message)
		}
	}
}

// Whatever is in the file, reading it ends, and takes work in proportion to its size.
func FuzzSVG(f *testing.F) {
	for _, file := range []string{"testdata/faults.txt", "testdata/clean.txt"} {
		for _, line := range lines(f, file) {
			_, text, ok := strings.Cut(line, "\t")
			if !ok {
				text = line
			}
			f.Add(whole(text))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var faults []Fault
		if n := testing.AllocsPerRun(1, func() { faults = CheckSVG(data) }); n > float64(1000+50*len(data)) {
			t.Errorf("%d bytes took %v allocations", len(data), n)
		}
		for _, fault := range faults {
			if fault.Offset < 0 || fault.Offset > len(data) || fault.Message == "" {
				t.Errorf("%+v", fault)
			}
			for _, r := range fault.Message {
				if r < ' ' || r > '~' {
					t.Errorf("the message %q holds what it is about", fault.Message)
				}
			}
		}
		if len(faults) > 0 {
			return
		}
		lower := strings.ToLower(string(data))
		for _, word := range []string{"<script", "<foreignobject", "<image", "<style", "<a ", "<!doctype", "<!entity", "<?xml-", "javascript:", "<![cdata"} {
			if strings.Contains(lower, word) && !strings.Contains(lower, "<!--") && !strings.Contains(lower, "<title") && !strings.Contains(lower, "<text") && !strings.Contains(lower, "<desc") && !strings.Contains(lower, "aria-label") {
				t.Errorf("%q passes with %s", data, word)
			}
		}
	})
}

func TestPNG(t *testing.T) {
	picture := func(side int) []byte {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, side, side))); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	with := func(kind, content string) []byte {
		chunk := binary.BigEndian.AppendUint32(nil, uint32(len(content)))
		chunk = append(chunk, kind+content...)
		chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
		data := picture(64)
		return append(append(data[:33:33], chunk...), data[33:]...)
	}
	whole := picture(64)
	broken := bytes.Clone(whole)
	broken[len(broken)-20] ^= 0xff
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"clean": {whole, ""}, "physical size": {with("pHYs", "\x00\x00\x0b\x13\x00\x00\x0b\x13\x01"), ""},
		"text": {with("tEXt", "Comment\x00<script>"), `holds the part "tEXt"`}, "compressed text": {with("zTXt", "x"), "zTXt"}, "EXIF": {with("eXIf", "x"), "eXIf"},
		"animation": {with("acTL", "\x00\x00\x00\x01\x00\x00\x00\x00"), "acTL"}, "unknown": {with("evIl", "x"), "evIl"}, "colour profile": {with("iCCP", "x"), "iCCP"},
		"trailing": {append(bytes.Clone(whole), "<script>"...), "goes on"}, "trailing picture": {append(bytes.Clone(whole), whole...), "goes on"},
		"cut": {whole[:len(whole)-4], "cut off"}, "no end": {whole[:len(whole)-12], "cannot be decoded"}, "damaged": {broken, "cannot be decoded"},
		"large": {picture(4097), "larger"},
	} {
		config, err := png.DecodeConfig(bytes.NewReader(c.data))
		if err != nil {
			t.Fatal(name, err)
		}
		if got := CheckPNG(c.data, config); !strings.Contains(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

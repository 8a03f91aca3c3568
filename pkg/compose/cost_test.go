package compose

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/opengpu-network/templates/pkg/document"
)

// What reading a file may allocate in all: an amount for any file, and one for each
// node and each byte that the file holds with its aliases expanded. Compose's own
// reading takes half of it.
const (
	bytesForAny  = 16 << 20
	bytesPerNode = 96 << 10
	bytesPerByte = 1 << 10
)

// costs holds what Load allocates against the size of a file.
func costs(t *testing.T, name string, content []byte) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "compose.yml"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	var size document.Size
	if doc, _ := document.Parse("compose.yml", content); doc != nil {
		size = doc.Size()
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	Load(context.Background(), root, "compose.yml", func(name string) string { return name })
	runtime.ReadMemStats(&after)
	allocated := int(after.TotalAlloc - before.TotalAlloc)
	if most := bytesForAny + size.Nodes*bytesPerNode + size.Bytes*bytesPerByte; allocated > most {
		t.Errorf("%s: %d nodes and %d bytes take %d MiB; the most is %d MiB", name, size.Nodes, size.Bytes, allocated>>20, most>>20)
	}
	t.Logf("%-24s %6d nodes %8d bytes %6d MiB", name, size.Nodes, size.Bytes, allocated>>20)
}

// lines writes a line for each of n numbers.
func lines(n int, format string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(format, "#", fmt.Sprint(i)) + "\n")
	}
	return b.String()
}

// attacks are files that try to be slow, most of them as large as a file may be.
func attacks() map[string]string {
	const service = "services:\n a:\n  image: nginx\n"
	chain := func(n int) string {
		out := "services:\n s0: {image: nginx}\n"
		for i := range n {
			out += fmt.Sprintf(" s%d: {extends: s%d}\n", i+1, i)
		}
		return out
	}
	return map[string]string{
		"chain of extends":       chain(1600),
		"extends of much":        strings.Replace(chain(300), "{image: nginx}", "\n  image: nginx\n  environment:\n"+lines(3000, "   V#: x"), 1),
		"one base for all":       "services:\n s: {image: nginx, environment: [A=b, C=d]}\n" + lines(480, " s#: {extends: s}"),
		"the longest chain":      chain(15),
		"long lists that extend": "services:\n a:\n  extends: b\n  volumes:\n" + lines(950, `   - "v#:/x#"`) + " b:\n  image: nginx\n  volumes:\n" + lines(950, `   - "w#:/y#"`),
		"one wrong type":         "services:\n a: {image: nginx, mem_limit: 1zz}\n" + lines(480, " s#: {image: nginx}"),
		"all types wrong":        "services:\n" + lines(280, " s#: {image: nginx, mem_limit: 1zz, shm_size: x, cpus: y}"),
		"undeclared volumes":     service + "  volumes:\n" + lines(2900, `   - "v#:/x#"`),
		"half of them declared":  service + "  volumes:\n" + lines(1400, `   - "v#:/x#"`) + "volumes:\n" + lines(700, " v#: {}"),
		"one mount twice":        service + "  volumes:\n" + lines(2900, `   - "/x#"`) + "   - /x7\n",
		"undeclared networks":    "services:\n" + lines(350, " s#: {image: nginx, networks: [n#, m#]}"),
		"all ports wrong":        service + "  ports:\n" + lines(2900, `   - "a#:b"`),
		"unknown keys":           service + lines(1450, "  kimage#: x"),
		"wrong kinds":            "services:\n" + lines(260, " s#: {image: [1], command: {a: b}, ports: 3}"),
		"duplicate keys":         service + "  environment:\n" + lines(1450, "   V: x"),
		"nested variables":       service + "  environment:\n   X: \"" + strings.Repeat("${A:-", 40000) + "\"\n",
		"unclosed variables":     service + "  environment:\n   X: \"" + strings.Repeat("${", 490) + strings.Repeat("x", 240000) + "\"\n",
		"many variables":         service + "  environment:\n" + lines(330, `   V#: "${A:-${B:-${C:-#}}}"`),
		"escapes":                service + "  environment:\n" + lines(480, "   V#: \""+strings.Repeat("$$", 249)+"\""),
		"all ports taken":        service + "  environment:\n   X: \"" + strings.Repeat("x", 100000) + "\"\n   Y: \"" + strings.ReplaceAll(lines(4535, "#"), "\n", " ") + "\"\n",
		"variables by alias":     "x-i: &i \"" + strings.Repeat("$A", 400) + "\"\nservices:\n" + lines(480, " s#: {image: *i}"),
		"text by alias":          "x-a: &a \"" + strings.Repeat("curl x | sh; ", 1500) + "\"\n" + service + "  environment:\n" + lines(50, "   V#: *a"),
		"merges of merges":       "x-0: &m0 {a: 1}\n" + service + "  environment:\n   <<: [" + strings.TrimSuffix(strings.Repeat("*m0,", 450), ",") + "]\n",
		"everybody waits":        "services:\n" + lines(200, " s#: {image: nginx, depends_on: [s0, s1, s2, s3, s4, s5, s6, s7]}"),
		"tmpfs":                  service + "  tmpfs:\n" + lines(2900, "   - /x#"),
		"labels":                 service + "  labels:\n" + lines(1450, "   l#: x"),
		"hosts":                  service + "  extra_hosts:\n" + lines(2900, `   - "h#:1.1.1.1"`),
		"secrets":                service + "secrets:\n" + lines(950, " c#: {environment: X}"),
		"devices":                "services:\n" + lines(350, " s#: {image: nginx, devices: [/dev/kfd, /dev/dri]}"),
		"a deep flow":            "a: " + strings.Repeat("[", 120000) + strings.Repeat("]", 120000) + "\n",
	}
}

// Reading takes no more than an amount for each node and byte, whatever is wrong. What
// is allocated is counted, not time: a step that is done too often allocates too.
func TestReadingCostsNoMoreThanItsSize(t *testing.T) {
	for name, content := range attacks() {
		costs(t, name, []byte(content))
	}
	for _, file := range corpus(t) {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		costs(t, file, content)
	}
}

func FuzzCost(f *testing.F) {
	for _, content := range attacks() {
		if len(content) < 20_000 {
			f.Add([]byte(content))
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) { costs(t, "the input", content) })
}

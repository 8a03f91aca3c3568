package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// BenchmarkProcess is `ogpu-tpl lint ollama` as a whole process: three compose
// files, all rules, from exec to exit.
func BenchmarkProcess(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "ogpu-tpl")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	for _, args := range [][]string{{"--version"}, {"lint", "ollama"}} {
		b.Run(args[0], func(b *testing.B) {
			for b.Loop() {
				command := exec.Command(binary, args...)
				command.Dir = root(b)
				if out, err := command.CombinedOutput(); err != nil {
					b.Fatalf("%v: %s", err, out)
				}
			}
		})
	}
}

// BenchmarkCatalog lints generated catalogs of growing size, each template
// with three compose files. Time and memory must grow in a straight line.
func BenchmarkCatalog(b *testing.B) {
	sizes := []int{10, 100, 1000}
	if testing.Short() {
		sizes = sizes[:1]
	}
	for _, templates := range sizes {
		b.Run(fmt.Sprintf("templates=%d", templates), func(b *testing.B) {
			dir := generate(b, templates)
			b.ReportAllocs()
			for b.Loop() {
				if status, stdout, stderr := run(b, "lint", "--templates", dir); status != statusClean {
					b.Fatalf("status %d: %s%s", status, stdout, stderr)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*3*templates), "µs/file")
		})
	}
}

// generate copies the template ollama, which has all three environments, under
// as many names.
func generate(b *testing.B, templates int) string {
	b.Helper()
	dir := filepath.Join(b.TempDir(), "templates")
	for i := range templates {
		name := fmt.Sprintf("generated-%d", i)
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(root(b), "templates", "ollama"))); err != nil {
			b.Fatal(err)
		}
		manifest := filepath.Join(dir, name, "template.yaml")
		data, err := os.ReadFile(manifest)
		if err != nil {
			b.Fatal(err)
		}
		data = bytes.Replace(data, []byte("name: ollama\n"), []byte("name: "+name+"\n"), 1)
		if err := os.WriteFile(manifest, data, 0o644); err != nil {
			b.Fatal(err)
		}
		if !strings.Contains(string(data), name) {
			b.Fatal("the manifest's name is not where it was")
		}
	}
	return dir
}

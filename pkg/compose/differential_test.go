package compose

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/opengpu-network/templates/pkg/document"
)

// asProvider is what compose-go says of a file on a provider's machine.
func asProvider(file string, content []byte) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("cannot be understood: %v", p)
		}
	}()
	_, err = loader.LoadWithContext(context.Background(), types.ConfigDetails{
		WorkingDir:  filepath.Dir(file),
		ConfigFiles: []types.ConfigFile{{Filename: file, Content: content}},
		Environment: types.Mapping{
			"PORT": "61001", "CALLBACK_URL": "http://127.0.0.1:8080", "PROTOCOL_VERSION": "1",
			"SOURCE_ADDRESS": "0x1", "PROVIDER_ADDRESS": "0x2",
		},
	}, func(o *loader.Options) {
		o.SetProjectName(projectName, true)
		// These read files of the provider's machine.
		o.SkipResolveEnvironment, o.SkipResolveLabels = true, true
	})
	return err
}

// agree holds what Load says of a file against what compose-go says.
func agree(t *testing.T, file string, content []byte) {
	t.Helper()
	root, err := os.OpenRoot(filepath.Dir(file))
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	p, problems := Load(context.Background(), root, filepath.Base(file), func(name string) string { return name })
	for _, problem := range problems {
		if problem.Rule == ruleLimits {
			return // Compose has no limits, and does not come to an end with all of these
		}
	}
	want := asProvider(file, content)
	if want == nil {
		for _, problem := range problems {
			if strings.HasPrefix(problem.Message, refusedByCompose) {
				t.Errorf("%s: %v %s, and Compose takes it", file, problem.Path, problem.Message)
			}
		}
		return
	}
	if len(problems) > 0 {
		return
	}
	// Whether an image is missing is for a rule to say.
	services, _ := p.Model["services"].(map[string]any)
	for _, service := range services {
		if service, _ := service.(map[string]any); service["image"] == nil && service["build"] == nil && service["provider"] == nil {
			return
		}
	}
	if len(services) == 0 {
		return // so is whether there is anything to run
	}
	t.Errorf("%s: Compose refuses it, and nothing is found: %v", file, want)
}

// corpus are the compose files of the repository.
func corpus(t testing.TB) (files []string) {
	t.Helper()
	for _, dir := range []string{"../../testdata/lint", "../../templates", "testdata/seeds", "../../docs/examples"} {
		err := filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if ext := filepath.Ext(file); err == nil && entry.Type().IsRegular() && (ext == ".yml" || ext == ".yaml") && filepath.Base(file) != "template.yaml" {
				files = append(files, file)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(files) < 150 {
		t.Fatalf("only %d files are there", len(files))
	}
	return files
}

// What compose-go takes is not refused in its name, and what it refuses has a finding.
func TestAgreesWithCompose(t *testing.T) {
	for _, file := range corpus(t) {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if len(content) <= document.MaxBytes {
			agree(t, file, content)
		}
	}
}

func FuzzAgreesWithCompose(f *testing.F) {
	for _, file := range corpus(f) {
		content, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, content []byte) {
		file := filepath.Join(dir, "compose.yml")
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		doc, _ := document.Parse("compose.yml", content)
		// What is drawn in is for the cases; and compose-go has no bounds of its own.
		if doc == nil || strings.Contains(string(content), "include") || strings.Contains(string(content), "extends") {
			return
		}
		agree(t, file, content)
	})
}

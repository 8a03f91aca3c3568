// Package catalog reads templates: the manifest, the folder that it stands
// in, and what the manifest's amounts, versions and environments mean. It also
// writes new templates and sets the parameters of existing ones.
package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/finding"
)

// The names of a template's fixed files.
const (
	ManifestFile = "template.yaml"
	ReadmeFile   = "README.md"
	ComposeDir   = "compose"
)

// RuleManifest is the rule that a manifest breaks when it does not fit its
// schema.
const RuleManifest = "syntax/manifest"

// Names returns the names of the template folders in templatesDir, sorted.
// Files and hidden folders are passed over. It is an error when the folder is
// not there or holds no template.
func Names(templatesDir string) ([]string, error) {
	entries, err := os.ReadDir(templatesDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the templates folder %s is not there", templatesDir)
	}
	if err != nil {
		return nil, fmt.Errorf("the templates folder cannot be read: %w", err)
	}
	var names []string
	for _, entry := range entries {
		// A symbolic link is named too, so that Open can refuse it aloud.
		if (entry.IsDir() || entry.Type()&fs.ModeSymlink != 0) && !strings.HasPrefix(entry.Name(), ".") {
			names = append(names, entry.Name())
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("the templates folder %s holds no template", templatesDir)
	}
	slices.Sort(names)
	return names, nil
}

// Template is one template's folder. Close it after use.
type Template struct {
	// Name is the folder's name.
	Name string
	// Dir is the folder as it was opened, Display how findings name it.
	Dir, Display string
	// Manifest is never nil. Fields that could not be read are zero.
	Manifest *Manifest
	// Document is the manifest's YAML tree, nil when there is none.
	Document *document.Document
	// Files are all entries below the folder, sorted by path.
	Files []File
	// Readme is the text of README.md, empty when there is none.
	Readme string
	// Logo is what could be learned of the logo, nil when it is not a picture.
	Logo *Logo

	root *os.Root
}

// Open reads the template in the folder dir; display is how findings name the
// folder. What is wrong with the template is in the findings, whose severity
// is that of their rule. The error says that the job cannot be done at all:
// the folder is not there or cannot be read. Nothing outside the folder is
// ever opened.
func Open(dir, display string) (*Template, []finding.Finding, error) {
	dir = filepath.Clean(dir)
	info, err := os.Lstat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, fmt.Errorf("there is no template at %s", dir)
	case err != nil:
		return nil, nil, fmt.Errorf("the template cannot be read: %w", err)
	case info.Mode()&fs.ModeSymlink != 0:
		return nil, nil, fmt.Errorf("%s is a symbolic link: give the template's own folder", dir)
	case !info.IsDir():
		return nil, nil, fmt.Errorf("%s is not a folder", dir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("the template cannot be read: %w", err)
	}
	t := &Template{Dir: dir, Display: display, Name: name(dir), Manifest: &Manifest{}, root: root}
	problems, err := t.read()
	if err != nil {
		root.Close()
		return nil, nil, err
	}
	for i := range problems {
		problems[i].Template = t.Name
	}
	return t, problems, nil
}

// name is the folder's name, also for "." and "..".
func name(dir string) string {
	if absolute, err := filepath.Abs(dir); err == nil {
		dir = absolute
	}
	return filepath.Base(dir)
}

func (t *Template) read() ([]finding.Finding, error) {
	files, problems, err := listFiles(t.root, t.Display)
	if err != nil {
		return nil, fmt.Errorf("the template %s cannot be read: %w", t.Dir, err)
	}
	t.Files = files

	data, unreadable := document.Read(t.root, ManifestFile, t.display(ManifestFile))
	problems = append(problems, unreadable...)
	if len(unreadable) == 0 {
		manifest, doc, found := parseManifest(t.display(ManifestFile), data)
		t.Manifest, t.Document = manifest, doc
		problems = append(problems, found...)
	}
	problems = append(problems, t.readReadme()...)
	problems = append(problems, t.readLogo()...)
	problems = append(problems, t.checkTexts()...)
	return problems, nil
}

// Close releases the folder.
func (t *Template) Close() error { return t.root.Close() }

// Root gives access to the folder's files, and to nothing outside it. It
// belongs to the template and ends with Close.
func (t *Template) Root() *os.Root { return t.root }

// Environments returns the environments that have a compose file in the
// folder, whatever the manifest says, in the order cpu, nvidia, amd.
// Manifest.Environments.List returns those that the manifest states.
func (t *Template) Environments() []Environment {
	var found []Environment
	for _, environment := range AllEnvironments() {
		if t.file(ComposePath(environment)) != nil {
			found = append(found, environment)
		}
	}
	return found
}

// ComposePath is the path of an environment's compose file in a template's
// folder: compose/cpu.yml. It uses forward slashes.
func ComposePath(environment Environment) string {
	return path.Join(ComposeDir, environment.String()+".yml")
}

// ComposePath is the path of an environment's compose file below the
// template's folder; see Root.
func (t *Template) ComposePath(environment Environment) string { return ComposePath(environment) }

// ComposeDisplay is how findings name an environment's compose file.
func (t *Template) ComposeDisplay(environment Environment) string {
	return t.display(ComposePath(environment))
}

// Locate returns the place of a node of the manifest; see
// document.Document.Locate.
func (t *Template) Locate(path []any) finding.Position {
	if t.Document == nil {
		return finding.Position{File: t.display(ManifestFile)}
	}
	return t.Document.Locate(path)
}

func (t *Template) display(name string) string {
	return path.Join(filepath.ToSlash(t.Display), name)
}

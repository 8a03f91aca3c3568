package catalog

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"
)

//go:embed scaffold
var scaffoldFiles embed.FS

// ScaffoldOptions say what a new template is like.
type ScaffoldOptions struct {
	// Name is the template's name, and should be its folder's: lower-case
	// letters, digits and single hyphens.
	Name string
	// Environments are those that it supports; at least one.
	Environments []Environment
	// Draft is what is known of the template already; nil is nothing, and the
	// template is a whole example.
	Draft *Draft
	// Files are written too, or in the place of what would be written, by their
	// paths with forward slashes. A file with nil content is left out.
	Files map[string][]byte
}

var namePattern = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// The length of a template's name, as the manifest's schema has it. A longer
// title would not fit the schema either.
const (
	minNameLength = 2
	maxNameLength = 60
)

// scaffoldText is what the scaffold's files may use.
type scaffoldText struct {
	Name, Title  string
	Environments []string
	// Environment is the one that a compose file is for, and Image what the draft
	// knows of its image.
	Environment, Image string
	*Draft
}

// Scaffold writes a new template to the folder dir, whose parent must exist.
// Without a draft what it writes lints clean. It refuses a folder that is already
// there, and on an error leaves nothing behind.
func Scaffold(dir string, opts ScaffoldOptions) (err error) {
	if err := CheckName(opts.Name); err != nil {
		return err
	}
	files, err := scaffold(opts)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(dir); err == nil {
		return fmt.Errorf("%s is already there", dir)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// A folder with a hidden name that becomes the template in one step.
	draft, err := os.MkdirTemp(filepath.Dir(filepath.Clean(dir)), ".new-"+opts.Name+"-")
	if err != nil {
		return fmt.Errorf("the template cannot be written: %w", err)
	}
	defer func() {
		if err != nil {
			os.RemoveAll(draft)
		}
	}()
	if err := os.Chmod(draft, 0o755); err != nil {
		return err
	}
	for name, text := range files {
		path := filepath.Join(draft, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	return os.Rename(draft, dir)
}

// CheckName returns an error unless a name may be a template's.
func CheckName(name string) error {
	if len(name) < minNameLength || len(name) > maxNameLength || !namePattern.MatchString(name) {
		return fmt.Errorf("%q is no name for a template: use %d to %d lower-case letters, digits and single hyphens", name, minNameLength, maxNameLength)
	}
	return nil
}

// scaffold returns a new template's files by their path.
func scaffold(opts ScaffoldOptions) (map[string][]byte, error) {
	text := scaffoldText{Name: opts.Name, Title: title(opts.Name), Draft: opts.Draft}
	wanted := Bits(opts.Environments)
	for _, environment := range AllEnvironments() {
		if wanted&uint8(environment) != 0 {
			text.Environments = append(text.Environments, environment.String())
		}
	}
	if len(text.Environments) == 0 {
		return nil, errors.New("a template needs at least one environment: cpu, nvidia or amd")
	}
	if err := text.Draft.check(); err != nil {
		return nil, err
	}
	parsed, err := template.New("").Delims("[[", "]]").Option("missingkey=error").Funcs(template.FuncMap{"quote": writeScalar}).ParseFS(scaffoldFiles, "scaffold/*.tmpl")
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	write := func(name, source string) error {
		var b bytes.Buffer
		if err := parsed.ExecuteTemplate(&b, source, text); err != nil {
			return err
		}
		files[name] = b.Bytes()
		return nil
	}
	for _, name := range []string{ManifestFile, ReadmeFile, "logo.svg"} {
		if err := write(name, name+".tmpl"); err != nil {
			return nil, err
		}
	}
	for _, text.Environment = range text.Environments {
		text.Image = text.Draft.image(text.Environment)
		if err := write(ComposeDir+"/"+text.Environment+".yml", "compose.yml.tmpl"); err != nil {
			return nil, err
		}
	}
	maps.Copy(files, opts.Files)
	maps.DeleteFunc(files, func(_ string, content []byte) bool { return content == nil })
	for name := range files {
		if !filepath.IsLocal(name) {
			return nil, fmt.Errorf("the template cannot have the file %q: it would lie elsewhere", name)
		}
	}
	return files, nil
}

// title makes "Text to image" of text-to-image.
func title(name string) string {
	words := strings.ReplaceAll(name, "-", " ")
	title := strings.ToUpper(words[:1]) + words[1:]
	if len(title) < 3 {
		title += " template"
	}
	return title
}

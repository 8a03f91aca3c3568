package pin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/compose"
	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/registry"
	"go.yaml.in/yaml/v4"
)

// scanned is a template's image references and where they are written.
type scanned struct {
	template *catalog.Template
	// projects are the resolved models by the path of their compose file.
	projects map[string]*compose.Project
	// files are all that the compose files are made of, and the manifest.
	files []*file
}

// file is one file as it was read.
type file struct {
	// name is its path below the template's folder, with forward slashes.
	name string
	data []byte
	doc  *document.Document
	// images are the scalars that name an image, each once however many
	// services share it.
	images []*yaml.Node
}

// scan reads a template's references. It is an error when a file is not
// well-formed, or is no plain file: nothing is written through a link.
func scan(ctx context.Context, t *catalog.Template) (*scanned, error) {
	s := &scanned{template: t, projects: map[string]*compose.Project{}}
	var names []string
	for _, environment := range t.Environments() {
		name := catalog.ComposePath(environment)
		project, problems := compose.Load(ctx, t.Root(), name, s.display)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if len(problems) > 0 {
			return nil, fmt.Errorf("%s: %s; see ogpu-tpl lint %s", at(problems[0].Position), problems[0].Message, t.Name)
		}
		s.projects[name] = project
		for _, name := range project.Files {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if len(s.projects) == 0 {
		return nil, fmt.Errorf("%s has no compose file", t.Display)
	}
	// The manifest comes last: should a run end between two files, an image that is
	// pinned and still recorded is better than one that is neither.
	for _, name := range append(names, catalog.ManifestFile) {
		f, err := s.read(name)
		if err != nil {
			return nil, err
		}
		s.files = append(s.files, f)
	}
	return s, nil
}

func (s *scanned) display(name string) string { return path.Join(s.template.Display, name) }

func (s *scanned) read(name string) (*file, error) {
	if err := s.isPlain(name); err != nil {
		return nil, err
	}
	data, problems := document.Read(s.template.Root(), name, s.display(name))
	if len(problems) > 0 {
		return nil, fmt.Errorf("%s %s", at(problems[0].Position), problems[0].Message)
	}
	doc, problems := document.Parse(s.display(name), data)
	if len(problems) > 0 {
		return nil, fmt.Errorf("%s: %s", at(problems[0].Position), problems[0].Message)
	}
	f := &file{name: name, data: data, doc: doc}
	if name != catalog.ManifestFile {
		f.images = images(doc)
	}
	return f, nil
}

// isPlain makes sure that neither the file nor a folder on its way is a link.
func (s *scanned) isPlain(name string) error {
	for at := name; at != "."; at = path.Dir(at) {
		info, err := s.template.Root().Lstat(at)
		if err != nil {
			var wrapped *fs.PathError
			if errors.As(err, &wrapped) {
				err = wrapped.Err
			}
			return fmt.Errorf("%s cannot be read: %w", s.display(at), err)
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			return fmt.Errorf("%s is a symbolic link: put the file itself there", s.display(at))
		}
	}
	return nil
}

// images finds the image of each service, through aliases and merges.
func images(doc *document.Document) (all []*yaml.Node) {
	services := document.Find(doc.Root, []any{"services"})
	if services.Depth == 0 {
		return nil
	}
	for _, service := range document.Pairs(services.Node) {
		match := document.Find(service, []any{"image"})
		if match.Depth == 1 && match.Node.Kind == yaml.ScalarNode && !slices.Contains(all, match.Node) {
			all = append(all, match.Node)
		}
	}
	return all
}

// written is one reference as the files write it.
type written struct {
	text   string
	parsed registry.Reference
	places []finding.Position
}

// references lists the distinct references in the order of the files.
func (s *scanned) references() ([]*written, error) {
	var all []*written
	byText := map[string]*written{}
	for _, f := range s.files {
		for _, node := range f.images {
			place := f.doc.Position(node)
			w := byText[node.Value]
			if w == nil {
				if strings.Contains(node.Value, "$") {
					return nil, fmt.Errorf("%s: the image %q holds a variable: write it out, so that it can be pinned", at(place), node.Value)
				}
				parsed, err := registry.Parse(node.Value)
				if err != nil {
					return nil, fmt.Errorf("%s: the image %w", at(place), err)
				}
				w = &written{text: node.Value, parsed: parsed}
				byText[node.Value], all = w, append(all, w)
			}
			w.places = append(w.places, place)
		}
	}
	return all, nil
}

// recorded is true for a reference that the manifest lists as unpinned.
func (s *scanned) recorded(r registry.Reference) bool {
	return slices.ContainsFunc(s.template.Manifest.Unpinned, func(u catalog.Unpinned) bool { return names(u.Image, r) })
}

// names is true when text names the repository and tag of a reference, and no
// digest.
func names(text string, r registry.Reference) bool {
	other, err := registry.Parse(text)
	return err == nil && other.Digest == "" && tagKey(other) == tagKey(r)
}

// tagKey is the same for references that name the same tag.
func tagKey(r registry.Reference) string { return r.Registry() + "/" + r.Repository() + ":" + r.Tag }

// at is a place as messages name it.
func at(p finding.Position) string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

package catalog

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/finding"
)

// Limits on a template's folder. They are far above what a template needs.
const (
	// MaxFiles is how many entries a folder may hold, folders included.
	MaxFiles = 1000
	// MaxFileDepth is how deep its folders may nest.
	MaxFileDepth = 16
	// MaxReadmeBytes is the size of the largest README that is read.
	MaxReadmeBytes = 256 << 10
)

// FileKind is what an entry of a folder is.
type FileKind string

// The kinds of entries.
const (
	RegularFile FileKind = "file"
	Dir         FileKind = "dir"
	Symlink     FileKind = "symlink"
	OtherFile   FileKind = "other"
	// ServiceFile is a plain file of the template's own service: part of an
	// image, and never read as part of the template.
	ServiceFile FileKind = "service"
)

// File is one entry of a template's folder.
type File struct {
	// Path is relative to the folder, with forward slashes.
	Path string
	Kind FileKind
	// Size is in bytes. A link has its own size, not that of its target; a
	// folder has none.
	Size int64
}

// listFiles lists what is below root, sorted by path. It follows no links.
// What goes beyond the limits is left out and reported.
func listFiles(root *os.Root, display string) ([]File, []finding.Finding, error) {
	var files []File
	var problems []finding.Finding
	reportAt := func(name, rule, format string, args ...any) {
		problems = append(problems, finding.Finding{
			Rule: rule, Message: fmt.Sprintf(format, args...), Position: finding.Position{File: name},
		})
	}
	report := func(rule, format string, args ...any) { reportAt(display, rule, format, args...) }
	var service serviceLimits
	err := fs.WalkDir(root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if name == "." {
			return err
		}
		if err != nil {
			// A folder that nobody can read, or whose name is no text.
			report(RuleManifest, "has a folder that cannot be read: %q", name)
			return fs.SkipDir
		}
		if len(files) == MaxFiles {
			report(document.RuleLimits, "holds more than %d files", MaxFiles)
			return fs.SkipAll
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		file := File{Path: name, Kind: kind(info.Mode())}
		if file.Kind != Dir {
			file.Size = info.Size()
		}
		if file.Kind == RegularFile && inService(name) {
			file.Kind = ServiceFile
			service.add(file, func(name, format string, args ...any) {
				reportAt(path.Join(filepath.ToSlash(display), name), document.RuleLimits, format, args...)
			})
		}
		files = append(files, file)
		if entry.IsDir() && strings.Count(name, "/")+1 >= MaxFileDepth {
			report(document.RuleLimits, "nests folders deeper than %d levels", MaxFileDepth)
			return fs.SkipDir
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return files, problems, nil
}

func kind(mode fs.FileMode) FileKind {
	switch {
	case mode.IsRegular():
		return RegularFile
	case mode.IsDir():
		return Dir
	case mode&fs.ModeSymlink != 0:
		return Symlink
	default:
		return OtherFile
	}
}

// file returns the entry at a path, or nil.
func (t *Template) file(name string) *File {
	i, found := slices.BinarySearchFunc(t.Files, name, func(f File, name string) int { return strings.Compare(f.Path, name) })
	if !found {
		return nil
	}
	return &t.Files[i]
}

func (t *Template) readReadme() []finding.Finding {
	data, problems := t.readBounded(ReadmeFile, MaxReadmeBytes)
	t.Readme = strings.ToValidUTF8(string(data), "\uFFFD")
	return problems
}

// readBounded reads a regular file of the folder. A file that is not there,
// or is no regular file, reads as empty: the list of files tells.
func (t *Template) readBounded(name string, limit int64) ([]byte, []finding.Finding) {
	f := t.file(name)
	if f == nil || f.Kind != RegularFile {
		return nil, nil
	}
	return t.readEntry(*f, limit)
}

// readEntry reads an entry that is a plain file, the service's among them.
func (t *Template) readEntry(f File, limit int64) ([]byte, []finding.Finding) {
	problem := func(rule, format string, args ...any) []finding.Finding {
		return []finding.Finding{{Rule: rule, Message: fmt.Sprintf(format, args...), Position: finding.Position{File: t.display(f.Path)}}}
	}
	if t.behindLink(f.Path) {
		return nil, nil
	}
	file, err := t.root.Open(f.Path)
	if err != nil {
		return nil, problem(RuleManifest, "cannot be read")
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, problem(RuleManifest, "cannot be read")
	}
	if int64(len(data)) > limit {
		return nil, problem(document.RuleLimits, "is larger than %d bytes", limit)
	}
	return data, nil
}

// behindLink is true when a folder on the way to a file is no real folder.
func (t *Template) behindLink(name string) bool {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if f := t.file(dir); f == nil || f.Kind != Dir {
			return true
		}
	}
	return false
}

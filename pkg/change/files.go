package change

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/opengpu-network/templates/pkg/git"
)

// maxFileBytes is the size of the largest file that is compared. A larger one
// counts as changed.
const maxFileBytes = 64 << 20

// tooLarge stands for the content of such a file: nothing is equal to it.
const tooLarge = "too large"

// sharedPaths are the paths, from the working tree's folder, of what all templates
// depend on.
func sharedPaths(r *git.Repository, more []string) ([]string, error) {
	var paths []string
	for _, name := range SharedPaths() {
		paths = append(paths, path.Join(path.Dir(strings.TrimSuffix(r.Prefix, "/")), name))
	}
	for _, name := range more {
		absolute, err := filepath.Abs(name)
		if err != nil {
			return nil, err
		}
		if absolute, err = filepath.EvalSymlinks(absolute); err != nil {
			return nil, err
		}
		// Git names the folder without symbolic links too.
		relative, err := filepath.Rel(r.Top, absolute)
		if err == nil && filepath.IsLocal(relative) {
			paths = append(paths, filepath.ToSlash(relative))
		}
	}
	return paths, nil
}

// refuseLinks is an error when a symbolic link of the repository leads to the
// templates folder. Git goes by the folder that it leads to: all templates would
// seem to be new there, so that no version would be compared, or nothing would seem
// to have changed.
func refuseLinks(r *git.Repository, templates string) error {
	name, err := filepath.Abs(templates)
	if err != nil {
		return err
	}
	for last := true; filepath.Dir(name) != name; last, name = false, filepath.Dir(name) {
		info, err := os.Lstat(name)
		if err != nil {
			return err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			continue
		}
		// A link outside of the repository may lead to the whole of it. The
		// templates folder itself is none wherever it lies: the link's own
		// repository may be another one.
		parent, err := filepath.EvalSymlinks(filepath.Dir(name))
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(r.Top, parent)
		if last || err == nil && filepath.IsLocal(inside) {
			return fmt.Errorf("%s is a symbolic link, whose changes cannot be told: name the folder that it leads to, and keep templates in a real one", name)
		}
	}
	return nil
}

// pathspecs are the arguments that limit a command to a scope.
func pathspecs(args []string, scope []string) []string {
	args = append(args, "--")
	for _, name := range scope {
		if name == "" || name == "." {
			return args // everything
		}
	}
	return append(args, scope...)
}

// stored lists the files of a commit by their paths.
func stored(ctx context.Context, r *git.Repository, commit string, scope []string) (map[string]git.Entry, error) {
	list, err := r.Output(ctx, pathspecs([]string{"ls-tree", "-r", "-z", "--full-tree", commit}, scope)...)
	if err != nil {
		return nil, err
	}
	entries, err := git.ParseTree(list)
	if err != nil {
		return nil, err
	}
	files := map[string]git.Entry{}
	for _, entry := range entries {
		if entry.Mode == git.ModeSubmodule {
			return nil, submodule(entry.Path)
		}
		files[entry.Path] = entry
	}
	return files, nil
}

func submodule(name string) error {
	return fmt.Errorf("%q is another repository within this one, whose changes cannot be told: put its files into this one", name)
}

// working lists the files of the working tree by their paths: those that Git knows
// as far as they are there, and those that it would take in.
func working(ctx context.Context, r *git.Repository, hashLength int, scope []string) (map[string]git.Entry, error) {
	list, err := r.Output(ctx, pathspecs([]string{"ls-files", "-z", "-s", "-t"}, scope)...)
	if err != nil {
		return nil, err
	}
	known, err := git.ParseIndex(list)
	if err != nil {
		return nil, err
	}
	others, err := r.Output(ctx, pathspecs([]string{"ls-files", "-z", "--others", "--exclude-standard"}, scope)...)
	if err != nil {
		return nil, err
	}
	for _, name := range git.Paths(others) {
		if strings.HasSuffix(name, "/") {
			return nil, submodule(name)
		}
		known = append(known, git.Entry{Path: name})
	}
	d, err := openDisk(ctx, r, hashLength)
	if err != nil {
		return nil, err
	}
	defer d.root.Close()
	files := map[string]git.Entry{}
	for _, entry := range known {
		if entry.Mode == git.ModeSubmodule {
			return nil, submodule(entry.Path)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		there, err := d.entry(entry)
		if err != nil {
			return nil, fmt.Errorf("the working tree cannot be read: %w", err)
		}
		switch {
		case there != nil:
			files[entry.Path] = *there
		case entry.Skipped:
			files[entry.Path] = entry // a sparse checkout leaves it out, and does not remove it
		}
	}
	return files, nil
}

// disk reads the working tree. It follows no links, and knows files by the very
// names that their folders list: where upper and lower case are one, a file that
// was renamed from one to the other would seem to be there twice.
type disk struct {
	root       *os.Root
	hashLength int
	// executable is true when the modes of files tell what is executable.
	executable bool
	folders    map[string]map[string]fs.FileMode
}

func openDisk(ctx context.Context, r *git.Repository, hashLength int) (*disk, error) {
	executable, err := r.Flag(ctx, "core.fileMode", true)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(r.Top)
	if err != nil {
		return nil, err
	}
	return &disk{root, hashLength, executable && runtime.GOOS != "windows", map[string]map[string]fs.FileMode{}}, nil
}

// mode is what stands at a path, and false when nothing does.
func (d *disk) mode(name string) (fs.FileMode, bool, error) {
	folder, base := path.Split(name)
	folder = strings.TrimSuffix(folder, "/")
	entries, listed := d.folders[folder]
	if !listed {
		if folder != "" {
			mode, there, err := d.mode(folder)
			if err != nil || !there || !mode.IsDir() {
				return 0, false, err
			}
		}
		var err error
		if entries, err = d.list(folder); err != nil {
			return 0, false, err
		}
		d.folders[folder] = entries
	}
	mode, there := entries[base]
	return mode, there, nil
}

func (d *disk) list(folder string) (map[string]fs.FileMode, error) {
	if folder == "" {
		folder = "."
	}
	opened, err := d.root.Open(folder)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	list, err := opened.ReadDir(-1)
	if err != nil {
		return nil, err
	}
	entries := map[string]fs.FileMode{}
	for _, entry := range list {
		entries[entry.Name()] = entry.Type()
	}
	return entries, nil
}

// entry describes a file as Git would store it without any filter, and is nil when
// it is not there.
func (d *disk) entry(known git.Entry) (*git.Entry, error) {
	mode, there, err := d.mode(known.Path)
	if err != nil || !there {
		return nil, err
	}
	found := &git.Entry{Path: known.Path}
	switch {
	case mode.IsDir():
		return nil, nil // its files have paths of their own
	case mode&fs.ModeSymlink != 0:
		target, err := d.root.Readlink(known.Path)
		if err != nil {
			return nil, err
		}
		found.Mode = git.ModeSymlink
		found.Hash, err = git.Hash(strings.NewReader(target), int64(len(target)), d.hashLength)
		return found, err
	case !mode.IsRegular():
		found.Mode = "special"
		return found, nil
	}
	info, err := d.root.Lstat(known.Path)
	if err != nil {
		return nil, err
	}
	switch {
	case !d.executable && (known.Mode == git.ModeFile || known.Mode == git.ModeExecutable):
		found.Mode = known.Mode
	case info.Mode()&0o100 != 0:
		found.Mode = git.ModeExecutable
	default:
		found.Mode = git.ModeFile
	}
	found.Hash, err = git.HashFile(d.root, known.Path, d.hashLength, maxFileBytes)
	if errors.Is(err, git.ErrTooLarge) {
		found.Hash, err = tooLarge, nil
	}
	return found, err
}

package lint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/document"
)

// Target is one thing to lint.
type Target struct {
	// Dir is the template's folder, or the folder of a custom source, outside
	// which nothing is opened.
	Dir string
	// File is the compose file of a custom source, below Dir. It is empty for a
	// template.
	File string
	// Environment limits a template to one of its compose files; zero is all.
	Environment catalog.Environment
	// Display is how findings name the template's folder or the compose file.
	Display string
}

// ErrNoTarget says that an argument names nothing that could be linted.
var ErrNoTarget = errors.New("no such template or file")

// Targets turns a command's arguments into targets. No argument means the
// whole catalog. An argument is a template's name, its folder, or a compose
// file; a compose file at its place in a template's folder is linted as the
// template's, any other as a custom source.
func Targets(templatesDir string, args []string) ([]Target, error) {
	if len(args) == 0 {
		names, err := catalog.Names(templatesDir)
		if err != nil {
			return nil, err
		}
		args = names
	}
	var targets []Target
	for _, arg := range args {
		target, err := find(templatesDir, arg)
		if err != nil {
			return nil, err
		}
		targets = append(targets, target)
	}
	return targets, nil
}

func find(templatesDir, arg string) (Target, error) {
	// A bare name is a template's name before it is a path.
	if arg != "" && arg != "." && arg != ".." && !strings.ContainsAny(arg, `/\`) {
		dir := filepath.Join(templatesDir, arg)
		if info, err := os.Lstat(dir); err == nil && templatesDir != "" && !info.Mode().IsRegular() {
			return Target{Dir: dir, Display: dir}, nil
		}
	}
	info, err := os.Stat(arg)
	switch {
	case errors.Is(err, fs.ErrNotExist) || arg == "":
		names, _ := catalog.Names(templatesDir)
		return Target{}, fmt.Errorf("%w: %q%s", ErrNoTarget, arg, document.Suggest(arg, names))
	case err != nil:
		return Target{}, err
	case info.IsDir():
		if _, err := os.Lstat(filepath.Join(arg, catalog.ManifestFile)); err != nil {
			return Target{}, fmt.Errorf("%w: the folder %q is neither a template nor a compose file: it holds no %s", ErrNoTarget, arg, catalog.ManifestFile)
		}
		return Target{Dir: arg, Display: filepath.Clean(arg)}, nil
	}
	arg = filepath.Clean(arg)
	dir, file := filepath.Split(arg)
	dir = filepath.Clean(dir)
	if template, environment, ok := owner(dir, file); ok {
		return Target{Dir: template, Environment: environment, Display: template}, nil
	}
	return Target{Dir: dir, File: file, Display: arg}, nil
}

// owner finds the template that a compose file belongs to.
func owner(dir, file string) (template string, environment catalog.Environment, ok bool) {
	absolute, err := filepath.Abs(dir)
	if err != nil || filepath.Base(absolute) != catalog.ComposeDir {
		return "", 0, false
	}
	environment, err = catalog.ParseEnvironment(strings.TrimSuffix(file, ".yml"))
	if err != nil || !strings.HasSuffix(file, ".yml") {
		return "", 0, false
	}
	template = filepath.Dir(dir)
	if filepath.Base(dir) != catalog.ComposeDir { // "." or ".." stand for it
		template = filepath.Join(dir, "..")
	}
	_, err = os.Lstat(filepath.Join(template, catalog.ManifestFile))
	return template, environment, err == nil
}

// Package generate compiles the Solidity files of pkg/chain/contracts and pkg/devnet and
// writes what Go needs of them: the bindings, and the code and storage of the
// devnet's Nexus. It needs node and npm, for the compiler.
package generate

import (
	"context"
	"errors"
	"os"
	"path/filepath"
)

// Run writes the generated files below a folder, at their places in the
// repository. An empty folder is the repository.
func Run(ctx context.Context, out string) error {
	root, err := repository()
	if err != nil {
		return err
	}
	if out == "" {
		out = root
	}
	compiled, err := compile(ctx, root)
	if err != nil {
		return err
	}
	files, err := render(compiled)
	if err != nil {
		return err
	}
	for name, data := range files {
		target := filepath.Join(out, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(target, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// repository is the nearest folder above, or the current one, that holds go.mod.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		above := filepath.Dir(dir)
		if above == dir {
			return "", errors.New("no go.mod here or above: run this inside the repository")
		}
		dir = above
	}
}

package git

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Repository is the working tree that a folder lies in.
type Repository struct {
	// Top is the working tree's folder.
	Top string
	// Prefix leads from there to the folder: empty, or a path with forward slashes
	// that ends with one.
	Prefix string
}

// Open finds the working tree that the folder dir lies in. It is ErrNoRepository
// when there is none.
func Open(ctx context.Context, dir string) (*Repository, error) {
	inside, err := Line(ctx, dir, "rev-parse", "--is-inside-work-tree")
	var refused *Error
	if errors.As(err, &refused) && strings.Contains(refused.Said, "not a git repository") {
		return nil, fmt.Errorf("%s %w", dir, ErrNoRepository)
	}
	// Git says so of a repository that is not where its working tree is.
	if refused != nil && strings.Contains(refused.Said, "bare repository") {
		inside, err = "false", nil
	}
	if err != nil {
		return nil, err
	}
	if inside != "true" {
		return nil, fmt.Errorf("%s is in no working tree: it lies in a bare repository, or in the folder of Git itself", dir)
	}
	r := &Repository{}
	if r.Top, err = Line(ctx, dir, "rev-parse", "--show-toplevel"); err != nil {
		return nil, err
	}
	if r.Prefix, err = Line(ctx, dir, "rev-parse", "--show-prefix"); err != nil {
		return nil, err
	}
	return r, nil
}

// Output is Output in the working tree's folder.
func (r *Repository) Output(ctx context.Context, args ...string) ([]byte, error) {
	return Output(ctx, r.Top, args...)
}

// ErrNoCommit says that a name stands for no commit of the repository.
var ErrNoCommit = errors.New("this clone has no such commit")

// Commit returns the hash of the commit that a name stands for. A name that begins
// with a hyphen is one too.
func (r *Repository) Commit(ctx context.Context, name string) (string, error) {
	hash, err := Line(ctx, r.Top, "rev-parse", "--verify", "--quiet", "--end-of-options", name+"^{commit}")
	var refused *Error
	if errors.As(err, &refused) {
		return "", ErrNoCommit
	}
	return hash, err
}

// Flag is a setting of the repository that is true or false, or unset when it is
// not there.
func (r *Repository) Flag(ctx context.Context, name string, unset bool) (bool, error) {
	value, err := Line(ctx, r.Top, "config", "--type=bool", "--get", name)
	var refused *Error
	if errors.As(err, &refused) && refused.Status == 1 {
		return unset, nil
	}
	return value == "true", err
}

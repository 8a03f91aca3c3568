package release

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"

	"github.com/opengpu-network/templates/pkg/compose"
)

// errMisread says that this program is wrong about what it writes.
var errMisread = errors.New("this is an error in ogpu-tpl itself, and nothing was written: please report it with the template")

// readBack reads a frozen compose file as a provider does, alone in a folder. What
// it means must be what the template means, and freezing it once more must give
// the same bytes.
func readBack(ctx context.Context, text []byte, want *compose.Project) error {
	dir, err := os.MkdirTemp("", "ogpu-tpl-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	const name = "compose.yml"
	if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	got, problems := compose.Load(ctx, root, name, func(name string) string { return name })
	if err := ctx.Err(); err != nil {
		return err
	}
	if got == nil || len(problems) > 0 {
		if len(problems) > 0 {
			return fmt.Errorf("the frozen file cannot be read: %s %v: %w", problems[0].Message, problems[0].Path, errMisread)
		}
		return fmt.Errorf("the frozen file cannot be read: %w", errMisread)
	}
	again, err := encode(got.Canonical)
	if err != nil {
		return err
	}
	// The models may hold the same numbers in different types.
	model, err := encode(got.Model)
	if err != nil {
		return err
	}
	wanted, err := encode(want.Model)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, text) || !bytes.Equal(model, wanted) || !reflect.DeepEqual(got.Images, want.Images) {
		return fmt.Errorf("the frozen file does not mean what the template means: %w", errMisread)
	}
	return nil
}

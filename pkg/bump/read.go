package bump

import (
	"context"
	"fmt"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/compose"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/release"
)

// Read reads and freezes the template in the folder dir; display is how positions
// name the folder. The error says why it cannot be compared; what could be read of
// the template is there all the same, unless Template is nil.
func Read(ctx context.Context, dir, display string) (Side, error) {
	t, problems, err := catalog.Open(dir, display)
	if err != nil {
		return Side{}, err
	}
	defer t.Close()
	side := Side{Template: t, Projects: map[catalog.Environment]*compose.Project{}}
	if err := first(problems); err != nil {
		return side, err
	}
	for _, environment := range t.Manifest.Environments.List() {
		project, problems := compose.Load(ctx, t.Root(), t.ComposePath(environment), func(name string) string { return name })
		if err := ctx.Err(); err != nil {
			return side, err
		}
		if err := first(problems); err != nil {
			return side, err
		}
		side.Projects[environment] = project
	}
	side.Release, err = release.Freeze(ctx, t, side.Projects)
	return side, err
}

// first is the first of what is wrong, or nothing.
func first(problems []finding.Finding) error {
	if len(problems) == 0 {
		return nil
	}
	finding.Sort(problems)
	p := problems[0]
	if p.Line == 0 {
		return fmt.Errorf("%s: %s", p.File, p.Message)
	}
	return fmt.Errorf("%s:%d: %s", p.File, p.Line, p.Message)
}

package compose

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// Digest is the sha256 of the canonical model's JSON, as "sha256:<hex>". It is
// the same on every machine, in every folder.
func (p *Project) Digest() (string, error) {
	text, err := json.Marshal(p.Canonical)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

// Typed reads a canonical document as compose-go's typed project of the given
// name, with the variables substituted. Nothing of the machine's environment
// has a part in it.
func Typed(ctx context.Context, document []byte, name string, variables map[string]string) (*types.Project, error) {
	project, err := loader.LoadWithContext(ctx, types.ConfigDetails{
		WorkingDir:  "/",
		ConfigFiles: []types.ConfigFile{{Filename: "compose.json", Content: document}},
		Environment: variables,
	}, func(o *loader.Options) {
		o.SetProjectName(name, true)
		o.SkipResolveEnvironment = false
	})
	if err != nil {
		return nil, fmt.Errorf("the model cannot be read back: %w", err)
	}
	return project, nil
}

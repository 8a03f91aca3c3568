package smoke

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/testcontainers/testcontainers-go/modules/compose"
)

// stopLimit is how long compose may take to notice that it shall stop.
const stopLimit = 30 * time.Second

// up starts the stack, in the order of its dependencies, and returns when all
// containers have been started. The document is read with the given variables.
func up(ctx context.Context, project string, document []byte, variables map[string]string) (err error) {
	dir, err := os.MkdirTemp("", "ogpu-tpl-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "compose.json")
	if err := os.WriteFile(file, document, 0o600); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() {
		// testcontainers panics when the engine goes away at the wrong moment.
		defer func() {
			if r := recover(); r != nil {
				done <- fmt.Errorf("the stack could not be started: %v", r)
			}
		}()
		done <- composeUp(ctx, project, file, variables)
	}()
	select {
	case err = <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case <-done:
	case <-time.After(stopLimit):
	}
	return context.Cause(ctx)
}

func composeUp(ctx context.Context, project, file string, variables map[string]string) error {
	stack, err := compose.NewDockerComposeWith(compose.WithStackFiles(file), compose.StackIdentifier(project))
	if err != nil {
		return err
	}
	defer stack.Close()
	// Compose would take these from this process's environment.
	environment := map[string]string{"COMPOSE_PROFILES": "", "COMPOSE_COMPATIBILITY": "", "COMPOSE_PROJECT_NAME": project}
	for name, value := range variables {
		environment[name] = value
	}
	return stack.WithEnv(environment).Up(ctx)
}

// portTaken is true when another program was faster to take the port.
func portTaken(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "port is already allocated") || strings.Contains(err.Error(), "address already in use"))
}

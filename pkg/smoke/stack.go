package smoke

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/testcontainers/testcontainers-go/modules/compose"
)

// stopLimit is how long starting may go on after it was given up.
const stopLimit = 30 * time.Second

// errStillStarting says that compose goes on although its stack is being
// removed.
var errStillStarting = errors.New("the engine does not let go of the stack")

// up starts the stack, in the order of its dependencies, and returns when all
// containers have been started. The document is read with the given variables.
//
// When the context ends, compose is not cut short: a request that is under way
// would be carried out by the engine after everybody has stopped looking. What
// it makes is removed with sweep until it has come to its end. Without sweep, what
// it has made is to stay, and compose is told to stop.
func up(ctx context.Context, project string, document []byte, variables map[string]string, sweep func(context.Context) error) (err error) {
	dir, err := os.MkdirTemp("", "ogpu-tpl-")
	if err != nil {
		return fail(Harness, "no temporary folder can be made: %v", err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "compose.json")
	if err := os.WriteFile(file, document, 0o600); err != nil {
		return fail(Harness, "the model cannot be written: %v", err)
	}
	whole, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	done := make(chan error, 1)
	go func() {
		// testcontainers panics when the engine goes away at the wrong moment.
		defer func() {
			if r := recover(); r != nil {
				done <- fmt.Errorf("the stack could not be started: %v", r)
			}
		}()
		done <- composeUp(whole, project, file, variables)
	}()
	select {
	case err = <-done:
		return err
	case <-ctx.Done():
	}
	tidy, stop := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
	defer stop()
	for {
		if sweep == nil {
			cut()
		} else {
			_ = sweep(tidy)
		}
		select {
		case <-done:
			return context.Cause(ctx)
		case <-tidy.Done():
			return errors.Join(context.Cause(ctx), errStillStarting)
		case <-time.After(200 * time.Millisecond):
		}
	}
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

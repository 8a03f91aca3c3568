package main

import (
	"context"
	"os"

	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/opengpu-network/templates/cmd/internal/full"
	"github.com/urfave/cli/v2"
)

// The tests of this package are those of all commands, and link them.

type World = app.World

const (
	statusClean    = app.StatusClean
	statusFindings = app.StatusFindings
	statusUsage    = app.StatusUsage
	statusFailed   = app.StatusFailed
)

// Main is the whole program as a function.
func Main(ctx context.Context, args []string, world World) int {
	return app.Main(ctx, args, world, full.Program{})
}

func newApp(world World) *cli.App { return app.New(world, full.Program{}) }

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// Command ogpu-tpl-full is the whole of ogpu-tpl, which starts it for the commands that
// talk to engines, registries and chains.
package main

import (
	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/opengpu-network/templates/cmd/internal/full"
)

func main() { app.Run(full.Program{}) }

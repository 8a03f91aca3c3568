// Command ogpu-tpl keeps a catalog of OpenGPU templates: it makes, imports, lints,
// pins, runs and freezes them, puts them on the chain, and tells what is there. What
// talks to engines, registries and chains is in ogpu-tpl-full, which it starts.
package main

import "github.com/opengpu-network/templates/cmd/internal/app"

func main() { app.Run(nil) }

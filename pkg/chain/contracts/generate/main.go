//go:build ignore

// Generate is the command that `go generate` runs. It is no package of the module, so
// that `go install ./...` does not install it.
//
// Usage, from the repository's root: go run ./pkg/chain/contracts/generate/main.go
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/opengpu-network/templates/pkg/chain/contracts/generate"
)

func main() {
	out := flag.String("out", "", "the folder to write into (default: the repository)")
	flag.Parse()
	if err := generate.Run(context.Background(), *out); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

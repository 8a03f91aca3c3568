// Command relay is the least program that can be a relay.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/opengpu-network/templates/pkg/relay"
)

// about says how it was started, which is something to check.
func about() ([]byte, error) {
	text, err := os.ReadFile("/proc/self/status")
	if len(os.Getenv("GOMEMLIMIT")) == 0 {
		err = errors.New("it has no memory limit")
	}
	return text, err
}

func main() {
	if len(os.Args) != 1 {
		fmt.Fprintln(os.Stderr, "it is not called as a relay")
		os.Exit(2)
	}
	if err := relay.Serve(context.Background(), os.Stdin, os.Stdout, about); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

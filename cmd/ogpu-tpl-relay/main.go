// Command ogpu-tpl-relay carries callbacks and tasks between a stack and the program
// that started it, when that runs on another machine than the engine. A smoke run puts it
// into a container beside the stack. It is not for people: its streams carry a protocol.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/opengpu-network/templates/pkg/hardware"
	"github.com/opengpu-network/templates/pkg/relay"
)

func main() {
	if err := relay.Serve(context.Background(), os.Stdin, os.Stdout, about); err != nil {
		fmt.Fprintln(os.Stderr, "ogpu-tpl-relay:", err)
		os.Exit(1)
	}
}

// about says what the kernel tells of the hardware, for hardware.DecodeFacts.
func about() ([]byte, error) {
	facts, err := hardware.ReadHost()
	if err != nil {
		return nil, err
	}
	return json.Marshal(facts)
}

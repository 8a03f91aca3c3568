package main

import (
	"encoding/json"

	host "github.com/opengpu-network/templates/pkg/hardware"
	"github.com/opengpu-network/templates/pkg/relay"
	"github.com/urfave/cli/v2"
)

// relayCommand is what the program does in the container that it puts beside a
// stack on another host. It is not for people: its streams carry a protocol.
func relayCommand(world World) *cli.Command {
	return &cli.Command{
		Name:   "relay",
		Hidden: true,
		Usage:  "carry callbacks and tasks between a stack and the program that started it",
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 {
				return usagef("relay takes no arguments")
			}
			return relay.Serve(c.Context, world.In, world.Out, aboutHost)
		},
	}
}

// aboutHost says what the kernel tells of the hardware, for hardware.DecodeFacts.
func aboutHost() ([]byte, error) {
	facts, err := host.ReadHost()
	if err != nil {
		return nil, err
	}
	return json.Marshal(facts)
}

package full

import (
	"encoding/json"

	"github.com/opengpu-network/templates/cmd/internal/app"
	host "github.com/opengpu-network/templates/pkg/hardware"
	"github.com/opengpu-network/templates/pkg/relay"
	"github.com/urfave/cli/v2"
)

// relayCommand is what the program does in the container that it puts beside a
// stack on another host. It is not for people: its streams carry a protocol.
func relayCommand(world app.World) *cli.Command {
	return &cli.Command{
		Name:   "relay",
		Hidden: true,
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 {
				return app.Usagef("relay takes no arguments")
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

package full

import (
	"fmt"
	"strings"

	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/opengpu-network/templates/pkg/chain/networks"
	"github.com/opengpu-network/templates/pkg/devnet"
	"github.com/urfave/cli/v2"
)

func devnetCommand(world app.World) *cli.Command {
	network, _ := networks.Find(networks.Devnet)
	return &cli.Command{
		Name: "devnet",
		Description: "A real EVM node on this machine, with a stand-in for OpenGPU's contracts, an\n" +
			"account with coins, and a stand-in for the pinning service. The other commands\n" +
			"find it. Everything on it ends with it.\n\n" +
			"Examples:\n" +
			"  ogpu-tpl devnet\n" +
			"  ogpu-tpl publish huggingface-pipeline   # in another terminal\n" +
			"  ogpu-tpl status",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "rpc-address", Value: strings.TrimPrefix(network.RPC, "http://"), Usage: "serve JSON-RPC at this `ADDRESS` of loopback"},
			&cli.StringFlag{Name: "files-address", Value: devnetFiles, Usage: "serve files at this `ADDRESS` of loopback"},
		},
		Action: func(c *cli.Context) error { return runDevnet(c, world) },
	}
}

func runDevnet(c *cli.Context, world app.World) error {
	if c.NArg() > 0 {
		return app.Usagef("devnet takes no argument")
	}
	d, err := devnet.Start(c.Context, devnet.Options{RPCAddress: c.String("rpc-address"), PinningAddress: c.String("files-address")})
	if err != nil {
		return err
	}
	printf(world.Out, "The devnet runs until it is interrupted. Nothing on it has value, and its key is public.\n")
	for _, line := range [][2]string{
		{"RPC", d.RPCURL()}, {"chain id", fmt.Sprint(devnet.DefaultChainID)}, {"Nexus", d.Nexus().Hex()},
		{"account", devnet.Account.Hex()}, {"its key", devnet.PrivateKey},
		{"uploads", d.PinningURL()}, {"gateway", d.GatewayURL()},
	} {
		printf(world.Out, "  %-9s %s\n", line[0], line[1])
	}
	if network, _ := networks.Find(networks.Devnet); d.RPCURL() != network.RPC || d.GatewayURL() != devnetGateway {
		printf(world.Out, "The other commands find it with these:\n  --rpc-url %s\n  --host pinning=%s,%s    (for publish)\n", d.RPCURL(), d.PinningURL(), d.GatewayURL())
	}
	<-c.Context.Done()
	return d.Close()
}

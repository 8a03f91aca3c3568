package app

import (
	"github.com/opengpu-network/templates/pkg/chain/networks"
	"github.com/opengpu-network/templates/pkg/publish/publishers"
	"github.com/urfave/cli/v2"
)

// NetworkFlags say which chain a command is about.
func NetworkFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "network", Usage: "the `NETWORK`: " + OneOf(networks.Names()) + "; unless said, OGPU_NETWORK or the devnet"},
		&cli.StringFlag{Name: "rpc-url", Usage: "the JSON-RPC endpoint's `URL`; unless said, OGPU_RPC_URL or the network's own"},
		PublishersFlag(),
		&cli.BoolFlag{Name: "loopback", Hidden: true, Usage: "let files of any network be fetched from loopback: for the tests of this tool"},
	}
}

// PublishersFlag says who publishes.
func PublishersFlag() cli.Flag {
	return &cli.StringFlag{Name: "publishers", Usage: "the `FILE` with the clients' addresses", DefaultText: publishers.File + " beside the folder with the templates"}
}

// LooksLikeAddress is true for what can only be an address on a chain, mistyped ones
// included.
func LooksLikeAddress(text string) bool {
	return len(text) > 1 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')
}

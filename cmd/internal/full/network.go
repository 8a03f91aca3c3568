package full

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"time"

	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/chain/networks"
	"github.com/opengpu-network/templates/pkg/devnet"
	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/fetch"
	"github.com/opengpu-network/templates/pkg/publish"
	"github.com/opengpu-network/templates/pkg/publish/publishers"
	"github.com/urfave/cli/v2"
)

// noNetworkNamed says which network a command that sends something takes.
const noNetworkNamed = "No network is named, so this is the devnet: it runs on this machine, and nothing on it has value."

// chosen is the network that a command is about.
type chosen struct {
	networks.Network
	// url is the endpoint, empty for the network's own.
	url string
	// named is false when nobody has said which network.
	named    bool
	loopback bool
}

func chooseNetwork(c *cli.Context, world app.World) (chosen, error) {
	what, from := c.String("network"), "--network"
	if what == "" {
		what, from = world.Getenv("OGPU_NETWORK"), "OGPU_NETWORK"
	}
	named := what != ""
	if !named {
		what = networks.Devnet
	}
	network, ok := networks.Find(what)
	if !ok {
		return chosen{}, app.Usagef("%s: unknown network %q: use %s%s", from, what, app.OneOf(networks.Names()), document.Suggest(what, networks.Names()))
	}
	choice := chosen{network, c.String("rpc-url"), named, network.Name == networks.Devnet || c.Bool("loopback")}
	if choice.url == "" {
		choice.url = world.Getenv("OGPU_RPC_URL")
	}
	if choice.url != "" {
		if _, err := chain.CheckURL(choice.url); err != nil {
			return chosen{}, app.Usagef("--rpc-url: %w", err)
		}
	}
	return choice, nil
}

// allPublishers reads publishers.yaml: where --publishers says, or beside the folder
// with the templates. The devnet has a client without it.
func allPublishers(c *cli.Context) (map[string]publishers.Publisher, error) {
	file := c.String("publishers")
	if file == "" {
		dir, err := app.TemplatesDir(c)
		if err != nil {
			return nil, err
		}
		if dir, err = filepath.Abs(dir); err != nil {
			return nil, err
		}
		file = filepath.Join(filepath.Dir(dir), publishers.File)
	}
	all, err := publishers.Read(file)
	if err != nil {
		return nil, err
	}
	if _, ok := all[networks.Devnet]; !ok {
		if all == nil {
			all = map[string]publishers.Publisher{}
		}
		all[networks.Devnet] = publishers.Publisher{Client: devnet.Account}
	}
	return all, nil
}

// publisherOn is whose sources are the catalog's on a network.
func publisherOn(c *cli.Context, network string) (publishers.Publisher, error) {
	all, err := allPublishers(c)
	if err != nil {
		return publishers.Publisher{}, err
	}
	publisher, ok := all[network]
	if !ok {
		return publishers.Publisher{}, fmt.Errorf("%s %w for the %s: add the address of the account that publishes there", publishers.File, publishers.ErrNone, network)
	}
	return publisher, nil
}

// connection is a network that a command talks to.
type connection struct {
	*chain.Client
	*publish.Surveyor
	fetcher *fetch.Fetcher
	// local is the devnet that this command runs, or nil; uploads and gateway are
	// where the devnet serves files, empty on other networks.
	local            *devnet.Devnet
	uploads, gateway string
}

func (c *connection) Close() {
	c.Client.Close()
	if c.local != nil {
		c.local.Close()
	}
}

// openNetwork connects to a network. Without an endpoint, the devnet is the one that
// `ogpu-tpl devnet` runs.
func openNetwork(ctx context.Context, choice chosen) (*connection, error) {
	if choice.Name == networks.Devnet && choice.url == "" && !listens(choice.RPC) {
		return nil, errNoDevnet
	}
	return dialNetwork(ctx, choice, nil)
}

// errNoDevnet is that nothing can be asked.
var errNoDevnet = errors.New("no devnet runs on this machine: start one with ogpu-tpl devnet in another terminal, or name a --network")

// openOrStart is openNetwork, and runs a devnet for the length of the command
// where there is none.
func openOrStart(ctx context.Context, choice chosen) (*connection, error) {
	if choice.Name != networks.Devnet || choice.url != "" || listens(choice.RPC) {
		return dialNetwork(ctx, choice, nil)
	}
	local, err := devnet.Start(ctx, devnet.Options{})
	if err != nil {
		return nil, err
	}
	choice.url = local.RPCURL()
	connection, err := dialNetwork(ctx, choice, local)
	if err != nil {
		local.Close()
	}
	return connection, err
}

func dialNetwork(ctx context.Context, choice chosen, local *devnet.Devnet) (*connection, error) {
	var options chain.Options
	if choice.Name == networks.Devnet && choice.url == "" {
		options.Patience = devnetPatience // it is on this machine
	}
	client, err := chain.Dial(ctx, choice.Network, choice.url, options)
	if err != nil && choice.Name == networks.Devnet && choice.url == "" {
		return nil, fmt.Errorf("what listens at %s is no devnet: end it, or name the devnet's endpoint with --rpc-url: %w", choice.RPC, err)
	} else if err != nil {
		return nil, err
	}
	fetcher := &fetch.Fetcher{AllowLoopback: choice.loopback}
	c := &connection{Client: client, Surveyor: &publish.Surveyor{Client: client, Fetcher: fetcher}, fetcher: fetcher, local: local}
	switch {
	case local != nil:
		c.uploads, c.gateway = local.PinningURL(), local.GatewayURL()
	case choice.Name == networks.Devnet:
		c.uploads, c.gateway = devnetUploads, devnetGateway
	}
	return c, nil
}

// Where `ogpu-tpl devnet` serves files.
const (
	devnetFiles   = "127.0.0.1:8546"
	devnetUploads = "http://" + devnetFiles + "/file/create"
	devnetGateway = "http://" + devnetFiles
)

// devnetPatience is how long requests to the devnet that fail are repeated.
const devnetPatience = 5 * time.Second

// listens is true when something takes connections where the URL says.
func listens(url string) bool {
	u, err := chain.CheckURL(url)
	if err != nil {
		return false
	}
	connection, err := net.DialTimeout("tcp", u.Host, time.Second)
	if err != nil {
		return false
	}
	connection.Close()
	return true
}

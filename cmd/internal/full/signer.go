package full

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/chain/networks"
	"github.com/opengpu-network/templates/pkg/chain/signer"
	"github.com/opengpu-network/templates/pkg/devnet"
	"github.com/urfave/cli/v2"
	"golang.org/x/term"
)

// signerPatience is how long an external signer may take to show its accounts.
const signerPatience = 10 * time.Minute

// maxPassword is the size of a password file, in bytes.
const maxPassword = 4096

// signerFlags say who signs.
func signerFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "keystore", Usage: "sign with the key in this encrypted `FILE`; its password is in " + app.PasswordVariable + " or in --password-file"},
		&cli.StringFlag{Name: "password-file", Usage: "the keystore's password is the first line of this `FILE`"},
		&cli.StringFlag{Name: "signer", Usage: "let an external signer with clef's protocol sign, at this `URL` or socket"},
	}
}

// sendFlags are those of commands that send a transaction.
func sendFlags() []cli.Flag {
	return append(signerFlags(),
		&cli.Uint64Flag{Name: "confirmations", Usage: "wait for this `NUMBER` of blocks", DefaultText: "what the network takes"},
		&cli.Uint64Flag{Name: "max-gas", Value: chain.DefaultLimits().Gas, Usage: "the most `GAS` that a transaction may take"},
		&cli.StringFlag{Name: "max-cost", Value: chain.OGPU(chain.DefaultLimits().Cost), Usage: "the most `OGPU` that a transaction may cost"},
		&cli.DurationFlag{Name: "timeout", Usage: "how long a transaction may take until it is final", DefaultText: "10m"},
		&cli.BoolFlag{Name: "yes", Aliases: []string{"y"}, Usage: "do not ask"},
	)
}

// newSender reads what bounds a transaction. Its client and its signer are still to
// come.
func newSender(c *cli.Context) (*chain.Sender, error) {
	cost, err := catalog.ParseAmount(c.String("max-cost"))
	if err != nil {
		return nil, app.Usagef("--max-cost %w", err)
	}
	return &chain.Sender{
		Limits:        chain.Limits{Gas: c.Uint64("max-gas"), Cost: cost.Wei()},
		Confirmations: c.Uint64("confirmations"),
		Patience:      c.Duration("timeout"),
	}, nil
}

// openSigner opens the signer that the command line or the environment names, for
// the account of the network's publisher.
func openSigner(ctx context.Context, c *cli.Context, world app.World, network string, client common.Address) (signer.Signer, error) {
	s, err := findSigner(ctx, c, world, network, client)
	if err != nil {
		return nil, err
	}
	if s.Address() != client {
		return nil, fmt.Errorf("%s would sign, and the client of the %s is %s: sign with its key, or change publishers.yaml", s, network, client)
	}
	return s, nil
}

func findSigner(ctx context.Context, c *cli.Context, world app.World, network string, client common.Address) (signer.Signer, error) {
	keystore, external, key := c.String("keystore"), c.String("signer"), world.Getenv(app.KeyVariable)
	switch {
	case keystore != "" && external != "":
		return nil, app.Usagef("give --keystore or --signer, not both")
	case c.String("password-file") != "" && keystore == "":
		return nil, app.Usagef("--password-file is for --keystore")
	case external != "":
		// It may ask a human whether to show its accounts.
		ctx, cancel := context.WithTimeout(ctx, signerPatience)
		defer cancel()
		return signer.External(ctx, external, client)
	case keystore != "":
		password, err := keystorePassword(c, world)
		if err != nil {
			return nil, err
		}
		defer clear(password)
		return signer.FromKeystore(keystore, password)
	case network == networks.Devnet && client == devnet.Account:
		// Also where a key is set: it is for another network.
		return signer.FromKey(devnet.PrivateKey)
	case key != "":
		return signer.FromKey(key)
	}
	return nil, app.Usagef("nobody signs: set %s, or give --keystore FILE or --signer URL", app.KeyVariable)
}

func keystorePassword(c *cli.Context, world app.World) ([]byte, error) {
	if file := c.String("password-file"); file != "" {
		data, err := app.ReadLimited(file, maxPassword)
		if err == nil && len(data) > maxPassword {
			err = fmt.Errorf("is larger than %d bytes", maxPassword)
		}
		if err != nil {
			return nil, app.Usagef("--password-file %s: %w", file, app.Cause(err))
		}
		line, _, _ := bytes.Cut(data, []byte("\n"))
		return bytes.TrimSuffix(line, []byte("\r")), nil
	}
	password := world.Getenv(app.PasswordVariable)
	if password == "" {
		return nil, app.Usagef("--keystore: set %s, or give --password-file", app.PasswordVariable)
	}
	return []byte(password), nil
}

// confirm asks a human.
func confirm(ctx context.Context, world app.World, question string) error {
	file, ok := world.In.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return app.Usagef("nobody can be asked here: add --yes if you are sure")
	}
	printf(world.Err, "%s [y/N] ", question)
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(io.LimitReader(world.In, 100)).ReadString('\n')
		answer <- line
	}()
	line := ""
	select {
	case line = <-answer:
	case <-ctx.Done():
	case <-time.After(10 * time.Minute):
	}
	text, ended := strings.CutSuffix(line, "\n")
	if !ended {
		printf(world.Err, "\n") // which nobody has typed
	} else if text = strings.ToLower(strings.TrimSpace(text)); text == "y" || text == "yes" {
		return nil
	}
	return errors.New("nothing was sent")
}

package chain_test

import (
	"errors"
	"net"
	"testing"
	"time"

	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/chain/networks"
)

// TestUnreachable does not wait for an endpoint that was never there, however
// patient it is with others.
func TestUnreachable(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + listener.Addr().String()
	listener.Close()
	network, _ := networks.Find("devnet")
	_, err = chain.Dial(t.Context(), network, nobody, chain.Options{Patience: 24 * time.Hour})
	var failed *chain.EndpointError
	if !errors.As(err, &failed) || failed.Host != listener.Addr().String() {
		t.Error(err)
	}
}

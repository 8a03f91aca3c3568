package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/opengpu-network/templates/pkg/chain/chaintest"
	"github.com/opengpu-network/templates/pkg/chain/contracts"
	"github.com/opengpu-network/templates/pkg/devnet"
	"github.com/opengpu-network/templates/pkg/ipfs"
	"github.com/opengpu-network/templates/pkg/release"
)

// published has the test run beside others, on a stage on which echo is published, behind an endpoint that can
// misbehave.
func published(t *testing.T) (*stage, *chaintest.Proxy) {
	t.Helper()
	beside(t)
	s := newStage(t, devnet.Options{})
	proxy := chaintest.NewProxy(t, s.chain.RPCURL())
	s.flags[1] = proxy.URL
	s.want(statusClean, "is on the devnet", "publish", "echo", "--network", "devnet")
	return s, proxy
}

// TestEndpointWithoutState publishes once more through an endpoint that lists the
// source, and knows nothing of it: it must not be taken for a stranger's.
func TestEndpointWithoutState(t *testing.T) {
	s, proxy := published(t)
	question := hexutil.Encode(contracts.NewSource().PackGetClient())
	for _, answer := range []string{"0x", "0x00"} {
		proxy.Fail(func(r chaintest.Request) chaintest.Fault {
			if r.Method == "eth_call" && strings.Contains(string(r.Params), question) {
				return chaintest.Fault{Result: answer}
			}
			return chaintest.Fault{}
		})
		s.want(statusFailed, "the answer to getClient of .* cannot be read", "publish", "echo", "--network", "devnet")
		s.want(statusFailed, "the answer to getClient of .* cannot be read", "status")
	}
	if n := len(s.sources()); n != 1 {
		t.Errorf("there are %d sources", n)
	}
}

// TestEndpointForgesNoLines has an endpoint and a contract say what could pass for
// lines of this program, and say far too much.
func TestEndpointForgesNoLines(t *testing.T) {
	s, proxy := published(t)
	s.manifest(map[string]any{"version": "1.0.1"})
	const forged = "no\nogpu-tpl: echo 1.0.1 is on the mainnet\r\n"
	check := func() {
		t.Helper()
		status, stdout, stderr := s.command("publish", "echo", "--network", "devnet")
		if status != statusFailed || len(stderr) > 10_000 || strings.Count(stderr, "\n") != 1 || strings.Contains(stdout, "is on the mainnet") {
			t.Errorf("status %d, %d bytes:\n%s%.2000s", status, len(stderr), stdout, stderr)
		}
	}
	for _, method := range []string{"eth_chainId", "eth_getBlockByNumber", "eth_call", "eth_estimateGas"} {
		proxy.Fail(func(r chaintest.Request) chaintest.Fault {
			if r.Method == method {
				return chaintest.Fault{Error: &chaintest.Error{Code: -32000, Message: forged + strings.Repeat("A", 1<<20)}}
			}
			return chaintest.Fault{}
		})
		check()
	}
	proxy.Fail(nil)
	if _, err := s.chain.Refuse(t.Context(), forged); err != nil {
		t.Fatal(err)
	}
	check()
}

// TestSourceWithARawCID has the client publish a source by other means, whose
// metadata is named by the CID of one raw block: that is no lie of the gateway.
func TestSourceWithARawCID(t *testing.T) {
	s, _ := published(t)
	compose := "services: {}\n"
	file, err := ipfs.RawCID([]byte(compose))
	if err != nil {
		t.Fatal(err)
	}
	metadata := `{"cpu": "` + s.node.Gateway.URL + `/ipfs/` + file.String() + `", "name": "made by hand"}`
	id, err := ipfs.RawCID([]byte(metadata))
	if err != nil {
		t.Fatal(err)
	}
	s.made["/ipfs/"+file.String()], s.made["/ipfs/"+id.String()] = compose, metadata
	params := s.params(s.sources()[0])
	params.ImageMetadataUrl = s.node.Gateway.URL + "/ipfs/" + id.String()
	s.transact(devnet.Key(), s.chain.Nexus(), contracts.NewNexus().PackPublishSource(params))
	byHand := s.sources()[1].Hex()
	s.want(statusClean, "current", "status")
	s.want(statusClean, "There is nothing to do", "publish", "echo", "--network", "devnet")
	s.want(statusClean, "8 comparisons: 8 agree", "verify", byHand)
	// The compose file is fetched, and held against its CID.
	s.made["/ipfs/"+file.String()] = "services: {other: {}}\n"
	s.want(statusFindings, "differs  compose file for cpu", "verify", byHand)
	delete(s.made, "/ipfs/"+file.String())
	s.want(statusFailed, "unknown  compose file for cpu", "verify", byHand)
}

// TestVerifySeesLogo forges a link that the digest of a release does not cover.
func TestVerifySeesLogo(t *testing.T) {
	s, _ := published(t)
	s.happen(`forged {"logoUrl": "https://example.com/refs/heads/main/logo.svg"}`)
	s.want(statusFindings, "differs  logoUrl .*refs/heads/main/logo.svg, and should be http", "verify", "echo")
	s.happen(`forged {"logoUrl": ""}`)
	s.want(statusFindings, "differs  logoUrl .*empty, and should be http", "verify", "echo")
}

// TestVerifySeesSizes forges sizes, which the digest of a release does not cover.
func TestVerifySeesSizes(t *testing.T) {
	s, _ := published(t)
	text := fetched(t, s.params(s.sources()[0]).ImageMetadataUrl)
	metadata, err := release.ParseMetadata([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	metadata.Template.Files[0].Size += 1000
	files, err := json.Marshal(metadata.Template.Files)
	if err != nil {
		t.Fatal(err)
	}
	s.happen(`forged {"template": {"files": ` + string(files) + `}}`)
	s.want(statusFindings, "differs  README.md size", "verify", "echo")
}

// TestVerifyFetchesNoHeaps lists more files than a release can have, as large as
// they may be: a provider's memory is not the stranger's.
func TestVerifyFetchesNoHeaps(t *testing.T) {
	s, _ := published(t)
	metadata, err := release.ParseMetadata([]byte(fetched(t, s.params(s.sources()[0]).ImageMetadataUrl)))
	if err != nil {
		t.Fatal(err)
	}
	stamp := metadata.Template
	first := stamp.Files[0]
	var more []release.HostedFile
	for i := range 40 {
		first.Path, first.Size = fmt.Sprintf("A%02d", i), release.MaxFileBytes
		more = append(more, first)
	}
	stamp.Files = append(more, stamp.Files...)
	digest := sha256.Sum256(stamp.Sums())
	stamp.Digest = "sha256:" + hex.EncodeToString(digest[:])
	text, err := json.Marshal(metadata)
	if err != nil {
		t.Fatal(err)
	}
	s.happen("forged " + string(text))
	var requests atomic.Int32
	pass := s.node.OnGateway
	s.node.OnGateway = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		requests.Add(1)
		pass(w, r, next)
	}
	s.want(statusFindings, "unknown  files .*the most that are fetched", "verify", s.sources()[0].Hex())
	if n := requests.Load(); n != 1 { // the metadata
		t.Errorf("%d requests", n)
	}
}

// TestVerifyNeedsTheCatalog breaks the template in the catalog: what nothing could
// be compared with does not agree.
func TestVerifyNeedsTheCatalog(t *testing.T) {
	s, _ := published(t)
	s.happen("write templates/echo/template.yaml nonsense: [")
	for _, what := range []string{"echo", s.sources()[0].Hex()} {
		out := s.want(statusFailed, "unknown  catalog", "verify", what)
		if strings.Contains(out, "compared with itself only") {
			t.Error(out)
		}
	}
}

// TestHistoryTellsWhatItLacks reads from a block after the publication.
func TestHistoryTellsWhatItLacks(t *testing.T) {
	s, _ := published(t)
	s.manifest(map[string]any{"version": "1.1.0"})
	s.want(statusClean, "is on the devnet", "publish", "echo", "--network", "devnet")
	s.want(statusClean, "was published before block 3", "history", "echo", "--from-block", "3")
	if out := s.want(statusClean, "", "history", "echo"); strings.Contains(out, "was published before") {
		t.Error(out)
	}
}

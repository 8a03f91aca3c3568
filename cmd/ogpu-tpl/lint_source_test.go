package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"math/big"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/template"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/chain/chaintest"
	"github.com/opengpu-network/templates/pkg/chain/contracts"
	"github.com/opengpu-network/templates/pkg/devnet"
	"github.com/opengpu-network/templates/pkg/ipfs"
)

// The cases under testdata/source are data: a folder with the files of a source,
// what is published of them (source.json), want.txt with what lint finds, a line
// each, and block.txt with what it says first. In the files, {{file "x"}} is the
// link of x on a web server, {{pin "x"}} that on the devnet's gateway, {{lie "x"}}
// that on a gateway that serves other bytes, and {{cid "x"}} is the CID.

// sourceCase is source.json. What is left out has a value without findings.
type sourceCase struct {
	sourceTerms
	// Args are those of lint.
	Args string
	// Metadata is the link on the chain; pinned unless said.
	Metadata string
	// Direct are terms that the owner sets on the source itself, afterwards.
	Direct *sourceTerms
	// Owner gets the source, and Inactive ends it.
	Owner    *common.Address
	Inactive bool
}

type sourceTerms struct {
	Client             *common.Address
	Environments       *uint8
	MinPayment, Expiry *string
	Privacy            bool
	Optional           string
	Delivery           uint8
}

func (c sourceTerms) params(link string) chain.Params {
	number := func(text *string, otherwise int64) *big.Int {
		n := big.NewInt(otherwise)
		if text != nil {
			n.SetString(*text, 10)
		}
		return n
	}
	p := chain.Params{
		Client: devnet.Account, ImageMetadataUrl: link, ImageEnvironments: 1,
		MinPayment: number(c.MinPayment, 1e15), MinAvailableLockup: big.NewInt(0), MaxExpiryDuration: number(c.Expiry, 3600),
		PrivacyEnabled: c.Privacy, OptionalParamsUrl: c.Optional, DeliveryMethod: c.Delivery, LastUpdateTime: big.NewInt(0),
	}
	if c.Client != nil {
		p.Client = *c.Client
	}
	if c.Environments != nil {
		p.ImageEnvironments = *c.Environments
	}
	return p
}

// sourceNet is a devnet, and web servers for what sources name.
type sourceNet struct {
	*devnet.Devnet
	client      *ethclient.Client
	files, liar string

	mu       sync.Mutex
	rendered map[string][]byte // what the web server has, by its path
	asked    []string
}

func startSourceNet(t *testing.T) *sourceNet {
	t.Helper()
	d, err := devnet.Start(t.Context(), devnet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	n := &sourceNet{Devnet: d, rendered: map[string][]byte{}}
	if n.client, err = ethclient.DialContext(t.Context(), d.RPCURL()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.client.Close)
	serve := func(answer http.HandlerFunc) string {
		server := httptest.NewServer(answer)
		t.Cleanup(server.Close)
		return server.URL
	}
	n.files = serve(n.answer)
	n.liar = serve(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "services: {}\n") })
	return n
}

func (n *sourceNet) answer(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked = append(n.asked, r.URL.Path)
	data, ok := n.rendered[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	kind := "text/plain"
	if path.Ext(r.URL.Path) == ".html" {
		kind = "text/html"
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(data)
}

// pin uploads to the devnet's pinning service.
func (n *sourceNet) pin(data []byte) (string, error) {
	var form bytes.Buffer
	writer := multipart.NewWriter(&form)
	part, err := writer.CreateFormFile("file", "file")
	if err != nil {
		return "", err
	}
	if _, err = part.Write(data); err != nil {
		return "", err
	}
	if err := writer.Close(); err != nil {
		return "", err
	}
	response, err := http.Post(n.PinningURL(), writer.FormDataContentType(), &form)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var answer struct{ Link string }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return "", err
	}
	return answer.Link, nil
}

// render fills in a text of a case.
func (n *sourceNet) render(t *testing.T, dir, text string) string {
	t.Helper()
	read := func(name string) ([]byte, error) {
		text, err := os.ReadFile(filepath.Join(dir, name))
		return []byte(n.render(t, dir, string(text))), err
	}
	withCID := func(before string) func(string) (string, error) {
		return func(name string) (string, error) {
			data, err := read(name)
			if err != nil {
				return "", err
			}
			id, err := ipfs.FileCID(bytes.NewReader(data))
			return before + id.String(), err
		}
	}
	parsed, err := template.New(dir).Funcs(template.FuncMap{
		"file": func(name string) string {
			data, err := read(name)
			at := "/" + filepath.Base(dir) + "/" + name
			if err == nil {
				n.mu.Lock()
				n.rendered[at] = data
				n.mu.Unlock()
			}
			return n.files + at
		},
		"pin": func(name string) (string, error) {
			data, err := read(name)
			if err != nil {
				return "", err
			}
			return n.pin(data)
		},
		"lie": withCID(n.liar + "/ipfs/"),
		"cid": withCID(""),
	}).Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := parsed.Execute(&out, nil); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// call sends a transaction of the devnet's account, and waits until it is mined.
func (n *sourceNet) call(t *testing.T, to common.Address, data []byte) *types.Receipt {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	nonce, err := n.client.PendingNonceAt(ctx, devnet.Account)
	if err != nil {
		t.Fatal(err)
	}
	price, err := n.client.SuggestGasPrice(ctx)
	if err != nil {
		t.Fatal(err)
	}
	signer := types.LatestSignerForChainID(big.NewInt(devnet.DefaultChainID))
	tx, err := types.SignNewTx(devnet.Key(), signer, &types.LegacyTx{Nonce: nonce, To: &to, Data: data, Gas: 5_000_000, GasPrice: price.Mul(price, big.NewInt(2))})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.client.SendTransaction(ctx, tx); err != nil {
		t.Fatal(err)
	}
	receipt := chaintest.Mined(t, n.client, tx.Hash())
	if receipt.Status != types.ReceiptStatusSuccessful {
		t.Fatalf("the transaction failed: %+v", receipt)
	}
	return receipt
}

// publish publishes a case, and returns the source's address and its link.
func (n *sourceNet) publish(t *testing.T, dir string, c sourceCase) (common.Address, string) {
	t.Helper()
	if c.Metadata == "" {
		c.Metadata = `{{pin "metadata.json"}}`
	}
	link := n.render(t, dir, c.Metadata)
	nexus, source := contracts.NewNexus(), contracts.NewSource()
	receipt := n.call(t, n.Nexus(), nexus.PackPublishSource(c.params(link)))
	var address common.Address
	for _, log := range receipt.Logs {
		if event, err := nexus.UnpackSourcePublishedEvent(log); err == nil {
			address = event.Source
		}
	}
	if c.Direct != nil {
		n.call(t, address, source.PackSetSourceParams(c.Direct.params(link)))
	}
	if c.Inactive {
		n.call(t, n.Nexus(), nexus.PackInactivateSource(address))
	}
	if c.Owner != nil {
		n.call(t, address, source.PackTransferOwnership(*c.Owner))
	}
	return address, link
}

func sourceCases(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root(t), "testdata", "source", "*", "source.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("there are no cases", err)
	}
	for i := range files {
		files[i] = filepath.Dir(files[i])
	}
	return files
}

func readSourceCase(t *testing.T, dir string) (c sourceCase) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "source.json"))
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		t.Fatal(err)
	}
	return c
}

var blockNumber = regexp.MustCompile(`at block \d+`)

func TestLintSource(t *testing.T) {
	t.Parallel()
	n := startSourceNet(t)
	t.Cleanup(func() {
		for _, asked := range n.asked {
			if strings.Contains(asked, "forbidden") {
				t.Errorf("%s was fetched, which only a compose file names", asked)
			}
		}
	})
	elsewhere := t.TempDir() // a provider has no catalog
	for _, dir := range sourceCases(t) {
		c := readSourceCase(t, dir)
		address, link := n.publish(t, dir, c)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			beside(t)
			clean := func(text string) string {
				text = strings.NewReplacer(
					link, "METADATA", n.files, "http://files", n.liar, "http://liar", n.GatewayURL(), "http://gateway",
					address.Hex(), "SOURCE", devnet.Account.Hex(), "CLIENT",
					strings.TrimPrefix(n.files, "http://"), "files", strings.TrimPrefix(n.GatewayURL(), "http://"), "gateway",
				).Replace(text)
				return blockNumber.ReplaceAllString(text, "at block N")
			}
			args := append([]string{"lint", address.Hex(), "--rpc-url", n.RPCURL()}, strings.Fields(c.Args)...)
			status, stdout, stderr := runIn(t, elsewhere, append(args, "--format", "json")...)
			var report struct {
				Findings []struct {
					found
					Message, Environment, Template string
				}
			}
			if err := json.Unmarshal([]byte(stdout), &report); err != nil {
				t.Fatalf("%v: status %d: %s%s", err, status, stdout, stderr)
			}
			want := fmt.Sprintf("# status %d\n", status)
			for _, f := range report.Findings {
				if f.Template != address.Hex() {
					t.Errorf("%s is about %q, not about %s", f.Rule, f.Template, address)
				}
				line := fmt.Sprintf("%q:%d:%d %s %s %s", f.File, f.Line, f.Column, f.Severity, f.Rule, f.Environment)
				if strings.HasPrefix(f.Rule, "source/") {
					line += fmt.Sprintf(": %q", f.Message)
				}
				want += clean(strings.TrimRight(line, " ")) + "\n"
			}
			golden(t, filepath.Join(dir, "want.txt"), want)
			textStatus, text, _ := runIn(t, elsewhere, args...)
			if textStatus != status {
				t.Errorf("status %d as text, and %d as JSON", textStatus, status)
			}
			block, _, found := strings.Cut(text, "\n\n")
			if !found || !strings.HasPrefix(block, address.Hex()) {
				t.Errorf("the report does not begin with what the source is:\n%s", text)
			}
			golden(t, filepath.Join(dir, "block.txt"), clean(block)+"\n")
		})
	}
}

// Nothing that a stranger writes acts on a terminal or on a CI runner, in any
// format.
func TestLintSourceHostile(t *testing.T) {
	beside(t)
	n := startSourceNet(t)
	cases, elsewhere := filepath.Join(root(t), "testdata", "source"), t.TempDir()
	var addresses []string
	for _, name := range []string{"hostile", "hostile-link", "private"} {
		dir := filepath.Join(cases, name)
		address, _ := n.publish(t, dir, readSourceCase(t, dir))
		addresses = append(addresses, address.Hex())
	}
	for _, format := range []string{"text", "json", "sarif", "github", "junit"} {
		args := append([]string{"lint", "--rpc-url", n.RPCURL(), "--format", format}, addresses...)
		status, stdout, stderr := runIn(t, elsewhere, args...)
		if status != statusFindings || stderr != "" {
			t.Errorf("%s: status %d: %s", format, status, stderr)
		}
		for line := range strings.Lines(stdout) {
			line = strings.TrimSuffix(line, "\n")
			if i := strings.IndexFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\u202e' }); i >= 0 && !strings.HasPrefix(line[i:], "\t") {
				t.Errorf("%s: a line has %q", format, line[i])
			}
			command := strings.TrimLeft(line, " ")
			if own := format == "github" && regexp.MustCompile(`^::(error|warning|notice) file=(0x[0-9a-fA-F]{40}|http%3A[^,]*),line=\d+,`).MatchString(command); strings.HasPrefix(command, "::") && !own {
				t.Errorf("%s: a line is a command: %s", format, line)
			}
			if strings.Contains(line, "##[") {
				t.Errorf("%s: a line holds a command: %s", format, line)
			}
			if format == "junit" && strings.Contains(line, "<script") {
				t.Errorf("%s: a line holds markup: %s", format, line)
			}
			if format == "sarif" && regexp.MustCompile(`"text": .*[^\\]\](\(https://evil)`).MatchString(line) {
				t.Errorf("%s: a message holds a link: %s", format, line)
			}
		}
		switch format {
		case "json", "sarif":
			if !json.Valid([]byte(stdout)) {
				t.Errorf("%s is no JSON", format)
			}
		case "junit":
			decoder := xml.NewDecoder(strings.NewReader(stdout))
			for {
				if _, err := decoder.Token(); err == io.EOF {
					break
				} else if err != nil {
					t.Error(err)
					break
				}
			}
		}
		if strings.Contains(stdout, "root:x:") {
			t.Errorf("%s shows a file of this machine", format)
		}
	}
}

// A template that was published is all held in place; whose it is, publishers.yaml
// says.
func TestLintPublishedTemplate(t *testing.T) {
	n := startSourceNet(t)
	t.Chdir(root(t))
	status, stdout, stderr := run(t, "publish", "ollama", "--rpc-url", n.RPCURL(), "--host", "pinning="+n.PinningURL()+","+n.GatewayURL(),
		"--journal", t.TempDir(), "--format", "json")
	var published struct{ Source string }
	if err := json.Unmarshal([]byte(stdout), &published); err != nil || status != statusClean {
		t.Fatalf("%v: status %d: %s%s", err, status, stdout, stderr)
	}
	others := filepath.Join(t.TempDir(), "publishers.yaml")
	if err := os.WriteFile(others, []byte("devnet:\n  client: \"0x00000000000000000000000000000000000000aa\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		says string
	}{
		{nil, "publishers.yaml names its client"},
		{[]string{"--publishers", others}, "proves nothing"},
	} {
		args := append([]string{"lint", published.Source, "--rpc-url", n.RPCURL(), "--only", "source"}, c.args...)
		status, stdout, stderr := run(t, args...)
		if status != statusClean || strings.Contains(stdout, "CAN CHANGE: it") || !strings.Contains(stdout, "ogpu-tpl verify "+published.Source) ||
			!strings.Contains(strings.Join(strings.Fields(stdout), " "), c.says) {
			t.Errorf("%v: status %d, and it does not say %q:\n%s%s", args, status, c.says, stdout, stderr)
		}
	}
	// Files of this machine and sources in one run.
	status, stdout, stderr = run(t, "lint", unsafe, published.Source, "ollama", "--rpc-url", n.RPCURL(), "--only", "source,trust/engine-socket")
	if status != statusFindings || !strings.Contains(stdout, "4 compose files of 1 template") && !strings.Contains(stdout, "7 compose files of 1 template") ||
		strings.Index(stdout, "source/owner") > strings.Index(stdout, "trust/engine-socket") {
		t.Errorf("status %d:\n%s%s", status, stdout, stderr)
	}
}

func TestLintSourceUsage(t *testing.T) {
	n := startSourceNet(t)
	t.Chdir(t.TempDir())
	source := "0x5FbDB2315678afecb367f032d93F642f64180aa3"
	for _, c := range []struct {
		args   string
		status int
		says   string
	}{
		{"0x12", statusUsage, "is no address"},
		{"0x5fbDB2315678afecb367f032d93F642f64180aa3", statusUsage, "mistyped"},
		{source + " --network tesnet", statusUsage, `did you mean "testnet"?`},
		{source + " --publishers nowhere/publishers.yaml", statusFailed, "nowhere"},
		{source + " --skip source/unreadable", statusUsage, "cannot be skipped"},
		{"--network devnet", statusUsage, "give the address of one"},
		{"x.yml --only source/owner", statusUsage, "give the address of one"},
		{source, statusFailed, "is no source of the network"},
		{source + " nowhere.yml", statusUsage, "no such template or file"},
	} {
		args := append([]string{"lint"}, strings.Fields(c.args)...)
		if !slices.Contains(args, "--network") && !strings.Contains(c.args, "--only") {
			args = append(args, "--rpc-url", n.RPCURL())
		}
		status, stdout, stderr := run(t, args...)
		if status != c.status || !strings.Contains(stderr, c.says) {
			t.Errorf("lint %s: status %d, want %d and %q\n%s%s", c.args, status, c.status, c.says, stdout, stderr)
		}
	}
}

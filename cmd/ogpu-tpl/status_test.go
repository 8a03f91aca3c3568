package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/opengpu-network/templates/cmd/internal/full"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/chain/networks"
	"github.com/opengpu-network/templates/pkg/devnet"
)

// internet stands for the networks' own endpoints: a proxy that leads each name to
// a node, with a certificate of an authority of its own.
type internet struct{ proxy, authority string }

func newInternet(t *testing.T, nodes map[string]string) internet {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	certificate := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	addresses := map[string]string{}
	for name := range nodes {
		certificate.DNSNames = append(certificate.DNSNames, name)
	}
	raw, err := x509.CreateCertificate(rand.Reader, certificate, certificate, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	for name, node := range nodes {
		to, err := url.Parse(node)
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewUnstartedServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }, ErrorLog: silent})
		server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}}
		server.StartTLS()
		t.Cleanup(server.Close)
		addresses[name+":443"] = server.Listener.Addr().String()
	}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to, known := addresses[r.Host]
		if r.Method != http.MethodConnect || !known {
			http.Error(w, "there is no such host", http.StatusBadGateway)
			return
		}
		there, err := net.Dial("tcp", to)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer there.Close()
		here, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer here.Close()
		_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(there, here) }()
		_, _ = io.Copy(here, there)
	}))
	t.Cleanup(proxy.Close)
	authority := filepath.Join(t.TempDir(), "authority.pem")
	if err := os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return internet{proxy.URL, authority}
}

// TestStatusOfSeveralNetworks asks the networks that publishers.yaml names at their
// own endpoints.
func TestStatusOfSeveralNetworks(t *testing.T) {
	beside(t)
	stages, nodes := map[string]*stage{}, map[string]string{}
	for _, name := range []string{"testnet", "mainnet"} {
		network, _ := networks.Find(name)
		endpoint, err := url.Parse(network.RPC)
		if err != nil {
			t.Fatal(err)
		}
		s := newStage(t, devnet.Options{ChainID: network.ChainID, Nexus: network.Nexus})
		stages[name], nodes[endpoint.Hostname()] = s, s.chain.RPCURL()
	}
	reached := newInternet(t, nodes)
	for name, s := range stages {
		s.happen(`write publishers.yaml ` + name + `: {client: "` + devnet.Account.Hex() + `"}`)
		s.env["CLIENT_PRIVATE_KEY"] = devnet.PrivateKey
		if name == "mainnet" { // one version more
			s.manifest(map[string]any{"version": "1.1.0"})
		}
		s.happen("record")
		s.want(statusClean, "final.* agree", "publish", "echo", "--network", name, "--loopback", "--record", "record.json", "--confirmations", "1", "--yes")
	}
	s := stages["testnet"]
	s.happen(`write publishers.yaml {testnet: {client: "` + devnet.Account.Hex() + `"}, mainnet: {client: "` + devnet.Account.Hex() + `"}}`)
	program := func(args ...string) (int, string) {
		t.Helper()
		command := exec.CommandContext(t.Context(), os.Args[0], append(args, "--loopback")...)
		command.Dir = s.dir
		command.Env = append(os.Environ(), asProgram+"=yes", "HTTPS_PROXY="+reached.proxy, "SSL_CERT_FILE="+reached.authority, "SSL_CERT_DIR="+t.TempDir())
		out, err := command.CombinedOutput()
		if command.ProcessState == nil {
			t.Fatal(err)
		}
		return command.ProcessState.ExitCode(), string(out)
	}
	status, out := program("status", "--format", "json")
	var rows []full.StatusRow
	if err := json.Unmarshal([]byte(out), &rows); err != nil || status != statusClean {
		t.Fatalf("status %d: %v\n%s", status, err, out)
	}
	states := map[string]string{}
	for _, r := range rows {
		if r.Network != networks.Devnet { // somebody may run one on this machine
			states[r.Network] = r.Template + " " + r.Catalog + " " + r.Chain + " " + string(r.State)
		}
	}
	if states["testnet"] != "echo 1.0.0 1.0.0 current" || states["mainnet"] != "echo 1.0.0 1.1.0 ahead" || len(states) != 2 {
		t.Errorf("%v", states)
	}
	// Drift on one of them is the exit status, and the table still has both.
	s.set(s.sources()[0], func(p *chain.Params) { p.MinPayment = big.NewInt(7) })
	status, out = program("status")
	for _, want := range []string{"drifted", "ahead", "echo on the testnet: minPayment: 0.000000000000000007 OGPU (7 wei), and 0.001 OGPU"} {
		if status != statusFindings || !strings.Contains(out, want) {
			t.Errorf("status %d, want %q:\n%s", status, want, out)
		}
	}
	// One that cannot be asked is status 3, and the other is still told of.
	for host := range nodes {
		nodes[host] = s.chain.RPCURL()
	}
	reached = newInternet(t, nodes)
	if status, out = program("status"); status != statusFailed || !strings.Contains(out, "drifted") || !strings.Contains(out, "ogpu-tpl: mainnet: the RPC endpoint mainnet-rpc.ogpuscan.io serves the chain") {
		t.Errorf("status %d:\n%s", status, out)
	}
}

package host

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ipfs/boxo/blockservice"
	"github.com/ipfs/boxo/blockstore"
	"github.com/ipfs/boxo/chunker"
	"github.com/ipfs/boxo/exchange/offline"
	boxo "github.com/ipfs/boxo/gateway"
	"github.com/ipfs/boxo/ipld/merkledag"
	"github.com/ipfs/boxo/ipld/unixfs/importer/balanced"
	"github.com/ipfs/boxo/ipld/unixfs/importer/helpers"
	"github.com/ipfs/go-cid"
	"github.com/ipfs/go-datastore"
	"github.com/ipfs/go-datastore/sync"
	format "github.com/ipfs/go-ipld-format"
	"github.com/opengpu-network/templates/pkg/fetch"
	"github.com/prometheus/client_golang/prometheus"
)

// node is an IPFS node: a store of blocks, an RPC API that makes blocks of files
// and names them itself, a gateway that reads the files out of the blocks again,
// and a pinning service before it.
type node struct {
	blocks  blockservice.BlockService
	dag     format.DAGService
	gateway *httptest.Server
	api     *httptest.Server
	pinning *httptest.Server
	// adds counts what was added.
	adds atomic.Int32
	// importer is what the node's own configuration says, where the caller says
	// nothing.
	importer map[string]string

	// onGateway and onPinning stand before the real handlers, where they are.
	onGateway, onPinning func(w http.ResponseWriter, r *http.Request, next http.Handler)
	// linkOf changes the link that the pinning service gives out.
	linkOf func(id cid.Cid) string
}

func newNode(t *testing.T) *node {
	t.Helper()
	n := &node{importer: map[string]string{}}
	store := blockstore.NewBlockstore(sync.MutexWrap(datastore.NewMapDatastore()))
	n.blocks = blockservice.New(store, offline.Exchange(store))
	n.dag = merkledag.NewDAGService(n.blocks)
	backend, err := boxo.NewBlocksBackend(n.blocks, boxo.WithPrometheusRegistry(prometheus.NewRegistry()))
	if err != nil {
		t.Fatal(err)
	}
	reading := boxo.NewHandler(boxo.Config{DeserializedResponses: true, MetricsRegistry: prometheus.NewRegistry()}, backend)
	n.gateway = serveTLS(t, func(w http.ResponseWriter, r *http.Request) { pass(w, r, n.onGateway, reading) })
	n.linkOf = func(id cid.Cid) string { return n.gateway.URL + "/ipfs/" + id.String() }
	n.pinning = serveTLS(t, func(w http.ResponseWriter, r *http.Request) { pass(w, r, n.onPinning, http.HandlerFunc(n.pin)) })
	n.api = httptest.NewServer(http.HandlerFunc(n.add))
	t.Cleanup(n.api.Close)
	return n
}

func pass(w http.ResponseWriter, r *http.Request, first func(http.ResponseWriter, *http.Request, http.Handler), next http.Handler) {
	if first == nil {
		next.ServeHTTP(w, r)
		return
	}
	first(w, r, next)
}

// add is the command of this name of Kubo's RPC API.
func (n *node) add(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.URL.Path != "/api/v0/add" {
		http.NotFound(w, r)
		return
	}
	reader, err := r.MultipartReader()
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	part, err := reader.NextPart()
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	option := func(name, otherwise string) string {
		if value := r.URL.Query().Get(name); value != "" {
			return value
		}
		if value := n.importer[name]; value != "" {
			return value
		}
		return otherwise
	}
	root, size, err := n.store(r.Context(), part, option)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"Name": part.FileName(), "Hash": root.String(), "Size": strconv.FormatUint(size, 10)})
}

// store makes blocks of a file.
func (n *node) store(ctx context.Context, data io.Reader, option func(name, otherwise string) string) (cid.Cid, uint64, error) {
	version, err := strconv.ParseUint(option("cid-version", "0"), 10, 1)
	if err != nil {
		return cid.Undef, 0, err
	}
	prefix := cid.Prefix{Version: version, Codec: cid.DagProtobuf, MhType: 0x12, MhLength: -1}
	links, err := strconv.Atoi(option("max-file-links", "174"))
	if err != nil {
		return cid.Undef, 0, err
	}
	splitter, err := chunk.FromString(data, option("chunker", "size-262144"))
	if err != nil {
		return cid.Undef, 0, err
	}
	params := helpers.DagBuilderParams{
		Dagserv: n.dag, Maxlinks: links, CidBuilder: prefix, RawLeaves: option("raw-leaves", "false") == "true",
	}
	builder, err := params.New(splitter)
	if err != nil {
		return cid.Undef, 0, err
	}
	root, err := balanced.Layout(builder)
	if err != nil {
		return cid.Undef, 0, err
	}
	size, err := root.Size()
	n.adds.Add(1)
	return root.Cid(), size, err
}

// pin is OpenGPU's pinning service.
func (n *node) pin(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.URL.Path != "/file/create" {
		http.NotFound(w, r)
		return
	}
	part, _, err := r.FormFile("file")
	if err != nil || len(r.MultipartForm.File) != 1 || len(r.MultipartForm.Value) != 0 {
		http.Error(w, "a form with one part, file, is wanted", http.StatusBadRequest)
		return
	}
	root, _, err := n.store(r.Context(), part, func(_, otherwise string) string { return otherwise })
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, `{"status":"ok","link":%q}`, n.linkOf(root))
}

// fetcher trusts the node's servers.
func (n *node) fetcher() *fetch.Fetcher {
	roots := x509.NewCertPool()
	roots.AddCert(n.gateway.Certificate())
	roots.AddCert(n.pinning.Certificate())
	return &fetch.Fetcher{AllowLoopback: true, Roots: roots}
}

// uploader puts files on the node through the pinning service.
func (n *node) uploader(t *testing.T) *Uploader {
	t.Helper()
	fetcher := n.fetcher()
	pinning, err := NewPinning(n.pinning.URL+"/file/create", n.gateway.URL, fetcher)
	if err != nil {
		t.Fatal(err)
	}
	return &Uploader{Host: pinning, Fetcher: fetcher, Patience: hurry}
}

// direct puts files on the node through its API.
func (n *node) direct(t *testing.T) *Uploader {
	t.Helper()
	fetcher := n.fetcher()
	host, err := NewIPFSNode(n.api.URL, "", n.gateway.URL, fetcher)
	if err != nil {
		t.Fatal(err)
	}
	return &Uploader{Host: host, Fetcher: fetcher, Patience: hurry}
}

// hurry makes tests fast: what is waited for comes at once or never.
var hurry = Patience{Tries: 3, Pause: time.Millisecond, Longest: 5 * time.Millisecond, Visible: 50 * time.Millisecond}

// serveTLS starts a server whose own complaints are not printed.
func serveTLS(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

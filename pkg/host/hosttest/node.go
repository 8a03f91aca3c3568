// Package hosttest gives tests an IPFS node on loopback, and servers that misbehave
// in each way in which hosts do. It is for tests only.
package hosttest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"

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
	"github.com/prometheus/client_golang/prometheus"
)

// Node is an IPFS node: a store of blocks, an RPC API that makes blocks of files
// and names them itself, a gateway that reads the files out of the blocks again,
// and a pinning service before it, whose uploads go to /file/create.
type Node struct {
	Blocks                blockservice.BlockService
	Gateway, API, Pinning *httptest.Server
	// Adds counts what was added.
	Adds atomic.Int32
	// Importer is what the node's own configuration says, where the caller says
	// nothing.
	Importer map[string]string

	// OnGateway and OnPinning stand before the real handlers, where they are. They
	// are set before the first request.
	OnGateway, OnPinning Hook
	// LinkOf changes the link that the pinning service gives out.
	LinkOf func(id cid.Cid) string

	dag format.DAGService
}

// NewNode starts an empty node whose servers speak TLS, but for the API. They end
// with the test.
func NewNode(t testing.TB) *Node {
	t.Helper()
	return newNode(t, func(handler http.HandlerFunc) *httptest.Server { return ServeTLS(t, handler) })
}

// NewPlainNode starts an empty node whose servers speak plain HTTP.
func NewPlainNode(t testing.TB) *Node {
	t.Helper()
	return newNode(t, func(handler http.HandlerFunc) *httptest.Server {
		server := httptest.NewUnstartedServer(handler)
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.Start()
		t.Cleanup(server.Close)
		return server
	})
}

func newNode(t testing.TB, serve func(http.HandlerFunc) *httptest.Server) *Node {
	t.Helper()
	n := &Node{Importer: map[string]string{}}
	store := blockstore.NewBlockstore(sync.MutexWrap(datastore.NewMapDatastore()))
	n.Blocks = blockservice.New(store, offline.Exchange(store))
	n.dag = merkledag.NewDAGService(n.Blocks)
	backend, err := boxo.NewBlocksBackend(n.Blocks, boxo.WithPrometheusRegistry(prometheus.NewRegistry()))
	if err != nil {
		t.Fatal(err)
	}
	reading := boxo.NewHandler(boxo.Config{DeserializedResponses: true, MetricsRegistry: prometheus.NewRegistry()}, backend)
	n.Gateway = serve(func(w http.ResponseWriter, r *http.Request) { pass(w, r, n.OnGateway, reading) })
	n.LinkOf = func(id cid.Cid) string { return n.Gateway.URL + "/ipfs/" + id.String() }
	n.Pinning = serve(func(w http.ResponseWriter, r *http.Request) { pass(w, r, n.OnPinning, http.HandlerFunc(n.pin)) })
	n.API = httptest.NewServer(http.HandlerFunc(n.add))
	t.Cleanup(n.API.Close)
	return n
}

// Uploads is where the pinning service takes files.
func (n *Node) Uploads() string { return n.Pinning.URL + "/file/create" }

func pass(w http.ResponseWriter, r *http.Request, first Hook, next http.Handler) {
	if first == nil {
		next.ServeHTTP(w, r)
		return
	}
	first(w, r, next)
}

// add is the command of this name of Kubo's RPC API.
func (n *Node) add(w http.ResponseWriter, r *http.Request) {
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
		if value := n.Importer[name]; value != "" {
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
func (n *Node) store(ctx context.Context, data io.Reader, option func(name, otherwise string) string) (cid.Cid, uint64, error) {
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
	n.Adds.Add(1)
	return root.Cid(), size, err
}

// pin is OpenGPU's pinning service.
func (n *Node) pin(w http.ResponseWriter, r *http.Request) {
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
	fmt.Fprintf(w, `{"status":"ok","link":%q}`, n.LinkOf(root))
}

// ServeTLS starts a server whose own complaints are not printed. It
// ends with the test.
func ServeTLS(t testing.TB, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

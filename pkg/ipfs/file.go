// Package ipfs names content as IPFS does: it computes the CID of a file, finds
// the CID in a gateway's link, and tells whether two CIDs name the same bytes.
// It does not talk to IPFS.
package ipfs

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/ipfs/boxo/chunker"
	"github.com/ipfs/boxo/ipld/unixfs/importer/balanced"
	"github.com/ipfs/boxo/ipld/unixfs/importer/helpers"
	"github.com/ipfs/go-cid"
	format "github.com/ipfs/go-ipld-format"
)

// What `ipfs add` does unless told otherwise: the profile "unixfs-v0-2015" of
// IPIP-499. The values stand here because boxo keeps its own in variables that
// any package may change.
const (
	// ChunkSize is how a file is cut, in bytes.
	ChunkSize = 256 << 10
	// LinksPerBlock is how many parts one block refers to at most.
	LinksPerBlock = 174
)

// FileCID computes the CID that a default `ipfs add` gives to a file: CIDv0,
// sha2-256, chunks of 256 KiB, a balanced tree of 174 links for each block, and
// leaves that are UnixFS nodes. It holds the tree's inner blocks and one chunk in
// memory, and fails only when reading fails.
func FileCID(data io.Reader) (cid.Cid, error) {
	params := helpers.DagBuilderParams{
		Maxlinks: LinksPerBlock,
		// A nil CidBuilder is CIDv0 with sha2-256, and leaves are not raw.
		Dagserv: discard{},
	}
	builder, err := params.New(chunk.NewSizeSplitter(data, ChunkSize))
	if err != nil {
		return cid.Undef, fmt.Errorf("computing the CID: %w", err)
	}
	root, err := balanced.Layout(builder)
	if err != nil {
		return cid.Undef, fmt.Errorf("computing the CID: %w", err)
	}
	return root.Cid(), nil
}

// SHA256 is the code of this hash in CIDs (sha2-256).
const SHA256 = 0x12

// RawCID computes the CID of a file that is one raw block: CIDv1, sha2-256. Other
// programs than a default `ipfs add` give it to small files.
func RawCID(data []byte) (cid.Cid, error) {
	id, err := cid.V1Builder{Codec: cid.Raw, MhType: SHA256}.Sum(data)
	if err != nil {
		return cid.Undef, fmt.Errorf("computing the CID: %w", err)
	}
	return id, nil
}

// IDs are the CIDs that bytes have: that of a default `ipfs add`, and that of one
// raw block. Links hold either.
type IDs struct{ Added, Raw cid.Cid }

// IDsOf computes the CIDs of bytes.
func IDsOf(data []byte) (ids IDs, err error) {
	if ids.Added, err = FileCID(bytes.NewReader(data)); err != nil {
		return ids, err
	}
	ids.Raw, err = RawCID(data)
	return ids, err
}

// Have is true for a CID that the bytes have, in whatever version it is written.
func (ids IDs) Have(id cid.Cid) bool { return Same(id, ids.Added) || Same(id, ids.Raw) }

// discard takes blocks and keeps none: only the root's name is wanted.
type discard struct{ format.DAGService }

func (discard) Add(context.Context, format.Node) error       { return nil }
func (discard) AddMany(context.Context, []format.Node) error { return nil }

// Package ipfs names content as IPFS does: it computes the CID of a file, finds
// the CID in a gateway's link, and tells whether two CIDs name the same bytes.
// It does not talk to IPFS.
package ipfs

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"github.com/ipfs/go-cid"
	"google.golang.org/protobuf/encoding/protowire"
)

// What `ipfs add` does unless told otherwise: the profile "unixfs-v0-2015" of
// IPIP-499.
const (
	// ChunkSize is how a file is cut, in bytes.
	ChunkSize = 256 << 10
	// LinksPerBlock is how many parts one block refers to at most.
	LinksPerBlock = 174
)

// FileCID computes the CID that a default `ipfs add` gives to a file: CIDv0,
// sha2-256, chunks of 256 KiB, a balanced tree of 174 links for each block, and
// leaves that are UnixFS nodes. It holds one chunk in memory and 56 bytes for each that
// it has read, and fails only when reading fails.
//
// The tests hold it against boxo, which is what `ipfs add` is made of: that would be
// more than a hundred packages more in every lint.
func FileCID(data io.Reader) (cid.Cid, error) {
	var level []block
	chunk := make([]byte, ChunkSize)
	for {
		n, err := io.ReadFull(data, chunk)
		end := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !end {
			return cid.Undef, fmt.Errorf("computing the CID: %w", err)
		}
		if n > 0 || level == nil {
			level = append(level, newBlock(chunk[:n], nil))
		}
		if end {
			break
		}
	}
	for len(level) > 1 {
		var parents []block
		for len(level) > 0 {
			n := min(len(level), LinksPerBlock)
			parents = append(parents, newBlock(nil, level[:n]))
			level = level[n:]
		}
		level = parents
	}
	id, err := cid.Cast(level[0].multihash())
	if err != nil {
		return cid.Undef, fmt.Errorf("computing the CID: %w", err)
	}
	return id, nil
}

// block is what a parent has to know of a child.
type block struct {
	hash [sha256.Size]byte
	size uint64 // of this block and all below it, in bytes
	file uint64 // bytes of the file
}

// multihash is the block's hash with its kind and size, which is its CIDv0 too.
func (b block) multihash() []byte { return append([]byte{SHA256, sha256.Size}, b.hash[:]...) }

// The fields of the blocks' messages, and the one type of node that a file has.
const (
	nodeData, nodeLinks                             = 1, 2       // PBNode of dag-pb
	linkHash, linkName, linkSize                    = 1, 2, 3    // PBLink of dag-pb
	fileType, fileData, fileSize, fileBlocks        = 1, 2, 3, 4 // Data of UnixFS
	typeFile                                 uint64 = 2
)

// newBlock encodes a block of data or of children as dag-pb: links first, then the UnixFS
// message.
func newBlock(data []byte, children []block) block {
	b := block{file: uint64(len(data))}
	for _, child := range children {
		b.file += child.file
	}
	unixfs := number(nil, fileType, typeFile)
	if len(data) > 0 {
		unixfs = text(unixfs, fileData, data)
	}
	unixfs = number(unixfs, fileSize, b.file)
	var out []byte
	for _, child := range children {
		unixfs = number(unixfs, fileBlocks, child.file)
		link := text(text(nil, linkHash, child.multihash()), linkName, nil)
		out = text(out, nodeLinks, number(link, linkSize, child.size))
		b.size += child.size
	}
	out = text(out, nodeData, unixfs)
	b.hash, b.size = sha256.Sum256(out), b.size+uint64(len(out))
	return b
}

func number(out []byte, field protowire.Number, value uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(out, field, protowire.VarintType), value)
}

func text(out []byte, field protowire.Number, value []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(out, field, protowire.BytesType), value)
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

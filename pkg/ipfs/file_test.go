package ipfs

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/iotest"

	"github.com/ipfs/go-cid"
	"golang.org/x/crypto/chacha20"
)

// The answers of real programs: IPFS's documentation, and the tests of Kubo,
// which run `ipfs add` of its daemon (test/cli/add_test.go).
func TestFileCIDOfKubo(t *testing.T) {
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"},
		{"echo hello world", []byte("hello world\n"), "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o"},
		{"hello world", []byte("hello world"), "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD"},
		{"echo foo", []byte("foo\n"), "QmYNmQKp6SuaVrpgWRsPTgCQCnpxUYGq76YEKBXuj2N4H6"},
		{"174 chunks", keystream(t, "v0-seed", 44544<<10), "QmUbBALi174SnogsUzLpYbD4xPiBSFANF4iztWCsHbMKh2"},
		{"175 chunks", keystream(t, "v0-seed", 44800<<10), "QmepeWtdmS1hHXx1oZXsPUv6bMrfRRKfZcoPPU4eEfjnbf"},
	} {
		if got := fileCID(t, c.data); got.String() != c.want {
			t.Errorf("%s: %s, not %s", c.name, got, c.want)
		}
	}
}

// A second computation, from the formats' specifications and without boxo.
func TestFileCIDByHand(t *testing.T) {
	for _, size := range []int{
		0, 1, 127, 128, ChunkSize - 1, ChunkSize, ChunkSize + 1, 3*ChunkSize + 7, LinksPerBlock*ChunkSize + 1,
	} {
		data := keystream(t, fmt.Sprint(size), size)
		want, err := cid.Cast(append([]byte{0x12, 0x20}, byHand(data).hash...))
		if err != nil {
			t.Fatal(err)
		}
		if got := fileCID(t, data); got != want {
			t.Errorf("%d bytes: %s, not %s", size, got, want)
		}
	}
}

func TestFileCIDReads(t *testing.T) {
	data := keystream(t, "slow", 2*ChunkSize+1)
	got, err := FileCID(iotest.HalfReader(bytes.NewReader(data)))
	if want := fileCID(t, data); err != nil || got != want {
		t.Errorf("in small pieces: %s, %v, not %s", got, err, want)
	}
	broken := errors.New("broken")
	for _, read := range []int{0, 1, ChunkSize, ChunkSize + 1} {
		id, err := FileCID(io.MultiReader(bytes.NewReader(data[:read]), iotest.ErrReader(broken)))
		if !errors.Is(err, broken) || id.Defined() {
			t.Errorf("a reader that fails after %d bytes: %s, %v", read, id, err)
		}
	}
}

func BenchmarkFileCID(b *testing.B) {
	data := make([]byte, 1<<20)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := FileCID(bytes.NewReader(data)); err != nil {
			b.Fatal(err)
		}
	}
}

func fileCID(t *testing.T, data []byte) cid.Cid {
	t.Helper()
	id, err := FileCID(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// keystream makes bytes of a seed in the way in which Kubo's tests do.
func keystream(t *testing.T, seed string, size int) []byte {
	t.Helper()
	key := sha256.Sum256([]byte(seed))
	cipher, err := chacha20.NewUnauthenticatedCipher(key[:], make([]byte, chacha20.NonceSize))
	if err != nil {
		t.Fatal(err)
	}
	data := make([]byte, size)
	cipher.XORKeyStream(data, data)
	return data
}

// block is what a parent has to know of a child.
type block struct {
	hash []byte // sha2-256
	size uint64 // of this block and all below it
	file uint64 // bytes of the file
}

// byHand builds the tree from below: chunks, then parents of 174, until one is
// left.
func byHand(data []byte) block {
	var level []block
	for len(data) > 0 || level == nil {
		n := min(len(data), ChunkSize)
		level = append(level, node(data[:n], nil))
		data = data[n:]
	}
	for len(level) > 1 {
		var parents []block
		for len(level) > 0 {
			n := min(len(level), LinksPerBlock)
			parents = append(parents, node(nil, level[:n]))
			level = level[n:]
		}
		level = parents
	}
	return level[0]
}

// node writes one dag-pb block: links first, then the UnixFS message.
func node(data []byte, children []block) block {
	unixfs := field(nil, 1, 2) // Type: File
	if len(data) > 0 {
		unixfs = message(unixfs, 2, data)
	}
	b := block{file: uint64(len(data))}
	for _, child := range children {
		b.file += child.file
	}
	unixfs = field(unixfs, 3, b.file)
	var out []byte
	for _, child := range children {
		unixfs = field(unixfs, 4, child.file)
		link := message(nil, 1, append([]byte{0x12, 0x20}, child.hash...))
		link = message(link, 2, nil) // no name
		out = message(out, 2, field(link, 3, child.size))
		b.size += child.size
	}
	out = message(out, 1, unixfs)
	hash := sha256.Sum256(out)
	b.hash, b.size = hash[:], b.size+uint64(len(out))
	return b
}

func field(out []byte, number byte, value uint64) []byte {
	return binary.AppendUvarint(append(out, number<<3), value)
}

func message(out []byte, number byte, value []byte) []byte {
	out = binary.AppendUvarint(append(out, number<<3|2), uint64(len(value)))
	return append(out, value...)
}

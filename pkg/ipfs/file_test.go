package ipfs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/iotest"

	chunk "github.com/ipfs/boxo/chunker"
	"github.com/ipfs/boxo/ipld/unixfs/importer/balanced"
	"github.com/ipfs/boxo/ipld/unixfs/importer/helpers"
	"github.com/ipfs/go-cid"
	format "github.com/ipfs/go-ipld-format"
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

// What boxo gives, for files of one block, of a block of links, and of three levels.
func TestFileCIDOfBoxo(t *testing.T) {
	for _, size := range []int{
		0, 1, 127, 128, 16383, 16384, ChunkSize - 1, ChunkSize, ChunkSize + 1, 3*ChunkSize + 7,
		LinksPerBlock*ChunkSize - 1, LinksPerBlock*ChunkSize + 1, 2*LinksPerBlock*ChunkSize + 5*ChunkSize,
	} {
		data := keystream(t, fmt.Sprint(size), size)
		if got, want := fileCID(t, data), byBoxo(t, data); got != want {
			t.Errorf("%d bytes: %s, not %s", size, got, want)
		}
	}
}

// FuzzFileCID holds files of any size and content against boxo.
func FuzzFileCID(f *testing.F) {
	f.Add([]byte("x"), uint32(ChunkSize))
	f.Fuzz(func(t *testing.T, data []byte, times uint32) {
		if len(data) > 0 {
			data = bytes.Repeat(data, int(times%(3*ChunkSize))/len(data)+1)
		}
		if got, want := fileCID(t, data), byBoxo(t, data); got != want {
			t.Errorf("%d bytes: %s, not %s", len(data), got, want)
		}
	})
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

// byBoxo is what `ipfs add` does, in its own library.
func byBoxo(t *testing.T, data []byte) cid.Cid {
	t.Helper()
	// A nil CidBuilder is CIDv0 with sha2-256, and leaves are not raw.
	params := helpers.DagBuilderParams{Maxlinks: LinksPerBlock, Dagserv: discard{}}
	builder, err := params.New(chunk.NewSizeSplitter(bytes.NewReader(data), ChunkSize))
	if err != nil {
		t.Fatal(err)
	}
	root, err := balanced.Layout(builder)
	if err != nil {
		t.Fatal(err)
	}
	return root.Cid()
}

// discard takes blocks and keeps none: only the root's name is wanted.
type discard struct{ format.DAGService }

func (discard) Add(context.Context, format.Node) error       { return nil }
func (discard) AddMany(context.Context, []format.Node) error { return nil }

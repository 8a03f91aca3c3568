package publish

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/gofrs/flock"
)

// Journal keeps what a run must not do twice over the end of the process: links
// of files that were uploaded, and transactions that were signed. The chain alone
// gives the same answers; the journal saves uploads and signatures. It holds no
// secret. One process has it at a time.
type Journal struct {
	file string
	lock *flock.Flock

	mu     sync.Mutex
	links  map[string][]string
	signed []*types.Transaction
	// Lost is why what an earlier run wrote could not be read; nil when it could.
	Lost error
}

// journalFile is the form on the disk.
type journalFile struct {
	// Links are by the sha256 of the files, in hex.
	Links map[string][]string `json:"links"`
	// Transactions are signed and encoded (EIP-2718), the newest last.
	Transactions []hexutil.Bytes `json:"transactions"`
}

const (
	maxJournal = 4 << 20 // bytes
	// maxKept is how many of each kind are kept: the newest are asked for.
	maxKept = 200
)

// OpenJournal opens a journal, and waits while another process has it. A file
// that cannot be read is put aside, since nothing depends on it.
func OpenJournal(ctx context.Context, file string) (*Journal, error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, fmt.Errorf("the journal cannot be kept: %w", err)
	}
	j := &Journal{file: file, lock: flock.New(file + ".lock"), links: map[string][]string{}}
	if ok, err := j.lock.TryLockContext(ctx, 100*time.Millisecond); !ok {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, fmt.Errorf("the journal %s cannot be locked: %w", file, err)
	}
	if err := j.read(); err != nil && !errors.Is(err, fs.ErrNotExist) {
		j.Lost = err
		if err := os.Rename(file, file+".unreadable"); err != nil {
			return nil, errors.Join(fmt.Errorf("the journal cannot be kept: %w", err), j.Close())
		}
	}
	return j, nil
}

func (j *Journal) read() error {
	info, err := os.Stat(j.file)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || info.Size() > maxJournal {
		return errors.New("it is no journal")
	}
	data, err := os.ReadFile(j.file)
	if err != nil {
		return err
	}
	var stored journalFile
	if err := json.Unmarshal(data, &stored); err != nil {
		return err
	}
	for _, raw := range stored.Transactions {
		tx := new(types.Transaction)
		if err := tx.UnmarshalBinary(raw); err != nil {
			return err
		}
		j.signed = append(j.signed, tx)
	}
	maps.Copy(j.links, stored.Links)
	return nil
}

// Close lets others have the journal.
func (j *Journal) Close() error { return j.lock.Close() }

// Links are those of files that were uploaded, by their sha256 in hex.
func (j *Journal) Links() map[string][]string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return maps.Clone(j.links)
}

// KeepLink adds the link of a file with the sha256. It is on the disk when it
// returns.
func (j *Journal) KeepLink(sha256, link string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if slices.Contains(j.links[sha256], link) {
		return nil
	}
	if len(j.links) > maxKept {
		clear(j.links)
	}
	// The newest first; few hosts have the same file.
	j.links[sha256] = append([]string{link}, j.links[sha256][:min(len(j.links[sha256]), 3)]...)
	return j.write()
}

// Signed are the transactions that were signed, the newest last.
func (j *Journal) Signed() []*types.Transaction {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]*types.Transaction(nil), j.signed...)
}

// Keep adds a signed transaction. It is on the disk when it returns.
func (j *Journal) Keep(tx *types.Transaction) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.signed = append(j.signed, tx)
	if len(j.signed) > maxKept {
		j.signed = j.signed[len(j.signed)-maxKept:]
	}
	return j.write()
}

// write replaces the file, whole or not at all, and waits for the disk.
func (j *Journal) write() error {
	stored := journalFile{Links: j.links}
	for _, tx := range j.signed {
		raw, err := tx.MarshalBinary()
		if err != nil {
			return err
		}
		stored.Transactions = append(stored.Transactions, raw)
	}
	data, err := json.MarshalIndent(stored, "", "  ")
	if err != nil {
		return err
	}
	dir := filepath.Dir(j.file)
	// It has one name, so that a run that dies leaves no more than one. The lock is
	// ours alone.
	if err := os.Remove(j.file + ".draft"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	draft, err := os.OpenFile(j.file+".draft", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	_, err = draft.Write(append(data, '\n'))
	if err := errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err := os.Rename(draft.Name(), j.file); err != nil {
		return err
	}
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

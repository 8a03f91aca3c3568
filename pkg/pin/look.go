package pin

import (
	"context"
	"sync"

	"github.com/opengpu-network/templates/pkg/registry"
)

// State is what became of one reference.
type State string

// The states of references.
const (
	// Pinned: the tag still names the digest that is written.
	Pinned State = "pinned"
	// Moved: the tag names another digest now. The one that is written is
	// still there.
	Moved State = "moved"
	// TagGone: the tag is gone. The digest that is written is still there.
	TagGone State = "tag-gone"
	// Gone: the digest that is written is no longer there.
	Gone State = "gone"
	// Missing: the registry does not have the image, which is not pinned yet.
	Missing State = "missing"
	// NoPlatform: the image is there, and not for the platform.
	NoPlatform State = "no-platform"
	// Unpinned: no digest is written. It is only told of by who checks: of an
	// image that could be pinned, or that the manifest records.
	Unpinned State = "unpinned"
	// Failed: nothing is known, since the registry did not say.
	Failed State = "failed"
)

// answer is what registries say of one reference.
type answer struct {
	state State
	// current is the digest that the tag names now, empty when it names none.
	current string
	// currentErr is what is wrong with that, for example that it is not there
	// for the platform.
	currentErr error
	// err says why the state is what it is.
	err error
}

// lookups asks each registry once for each tag, digest and platform, however
// many templates name it.
type lookups struct {
	client   *registry.Client
	platform registry.Platform

	mu   sync.Mutex
	done map[string]func() (*registry.Manifest, error)
}

// get fetches a manifest and checks its platform. When only the platform is
// missing, the manifest is there as well as the error.
func (l *lookups) get(ctx context.Context, r registry.Reference) (*registry.Manifest, error) {
	key := tagKey(r) + "@" + r.Digest
	l.mu.Lock()
	once, ok := l.done[key]
	if !ok {
		once = sync.OnceValues(func() (*registry.Manifest, error) {
			m, err := l.client.Fetch(ctx, r)
			if err != nil {
				return nil, err
			}
			return m, l.client.Supports(ctx, m, l.platform)
		})
		l.done[key] = once
	}
	l.mu.Unlock()
	return once()
}

// look finds out how a reference stands.
func (l *lookups) look(ctx context.Context, r registry.Reference) answer {
	if r.Tag == "" {
		return l.lookAtDigest(ctx, r, answer{state: Pinned})
	}
	tag, _ := r.WithoutDigest()
	m, err := l.get(ctx, tag)
	a := answer{state: Pinned, currentErr: err, err: err}
	if m != nil {
		a.current = m.Digest
	}
	switch {
	case r.Digest == "":
		return a.refine(Missing)
	case m != nil && m.Digest == r.Digest:
		return a.refine(Gone)
	case m != nil:
		// What is wrong with the new image is no fault of the one that is
		// written.
		a.state, a.err = Moved, nil
		return l.lookAtDigest(ctx, r, a)
	case registry.KindOf(err) == registry.Missing:
		return l.lookAtDigest(ctx, r, answer{state: TagGone})
	default:
		return a.refine(Failed)
	}
}

// lookAtDigest looks at the digest that is written; a is the answer when that
// is fine.
func (l *lookups) lookAtDigest(ctx context.Context, r registry.Reference, a answer) answer {
	if _, err := l.get(ctx, r.ByDigest()); err != nil {
		a.err = err
		return a.refine(Gone)
	}
	return a
}

// refine makes a state of an error; missing is the state for what the registry
// does not have.
func (a answer) refine(missing State) answer {
	switch registry.KindOf(a.err) {
	case registry.Missing:
		a.state = missing
	case registry.NoPlatform:
		a.state = NoPlatform
	default:
		if a.err != nil {
			a.state = Failed
		}
	}
	return a
}

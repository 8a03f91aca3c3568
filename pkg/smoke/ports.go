package smoke

import (
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
)

// Ports are taken from below the range that systems hand out by themselves,
// and above the provider's own receiver at 20000.
const lowestPort, highestPort = 20100, 32700

// ports gives each stack of this process a port of its own.
type ports struct {
	mu    sync.Mutex
	taken map[int]bool
}

// take returns a port that is free as far as can be seen from here. Another
// program may take it before the stack does: then another is tried.
func (p *ports) take(here bool) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken == nil {
		p.taken = map[int]bool{}
	}
	for {
		port := lowestPort + rand.IntN(highestPort-lowestPort)
		if p.taken[port] {
			continue
		}
		if here {
			listener, err := net.Listen("tcp", ":"+strconv.Itoa(port))
			if err != nil {
				continue
			}
			listener.Close()
		}
		p.taken[port] = true
		return port
	}
}

func (p *ports) give(port int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.taken, port)
}

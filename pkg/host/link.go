package host

// Linker is a Host that can tell the link of a file before it is uploaded. What
// Upload returns is what counts.
type Linker interface {
	Host
	// Link is the one that the host will give to the file, as far as anybody
	// knows.
	Link(file File) string
}

// Link is the gateway's.
func (p *Pinning) Link(file File) string { return p.gateway.link(file) }

// Link is the gateway's.
func (n *IPFSNode) Link(file File) string { return n.gateway.link(file) }

// Link is that of the commit.
func (g *Git) Link(file File) string { return g.link(file) }

// Link is below the folder's URL.
func (f *Folder) Link(file File) string { return f.link(file) }

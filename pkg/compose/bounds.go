package compose

import (
	"fmt"

	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/finding"
	"go.yaml.in/yaml/v4"
)

// Limits on a compose file with all that it draws in. They are far above what a
// template needs. What is judged within them takes less than two seconds.
const (
	// maxNodes is how many nodes there may be, each file counted wherever it is included
	// and each service wherever it is extended. Compose makes six of some.
	maxNodes = 3000
	// maxSources is how many files one compose file may draw in, itself included.
	maxSources = 32
	// maxSourceBytes is how large these files may be together.
	maxSourceBytes = 512 << 10
	// maxServices is how many services there may be.
	maxServices = 500
	// maxVariables is how often variables may be used.
	maxVariables = 1000
	// maxExtends is how many services a service may be made of, one extending the
	// next.
	maxExtends = 16
	// maxPorts is how many ports the port ranges of one file may span.
	maxPorts = 200
	// maxWays is in how many ways services may depend on each other, directly
	// and through others.
	maxWays = 5000
)

// bounded is false when the files make too much together, with each file counted
// wherever it is included and each service wherever it is extended.
func (r *sources) bounded(main *source) bool {
	b := bounds{sources: r, files: map[*source]document.Size{}, services: map[*yaml.Node]document.Size{}}
	total := b.file(main)
	services, uses := 0, 0
	for _, s := range r.all {
		s.index = nil
		services += len(s.services())
		for range s.uses() {
			if uses++; uses > maxVariables {
				break
			}
		}
	}
	message := ""
	switch {
	case total.Nodes > maxNodes:
		message = fmt.Sprintf("holds more than %d nodes with all that it includes and extends", maxNodes)
	case total.Bytes > document.MaxExpandedBytes:
		message = fmt.Sprintf("holds more than %d bytes with all that it includes and extends", document.MaxExpandedBytes)
	case services > maxServices:
		message = fmt.Sprintf("has more than %d services", maxServices)
	case uses > maxVariables:
		message = fmt.Sprintf("uses variables more than %d times", maxVariables)
	default:
		return true
	}
	r.problems = append(r.problems, finding.Finding{
		Rule: ruleLimits, Message: message, Position: finding.Position{File: main.doc.File, Line: 1, Column: 1},
	})
	return false
}

// bounds remembers sizes, so that each file and each service is measured once.
type bounds struct {
	sources  *sources
	files    map[*source]document.Size
	services map[*yaml.Node]document.Size
}

// file is what a file makes with all that it draws in.
func (b *bounds) file(s *source) document.Size {
	if known, ok := b.files[s]; ok {
		return known
	}
	total := s.doc.Size()
	b.files[s] = total // while it is measured: nothing includes itself
	for _, included := range s.includes {
		total = total.Add(b.file(included))
	}
	for name := range s.services() {
		if next, base, node := b.sources.extended(s, name); node != nil && next != nil {
			total = total.Add(b.service(next, base))
		}
	}
	b.files[s] = total
	return total
}

// service is what a service makes with all that it extends.
func (b *bounds) service(s *source, name string) document.Size {
	node := s.services()[name]
	if node == nil {
		// In a file that s includes, or nowhere.
		var total document.Size
		for _, included := range s.includes {
			total = total.Add(b.service(included, name))
		}
		return total
	}
	if known, ok := b.services[node]; ok {
		return known
	}
	total := document.Measure(node)
	b.services[node] = total // while it is measured: a circle is reported elsewhere
	if next, base, at := b.sources.extended(s, name); at != nil && next != nil {
		total = total.Add(b.service(next, base))
	}
	b.services[node] = total
	return total
}

package release

import (
	"fmt"
	"maps"
	"slices"

	"github.com/opengpu-network/templates/pkg/compose"
)

// expressible says what a frozen file would not say as the template does, or
// nothing: the reader takes a provider's variables as set, and JSON writes 1e9 as
// a whole number.
func expressible(p *compose.Project) error {
	for _, v := range p.Variables {
		// A provider always sets these two.
		if v.Name == "PORT" || v.Name == "CALLBACK_URL" {
			continue
		}
		if v.Operator != "" && v.Default != "" {
			return fmt.Errorf("%s:%d: what stands in for ${%s} when it is not set would be lost: write ${%s} alone", v.File, v.Line, v.Name, v.Name)
		}
	}
	services, _ := p.Canonical["services"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(services)) {
		service, _ := services[name].(map[string]any)
		for _, key := range []string{"mem_limit", "mem_reservation", "memswap_limit", "shm_size"} {
			// Compose passes over a size such as 1e9, and sets no limit.
			if size, ok := service[key].(float64); ok {
				return fmt.Errorf("the %s of service %q is %v: write whole bytes, or text such as 512mb", key, name, size)
			}
		}
	}
	return nil
}

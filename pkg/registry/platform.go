package registry

import (
	"fmt"
	"regexp"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Platform is what an image is built for.
type Platform struct{ OS, Architecture, Variant string }

// DefaultPlatform is what templates run on unless somebody says otherwise.
var DefaultPlatform = Platform{OS: "linux", Architecture: "amd64"}

var platformPart = regexp.MustCompile(`^[a-z0-9_.-]{1,32}$`)

// ParsePlatform reads "linux/amd64" or "linux/arm/v7". The error says what to
// write.
func ParsePlatform(text string) (Platform, error) {
	parts := strings.Split(text, "/")
	for _, part := range parts {
		if !platformPart.MatchString(part) || len(parts) < 2 || len(parts) > 3 {
			return Platform{}, fmt.Errorf("%q is no platform: write one such as linux/amd64", text)
		}
	}
	p := Platform{OS: parts[0], Architecture: parts[1]}
	if len(parts) == 3 {
		p.Variant = parts[2]
	}
	return p, nil
}

func (p Platform) String() string {
	return strings.TrimSuffix(p.OS+"/"+p.Architecture+"/"+p.Variant, "/")
}

// Fits is true for a platform that says the same, and maybe more.
func (p Platform) Fits(other Platform) bool {
	return p.OS == other.OS && p.Architecture == other.Architecture && (p.Variant == "" || p.Variant == other.Variant)
}

func platformOf(p *v1.Platform) Platform {
	if p == nil {
		return Platform{}
	}
	return Platform{p.OS, p.Architecture, p.Variant}
}

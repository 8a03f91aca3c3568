package catalog

import (
	"errors"
	"strings"

	"github.com/distribution/reference"
)

// The folder with the source of a template's own service, and what must be in
// it.
const (
	ServiceDir = "service"
	Dockerfile = ServiceDir + "/Dockerfile"
)

// Limits on the service folder: it is sent to an engine to be built.
const (
	// MaxServiceFiles is how many files it may hold.
	MaxServiceFiles = 200
	// MaxServiceFileBytes is the size of its largest file.
	MaxServiceFileBytes = 8 << 20
	// MaxServiceBytes is the size of all its files together.
	MaxServiceBytes = 32 << 20
)

// Service is a service whose source is in the template's folder service.
type Service struct {
	// The image that is built from the folder, as the compose files write it; the digest may be left out.
	Image string `json:"image" jsonschema:"minLength=1,maxLength=255"`
}

// Builds is true for an image of a compose file that is built from the folder:
// its repository and tag are written alike.
func (s *Service) Builds(image string) bool {
	return s != nil && s.Image != "" && withoutDigest(image) == withoutDigest(s.Image)
}

func withoutDigest(image string) string {
	name, _, _ := strings.Cut(image, "@")
	return name
}

// parseServiceImage checks the name of an image that is to be built. The error
// says what to write.
func parseServiceImage(text string) error {
	parsed, err := reference.ParseNormalizedNamed(text)
	if _, tagged := parsed.(reference.Tagged); err != nil || !tagged {
		return errors.New("must be an image with a tag, such as opengpunetwork/document-ocr:1.0.0")
	}
	return nil
}

// inService is true for what lies below the service folder.
func inService(name string) bool { return strings.HasPrefix(name, ServiceDir+"/") }

// ServiceFiles returns the plain files of the service folder, sorted by path.
func (t *Template) ServiceFiles() []File {
	var files []File
	for _, f := range t.Files {
		if f.Kind == ServiceFile {
			files = append(files, f)
		}
	}
	return files
}

// serviceLimits counts what the service folder holds.
type serviceLimits struct {
	files int
	bytes int64
}

// add counts a file and calls report for each limit that it is the first to
// pass, with the path that it is about.
func (l *serviceLimits) add(f File, report func(name, format string, args ...any)) {
	if f.Size > MaxServiceFileBytes {
		report(f.Path, "is larger than %d bytes", MaxServiceFileBytes)
	}
	if l.files++; l.files == MaxServiceFiles+1 {
		report(ServiceDir, "holds more than %d files", MaxServiceFiles)
	}
	if before := l.bytes; before <= MaxServiceBytes {
		if l.bytes += f.Size; l.bytes > MaxServiceBytes {
			report(ServiceDir, "holds more than %d bytes", MaxServiceBytes)
		}
	}
}

package release

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/compose"
	"github.com/opengpu-network/templates/pkg/record"
)

// ReleasesFile names, in a template's folder, the digest of each version that
// was released, as a JSON object. Publishing writes it. It is a note of what is
// on the chain, and no part of a release.
const ReleasesFile = "releases.json"

const maxReleasesBytes = 1 << 20

// Released reads a template's releases; there are none without the file.
func Released(dir string) (map[string]string, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	file, err := root.Open(ReleasesFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxReleasesBytes+1))
	if err == nil && len(data) > maxReleasesBytes {
		err = fmt.Errorf("is larger than %d bytes", maxReleasesBytes)
	}
	released := map[string]string{}
	if err == nil {
		err = json.Unmarshal(data, &released)
	}
	if err != nil {
		// Whoever takes a released version for a new one gives it other bytes.
		return nil, fmt.Errorf("%s cannot be read: %w", ReleasesFile, err)
	}
	return released, nil
}

// Evidence is what stands for a release's environments besides their files.
type Evidence struct {
	Records []record.Record
	// Exceptions are the environments that need no record, each with the reason.
	Exceptions map[catalog.Environment]string
	// Released are the digests of versions that were released before.
	Released map[string]string
}

// Problems lists what keeps a release from a real network: images without a
// digest, environments without a passing smoke record of the very model on real
// hardware, and a version that was released with other bytes.
func Problems(r *Release, t *catalog.Template, projects map[catalog.Environment]*compose.Project, evidence Evidence) (problems []string) {
	for _, environment := range t.Manifest.Environments.List() {
		project := projects[environment]
		for _, service := range slices.Sorted(maps.Keys(project.Images)) {
			if image := project.Images[service]; image.Digest == "" {
				problems = append(problems, fmt.Sprintf("%s: the image %s of %q has no digest: see ogpu-tpl pin", environment, image.Reference, service))
			}
		}
		if evidence.Exceptions[environment] == "" {
			if reason := unproven(t, environment, project, evidence.Records); reason != "" {
				problems = append(problems, fmt.Sprintf("%s: %s", environment, reason))
			}
		}
	}
	for _, environment := range slices.Sorted(maps.Keys(evidence.Exceptions)) {
		if t.Manifest.Environments.Get(environment) == nil {
			problems = append(problems, fmt.Sprintf("%s: there is an exception for it, and the template does not support it", environment))
		}
	}
	if before := evidence.Released[r.Version]; before != "" && before != r.Digest {
		problems = append(problems, fmt.Sprintf("version %s was released as %s, and is %s now: give it a new version", r.Version, before, r.Digest))
	}
	return problems
}

// unproven says why no record proves an environment, or nothing.
func unproven(t *catalog.Template, environment catalog.Environment, project *compose.Project, records []record.Record) string {
	digest, err := project.Digest()
	if err != nil {
		return err.Error()
	}
	var reasons []string
	for _, r := range records {
		if r.Template != t.Name || r.Environment != environment.String() {
			continue
		}
		switch reason := objection(r, t.Manifest.Version, digest); reason {
		case "":
			return ""
		default:
			reasons = append(reasons, reason)
		}
	}
	if len(reasons) == 0 {
		return "there is no smoke record: run ogpu-tpl smoke " + t.Name + " --environment " + environment.String() + " --record FILE"
	}
	slices.Sort(reasons)
	return "no smoke record proves it: " + strings.Join(slices.Compact(reasons), "; ")
}

// environmentVendor is the maker of the GPU that an environment is about.
func environmentVendor(environment string) string {
	if environment == catalog.CPU.String() {
		return ""
	}
	return environment
}

// objection says why a record does not prove an environment, or nothing.
func objection(r record.Record, version, digest string) string {
	switch {
	case r.Status != record.Passed || r.Hardware != record.Real:
		return "the run " + string(r.Status)
	case r.Version != version:
		return "it is about version " + r.Version
	case r.Digest != digest:
		return "something in the model has changed since"
	}
	if r.Started.IsZero() || r.Engine == nil || len(r.Cases) == 0 {
		return "the record is not whole: it has no time, no engine or no cases"
	}
	if vendor := environmentVendor(r.Environment); vendor != "" && (r.Host == nil || !slices.ContainsFunc(r.Host.GPUs, func(g record.GPU) bool { return g.Vendor == vendor })) {
		return "its host has no GPU of the environment"
	}
	for _, c := range r.Cases {
		if c.Status != record.Passed {
			return "its case " + c.Name + " " + string(c.Status)
		}
	}
	for _, image := range r.Images {
		if image.Built {
			return "the image of " + image.Service + " was built on the spot, not pulled"
		}
	}
	return ""
}

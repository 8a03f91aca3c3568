package release

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/compose"
	"github.com/opengpu-network/templates/pkg/plaintext"
	"github.com/opengpu-network/templates/pkg/record"
)

// Evidence is what stands for a release's environments besides their files.
type Evidence struct {
	Records []record.Record
	// Exceptions are the environments that need no record, each with the reason.
	Exceptions map[catalog.Environment]string
	// Released are the digests of versions that were released before.
	Released map[string]string
	// Now is the time that records are held against.
	Now time.Time
}

// The limits of an exception's reason: maxReason in bytes, minLetters in letters.
const (
	maxReason  = 500
	minLetters = 10
)

// CheckReason says why a text is no reason for an exception, or nothing. Reasons
// are published, and printed by others.
func CheckReason(reason string) error {
	letters := 0
	for _, r := range reason {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	if err := plaintext.Error(reason, plaintext.Name); err != nil {
		return fmt.Errorf("the reason cannot be printed as it is: it %w", err)
	}
	switch {
	case len(reason) > maxReason:
		return fmt.Errorf("the reason is longer than %d bytes", maxReason)
	case letters < minLetters:
		return fmt.Errorf("the reason, which is published, has less than %d letters", minLetters)
	}
	return nil
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
		reason := unproven(t, environment, project, evidence)
		switch exception, ok := evidence.Exceptions[environment]; {
		case !ok && reason != "":
			problems = append(problems, fmt.Sprintf("%s: %s", environment, reason))
		case ok && reason == "":
			problems = append(problems, fmt.Sprintf("%s: there is an exception for it, and a smoke record that proves it: leave the exception out", environment))
		case ok:
			if err := CheckReason(exception); err != nil {
				problems = append(problems, fmt.Sprintf("%s: the exception cannot be published: %v", environment, err))
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
func unproven(t *catalog.Template, environment catalog.Environment, project *compose.Project, evidence Evidence) string {
	digest, err := project.Digest()
	if err != nil {
		return err.Error()
	}
	want := wanted{
		version: t.Manifest.Version, environment: environment, digest: digest, images: project.Images,
		cases: t.Manifest.SmokeCases(environment), now: evidence.Now,
	}
	var reasons []string
	for _, r := range evidence.Records {
		if r.Template != t.Name || r.Environment != environment.String() {
			continue
		}
		reason := want.objection(r)
		if reason == "" {
			return ""
		}
		reasons = append(reasons, reason)
	}
	if len(reasons) == 0 {
		return "there is no smoke record: run ogpu-tpl smoke " + t.Name + " --environment " + environment.String() + " --record FILE"
	}
	slices.Sort(reasons)
	return "no smoke record proves it: " + strings.Join(slices.Compact(reasons), "; ")
}

package release

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/compose"
	"github.com/opengpu-network/templates/pkg/record"
)

// Limits on a record's times.
const (
	// maxAhead is how far another machine's clock may be ahead.
	maxAhead = time.Hour
	// maxRun is longer than any smoke run may take, in seconds.
	maxRun = 7 * 24 * 60 * 60
)

// firstRun is before the first smoke run that there can be.
var firstRun = time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)

// wanted is what a record must be about.
type wanted struct {
	version     string
	environment catalog.Environment
	// digest is that of the model.
	digest string
	images map[string]compose.Image
	cases  []catalog.SmokeCase
	now    time.Time
}

// objection says why a record does not prove an environment, or nothing.
func (w wanted) objection(r record.Record) string {
	switch {
	case r.Status != record.Passed || r.Hardware != record.Real:
		return "the run " + string(r.Status)
	case r.Version != w.version:
		return fmt.Sprintf("it is about version %.60q", r.Version)
	case r.Digest != w.digest:
		return "something in the model has changed since"
	case r.Started.IsZero() || r.Engine == nil || len(r.Cases) == 0:
		return "the record is not whole: it has no time, no engine or no cases"
	case !w.credible(r):
		return "its times cannot be true"
	}
	if w.environment != catalog.CPU && (r.Host == nil || !slices.ContainsFunc(r.Host.GPUs, func(g record.GPU) bool { return g.Vendor == w.environment.String() })) {
		return "its host has no GPU of the environment"
	}
	if reason := w.casesMissed(r.Cases); reason != "" {
		return reason
	}
	return w.imagesMissed(r.Images)
}

// credible is false for a run of the future, or of before there was any.
func (w wanted) credible(r record.Record) bool {
	for _, seconds := range []float64{r.Times.Build, r.Times.Pull, r.Times.Ready} {
		if seconds < 0 || seconds > r.Times.Total {
			return false
		}
	}
	for _, c := range r.Cases {
		if c.Seconds < 0 || c.Seconds > r.Times.Total {
			return false
		}
	}
	if r.Times.Total <= 0 || r.Times.Total > maxRun || r.Started.Before(firstRun) {
		return false
	}
	end := r.Started.Add(time.Duration(r.Times.Total * float64(time.Second)))
	return !end.After(w.now.Add(maxAhead))
}

// casesMissed says which of the template's cases did not pass, or nothing.
func (w wanted) casesMissed(cases []record.Case) string {
	passed := map[string]bool{}
	for _, c := range cases {
		if c.Status != record.Passed {
			return fmt.Sprintf("its case %.60q did not pass: %.20q", c.Name, c.Status)
		}
		passed[c.Name+"\x00"+c.Function] = true
	}
	for _, c := range w.cases {
		if !passed[c.Name+"\x00"+c.Function] {
			return "it does not have the case " + c.Name
		}
	}
	return ""
}

// imagesMissed says which service ran something else than its pinned image, or
// nothing. An image without a digest is a problem of its own.
func (w wanted) imagesMissed(images []record.Image) string {
	ran := map[string]record.Image{}
	for _, image := range images {
		if _, twice := ran[image.Service]; twice {
			return fmt.Sprintf("it has two images of %.60q", image.Service)
		}
		ran[image.Service] = image
	}
	for _, service := range slices.Sorted(maps.Keys(w.images)) {
		switch image, ok := ran[service]; {
		case !ok:
			return "it does not say which image " + service + " ran"
		case image.Built:
			return "the image of " + service + " was built on the spot, not pulled"
		case image.Digest != w.images[service].Digest && w.images[service].Digest != "":
			return service + " ran an image with another digest"
		}
	}
	return ""
}

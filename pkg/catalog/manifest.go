package catalog

import (
	"time"

	"github.com/Masterminds/semver/v3"
)

//go:generate go test . -run TestTemplateSchema -update

// Manifest is a template's template.yaml: all that a source needs, and all
// that a reviewer asks.
//
// The struct tags and comments of this package are the JSON Schema of the
// manifest: run `go generate ./pkg/catalog` after a change.
type Manifest struct {
	// The template's name. It is also the name of its folder.
	Name string `json:"name" jsonschema:"minLength=2,maxLength=60,pattern=^[a-z0-9]+(-[a-z0-9]+)*$"`
	// The template's semantic version, such as 1.0.0. Any change that a provider could notice needs a new one.
	Version string `json:"version" jsonschema:"minLength=5,maxLength=64,pattern=^(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?(\\+[0-9A-Za-z.-]+)?$"`
	// The name that people see.
	Title string `json:"title" jsonschema:"minLength=3,maxLength=60"`
	// What the template does, in one or two sentences. It becomes the source's description.
	Description string `json:"description" jsonschema:"minLength=1,maxLength=500"`
	// The logo's path in the template's folder: an SVG or PNG file.
	Logo string `json:"logo,omitempty" jsonschema:"minLength=1,maxLength=200"`
	// The license of the template's own files, as an SPDX expression such as Apache-2.0.
	License string `json:"license" jsonschema:"maxLength=100,pattern=^[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*$"`
	// A page with more about the template or its model.
	Homepage string `json:"homepage,omitempty" jsonschema:"format=uri,maxLength=300,pattern=^https://"`
	// Who answers for the template.
	Maintainers []Maintainer `json:"maintainers" jsonschema:"minItems=1,maxItems=20"`
	// Words to find the template by, in lower case.
	Keywords []string `json:"keywords,omitempty" jsonschema:"uniqueItems=true,maxItems=20,minLength=2,maxLength=40,pattern=^[a-z0-9]+(-[a-z0-9]+)*$"`
	// The terms that go on the chain.
	Terms Terms `json:"terms"`
	// The environments that the template supports. Each has its file compose/<environment>.yml.
	Environments Environments `json:"environments"`
	// The functions that the template's handler exposes, by name.
	Functions map[string]Function `json:"functions"`
	// What a user may set before publishing, by name. A compose file is public: a secret is no parameter.
	Parameters map[string]Parameter `json:"parameters,omitempty"`
	// The service whose source is in the folder service, when the template has its own.
	Service *Service `json:"service,omitempty"`
	// How the template is tried before it is published.
	Smoke *Smoke `json:"smoke,omitempty"`
	// The images whose digest is not known yet. Publishing to a real network refuses them.
	Unpinned []Unpinned `json:"unpinned,omitempty" jsonschema:"maxItems=50"`
	// Findings that are accepted for a time, each with its reason.
	Waivers []Waiver `json:"waivers,omitempty" jsonschema:"maxItems=50"`
}

// Maintainer is somebody who answers for a template.
type Maintainer struct {
	// The name of a person or an organisation.
	Name string `json:"name" jsonschema:"minLength=2,maxLength=100"`
	// An address that is answered.
	Email string `json:"email,omitempty" jsonschema:"format=email,maxLength=200"`
	// An account on GitHub, without the @.
	GitHub string `json:"github,omitempty" jsonschema:"maxLength=39,pattern=^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$"`
}

// Terms are the numbers that go on the chain when the template is published.
type Terms struct {
	// The least that a task must pay, as an exact decimal amount of OGPU, such as "0.001".
	MinPayment Amount `json:"minPayment"`
	// The least lockup that a provider must have available, as an exact decimal amount of OGPU.
	MinAvailableLockup Amount `json:"minAvailableLockup"`
	// How far ahead a task may expire, in seconds.
	MaxExpiryDuration int64 `json:"maxExpiryDuration" jsonschema:"minimum=1,maximum=315360000"`
	// How a response is accepted: MANUAL_CONFIRMATION (the client accepts one) or FIRST_RESPONSE (the first one wins).
	DeliveryMethod DeliveryMethod `json:"deliveryMethod"`
	// The privacy flag of the protocol. Nothing in today's SDK encrypts anything, so it should be false.
	PrivacyEnabled bool `json:"privacyEnabled,omitempty"`
}

// Environments holds what the manifest says of each environment. It is nil
// for those that the template does not support.
type Environments struct {
	// Providers without a GPU, or with one that is not used.
	CPU *EnvironmentSpec `json:"cpu,omitempty"`
	// Providers with an NVIDIA GPU.
	NVIDIA *EnvironmentSpec `json:"nvidia,omitempty"`
	// Providers with an AMD GPU.
	AMD *EnvironmentSpec `json:"amd,omitempty"`
}

// Get returns what the manifest says of an environment, or nil.
func (e Environments) Get(environment Environment) *EnvironmentSpec {
	switch environment {
	case CPU:
		return e.CPU
	case NVIDIA:
		return e.NVIDIA
	case AMD:
		return e.AMD
	default:
		return nil
	}
}

// List returns the environments that the manifest states, in the order cpu,
// nvidia, amd.
func (e Environments) List() []Environment {
	var stated []Environment
	for _, environment := range AllEnvironments() {
		if e.Get(environment) != nil {
			stated = append(stated, environment)
		}
	}
	return stated
}

// EnvironmentSpec is what a template needs of a provider in one environment.
type EnvironmentSpec struct {
	// The hardware that the whole stack needs.
	Hardware Hardware `json:"hardware"`
}

// Hardware is what a provider's machine must have free. A zero field is not
// stated.
type Hardware struct {
	// Memory of the GPU, such as 12GiB.
	VRAM Size `json:"vram,omitempty"`
	// Main memory, such as 16GiB.
	RAM Size `json:"ram,omitempty"`
	// Disk space for images, volumes and models, such as 40GiB.
	Disk Size `json:"disk,omitempty"`
	// CPU cores; may be a fraction.
	CPUs float64 `json:"cpus,omitempty" jsonschema:"exclusiveMinimum=0,maximum=1024"`
	// The least CUDA compute capability, such as "7.0" (NVIDIA only).
	ComputeCapability string `json:"computeCapability,omitempty" jsonschema:"maxLength=8,pattern=^[1-9][0-9]?\\.[0-9]$"`
	// The oldest driver that works, such as "525.60.13" (NVIDIA only).
	Driver string `json:"driver,omitempty" jsonschema:"maxLength=32,pattern=^[1-9][0-9]*(\\.[0-9]+)+$"`
	// The GPU targets that work, such as gfx1100 (AMD only).
	GFX []string `json:"gfx,omitempty" jsonschema:"minItems=1,maxItems=50,uniqueItems=true,maxLength=10,pattern=^gfx[0-9a-f]+$"`
}

// Function is one function that a template's handler exposes.
type Function struct {
	// What the function does.
	Description string `json:"description" jsonschema:"minLength=1,maxLength=500"`
	// The JSON Schema of a task's data.
	Input map[string]any `json:"input"`
	// The JSON Schema of the result.
	Output map[string]any `json:"output"`
	// One task and its result. Both must fit the schemas.
	Example Example `json:"example"`
}

// Example is one task's data and what comes back for it.
type Example struct {
	// A task's data.
	Input any `json:"input"`
	// The result.
	Output any `json:"output"`
}

// Unpinned records an image whose digest nobody knows yet.
type Unpinned struct {
	// The image exactly as the compose files write it.
	Image string `json:"image" jsonschema:"minLength=1,maxLength=255"`
	// Why its digest is not known.
	Reason string `json:"reason" jsonschema:"minLength=10,maxLength=500"`
}

// Waiver accepts the findings of one rule until a date.
type Waiver struct {
	// The id of the rule, such as trust/root-user.
	Rule string `json:"rule" jsonschema:"maxLength=100,pattern=^[a-z0-9-]+(/[a-z0-9-]+)+$"`
	// The environment that it is for; all of them when absent.
	Environment string `json:"environment,omitempty" jsonschema:"enum=cpu,enum=nvidia,enum=amd"`
	// The service that it is for; all of them when absent.
	Service string `json:"service,omitempty" jsonschema:"maxLength=100,pattern=^[a-zA-Z0-9._-]+$"`
	// Why the finding is acceptable here.
	Reason string `json:"reason" jsonschema:"minLength=10,maxLength=500"`
	// The last day on which the waiver holds, as YYYY-MM-DD in UTC.
	Expires string `json:"expires" jsonschema:"format=date"`
}

// ExpiredAt is true after the waiver's last day, and when that day cannot be
// read: a waiver that nobody understands waives nothing.
func (w Waiver) ExpiredAt(now time.Time) bool {
	last, err := time.Parse(time.DateOnly, w.Expires)
	return err != nil || !now.Before(last.AddDate(0, 0, 1))
}

// ParseVersion reads a semantic version strictly: three numbers, no leading v.
func ParseVersion(text string) (*semver.Version, error) { return semver.StrictNewVersion(text) }

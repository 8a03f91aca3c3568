// Package record is the vocabulary of smoke runs: what was run, on what, how it
// went. A record is made by a smoke run, printed by a report, and asked for
// before a template is published. It knows nothing of Docker.
package record

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/opengpu-network/templates/pkg/strictjson"
)

// Schema names the form of a record file. It changes when a reader of the old
// form would misread the new one.
const Schema = "ogpu-tpl/smoke-record/v1"

// MaxBytes is the size up to which a record file is read, in bytes.
const MaxBytes = 16 << 20

// File is what `ogpu-tpl smoke --record` writes.
type File struct {
	Schema string `json:"schema"`
	// Tool is the version of the program that wrote it.
	Tool    string   `json:"tool"`
	Records []Record `json:"records"`
}

// Status is how a run ended.
type Status string

const (
	// Passed is a run on the real hardware of its environment in which all was
	// as it should be, and shown to be. No other status counts as a pass.
	Passed Status = "passed"
	// Failed is a run in which something was not as it should be.
	Failed Status = "failed"
	// Skipped is a run that did not take place, for the reason in the record.
	Skipped Status = "skipped"
	// Emulated is a run without the GPU that the environment is about, in which
	// all else was as it should be.
	Emulated Status = "emulated"
	// Pretended is a run with a GPU that only the engine claims to have, in
	// which all else was as it should be. The tool's own tests make such runs.
	Pretended Status = "pretended"
)

// Hardware modes: what stood for the environment's hardware.
const (
	// Real hardware, which the host's kernel knows.
	Real = "real"
	// None: the GPU request was taken out of the model.
	None = "emulated"
	// Claimed by the engine, but unknown to the host's kernel.
	Claimed = "pretended"
)

// Record is one run of one template in one environment.
type Record struct {
	Template    string `json:"template"`
	Version     string `json:"version"`
	Environment string `json:"environment"`
	// Digest is the sha256 of the resolved compose model, as "sha256:<hex>".
	// The same template has the same digest on every machine.
	Digest string `json:"digest,omitempty"`
	Status Status `json:"status"`
	// Hardware is "real", "emulated" or "pretended".
	Hardware string `json:"hardware,omitempty"`
	// Reason says why a run was skipped.
	Reason string `json:"reason,omitempty"`

	Started time.Time `json:"started"`
	Engine  *Engine   `json:"engine,omitempty"`
	Host    *Host     `json:"host,omitempty"`
	Images  []Image   `json:"images,omitempty"`
	Cases   []Case    `json:"cases,omitempty"`
	Times   Times     `json:"times"`
	Peak    Peak      `json:"peak"`
	// Compared is true when the containers were held against the model, whatever
	// came of it. A run that ended before has not shown what it ran.
	Compared bool `json:"compared,omitempty"`
	// Failures are all that went wrong, in the order in which it was seen.
	Failures []Failure `json:"failures,omitempty"`
	// Notes are worth knowing and no failures.
	Notes []string `json:"notes,omitempty"`
	// Services is how each container ended up, when the run failed.
	Services []Service `json:"services,omitempty"`
	// Kept says how to reach and remove a stack that was left up.
	Kept *Kept `json:"kept,omitempty"`
}

// Engine is the Docker engine that ran it.
type Engine struct {
	Version    string `json:"version"`
	APIVersion string `json:"apiVersion"`
	OS         string `json:"os"`
	Arch       string `json:"arch"`
	Kernel     string `json:"kernel,omitempty"`
	// Remote is true when callbacks and tasks went through a relay.
	Remote bool `json:"remote"`
}

// Host is the machine that the engine runs on.
type Host struct {
	CPUs int `json:"cpus"`
	// Memory in bytes.
	Memory int64 `json:"memory"`
	GPUs   []GPU `json:"gpus,omitempty"`
}

// GPU is one GPU of the host.
type GPU struct {
	// Vendor is "nvidia" or "amd".
	Vendor string `json:"vendor"`
	Name   string `json:"name"`
	// Memory in bytes; 0 when unknown.
	Memory int64 `json:"memory,omitempty"`
	// Driver is the version of the driver.
	Driver string `json:"driver,omitempty"`
	// Architecture is the CUDA compute capability ("9.0") or the gfx target
	// ("gfx1100").
	Architecture string `json:"architecture,omitempty"`
}

// Image is what one service ran.
type Image struct {
	Service   string `json:"service"`
	Reference string `json:"reference"`
	// ID is by what the engine knows the image: the digest of its configuration, or of
	// its manifest or index where containerd's store keeps it.
	ID string `json:"id"`
	// Digest is the one of the manifest or index that the engine has under the name of
	// the image's repository. It is empty where there is none: engines without
	// containerd's store have it of what was pulled or pushed only.
	Digest string `json:"digest,omitempty"`
	// Size is what the engine says that it takes, in bytes: unpacked, and where
	// containerd's store keeps it, packed as well.
	Size int64 `json:"size"`
	// Built is true when the image was built from the template's service folder.
	Built bool `json:"built,omitempty"`
}

// Case is one task that was sent, or would have been.
type Case struct {
	Name     string `json:"name"`
	Function string `json:"function"`
	// Status is Passed, Failed or Skipped (not reached).
	Status Status `json:"status"`
	// Seconds from sending the task to its result, or to its refusal.
	Seconds float64 `json:"seconds"`
}

// Times are in seconds; 0 is not reached.
type Times struct {
	// Build is for images of the template's own service.
	Build float64 `json:"build,omitempty"`
	Pull  float64 `json:"pull,omitempty"`
	// Ready is from the start of the stack until it serves.
	Ready float64 `json:"ready,omitempty"`
	// Total is the whole run, taking down included.
	Total float64 `json:"total"`
}

// Peak is the most that the stack took at any time it was looked at, in bytes.
type Peak struct {
	Memory int64 `json:"memory,omitempty"`
	// VRAM is what was taken on the GPUs since before the start.
	VRAM int64 `json:"vram,omitempty"`
	// MemoryStated and VRAMStated are what the manifest says that it needs.
	MemoryStated int64 `json:"memoryStated,omitempty"`
	VRAMStated   int64 `json:"vramStated,omitempty"`
	// Disk is what images and containers take where each layer is a copy, as the storage
	// driver vfs makes it, and DiskStated what the manifest says.
	Disk       int64 `json:"disk,omitempty"`
	DiskStated int64 `json:"diskStated,omitempty"`
}

// Failure is one thing that went wrong.
type Failure struct {
	// Kind is one of the words in docs/smoke.md, such as "no-callback".
	Kind string `json:"kind"`
	// Message says what happened, in one sentence.
	Message string `json:"message"`
	// Remedy says what to do.
	Remedy  string `json:"remedy,omitempty"`
	Service string `json:"service,omitempty"`
	Case    string `json:"case,omitempty"`
}

// Service is how a container ended up.
type Service struct {
	Name string `json:"name"`
	// State is the engine's word with the particulars, such as
	// "exited (137), out of memory".
	State string `json:"state"`
	// Log are its last lines, oldest first.
	Log []string `json:"log,omitempty"`
}

// Kept says where a stack that was left up is.
type Kept struct {
	Project string `json:"project"`
	URL     string `json:"url"`
	Remove  string `json:"remove"`
}

// Read reads a record file. It refuses what could be read in two ways, such as a
// key that stands twice.
func Read(data []byte) (File, error) {
	var file File
	if len(data) > MaxBytes {
		return File{}, fmt.Errorf("the record is larger than %d bytes", MaxBytes)
	}
	if err := strictjson.Unmarshal(data, &file); err != nil {
		return File{}, fmt.Errorf("the record cannot be read: %w", err)
	}
	if file.Schema != Schema {
		return File{}, fmt.Errorf("the record has the form %q, not %q: write it anew with this version of ogpu-tpl", file.Schema, Schema)
	}
	for _, r := range file.Records {
		if !slices.Contains([]Status{Passed, Failed, Skipped, Emulated, Pretended}, r.Status) {
			return File{}, fmt.Errorf("the record of %s (%s) has the unknown status %q", r.Template, r.Environment, r.Status)
		}
		if r.Status == Passed && (r.Hardware != Real || !r.Compared || len(r.Failures) > 0) {
			return File{}, errors.New("the record contradicts itself: a run passes on real hardware, with its containers compared, and without failures only")
		}
	}
	return file, nil
}

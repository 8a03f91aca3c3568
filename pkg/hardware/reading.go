package hardware

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/moby/moby/client"
)

// Reading is what nvidia-smi says of one GPU.
type Reading struct {
	UUID string
	Name string
	// Total and Used are memory in bytes.
	Total, Used int64
	// Driver is the driver's version.
	Driver string
	// ComputeCapability is such as "9.0"; empty when the driver is too old to tell.
	ComputeCapability string
}

// Baseline reads all GPUs that the request gives once: do it before the stack
// starts. Errors with ErrUntold mean that it cannot be known; others, that the
// engine failed or, with ErrLie, that what was printed is nothing that nvidia-smi
// prints.
func (p Probe) Baseline(ctx context.Context, api client.APIClient) ([]Reading, error) {
	late := fmt.Errorf("%w: nvidia-smi did not end within %s", ErrUntold, readLimit)
	ctx, cancel := context.WithTimeoutCause(ctx, readLimit, late)
	defer cancel()
	const fields = "uuid,name,memory.total,memory.used,driver_version"
	readings, said, err := p.query(ctx, api, fields+",compute_cap", 6)
	if err != nil && strings.Contains(said, "compute_cap") {
		// A driver before 510 does not know that field.
		readings, _, err = p.query(ctx, api, fields, 5)
	}
	if err != nil && context.Cause(ctx) == late {
		return nil, late
	}
	return readings, err
}

func (p Probe) query(ctx context.Context, api client.APIClient, fields string, columns int) ([]Reading, string, error) {
	stdout, stderr := &bounded{max: maxRound}, &bounded{max: maxRound}
	status, err := p.run(ctx, api, stdout, stderr, "--query-gpu="+fields, "--format=csv,noheader,nounits")
	if err != nil {
		return nil, "", err
	}
	said := string(stdout.data) + string(stderr.data)
	if status != 0 {
		return nil, said, fmt.Errorf("%w: nvidia-smi ended with status %d: %s", ErrUntold, status, cleanTo(said, maxMessage))
	}
	readings, err := parseReadings(string(stdout.data), columns)
	return readings, said, err
}

var (
	driverVersion = regexp.MustCompile(`^\d{1,4}(\.\d{1,4}){1,3}$`)
	capability    = regexp.MustCompile(`^\d{1,2}\.\d$`)
)

func parseReadings(text string, columns int) ([]Reading, error) {
	var readings []Reading
	seen := map[string]bool{}
	for line := range strings.Lines(text) {
		reading, err := parseReading(strings.TrimSuffix(line, "\n"), columns)
		if err != nil {
			return nil, err
		}
		if seen[reading.UUID] || len(readings) == maxGPUs {
			return nil, lie("it lists a GPU twice, or more than %d", maxGPUs)
		}
		seen[reading.UUID] = true
		readings = append(readings, reading)
	}
	if len(readings) == 0 {
		return nil, lie("it lists no GPU")
	}
	return readings, nil
}

func parseReading(line string, columns int) (Reading, error) {
	values, err := parseLine(line, columns)
	if err != nil {
		return Reading{}, err
	}
	r := Reading{UUID: values[0], Name: clean(values[1]), Driver: values[4]}
	if r.Name == "" || r.Name != values[1] {
		return Reading{}, lie("%q is no name", clean(values[1]))
	}
	if r.Total, err = mebibytes(values[2]); err != nil {
		return Reading{}, err
	}
	if r.Used, err = mebibytes(values[3]); err != nil {
		return Reading{}, err
	}
	if r.Used > r.Total {
		return Reading{}, lie("more memory is used than there is")
	}
	if !driverVersion.MatchString(r.Driver) {
		return Reading{}, lie("%q is no driver version", clean(r.Driver))
	}
	if columns == 6 {
		if r.ComputeCapability = values[5]; !capability.MatchString(r.ComputeCapability) {
			return Reading{}, lie("%q is no compute capability", clean(r.ComputeCapability))
		}
	}
	return r, nil
}

// parseLine splits one line, of which the first value is a GPU's UUID.
func parseLine(line string, columns int) ([]string, error) {
	if len(line) > maxLine {
		return nil, lie("a line is longer than %d bytes", maxLine)
	}
	values := strings.Split(line, ", ")
	if len(values) != columns {
		return nil, lie("a line has %d columns in place of %d", len(values), columns)
	}
	if !gpuUUID.MatchString(values[0]) {
		return nil, lie("%q is no UUID of a GPU", clean(values[0]))
	}
	return values, nil
}

// maxMebibytes is 64 TiB, more than any GPU has.
const maxMebibytes = 64 << 20

func mebibytes(text string) (int64, error) {
	// What a GPU does not tell stands in brackets, such as [N/A] of one that is
	// divided into MIG instances or that shares the host's memory.
	if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
		return 0, fmt.Errorf("%w: the driver says %s", ErrUntold, clean(text))
	}
	// ParseUint takes digits only: no sign, no NaN, no exponent.
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil || n > maxMebibytes {
		return 0, lie("%q is no size in MiB", clean(text))
	}
	return int64(n) << 20, nil
}

// ErrLie is in the chain of errors that say that a program which calls itself
// nvidia-smi prints what that one never prints.
var ErrLie = errors.New("what nvidia-smi printed cannot be believed")

func lie(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrLie}, args...)...)
}

// Contradicts holds readings against what the host's kernel says: an error says which
// GPU or driver the kernel does not know. It cannot be checked further: an image
// that knows the host's GPUs could still lie about their memory.
func Contradicts(readings []Reading, facts Facts) error {
	for _, r := range readings {
		if facts.NVIDIA.Version != r.Driver {
			return lie("it names the driver %s, the host's kernel has %s", r.Driver, or(facts.NVIDIA.Version, "none"))
		}
		if !knows(facts.NVIDIA.GPUs, r.UUID) {
			return lie("it lists the GPU %s, which the host's kernel does not know", r.UUID)
		}
	}
	return nil
}

// knows reports whether one of the GPUs has the UUID. A GPU whose UUID the kernel
// does not tell yet may be any.
func knows(gpus []GPU, uuid string) bool {
	for _, g := range gpus {
		if g.UUID == uuid || g.UUID == "" {
			return true
		}
	}
	return false
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// missingProgram recognizes the runtimes' words for a program that an image
// does not have, or cannot load.
func missingProgram(text string) bool {
	for _, words := range []string{"executable file not found", "no such file or directory", "exec format error"} {
		if strings.Contains(text, words) && strings.Contains(text, "nvidia-smi") {
			return true
		}
	}
	return false
}

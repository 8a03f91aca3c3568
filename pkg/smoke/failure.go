package smoke

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/opengpu-network/templates/pkg/engine"
	"github.com/opengpu-network/templates/pkg/record"
)

// The kinds of failures: what can go wrong, told apart.
const (
	EngineUnreachable  = engine.Unreachable
	EngineTooOld       = engine.TooOld
	EngineLost         = "engine-lost"
	BuildFailed        = "build-failed"
	ImageMissing       = "image-missing"
	ImageUnpullable    = "image-unpullable"
	DiskFull           = "disk-full"
	StartFailed        = "start-failed"
	Exited             = "exited"
	Restarting         = "restarting"
	Unhealthy          = "unhealthy"
	NotReady           = "not-ready"
	OutOfMemory        = "out-of-memory"
	LogFlood           = "log-flood"
	NotListening       = "not-listening"
	NotServing         = "not-serving"
	TaskRefused        = "task-refused"
	TaskUnknown        = "task-unknown"
	TaskRejected       = "task-rejected"
	TaskError          = "task-error"
	TaskAnswer         = "task-answer"
	NotRejected        = "not-rejected"
	NoCallback         = "no-callback"
	CallbackLate       = "callback-late"
	CallbackTwice      = "callback-twice"
	CallbackStray      = "callback-stray"
	CallbackBroken     = "callback-broken"
	CallbackTooLarge   = "callback-too-large"
	CallbackUnexpected = "callback-unexpected"
	ResultUnfit        = "result-unfit"
	Differs            = "differs"
	MemoryOver         = "memory-over"
	VRAMOver           = "vram-over"
	DiskOver           = "disk-over"
	GPUUnused          = "gpu-unused"
	HostUnfit          = "host-unfit"
	Required           = "required"
	TimeOut            = "time-out"
	Interrupted        = "interrupted"
	LeftOver           = "left-over"
	Harness            = "harness"
	Lint               = "lint"
)

// remedies say what to do about each kind.
var remedies = map[string]string{
	EngineLost:         "See why the engine stopped, and run again. What is left of this run is removed when the next one starts.",
	BuildFailed:        "Make `docker build` work in the template's service folder.",
	ImageMissing:       "Correct the image's name, tag or digest, or push the image.",
	ImageUnpullable:    "Check the engine's network and `docker login`, then run again.",
	DiskFull:           "Free disk space on the engine's host, for example with `docker system prune`, or state more `disk` in the manifest.",
	StartFailed:        "See the engine's message; the containers' states below say how far it came.",
	Exited:             "See the service's log below. A service that is meant to end must be waited for with `service_completed_successfully`.",
	Restarting:         "See the service's log below for why it ends.",
	Unhealthy:          "See what the health check printed, and whether its `start_period` is long enough.",
	NotReady:           "Find what it waits for in the log below, or raise `smoke.ready` in the manifest.",
	OutOfMemory:        "Raise the service's memory limit and the manifest's `ram`, or make it need less.",
	LogFlood:           "Make the service log less: a provider keeps its logs on disk.",
	NotListening:       "Make the service listen on 0.0.0.0, port 5555, and publish it as \"${PORT}:5555\".",
	NotServing:         "Make GET /openapi.json answer 200 once the service takes tasks.",
	TaskRefused:        "See the service's log below: it stopped listening.",
	TaskUnknown:        "Make the service answer POST /run/{function}/{task_address} for each function of the manifest.",
	TaskRejected:       "Make the case's input fit what the service takes, or correct the function's input schema.",
	TaskError:          "See the service's log below.",
	TaskAnswer:         "Answer 202 with {\"task_address\": …, \"status\": \"accepted\"}.",
	NotRejected:        "Make the service check its input: what does not fit must be answered 422.",
	NoCallback:         "See the service's log below. The result goes to POST {CALLBACK_URL}/{task_address}; a firewall must let containers reach their host.",
	CallbackLate:       "Make it faster, or raise the case's `timeout`.",
	CallbackTwice:      "Send the result once.",
	CallbackStray:      "Send the result to the address of the task that it answers.",
	CallbackBroken:     "Send the result as one JSON value.",
	CallbackTooLarge:   "Send less: put large results elsewhere and send a link.",
	CallbackUnexpected: "Send nothing for a task that was refused.",
	ResultUnfit:        "Correct the service, the case or the function's output schema.",
	Differs:            "Something changed the stack on its way to the engine. Do not trust this run.",
	MemoryOver:         "State more `ram` in the manifest, or make the stack need less.",
	VRAMOver:           "State more `vram` in the manifest, or make the stack need less.",
	DiskOver:           "State more `disk` in the manifest, or make the image of fewer and smaller layers.",
	GPUUnused:          "Check that the program uses the GPU: often it falls back to the CPU in silence.",
	HostUnfit:          "Run it on a host that has what the manifest asks for.",
	Required:           "Run it on a host with that hardware, or leave out --require.",
	TimeOut:            "Give it more time with --timeout.",
	Interrupted:        "Run it again.",
	LeftOver:           "Remove it with `docker rm -f` and `docker volume rm`; the next run tries again, too.",
	Lint:               "Correct it, see `ogpu-tpl lint`. What lint refuses is not run.",
	Harness:            "This is a fault of ogpu-tpl or of its engine, not of the template.",
}

// Remedy says what to do about a kind of failure.
func Remedy(kind string) string { return remedies[kind] }

// Kinds lists all kinds of failures.
func Kinds() []string {
	kinds := []string{EngineUnreachable, EngineTooOld}
	for kind := range remedies {
		kinds = append(kinds, kind)
	}
	return kinds
}

// failure is one thing that went wrong, as an error.
type failure record.Failure

func (f *failure) Error() string { return f.Message }

// fail makes a failure of a kind.
func fail(kind, format string, args ...any) *failure {
	return &failure{Kind: kind, Message: fmt.Sprintf(format, args...), Remedy: remedies[kind]}
}

func (f *failure) of(service string) *failure { f.Service = service; return f }

func (f *failure) inCase(name string) *failure { f.Case = name; return f }

// Unasked is the failure of a run whose hardware could not be found out.
func Unasked(ctx context.Context, err error) record.Failure {
	return record.Failure(*asFailure(ctx, err, "asking the engine about its hardware"))
}

// asFailure gives any error its kind. What is no failure already is the
// engine's error while doing something.
func asFailure(ctx context.Context, err error, doing string) *failure {
	var known *failure
	if errors.As(err, &known) || errors.As(context.Cause(ctx), &known) {
		copied := *known // the cause of a context is shared
		return &copied
	}
	switch text := err.Error(); {
	case strings.Contains(text, "no space left on device"):
		return fail(DiskFull, "the disk of the engine's host is full: %s", text)
	case isLost(err):
		return fail(EngineLost, "the engine went away while %s: %s", doing, text)
	case ctx.Err() != nil:
		return fail(Interrupted, "interrupted while %s", doing)
	default:
		return fail(StartFailed, "%s failed: %s", doing, text)
	}
}

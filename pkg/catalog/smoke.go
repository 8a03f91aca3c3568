package catalog

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// The limits of a smoke run, and what holds when the manifest says nothing.
const (
	DefaultReady   = Duration(10 * time.Minute)
	MaxReady       = Duration(2 * time.Hour)
	DefaultTimeout = Duration(time.Minute)
	MaxTimeout     = Duration(time.Hour)
	MaxSmokeCases  = 50
)

// The answers to a task: a service accepts it, or refuses its data.
const (
	StatusAccepted = 202
	StatusRefused  = 422
)

// exampleCase starts the name of a case that is made of a function's example.
const exampleCase = "example-"

// Smoke says how the template is tried before it is published.
type Smoke struct {
	// How long the stack may take from its start until it serves, such as 10m, which is the default; 2h at most.
	Ready Duration `json:"ready,omitempty"`
	// The tasks that are sent. A function for which none must be accepted is tried with its example.
	Cases []SmokeCase `json:"cases,omitempty" jsonschema:"maxItems=50"`
}

// SmokeCase is one task that is sent to the running template.
type SmokeCase struct {
	// The case's name, for reports.
	Name string `json:"name" jsonschema:"maxLength=60,pattern=^[a-z0-9]+(-[a-z0-9]+)*$"`
	// The function that the task is for.
	Function string `json:"function" jsonschema:"minLength=1,maxLength=64"`
	// The environments that the case is for; all of them when absent.
	Environments []string `json:"environments,omitempty" jsonschema:"minItems=1,uniqueItems=true,enum=cpu,enum=nvidia,enum=amd"`
	// The task's data.
	Input any `json:"input"`
	// How long the result may take from when the task is sent, such as 30s; 1m when absent, 1h at most.
	Timeout Duration `json:"timeout,omitempty"`
	// What must come back. The function's output schema must be met in any case.
	Expect Expect `json:"expect,omitzero"`
}

// Expect is what must come back for a task.
type Expect struct {
	// The answer: 202 when the task must be accepted, which is the default, or 422 when its data must be refused.
	Status int `json:"status,omitempty" jsonschema:"enum=202,enum=422"`
	// A JSON Schema that the result must fit, beside the function's output schema.
	Schema map[string]any `json:"schema,omitempty"`
	// Exactly what the result must be.
	Equals JSONValue `json:"equals,omitzero"`
	// What the result must include: of an object each member given here, of a list each entry in its place.
	Includes JSONValue `json:"includes,omitzero"`
}

// JSONValue is a JSON value that may be absent. Null is a value like any other.
type JSONValue struct {
	// Given is false when there is no value.
	Given bool
	// JSON is the value as map[string]any, []any, string, int, float64, bool or
	// nil.
	JSON any
}

// UnmarshalJSON reads any JSON value.
func (v *JSONValue) UnmarshalJSON(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&v.JSON); err != nil {
		return err
	}
	v.Given, v.JSON = true, plain(v.JSON)
	return nil
}

// MarshalJSON writes the value, and null for one that is absent.
func (v JSONValue) MarshalJSON() ([]byte, error) { return json.Marshal(v.JSON) }

// IsZero is true for a value that is absent.
func (v JSONValue) IsZero() bool { return !v.Given }

// ReadyLimit is how long the stack may take from its start until it serves.
func (m *Manifest) ReadyLimit() time.Duration {
	if m.Smoke == nil || m.Smoke.Ready == 0 {
		return time.Duration(DefaultReady)
	}
	return time.Duration(m.Smoke.Ready)
}

// SmokeCases returns the cases for an environment, with the defaults filled
// in: those of the manifest in its order, then one for the example of each
// function that no task of theirs must be accepted by. They share their values
// with the manifest.
func (m *Manifest) SmokeCases(environment Environment) []SmokeCase {
	var cases []SmokeCase
	covered := map[string]bool{}
	if m.Smoke != nil {
		for _, c := range m.Smoke.Cases {
			if len(c.Environments) > 0 && !slices.Contains(c.Environments, environment.String()) {
				continue
			}
			c = c.complete()
			covered[c.Function] = covered[c.Function] || c.Expect.Status == StatusAccepted
			cases = append(cases, c)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.Functions)) {
		if !covered[name] {
			c := SmokeCase{Name: exampleCase + name, Function: name, Input: m.Functions[name].Example.Input}
			cases = append(cases, c.complete())
		}
	}
	return cases
}

// complete fills in the defaults.
func (c SmokeCase) complete() SmokeCase {
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Expect.Status == 0 {
		c.Expect.Status = StatusAccepted
	}
	return c
}

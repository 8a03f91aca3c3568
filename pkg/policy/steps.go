package policy

import (
	"context"
	"errors"

	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// Steps asks all rules of a subject about an input, as Evaluate does, and counts the
// steps of the evaluator in each module, by the module's name. The same input takes the
// same steps, on every machine: they say how work grows with what is looked at.
func (s *Set) Steps(ctx context.Context, subject Subject, input Input) (map[string]int, error) {
	if s.shards == nil {
		return nil, errors.New("the policies have not been compiled")
	}
	steps := counter{}
	for _, shard := range s.shards {
		query, ok := shard.queries[subject]
		if !ok {
			continue
		}
		if _, err := query.Eval(ctx, rego.EvalParsedInput(input.value), rego.EvalQueryTracer(steps)); err != nil {
			return nil, err
		}
	}
	return steps, nil
}

// counter counts steps by module.
type counter map[string]int

func (c counter) Enabled() bool { return true }

func (c counter) TraceEvent(event topdown.Event) {
	if event.Location != nil {
		c[event.Location.File]++
	}
}

func (c counter) Config() topdown.TraceConfig { return topdown.TraceConfig{} }

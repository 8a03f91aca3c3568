package smoke

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/record"
)

// try sends the task of one case, and holds what comes back against what is
// expected.
func (r *run) try(ctx context.Context, c catalog.SmokeCase) error {
	r.say("case %s", c.Name)
	sent := time.Now()
	err := r.attempt(ctx, c, sent)
	status := record.Passed
	if err != nil {
		status = record.Failed
	}
	r.record.Cases = append(r.record.Cases, record.Case{Name: c.Name, Function: c.Function, Status: status, Seconds: seconds(time.Since(sent))})
	return err
}

func (r *run) attempt(ctx context.Context, c catalog.SmokeCase, sent time.Time) error {
	limit := time.Duration(c.Timeout)
	task := r.player.newTask(c.Name)
	status, err := r.player.send(ctx, c.Function, task, c.Input)
	if err != nil {
		return r.inCase(ctx, err, c.Name)
	}
	switch {
	case c.Expect.Status == http.StatusUnprocessableEntity && status == http.StatusUnprocessableEntity:
		r.player.receiver.refuse(task)
		return nil
	case c.Expect.Status == http.StatusUnprocessableEntity:
		return fail(NotRejected, "POST /run/%s takes a bad input: it is answered %d in place of 422", c.Function, status).inCase(c.Name)
	case status == http.StatusUnprocessableEntity:
		return fail(TaskRejected, "POST /run/%s is answered 422: the service takes the input for a bad one", c.Function).inCase(c.Name)
	}
	result, err := r.player.result(ctx, task, sent, limit)
	if err != nil {
		return r.inCase(ctx, err, c.Name)
	}
	var all []error
	for _, problem := range c.Check(r.Template.Manifest.Functions[c.Function].Output, result) {
		all = append(all, fail(ResultUnfit, "the result is not what it should be: %s", problem).inCase(c.Name))
	}
	return errors.Join(all...)
}

// inCase names the case in a failure that is about it. A container that fails
// is not: it would have done so in another case, too.
func (r *run) inCase(ctx context.Context, err error, name string) error {
	if ctx.Err() != nil {
		return err
	}
	return asFailure(ctx, err, "case "+name).inCase(name)
}
